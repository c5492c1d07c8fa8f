//! The register of an office: what is written, what it means, who may write it, and where it is
//! stored.
//!
//! ```text
//! storage ──▶ statements ──▶ apply: authority, rules ──▶ state: standing on a day, as known when
//!    ▲                                                      │
//!    └──── store: one transaction ◀──── decisions ◀─────────┘
//! ```
//!
//! | to know | look at |
//! |---|---|
//! | what the law says, with dates and sources | [`law`], and in words [`Provision`] |
//! | which rules an officer can run into | [`Rule`] |
//! | the titles that an office certifies | [`ProtectedTitle`] |
//! | what the office itself knows (schools, windows) | [`OfficeData`] |
//! | what is written and never changes | [`Statement`], [`Event`] |
//! | who may write it, alone or as the second one | [`Officers`], [`Role`], [`Proposal`] |
//! | what it means on a day, as known when | [`State`], [`Standing`] |
//! | how many, for statistics | [`Headcount`], [`Happenings`] |
//! | where it is stored, in a file or in PostgreSQL | `RegisterLocation`, `Register` |
//! | whether another register says the same | `compare_register`, `compare_roster` |
//! | what other states told of people, outside the register | `IncomingAlerts` |
//! | whether it is intact | `audit`, `Mark` |
//!
//! Statements are events, never rows that change: a successful appeal is a new statement. Each is
//! signed with an officer's own key and carries the hash of the previous one. Layers depend only on
//! layers below them: `statements`; `state`, which answers questions and checks no rules; `rules`;
//! `authority`, which says whether an officer may make a statement, and `apply`, the only way for a
//! statement that was read to enter the state; `storage`, the databases, and `store` above it; then
//! `decisions`, `audit` and `copy`. Nothing here reads a clock, knows a key file, or prints.
//!
//! # Features
//!
//! - `storage`: opens and writes registers in SQLite files. Without it, the crate has only
//!   statements, their meaning and the rules, and runs on any target, including WebAssembly.
//! - `postgres`: registers in PostgreSQL.

#![cfg_attr(not(feature = "storage"), expect(dead_code, reason = "decisions and storage use it"))]

mod application;
mod apply;
#[cfg(feature = "storage")]
mod audit;
mod authority;
#[cfg(feature = "storage")]
mod copy;
#[cfg(feature = "storage")]
mod decisions;
mod error;
#[cfg(feature = "storage")]
mod incoming;
pub mod law;
mod names;
mod office_data;
mod officer;
mod officer_key;
#[cfg(all(test, unix, feature = "postgres"))]
#[path = "../../../tests/postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod postgres_server;
mod printable;
mod prose;
mod provision;
#[cfg(feature = "storage")]
mod reconcile;
mod rule;
mod rules;
mod sign_in;
mod state;
mod statements;
#[cfg(feature = "storage")]
mod storage;
#[cfg(feature = "storage")]
mod store;
#[cfg(all(test, feature = "storage"))]
mod tests;
/// The same tests, against PostgreSQL.
#[cfg(all(test, unix, feature = "postgres"))]
#[path = "tests/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "what is tested is where the register lies")]
mod tests_on_postgres;
mod titles;
mod typed;

pub use application::{
    Application, Draft, DraftExam, Exam, Ground, Names, Recognition, WrittenNorwegian, check_names,
    parse,
};
#[cfg(feature = "storage")]
pub use audit::{Audited, Mark, audit, audit_aloud};
pub use authority::waits_for;
#[cfg(feature = "storage")]
pub use copy::{Copied, copy};
#[cfg(feature = "storage")]
pub use decisions::{
    bulk::{RowOutcome, RowToGrant},
    propose_approve::Terms,
    publish::ListToSign,
};
pub use error::{Error, StoreError};
#[cfg(feature = "storage")]
pub use incoming::{IncomingAlert, IncomingDraft};
pub use law::{EndReason, SuspensionGround};
pub use office_data::{Accreditation, Accreditations, OfficeData, TransitionalWindow};
pub use officer::{Officer, refuse_national_identity_number};
#[cfg(feature = "storage")]
pub use officer_key::signer::{Elsewhere, Given, OfficerSigner};
pub use officer_key::{
    assertion::{Assertion, OfficerSignature, Place},
    passkey::Passkey,
    public::OfficerPublicKey,
};
pub use prose::{Phrase, ToPhrase};
pub use provision::Provision;
#[cfg(feature = "storage")]
pub use reconcile::{
    Compared, Differs, Discrepancy, ElsewhereRow, ElsewhereStanding, compare_register,
    compare_roster,
};
pub use rule::{Doubt, Rule, RuleError};
pub use rules::{
    appoint::check_appointment,
    common::Decision,
    doubt::doubts,
    grant::{check_application, check_basis},
    renewal::CountsAsked,
    suspension::MAX_EMERGENCY_DAYS,
};
pub use sign_in::SignIn;
pub use state::{
    activity::{Activity, Part},
    due::{Due, DueKind, DueNotice},
    figures::{
        AgeGroup, Cell, Days, Detail, Happening, Happenings, Headcount, InForce, Quarters, Spread,
        Tally,
    },
    index::{Certificate, MAX_LEAD_S, Publication, State},
    known_people::FoundPerson,
    log::IssuedLog,
    namesakes::{EarlierRefusal, Namesake, NamesakeRight},
    officers::{OfficerKey, Officers},
    particulars::Particulars,
    person::{PersonFile, PersonRight},
    record::CertificateRecord,
    restored::ToldOtherwise,
    standing::{Lapse, Standing},
    told::Told,
};
pub use statements::{
    appointment::{Appointed, Appointment, EndedKey, SignedAppointment},
    correction::Correction,
    described::{Described, Line, Said},
    digest::Digest,
    dispatch::{Dispatched, Handling, Paper},
    enrolment::{Enrolment, Role},
    event::{Count, Event, Founded, Founders, Granted, Notice, Refused, ReissueReason, Reissued},
    lazy::Lazy,
    milder::Milder,
    proposal::{Act, Document, Proposal},
    restored::{Restored, RestoredList, RestoredTrustList},
    rows::{ImportedRow, RowTree},
    statement::{Approves, Statement},
};
#[cfg(feature = "storage")]
pub use storage::location::{PostgresUrl, RegisterLocation};
#[cfg(feature = "storage")]
pub use store::{
    documents::{Documents, NewDocument},
    excerpt::Excerpt,
    incoming_alerts::IncomingAlerts,
    issuance::{Issuance, SignMany},
    register::Register,
};
pub use titles::{
    Minimum, Period, ProtectedTitle, ReactionName, RecognitionScheme, Renewal, TitleWords, Titles,
};
pub use typed::{Finding, Typed, findings, typed_application};
