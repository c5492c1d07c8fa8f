//! Decisions about somebody who has, or had, a right: one is chosen from a list, and typed in.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use vernet_common::{CertificateNumber, CivilDate, HprNumber, NumericDate};
use vernet_issuer::Office;
use vernet_register::{
    CountsAsked, Event, FoundPerson, Milder, Notice, PersonFile, ReissueReason, Role, Statement,
    SuspensionGround,
};

use super::{
    deed::Deed,
    fault::Fault,
    filed::{Fields, Filed},
    guard::{Desk, Who},
    person::standing_in_words,
    problem::Trouble,
    reaction::{PARTS, Reaction, count_field, word_of},
    signing,
};
use crate::web::page::{Page, show_as};

const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

#[derive(Template)]
#[template(path = "desk/react.html")]
struct ReactPage<'a> {
    page: &'a Page,
    who: &'a Who,
    number: CertificateNumber,
    /// Whom it is about.
    about: Affected,
    /// The other one, of a merge.
    other: Option<Affected>,
    /// Whether the officer suspended the person in an emergency, and can take it back.
    can_take_back: bool,
    chosen: Option<Reaction>,
    fields: &'a Fields,
    lists: Lists,
    fault: Option<Fault>,
}

/// A person, and what they have.
struct Affected {
    /// Who it is, in one line.
    who: String,
    hpr_number: HprNumber,
    rights: Vec<(String, String)>,
}

/// What is chosen from.
#[derive(Default)]
struct Lists {
    /// Decisions by number.
    decisions: Vec<(u64, &'static str, CivilDate)>,
    /// Deaths and merges.
    retractable: Vec<(u64, &'static str, CivilDate)>,
    /// Documents by hash.
    documents: Vec<(String, String)>,
    counts: Vec<Asked>,
}

/// What a renewal asks for of a kind.
struct Asked {
    category: String,
    per_year: u32,
    per_cycle: u32,
    /// The year and the name of the field.
    years: Vec<(i16, String)>,
}

impl ReactPage<'_> {
    /// The list of decisions, in parts.
    fn parts(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let is_there =
            |reaction: &&Reaction| **reaction != Reaction::TakeBack || self.can_take_back;
        let words = |all: &[Reaction]| all.iter().filter(is_there).map(|one| one.word()).collect();
        PARTS.iter().map(|(part, all)| (*part, words(all))).collect()
    }

    /// What the list of a field offers, and the section of the words for it; none if it is typed.
    fn offers(&self, field: &str) -> Option<(&'static str, Vec<&'static str>)> {
        let reasons = || {
            let all = ReissueReason::ALL.iter().filter(|one| **one != ReissueReason::Renewal);
            all.map(|one| one.word()).collect()
        };
        Some(match field {
            "ground" => {
                ("react.grounds", SuspensionGround::ALL.iter().map(|one| word_of(*one)).collect())
            }
            "because" => ("value", reasons()),
            "instead" => ("react.milder", Milder::ALL.iter().map(|one| one.word()).collect()),
            "notice" => ("value", Notice::ALL.iter().map(|one| one.word()).collect()),
            _ => return None,
        })
    }

    /// The statements that a field offers.
    fn statements(&self, field: &str) -> Option<&[(u64, &'static str, CivilDate)]> {
        match field {
            "decision" => Some(&self.lists.decisions),
            "statement" => Some(&self.lists.retractable),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    act: String,
}

pub(super) async fn page(
    desk: Desk,
    Path(number): Path<String>,
    Query(Chosen { act }): Query<Chosen>,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let number = number.parse().map_err(|_| Trouble::NotFound)?;
        form(desk, office, number, (Reaction::of(&act), &Fields::default()), None)
    })
    .await
}

/// Proposes it, or does it at once, or shows the form again with what is wrong.
pub(super) async fn decide(
    Path(number): Path<String>,
    Filed { desk, mut fields, documents, .. }: Filed,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let number: CertificateNumber = number.parse().map_err(|_| Trouble::NotFound)?;
        let reaction = Reaction::of(fields.get("act")).ok_or(Trouble::NotFound)?;
        // Nobody merges two people without having seen both.
        if reaction == Reaction::Merge && fields.get("seen") != fields.get("into") {
            let into = fields.get("into").to_owned();
            fields.put("seen", into);
            return form(desk, &desk.console.office(), number, (Some(reaction), &fields), None);
        }
        let deed = deed_of(desk, reaction, number, &fields);
        let prepared = deed.and_then(|deed| {
            let deed = match deed {
                Deed::Propose(proposal, _) => Deed::Propose(proposal, documents),
                alone => alone,
            };
            signing::prepare(desk, deed, "/proposals".to_owned())
        });
        match prepared {
            Ok(token) => Ok(signing::to_page(&token)),
            Err(trouble) => {
                let fault = trouble.fault(desk.page.language());
                let office = desk.console.office();
                form(desk, &office, number, (Some(reaction), &fields), Some(fault))
            }
        }
    })
    .await
}

fn deed_of(
    desk: &Desk,
    reaction: Reaction,
    number: CertificateNumber,
    fields: &Fields,
) -> Result<Deed, Trouble> {
    let office = desk.console.office();
    let state = office.register().state();
    let holder = state.current_certificate(number)?.claims.hpr_number;
    Ok(reaction.deed(state, (number, holder), fields, desk.now)?)
}

fn form(
    desk: &Desk,
    office: &Office,
    number: CertificateNumber,
    (chosen, fields): (Option<Reaction>, &Fields),
    fault: Option<Fault>,
) -> Result<Response, Trouble> {
    let (state, now) = (office.register().state(), desk.now);
    let hpr_number = state.current_certificate(number)?.claims.hpr_number;
    desk.note("decide", Some(hpr_number), None)?;
    let file = state.person_file(hpr_number, now)?;
    // Of what is about this right alone, the others are not shown.
    let all = chosen.is_none_or(Reaction::is_about_all_rights);
    let only = (!all).then_some(number);
    let other = match fields.some("seen").map(str::parse::<HprNumber>) {
        Some(Ok(other)) => {
            desk.note("decide", Some(other), None)?;
            state.person_file(other, now).ok().map(|file| affected(desk, &file, None))
        }
        _ => None,
    };
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(show_as(
        status,
        &ReactPage {
            page: &desk.page,
            who: &desk.who,
            number,
            about: affected(desk, &file, only),
            other,
            can_take_back: can_take_back(desk, office, number),
            lists: lists(office, number, &file, now)?,
            chosen,
            fields,
            fault,
        },
    ))
}

fn affected(desk: &Desk, file: &PersonFile<'_>, only: Option<CertificateNumber>) -> Affected {
    let FoundPerson { given_name, family_name, birthdate, hpr_number, .. } = &file.person;
    let rights = file
        .rights
        .iter()
        .filter(|right| only.is_none_or(|number| right.certificates.contains(&number)));
    let words = desk.page.words();
    let rights = rights
        .map(|right| (right.title.to_string(), standing_in_words(words, &right.standing)))
        .collect();
    let who = words.fill(
        "subject.person",
        &[
            ("name", &given_name.with(family_name)),
            ("birthdate", &words.day(*birthdate)),
            ("hpr", hpr_number),
        ],
    );
    Affected { who, hpr_number: *hpr_number, rights }
}

/// Whether this officer made a suspension in an emergency that nobody has confirmed.
fn can_take_back(desk: &Desk, office: &Office, number: CertificateNumber) -> bool {
    let state = office.register().state();
    state.emergencies(desk.now.civil_date()).any(|made| {
        made.officer == desk.who.enrolment.name && made.event.certificate() == Some(number)
    })
}

fn lists(
    office: &Office,
    number: CertificateNumber,
    file: &PersonFile<'_>,
    now: NumericDate,
) -> Result<Lists, Trouble> {
    let state = office.register().state();
    let one = |one: &Statement| (one.seq, one.event.name(), one.effective_on);
    let is_decision = |one: &&Statement| {
        one.event.certificate().is_some() && !matches!(one.event, Event::Notified { .. })
    };
    let decisions = state.history(number)?.into_iter().rev().filter(is_decision).map(one);
    let is_retractable =
        |one: &&&Statement| matches!(one.event, Event::Deceased { .. } | Event::Merged { .. });
    let retractable = file.statements.iter().rev().filter(is_retractable).map(|found| one(found));
    let mut documents: Vec<_> = file
        .documents
        .iter()
        .map(|(proposal, document)| {
            (document.sha256.to_string(), format!("{} ({proposal})", document.name))
        })
        .collect();
    documents.dedup_by(|one, other| one.0 == other.0);
    let asked = |CountsAsked { category, years, per_year, per_cycle }: CountsAsked| Asked {
        years: years.map(|year| (year, count_field(&category, year))).collect(),
        category,
        per_year,
        per_cycle,
    };
    Ok(Lists {
        decisions: decisions.collect(),
        retractable: retractable.collect(),
        documents,
        counts: state.counts_asked(number, now)?.into_iter().map(asked).collect(),
    })
}
