//! What opens a key file.

use std::{fmt, io, path::Path};

use zeroize::Zeroizing;

use super::{KeyFileError, read_secret_text};

/// The largest passphrase file of which the first line is read.
const MAX_PASSPHRASE_FILE: u64 = 4 << 10;

/// Characters of a passphrase for a new key. Four random words have more; scrypt makes each guess
/// cost 0.2 s, so 12 characters that somebody thought up are the least that withstands a thief with
/// a few hundred machines.
const MIN_PASSPHRASE: usize = 12;

/// A passphrase: wiped when dropped, never shown, never empty.
///
/// It is used byte for byte as it was typed, without Unicode normalisation, because openssl does
/// none either.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase that somebody typed at a prompt, without the line's end.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseMissing`] if it is empty.
    pub fn from_prompt(typed: impl Into<Zeroizing<String>>) -> Result<Self, KeyFileError> {
        Self::not_empty(typed.into(), || "the answer".to_owned())
    }

    /// The first line of a file, without the line's end. **Also check**
    /// [`is_readable_by_others`](crate::files::is_readable_by_others), and warn.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseUnreadable`], [`KeyFileError::PassphraseMissing`] if the line is
    /// empty.
    pub fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        let origin = || format!("the file `{}`", path.display());
        let text = read_secret_text(path, MAX_PASSPHRASE_FILE)
            .map_err(|source| KeyFileError::PassphraseUnreadable { origin: origin(), source })?;
        Self::not_empty(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()), origin)
    }

    /// The value of an environment variable. Other processes of the same user can read it.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseMissing`], [`KeyFileError::PassphraseUnreadable`] if it is not
    /// UTF-8.
    pub fn from_env(variable: &str) -> Result<Self, KeyFileError> {
        let origin = || format!("the environment variable `{variable}`");
        match std::env::var(variable) {
            Ok(value) => Self::not_empty(Zeroizing::new(value), origin),
            Err(std::env::VarError::NotPresent) => {
                Err(KeyFileError::PassphraseMissing { origin: origin() })
            }
            Err(std::env::VarError::NotUnicode(_)) => Err(KeyFileError::PassphraseUnreadable {
                origin: origin(),
                source: io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
            }),
        }
    }

    /// Refuses a passphrase that is too short for a new key. Existing keys are opened with whatever
    /// they were encrypted with.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseTooShort`].
    pub fn check_for_new_key(&self) -> Result<(), KeyFileError> {
        let found = self.0.chars().count();
        if found < MIN_PASSPHRASE {
            return Err(KeyFileError::PassphraseTooShort { found, minimum: MIN_PASSPHRASE });
        }
        Ok(())
    }

    fn not_empty(
        text: Zeroizing<String>,
        origin: impl FnOnce() -> String,
    ) -> Result<Self, KeyFileError> {
        if text.is_empty() {
            return Err(KeyFileError::PassphraseMissing { origin: origin() });
        }
        Ok(Self(text))
    }

    /// The bytes, for deriving the key and for nothing else.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}
