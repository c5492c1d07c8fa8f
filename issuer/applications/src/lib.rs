//! What applicants and the office send each other, through an inbox that trusts nobody with anything.
//!
//! ```text
//! applicant ──▶ inbox (public, no private key) ──sealed──▶ folder ──▶ office (inbox key)
//!     ▲                                                                  │
//!     └── code ──▶ inbox ◀──sealed to the code, signed── folder ◀────────┘
//! ```
//!
//! | to know | look at |
//! |---|---|
//! | the code on a receipt, and what follows from it | [`ReceiptCode`] |
//! | what an applicant fills in | [`FormDraft`], [`ApplicantForm`] |
//! | what is sent to the office | [`Submission`] |
//! | what the office answers | [`Answer`] |
//! | who can open what | [`OpenKey`], [`SealKey`], [`InboxKey`] |
//! | the folder between the two | `InboxFolder`, with the feature `files` |
//! | whether a file can be opened | `examine`, with the feature `examine` |
//!
//! # Guarantees
//!
//! - What an applicant sends is readable by the office's inbox key only, from the moment in which it
//!   is written to a disk.
//! - What the office answers is readable by the code only, which nobody keeps but the applicant.
//! - A sealed file opens for one receipt and one purpose, and an answer is signed by the office.
//! - Nothing here needs a disk, a clock or a random source of the machine; without features it builds
//!   for `wasm32-unknown-unknown`.

mod answer;
mod code;
mod error;
#[cfg(feature = "examine")]
mod examine;
#[cfg(feature = "files")]
mod folder;
mod form;
mod key;
mod opened;
mod parcel;
mod seal;
mod submission;
#[cfg(all(test, feature = "files"))]
mod tests;

pub use answer::{Answer, AnswerClaims, Step};
pub use code::{Delivery, ReceiptCode, ReceiptId};
pub use error::Error;
#[cfg(feature = "examine")]
pub use examine::{Unfit, examine};
#[cfg(feature = "files")]
pub use folder::{Arrival, InboxFolder, Receipt, Received, Room};
pub use form::{
    ApplicantForm, ApplicantLanguage, EEA_STATES, Fault, FormDraft, FormFault, FormStep, Needs,
    grounds_to_apply_on, kinds_to_apply_for,
};
pub use key::{InboxKey, InboxPublicKey};
pub use opened::OpenedApplication;
pub use parcel::{Enclosed, Enclosure, FileKind, Label, MAX_DOCUMENT, MAX_DOCUMENTS, MAX_TOTAL};
pub use seal::{OpenKey, Purpose, SealKey};
pub use submission::{SealedSubmission, Submission, Text};
