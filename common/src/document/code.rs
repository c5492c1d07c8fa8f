//! Values of lists of codes, to which newer versions may add.

use alloc::{format, string::String};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// How long a code may be. The longest of today has 22 characters.
const MAX_CODE: usize = 64;

/// Whether this looks like a code, and is none that this version knows as a `T`.
pub(crate) fn is_newer_code<T: DeserializeOwned>(value: Option<&Value>) -> bool {
    let looks_like_one = |code: &str| {
        (1..=MAX_CODE).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic())
    };
    value.is_some_and(|value| {
        value.as_str().is_some_and(looks_like_one) && T::deserialize(value).is_err()
    })
}

/// The code at this place (RFC 6901), in words, if this version does not know it as a `T`.
pub(crate) fn newer_code<T: DeserializeOwned>(document: &Value, place: &str) -> Option<String> {
    let value = document.pointer(place).filter(|value| is_newer_code::<T>(Some(value)))?;
    let member = place.rsplit('/').next().unwrap_or(place);
    Some(format!("`{}` as `{member}`", value.as_str()?))
}
