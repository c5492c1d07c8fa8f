//! The receipt: what a verifier states about one check, under its own key, so that the check can be
//! made again years later.
//!
//! It names everything that the verdict followed from by its hash. Nobody has to believe the
//! verdict: [`Evidence`] derives it again from the same bytes.

pub(crate) mod check;
mod claims;
mod error;
mod evidence;
mod open;

pub use self::{
    check::{Check, Checked},
    claims::{
        CauseCode, NamedOffice, NamedStatusList, NamedTrustList, Receipt, ReceiptPolicy,
        VerifierName,
    },
    error::ReplayFault,
    evidence::Evidence,
};
