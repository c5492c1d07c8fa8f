//! Statements: what is written in the register and never changes, each signed by an officer.
//!
//! | file | subject |
//! |---|---|
//! | `statement` | one entry: its bytes, its hash, its signature |
//! | `event` | what a statement records |
//! | `proposal` | what one officer signs for another one to approve |
//! | `correction` | what was written wrongly of a person |
//! | `dispatch` | papers that were printed or sent |
//! | `restored` | what was lost and is taken back from a publication |
//! | `enrolment` | who is an officer |
//! | `appointment` | officers whom the root keys appoint |
//! | `described` | what a statement says, for the officer who signs it |
//! | `rows` | the rows of an import as leaves of a tree |
//! | `milder` | what can take the place of a decision on appeal |
//! | `lazy` | a part that is read when somebody asks for it |
//! | `digest` | hashes and seeds |
//!
//! `event`, `proposal` and `statement` depend on each other: a statement holds an event, a proposal
//! is an event, and most proposals hold the event that they propose.

pub(crate) mod appointment;
pub(crate) mod correction;
pub(crate) mod described;
pub(crate) mod digest;
pub(crate) mod dispatch;
pub(crate) mod enrolment;
pub(crate) mod event;
pub(crate) mod lazy;
pub(crate) mod milder;
pub(crate) mod proposal;
pub(crate) mod restored;
pub(crate) mod rows;
pub(crate) mod statement;
