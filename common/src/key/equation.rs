//! The equation of Ed25519 (RFC 8032 section 5.1.7), strictly: exactly what `verify_strict` of
//! `ed25519-dalek` accepts, for less.
//!
//! A strict check refuses a key of small order, an `S` that is not reduced, an `R` of small order,
//! and every encoding of `R` but one. Keys are checked once, when they are read. `R` need not be
//! taken apart: it must be, byte for byte, the one encoding of the point that the equation gives,
//! and that is of small order only if it is one of eight encodings.

use alloc::vec::Vec;

use curve25519_dalek::{EdwardsPoint, Scalar};
use sha2::{Digest, Sha512};

#[cfg(feature = "fast")]
use super::tables;

/// How many points share an inversion.
const BATCH: usize = 64;

/// A key as the equation needs it. Nothing in it is secret.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    /// The canonical encoding of a point that is not of small order.
    pub(super) bytes: &'a [u8; 32],
    pub(super) point: &'a EdwardsPoint,
}

/// Whether a signature is valid.
pub(super) fn holds(key: Key<'_>, message: &[u8], signature: &[u8; 64]) -> bool {
    let Some(point) = nonce_point(key, message, signature) else { return false };
    let holds = is_nonce(&point.compress().to_bytes(), signature);
    if holds {
        note_valid(key);
    }
    holds
}

/// Whether each of many signatures is valid, in their order. It is the same answer for each as that
/// of [`holds`]; only the inversion at the end is shared.
pub(super) fn hold<'a>(
    checks: impl IntoIterator<Item = (Key<'a>, &'a [u8], &'a [u8; 64])>,
) -> Vec<bool> {
    let checks: Vec<_> = checks.into_iter().collect();
    let mut answers = Vec::with_capacity(checks.len());
    for part in checks.chunks(BATCH) {
        let points: Vec<Option<EdwardsPoint>> = part
            .iter()
            .map(|(key, message, signature)| nonce_point(*key, message, signature))
            .collect();
        let found: Vec<EdwardsPoint> = points.iter().copied().flatten().collect();
        let mut encodings = EdwardsPoint::compress_batch_alloc(&found).into_iter();
        for ((key, _, signature), point) in part.iter().zip(&points) {
            let encoding = point.and_then(|_| encodings.next());
            let holds = encoding.is_some_and(|encoding| is_nonce(&encoding.to_bytes(), signature));
            if holds {
                note_valid(*key);
            }
            answers.push(holds);
        }
    }
    answers
}

/// `S·B - k·A`, which is the point `R` of a valid signature. `None` if `S` is not reduced.
fn nonce_point(key: Key<'_>, message: &[u8], signature: &[u8; 64]) -> Option<EdwardsPoint> {
    let (k, s) = scalars(key, message, signature)?;
    #[cfg(feature = "fast")]
    if let Some(table) = tables::of(key.bytes) {
        return Some(table.nonce_point(&k, &s));
    }
    Some(EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-key.point, &s))
}

fn scalars(key: Key<'_>, message: &[u8], signature: &[u8; 64]) -> Option<(Scalar, Scalar)> {
    let (r, s) = halves(signature);
    let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(*s))?;
    let hash = Sha512::new().chain_update(r).chain_update(key.bytes).chain_update(message);
    Some((Scalar::from_bytes_mod_order_wide(&hash.finalize().into()), s))
}

/// Whether the encoding of a point is the `R` of a signature, and the point is not of small order.
fn is_nonce(encoding: &[u8; 32], signature: &[u8; 64]) -> bool {
    let (r, _) = halves(signature);
    encoding == r && !is_of_small_order(encoding)
}

/// Whether this is the encoding of one of the eight points of small order.
fn is_of_small_order(encoding: &[u8; 32]) -> bool {
    SMALL_ORDER.contains(encoding)
}

/// The canonical encodings of the eight points of small order: no other encoding is ever computed.
#[rustfmt::skip]
const SMALL_ORDER: [[u8; 32]; 8] = [
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
    ],
    [
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x85,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0xfa,
    ],
];

fn halves(signature: &[u8; 64]) -> (&[u8; 32], &[u8; 32]) {
    let (r, rest) = signature.split_first_chunk::<32>().expect("64 bytes");
    (r, rest.first_chunk::<32>().expect("32 bytes"))
}

fn note_valid(key: Key<'_>) {
    #[cfg(feature = "fast")]
    tables::note_valid(key.bytes, key.point);
    #[cfg(not(feature = "fast"))]
    let _ = key;
}

#[cfg(test)]
mod tests;
