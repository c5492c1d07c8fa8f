//! The input of the vectors.

use std::collections::BTreeMap;

use vernet_common::{CertificateNumber, NumericDate, SecretKey, Signer, TrustList};

/// When the office published.
pub(crate) const PUBLISHED: &str = "2026-11-22T09:00:00Z";

/// The example office with all its secrets, for making vectors.
pub(crate) struct Example {
    pub(crate) roots: Vec<SecretKey>,
    pub(crate) certificate_key: Box<dyn Signer>,
    pub(crate) status_key: Box<dyn Signer>,
    pub(crate) log_key: Box<dyn Signer>,
    pub(crate) trust_list: TrustList,
    pub(crate) bundle: Vec<u8>,
    /// Certificate number and link of each person, in the order of [`PEOPLE`].
    pub(crate) links: Vec<(CertificateNumber, String)>,
    /// The text of each certificate, also of those that were withdrawn.
    pub(crate) texts: BTreeMap<CertificateNumber, String>,
}

pub(crate) fn at(text: &str) -> NumericDate {
    text.parse().expect("the times here are constants")
}
