//! What a payload says, only to show it.

use alloc::boxed::Box;

use crate::{claims::CertificateClaims, jose::Signed};

/// A QR payload taken apart, unverified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Peek {
    /// Format 1.
    Template {
        /// The profile whose constants complete the claims.
        profile: u8,
        /// The first two bytes of the key's thumbprint.
        key_hint: [u8; 2],
        /// The claims that vary; the others are those of the made-up issuer
        /// `https://unknown.invalid`.
        claims: Box<CertificateClaims>,
    },
    /// Format 2.
    Any(Box<Signed<CertificateClaims>>),
}
