//! Unpadded base64url (RFC 7515 section 2), canonical spelling only.

use alloc::{string::String, vec::Vec};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::error::Error;

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn append(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// The engine refuses padding, foreign characters and non-zero trailing bits, so decoding is
/// injective.
pub(crate) fn decode(what: &'static str, text: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::NotBase64url { what })
}

pub(crate) fn decode_array<const N: usize>(
    what: &'static str,
    text: &str,
) -> Result<[u8; N], Error> {
    decode(what, text)?.try_into().map_err(|_| Error::NotBase64url { what })
}
