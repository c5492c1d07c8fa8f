//! The office: keys, register, rules, signing, publication, print.
//!
//! # How a decision becomes a verdict at a hospital
//!
//! ```text
//! Proposal ──▶ rules (law, office data) ──▶ Statement, signed by one officer
//!                                               │ reviewed by another one
//! rules again ◀── Register::approve ◀───────────┘
//!     └──▶ Statement with the effect, signed by the second officer ──▶ certificate, signed and verified
//!                                               │
//!                              state: Standing on a day, as known at an instant
//!                                               │
//!                                    Office::publish ──▶ status lists, trust list, bundle
//! ```
//!
//! | to know | look at |
//! |---|---|
//! | statements, rules, officers, storage, audits | [`vernet_register`] |
//! | what the second officer reviews before signing | [`Review`] |
//! | a decision that is signed in a browser | [`Prepared`] |
//! | keys, trust lists, certificates, publications | [`Office`] |
//! | the destination of a publication | [`Destination`] |
//! | how long it is good, and whether that ends while nobody works | [`GoodUntil`], [`DaysOff`] |
//! | private keys on disk | [`KeyFile`], [`Passphrase`] |
//! | private keys in a token | [`TokenKey`], [`TokenUri`], [`Pin`] |
//! | either of them | [`KeyLocation`], [`NewKey`], [`Credentials`] |
//! | people who hold a right granted in another register | [`ImportTable`], [`ImportReport`] |
//! | what another register or a hospital has | [`ElsewhereTable`] |
//! | the printed code | [`QrCode`] |
//! | the printed page, with the feature `pdf` | `letter`, `card`, `status_letter` |
//! | the statement for authorities of other states | [`ProfessionalStatus`] |
//! | the history for employers and authorities | [`MadeHistory`] |
//! | what applicants send through the inbox | [`Applications`], and [`vernet_applications`] |
//! | files and folders that are written completely or not at all | [`write_atomic`], [`StagedDirectory`] |
//!
//! # Guarantees
//!
//! - Nothing in the register is changed or deleted. A successful appeal is a new event. The state
//!   on a day follows from the events, and can be queried as it was known on another day.
//! - Every statement is signed with an officer's own key, and carries the hash of the previous one.
//!   A change of rights takes two officers: the second signature covers what the first one signed,
//!   its documents by their hashes, and everything that was in the register by then. A statement
//!   without the signatures that it needs is not read, whoever put it into the database.
//! - Each decision is one transaction. A certificate number and a status index are given out only
//!   once, despite crashes, and however many machines use one register.
//! - A machine that has seen more of a register refuses an old copy of it.
//! - No certificate is released before the verifier has verified it, and no QR code before it was
//!   read back.
//! - `now` and randomness are arguments; only the command line reads a clock.
//!
//! # Features
//!
//! - `mail` (default): applicants are told by mail that there is something to read.
//! - `pdf` (default): pages as PDF. Without it the office does everything except print them.

mod applications;
mod calendar;
mod credentials;
mod error;
mod figures;
mod import;
mod key_location;
mod letter;
mod office;
mod qr_code;
mod token;

pub use applications::{
    Applications, InboxConfig, InboxMail, MailEncryption, NewAnswer, News, OpenedApplication, Told,
    WrittenApplication, letter_from_file, write_application,
};
pub use calendar::DaysOff;
pub use credentials::Credentials;
pub use error::Error;
pub use figures::{FigureRow, Figures};
pub use import::{
    CheckedRow, ELSEWHERE_COLUMNS, ElsewhereTable, IMPORT_COLUMNS, ImportError, ImportReport,
    ImportRow, ImportTable, REQUIRED_COLUMNS, RowReport, Sheet, SheetColumn, SheetRow, UnreadRow,
    read_alerts, read_certificate_numbers,
};
pub use key_location::{KeyLocation, MadeKey, NewKey};
pub use letter::Language;
#[cfg(feature = "pdf")]
pub use letter::{
    CARD_QR_MM, LETTER_QR_MM, LetterBatch, LetterError, card, letter, recipients, status_letter,
};
#[cfg(feature = "object-store")]
pub use office::ObjectStorage;
pub use office::{
    Bulk, ConsoleConfig, Destination, DestinationError, Difference, Ending, FoundAlert,
    FoundNamesake, GoodUntil, KeyState, LogWitnesses, LookUp, Lost, MadeHistory, Making, Office,
    OfficeConfig, OfficeKey, OfficeSender, OfficeWitness, Outlook, Prepared, ProfessionalStatus,
    PublicationSource, Published, Recipient, Release, Releases, Reminder, Review, ReviewedDocument,
    Step, Subject, WitnessAnswer, WitnessTrouble, new_key_pair, recipients_csv, sign_appointment,
    sign_trust_list,
};
pub use qr_code::{Modules, QrCode, QrCodeError, TerminalStyle};
pub use token::{TokenError, TokenKey, TokenReference, TokenUri};
pub use vernet_host::{
    FileError, KeyFile, KeyFileError, Passphrase, Pin, SecretError, SecretKind,
    files::{
        StagedDirectory, is_readable_by_others, switch_directory, write_atomic, write_new,
        write_new_secret,
    },
};
