//! The passphrases and PINs that open keys.

use std::path::{Path, PathBuf};

use crate::{KeyFileError, Passphrase, Pin, SecretError, SecretKind, TokenError, TokenUri};

/// A source of the passphrases of key files and the PINs of tokens, which may ask a person for
/// them.
///
/// A [`Passphrase`] alone opens only files, a [`Pin`] only tokens.
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

    /// The PIN in the file that a token's URI names as `pin-source`. An implementation that can
    /// show a warning warns here if others can read the file.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`] if the file holds no PIN; [`SecretError::Unreadable`] if it cannot
    /// be read.
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
