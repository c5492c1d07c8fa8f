//! What issuer and verifier of Vernet must agree on, byte for byte.
//!
//! No input or output, no clock, no randomness, no asynchronous code: every function says what
//! bytes mean, and takes everything it needs as an argument. `docs/FORMAT.md` describes the same
//! formats for authors of other implementations.
//!
//! # From bytes to trust
//!
//! A document from outside is a [`Signed<T>`](Signed): its envelope has been read, but its claims
//! are not accessible. Only [`Signed::verify`] turns it into a [`Verified<T>`](Verified), whose
//! claims are. The [`TrustList`] says whether the key that verified it counted at that time. The
//! list in turn is trusted because enough of the [`Roots`] signed it, and those were pinned by a
//! person.
//!
//! ```text
//! TrustAnchor ── pins ──▶ Roots ── sign ──▶ TrustList ── lists ──▶ TrustedKey ── signs ──▶ CertificateClaims
//!                                                                            ├─ signs ──▶ StatusListClaims, StatusStatement
//!                                                                            └─ signs ──▶ SignedCheckpoint
//! ```
//!
//! # Where things are
//!
//! | to know | look at |
//! |---|---|
//! | what a certificate says | [`CertificateClaims`] and the types of its fields |
//! | how anything is signed | [`Signed`], [`Payload`], [`to_canonical_json`] (RFC 7515, RFC 8785) |
//! | which keys are keys | [`PublicKey`], [`SecretKey`], [`Signer`] (RFC 8032, RFC 8037, RFC 7638) |
//! | whether it is still in force | [`StatusList`], [`StatusListClaims`] (Token Status List) |
//! | whether the office ever signed it | [`LogHead`], [`LogTree`], [`SignedCheckpoint`], [`Tile`] (RFC 9162, C2SP tlog-tiles) |
//! | what is stated about a person to other states | [`StatusStatement`] |
//! | what the status was on a day in the past | [`SignedHistory`], [`History`], [`HistoryEntry`] |
//! | whom to trust, for what, until when; whom to call | [`TrustList`], [`Roots`], [`TrustAnchor`], [`OfficeDetails`] |
//! | how it fits into 49 modules | [`QrPayload`], [`Profile`] |
//! | what offline verification needs | [`Bundle`] |
//! | what a day is | [`CivilDate`] in Europe/Oslo, [`NumericDate`] for instants |
//!
//! # Four rules that hold everywhere
//!
//! - **One spelling.** A document that is not in canonical form, that has a member twice, trailing
//!   bytes or another spelling of a number is refused, even under a valid signature. So two readers
//!   can never disagree about what was signed.
//! - **Documents may grow.** Members that this version does not know are passed over, unless the
//!   document says in `crit` that they must be understood: then nothing is accepted by it.
//! - **Bounds first.** Size, count and depth are checked before the work; exceeding a limit is an
//!   error, and nothing is ever truncated.
//! - **Errors are data.** Every failure is an [`Error`] with a stable [`Error::code`], what was
//!   found, and what was expected.
//!
//! # Features
//!
//! Without features the crate needs no operating system: it is `no_std` with `alloc`.
//!
//! - `fast`: tables that make signatures faster, for programs that check many. Needs the standard
//!   library.
//! - `schema`: JSON Schemas (`utoipa::ToSchema`) of [`CertificateClaims`] and its parts, to
//!   describe interfaces that show them.
//!
//! # Example
//!
//! ```
//! use vernet_common::{PublicKey, SecretKey, Signer};
//!
//! // A seed must come from a cryptographic random source; this one is for documentation.
//! let key = SecretKey::from_seed(&[7; 32]);
//! let signature = key.sign(b"perfusionist")?;
//! assert!(key.public_key().verify(b"perfusionist", &signature).is_ok());
//! assert_eq!(key.public_key().verify(b"Perfusionist", &signature).unwrap_err().code(), "signature_invalid");
//! # Ok::<(), vernet_common::SignerError>(())
//! ```
#![cfg_attr(not(any(feature = "fast", feature = "schema")), no_std)]

extern crate alloc;

mod base64url;
mod bundle;
mod canonical;
mod claims;
mod code;
mod deflate;
mod digest;
mod document;
#[macro_use]
mod error_enum;
mod error;
mod history;
mod id;
mod jose;
mod key;
mod latin;
mod log;
mod name;
mod qr;
mod quote;
#[cfg(feature = "schema")]
mod schema;
mod statement;
mod status_list;
mod time;
mod trust_list;

#[cfg(test)]
mod test_support;

pub use bundle::{Bundle, BundledLog};
pub use canonical::{from_canonical_json, to_canonical_json};
pub use claims::{Authorisation, CertificateClaims, StatusClaim, StatusListUri, StatusReference};
pub use code::{Basis, Kind, Profession, Title};
pub use digest::Sha256Hash;
pub use document::{Entries, ListEntry};
pub use error::{Error, SignerError};
pub use history::{
    ContentHash, History, HistoryEntry, HistoryHead, HistoryRecord, HistoryState, PastState,
    SignedHistory,
};
pub use id::{
    CertificateNumber, HprNumber, HttpsUrl, KeyId, NumberPrefix, StatusIndex, StatusListNumber,
};
pub use jose::{Algorithm, Payload, Signed, Verified};
pub use key::{PublicKey, SecretKey, SignatureBytes, Signer};
pub use latin::is_latin;
pub use log::{
    AddCheckpoint, LogFrontier, LogHash, LogHead, LogTree, SignedCheckpoint, Tile, TrustedLog,
    Witness, WitnessName,
};
pub use name::{GivenNames, PersonName};
pub use qr::{Peek, QrPayload};
pub use quote::{quoted, shortened};
pub use statement::{CertificateHash, Reaction, ReactionKind, StatedStanding, StatusStatement};
pub use status_list::{EncodedStatusList, Status, StatusList, StatusListClaims, look_up};
pub use time::{CivilDate, NumericDate};
pub use trust_list::{
    Contact, EmailAddress, InWords, KeyUse, OfficeDetails, PhoneNumber, Profile, RootPayload,
    RootSigned, Roots, SignedTrustList, TrustAnchor, TrustList, TrustedKey, TrustedTitle,
};
