//! The register: events, never rows that change.
//!
//! `event` is what is written, in a `statement` that an officer signs; `store` and `writer` write it, `read` reads it back. `officers` and
//! `authority` say who may write it, alone or as the second of two who agree on a `proposal`; `grant` (with `loss`) and `decide` (with
//! `suspend`) say what may be written next; `bulk` does so for many at once, with `rows` to prove what belongs to what; `fold` and `standing` work out what it means on a day as known at an instant, and `due` what
//! somebody must do soon. `audit` looks at all of it again. Only `storage` touches a data base, and nothing here reads a clock.

mod approve;
mod audit;
mod authority;
mod bulk;
mod decide;
mod decoy;
mod documents;
mod due;
mod event;
mod fold;
mod grant;
mod loss;
mod officers;
mod proposal;
mod read;
mod rows;
mod standing;
mod statement;
mod storage;
mod store;
mod suspend;
#[cfg(test)]
mod tests;
mod writer;

pub use approve::Terms;
pub use audit::{Audited, Mark};
pub use bulk::{BulkIssuance, SignMany};
pub use decide::Decision;
pub use documents::{Documents, NewDocument};
pub use due::{Due, DueKind, EeaAlert};
pub use event::{Event, Founded, Granted, ReissueReason, Reissued};
pub use fold::{Certificate, Fold, Publication};
pub use officers::{Enrolment, OfficerKey, Officers, Role};
pub use proposal::{Act, Document, Proposal};
pub use rows::ImportedRow;
pub use standing::{Lapse, Standing};
pub use statement::{Approves, Digest, Statement};
pub use store::{Issuance, ListToSign, Register};

pub(crate) use bulk::RowToGrant;
pub(crate) use rows::RowTree;
pub(crate) use suspend::MAX_EMERGENCY_DAYS;
