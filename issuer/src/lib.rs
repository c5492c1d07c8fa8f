//! The office: keys, register, rules, signing, publication.

mod application;
mod error;
mod files;
mod key_file;
pub mod law;
mod office;
mod office_data;
mod officer;
mod qr_code;
mod register;
mod rule;

pub use application::{Application, Exam, Names, Recognition};
pub use error::Error;
pub use files::{FileError, StagedDirectory, is_readable_by_others, switch_directory, write_atomic, write_new_secret};
pub use key_file::{KeyFile, KeyFileError, Passphrase};
pub use law::EndReason;
pub use office::{
    KeyState, LetOut, Office, OfficeConfig, OfficeKey, Outlook, Published, Reminder, new_key_pair, sign_trust_list,
};
pub use office_data::{Accreditation, Accreditations, OfficeData, Quarantine, TransitionalWindow};
pub use officer::Officer;
pub use qr_code::{Modules, QrCode, QrCodeError, TerminalStyle};
pub use register::{
    Certificate, Decision, Digest, Due, DueKind, EeaAlert, Event, Fold, Granted, Issuance, Issued, Lapse, Publication,
    Register, ReissueReason, Reissued, Standing, Statement,
};
pub use rule::{Rule, RuleError};
