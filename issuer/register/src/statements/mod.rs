//! What is written in the register and never changes: statements, each signed by an officer.
//!
//! | file | subject |
//! |---|---|
//! | `statement` | one entry: its bytes, its hash, its signature |
//! | `event` | what can happen |
//! | `proposal` | what one officer signs, for another one to approve |
//! | `enrolment` | who is an officer |
//! | `rows` | the rows of an import as leaves of a tree |
//! | `digest` | hashes and seeds |
//!
//! `event`, `proposal` and `statement` name each other: an event is written in a statement, a
//! proposal is an event, and most proposals hold the event that they propose.

pub(crate) mod digest;
pub(crate) mod enrolment;
pub(crate) mod event;
pub(crate) mod proposal;
pub(crate) mod rows;
pub(crate) mod statement;
