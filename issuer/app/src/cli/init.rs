//! `init`: a new office.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use vernet_common::{CivilDate, HttpsUrl, KeyUse, TrustAnchor};
use vernet_host::{clock, note, random};
use vernet_issuer::{NewKey, Office, OfficeConfig, TokenUri};
use vernet_register::{Enrolment, Founders, OfficeData, Officer, OfficerPublicKey, Role};

use super::{
    Session,
    credentials::Place,
    decisions::{public_key, titles},
    keys::{KEY_LIFE_YEARS, end_of_life, in_token, token as token_of},
    terminal::shown,
};

#[derive(Args)]
pub(super) struct InitArgs {
    /// The issuer's URL, at which the publication will be served
    #[arg(long, value_name = "URL")]
    iss: HttpsUrl,
    /// Where the verification page lies: the start of the link in every QR code
    #[arg(long, value_name = "URL")]
    verification_page: HttpsUrl,
    /// The public root keys, from `vernet-issuer keys roots`
    #[arg(long, value_name = "FILE")]
    roots: PathBuf,
    /// A first officer: the name, and the public half of the key. Three, so that one key can be lost;
    /// at least two. They have every role until others are enrolled
    #[arg(long, num_args = 2, value_names = ["NAME", "KEY.pub"], action = clap::ArgAction::Append, required = true)]
    founder: Vec<String>,
    /// The first day on which the first officers are no longer in office; in three years if not
    /// given
    #[arg(long, value_name = "DATE")]
    founders_until: Option<CivilDate>,
    /// Accredited schools, transitional window; without it a SAMPLE with invented
    /// schools
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// A file with the titles that the office certifies, in the form of `professions.toml`: those of
    /// a board, for instance; without it, that of perfusionists
    #[arg(long, value_name = "FILE")]
    titles: Option<PathBuf>,
    /// Make the keys in this token, as in
    /// `pkcs11:token=office?module-path=/usr/lib/softhsm/libsofthsm2.so`; without it, in encrypted
    /// files
    #[arg(long, value_name = "URI")]
    token: Option<TokenUri>,
    /// Make no keys yet, for keys in several tokens: `keys new` makes them one by one
    #[arg(long, conflicts_with = "token")]
    without_keys: bool,
    /// A PostgreSQL data base for the register, as in `postgres://USER@HOST/DATABASE`, for an
    /// office with several machines
    #[arg(long, value_name = "URL")]
    // Parsed later: clap repeats values that it refuses, and this may hold a password.
    register: Option<String>,
}

const USES: [KeyUse; 3] = [KeyUse::Certificate, KeyUse::Status, KeyUse::Log];

pub(super) fn run(session: &Session, args: &InitArgs) -> Result<()> {
    let read = |path: &PathBuf| {
        std::fs::read(path).with_context(|| format!("reading `{}`", path.display()))
    };
    let of = |path: &PathBuf| format!("reading `{}`", path.display());
    let anchor = TrustAnchor::from_json(&read(&args.roots)?).with_context(|| of(&args.roots))?;
    let data = match &args.data {
        Some(file) => OfficeData::from_json(&read(file)?).with_context(|| of(file))?,
        None => OfficeData::sample(),
    };
    let titles = args.titles.as_ref().map(titles).transpose()?.unwrap_or_default();
    let token = args.token.as_ref();
    if token.is_some_and(|uri| uri.object.is_some() || uri.id.is_some()) {
        bail!("three keys are made, so `--token` names the token alone, without `object` and `id`");
    }
    // Errors in the arguments are reported before anybody is asked, and the clock is read after
    // that.
    let founder = |pair: &[String]| -> Result<(Officer, OfficerPublicKey)> {
        let [name, key] = pair else { bail!("each `--founder` has a name and a key") };
        Ok((name.parse()?, public_key(&key.into())?))
    };
    let founders = args.founder.chunks(2).map(founder).collect::<Result<Vec<_>>>()?;
    if founders.len() == 2 {
        note(
            "warning: two founders. If one of them loses the key or leaves, nobody can be enrolled any more, and the root keys must appoint officers: three founders are safer, or enrol a third officer at once with `propose enrol`",
        );
    }
    let officer = session.officer()?;
    let place = match args.without_keys {
        true => None,
        false => Some(Place::of(token, false, &session.credentials)?),
    };
    let now = clock()?;
    let (from, until) = (now.civil_date(), end_of_life(now, KEY_LIFE_YEARS).civil_date());
    let until = args.founders_until.unwrap_or(until);
    let founders = founders.into_iter().map(|(name, key)| Enrolment {
        name,
        key,
        roles: Role::ALL.into(),
        from,
        until,
    });
    let founders = Founders { officers: founders.collect(), titles, roots: None };
    let mut config = OfficeConfig::new(args.iss.clone(), args.verification_page.clone());
    config.register = args.register.as_deref().map(str::parse).transpose()?;
    let mut rng = random();
    let mut office = Office::create(
        &session.office,
        &config,
        &data,
        &anchor,
        (founders, &*officer),
        now,
        &mut rng,
    )?;
    let mut keys = Vec::new();
    for (r#use, place) in USES.into_iter().filter_map(|r#use| Some((r#use, place.as_ref()?))) {
        let named = token.map(|uri| TokenUri {
            object: Some(format!("vernet-{}", r#use.as_str())),
            ..uri.clone()
        });
        let new = match (place.new_key(), &named) {
            (NewKey::Token(_, credentials), Some(uri)) => NewKey::Token(uri, credentials),
            (new, _) => new,
        };
        let made = office
            .add_key(r#use, end_of_life(now, KEY_LIFE_YEARS), new, (&*officer, now), &mut rng)
            .with_context(|| {
                format!("the office IS made, but its {} key is not: see `keys new`", r#use.as_str())
            })?;
        in_token(&made);
        keys.push(json!({ "kid": made.public.kid(), "use": r#use, "token": token_of(&made) }));
    }
    let folder = session.office.display();
    session.answer_done("the office is made", &json!({ "office": shown(&session.office), "keys": keys }), || {
        let sample = if args.data.is_none() { "\nIts table of schools is a SAMPLE: replace data.json before the first real grant." } else { "" };
        let keys = match (args.without_keys, token) {
            (true, _) => "without keys: make them with `keys new`",
            (_, None) => "with a certificate, a status and a log key",
            (_, Some(_)) => "with a certificate, a status and a log key in the token",
        };
        format!(
            "An office for {} in {folder}, {keys}.{sample}\nNext: enter the office's name and whom to call in {folder}/office.json (docs/OFFICE.md), then vernet-issuer --office {folder} trust-list draft, then sign and accept it.",
            args.iss
        )
    })
}
