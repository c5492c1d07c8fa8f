//! A new application: typed in, checked by the register's own rules, and proposed for another officer
//! to approve.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use vernet_common::{CertificateNumber, Kind};
use vernet_issuer::Office;
use vernet_register::{Application, Event, Ground, Proposal, Refused, Role};

use super::{
    deed::Deed,
    filed::{Fields, Filed},
    guard::{Desk, Who},
    problem::Trouble,
    signing,
};
use crate::web::page::{Page, show_as};

/// Who takes applications: also the supervisory authority, after a loss.
const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

#[derive(Template)]
#[template(path = "desk/apply.html")]
struct ApplyPage<'a> {
    page: &'a Page,
    who: &'a Who,
    fields: &'a Fields,
    titles: Vec<String>,
    kinds: Vec<&'static str>,
    bases: Vec<&'static str>,
    schools: Vec<String>,
    /// What is wrong: the field, if it is about one, and what the library says.
    fault: Option<Fault>,
}

impl ApplyPage<'_> {
    /// The field that is wrong; empty if none is.
    fn wrong(&self) -> &str {
        self.fault.as_ref().map_or("", |fault| &fault.field)
    }
}

struct Fault {
    field: String,
    code: &'static str,
    message: String,
}

#[derive(Deserialize)]
pub(super) struct After {
    /// The certificate of a right that was lost, and is applied for anew.
    #[serde(default)]
    after: String,
}

pub(super) async fn page(desk: Desk, Query(After { after }): Query<After>) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let fields = match after.as_str() {
            "" => Fields::default(),
            number => anew(desk, office, number)?,
        };
        Ok(form(desk, office, &fields, None))
    })
    .await
}

/// What is known of somebody who applies for what they lost.
fn anew(desk: &Desk, office: &Office, number: &str) -> Result<Fields, Trouble> {
    let number: CertificateNumber = number.parse().map_err(|_| Trouble::NotFound)?;
    let known = office.register().state().current_certificate(number)?.claims;
    desk.note("decide", Some(known.hpr_number), None)?;
    let mut fields = Fields::default();
    for (name, text) in [
        ("given_name", known.given_name.to_string()),
        ("family_name", known.family_name.to_string()),
        ("birthdate", known.birthdate.to_string()),
        ("hpr_number", known.hpr_number.to_string()),
        ("title", known.title.to_string()),
        ("basis", Ground::NewAuthorisation.word().to_owned()),
        ("previous_certificate", known.certificate_number.to_string()),
    ] {
        fields.put(name, text);
    }
    Ok(fields)
}

/// Proposes it, or shows the form again with what is wrong.
pub(super) async fn propose(Filed { desk, fields, documents }: Filed) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let proposed = proposal(&fields).map_err(Trouble::from).and_then(|proposal| {
            let deed = Deed::Propose(proposal.into(), documents);
            signing::prepare(desk, deed, "/proposals".to_owned())
        });
        Ok(match proposed {
            Ok(token) => signing::to_page(&token),
            Err(trouble) => {
                let fault = Fault {
                    field: field_of(&trouble).to_owned(),
                    code: trouble.code(),
                    message: trouble.to_string(),
                };
                form(desk, &desk.console.office(), &fields, Some(fault))
            }
        })
    })
    .await
}

/// The field that an error names.
fn field_of(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Office(vernet_issuer::Error::Register(vernet_register::Error::Common(
            vernet_common::Error::FieldInvalid { field, .. },
        ))) => field,
        _ => "",
    }
}

/// To grant what is applied for, or to refuse it.
fn proposal(fields: &Fields) -> Result<Proposal, vernet_register::Error> {
    if fields.get("outcome") != "refuse" {
        return Ok(Proposal::to_grant(application(fields)?));
    }
    let decided = fields.day("decided")?;
    let reason = fields.get("reason").to_owned();
    let refused = Refused { application: application(fields)?, reason };
    let proposal = Proposal::of(Event::Refused(Box::new(refused)));
    Ok(Proposal { decided_on: decided, ..proposal })
}

/// The application that was typed.
fn application(fields: &Fields) -> Result<Application, vernet_register::Error> {
    const TEXTS: [&str; 12] = [
        "given_name",
        "family_name",
        "hpr_number",
        "title",
        "kind",
        "basis",
        "norwegian_language",
        "national_subjects",
        "previous_certificate",
        "special_reasons",
        "language",
        "conditions",
    ];
    const DAYS: [&str; 5] = ["birthdate", "applied", "decided", "granted", "valid_to"];
    let mut members = Map::new();
    for name in TEXTS {
        if let Some(text) = fields.some(name) {
            members.insert(name.to_owned(), text.into());
        }
    }
    // One name alone is the family name.
    members.entry("given_name").or_insert_with(|| "".into());
    for name in DAYS {
        if let Some(day) = fields.day(name)? {
            members.insert(name.to_owned(), day.to_string().into());
        }
    }
    // Nothing is granted by a refusal, so no day of it is typed.
    if fields.get("outcome") == "refuse"
        && let Some(decided) = members.get("decided").cloned()
    {
        members.entry("granted").or_insert(decided);
    }
    if let Some(school) = fields.some("exam_school") {
        let mut exam = Map::from_iter([("school".to_owned(), Value::from(school))]);
        if let Some(day) = fields.day("exam_date")? {
            exam.insert("date".to_owned(), day.to_string().into());
        }
        members.insert("exam".to_owned(), exam.into());
    }
    if let Some(state) = fields.some("recognition_state") {
        let recognition = Map::from_iter([("state".to_owned(), Value::from(state))]);
        members.insert("recognition".to_owned(), recognition.into());
    }
    if fields.is_ticked("bound_to_post") {
        members.insert("bound_to_post".to_owned(), true.into());
    }
    Application::from_json(Value::from(members).to_string().as_bytes())
}

fn form(desk: &Desk, office: &Office, fields: &Fields, fault: Option<Fault>) -> Response {
    let titles = office.register().state().titles().iter().map(|row| row.title.to_string());
    let mut schools: Vec<String> =
        office.data().accreditations.schools.iter().map(|row| row.school.clone()).collect();
    schools.sort_unstable();
    schools.dedup();
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = ApplyPage {
        page: &desk.page,
        who: &desk.who,
        fields,
        titles: titles.collect(),
        kinds: Kind::ALL.iter().map(|kind| kind.word()).collect(),
        bases: Ground::ALL.iter().map(|basis| basis.word()).collect(),
        schools,
        fault,
    };
    show_as(status, &page)
}
