//! What is needed to sign certificates.

use rand::CryptoRng;
use vernet_common::{CertificateClaims, HttpsUrl};

/// What is needed to sign certificates, one or many. `E` is the signer's error.
pub struct Issuance<'a, E> {
    /// The issuer's URL.
    pub iss: &'a HttpsUrl,
    /// The random source of slots and of the seeds of status lists.
    pub rng: &'a mut dyn CryptoRng,
    /// Signs the claims, checks what it signed, and returns as many compact JWS in the same order.
    /// It runs within the transaction.
    pub sign: &'a mut SignMany<'a, E>,
}

/// Signs certificates.
pub type SignMany<'a, E> = dyn FnMut(&[CertificateClaims]) -> Result<Vec<String>, E> + 'a;
