//! A hash of something that lies elsewhere, by which it is found again and known to be the same.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, base64url};

/// A SHA-256, written in base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hash([u8; 32]);

impl Sha256Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Sha256Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for Sha256Hash {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Ok(Self(base64url::decode_array("a SHA-256", &text)?))
    }
}

impl From<Sha256Hash> for String {
    fn from(hash: Sha256Hash) -> String {
        base64url::encode(&hash.0)
    }
}

impl fmt::Display for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned, string::ToString};

    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = Sha256Hash::of(b"abc");
        // FIPS 180-2 appendix B.1.
        assert_eq!(hash.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(Sha256Hash::try_from(hash.to_string()).expect("its own text"), hash);
        for wrong in [
            String::new(),
            "AAAA".into(),
            hash.to_string() + "=",
            " ".to_owned() + &hash.to_string(),
        ] {
            assert_eq!(
                Sha256Hash::try_from(wrong).expect_err("another spelling").code(),
                "not_base64url"
            );
        }
    }
}
