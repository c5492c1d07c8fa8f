//! Passkeys of officers, and enrolments.
//!
//! A passkey is made in the officer's browser, for this console and no other page. It counts once two
//! administrators have enrolled it, as any other key.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use vernet_common::KeyId;
use vernet_issuer::{ConsoleConfig, Office};
use vernet_register::{Enrolment, Event, OfficerPublicKey, Passkey, Proposal, Role};

use super::{
    deed::Deed,
    fault::Fault,
    filed::{Fields, Filed},
    form::{Nothing, Posted},
    guard::{Desk, Who},
    problem::Trouble,
    signing,
};
use crate::web::{
    origin::rp_id_of,
    page::{Page, show, show_as},
};

#[derive(Template)]
#[template(path = "desk/my_keys.html")]
struct MyKeys<'a> {
    page: &'a Page,
    who: &'a Who,
    keys: Vec<(KeyId, bool, bool)>,
    /// The relying party of passkeys that are made here; none if this page has no name.
    rp_id: Option<String>,
}

/// The officer's own keys, and a new passkey.
pub(super) async fn my_keys(desk: Desk) -> Response {
    desk.screen(|desk, office| {
        let officers = office.register().state().officers();
        let today = desk.now.civil_date();
        let keys = officers.keys_of(&desk.who.enrolment.name);
        let keys =
            keys.map(|(kid, key)| (kid, key.key().passkey().is_some(), key.in_office(today)));
        Ok(show(&MyKeys {
            page: &desk.page,
            who: &desk.who,
            keys: keys.collect(),
            rp_id: party(desk, office).map(|(rp_id, _)| rp_id),
        }))
    })
    .await
}

/// The relying party and the page for which passkeys are made: those of the settings, or this
/// machine.
fn party(desk: &Desk, office: &Office) -> Option<(String, String)> {
    if let Some(ConsoleConfig { origin, rp_id }) = &office.config().console {
        return Some((rp_id.clone(), origin.clone()));
    }
    let origin = desk.console.origins.first()?;
    Some((rp_id_of(origin)?, origin.to_owned()))
}

/// What a browser says of a passkey that it made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Made {
    credential_id: String,
    spki: String,
}

/// The public key of a passkey that was just made, as a file for the administrators.
pub(super) async fn made(desk: Desk, headers: HeaderMap, Json(made): Json<Made>) -> Response {
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let key = || {
        let (id, spki) = (decode(&made.credential_id)?, decode(&made.spki)?);
        let (rp_id, origin) = party(&desk, &desk.console.office())?;
        Some(Passkey::new(&spki, id, &rp_id, &origin))
    };
    let refused = |code: &str, message: String| {
        let body = Json(json!({ "code": code, "message": message }));
        (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
    };
    if !signing::has_form_token(&desk, &headers) {
        return refused("foreign_form", "the page is not of this session".to_owned());
    }
    match key() {
        Some(Ok(passkey)) => {
            Json(json!({ "key": OfficerPublicKey::Passkey(passkey) })).into_response()
        }
        Some(Err(error)) => refused(error.code(), error.to_string()),
        None => refused("form_unreadable", "the passkey cannot be read".to_owned()),
    }
}

/// Ends an officer's key at once, by one administrator: it may be stolen.
pub(super) async fn end(
    Path(kid): Path<KeyId>,
    Posted(desk, Nothing {}): Posted<Nothing>,
) -> Response {
    match desk.in_role(&[Role::Administer]) {
        Ok(desk) => {
            let deed = Deed::Record(Event::OfficerEnded { kid }.into());
            signing::begin(desk, deed, "/officers".to_owned()).await
        }
        Err(refused) => refused,
    }
}

#[derive(Template)]
#[template(path = "desk/enrol.html")]
struct EnrolPage<'a> {
    page: &'a Page,
    who: &'a Who,
    fields: &'a Fields,
    roles: Vec<&'static str>,
    fault: Option<Fault>,
}

/// The form for a new officer, a new key or another period.
pub(super) async fn page(desk: Desk) -> Response {
    match desk.in_role(&[Role::Administer]) {
        Ok(desk) => form(&desk, &Fields::default(), None),
        Err(refused) => refused,
    }
}

/// Proposes the enrolment.
pub(super) async fn propose(Filed { desk, fields, documents, .. }: Filed) -> Response {
    let desk = match desk.in_role(&[Role::Administer]) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let proposed = enrolment(desk, &fields).map_err(Trouble::from).and_then(|enrolment| {
            let proposal = Proposal::of(Event::OfficerEnrolled(enrolment.into()));
            signing::prepare(
                desk,
                Deed::Propose(proposal.into(), documents),
                "/proposals".to_owned(),
            )
        });
        Ok(match proposed {
            Ok(token) => signing::to_page(&token),
            Err(trouble) => {
                let fault = trouble.fault(desk.page.language());
                form(desk, &fields, Some(fault))
            }
        })
    })
    .await
}

fn enrolment(desk: &Desk, fields: &Fields) -> Result<Enrolment, vernet_register::Error> {
    let key = serde_json::from_str(fields.get("key"));
    let key = key.map_err(|source| vernet_common::Error::json("the public key", source))?;
    let needed = |name: &'static str| {
        let expected = "a day, as in `31.12.2026`";
        Ok::<_, vernet_register::Error>(
            fields.day(name)?.ok_or_else(|| vernet_common::Error::field(name, "", expected))?,
        )
    };
    let is_ticked = |role: &Role| fields.is_ticked(&format!("role_{}", role.word()));
    let roles: BTreeSet<Role> = Role::ALL.into_iter().filter(is_ticked).collect();
    let from = fields.day("from")?.unwrap_or_else(|| desk.now.civil_date());
    Ok(Enrolment { name: fields.get("name").parse()?, key, roles, from, until: needed("until")? })
}

fn form(desk: &Desk, fields: &Fields, fault: Option<Fault>) -> Response {
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let roles = Role::ALL.iter().map(|role| role.word()).collect();
    show_as(status, &EnrolPage { page: &desk.page, who: &desk.who, fields, roles, fault })
}
