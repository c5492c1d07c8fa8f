//! Key files on disk.

use std::path::Path;

use rand::CryptoRng;
use vernet_common::{SecretKey, Signer};

use super::{KeyFile, KeyFileError};
use crate::{
    file_error::FileError,
    files::{read_secret_text, replace_secret, write_new_secret},
    secret::Passphrase,
};

/// The largest key file: ours have under 500 bytes, and a text before the block may be of any
/// reasonable length.
const MAX_FILE: u64 = 16 << 10;

impl KeyFile {
    /// Encrypts a key and writes it to a new file with the permissions 0600. The file is decrypted
    /// again before it is written.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Exists`] if the file exists, [`KeyFileError::NotWritten`] if it cannot be
    /// written, [`SecretError::TooShort`](crate::SecretError::TooShort) if the passphrase is too
    /// short, [`KeyFileError::Damaged`] if decrypting does not give the key back.
    pub fn write_new<R: CryptoRng + ?Sized>(
        path: &Path,
        key: &SecretKey,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<(), KeyFileError> {
        let file = Self::encrypt(key, passphrase, rng)?;
        if file.decrypt(passphrase)?.public_key() != key.public_key() {
            return Err(KeyFileError::Damaged {
                reason: "it does not give back the key that was encrypted",
            });
        }
        write_new_secret(path, file.as_pem().as_bytes()).map_err(|source| match source {
            FileError::Exists { path } => KeyFileError::Exists { path },
            source => KeyFileError::NotWritten { source },
        })
    }

    /// Encrypts the key in a file with another passphrase. The file is replaced, with the permissions
    /// 0600, only after the new one was read back from the disk and gave the same key: until then the
    /// old one is there, whatever happens. Where the path is a link, the file that it names is
    /// replaced.
    ///
    /// **Copies of the old file still open with the old passphrase**: whoever may have one and knows
    /// it has the key, and then only a new key helps.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseWrong`] and the others of [`KeyFile::read`] if the old passphrase
    /// does not open it; [`KeyFileError::PassphraseSame`] if the new one is the old one;
    /// [`SecretError::TooShort`](crate::SecretError::TooShort) if it is too short;
    /// [`KeyFileError::NotWritten`] if the file cannot be written; [`KeyFileError::Damaged`] if
    /// decrypting does not give the key back.
    pub fn change_passphrase<R: CryptoRng + ?Sized>(
        path: &Path,
        (old, new): (&Passphrase, &Passphrase),
        rng: &mut R,
    ) -> Result<(), KeyFileError> {
        let path = &std::fs::canonicalize(path)
            .map_err(|source| KeyFileError::Unreadable { path: path.to_owned(), source })?;
        let before = Self::open(path)?;
        let key = before.decrypt(old)?;
        if before.decrypt(new).is_ok() {
            return Err(KeyFileError::PassphraseSame);
        }
        let file = Self::encrypt(&key, new, rng)?;
        replace_secret(path, file.as_pem().as_bytes(), |written| {
            if Self::read(written, new)?.public_key() != key.public_key() {
                return Err(KeyFileError::Damaged {
                    reason: "it does not give back the key that was encrypted",
                });
            }
            Ok(())
        })
    }

    /// Reads a file and decrypts its key.
    ///
    /// # Errors
    ///
    /// Those of [`KeyFile::open`] and [`KeyFile::decrypt`].
    pub fn read(path: &Path, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
        Self::open(path)?.decrypt(passphrase)
    }

    /// Reads a file without decrypting it, so that errors are found before anybody is asked for a
    /// passphrase.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Unreadable`] if the file cannot be read, or those of [`KeyFile::parse`].
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_secret_text(path, MAX_FILE)
            .map_err(|source| KeyFileError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
    }
}
