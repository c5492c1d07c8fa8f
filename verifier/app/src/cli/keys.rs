//! `keys`: the verifier's own keys.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use vernet_common::{PublicKey, Signer, Witness, WitnessName};
use vernet_host::{
    FileError, KeyFile,
    files::{read_capped, write_new},
    printable, printable_json, random,
};

use crate::{global::Global, signing::PassphraseArgs};

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
    /// The name of the witness, a URL without its scheme that nobody else uses, as in
    /// `hospital.example.no/vernet`
    #[arg(long, required_if_eq("use", "witness"))]
    name: Option<WitnessName>,
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
    /// Cosignatures of an office's log
    Witness,
}

impl Use {
    fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Witness => "witness",
        }
    }
}

pub(super) fn run(global: &Global, command: &KeysCommand) -> Result<()> {
    let KeysCommand::New(args) = command;
    let (private, public) = (&args.out, args.out.with_extension("pub"));
    if public == *private {
        bail!(
            "`{}` is where the public half goes: give another name, as in `receipt.pem`",
            public.display()
        );
    }
    match (args.r#use, &args.name) {
        (Use::Receipt, Some(_)) => {
            bail!("a key for receipts has no name: receipts are given one with `--receipt-name`")
        }
        (Use::Witness, None) => bail!("a witness needs a `--name`"),
        (Use::Witness, Some(name)) if name.as_str().contains("://") => {
            bail!(
                "`--name` is `{name}`, expected a URL without its scheme, as in `hospital.example.no/vernet`"
            )
        }
        _ => {}
    }
    for taken in [&public, private] {
        if taken.exists() {
            return Err(FileError::Exists { path: taken.clone() }.into());
        }
    }
    let passphrase = args.passphrase.for_new_key()?;
    let mut random = random();
    // A command line would take an id that begins with a hyphen for an option.
    let key = std::iter::repeat_with(|| KeyFile::generate(&mut random))
        .find(|key| !key.public_key().kid().as_str().starts_with('-'))
        .context("making a key")?;
    KeyFile::write_new(private, &key, &passphrase, &mut random)?;
    let witness = args.name.clone().map(|name| Witness { key: key.public_key(), name });
    // Offices get the witness's name exactly as the file states it.
    let public_half = witness
        .as_ref()
        .map_or_else(|| serde_json::to_vec(&key.public_key()), serde_json::to_vec)?;
    write_new(&public, &public_half)?;
    let (kid, word) = (key.public_key().kid(), args.r#use.word());
    let files = [private, &public].map(|file| file.display().to_string());
    if global.json {
        let mut object =
            json!({ "kid": kid, "use": word, "private": files[0], "public": files[1] });
        if let Some(witness) = &witness {
            (object["witness"], object["vkey"]) = (json!(witness), witness.verifier_key().into());
        }
        anstream::println!("{}", printable_json(&object));
        return Ok(());
    }
    let [private, public] = files.map(|file| printable(&file));
    let Some(witness) = &witness else {
        anstream::println!(
            "{word} key {kid}: private half in {private}, public half in {public}, which whoever reads your receipts needs for as long as they do"
        );
        return Ok(());
    };
    anstream::println!("{word} key {kid}: private half in {private}, public half in {public}");
    anstream::println!(
        "for offices that run Vernet, which enter it in their office.json with the URL of this witness:"
    );
    anstream::println!("  {}", serde_json::to_string(witness)?);
    anstream::println!("for other software (C2SP vkey):");
    anstream::println!("  {}", witness.verifier_key());
    Ok(())
}

/// A public key, as in a `.pub` file.
pub(super) fn read_public_key(file: &Path) -> Result<PublicKey> {
    let read = || {
        let bytes = read_capped(file, 8 * 1024)?;
        serde_json::from_slice(&bytes)
            .context("it holds no public key, expected the file `.pub` that `keys new` wrote beside the private one")
    };
    read().with_context(|| format!("reading the public key `{}`", file.display()))
}
