//! `incoming`: alerts that other states sent, which are looked up at a grant.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use serde_json::json;
use vernet_common::CivilDate;
use vernet_host::clock;
use vernet_issuer::{FoundAlert, read_alerts};
use vernet_register::{Documents, IncomingAlert};

use super::{
    Session,
    terminal::{fitted, shown},
};

#[derive(Subcommand)]
pub(super) enum IncomingCommand {
    /// Keep the alerts of a table: all of them or none. One that is kept already is replaced
    Import {
        /// The table, as CSV or Unicode text: see docs/OFFICERS.md
        file: PathBuf,
    },
    /// List the alerts that are kept
    List,
    /// Delete alerts. Nothing of them remains
    Purge(PurgeArgs),
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct PurgeArgs {
    /// Every alert that was received before this day
    #[arg(long, value_name = "DATE")]
    before: Option<CivilDate>,
    /// The alert with this reference
    #[arg(long)]
    id: Option<String>,
}

pub(super) fn run(session: &Session, command: &IncomingCommand) -> Result<()> {
    match command {
        IncomingCommand::Import { file } => import(session, file),
        IncomingCommand::List => list(session),
        IncomingCommand::Purge(args) => purge(session, args),
    }
}

fn import(session: &Session, file: &Path) -> Result<()> {
    let mut office = session.open()?;
    let table = Documents::read(file)?;
    let alerts = read_alerts(table.bytes(), clock()?.civil_date())?;
    let replaced = office.register_mut().incoming_alerts().import(&alerts)?;
    let imported = alerts.len();
    let object = json!({ "table": shown(file), "imported": imported, "replaced": replaced });
    session.answer_done("the alerts ARE kept", &object, || {
        format!("imported {}, of which {replaced} replaced an earlier one", count(imported as u64))
    })
}

fn list(session: &Session) -> Result<()> {
    let alerts = session.open()?.register_mut().incoming_alerts().list()?;
    session.answer(&json!(alerts), || {
        if alerts.is_empty() {
            return "no alert of another state is kept".to_owned();
        }
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(["received", "alert", "state", "name", "born", "scope", "from", "until"]);
        let day = |day: Option<CivilDate>| day.map_or(String::new(), |day| day.to_string());
        for alert in &alerts {
            table.add_row([
                alert.received.to_string(),
                alert.id.clone(),
                alert.state.clone(),
                names(alert),
                day(alert.birthdate),
                alert.scope.clone(),
                alert.from.to_string(),
                day(alert.until),
            ]);
        }
        fitted(&mut table, &[0])
    })
}

fn purge(session: &Session, args: &PurgeArgs) -> Result<()> {
    let mut office = session.open()?;
    let mut kept = office.register_mut().incoming_alerts();
    let purged = match (&args.id, args.before) {
        (Some(id), _) => kept.purge(id).map(|()| 1)?,
        (None, Some(day)) => kept.purge_before(day)?,
        (None, None) => unreachable!("clap requires one of them"),
    };
    session.answer_done("the alerts ARE deleted", &json!({ "purged": purged }), || {
        format!("deleted {}", count(purged))
    })
}

/// A reason to look at an alert, for people. It refuses nothing.
pub(super) fn in_words(FoundAlert { line, alert }: &FoundAlert) -> String {
    let line = line.map_or(String::new(), |line| format!("line {line}, "));
    let IncomingAlert { id, state, scope, from, .. } = alert;
    let until = alert.until.map_or(String::new(), |until| format!(" until {until}"));
    let alike = match alert.birthdate {
        Some(_) => "with this birth date and a similar name",
        None => "of this name, without a birth date",
    };
    format!(
        "LOOK AT THIS: {line}an alert of {state} of {from} ({scope}{until}) is about a person {alike}: \
         {}, alert {id} (helsepersonelloven § 57) [incoming_alert]",
        names(alert)
    )
}

/// Both names, or the single one.
fn names(alert: &IncomingAlert) -> String {
    format!("{} {}", alert.given_name, alert.family_name).trim_start().to_owned()
}

fn count(alerts: u64) -> String {
    if alerts == 1 { "1 alert".to_owned() } else { format!("{alerts} alerts") }
}
