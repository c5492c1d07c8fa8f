//! The verifier's own key, with which it signs receipts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use vernet_common::{Algorithm, NumericDate, SecretKey, Signed};
#[cfg(feature = "serve")]
use vernet_host::SecretKind;
use vernet_host::{KeyFile, Passphrase, SecretError};
use vernet_verifier::receipt::{Checked, Receipt, VerifierName};

/// The signer of receipts: its key and name.
pub(crate) struct ReceiptSigner {
    key: SecretKey,
    name: VerifierName,
}

impl ReceiptSigner {
    pub(crate) fn new(key: SecretKey, name: VerifierName) -> Self {
        Self { key, name }
    }

    /// A receipt of this check, and its text for storage. `now` is the real time.
    pub(crate) fn sign(
        &self,
        checked: &Checked<'_>,
        now: NumericDate,
    ) -> Result<(Receipt, String)> {
        let receipt = checked.receipt(&self.name, now);
        let signed =
            Signed::sign(&receipt, Algorithm::EdDsa, &self.key).context("signing the receipt")?;
        Ok((receipt, signed.as_str().to_owned()))
    }
}

/// Where the passphrase of a key comes from.
#[derive(Args)]
pub(crate) struct PassphraseArgs {
    /// A file whose first line is the passphrase of the key; else $VERNET_PASSPHRASE, else it is
    /// asked for
    #[arg(long, value_name = "FILE", env = "VERNET_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// How to provide a passphrase without a prompt.
const ELSEWHERE: &str = "a passphrase file or VERNET_PASSPHRASE";

impl PassphraseArgs {
    /// Opens a key. Errors in its file are reported before anybody is asked for the passphrase.
    pub(crate) fn open(&self, file: &Path) -> Result<SecretKey> {
        open_key(file, || match stored_passphrase(self.passphrase_file.as_deref())? {
            Some(stored) => Ok(stored),
            None => Passphrase::ask("Passphrase of the key: ", ELSEWHERE),
        })
    }

    /// The passphrase for a new key: typed twice if it is typed.
    pub(crate) fn for_new_key(&self) -> Result<Passphrase> {
        let passphrase = match stored_passphrase(self.passphrase_file.as_deref())? {
            Some(stored) => stored,
            None => Passphrase::ask_twice("New passphrase of the key: ", ELSEWHERE)?,
        };
        passphrase.check_for_new_key()?;
        Ok(passphrase)
    }
}

/// Opens a key without a prompt for its passphrase.
#[cfg(feature = "serve")]
pub(crate) fn open_unattended(file: &Path, passphrase_file: Option<&Path>) -> Result<SecretKey> {
    open_key(file, || {
        stored_passphrase(passphrase_file)?.ok_or_else(|| SecretError::Missing {
            kind: SecretKind::Passphrase,
            origin: format!("{ELSEWHERE}, and nobody can be asked here"),
        })
    })
}

fn open_key(
    file: &Path,
    passphrase: impl FnOnce() -> Result<Passphrase, SecretError>,
) -> Result<SecretKey> {
    let open = || {
        let encrypted = KeyFile::open(file)?;
        encrypted.decrypt(&passphrase()?)
    };
    open().with_context(|| format!("opening the key `{}`", file.display()))
}

/// A passphrase from a file or the environment.
fn stored_passphrase(file: Option<&Path>) -> Result<Option<Passphrase>, SecretError> {
    Passphrase::stored(file, Some("VERNET_PASSPHRASE"))
}
