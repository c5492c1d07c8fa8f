//! Everything that the register holds about a person.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use serde::Deserialize;
use vernet_common::{CertificateNumber, CivilDate, HprNumber, NumericDate, Status};
use vernet_issuer::Office;
use vernet_register::{
    Event, FoundPerson, IncomingAlert, PersonFile, PersonRight, Standing, State, Statement,
};

use super::{
    access_log::Access,
    facts::{self, Fact},
    guard::{Desk, PEOPLE, Who},
    papers::Paper,
    problem::Trouble,
    subject,
};
use crate::web::{
    page::{Page, show},
    words::Words,
};

/// On which day, and as known at the end of which.
#[derive(Deserialize)]
pub(super) struct Moment {
    #[serde(default)]
    on: String,
    #[serde(default)]
    known: String,
}

#[derive(Template)]
#[template(path = "desk/person.html")]
struct PersonPage<'a> {
    page: &'a Page,
    who: &'a Who,
    person: FoundPerson,
    /// Other names, birth dates and numbers than the present ones.
    other_names: Vec<String>,
    other_birthdates: Vec<CivilDate>,
    other_numbers: Vec<HprNumber>,
    on: CivilDate,
    known: NumericDate,
    /// Whether it is not how things are today.
    past: bool,
    rights: Vec<Right>,
    waiting: Vec<u64>,
    rejected: Vec<(u64, String)>,
    timeline: Vec<Entry>,
    emergencies: Vec<Emergency>,
    documents: Vec<Paper>,
    alerts: Vec<IncomingAlert>,
    looks: Vec<Access>,
}

struct Right {
    title: String,
    standing: String,
    /// `good`, `warn` or `bad`: how it looks, beside the words.
    colour: &'static str,
    may_practise: bool,
    may_use_title: bool,
    certificates: Vec<OneCertificate>,
}

struct OneCertificate {
    number: CertificateNumber,
    status: &'static str,
    until: CivilDate,
    superseded_by: Option<CertificateNumber>,
    has_letter: bool,
}

/// A statement in the timeline.
struct Entry {
    seq: u64,
    code: &'static str,
    /// Of a proposal, what it aims at.
    aim: Option<String>,
    decided_on: CivilDate,
    effective_on: CivilDate,
    recorded_at: NumericDate,
    officers: String,
    facts: Vec<Fact>,
    /// Whether there is a letter about it.
    letter: bool,
}

/// A suspension in an emergency that nobody has confirmed.
struct Emergency {
    seq: u64,
    number: CertificateNumber,
    /// Whose it is, and until when it holds.
    words: String,
    /// Whether this officer made it, and can take it back.
    own: bool,
}

pub(super) async fn page(
    desk: Desk,
    Path(hpr): Path<String>,
    Query(moment): Query<Moment>,
) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen_alone(move |desk, office| {
        let hpr: HprNumber = hpr.parse().map_err(|_| Trouble::NotFound)?;
        let alerts = {
            let file = office.register().state().person_file(hpr, desk.now)?;
            // Noted first: what is not noted is not shown.
            desk.note("person", Some(file.person.hpr_number), None)?;
            Office::as_applicants(&file)
        };
        let alerts = office.alerts_like(&alerts)?;
        let file = office.register().state().person_file(hpr, desk.now)?;
        Ok(show(&person(desk, office, &file, &moment, alerts)?))
    })
    .await
}

fn person<'a>(
    desk: &'a Desk,
    office: &Office,
    file: &PersonFile<'_>,
    moment: &Moment,
    alerts: Vec<IncomingAlert>,
) -> Result<PersonPage<'a>, Trouble> {
    let (state, words, now) = (office.register().state(), desk.page.words(), desk.now);
    let today = now.civil_date();
    let on = moment.on.parse().unwrap_or(today);
    let known = moment.known.parse::<CivilDate>().ok().filter(|day| *day < today);
    // What was recorded on a day was known at its end.
    let known = known.map_or(now, |day| day.plus_days(1).start().plus_seconds(-1));
    let right = |right: &PersonRight<'_>| -> Result<Right, Trouble> {
        let standing = match right.certificates.first() {
            Some(first) => state.standing(*first, on, known)?,
            None => right.standing.clone(),
        };
        let certificates = right.certificates.iter();
        let certificates = certificates.map(|number| certificate(state, *number, (on, known)));
        Ok(Right {
            title: right.title.to_string(),
            colour: colour(&standing),
            may_practise: standing.may_practise(),
            may_use_title: standing.may_use_title(),
            standing: standing_in_words(words, &standing),
            certificates: certificates.collect::<Result<_, _>>()?,
        })
    };
    let name = |(given, family): &(&vernet_common::GivenNames, &vernet_common::PersonName)| {
        given.with(family)
    };
    let present = file.person.given_name.with(&file.person.family_name);
    let own: BTreeSet<_> =
        file.rights.iter().flat_map(|right| right.certificates.iter().copied()).collect();
    let looks = match desk.who.administers() {
        true => desk.console.access.newest(Some(file.person.hpr_number), 20)?,
        false => Vec::new(),
    };
    Ok(PersonPage {
        page: &desk.page,
        who: &desk.who,
        other_names: file.names.iter().map(name).filter(|name| *name != present).collect(),
        other_birthdates: others(file.birthdates.iter(), &file.person.birthdate),
        other_numbers: others(file.numbers.iter(), &file.person.hpr_number),
        person: file.person.clone(),
        past: on != today || known != now,
        on,
        known,
        rights: file.rights.iter().map(right).collect::<Result<_, _>>()?,
        waiting: file.waiting.clone(),
        rejected: file.rejected.iter().map(|(seq, reason)| (*seq, (*reason).to_owned())).collect(),
        timeline: file.statements.iter().rev().map(|one| entry(words, state, one, &own)).collect(),
        emergencies: emergencies(desk, state, file),
        documents: file
            .documents
            .iter()
            .map(|(proposal, document)| Paper::of(office, *proposal, document))
            .collect(),
        alerts,
        looks,
    })
}

fn others<'a, T: Clone + PartialEq + 'a>(all: impl Iterator<Item = &'a T>, present: &T) -> Vec<T> {
    all.filter(|one| *one != present).cloned().collect()
}

fn certificate(
    state: &State,
    number: CertificateNumber,
    (on, known): (CivilDate, NumericDate),
) -> Result<OneCertificate, Trouble> {
    let certificate = state.certificate(number)?;
    let status = state.certificate_status(number, on, known)?;
    Ok(OneCertificate {
        number,
        status: match status {
            Status::Valid => "valid",
            Status::Invalid => "invalid",
            Status::Suspended => "suspended",
            Status::Conditions => "conditions",
        },
        until: certificate.claims.exp.civil_date(),
        has_letter: cfg!(feature = "pdf") && status != Status::Invalid,
        superseded_by: certificate.superseded_by,
    })
}

/// What a right is worth, in words.
pub(super) fn standing_in_words(words: &Words, standing: &Standing) -> String {
    let path = format!("standing.{}", standing.code());
    let mut text = words.say(&path).to_owned();
    let (until, since) = match standing {
        Standing::WithConditions { until, .. } | Standing::Suspended { until } => (*until, None),
        Standing::Ended { since, .. }
        | Standing::Lapsed { since, .. }
        | Standing::Deceased { since } => (None, Some(*since)),
        Standing::NotYet | Standing::Authorised | Standing::Annulled => (None, None),
    };
    if let Some(until) = until {
        // The last day, because nobody reads "until, and without" right.
        let last = words.day(until.plus_days(-1));
        text.push_str(&format!(", {}", words.fill("standing.last_day", &[("day", &last)])));
    }
    if let Some(since) = since {
        text.push_str(&format!(
            ", {}",
            words.fill("standing.since", &[("day", &words.day(since))])
        ));
    }
    if let Standing::WithConditions { reference, .. } = standing {
        text.push_str(&format!(": {reference}"));
    }
    text
}

fn colour(standing: &Standing) -> &'static str {
    match standing {
        Standing::Authorised => "good",
        Standing::WithConditions { .. } | Standing::NotYet => "warn",
        _ => "bad",
    }
}

fn entry(
    words: &Words,
    state: &State,
    statement: &Statement,
    own: &BTreeSet<CertificateNumber>,
) -> Entry {
    let mut facts = match &statement.event {
        // What was proposed stands in the proposal's own page, and below when it was decided.
        Event::Proposed(_) => Vec::new(),
        // A batch names the certificates of others.
        Event::Dispatched(_) | Event::HistoryMade { .. } => {
            let mut facts = facts::of_statement(words, statement);
            let label = words.say("member.certificates");
            facts.retain(|fact| fact.label != label);
            facts
        }
        _ => facts::of_statement(words, statement),
    };
    if let Some((claims, _)) = statement.event.issued() {
        let label = words.say("member.certificate").to_owned();
        facts.insert(0, Fact { label, value: claims.certificate_number.to_string() });
    } else if let Some(number) = statement.event.certificate()
        && own.len() < 2
    {
        // There is only one: nobody needs its number each time.
        let number = number.to_string();
        facts.retain(|fact| fact.value != number);
    }
    Entry {
        seq: statement.seq,
        code: statement.event.name(),
        aim: match &statement.event {
            Event::Proposed(proposal) => Some(words.say(&subject::aim(proposal)).to_owned()),
            _ => None,
        },
        decided_on: statement.decided_on,
        effective_on: statement.effective_on,
        recorded_at: statement.recorded_at,
        officers: state.officers_of(statement).collect::<Vec<_>>().join(", "),
        facts,
        letter: cfg!(feature = "pdf")
            && !matches!(statement.event, Event::Proposed(_))
            && state.told(statement.seq).is_ok_and(|told| told.is_some()),
    }
}

fn emergencies(desk: &Desk, state: &State, file: &PersonFile<'_>) -> Vec<Emergency> {
    let own: BTreeSet<_> = file.rights.iter().flat_map(|right| &right.certificates).collect();
    let made = state.emergencies(desk.now.civil_date()).filter_map(|made| match made.event {
        Event::Suspended { certificate, unapproved_until: Some(end), .. }
            if own.contains(&certificate) =>
        {
            Some(Emergency {
                seq: made.seq,
                number: certificate,
                words: desk.page.words().fill(
                    "person.emergency",
                    &[
                        ("number", &certificate),
                        ("officer", &made.officer.as_str()),
                        ("day", &desk.page.day(end.plus_days(-1))),
                    ],
                ),
                own: made.officer == desk.who.enrolment.name,
            })
        }
        _ => None,
    });
    made.collect()
}
