//! Verifies perfusionist certificates: `(input, knowledge, policy, now) -> verdict`.
//!
//! The library is pure. It reads no file, no network and no clock, so the same code decides on the
//! command line, behind HTTP and, as WebAssembly, in a page on a phone. Whoever calls it brings the
//! bytes and the time.
//!
//! # How a verdict comes about
//!
//! 1. A person pins an office's roots: [`vernet_common::TrustAnchor`], and with it an empty
//!    [`Memory`].
//! 2. [`Knowledge::learn`] reads a [`vernet_common::Bundle`]. It believes only what the pinned
//!    roots lead to, and nothing older than what the memory has seen. Store the memory: it is what
//!    makes a replay of yesterday's lists fail.
//! 3. [`verify`] takes what somebody shows (text, link, digits) and returns a [`Verdict`]: a
//!    [`Code`], its [`Colour`], as of when, the certificate if its signature held, and what to do
//!    next.
//! 4. A certificate on paper for another state comes with a statement of professional status:
//!    [`verify_statement`] says whether that is genuine too.
//! 5. Was she authorised on a day in the past? [`was_authorised`] says so by a history that the
//!    office signed, [`ArchiveCheck`] by old publications.
//! 6. A [`Check`] gives a [`Receipt`] to be signed with a key of one's own: [`Evidence`] makes the
//!    same check again, years later.
//!
//! The decision itself is in one function, `decide` in `check.rs`, and reads top-down: refusals
//! that nothing could overturn, then every reason to doubt what we know, then acceptance. Doubt is
//! amber, never a kind of green.
//!
//! ```
//! use vernet_common::{Bundle, TrustAnchor};
//! use vernet_verifier::{Code, Colour, Knowledge, Memory, Policy, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let anchor = TrustAnchor::from_json(include_bytes!("../../keys-example/roots.json"))?;
//! let bundle = Bundle::from_json(include_bytes!("../../keys-example/publication/bundle.json"))?;
//! let certificate = include_str!("../../keys-example/certificates/NO-PE-2026-000001.url");
//!
//! let mut memory = Memory::new(&anchor);
//! let (policy, now) = (Policy::default(), "2026-11-22T10:00:00Z".parse()?);
//! let knowledge = Knowledge::learn(&bundle, &mut memory, &policy, now)?;
//! let verdict = verify(certificate, &knowledge, &policy, now);
//! assert_eq!(verdict.code(), Code::Authorised);
//!
//! // Two days without news: the same certificate, and nobody knows.
//! let verdict = verify(certificate, &knowledge, &policy, "2026-11-24T10:00:00Z".parse()?);
//! assert_eq!((verdict.code(), verdict.colour()), (Code::StatusStale, Colour::Undetermined));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `scan`: `read_frame` finds the QR code in a frame of a camera.
//! - `photo`: `read_qr` finds the QR code in a PNG or JPEG picture.
//! - `pdf`: `read_pdf` finds the certificate in a PDF, as an attachment or in a scan.
//! - `roster`: a whole staff's certificates in one report.
//! - `schema`: the JSON Schema (`utoipa::ToSchema`) of a [`Verdict`].
//!
//! Without features the crate needs no operating system: it is `no_std` with `alloc`.
#![cfg_attr(not(any(feature = "scan", feature = "schema", feature = "roster")), no_std)]

extern crate alloc;

mod archive;
mod check;
mod error;
#[cfg(feature = "scan")]
mod frame;
#[cfg(feature = "scan")]
mod grey;
mod history;
mod input;
mod knowledge;
mod log;
mod past;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "photo")]
mod photo;
mod policy;
mod receipt;
#[cfg(feature = "roster")]
pub mod roster;
#[cfg(feature = "scan")]
mod scan;
mod statement;
mod update;
mod verdict;
mod witness;

pub use archive::{ArchiveCheck, OldPublication};
pub use check::{verify, verify_input};
pub use error::Error;
#[cfg(feature = "scan")]
pub use frame::read_frame;
pub use history::{TrustedHistory, was_authorised};
pub use input::{Input, certificates_among};
pub use knowledge::{Knowledge, KnownStatusList, Memory};
pub use log::LogEvidence;
pub use past::{HistoryVerdict, PastAnswer, PastCode, PastSource, Question, Which};
#[cfg(feature = "pdf")]
pub use pdf::{PdfContents, PdfError, is_pdf, read_pdf};
#[cfg(feature = "photo")]
pub use photo::{PhotoError, read_qr};
pub use policy::Policy;
pub use receipt::{
    CauseCode, Check, Evidence, NamedOffice, NamedStatusList, NamedTrustList, Receipt,
    ReceiptPolicy, ReplayFault, VerifierName,
};
pub use statement::{StatementRefusal, verify_statement};
pub use update::UpdateError;
pub use verdict::{Accepted, Code, Colour, Verdict};
pub use witness::{WitnessRefusal, WitnessedLog};
