//! The verifier's own key, with which it signs receipts.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use vernet_common::{Algorithm, NumericDate, SecretKey, Signed};
use vernet_host::{
    KeyFile, KeyFileError, Passphrase,
    files::{FileError, is_readable_by_others},
};
use vernet_verifier::receipt::{Checked, Receipt, VerifierName};

/// Who signs.
pub(crate) struct ReceiptSigner {
    key: SecretKey,
    name: VerifierName,
}

impl ReceiptSigner {
    pub(crate) fn new(key: SecretKey, name: VerifierName) -> Self {
        Self { key, name }
    }

    /// A receipt of this check, and the text that is filed. `now` is the real clock.
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

impl PassphraseArgs {
    /// Opens a key. What is wrong with its file is known before anybody is asked.
    pub(crate) fn open(&self, file: &Path) -> Result<SecretKey> {
        let open = || {
            let encrypted = KeyFile::open(file)?;
            let stored = stored_passphrase(self.passphrase_file.as_deref())?;
            let passphrase = stored.map_or_else(|| prompt("Passphrase of the key: "), Ok)?;
            encrypted.decrypt(&passphrase)
        };
        open().map_err(coded).with_context(|| format!("opening the key `{}`", file.display()))
    }

    /// The passphrase for a new key: typed twice if it is typed.
    pub(crate) fn for_new_key(&self) -> Result<Passphrase> {
        let passphrase = match stored_passphrase(self.passphrase_file.as_deref()).map_err(coded)? {
            Some(stored) => stored,
            None => {
                let first = prompt_text("New passphrase of the key: ").map_err(coded)?;
                if first != prompt_text("The same again: ").map_err(coded)? {
                    anyhow::bail!("the two are not the same: nothing was written");
                }
                Passphrase::from_prompt(first).map_err(coded)?
            }
        };
        passphrase.check_for_new_key().map_err(coded)?;
        Ok(passphrase)
    }
}

/// A passphrase that nobody has to type: in a file, or in the environment.
pub(crate) fn stored_passphrase(file: Option<&Path>) -> Result<Option<Passphrase>, KeyFileError> {
    if let Some(file) = file {
        if is_readable_by_others(file).unwrap_or(false) {
            anstream::eprintln!(
                "warning: `{}` can be read by other users of this machine",
                file.display()
            );
        }
        return Passphrase::from_file(file).map(Some);
    }
    match std::env::var_os("VERNET_PASSPHRASE") {
        Some(_) => Passphrase::from_env("VERNET_PASSPHRASE").map(Some),
        None => Ok(None),
    }
}

fn prompt(question: &str) -> Result<Passphrase, KeyFileError> {
    Passphrase::from_prompt(prompt_text(question)?)
}

fn prompt_text(question: &str) -> Result<String, KeyFileError> {
    if !std::io::stdin().is_terminal() {
        return Err(no_passphrase());
    }
    rpassword::prompt_password(question).map_err(|source| KeyFileError::PassphraseUnreadable {
        origin: "the terminal".into(),
        source,
    })
}

/// Nothing was said of it, and nobody can be asked.
pub(crate) fn no_passphrase() -> KeyFileError {
    KeyFileError::PassphraseMissing {
        origin: "a passphrase file or VERNET_PASSPHRASE, and nobody can be asked here".into(),
    }
}

/// With its code, by which programs know it.
pub(crate) fn coded(error: KeyFileError) -> anyhow::Error {
    let code = error.code();
    anyhow::anyhow!("{error} [{code}]")
}

/// The same for files.
pub(crate) fn coded_file(error: FileError) -> anyhow::Error {
    let code = error.code();
    anyhow::anyhow!("{error} [{code}]")
}
