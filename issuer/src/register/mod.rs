//! The register: events, never rows that change.
//!
//! `event` is what is written, `store` and `writer` write it and read it back, `fold` and `standing` work out what it
//! means on a day as known at an instant, `grant` (with `loss`) and `decide` (with `suspend`) say what may be written
//! next, and `due` what somebody must do soon. Only `storage` touches a data base, and nothing here reads a clock.

mod decide;
mod decoy;
mod due;
mod event;
mod fold;
mod grant;
mod loss;
mod standing;
mod storage;
mod store;
mod suspend;
#[cfg(test)]
mod tests;
mod writer;

pub use decide::Decision;
pub use due::{Due, DueKind, EeaAlert};
pub use event::{Digest, Event, Granted, ReissueReason, Reissued, Statement};
pub use fold::{Certificate, Fold};
pub use standing::{Lapse, Standing};
pub use store::{Issuance, Issued, Publication, Register};
