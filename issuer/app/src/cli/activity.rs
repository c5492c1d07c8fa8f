//! `officers activity`: what an officer signed since an hour, in words.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::json;
use vernet_common::{CertificateNumber, KeyId, NumericDate};
use vernet_host::parse_time;
use vernet_register::{Activity, Error, Event, Officer, Officers, Part, State, Statement};

use super::{
    Session, answers, particulars,
    records::{details, officers},
    terminal::fitted,
};

#[derive(Args)]
pub(super) struct ActivityArgs {
    /// The officer's name, for all of the person's keys; or the id of one key
    #[arg(value_name = "NAME|KID")]
    officer: String,
    /// Since when, as in `2026-11-22T10:00:00Z`; or `2026-11-22` for the start of that day in Oslo
    #[arg(long, value_name = "DAY|TIME", value_parser = parse_time)]
    since: NumericDate,
    /// Before when: of a day, its start; everything up to now if not given
    #[arg(long, value_name = "DAY|TIME", value_parser = parse_time)]
    until: Option<NumericDate>,
}

pub(super) fn run(session: &Session, args: &ActivityArgs) -> Result<()> {
    let office = session.open()?;
    session.reading_clock(&office)?;
    let state = office.register().state();
    let (name, kids) = keys_of(state.officers(), &args.officer)?;
    let activity = state.activity(&kids, args.since, args.until);
    let alone: Vec<u64> = activity
        .iter()
        .filter(|one| one.took_effect_alone())
        .map(|one| one.statement.seq)
        .collect();
    let certificates: Vec<CertificateNumber> =
        activity.iter().flat_map(Activity::certificates).collect();
    let object = json!({
        "officer": name.as_str(),
        "keys": kids,
        "since": args.since.to_string(),
        "until": args.until.map(|until| until.to_string()),
        "statements": activity.iter().map(|one| object(state, one)).collect::<Vec<_>>(),
        "took_effect_alone": alone,
        "certificates": certificates,
    });
    session.answer(&object, || {
        let until = args.until.map_or_else(|| "now".to_owned(), |until| until.to_string());
        let keys: Vec<_> = kids.iter().map(|kid| kid.as_str()).collect();
        let head = format!(
            "{} with key {}, from {} to {until}: {} statements",
            name.as_str(),
            keys.join(", "),
            args.since,
            activity.len()
        );
        if activity.is_empty() {
            return head;
        }
        let alone: Vec<_> = alone.iter().map(ToString::to_string).collect();
        let numbers: Vec<_> = certificates.iter().map(ToString::to_string).collect();
        format!(
            "{head}\n{}\ntook effect without another officer: {}\ncertificates issued with them: {}",
            table(state, &activity),
            or_none(&alone),
            or_none(&numbers)
        )
    })
}

fn or_none(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// Whose keys are asked for: one key by its id, or all of a person by the name.
fn keys_of<'a>(officers: &'a Officers, text: &str) -> Result<(&'a Officer, BTreeSet<KeyId>)> {
    let kid = text.parse::<KeyId>().ok();
    if let Some((kid, key)) = kid.and_then(|kid| Some((kid, officers.key(kid).ok()?))) {
        return Ok((key.name(), [kid].into()));
    }
    let name: Officer = text.parse()?;
    let keys: Vec<_> = officers.keys_of(&name).collect();
    let (_, first) = keys.first().ok_or(Error::OfficerUnnamed { found: text.to_owned() })?;
    Ok((first.name(), keys.iter().map(|(kid, _)| *kid).collect()))
}

fn object(state: &State, one: &Activity<'_>) -> serde_json::Value {
    let statement = one.statement;
    let (code, by) = match &one.part {
        Part::Alone => ("alone", Vec::new()),
        Part::Waiting => ("waiting", Vec::new()),
        Part::Rejected(by) => ("rejected", vec![by.seq]),
        Part::First(by) => ("first", by.iter().map(|by| by.seq).collect()),
        Part::Second => ("second", Vec::new()),
        Part::Rejection => ("rejection", Vec::new()),
    };
    json!({
        "statement": statement.seq,
        "recorded_at": statement.recorded_at.to_string(),
        "kid": statement.kid,
        "event": statement.event.name(),
        "what": what(statement),
        "about": about(state, statement),
        "signature": code,
        "decided_by": by,
        "officers": officers(state, statement),
        "took_effect_alone": one.took_effect_alone(),
        "certificates": one.certificates(),
    })
}

fn table(state: &State, activity: &[Activity<'_>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["no.", "recorded", "what", "about", "effect"]);
    for one in activity {
        table.add_row([
            one.statement.seq.to_string(),
            one.statement.recorded_at.to_string(),
            what(one.statement),
            about(state, one.statement).join("; "),
            effect(state, one),
        ]);
    }
    fitted(&mut table, &[])
}

fn what(statement: &Statement) -> String {
    match &statement.event {
        Event::Proposed(proposal) => format!("proposed {}", particulars::aim(proposal)),
        event => event.name().replace('_', " "),
    }
}

/// Whom a statement is about, or else what.
fn about(state: &State, statement: &Statement) -> Vec<String> {
    let mut about = match &statement.event {
        Event::Proposed(proposal) => answers::whom(state, proposal, statement.recorded_at),
        _ => answers::concerned(state, statement),
    };
    if about.is_empty() {
        about.push(details(statement));
    }
    about
}

fn effect(state: &State, one: &Activity<'_>) -> String {
    match &one.part {
        Part::Alone => "WITHOUT ANOTHER OFFICER".to_owned(),
        Part::Waiting => "none: it waits for another officer".to_owned(),
        Part::Rejected(by) => format!("none: rejected by statement {}", by.seq),
        Part::First(by) => {
            let by: Vec<_> =
                by.iter().map(|by| format!("{} by {}", by.seq, by.officer.as_str())).collect();
            format!("approved, statement {}", by.join(", "))
        }
        Part::Second => format!("approved: {}", officers(state, one.statement)),
        Part::Rejection => "none: it turned a proposal down".to_owned(),
    }
}
