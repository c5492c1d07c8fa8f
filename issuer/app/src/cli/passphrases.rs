//! `officers passphrase` and `keys passphrase`: other passphrases for key files.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use vernet_common::KeyId;
use vernet_host::random;
use vernet_issuer::{Credentials, Error, KeyLocation};

use super::{
    Session,
    credentials::{NewPassphraseArgs, SessionCredentials},
    terminal::shown,
};

#[derive(Args)]
pub(super) struct KeysPassphraseArgs {
    /// The ids of working keys of this office
    #[arg(value_name = "KID", required_unless_present_any = ["all", "file"])]
    kid: Vec<KeyId>,
    /// Every working key whose file is here: with one passphrase for all, a command asks once
    #[arg(long, conflicts_with_all = ["kid", "file"])]
    all: bool,
    /// The file of another key, for instance a root key's on its own machine; needs no office
    #[arg(long, value_name = "FILE", conflicts_with = "kid")]
    file: Option<KeyLocation>,
    #[command(flatten)]
    new: NewPassphraseArgs,
}

/// Changes the passphrase of the officer's own key.
pub(super) fn of_officer(session: &Session, new: &NewPassphraseArgs) -> Result<()> {
    let location = session.officer_location()?.clone();
    let object = json!({ "keys": [location.to_string()] });
    change(&[location], &session.credentials.of_officer(), new)?;
    session.answer_done(CHANGED, &object, || {
        format!("{CHANGED}. {COPIES} `vernet-issuer keys new --use officer`, `propose enrol`, then `officers end` for the old one")
    })
}

/// Changes the passphrase of the office's keys.
pub(super) fn of_keys(session: &Session, args: &KeysPassphraseArgs) -> Result<()> {
    let locations = match &args.file {
        Some(file) => vec![file.clone()],
        None => of_office(session, args)?,
    };
    change(&locations, &session.credentials.of_existing_keys(), &args.new)?;
    let files: Vec<_> = locations.iter().map(ToString::to_string).collect();
    session.answer_done(CHANGED, &json!({ "keys": files }), || {
        format!("{CHANGED}: {}. {COPIES} `vernet-issuer keys rotate USE`, a trust list, and `publish`; for a root key, `trust-list draft --roots`", files.join(", "))
    })
}

const CHANGED: &str = "the passphrase IS changed";

/// What a new passphrase cannot undo.
const COPIES: &str = "Copies of the old file, in backups too, still open with the old passphrase: if somebody who left knows it and may have one, only a new key helps:";

fn of_office(session: &Session, args: &KeysPassphraseArgs) -> Result<Vec<KeyLocation>> {
    let office = session.open()?;
    let known: Vec<KeyId> = office.keys().iter().map(|key| key.key.kid()).collect();
    if let Some(kid) = args.kid.iter().find(|kid| !known.contains(kid)) {
        return Err(vernet_register::Error::KeyUnknown { kid: *kid }.into());
    }
    let kids = if args.all { &known } else { &args.kid };
    let mut locations: Vec<_> = kids.iter().map(|kid| office.key_location(*kid)).collect();
    if args.all {
        locations.retain(|location| matches!(location, KeyLocation::File(file) if file.exists()));
        if locations.is_empty() {
            bail!("the office's folder holds no key in a file");
        }
    }
    Ok(locations)
}

/// Every key is opened with the old passphrase before the new one is asked for, and none is changed
/// before all were opened.
fn change(
    locations: &[KeyLocation],
    credentials: &SessionCredentials<'_>,
    new: &NewPassphraseArgs,
) -> Result<()> {
    let of = |location: &KeyLocation| format!("the key `{location}`");
    let mut files: Vec<&PathBuf> = Vec::new();
    for location in locations {
        let KeyLocation::File(file) = location else {
            return Err(Error::KeyInToken { location: location.to_string() }.into());
        };
        location.open(credentials).with_context(|| of(location))?;
        files.push(file);
    }
    let new = new.passphrase()?;
    let mut changed = Vec::new();
    for file in files {
        let old = credentials.passphrase(file)?;
        let done = vernet_issuer::KeyFile::change_passphrase(file, (&old, &new), &mut random());
        done.with_context(|| match changed.is_empty() {
            true => format!("the key `{}`, and nothing was changed", file.display()),
            false => format!(
                "the key `{}`; the passphrase IS changed of {}",
                file.display(),
                changed.join(", ")
            ),
        })?;
        changed.push(shown(file));
    }
    Ok(())
}
