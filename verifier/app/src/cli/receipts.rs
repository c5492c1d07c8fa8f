//! Receipts that `check` writes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use vernet_host::{FileError, clock, files::write_new};
use vernet_verifier::receipt::{Checked, Receipt, VerifierName};

use crate::{
    archive::stamp,
    signing::{PassphraseArgs, ReceiptSigner},
};

#[derive(Args)]
pub(super) struct ReceiptArgs {
    /// Write a signed receipt of the check to this new file; or one for each certificate into this
    /// folder, if there is one
    #[arg(long, value_name = "FILE|DIR")]
    receipt: Option<PathBuf>,
    /// The key that signs receipts, made with `keys new --use receipt`
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_RECEIPT_KEY")]
    receipt_key: Option<PathBuf>,
    /// What you call yourself in receipts, as in `Ullevål sykehus`
    #[arg(long, value_name = "NAME", env = "VERNET_VERIFIER_RECEIPT_NAME")]
    receipt_name: Option<VerifierName>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// Signs receipts and writes them to files.
pub(super) struct ReceiptWriter {
    signer: ReceiptSigner,
    place: PathBuf,
    is_folder: bool,
}

/// A receipt that was written.
pub(super) struct Filed {
    pub(super) file: PathBuf,
    pub(super) jws: String,
}

impl ReceiptArgs {
    /// The writer, if receipts are wanted. Wrong settings are reported before anything is checked.
    pub(super) fn writer(&self, inputs: usize) -> Result<Option<ReceiptWriter>> {
        let Some(place) = self.receipt.clone() else { return Ok(None) };
        let key = self.receipt_key.as_deref().context(
            "a receipt needs a key: give `--receipt-key FILE`, made with `vernet-verifier keys new --use receipt`",
        )?;
        let name = self
            .receipt_name
            .clone()
            .context("a receipt says whose it is: give `--receipt-name NAME`")?;
        let is_folder = place.is_dir();
        if !is_folder && place.exists() {
            return Err(FileError::Exists { path: place }.into());
        }
        let writer = ReceiptWriter {
            signer: ReceiptSigner::new(self.passphrase.open(key)?, name),
            place,
            is_folder,
        };
        writer.has_room_for(inputs)?;
        Ok(Some(writer))
    }
}

impl ReceiptWriter {
    /// Whether the destination can take receipts for this many certificates.
    pub(super) fn has_room_for(&self, certificates: usize) -> Result<()> {
        if certificates > 1 && !self.is_folder {
            bail!(
                "there are {certificates} certificates, and a receipt is of one: give an existing folder with `--receipt DIR`"
            );
        }
        Ok(())
    }

    pub(super) fn file(&self, checked: &Checked<'_>) -> Result<Filed> {
        let (receipt, jws) = self.signer.sign(checked, clock()?)?;
        let file = match self.is_folder {
            false => write(&self.place, &jws).map(|()| self.place.clone()),
            true => self.write_into_folder(&receipt, &jws),
        };
        Ok(Filed { file: file?, jws })
    }

    /// `20261122T100000Z-n4bQgYhMfWWaL-qg.jwt`: when, and of which certificate; further checks in
    /// the same second are numbered.
    fn write_into_folder(&self, receipt: &Receipt, jws: &str) -> Result<PathBuf, FileError> {
        let certificate = receipt.certificate_sha256.map(String::from);
        let subject =
            certificate.or(receipt.input_sha256.map(|hash| hash.to_string())).unwrap_or_default();
        let name =
            format!("{}-{}", stamp(receipt.checked_at), subject.get(..16).unwrap_or_default());
        let mut number = 1;
        loop {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let file = self.place.join(format!("{name}{suffix}.jwt"));
            match write(&file, jws) {
                Err(FileError::Exists { .. }) if number < 1000 => number += 1,
                result => return result.map(|()| file),
            }
        }
    }
}

fn write(file: &Path, jws: &str) -> Result<(), FileError> {
    write_new(file, jws.as_bytes())
}
