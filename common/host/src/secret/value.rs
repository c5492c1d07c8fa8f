//! Passphrases and PINs.

use std::{env::VarError, fmt, io, marker::PhantomData};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{
    error::SecretError,
    kind::{Opens, OpensFiles, OpensTokens},
};

/// The largest file of which the first line is read.
#[cfg(feature = "files")]
const MAX_FILE: u64 = 4 << 10;

/// The byte order mark of UTF-8.
const MARK: char = '\u{feff}';

/// Characters of a passphrase for a new key. Four random words have more; scrypt makes each guess
/// cost 0.2 s, so 12 characters chosen by a person are the minimum that withstands a thief with a
/// few hundred machines.
const MIN_PASSPHRASE: usize = 12;

/// The secret that opens a key: wiped when dropped, never shown, never empty.
///
/// A PIN is used byte for byte as it was given, because a token does no Unicode normalisation. The
/// same passphrase may be given in several spellings (`å` as one character or as two, a byte order
/// mark before it), depending on keyboard, editor and system: new keys are encrypted with its
/// normalisation form C, which keyboards give, and existing ones are opened with whichever spelling
/// they were encrypted with.
pub struct Secret<K> {
    text: Zeroizing<String>,
    /// Whether a byte order mark stood before it.
    marked: bool,
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

    /// The first line of a file, without the line ending and without a byte order mark, which some
    /// editors write before it. **Also check**
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
        let line = text.lines().next().unwrap_or_default();
        let plain = line.strip_prefix(MARK).unwrap_or(line);
        let secret = Self::not_empty(Zeroizing::new(plain.to_owned()), false, origin)?;
        Ok(Self { marked: plain.len() < line.len(), ..secret })
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
        Ok(Self { text, marked: false, typed, kind: PhantomData })
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
        let found = self.for_new_key().chars().count();
        if found < MIN_PASSPHRASE {
            return Err(SecretError::TooShort { found, minimum: MIN_PASSPHRASE });
        }
        Ok(())
    }

    /// The spelling with which a new key is encrypted: normalisation form C.
    pub(crate) fn for_new_key(&self) -> Zeroizing<String> {
        collected(self.text.nfc(), self.text.len())
    }

    /// The spellings with which a key may have been encrypted, the one that was given first.
    pub(crate) fn spellings(&self) -> Vec<Zeroizing<String>> {
        let length = self.text.len();
        let mut spellings = vec![self.text.clone()];
        for other in [self.for_new_key(), collected(self.text.nfd(), length)] {
            if !spellings.contains(&other) {
                spellings.push(other);
            }
        }
        if self.marked {
            // Before the mark was left out, it was a part of the passphrase.
            spellings.push(collected([MARK].into_iter().chain(self.text.chars()), length));
        }
        spellings
    }
}

/// These characters, without a copy that is not wiped.
fn collected(characters: impl Iterator<Item = char>, length: usize) -> Zeroizing<String> {
    // Neither form makes UTF-8 more than three times as long (UAX #15), and a mark has 3 bytes.
    let mut text = Zeroizing::new(String::with_capacity(3 * length + 3));
    text.extend(characters);
    text
}

impl<K> Clone for Secret<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), marked: self.marked, typed: self.typed, kind: PhantomData }
    }
}

impl<K: Opens> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(…)", K::KIND)
    }
}
