//! The decisions: one command each, one transaction each.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, HprNumber, KeyUse};
use vernet_issuer::{Application, Decision, Event, Fold, Issued, Names, ReissueReason, Statement};

use super::{Session, session::random};

/// When it was decided, and from when on it counts.
#[derive(Args)]
struct Dates {
    /// The day of the decision; today if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
    /// The first day on which it counts; the day of the decision if not given
    #[arg(long, value_name = "DATE")]
    effective: Option<CivilDate>,
}

#[derive(Args)]
pub(super) struct GrantArgs {
    /// The application, as JSON; `-` for standard input
    application: PathBuf,
}

#[derive(Args)]
pub(super) struct SuspendArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The first day after the suspension
    #[arg(long, value_name = "DATE")]
    until: CivilDate,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct LiftArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// Lift the limitation, not the suspension
    #[arg(long)]
    limitation: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct LimitArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The reference of the decision that has the conditions; never the conditions or their reason
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The first day after the limitation, if it has an end
    #[arg(long, value_name = "DATE")]
    until: Option<CivilDate>,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct RevokeArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// One of the gravest cases, with the long quarantine
    #[arg(long)]
    gravest: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct WaiveArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// A supervisory case was open, so the quarantine of a revocation applies
    #[arg(long)]
    during_supervision: bool,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct PlainArgs {
    /// The certificate's number
    number: CertificateNumber,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct ReissueArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// Why
    #[arg(long, value_enum)]
    because: Because,
    /// The new given names, after a change of name
    #[arg(long, value_name = "NAME", requires = "family_name")]
    given_name: Option<String>,
    /// The new family name, after a change of name
    #[arg(long, value_name = "NAME", requires = "given_name")]
    family_name: Option<String>,
    /// The day of the decision; today if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Because {
    /// The holder has a new name
    NameChange,
    /// The holder lost the print, or somebody copied it
    LostPrint,
    /// The key that signed is no longer used
    KeyRotation,
    /// The decision that ended the authorisation fell on appeal
    Appeal,
}

#[derive(Args)]
pub(super) struct ReverseArgs {
    /// The certificate's number
    number: CertificateNumber,
    /// The decision's number in `history`
    #[arg(long, value_name = "SEQ")]
    decision: u64,
    #[command(flatten)]
    dates: Dates,
}

#[derive(Args)]
pub(super) struct MergeArgs {
    /// The number that is no longer used
    from: HprNumber,
    /// Its successor
    into: HprNumber,
    #[command(flatten)]
    dates: Dates,
}

pub(super) fn grant(session: &Session, args: &GrantArgs) -> Result<()> {
    let json = if args.application.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).map(String::into_bytes)
    } else {
        std::fs::read(&args.application)
    };
    let json = json.with_context(|| format!("reading `{}`", args.application.display()))?;
    let application = Application::from_json(&json)?;
    let (mut office, officer) = (session.open()?, session.officer()?);
    let credentials = session.credentials_for(&office, KeyUse::Certificate)?;
    let issued = session
        .as_of_now(&mut office, |office, now| office.grant(&application, &officer, &credentials, now, &mut random()))?;
    answer_issued(session, &issued, "granted")
}

pub(super) fn reissue(session: &Session, args: &ReissueArgs) -> Result<()> {
    let reason = match args.because {
        Because::NameChange => ReissueReason::NameChange,
        Because::LostPrint => ReissueReason::LostPrint,
        Because::KeyRotation => ReissueReason::KeyRotation,
        Because::Appeal => ReissueReason::Appeal,
    };
    let names = match (&args.given_name, &args.family_name) {
        (Some(given_name), Some(family_name)) => Some(Names::parse(given_name, family_name)?),
        _ => None,
    };
    let (mut office, officer) = (session.open()?, session.officer()?);
    let credentials = session.credentials_for(&office, KeyUse::Certificate)?;
    let certificate = (args.number, reason, names.as_ref());
    let issued = session.as_of_now(&mut office, |office, now| {
        let decided = args.decided.unwrap_or_else(|| now.civil_date());
        office.reissue(certificate, (&officer, decided), &credentials, now, &mut random())
    })?;
    answer_issued(session, &issued, "reissued")
}

fn answer_issued(session: &Session, issued: &Issued, word: &str) -> Result<()> {
    let claims = &issued.claims;
    let object = json!({
        "statement": issued.seq,
        "event": word,
        "certificate_number": claims.certificate_number,
        "exp": claims.exp.to_string(),
        "certificate": format!("{}~", issued.jws),
        "holder": holder(claims),
    });
    session.answer_done(&recorded(issued.seq), &object, || {
        format!(
            "{word} {} to {}, until {}\nIt is verified once the status list is published: vernet-issuer publish",
            claims.certificate_number,
            in_words(claims),
            claims.exp.civil_date()
        )
    })
}

/// Whom it is about, so that a decision about the wrong person is noticed.
fn holder(claims: &CertificateClaims) -> Value {
    json!({
        "given_name": claims.given_name,
        "family_name": claims.family_name,
        "birthdate": claims.birthdate,
        "hpr_number": claims.hpr_number,
    })
}

fn in_words(claims: &CertificateClaims) -> String {
    let CertificateClaims { given_name, family_name, birthdate, hpr_number, .. } = claims;
    format!("{given_name} {family_name}, born {birthdate}, HPR number {hpr_number}")
}

fn recorded(seq: u64) -> String {
    format!("the decision IS recorded, as statement {seq}")
}

pub(super) fn suspend(session: &Session, args: &SuspendArgs) -> Result<()> {
    record(session, Some(args.number), &args.dates, Event::Suspended { certificate: args.number, until: args.until })
}

pub(super) fn extend(session: &Session, args: &SuspendArgs) -> Result<()> {
    record(session, Some(args.number), &args.dates, Event::Extended { certificate: args.number, until: args.until })
}

pub(super) fn lift(session: &Session, args: &LiftArgs) -> Result<()> {
    let certificate = args.number;
    let event = if args.limitation { Event::LimitationLifted { certificate } } else { Event::Lifted { certificate } };
    record(session, Some(args.number), &args.dates, event)
}

pub(super) fn limit(session: &Session, args: &LimitArgs) -> Result<()> {
    let event = Event::Limited { certificate: args.number, reference: args.reference.clone(), until: args.until };
    record(session, Some(args.number), &args.dates, event)
}

pub(super) fn revoke(session: &Session, args: &RevokeArgs) -> Result<()> {
    record(session, Some(args.number), &args.dates, Event::Revoked { certificate: args.number, gravest: args.gravest })
}

pub(super) fn waive(session: &Session, args: &WaiveArgs) -> Result<()> {
    let event = Event::Waived { certificate: args.number, during_supervision: args.during_supervision };
    record(session, Some(args.number), &args.dates, event)
}

pub(super) fn annul(session: &Session, args: &PlainArgs) -> Result<()> {
    record(session, Some(args.number), &args.dates, Event::Annulled { certificate: args.number })
}

pub(super) fn deceased(session: &Session, args: &PlainArgs) -> Result<()> {
    record(session, Some(args.number), &args.dates, Event::Deceased { certificate: args.number })
}

pub(super) fn reverse(session: &Session, args: &ReverseArgs) -> Result<()> {
    record(
        session,
        Some(args.number),
        &args.dates,
        Event::Reversed { certificate: args.number, decision: args.decision },
    )
}

pub(super) fn alerted(session: &Session, args: &ReverseArgs) -> Result<()> {
    record(
        session,
        Some(args.number),
        &args.dates,
        Event::Alerted { certificate: args.number, decision: args.decision },
    )
}

pub(super) fn merge(session: &Session, args: &MergeArgs) -> Result<()> {
    record(session, None, &args.dates, Event::Merged { from: args.from, into: args.into })
}

fn record(session: &Session, about: Option<CertificateNumber>, dates: &Dates, event: Event) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let statement = session.as_of_now(&mut office, |office, now| {
        let decided_on = dates.decided.unwrap_or_else(|| now.civil_date());
        let decision = Decision { officer: officer.clone(), decided_on, effective_on: dates.effective, now };
        office.register_mut().record(event.clone(), &decision)
    })?;
    let fold = office.register().fold();
    // A merge may be of numbers that never had a certificate.
    let about = match (about, &event) {
        (None, Event::Merged { into, .. }) => fold.authorisations_of(*into, statement.recorded_at),
        (about, _) => about.into_iter().collect(),
    };
    answer_recorded(session, fold, &about, &statement)
}

fn answer_recorded(session: &Session, fold: &Fold, about: &[CertificateNumber], statement: &Statement) -> Result<()> {
    // The newest certificate has the newest name.
    let people: Vec<_> = about.iter().filter_map(|number| fold.current_certificate(*number).ok()).collect();
    let mut object = serde_json::to_value(statement)?;
    match (&statement.event, &people[..]) {
        (Event::Merged { .. }, people) => object["holders"] = people.iter().map(|one| holder(one.claims)).collect(),
        (_, people) => object["holder"] = people.first().map(|one| holder(one.claims)).into(),
    }
    session.answer_done(&recorded(statement.seq), &object, || {
        let who: String = people.iter().map(|one| format!("\n{}", in_words(one.claims))).collect();
        format!(
            "statement {}: {}, decided {}, effective {}{who}\nHospitals see it once it is published: vernet-issuer publish",
            statement.seq,
            statement.event.name().replace('_', " "),
            statement.decided_on,
            statement.effective_on
        )
    })
}
