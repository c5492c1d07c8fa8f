//! What tests of several packages share: offices whose keys and lists can all be altered, people,
//! pictures, PDFs, an HTTP client, and third-party programs that tests talk to.
//!
//! Integration tests use it. Unit tests do not: a library built for its own unit tests is a
//! different crate from the one used here, so their types differ.
#![expect(missing_docs, reason = "most names of an office for tests speak for themselves")]
#![expect(clippy::new_without_default, reason = "tests make a new office, not a default one")]

#[cfg(feature = "issuer")]
pub mod figures;
#[cfg(feature = "issuer")]
pub mod founded;
pub mod front_desk;
pub mod http;
#[cfg(feature = "issuer")]
pub mod keys_example;
pub mod newer;
pub mod office;
pub mod pdf;
pub mod people;
#[cfg(feature = "pictures")]
pub mod picture;
#[cfg(unix)]
pub mod softhsm;
