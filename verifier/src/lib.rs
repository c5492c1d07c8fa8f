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
#![no_std]

extern crate alloc;
// Pictures, threads and the reading of tables need more than memory.
#[cfg(any(feature = "scan", feature = "roster", feature = "schema"))]
extern crate std;

mod check;
mod code;
mod colour;
pub mod documents;
mod error;
mod fetched;
#[cfg(feature = "scan")]
mod frame;
mod input;
mod kind;
mod knowledge;
mod learn;
pub mod leaves;
mod lists;
mod log;
mod log_evidence;
mod memory;
pub mod offices;
pub mod past;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "photo")]
mod photo;
mod policy;
pub mod receipt;
mod record;
mod rfc3339;
#[cfg(feature = "roster")]
pub mod roster;
#[cfg(feature = "scan")]
mod scan;
pub mod statement;
mod update;
mod verdict;
pub mod witness;

/// Every format that office and verifier agree on, for what is not at the root.
pub use vernet_common as formats;
pub use vernet_common::{
    Bundle, CertificateClaims, CivilDate, Error, LogHash, NumericDate, TrustAnchor,
};

pub use self::{
    check::{verify, verify_file, verify_input},
    code::Code,
    colour::Colour,
    error::InputError,
    fetched::FetchedLists,
    input::Input,
    knowledge::{Knowledge, KnownStatusList},
    log_evidence::LogEvidence,
    memory::Memory,
    offices::{Office, Offices},
    policy::Policy,
    record::{VerdictCause, VerdictRecord},
    update::UpdateError,
    verdict::{Accepted, Verdict},
};
