//! What opens keys.

use std::path::{Path, PathBuf};

use crate::{KeyFileError, Passphrase, Pin, SecretError, SecretKind, TokenError, TokenUri};

/// Whatever knows the passphrases of key files and the PINs of tokens, or asks somebody who does.
///
/// A [`Passphrase`] alone opens files only, a [`Pin`] tokens only.
pub trait Credentials {
    /// The passphrase of a key file.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`] if there is none.
    fn passphrase(&self, file: &Path) -> Result<Passphrase, KeyFileError>;

    /// The PIN of a token whose URI does not name a `pin-source`.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`] if there is none.
    fn pin(&self, token: &TokenUri) -> Result<Pin, TokenError>;

    /// The PIN in the file that a token's URI names as `pin-source`. Whoever can warn that others
    /// can read the file, does so here.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`], [`SecretError::Unreadable`].
    fn pin_from_file(&self, file: &Path) -> Result<Pin, TokenError> {
        Ok(Pin::from_file(file)?)
    }

    /// The absolute path of the library of a token whose URI does not name one with `module-path`.
    fn module(&self) -> Option<PathBuf> {
        None
    }
}

impl Credentials for Passphrase {
    fn passphrase(&self, _: &Path) -> Result<Passphrase, KeyFileError> {
        Ok(self.clone())
    }

    fn pin(&self, _: &TokenUri) -> Result<Pin, TokenError> {
        let origin = "what was given, a passphrase".to_owned();
        Err(SecretError::Missing { kind: SecretKind::Pin, origin }.into())
    }
}

impl Credentials for Pin {
    fn passphrase(&self, _: &Path) -> Result<Passphrase, KeyFileError> {
        let origin = "what was given, a PIN".to_owned();
        Err(SecretError::Missing { kind: SecretKind::Passphrase, origin }.into())
    }

    fn pin(&self, _: &TokenUri) -> Result<Pin, TokenError> {
        Ok(self.clone())
    }
}
