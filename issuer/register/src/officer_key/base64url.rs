//! Base64url without padding (RFC 4648 section 5).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decode(what: &'static str, text: &str) -> Result<Vec<u8>, vernet_common::Error> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(text);
    decoded.map_err(|_| vernet_common::Error::NotBase64url { what })
}

pub(super) fn decode_array<const N: usize>(
    what: &'static str,
    text: &str,
) -> Result<[u8; N], vernet_common::Error> {
    let bytes = decode(what, text)?;
    bytes.try_into().map_err(|_| vernet_common::Error::NotBase64url { what })
}
