//! Where a private key is: in an encrypted file, or in a token.

use std::{fmt, path::PathBuf, str::FromStr};

use rand::CryptoRng;
use vernet_common::{KeyId, PublicKey, Signer};

use crate::{
    Credentials, Error, KeyFile, KeyFileError, Passphrase, TokenError, TokenKey, TokenReference,
    TokenUri,
};

/// Where a private key is. As text: a PKCS #11 URI, or the name of a file; a file that ends in
/// `.pkcs11` refers to a key in a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyLocation {
    /// An encrypted file, see [`KeyFile`].
    File(PathBuf),
    /// A file that refers to a key in a token, see [`TokenReference`].
    Reference(PathBuf),
    /// A token.
    Token(TokenUri),
}

impl KeyLocation {
    /// The location that a file name denotes.
    pub fn of_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        match path.extension().is_some_and(|extension| extension == TokenReference::EXTENSION) {
            true => Self::Reference(path),
            false => Self::File(path),
        }
    }

    /// Opens the key.
    ///
    /// The caller must **also** check that it is the key that is expected.
    ///
    /// # Errors
    ///
    /// [`Error::KeyFile`] if the file cannot be read or decrypted; [`Error::Token`] if the token
    /// cannot be opened or has no such key, with [`TokenError::AnotherKey`] if it holds another key
    /// than its reference says.
    pub fn open(&self, credentials: &dyn Credentials) -> Result<Box<dyn Signer + Send>, Error> {
        let key = match self {
            Self::File(file) => {
                // Check the file before asking for the passphrase.
                let encrypted = KeyFile::open(file)?;
                return Ok(Box::new(encrypted.decrypt(&credentials.passphrase(file)?)?));
            }
            Self::Token(uri) => TokenKey::open(uri, credentials)?,
            Self::Reference(file) => {
                let TokenReference { kid: expected, uri } = TokenReference::read(file)?;
                let key = TokenKey::open(&uri, credentials)?;
                let found = key.public_key().kid();
                if found != expected {
                    return Err(TokenError::AnotherKey { uri: uri.key(), found, expected }.into());
                }
                key
            }
        };
        Ok(Box::new(key))
    }
}

impl FromStr for KeyLocation {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        if TokenUri::is_meant_by(text) {
            Ok(Self::Token(text.parse()?))
        } else {
            Ok(Self::of_path(text))
        }
    }
}

impl fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Reference(path) => path.display().fmt(f),
            Self::Token(uri) => uri.fmt(f),
        }
    }
}

/// Where to put a new key.
#[derive(Clone, Copy)]
pub enum NewKey<'a> {
    /// In a file, encrypted with this passphrase.
    File(&'a Passphrase),
    /// In a token, and generated there.
    Token(&'a TokenUri, &'a dyn Credentials),
    /// In a token that holds it already.
    Existing(&'a TokenUri, &'a dyn Credentials),
}

impl<'a> From<&'a Passphrase> for NewKey<'a> {
    fn from(passphrase: &'a Passphrase) -> Self {
        Self::File(passphrase)
    }
}

/// A key that was just generated, or adopted.
#[derive(Debug)]
pub struct MadeKey {
    /// Its public half.
    pub public: PublicKey,
    /// The file of its private half, or the one that refers to it.
    pub file: PathBuf,
    /// The URI, if it is in a token.
    pub token: Option<TokenUri>,
    /// Whether copies outside the token may exist: the token does not say that the key was
    /// generated in it and could never leave it.
    pub may_have_copies: bool,
}

impl NewKey<'_> {
    /// Checks what can be checked in advance: that the passphrase is long enough, or that the token
    /// can be opened.
    ///
    /// # Errors
    ///
    /// [`SecretError::TooShort`](crate::SecretError::TooShort) if the passphrase is too short;
    /// [`Error::Token`] if the token cannot be opened.
    pub fn check(self) -> Result<(), Error> {
        match self {
            Self::File(passphrase) => {
                Ok(passphrase.check_for_new_key().map_err(KeyFileError::from)?)
            }
            Self::Token(uri, credentials) | Self::Existing(uri, credentials) => {
                Ok(TokenKey::check_token(uri, credentials)?)
            }
        }
    }

    /// Generates or adopts the key and writes its file. `file` gives the file's name for a key id
    /// and an extension. If `admit` refuses a generated key, another one is generated; an adopted
    /// key is refused.
    ///
    /// A key that was generated in a token stays there if its file cannot be written, and can then
    /// be adopted.
    ///
    /// # Errors
    ///
    /// [`Error::KeyFile`] or [`Error::File`] if the file cannot be written; [`Error::Token`] if the
    /// token cannot generate or use the key; any error of `admit` about an adopted key.
    pub fn make(
        self,
        file: &dyn Fn(KeyId, &'static str) -> PathBuf,
        admit: &dyn Fn(&PublicKey) -> Result<(), Error>,
        rng: &mut dyn CryptoRng,
    ) -> Result<MadeKey, Error> {
        let fits = |key: &PublicKey| has_plain_name(key) && admit(key).is_ok();
        let (key, credentials) = match self {
            Self::File(passphrase) => {
                let secret = loop {
                    let candidate = KeyFile::generate(rng);
                    if fits(&candidate.public_key()) {
                        break candidate;
                    }
                };
                let public = secret.public_key();
                let file = file(public.kid(), "pem");
                KeyFile::write_new(&file, &secret, passphrase, rng)?;
                return Ok(MadeKey { public, file, token: None, may_have_copies: false });
            }
            Self::Token(uri, credentials) => {
                (TokenKey::generate(uri, &fits, credentials, rng)?, credentials)
            }
            Self::Existing(uri, credentials) => (TokenKey::open(uri, credentials)?, credentials),
        };
        let public = key.public_key();
        admit(&public)?;
        // Prove that the public key belongs to the private one before it is relied on. No document
        // begins with these bytes.
        key.sign(b"vernet: is this the key?").map_err(vernet_common::Error::from)?;
        let mut reference = key.reference();
        // Store the library's path, so that the key can be found later without the setting.
        reference.uri.module_path = reference.uri.module_path.or_else(|| credentials.module());
        let file = file(reference.kid, TokenReference::EXTENSION);
        reference.write_new(&file)?;
        Ok(MadeKey {
            public,
            file,
            token: Some(reference.uri),
            may_have_copies: !key.was_always_inside(),
        })
    }
}

impl fmt::Debug for NewKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(_) => f.write_str("NewKey::File"),
            Self::Token(uri, _) => write!(f, "NewKey::Token({uri})"),
            Self::Existing(uri, _) => write!(f, "NewKey::Existing({uri})"),
        }
    }
}

/// Whether a key id does not begin with a hyphen: on a command line, `keys compromised -hK3x…`
/// would ask for help instead.
pub(crate) fn has_plain_name(key: &PublicKey) -> bool {
    !key.kid().as_str().starts_with('-')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Pin;

    #[test]
    fn a_location_is_a_uri_or_the_name_of_a_file() {
        let location = |text: &str| text.parse::<KeyLocation>();
        assert_eq!(location("keys/a.pem").expect("a file"), KeyLocation::File("keys/a.pem".into()));
        assert_eq!(
            location("a.pkcs11").expect("a file"),
            KeyLocation::Reference("a.pkcs11".into())
        );
        assert!(matches!(location("pkcs11:token=a").expect("a URI"), KeyLocation::Token(_)));
        assert_eq!(
            location("pkcs11:nonsense").expect_err("a wrong URI").code(),
            "token_uri_invalid"
        );
        for text in ["keys/a.pem", "a.pkcs11", "pkcs11:token=a"] {
            assert_eq!(location(text).expect("valid").to_string(), text);
        }
    }

    #[test]
    fn what_opens_a_file_does_not_open_a_token_and_the_other_way_round() {
        let passphrase =
            Passphrase::from_prompt("five random words or so".to_owned()).expect("not empty");
        let pin = Pin::from_prompt("1234".to_owned()).expect("not empty");
        assert_eq!(
            Credentials::pin(&passphrase, &TokenUri::default()).expect_err("none").code(),
            "token_pin_missing"
        );
        assert_eq!(
            Credentials::passphrase(&pin, Path::new("a.pem")).expect_err("none").code(),
            "passphrase_missing"
        );
    }
}
