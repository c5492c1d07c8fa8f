//! What is either `true` or left out.

use serde::{Deserialize, Deserializer, de::Error as _};

/// Reads a member that has one spelling for each of its two values.
pub(crate) fn only_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match bool::deserialize(deserializer)? {
        true => Ok(true),
        false => Err(D::Error::custom("`false` is left out")),
    }
}
