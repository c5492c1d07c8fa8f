//! Bytes as one big-endian number in base 10.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use num_bigint::BigUint;

use crate::error::{Error, check_size};

/// The most digits that are read: what the largest QR code holds (version 40, error correction L).
pub(super) const MAX_DIGITS: usize = 7089;

pub(super) fn encode(bytes: &[u8]) -> String {
    BigUint::from_bytes_be(bytes).to_string()
}

/// The first byte of a payload is never 0, so the number determines the bytes exactly.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Error> {
    // Checked before the conversion, which takes quadratic time.
    check_size("the QR payload", text.len(), MAX_DIGITS)?;
    let no_number = Error::QrPayload { reason: "it is not a number in base 10" };
    if text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::QrPayload { reason: "it has a leading zero" });
    }
    // In base 2^64, the lowest limb first. Every part but the first has as many digits as fit.
    let (first, rest) = text.as_bytes().split_at(text.len() % LIMB_DIGITS);
    let mut limbs: Vec<u64> = Vec::with_capacity(text.len() / LIMB_DIGITS + 1);
    for part in [first].into_iter().chain(rest.chunks_exact(LIMB_DIGITS)) {
        let Some(mut carry) = value(part) else { return Err(no_number) };
        for limb in &mut limbs {
            let product = u128::from(*limb) * u128::from(LIMB) + u128::from(carry);
            (*limb, carry) = (product as u64, (product >> 64) as u64);
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let bytes: Vec<u8> = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    match bytes.iter().position(|byte| *byte != 0) {
        Some(start) => Ok(bytes[start..].into()),
        None => Err(no_number),
    }
}

/// How many digits always fit in 64 bits, and the number that has one more.
const LIMB_DIGITS: usize = 19;
const LIMB: u64 = 10_u64.pow(LIMB_DIGITS as u32);

fn value(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_per_payload() {
        assert_eq!(encode(&[1, 0, 255]), "65791");
        assert_eq!(decode("65791").expect("a number"), [1, 0, 255]);
        let long = "9".repeat(7089);
        assert_eq!(encode(&decode(&long).expect("a number")), long);
        for wrong in [
            "",
            "065791",
            "0",
            "+65791",
            "65 791",
            "65791a",
            "٦",
            "0a",
            &("1".repeat(30) + "x" + &"1".repeat(30)),
        ] {
            assert_eq!(decode(wrong).expect_err(wrong).code(), "qr_payload");
        }
        assert_eq!(decode(&"9".repeat(7090)).expect_err("too long").code(), "too_large");
    }

    proptest::proptest! {
        #[test]
        fn all_payloads_come_back(first in 1u8.., rest: Vec<u8>) {
            let bytes = [&[first], &rest[..]].concat();
            proptest::prop_assert_eq!(decode(&encode(&bytes)).expect("digits"), bytes);
        }
    }
}
