//! Verifies certificates of protected titles: `(input, knowledge, policy, now) -> verdict`.
//!
//! The library is pure. It reads no file, no network and no clock, so the same code decides on the
//! command line, behind HTTP and, as WebAssembly, in a page on a phone. The caller provides the
//! bytes and the time, and stores what must be kept.
//!
//! # How a verdict comes about
//!
//! 1. A person pins an office's roots: a [`TrustAnchor`], from the office's `roots.json`. It begins
//!    with an empty [`Memory`].
//! 2. The office publishes a [`Bundle`], `bundle.json`: trust lists, status lists, and the log of
//!    all certificates that it issued. [`Knowledge::update`] believes only what the pinned roots
//!    lead to, and nothing older than what the memory has seen.
//! 3. [`verify`] takes what somebody shows (text, link, digits), [`verify_file`] the bytes of a
//!    file, and each returns a [`Verdict`]: a [`Code`], its [`Colour`], as of when, the certificate
//!    if its signature is valid, and what to do next.
//!
//! ```
//! use vernet_verifier::{Bundle, Code, Colour, Knowledge, Memory, Policy, TrustAnchor, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let anchor = TrustAnchor::from_json(include_bytes!("../examples/data/roots.json"))?;
//! let bundle = Bundle::from_json(include_bytes!("../examples/data/bundle.json"))?;
//! let shown = include_str!("../examples/data/certificates/NO-PE-2026-000001.url");
//! let (policy, now) = (Policy::default(), "2026-11-22T10:00:00Z".parse()?);
//!
//! // The first time. Later: what was stored.
//! let mut memory = Memory::new(&anchor);
//! let knowledge = Knowledge::update(&bundle, &mut memory, &policy, now)?;
//! let stored = serde_json::to_string(&memory)?;
//!
//! let verdict = verify(shown, &knowledge, &policy, now);
//! assert_eq!(verdict.code(), Code::Authorised);
//! let accepted = verdict.accepted().expect("it is green");
//! println!("{}", accepted.certificate().full_name());
//!
//! // Two days without news: the same certificate, and nobody knows.
//! let verdict = verify(shown, &knowledge, &policy, "2026-11-24T10:00:00Z".parse()?);
//! assert_eq!((verdict.code(), verdict.colour()), (Code::StatusStale, Colour::Undetermined));
//!
//! // After the next start: the memory, and the bundle that was kept, however old it is by now.
//! let mut memory: Memory = serde_json::from_str(&stored)?;
//! let knowledge = Knowledge::learn(&bundle, &mut memory, &policy, now)?;
//! # Ok(())
//! # }
//! ```
//!
//! # What must also be checked
//!
//! - **Who shows it.** A certificate is not bound to a person: compare name and birth date with a
//!   photo ID.
//! - **Whose roots they are.** Compare the fingerprint ([`TrustAnchor::fingerprint`]) with the one
//!   that the office gives through another channel. Everything depends on it.
//! - **The memory.** Store it atomically whenever knowledge was made; a memory that cannot be read
//!   is an error, not an empty one. Without it a thief of yesterday's files can show them as
//!   today's, until they expire.
//! - **The clock.** `now` is yours. A clock that is behind gives `clock_behind` and never green;
//!   one that is ahead makes lists stale.
//! - **Amber.** *Not known* is never a kind of green, and no reason to turn somebody away: update,
//!   and try again.
//! - **Two logs.** [`Error::LogForked`] and [`Error::LogShrunk`] are an alarm: keep the
//!   [`LogEvidence`], and show it to the office and to its supervisor.
//!
//! # Where to find things
//!
//! | to | look at |
//! |---|---|
//! | put lists that were just fetched in the place of older ones | [`Knowledge::update`]: all or nothing, whole and in force |
//! | go on from lists that are kept, or judge by any lists | [`Knowledge::learn`]: also lists that have run out, which still refuse what was revoked |
//! | fetch the leaves of a log that is too large for the bundle | [`FetchedLists`], step by step [`leaves`] |
//! | judge by several offices | [`Offices`] |
//! | find certificates in pictures, PDFs, frames of a camera | [`documents`] |
//! | know why nothing could be accepted now | [`Knowledge::doubt`] |
//! | know when to fetch again | [`Knowledge::next_update`] |
//! | know how long the lists are good, and whether the office is late | [`Knowledge::good_until`], [`Knowledge::late_since`] |
//! | write a verdict down, and read it again | `serde` on [`Verdict`], and [`VerdictRecord`] |
//! | sign what was checked, and check it again years later | [`receipt`] |
//! | judge a statement of professional status, for another state | [`statement`] |
//! | ask about a day in the past | [`past`] |
//! | check a whole staff | `roster` |
//! | be a witness of an office's log | [`witness`] |
//! | read any other format | [`formats`], which is the crate `vernet-common` |
//!
//! The decision itself is in one function, `decide` in `check.rs`, and reads top-down: refusals
//! that nothing could overturn, then every reason to doubt what we know, then acceptance.
//!
//! Errors are data with a stable `code()`: [`Error`] is what is wrong with lists, [`InputError`]
//! with what was shown, [`UpdateError`] with lists that were to replace others.
//!
//! # Features
//!
//! None is on by default, and then the crate needs no operating system: it is `no_std` with
//! `alloc`. All but `office` need `std`.
//!
//! | feature | gives | brings |
//! |---|---|---|
//! | `scan` | [`documents`]`::read_frame`: the QR code in a frame of a camera | `rxing` |
//! | `pixels` | with `scan`, `documents::read_pixels`: codes in a decoded picture | |
//! | `photo` | with `pixels`: codes in PNG and JPEG pictures, a second reader | `png`, `rqrr`, `zune-jpeg` |
//! | `pdf` | certificates attached to PDFs | `hayro-syntax` |
//! | `documents` | with `photo` and `pdf`: other pictures, and the pages of PDFs | `hayro`, `image`, `resvg` |
//! | `roster` | the module `roster` | `serde_json`, `unicode-normalization` |
//! | `schema` | the JSON Schema (`utoipa::ToSchema`) of a [`Verdict`] | `utoipa` |
//! | `office` | for the office alone: knowledge with a log that nobody has signed yet; with `pdf` and `photo`, whether a document can be opened | |
//!
//! [`Memory`], [`Bundle`], [`TrustAnchor`] and [`Verdict`] are written and read with `serde`: add
//! `serde_json`, or another format.
#![no_std]

extern crate alloc;
// Pictures, threads and the reading of tables need more than `alloc`.
#[cfg(any(feature = "scan", feature = "roster", feature = "schema"))]
extern crate std;

mod check;
mod code;
mod colour;
mod contents;
pub mod documents;
mod embedded;
mod error;
mod fetched;
mod found;
#[cfg(feature = "scan")]
mod frame;
#[cfg(feature = "scan")]
mod grey;
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
#[cfg(feature = "documents")]
mod pages;
pub mod past;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "pixels")]
mod photo;
#[cfg(feature = "documents")]
mod pictures;
#[cfg(feature = "pixels")]
mod pixels;
mod plain_text;
mod policy;
pub mod receipt;
mod record;
mod rfc3339;
#[cfg(feature = "roster")]
pub mod roster;
#[cfg(feature = "scan")]
mod scan;
#[cfg(all(feature = "office", feature = "pdf", feature = "photo"))]
mod sound;
pub mod statement;
mod unexamined;
mod update;
mod verdict;
pub mod witness;

/// Every format that office and verifier agree on, for what is not at the root.
pub use vernet_common as formats;
pub use vernet_common::{
    Bundle, CertificateClaims, CivilDate, Error, LogHash, NumericDate, TrustAnchor,
};

#[cfg(all(feature = "office", feature = "pdf", feature = "photo"))]
pub use self::sound::{Soundness, soundness};
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
    offices::{Chosen, Office, Offices},
    policy::Policy,
    record::{OfficeInWords, VerdictCause, VerdictRecord},
    update::UpdateError,
    verdict::{Accepted, Verdict},
};
