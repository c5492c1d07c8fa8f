//! What a payload says, for showing.

use alloc::boxed::Box;

use crate::{claims::CertificateClaims, jose::Signed};

/// A QR payload taken apart, unverified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Peek {
    /// Format 1.
    Template {
        /// The profile whose constants belong around the claims.
        profile: u8,
        /// The first two bytes of the key's thumbprint.
        key_hint: [u8; 2],
        /// The claims that vary; those that do not are of the made-up issuer
        /// `https://unknown.invalid`.
        claims: Box<CertificateClaims>,
    },
    /// Format 2.
    Any(Signed<CertificateClaims>),
}
