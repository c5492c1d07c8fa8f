//! A file that refers to a key in a token. It holds no secret.

use std::{fmt, path::Path};

use vernet_common::KeyId;
use vernet_host::files::read_secret_text;

use super::{TokenError, TokenUri};
use crate::{FileError, write_new_secret};

const MAX_FILE: u64 = 16 << 10;

const KID: &str = "kid: ";

/// A key and its location: the id as in a key file, then the URI.
///
/// ```text
/// kid: kPrK_qmx
/// pkcs11:token=office;object=status;id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so
/// ```
///
/// The id detects that another key in the token now has the name. The rest may be edited, for
/// instance when the library moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenReference {
    /// The key.
    pub kid: KeyId,
    /// Where it is.
    pub uri: TokenUri,
}

impl TokenReference {
    /// The extension of the files.
    pub const EXTENSION: &'static str = "pkcs11";

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`TokenError::ReferenceUnreadable`] if the file cannot be read;
    /// [`TokenError::ReferenceInvalid`] if it does not hold an id and a URI.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let text = read_secret_text(path, MAX_FILE)
            .map_err(|source| TokenError::ReferenceUnreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
            .map_err(|reason| TokenError::ReferenceInvalid { path: path.to_owned(), reason })
    }

    /// Writes a new file that only its owner can access. It holds no secret, but anyone who can
    /// write to it chooses a library that this program loads.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`] if there is such a file already; [`FileError::Io`] if it cannot be
    /// written.
    pub fn write_new(&self, path: &Path) -> Result<(), FileError> {
        write_new_secret(path, self.to_string().as_bytes())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let (Some(kid), Some(uri), None) = (lines.next(), lines.next(), lines.next()) else {
            return Err("expected two lines, a `kid: ` and a PKCS #11 URI".into());
        };
        let kid = kid.strip_prefix(KID).and_then(|kid| kid.parse().ok());
        let kid = kid.ok_or("its first line is not `kid: ` and a key id")?;
        Ok(Self { kid, uri: uri.parse().map_err(|error: TokenError| error.to_string())? })
    }
}

impl fmt::Display for TokenReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{KID}{}\n{}", self.kid, self.uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_as_it_was_written_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.pkcs11");
        let reference = TokenReference {
            kid: "kPrK_qmx".parse().expect("an id"),
            uri: "pkcs11:token=office;id=%01?module-path=/lib/x.so".parse().expect("a URI"),
        };
        reference.write_new(&path).expect("written");
        assert_eq!(TokenReference::read(&path).expect("read"), reference);
        assert_eq!(
            reference.write_new(&path).expect_err("never overwritten").code(),
            "file_exists"
        );

        for text in [
            "",
            "kid: kPrK_qmx\n",
            "kid: short\npkcs11:\n",
            "pkcs11:\nkid: kPrK_qmx\n",
            "kid: kPrK_qmx\npkcs12:\n",
        ] {
            std::fs::write(&path, text).expect("written");
            assert_eq!(
                TokenReference::read(&path).expect_err(text).code(),
                "token_reference_invalid",
                "{text}"
            );
        }
        let missing = folder.path().join("none.pkcs11");
        assert_eq!(
            TokenReference::read(&missing).expect_err("missing").code(),
            "token_reference_unreadable"
        );
    }
}
