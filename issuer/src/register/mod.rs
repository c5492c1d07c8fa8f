//! The register: events, never rows that change.
//!
//! `event` is what is written, in a `statement` that an officer signs; `store` and `writer` write
//! it, `read` reads it back. `officers` and `authority` say who may write it, alone or as the
//! second of two who agree on a `proposal`; `grant` (with `loss`) and `decide` (with `suspend`) say
//! what may be written next, and `bulk` does so for many at once, with `rows` to prove what belongs
//! to what; `fold` and `standing` work out what it means on a day as known at an instant, `log`
//! which certificates there are, and `due` what somebody must do soon. `audit` looks at all of it
//! again. Only `storage` touches a data base, at a `location`, and nothing here reads a clock;
//! `given_out` compares its table of numbers. `high_water` notices a register that is an old copy,
//! `copy` makes copies.

mod approve;
mod audit;
mod authority;
mod bulk;
mod copy;
mod decide;
mod decoy;
mod documents;
mod due;
mod event;
mod fold;
mod given_out;
mod grant;
mod high_water;
mod location;
mod log;
mod loss;
mod officers;
mod past;
#[cfg(all(test, unix, feature = "postgres"))]
#[path = "../../../tests/postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod postgres_server;
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
/// The same tests once more.
#[cfg(all(test, unix, feature = "postgres"))]
#[path = "tests/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "what is tested is where the register lies")]
mod tests_on_postgres;
mod writer;

pub use approve::Terms;
pub use audit::{Audited, Mark};
pub(crate) use bulk::RowToGrant;
pub use bulk::{BulkIssuance, SignMany};
pub use copy::Copied;
pub use decide::Decision;
pub use documents::{Documents, NewDocument};
pub use due::{Due, DueKind, EeaAlert};
pub use event::{Event, Founded, Granted, ReissueReason, Reissued};
pub(crate) use fold::MAX_LEAD_S;
pub use fold::{Certificate, Fold, Publication};
pub(crate) use grant::check_basis;
pub use location::{PostgresUrl, RegisterLocation};
pub use log::IssuedLog;
pub use officers::{Enrolment, OfficerKey, Officers, Role};
pub use proposal::{Act, Document, Proposal};
pub use rows::ImportedRow;
pub(crate) use rows::RowTree;
pub use standing::{Lapse, Standing};
pub use statement::{Approves, Digest, Statement};
pub use store::{Issuance, ListToSign, Register};
pub(crate) use suspend::MAX_EMERGENCY_DAYS;
