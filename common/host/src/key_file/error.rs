//! Why key files are not written or opened.

use std::{io, path::PathBuf};

use pkcs8::ObjectIdentifier;

use crate::{file_error::FileError, secret::SecretError};

vernet_common::error_enum! {
    /// Why a key file cannot be written or read, or a passphrase is not accepted.
    #[derive(Debug, thiserror::Error)]
    pub enum KeyFileError {
        /// The file exists. Keys are never overwritten.
        #[error("the key file `{path}` exists already and is not overwritten", path = path.display())]
        Exists: "key_file_exists" {
            /// The file.
            path: PathBuf,
        },
        /// The file cannot be written.
        #[error("the key file was not written: {source}")]
        NotWritten: "key_file_not_written" {
            /// Why.
            #[from]
            source: FileError,
        },
        /// The file cannot be read.
        #[error("cannot read the key file `{path}`: {source}", path = path.display())]
        Unreadable: "key_file_unreadable" {
            /// The file.
            path: PathBuf,
            /// The system's answer.
            source: io::Error,
        },
        /// The content of the file is damaged or contradicts itself.
        #[error("the key file is damaged: {reason}")]
        Damaged: "key_file_damaged" {
            /// What is wrong.
            reason: &'static str,
        },
        /// The file holds the key in clear text. Anybody who saw the file has the key: encrypting
        /// it now does not help.
        #[error(
            "the private key is not encrypted, found a `{found}` block, expected `ENCRYPTED PRIVATE KEY`"
        )]
        NotEncrypted: "key_not_encrypted" {
            /// The label of the PEM block.
            found: String,
        },
        /// The file holds something else, for instance a certificate or a public key.
        #[error("the file holds a `{found}` block, expected `ENCRYPTED PRIVATE KEY`")]
        NotAKey: "key_file_not_a_key" {
            /// The label of the PEM block.
            found: String,
        },
        /// The key is for another algorithm.
        #[error("the private key is for the algorithm `{found}`, expected Ed25519 (`1.3.101.112`)")]
        NotEd25519: "key_not_ed25519" {
            /// The algorithm's object identifier.
            found: ObjectIdentifier,
        },
        /// The file is encrypted in a way that this program does not support, mostly because it is
        /// obsolete.
        #[error(
            "the encryption of the key file is not supported, expected PBES2 with scrypt or PBKDF2 (SHA-2), and AES"
        )]
        EncryptionUnsupported: "key_encryption_unsupported",
        /// The file's parameters ask for more memory or time than those of any honest file.
        #[error("the key file asks for {what}, at most {limit} is allowed")]
        CostTooHigh: "key_cost_too_high" {
            /// What it asks for.
            what: String,
            /// What is allowed.
            limit: String,
        },
        /// The passphrase does not open the file, or the encrypted part is damaged, which looks the
        /// same.
        #[error("the passphrase is wrong, or the encrypted part of the key file is damaged")]
        PassphraseWrong: "passphrase_wrong",
        /// The new passphrase opens the file already.
        #[error("the new passphrase is the one that opens the key file now, expected another one")]
        PassphraseSame: "passphrase_same",
        /// There is no passphrase, or it is not accepted for a new key.
        #[error(transparent)]
        Secret: _ (#[from] SecretError),
    }
}
