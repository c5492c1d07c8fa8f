//! The office: keys, register, rules, signing, publication.
mod application;
mod error;
pub mod law;
mod office_data;
mod officer;
mod register;
mod rule;
pub use application::{Application, Exam, Names, Recognition};
pub use error::Error;
pub use law::EndReason;
pub use office_data::{Accreditation, Accreditations, OfficeData, Quarantine, TransitionalWindow};
pub use officer::Officer;
pub use register::{
    Certificate, Decision, Digest, Due, DueKind, EeaAlert, Event, Fold, Granted, Issuance, Issued, KeyUse, Lapse,
    Publication, Register, ReissueReason, Reissued, Standing, Statement, TokenStatus,
};
pub use rule::{Rule, RuleError};
