//! `keys`: working keys in the office, and root keys on whatever machine they are made.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{Table, presets};
use serde_json::json;
use vernet_applications::InboxKey;
use vernet_common::{HttpsUrl, KeyId, KeyUse, NumericDate, Roots, TrustAnchor};
use vernet_host::{clock, note, parse_time, random};
use vernet_issuer::{
    FileError, KeyFile, KeyLocation, KeyState, MadeKey, Office, OfficeKey, TokenReference,
    TokenUri, write_new,
};
use vernet_register::{Digest, ReissueReason};

use super::{
    Session,
    credentials::PlaceArgs,
    decisions::public_key,
    passphrases::{self, KeysPassphraseArgs},
    terminal::{in_fours, shown},
};

/// How long a working key may sign, unless it is retired before.
pub(super) const KEY_LIFE_YEARS: u8 = 3;

/// How long the old key may still sign after a rotation: verifiers must have the trust list with
/// the new one by then.
const OVERLAP_DAYS: i64 = 30;

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make a key, in an encrypted file or in a token: a working key of this office; or a root key,
    /// an officer's or the inbox's, by a file of its own
    #[command(visible_alias = "add")]
    New(NewArgs),
    /// Gather public root keys into a `roots.json`
    Roots(RootsArgs),
    /// List the office's working keys
    List,
    /// Make a new working key and retire the one in use in 30 days
    Rotate {
        /// Which
        r#use: WorkingUse,
        #[command(flatten)]
        place: PlaceArgs,
        /// Make it in a file although the one in use is in a token
        #[arg(long, conflicts_with = "token")]
        in_file: bool,
    },
    /// Change the passphrase of working keys, or of another key's file
    Passphrase(KeysPassphraseArgs),
    /// Plan the end of a working key; what it signed before stays good
    Retire {
        /// The key's id
        kid: KeyId,
        /// When; now if not given
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        at: Option<NumericDate>,
    },
    /// Record that somebody else may hold a working key: from the next trust list on, what it
    /// signed is refused, but certificates that were recorded before
    Compromised {
        /// The key's id
        kid: KeyId,
        /// Since when, earlier rather than later: as in `2026-11-22T10:00:00Z`, or `2026-11-22`
        /// for the start of that day in Oslo
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        since: NumericDate,
    },
}

#[derive(Args)]
pub(super) struct NewArgs {
    /// What it will sign
    #[arg(long, value_enum)]
    r#use: AnyUse,
    /// For a root key, an officer's or the inbox's: the file of the private key, or the `.pkcs11` file that
    /// says where in a token it is; the public key goes beside it, as `.pub`
    #[arg(long, value_name = "FILE", required_if_eq_any([("use", "root"), ("use", "officer"), ("use", "inbox")]))]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(super) struct RootsArgs {
    /// The issuer's URL
    #[arg(long, value_name = "URL")]
    iss: HttpsUrl,
    /// How many of them must sign a trust list
    #[arg(long, default_value_t = 2)]
    threshold: u8,
    /// The number of the trust list that brings these roots: 1 in a new office, else that of the
    /// list they were drafted into
    #[arg(long, default_value_t = 1)]
    seq: u64,
    /// Where to write the `roots.json`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The public root keys, `.pub` files of `keys new --use root`
    #[arg(required = true, value_name = "FILE")]
    keys: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum AnyUse {
    /// Certificates
    Certificate,
    /// Status lists
    Status,
    /// Checkpoints of the issued log
    Log,
    /// Trust lists; kept offline
    Root,
    /// What applicants send and are answered, if the office has an inbox; kept at the office
    Inbox,
    /// What an officer decides; kept by the officer
    Officer,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum WorkingUse {
    /// Certificates
    Certificate,
    /// Status lists
    Status,
    /// Checkpoints of the issued log
    Log,
}

impl From<WorkingUse> for KeyUse {
    fn from(r#use: WorkingUse) -> Self {
        match r#use {
            WorkingUse::Certificate => Self::Certificate,
            WorkingUse::Status => Self::Status,
            WorkingUse::Log => Self::Log,
        }
    }
}

pub(super) fn end_of_life(now: NumericDate, years: u8) -> NumericDate {
    now.civil_date().plus_years(years.into()).start()
}

pub(super) fn run(session: &Session, command: &KeysCommand) -> Result<()> {
    match command {
        KeysCommand::New(args) => match args.r#use {
            AnyUse::Root => new_own(session, "root", out(args)?, &args.place),
            AnyUse::Inbox => new_inbox(session, out(args)?, &args.place),
            AnyUse::Officer => new_own(session, "officer", out(args)?, &args.place),
            AnyUse::Certificate => new_working(session, KeyUse::Certificate, &args.place),
            AnyUse::Status => new_working(session, KeyUse::Status, &args.place),
            AnyUse::Log => new_working(session, KeyUse::Log, &args.place),
        },
        KeysCommand::Roots(args) => roots(session, args),
        KeysCommand::List => list(session),
        KeysCommand::Rotate { r#use, place, in_file } => {
            rotate(session, (*r#use).into(), place, *in_file)
        }
        KeysCommand::Passphrase(args) => passphrases::of_keys(session, args),
        KeysCommand::Retire { kid, at } => {
            let (mut office, officer) = (session.open()?, session.officer()?);
            let at = session.as_of_now(&mut office, |office, now| {
                let at = at.unwrap_or(now);
                office.retire_key(*kid, at, &*officer, now).map(|()| at)
            })?;
            announce(
                session,
                &json!({ "kid": kid, "retired_at": at.to_string() }),
                &format!("{kid} is retired"),
            )
        }
        KeysCommand::Compromised { kid, since } => {
            let (mut office, officer) = (session.open()?, session.officer()?);
            session.as_of_now(&mut office, |office, now| {
                office.compromise_key(*kid, *since, &*officer, now)
            })?;
            let anew = office
                .register()
                .certificates_of_key(*kid, ReissueReason::KeyRotation, clock()?)
                .count();
            let log_size =
                office.keys().iter().find(|key| key.key.kid() == *kid).and_then(|key| key.log_size);
            let object = json!({ "kid": kid, "compromised_at": since.to_string(), "log_size": log_size, "to_sign_anew": anew });
            let kept = log_size.map_or_else(String::new, |size| {
                format!(
                    ". Those it signed of the first {size} certificates stay good, on the paper that people have; {anew} must be signed anew, see \
                     `vernet-issuer due`"
                )
            });
            announce(session, &object, &format!("{kid} is compromised since {since}{kept}"))
        }
    }
}

fn announce(session: &Session, object: &serde_json::Value, what: &str) -> Result<()> {
    session.answer_done("the register HAS it", object, || {
        format!(
            "{what}. It counts once a trust list says so: vernet-issuer trust-list draft, sign, accept; then publish"
        )
    })
}

fn new_working(session: &Session, r#use: KeyUse, place: &PlaceArgs) -> Result<()> {
    let (mut office, officer, place) =
        (session.open()?, session.officer()?, place.prepare(&session.credentials)?);
    // After the passphrase: people take their time to type it, and others may decide meanwhile.
    let now = session.checked_clock(&office)?;
    let end = end_of_life(now, KEY_LIFE_YEARS);
    let made = office.add_key(r#use, end, place.new_key(), (&*officer, now), &mut random())?;
    let kid = made.public.kid();
    let object =
        json!({ "kid": kid, "use": r#use, "file": shown(&made.file), "token": token(&made) });
    announce(session, &object, &format!("{} key {kid}{}", r#use.as_str(), in_token(&made)))
}

/// Where in a token a key is, for programs.
pub(super) fn token(made: &MadeKey) -> Option<String> {
    made.token.as_ref().map(TokenUri::to_string)
}

/// Where in a token a key is, for people; with a warning if there may be copies elsewhere.
pub(super) fn in_token(made: &MadeKey) -> String {
    let Some(uri) = &made.token else { return String::new() };
    if made.may_have_copies {
        note(format_args!(
            "warning: the token does not say that key {} was made in it and could never leave it: there may be copies",
            made.public.kid()
        ));
    }
    format!(" in the token, {}", uri.key())
}

fn rotate(session: &Session, r#use: KeyUse, place: &PlaceArgs, in_file: bool) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    if place.token().is_none() && !in_file && is_in_token(&office, r#use)? {
        bail!(
            "the {} key in use is in a token: give `--token URI` for the new one, or `--in-file` to leave the token",
            r#use.as_str()
        );
    }
    let place = place.prepare(&session.credentials)?;
    let now = session.checked_clock(&office)?;
    let mut old = Vec::new();
    for key in office.keys().into_iter().filter(|key| key.r#use == r#use) {
        if office.key_state(&key, now)? == KeyState::InUse {
            old.push(key.key.kid());
        }
    }
    let end = end_of_life(now, KEY_LIFE_YEARS);
    let made = office.add_key(r#use, end, place.new_key(), (&*officer, now), &mut random())?;
    let kid = made.public.kid();
    let ends = now.plus_seconds(OVERLAP_DAYS * 86_400);
    for old in &old {
        office.retire_key(*old, ends, &*officer, now)?;
    }
    let object = json!({
        "kid": kid,
        "use": r#use,
        "file": shown(&made.file),
        "token": token(&made),
        "retired": old,
        "retired_at": ends.to_string(),
    });
    let what = format!(
        "new {} key {kid}{}; the old one signs until {ends} at the latest",
        r#use.as_str(),
        in_token(&made)
    );
    announce(session, &object, &what)
}

/// If the current key is in a token, the next must not end up in a file because an option was
/// forgotten.
fn is_in_token(office: &Office, r#use: KeyUse) -> Result<bool> {
    let now = clock()?;
    for key in office.keys().into_iter().filter(|key| key.r#use == r#use) {
        if office.key_state(&key, now)? == KeyState::InUse
            && matches!(office.key_location(key.key.kid()), KeyLocation::Reference(_))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn list(session: &Session) -> Result<()> {
    let office = session.open()?;
    let now = session.reading_clock(&office)?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "key",
        "use",
        "state",
        "from",
        "to",
        "private half",
    ]);
    let mut objects = Vec::new();
    for key in office.keys() {
        let state = office.key_state(&key, now)?;
        let OfficeKey { r#use, not_before, not_after, .. } = key;
        let (here, private) = match office.key_location(key.key.kid()) {
            KeyLocation::File(file) if file.exists() => (true, "here"),
            KeyLocation::File(_) => (false, "elsewhere"),
            KeyLocation::Reference(_) | KeyLocation::Token(_) => (true, "in a token"),
        };
        objects.push(json!({
            "kid": key.key.kid(),
            "use": r#use,
            "state": state.word(),
            "not_before": not_before.to_string(),
            "not_after": not_after.to_string(),
            "compromised_at": key.compromised_at.map(|at| at.to_string()),
            "log_size": key.log_size,
            "private_key_here": here,
            "in_token": private == "in a token",
        }));
        let (from, to) = (not_before.civil_date().to_string(), not_after.civil_date().to_string());
        table.add_row([
            key.key.kid().as_str(),
            r#use.as_str(),
            &state.word().replace('_', " "),
            &from,
            &to,
            private,
        ]);
    }
    session.answer(&json!(objects), || table.to_string())
}

fn out(args: &NewArgs) -> Result<&Path> {
    args.out.as_deref().context("give `--out FILE` for the private key")
}

/// Makes a root key or an officer's key. Needs no office: it runs on the offline machine, or on the
/// officer's own.
fn new_own(session: &Session, r#use: &str, file: &Path, place: &PlaceArgs) -> Result<()> {
    let public = file.with_extension("pub");
    if public == file {
        bail!(
            "`{}` is where the public half goes: give another name, as in `root.pem`",
            public.display()
        );
    }
    let is_reference =
        file.extension().is_some_and(|extension| extension == TokenReference::EXTENSION);
    if place.token().is_some() != is_reference {
        bail!(
            "a key in a token has a file that ends in `.pkcs11`, and no other key has: give another name with `--out`"
        );
    }
    for taken in [public.as_path(), file] {
        if taken.exists() {
            return Err(FileError::Exists { path: taken.to_owned() }.into());
        }
    }
    let place = place.prepare(&session.credentials)?;
    let made = place.new_key().make(&|_, _| file.to_owned(), &|_| Ok(()), &mut random())?;
    write_new(&public, &serde_json::to_vec(&made.public)?)?;
    let kid = made.public.kid();
    let where_in_token = in_token(&made);
    let object = json!({ "kid": kid, "private": shown(file), "public": shown(&public), "token": token(&made) });
    session.answer_done("the key is made", &object, || {
        let keep =
            if r#use == "root" { "keep it offline" } else { "it signs for the officer: nobody else may have it" };
        let (file, public) = (file.display(), public.display());
        match &made.token {
            None => format!("{} key {kid}: private half in {file} ({keep}), public half in {public}", r#use),
            Some(_) => {
                format!("{} key {kid}{where_in_token} ({keep}), named by {file}, public half in {public}", r#use)
            }
        }
    })
}

/// Makes the key of an inbox. What opens what applicants send must be there to be derived from, so it is
/// in a file.
fn new_inbox(session: &Session, file: &Path, place: &PlaceArgs) -> Result<()> {
    if place.token().is_some() {
        bail!("an inbox key is in a file: it opens what applicants send, and tokens only sign");
    }
    let public = file.with_extension("pub");
    for taken in [public.as_path(), file] {
        if taken.exists() || public == file {
            return Err(FileError::Exists { path: taken.to_owned() }.into());
        }
    }
    let passphrase = session.credentials.new_passphrase()?;
    let secret = KeyFile::generate(&mut random());
    KeyFile::write_new(file, &secret, &passphrase, &mut random())?;
    let key = InboxKey::new(secret).public();
    write_new(&public, &serde_json::to_vec(&key)?)?;
    let kid = key.key.kid();
    let object = json!({ "kid": kid, "private": shown(file), "public": shown(&public) });
    session.answer_done("the key is made", &object, || {
        let (file, public) = (file.display(), public.display());
        format!("inbox key {kid}: private half in {file} (keep it at the office), public half in {public} (give it to the inbox)")
    })
}

fn roots(session: &Session, args: &RootsArgs) -> Result<()> {
    let roots = Roots {
        keys: args.keys.iter().map(public_key).collect::<Result<_>>()?,
        threshold: args.threshold,
    };
    roots.check()?;
    let anchor = TrustAnchor { iss: args.iss.clone(), roots, seq: args.seq };
    let fingerprint = Digest::from(anchor.fingerprint()).to_string();
    let mut json = serde_json::to_vec_pretty(&anchor)?;
    json.push(b'\n');
    write_new(&args.out, &json)?;
    session.answer(&json!({ "file": shown(&args.out), "fingerprint": fingerprint }), || {
        format!(
            "wrote {}: {} of {} root keys must sign\nfingerprint:\n  {}\nHospitals compare this fingerprint when they first pin the roots: \
             publish it by a way of its own.",
            args.out.display(),
            args.threshold,
            args.keys.len(),
            in_fours(&fingerprint)
        )
    })
}
