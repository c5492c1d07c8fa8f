//! Passphrases and PINs.

use std::{env::VarError, fmt, io, marker::PhantomData};

use zeroize::Zeroizing;

use super::{
    error::SecretError,
    kind::{Opens, OpensFiles, OpensTokens},
};

/// The largest file of which the first line is read.
#[cfg(feature = "files")]
const MAX_FILE: u64 = 4 << 10;

/// Characters of a passphrase for a new key. Four random words have more; scrypt makes each guess
/// cost 0.2 s, so 12 characters chosen by a person are the minimum that withstands a thief with a
/// few hundred machines.
const MIN_PASSPHRASE: usize = 12;

/// The secret that opens a key: wiped when dropped, never shown, never empty.
///
/// It is used byte for byte as typed, without Unicode normalisation, because neither openssl nor a
/// token does any.
pub struct Secret<K> {
    text: Zeroizing<String>,
    typed: bool,
    kind: PhantomData<K>,
}

/// What opens a key file.
pub type Passphrase = Secret<OpensFiles>;

/// What opens a token.
pub type Pin = Secret<OpensTokens>;

impl<K: Opens> Secret<K> {
    /// The secret that somebody typed at a prompt, without the line ending.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`] if it is empty.
    pub fn from_prompt(typed: impl Into<Zeroizing<String>>) -> Result<Self, SecretError> {
        Self::not_empty(typed.into(), true, || "the answer".to_owned())
    }

    /// The first line of a file, without the line ending. **Also check**
    /// [`is_readable_by_others`](crate::files::is_readable_by_others), and warn.
    ///
    /// # Errors
    ///
    /// [`SecretError::Unreadable`] if the file cannot be read, is too large or is not UTF-8;
    /// [`SecretError::Missing`] if the line is empty.
    #[cfg(feature = "files")]
    pub fn from_file(path: &std::path::Path) -> Result<Self, SecretError> {
        let origin = || format!("the file `{}`", path.display());
        let text = crate::files::read_secret_text(path, MAX_FILE)
            .map_err(|source| SecretError::unreadable::<K>(origin(), source))?;
        let line = text.lines().next().unwrap_or_default().to_owned();
        Self::not_empty(Zeroizing::new(line), false, origin)
    }

    /// The value of an environment variable. Other processes of the same user can read it.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`] if it is empty or not set; [`SecretError::Unreadable`] if it is not
    /// UTF-8.
    pub fn from_env(variable: &str) -> Result<Self, SecretError> {
        let origin = || format!("the environment variable `{variable}`");
        match std::env::var(variable) {
            Ok(value) => Self::not_empty(Zeroizing::new(value), false, origin),
            Err(VarError::NotPresent) => Err(SecretError::missing::<K>(origin())),
            Err(VarError::NotUnicode(_)) => {
                let source = io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
                Err(SecretError::unreadable::<K>(origin(), source))
            }
        }
    }

    /// Whether a person typed it just now, and so knows which one it is.
    pub fn is_typed(&self) -> bool {
        self.typed
    }

    /// The secret itself, for what it opens and for nothing else.
    pub fn expose(&self) -> &str {
        &self.text
    }

    fn not_empty(
        text: Zeroizing<String>,
        typed: bool,
        origin: impl FnOnce() -> String,
    ) -> Result<Self, SecretError> {
        if text.is_empty() {
            return Err(SecretError::missing::<K>(origin()));
        }
        Ok(Self { text, typed, kind: PhantomData })
    }
}

impl Passphrase {
    /// Refuses a passphrase that is too short for a new key. Existing keys open with the passphrase
    /// that they were encrypted with, however short.
    ///
    /// # Errors
    ///
    /// [`SecretError::TooShort`] if it has fewer than 12 characters.
    pub fn check_for_new_key(&self) -> Result<(), SecretError> {
        let found = self.text.chars().count();
        if found < MIN_PASSPHRASE {
            return Err(SecretError::TooShort { found, minimum: MIN_PASSPHRASE });
        }
        Ok(())
    }
}

impl<K> Clone for Secret<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), typed: self.typed, kind: PhantomData }
    }
}

impl<K: Opens> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(…)", K::KIND)
    }
}
