//! x
#[cfg(feature = "photo")]
mod photo;
#[cfg(feature = "photo")]
pub use photo::{PhotoError, read_qr};
