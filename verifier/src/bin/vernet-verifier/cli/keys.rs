//! `keys`: the hospital's own keys.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use getrandom::{SysRng, rand_core::UnwrapErr};
use serde_json::json;
use vernet_common::{PublicKey, Signer};
use vernet_verifier::{
    KeyFile,
    files::{FileError, write_new},
};

use super::{Global, printable, printable_json};
use crate::{
    signing::{PassphraseArgs, coded, coded_file},
    store::read_capped,
};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make a key, in an encrypted file; the public key goes beside it, as `.pub`
    New(NewArgs),
}

#[derive(Args)]
pub(super) struct NewArgs {
    /// What it will sign
    #[arg(long, value_enum)]
    r#use: Use,
    /// The file of the private key
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Use {
    /// Receipts of checks
    Receipt,
}

impl Use {
    fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
        }
    }
}

pub(super) fn run(global: &Global, command: &KeysCommand) -> Result<()> {
    let KeysCommand::New(args) = command;
    let (private, public) = (&args.out, args.out.with_extension("pub"));
    if public == *private {
        bail!("`{}` is where the public half goes: give another name, as in `receipt.pem`", public.display());
    }
    for taken in [&public, private] {
        if taken.exists() {
            return Err(coded_file(FileError::Exists { path: taken.clone() }));
        }
    }
    let passphrase = args.passphrase.for_new_key()?;
    let mut random = UnwrapErr(SysRng);
    // An id that begins with a hyphen is a nuisance on a command line.
    let key = std::iter::repeat_with(|| KeyFile::generate(&mut random))
        .find(|key| !key.public_key().kid().as_str().starts_with('-'))
        .context("making a key")?;
    KeyFile::write_new(private, &key, &passphrase, &mut random).map_err(coded)?;
    write_new(&public, &serde_json::to_vec(&key.public_key())?).map_err(coded_file)?;
    let (kid, word) = (key.public_key().kid(), args.r#use.word());
    if global.json {
        let object = json!({ "kid": kid, "use": word, "private": private.display().to_string(), "public": public.display().to_string() });
        anstream::println!("{}", printable_json(&object.to_string()));
        return Ok(());
    }
    anstream::println!(
        "{word} key {kid}: private half in {}, public half in {}, which whoever reads your receipts needs for as long as they do",
        printable(&private.display().to_string()),
        printable(&public.display().to_string())
    );
    Ok(())
}

/// A public key, as in a `.pub` file.
pub(super) fn read_public_key(file: &Path) -> Result<PublicKey> {
    let read = || Ok::<PublicKey, anyhow::Error>(serde_json::from_slice(&read_capped(file, 8 * 1024)?)?);
    read().with_context(|| format!("reading the public key `{}`", file.display()))
}
