//! `drill`: what a theft of the office's keys leads to, played in an office that is made for it and
//! thrown away.
//!
//! A copy of the real office would not work: the drill needs root keys, which are offline, and the
//! passphrases of working keys and officers. So the drill's office has its own keys and made-up
//! people, and only the settings of the real one.

mod office;
mod story;
mod thief;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use serde_json::json;
use vernet_common::{Bundle, NumericDate};
use vernet_host::{clock, note};
use vernet_issuer::OfficeConfig;
use vernet_verifier::{Code, Memory};

use self::{
    office::DrillOffice,
    story::{Sees, Story},
    thief::Thief,
};
use super::{
    Session,
    demo::{ISS, PAGE},
};

#[derive(Subcommand)]
pub(super) enum DrillCommand {
    /// Somebody steals the keys for certificates, status lists and the log, one after the other:
    /// what each hospital sees, and what the office does. Played in an office that is thrown
    /// away; yours is not touched
    KeyTheft(KeyTheftArgs),
}

#[derive(Args)]
pub(super) struct KeyTheftArgs {
    /// How many certificates the drill's office has given out
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    certificates: u16,
}

pub(super) fn run(session: &Session, command: &DrillCommand) -> Result<()> {
    let DrillCommand::KeyTheft(args) = command;
    let config = match OfficeConfig::read(&session.office) {
        Err(error) if error.code() == "no_office" => {
            note(format_args!("{error}: it is played with made-up settings"));
            made_up()?
        }
        read => read?,
    };
    let mut story = Story::new(session.json);
    play(&mut story, &config, usize::from(args.certificates), clock()?)?;
    story.end(session)
}

/// The settings where there is no office: the drill needs nothing else of it.
fn made_up() -> Result<OfficeConfig> {
    Ok(OfficeConfig::new(ISS.parse()?, PAGE.parse()?))
}

/// When each event happens, in seconds relative to now.
mod before_now {
    pub(super) const FOUNDED: i64 = -7200;
    pub(super) const PUBLISHED: i64 = -3600;
    pub(super) const STOLEN: i64 = -1800;
    pub(super) const FORGED: i64 = -1500;
    pub(super) const PUBLISHED_AGAIN: i64 = -1200;
    pub(super) const KNOWN: i64 = -600;
}

fn play(story: &mut Story, config: &OfficeConfig, people: usize, now: NumericDate) -> Result<()> {
    let at = |seconds| now.plus_seconds(seconds);
    story.say(&format!(
        "A drill: the keys of {} are stolen. It is played in an office of its own, with new keys and {people} made-up people.",
        config.iss
    ));
    story.say("Of the real office only the settings were read, and nothing in it is touched.");

    story
        .title("The office has granted, printed and published. A hospital without a network checks everybody's paper.");
    let mut office = DrillOffice::found(config, people, at(before_now::FOUNDED))?;
    let honest = office.publish(at(before_now::PUBLISHED))?;
    let mut hospital = Memory::new(&office.anchor);
    story.paper(
        &office,
        Sees::of(&honest, &mut hospital, at(before_now::STOLEN)),
        Code::Authorised,
    )?;

    let thief = Thief::break_in(&office, at(before_now::STOLEN))?;
    let forged_at = at(before_now::FORGED);
    story.title("A thief has the certificate key. He signs a certificate for himself: no signature gives it away.");
    let forged = thief.certificate(at(before_now::PUBLISHED))?;
    let sees = Sees::of(&honest, &mut hospital, forged_at);
    story.shown("certificate", "a hospital without a network", &forged, &sees, Code::NotIssued)?;
    story.say("   He dates one later than the hospital's lists:");
    let ahead = thief.certificate(forged_at)?;
    story.shown("certificate", "a hospital without a network", &ahead, &sees, Code::LogBehind)?;
    story.say("   The office publishes, as it does every hour, and knows nothing yet:");
    let hourly = office.publish(at(before_now::PUBLISHED_AGAIN))?;
    let mut other = hospital.clone();
    let sees = Sees::of(&hourly, &mut other, at(before_now::PUBLISHED_AGAIN));
    story.shown(
        "certificate",
        "a hospital after its next `sync`",
        &ahead,
        &sees,
        Code::NotIssued,
    )?;

    one_or_two(story, &office, &thief, (&honest, &hourly), &hospital, now)?;
    all_three(story, &office, &thief, (&honest, &hourly), &hospital, now)?;
    recover(story, &mut office, &thief, (&honest, hospital), now)
}

/// The other keys, alone and in pairs.
fn one_or_two(
    story: &mut Story,
    office: &DrillOffice,
    thief: &Thief,
    (honest, hourly): (&Bundle, &Bundle),
    hospital: &Memory,
    now: NumericDate,
) -> Result<()> {
    let at = |seconds| now.plus_seconds(seconds);
    let (forged_at, later) = (at(before_now::FORGED), at(before_now::PUBLISHED_AGAIN));
    let forged = thief.certificate(at(before_now::PUBLISHED))?;
    let fork = thief.log_with(honest, &forged)?;
    let (his, reached) =
        ("a hospital on his network", "the same hospital, once the office's lists reach it");

    story.title(
        "The status key alone. He makes no certificate, but on his list nobody is suspended.",
    );
    let mut deceived = hospital.clone();
    let sees = Sees::of(&thief.with_good_statuses(honest, forged_at)?, &mut deceived, forged_at);
    story.shown("status", his, &office.suspended, &sees, Code::Authorised)?;
    let sees = Sees::of(hourly, &mut deceived, later);
    story.shown("status", reached, &office.suspended, &sees, Code::Suspended)?;

    story.title("The log key alone: whatever log he signs, no status list names it.");
    let log = thief.with_his_log(honest, &fork)?;
    let sees = Sees::of(&log, &mut hospital.clone(), forged_at);
    story.shown("log", his, &office.paper[0], &sees, Code::LogUnusable)?;

    story.title(
        "Certificate key and status key: his list names a log with his certificate, and he can't sign that log.",
    );
    let lists = thief.with_his_lists(honest, &fork, forged_at)?;
    let sees = Sees::of(&lists, &mut hospital.clone(), forged_at);
    story.shown("certificate, status", his, &forged, &sees, Code::LogUnusable)?;

    story.title(
        "Certificate key and log key: he signs a log with his certificate, and the status list names the office's.",
    );
    let sees = Sees::of(&log, &mut hospital.clone(), forged_at);
    story.shown("certificate, log", his, &forged, &sees, Code::LogUnusable)?;

    story.title("Status key and log key: he makes no certificate, but takes one out of the log.");
    let shorter = thief.with_all(honest, &thief.log_without_one(honest)?, forged_at)?;
    story.alarm(
        "status, log",
        "a hospital that has seen the office's log",
        &shorter,
        hospital,
        forged_at,
        "log_shrunk",
    )
}

/// The thief holds all keys that are online. Only those who cannot compare believe him, and not for
/// long.
fn all_three(
    story: &mut Story,
    office: &DrillOffice,
    thief: &Thief,
    (honest, hourly): (&Bundle, &Bundle),
    hospital: &Memory,
    now: NumericDate,
) -> Result<()> {
    let at = |seconds| now.plus_seconds(seconds);
    let (forged_at, later) = (at(before_now::FORGED), at(before_now::PUBLISHED_AGAIN));
    let holds = "certificate, status, log";
    let forged = thief.certificate(at(before_now::PUBLISHED))?;
    story.title(
        "All three keys. He replaces a certificate in the log by his own: the hospital remembers the log as it was.",
    );
    let replaced = thief.log_with_one_replaced(honest, &forged)?;
    let forked = thief.with_all(honest, &replaced, forged_at)?;
    story.alarm(
        holds,
        "a hospital that has seen the office's log",
        &forked,
        hospital,
        forged_at,
        "log_forked",
    )?;

    story.title("He only appends his certificate: that goes on from what the hospital remembers.");
    let appended = thief.log_with(honest, &forged)?;
    let longer = thief.with_all(honest, &appended, forged_at)?;
    let mut believes = hospital.clone();
    let sees = Sees::of(&longer, &mut believes, forged_at);
    story.shown(holds, "a hospital on his network", &forged, &sees, Code::Authorised)?;
    story.say("   He can never take that back:");
    story.alarm(
        holds,
        "the same hospital, once the office's lists reach it",
        hourly,
        &believes,
        later,
        "log_shrunk",
    )?;

    story.title(
        "The same, where the trust list asks for a witness, who signs only logs that grow from what he has seen.",
    );
    let watched = office.watched(honest, forged_at)?;
    let mut hospital = Memory::new(&office.anchor);
    story.paper(office, Sees::of(&watched, &mut hospital, forged_at), Code::Authorised)?;
    let unseen = thief.with_all(&watched, &appended, forged_at)?;
    let sees = Sees::of(&unseen, &mut hospital, forged_at);
    story.shown(holds, "a hospital on his network", &forged, &sees, Code::LogUnusable)
}

/// The office learns of the theft.
fn recover(
    story: &mut Story,
    office: &mut DrillOffice,
    thief: &Thief,
    (honest, mut hospital): (&Bundle, Memory),
    now: NumericDate,
) -> Result<()> {
    let at = |seconds| now.plus_seconds(seconds);
    let stolen = at(before_now::STOLEN);
    story.title("The office learns of it, and knows since when. New keys, and a trust list that the roots sign.");
    for kid in thief.kids() {
        story.command(&format!("vernet-issuer keys compromised {kid} --since {stolen}"));
    }
    for r#use in ["certificate", "status", "log"] {
        story.command(&format!("vernet-issuer keys new --use {use}"));
    }
    story.command("vernet-issuer trust-list draft        # then sign and accept");
    story.command("vernet-issuer publish");
    let to_sign_anew = office.recover(&thief.kids(), stolen, at(before_now::KNOWN))?;
    let published = office.publish(now)?;
    story.say(&format!("   certificates to be signed anew: {to_sign_anew}"));
    ensure!(to_sign_anew == 0, "the drill expected that no certificate has to be signed anew");
    story.fact(json!({ "to_sign_anew": to_sign_anew }));
    story.paper(office, Sees::of(&published, &mut hospital, now), Code::Authorised)?;

    let forged = thief.certificate(at(before_now::PUBLISHED))?;
    let sees = Sees::of(&published, &mut hospital.clone(), now);
    story.shown(
        "certificate, status, log",
        "every hospital that has the new trust list",
        &forged,
        &sees,
        Code::KeyCompromised,
    )?;
    story.say("   His lists, under the stolen keys:");
    let appended = thief.log_with(honest, &forged)?;
    let old_keys = thief.with_all(&published, &appended, now)?;
    story.refused(
        "certificate, status, log",
        "the same hospital, on his network",
        (&forged, &old_keys),
        &hospital,
        now,
    )
}
