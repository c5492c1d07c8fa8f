//! `init`: a new office.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use vernet_common::{CivilDate, HttpsUrl, KeyUse, TrustAnchor};
use vernet_issuer::{Enrolment, Office, OfficeConfig, OfficeData, Role};

use super::{
    Session,
    decisions::public_key,
    keys::{KEY_LIFE_YEARS, end_of_life},
    session::{clock, random},
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
    /// A first officer: the name, and the public half of the key. At least two; they have every role until others are enrolled
    #[arg(long, num_args = 2, value_names = ["NAME", "KEY.pub"], action = clap::ArgAction::Append, required = true)]
    founder: Vec<String>,
    /// The first day on which the first officers are no longer in office; in three years if not given
    #[arg(long, value_name = "DATE")]
    founders_until: Option<CivilDate>,
    /// Accredited schools, transitional window, quarantine; without it a SAMPLE with invented schools
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

pub(super) fn run(session: &Session, args: &InitArgs) -> Result<()> {
    let officer = session.officer()?;
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("reading `{}`", path.display()));
    let anchor = TrustAnchor::from_json(&read(&args.roots)?).context("reading the roots")?;
    let data = match &args.data {
        Some(file) => OfficeData::from_json(&read(file)?)?,
        None => OfficeData::sample(),
    };
    let passphrase = session.new_passphrase()?;
    let now = clock()?;
    let (from, until) = (now.civil_date(), end_of_life(now, KEY_LIFE_YEARS).civil_date());
    let until = args.founders_until.unwrap_or(until);
    let founder = |pair: &[String]| -> Result<Enrolment> {
        let [name, key] = pair else { bail!("each `--founder` has a name and a key") };
        Ok(Enrolment { name: name.parse()?, key: public_key(&key.into())?, roles: Role::ALL.into(), from, until })
    };
    let founders = args.founder.chunks(2).map(founder).collect::<Result<Vec<_>>>()?;
    let config = OfficeConfig::new(args.iss.clone(), args.verification_page.clone());
    let mut rng = random();
    let mut office = Office::create(&session.office, &config, &data, &anchor, (founders, &officer), now, &mut rng)?;
    let mut keys = Vec::new();
    for r#use in [KeyUse::Certificate, KeyUse::Status, KeyUse::Log] {
        let kid = office.add_key(r#use, end_of_life(now, KEY_LIFE_YEARS), &passphrase, (&officer, now), &mut rng)?;
        keys.push(json!({ "kid": kid, "use": r#use }));
    }
    let folder = session.office.display();
    session.answer_done("the office is made", &json!({ "office": shown(&session.office), "keys": keys }), || {
        let sample = if args.data.is_none() { "\nIts table of schools is a SAMPLE: replace data.json before the first real grant." } else { "" };
        format!(
            "An office for {} in {folder}, with a certificate, a status and a log key.{sample}\nNext: vernet-issuer --office {folder} \
             trust-list draft, then sign and accept it.",
            args.iss
        )
    })
}
