//! The same answers as `verify_strict`, on everything that is known to divide verifiers: points of
//! small and mixed order, other encodings, scalars that are not reduced. Each case is checked
//! without a table, with a table of every size, and among others.

#[cfg(feature = "fast")]
use alloc::format;
use alloc::vec::Vec;

use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::CompressedEdwardsY,
};
use ed25519_dalek::{Signature, VerifyingKey};
#[cfg(feature = "fast")]
use serde_json::Value;

use super::*;
use crate::key::{PublicKey, SignatureBytes};

/// Every way in which this crate may check a signature under one key.
struct Ways {
    strict: VerifyingKey,
    key: PublicKey,
    #[cfg(feature = "fast")]
    tables: Vec<super::tables::Table>,
}

impl Ways {
    /// `None` if this crate refuses the key itself: then no signature may be strictly valid, unless
    /// the key is another encoding of its point.
    fn of(bytes: &[u8; 32]) -> Option<Self> {
        let key = PublicKey::from_bytes(bytes).ok()?;
        Some(Self {
            strict: VerifyingKey::from_bytes(bytes).expect("ours is stricter"),
            #[cfg(feature = "fast")]
            tables: (3..=10).map(|bits| super::tables::Table::new(&key.point, bits)).collect(),
            key,
        })
    }

    /// The one answer that all give.
    fn answer(&self, message: &[u8], signature: &SignatureBytes) -> bool {
        let strict = self.strict.verify_strict(message, &Signature::from_bytes(signature)).is_ok();
        let key = self.key.in_equation();
        assert_eq!(self.key.verify(message, signature).is_ok(), strict, "{signature:02x?}");
        let plain = scalars(key, message, signature).is_some_and(|(k, s)| {
            let point = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-key.point, &s);
            is_nonce(&point.compress().to_bytes(), signature)
        });
        assert_eq!(plain, strict, "{signature:02x?}");
        #[cfg(feature = "fast")]
        for table in &self.tables {
            let by_table = scalars(key, message, signature).is_some_and(|(k, s)| {
                is_nonce(&table.nonce_point(&k, &s).compress().to_bytes(), signature)
            });
            assert_eq!(by_table, strict, "{signature:02x?}");
        }
        strict
    }
}

/// A scalar, and a message, by number.
fn scalar(number: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(number.to_le_bytes()).into())
}

fn joined(r: [u8; 32], s: [u8; 32]) -> SignatureBytes {
    [r, s].concat().try_into().expect("64 bytes")
}

/// Whoever knows `a` signs with `R = r·B + T`, for a torsion point `T`, in this encoding of `R`.
fn signed(
    a: Scalar,
    public: &[u8; 32],
    r: Scalar,
    encoding: [u8; 32],
    message: &[u8],
) -> SignatureBytes {
    let hash = Sha512::new().chain_update(encoding).chain_update(public).chain_update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    joined(encoding, (r + k * a).to_bytes())
}

/// The encodings of a point that decoders take for it: the canonical one, and with `y + p` and the
/// sign of zero where there are such.
fn encodings(point: &EdwardsPoint) -> Vec<[u8; 32]> {
    let canonical = point.compress().to_bytes();
    let mut all = alloc::vec![canonical];
    for first in 0..19_u8 {
        let mut other = [0xff; 32];
        (other[0], other[31]) = (0xed + first, 0x7f);
        for sign in [0, 0x80] {
            other[31] = 0x7f | sign;
            all.push(other);
        }
    }
    let mut flipped = canonical;
    flipped[31] ^= 0x80;
    all.push(flipped);
    let is_it = |bytes: &[u8; 32]| CompressedEdwardsY(*bytes).decompress() == Some(*point);
    all.retain(is_it);
    all.dedup();
    all
}

#[test]
fn small_and_mixed_order_of_keys_and_nonces_in_every_encoding() {
    let (mut cases, mut valid) = (0, 0);
    for key_torsion in EIGHT_TORSION {
        let a = scalar(1);
        let public = (ED25519_BASEPOINT_POINT * a + key_torsion).compress().to_bytes();
        let ways = Ways::of(&public).expect("of full or mixed order");
        for nonce_torsion in EIGHT_TORSION {
            // With r = 0, the nonce is of small order.
            for r in [Scalar::ZERO, scalar(2)] {
                let nonce = ED25519_BASEPOINT_POINT * r + nonce_torsion;
                for encoding in encodings(&nonce) {
                    for number in 0..24_u64 {
                        let message = number.to_le_bytes();
                        let signature = signed(a, &public, r, encoding, &message);
                        valid += u32::from(ways.answer(&message, &signature));
                        // And with what is added to `S`.
                        for added in [scalar(3), Scalar::ONE] {
                            let s = Scalar::from_bytes_mod_order(
                                signature[32..].try_into().expect("32"),
                            );
                            ways.answer(&message, &joined(encoding, (s + added).to_bytes()));
                        }
                        cases += 3;
                    }
                }
            }
        }
    }
    assert!(cases > 9000 && valid > 100, "{valid} of {cases} are valid");
}

#[test]
fn scalars_that_are_not_reduced() {
    let a = scalar(4);
    let public = (ED25519_BASEPOINT_POINT * a).compress().to_bytes();
    let ways = Ways::of(&public).expect("a key");
    let encoding = (ED25519_BASEPOINT_POINT * scalar(5)).compress().to_bytes();
    let signature = signed(a, &public, scalar(5), encoding, b"message");
    assert!(ways.answer(b"message", &signature));
    let mut s: [u8; 32] = signature[32..].try_into().expect("32 bytes");
    for _ in 0..15 {
        s = plus_order(s);
        assert!(!ways.answer(b"message", &joined(encoding, s)));
    }
    for s in [[0xff; 32], ORDER, plus_order(ORDER), [0; 32]] {
        assert!(!ways.answer(b"message", &joined(encoding, s)));
    }
}

/// The order of the base point.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn plus_order(mut s: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    for (byte, order) in s.iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    s
}

#[test]
fn every_changed_bit() {
    let a = scalar(6);
    let public = (ED25519_BASEPOINT_POINT * a).compress().to_bytes();
    let ways = Ways::of(&public).expect("a key");
    let encoding = (ED25519_BASEPOINT_POINT * scalar(7)).compress().to_bytes();
    let signature = signed(a, &public, scalar(7), encoding, b"message");
    for bit in 0..512 {
        let mut changed = signature;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!ways.answer(b"message", &changed), "bit {bit}");
    }
    for bit in 0..56 {
        let mut message = *b"message";
        message[bit / 8] ^= 1 << (bit % 8);
        assert!(!ways.answer(&message, &signature), "bit {bit}");
    }
}

#[test]
fn scalars_at_the_ends_of_digits() {
    let ways =
        Ways::of(&(ED25519_BASEPOINT_POINT * scalar(8)).compress().to_bytes()).expect("a key");
    let most = Scalar::ZERO - Scalar::ONE;
    let mut edges = alloc::vec![Scalar::ZERO, Scalar::ONE, most, most - Scalar::ONE];
    for bit in 0..252 {
        let mut bytes = [0; 32];
        bytes[bit / 8] = 1 << (bit % 8);
        let power = Scalar::from_bytes_mod_order(bytes);
        edges.extend([power, power - Scalar::ONE, power + Scalar::ONE, most - power]);
    }
    edges.push(Scalar::from_bytes_mod_order([0x80; 32]));
    edges.push(Scalar::from_bytes_mod_order([0x7f; 32]));
    let key = ways.key.in_equation();
    for (place, s) in edges.iter().enumerate() {
        let k = edges[(place * 7 + 3) % edges.len()];
        let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-key.point, s);
        #[cfg(feature = "fast")]
        for table in &ways.tables {
            assert_eq!(table.nonce_point(&k, s), expected, "{place}");
        }
        let _ = (k, expected);
    }
}

#[test]
fn many_together_get_the_answers_of_each() {
    let keys: Vec<_> = (0..5)
        .map(|number| {
            let torsion = EIGHT_TORSION[number as usize];
            let public = (ED25519_BASEPOINT_POINT * scalar(number) + torsion).compress().to_bytes();
            (scalar(number), public, Ways::of(&public).expect("a key"))
        })
        .collect();
    let cases: Vec<_> = (0..300_u64)
        .map(|number| {
            let (a, public, ways) = &keys[number as usize % 5];
            let nonce = (ED25519_BASEPOINT_POINT * scalar(number + 9)).compress().to_bytes();
            let mut signature =
                signed(*a, public, scalar(number + 9), nonce, &number.to_le_bytes());
            match number % 7 {
                1 => signature[3] ^= 1,
                3 => signature = joined(nonce, plus_order(signature[32..].try_into().expect("32"))),
                5 => signature[63] = 0xff,
                _ => {}
            }
            (ways, number.to_le_bytes(), signature)
        })
        .collect();
    for count in [0, 1, 63, 64, 65, 128, 300] {
        let together =
            hold(cases.iter().take(count).map(|(ways, message, signature)| {
                (ways.key.in_equation(), &message[..], signature)
            }));
        let alone: Vec<bool> = cases
            .iter()
            .take(count)
            .map(|(ways, message, signature)| ways.answer(message, signature))
            .collect();
        assert_eq!(together, alone, "{count}");
        assert!(count < 63 || alone.contains(&true) && alone.contains(&false));
    }
}

#[test]
fn the_small_order_encodings_are_those_of_the_torsion_points() {
    for point in EIGHT_TORSION {
        assert!(is_of_small_order(point.compress().as_bytes()));
        for encoding in encodings(&point) {
            assert!(PublicKey::from_bytes(&encoding).is_err(), "{encoding:02x?}");
        }
    }
    let distinct: alloc::collections::BTreeSet<_> = SMALL_ORDER.iter().collect();
    assert_eq!(distinct.len(), 8);
}

/// Vectors of others, which are not in this repository: `cases.json` of ed25519-speccheck as
/// `speccheck.json`, and `ed25519vectors.json` of C2SP's CCTV, in the folder
/// `ED25519_VECTORS`.
#[cfg(feature = "fast")]
#[test]
fn vectors_of_speccheck_and_cctv() {
    let Ok(folder) = std::env::var("ED25519_VECTORS") else {
        std::println!("skipped: `ED25519_VECTORS` does not name a folder with them");
        return;
    };
    for (file, key, signature, count) in
        [("speccheck.json", "pub_key", "signature", 12), ("ed25519vectors.json", "key", "sig", 914)]
    {
        let text = std::fs::read(format!("{folder}/{file}")).expect("the file is there");
        let cases: Vec<Value> = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(cases.len(), count);
        let (mut refused_keys, mut valid) = (0, 0);
        for case in &cases {
            let text = |member: &str| case[member].as_str().expect("a text");
            let public: [u8; 32] = bytes(text(key)).try_into().expect("32 bytes");
            let signature: SignatureBytes = bytes(text(signature)).try_into().expect("64 bytes");
            let message = match case.get("msg") {
                Some(message) => message.as_str().expect("a text").as_bytes().to_vec(),
                None => bytes(text("message")),
            };
            match Ways::of(&public) {
                Some(ways) => valid += u32::from(ways.answer(&message, &signature)),
                None => {
                    refused_keys += 1;
                    let strict = VerifyingKey::from_bytes(&public).is_ok_and(|key| {
                        let is_canonical = key.to_edwards().compress().to_bytes() == public;
                        is_canonical
                            && key
                                .verify_strict(&message, &Signature::from_bytes(&signature))
                                .is_ok()
                    });
                    assert!(!strict, "{case}");
                }
            }
        }
        std::println!("{file}: {count} cases, {refused_keys} refused keys, {valid} valid");
    }
}

#[cfg(feature = "fast")]
fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(digit).collect()
}
