//! Hashes of things that are stored elsewhere, by which they are found and recognised.

use sha2::{Digest, Sha256};

/// Defines a SHA-256 of something in particular, written in base64url.
macro_rules! hash_newtype {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "alloc::string::String", into = "alloc::string::String")]
        pub struct $name([u8; 32]);

        impl $name {
            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl TryFrom<alloc::string::String> for $name {
            type Error = $crate::error::Error;
            fn try_from(text: alloc::string::String) -> Result<Self, Self::Error> {
                Ok(Self($crate::base64url::decode_array($what, &text)?))
            }
        }

        impl From<$name> for alloc::string::String {
            fn from(hash: $name) -> Self {
                $crate::base64url::encode(&hash.0)
            }
        }

        /// In base64url, as in JSON.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::base64url::encode(&self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }
    };
}

pub(crate) use hash_newtype;

hash_newtype! {
    /// A SHA-256, written in base64url.
    Sha256Hash, "a SHA-256"
}

impl Sha256Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{
        borrow::ToOwned,
        string::{String, ToString},
    };

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
