//! `officers`: who may sign what.

use anyhow::Result;
use clap::Subcommand;
use comfy_table::{Table, presets};
use serde_json::json;
use vernet_common::KeyId;
use vernet_register::{Decision, Event};

use super::{
    Session,
    activity::{self, ActivityArgs},
    answers,
    appointments::{self, AppointCommand},
    credentials::NewPassphraseArgs,
    passphrases,
    shortage::warn_of_what_is_left,
    terminal::fitted,
};

#[derive(Subcommand)]
pub(super) enum OfficersCommand {
    /// List the officers, their roles and periods
    List,
    /// End an officer's key, at once: it signs nothing any more. One administrator is enough. If the
    /// root keys are not pinned in the register, two must be left
    End {
        /// The key's id
        kid: KeyId,
    },
    /// Have the root keys appoint officers, when two administrators are not there any more
    #[command(subcommand)]
    Appoint(AppointCommand),
    /// Show every statement that an officer signed since a day or an hour, for instance after a
    /// theft, and which of them took effect without another officer
    Activity(ActivityArgs),
    /// Change the passphrase of the officer's key file, the one in `--officer-key`
    Passphrase(NewPassphraseArgs),
}

pub(super) fn run(session: &Session, command: &OfficersCommand) -> Result<()> {
    match command {
        OfficersCommand::List => list(session),
        OfficersCommand::End { kid } => end(session, *kid),
        OfficersCommand::Appoint(command) => appointments::run(session, command),
        OfficersCommand::Activity(args) => activity::run(session, args),
        OfficersCommand::Passphrase(new) => passphrases::of_officer(session, new),
    }
}

fn list(session: &Session) -> Result<()> {
    let office = session.open()?;
    let today = session.reading_clock(&office)?.civil_date();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(["officer", "key", "state", "from", "until", "roles"]);
    let mut objects = Vec::new();
    for (kid, officer) in office.register().state().officers().keys() {
        let enrolment = officer.on(today);
        let state = match (officer.ended_at(), officer.in_office(today)) {
            (Some(_), _) => "ended",
            (None, true) => "in_office",
            (None, false) if today < enrolment.from => "not_yet",
            (None, false) => "over",
        };
        let roles: Vec<_> = enrolment.roles.iter().map(|role| role.word()).collect();
        table.add_row([
            officer.name().as_str(),
            kid.as_str(),
            &state.replace('_', " "),
            &enrolment.from.to_string(),
            &enrolment.until.to_string(),
            &roles.join(", "),
        ]);
        objects.push(json!({
            "name": officer.name().as_str(),
            "kid": kid,
            "key": officer.key(),
            "state": state,
            "from": enrolment.from,
            "until": enrolment.until,
            "ended_at": officer.ended_at().map(|at| at.to_string()),
            "roles": roles,
        }));
    }
    session.answer(&json!(objects), || fitted(&mut table, &[]))
}

fn end(session: &Session, kid: KeyId) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let statement = session.as_of_now(&mut office, |office, now| {
        office.register_mut().record(Event::OfficerEnded { kid }, &*officer, &Decision::today(now))
    })?;
    let state = office.register().state();
    warn_of_what_is_left(state, statement.recorded_at.civil_date());
    answers::recorded(session, state, &statement)
}
