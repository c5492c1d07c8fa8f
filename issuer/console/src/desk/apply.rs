//! A new application: typed in, checked by the register's own rules while that is done, and proposed
//! for another officer to approve.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use serde::Deserialize;
use vernet_common::{CertificateNumber, Kind};
use vernet_console_web::Facts;
use vernet_issuer::Office;
use vernet_register::{Event, Ground, Proposal, Refused, Role, Typed, typed_application};

use super::{
    deed::Deed,
    drafts::Draft,
    fault::Fault,
    filed::{Fields, Filed},
    guard::{Desk, Who},
    problem::Trouble,
    signing,
};
use crate::web::page::{Page, show_as};

/// Who takes applications: also the supervisory authority, after a loss.
const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

/// The fields of an application, as the form names them.
const FIELDS: [&str; 21] = [
    "given_name",
    "family_name",
    "birthdate",
    "hpr_number",
    "title",
    "kind",
    "basis",
    "exam_school",
    "exam_date",
    "recognition_state",
    "norwegian_language",
    "national_subjects",
    "previous_certificate",
    "applied",
    "decided",
    "granted",
    "valid_to",
    "conditions",
    "special_reasons",
    "language",
    "bound_to_post",
];

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
    /// The drafts of the officer.
    drafts: Vec<Draft>,
    /// What the rules need to answer while it is typed.
    facts: String,
    /// What is wrong.
    fault: Option<Fault>,
    /// The field that is wrong; empty if none is.
    wrong: &'static str,
}

impl ApplyPage<'_> {
    /// The field that is wrong; empty if none is.
    fn wrong(&self) -> &str {
        self.wrong
    }
}

#[derive(Deserialize)]
pub(super) struct Begun {
    /// The certificate of a right that was lost, and is applied for anew.
    #[serde(default)]
    after: String,
    /// A draft.
    #[serde(default)]
    draft: String,
}

pub(super) async fn page(desk: Desk, Query(Begun { after, draft }): Query<Begun>) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let fields = match (after.as_str(), draft.as_str()) {
            ("", "") => Fields::default(),
            ("", draft) => drafted(desk, draft)?,
            (number, _) => anew(desk, office, number)?,
        };
        form(desk, office, &fields, None)
    })
    .await
}

/// What was typed before.
fn drafted(desk: &Desk, token: &str) -> Result<Fields, Trouble> {
    let officer = &desk.who.enrolment.name;
    let typed = desk.console.drafts.open_one(officer, token, desk.now)?;
    let mut fields = Fields::from(typed.ok_or(Trouble::NotFound)?);
    fields.put("draft", token.to_owned());
    Ok(fields)
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
pub(super) async fn propose(Filed { desk, fields, documents, .. }: Filed) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let proposed = proposal(&fields).map_err(Trouble::from).and_then(|proposal| {
            let deed = Deed::Propose(proposal.into(), documents);
            let draft = fields.some("draft").map(ToOwned::to_owned);
            signing::prepare_of(desk, deed, "/proposals".to_owned(), draft)
        });
        match proposed {
            Ok(token) => Ok(signing::to_page(&token)),
            Err(trouble) => {
                let fault = trouble.fault(desk.page.language());
                let office = desk.console.office();
                form(desk, &office, &fields, Some((field_of(&trouble), fault)))
            }
        }
    })
    .await
}

/// The field that an error names.
fn field_of(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Office(vernet_issuer::Error::Register(
            vernet_register::Error::Common(vernet_common::Error::FieldInvalid { field, .. })
            | vernet_register::Error::NationalIdentityNumber { field, .. }
            | vernet_register::Error::NameNotPrintable { field, .. },
        )) => field,
        _ => "",
    }
}

/// To grant what is applied for, or to refuse it.
fn proposal(fields: &Fields) -> Result<Proposal, vernet_register::Error> {
    if fields.get("outcome") != "refuse" {
        return Ok(Proposal::to_grant(typed_application(fields.typed())?));
    }
    let mut typed = fields.typed().clone();
    // Nothing is granted by a refusal, so no day of it need be typed.
    if fields.some("granted").is_none() {
        typed.insert("granted".to_owned(), fields.get("decided").to_owned());
    }
    let reason = fields.get("reason").to_owned();
    let refused = Refused { application: typed_application(&typed)?, reason };
    let proposal = Proposal::of(Event::Refused(Box::new(refused)));
    Ok(Proposal { decided_on: fields.day("decided")?, ..proposal })
}

/// What is kept of a form until it is proposed: what was typed into the application's own fields.
pub(super) fn kept(mut typed: Typed) -> Typed {
    typed.retain(|name, text| FIELDS.contains(&name.as_str()) && !text.trim().is_empty());
    typed
}

fn form(
    desk: &Desk,
    office: &Office,
    fields: &Fields,
    fault: Option<(&'static str, Fault)>,
) -> Result<Response, Trouble> {
    let titles = office.register().state().titles();
    let facts = Facts {
        titles: titles.iter().cloned().collect(),
        office: office.data().clone(),
        iss: office.config().iss.clone(),
        today: desk.now.civil_date(),
    };
    let schools = &office.data().accreditations.schools;
    let mut schools: Vec<String> = schools.iter().map(|row| row.school.clone()).collect();
    schools.sort_unstable();
    schools.dedup();
    let (wrong, fault) = fault.unzip();
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = ApplyPage {
        page: &desk.page,
        who: &desk.who,
        fields,
        titles: titles.iter().map(|row| row.title.to_string()).collect(),
        kinds: Kind::ALL.iter().map(|kind| kind.word()).collect(),
        bases: Ground::ALL.iter().map(|basis| basis.word()).collect(),
        schools,
        drafts: desk.console.drafts.of(&desk.who.enrolment.name, desk.now)?,
        facts: serde_json::to_string(&facts).expect("texts are JSON"),
        fault,
        wrong: wrong.unwrap_or_default(),
    };
    Ok(show_as(status, &page))
}
