//! What the bench's programs share: our own verdicts, and how their cost is measured.

pub mod ours;
pub mod slices;
