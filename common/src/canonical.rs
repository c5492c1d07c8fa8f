//! Canonical JSON (RFC 8785): one value, one sequence of bytes.

use alloc::vec::Vec;

use serde::{Serialize, de::DeserializeOwned};

use crate::error::Error;

/// The canonical JSON of a value.
///
/// # Errors
///
/// [`Error::Json`] if the value cannot be written as JSON at all (a map with keys that are not
/// strings).
pub fn to_canonical_json<T: Serialize>(what: &'static str, value: &T) -> Result<Vec<u8>, Error> {
    serde_json_canonicalizer::to_vec(value).map_err(|source| Error::json(what, source))
}

/// Reads a value from canonical JSON and from nothing else, for what only one program writes and
/// reads, such as a register. Documents that are exchanged are read by
/// [`Signed`](crate::jose::Signed) and the other types of this crate, which pass over what a newer
/// program may have added.
///
/// The value is written again and compared, so unknown members, duplicate members, other spellings
/// of a number or a string, white space and trailing data are all refused by the same rule.
///
/// # Errors
///
/// [`Error::Json`] if the bytes are not JSON of this type, [`Error::NotCanonical`] if they are not
/// in canonical form.
pub fn from_canonical_json<T: Serialize + DeserializeOwned>(
    what: &'static str,
    bytes: &[u8],
) -> Result<T, Error> {
    let value = serde_json::from_slice(bytes).map_err(|source| Error::json(what, source))?;
    if to_canonical_json(what, &value)? != bytes {
        return Err(Error::NotCanonical { what });
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize, Debug)]
    struct Sample {
        b: u32,
        a: alloc::string::String,
    }

    #[test]
    fn one_spelling_only() {
        let read = |text: &str| from_canonical_json::<Sample>("the sample", text.as_bytes());
        assert_eq!(read(r#"{"a":"å","b":1}"#).expect("canonical").b, 1);
        for wrong in [
            r#"{"b":1,"a":"å"}"#,
            r#"{"a": "å","b":1}"#,
            "{\"a\":\"\\u00e5\",\"b\":1}",
            r#"{"a":"å","b":1,"c":2}"#,
            "{\"a\":\"å\",\"b\":1}\n",
        ] {
            assert_eq!(read(wrong).expect_err(wrong).code(), "not_canonical");
        }
        for wrong in
            [r#"{"a":"å","b":1.0}"#, r#"{"a":"å","a":"å","b":1}"#, r#"{"a":"å","b":1}x"#, ""]
        {
            assert_eq!(read(wrong).expect_err(wrong).code(), "not_json");
        }
    }
}
