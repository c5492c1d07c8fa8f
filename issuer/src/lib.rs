//! The office: keys, register, rules, signing, publication.
mod application;
mod error;
mod law;
mod office_data;
mod register;
mod rule;
pub use application::{Application, Exam, Officer, Recognition};
pub use error::Error;
pub use office_data::{Accreditation, Accreditations, OfficeData, Quarantine, TransitionalWindow};
pub use rule::{Rule, RuleError};
