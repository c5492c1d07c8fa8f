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
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::QrPayload { reason: "it is not a number in base 10" });
    }
    if text.starts_with('0') {
        return Err(Error::QrPayload { reason: "it has a leading zero" });
    }
    let number = BigUint::parse_bytes(text.as_bytes(), 10)
        .ok_or(Error::QrPayload { reason: "it is not a number in base 10" })?;
    Ok(number.to_bytes_be())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_per_payload() {
        assert_eq!(encode(&[1, 0, 255]), "65791");
        assert_eq!(decode("65791").expect("a number"), [1, 0, 255]);
        for wrong in ["", "065791", "0", "+65791", "65 791", "65791a", "٦"] {
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
