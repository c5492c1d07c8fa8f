//! What it takes to sign certificates.

use rand::CryptoRng;
use vernet_common::{CertificateClaims, HttpsUrl};

/// What it takes to sign certificates, one or many. `E` is the error of whoever signs.
pub struct Issuance<'a, E> {
    /// The issuer's URL.
    pub iss: &'a HttpsUrl,
    /// Where slots and the seeds of status lists come from.
    pub rng: &'a mut dyn CryptoRng,
    /// Signs the claims, checks what it signed, and returns as many compact JWS in the same order.
    /// It runs within the transaction.
    pub sign: &'a mut SignMany<'a, E>,
}

/// Signs certificates.
pub type SignMany<'a, E> = dyn FnMut(&[CertificateClaims]) -> Result<Vec<String>, E> + 'a;
