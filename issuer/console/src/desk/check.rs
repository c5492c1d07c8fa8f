//! What the form of an application asks while it is typed, and what only the register knows: namesakes,
//! alerts of other states, and whether the rules would take it. And drafts of it.

use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use vernet_register::{Proposal, Role, Typed, typed_application};

use super::{
    apply,
    deed::Deed,
    form::{Nothing, Posted},
    guard::Desk,
    problem::Trouble,
    signing,
};

const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

/// What was typed so far, and the draft that it is, if it was kept before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    fields: Typed,
    #[serde(default)]
    draft: Option<String>,
}

/// Says what the register knows of an application that is complete.
pub(super) async fn check(
    desk: Desk,
    headers: HeaderMap,
    Json(Asked { fields, .. }): Json<Asked>,
) -> Response {
    answer(desk, &headers, move |desk| known(desk, &fields)).await
}

/// Keeps what was typed so far.
pub(super) async fn keep(
    desk: Desk,
    headers: HeaderMap,
    Json(Asked { fields, draft }): Json<Asked>,
) -> Response {
    answer(desk, &headers, move |desk| {
        let kept = apply::kept(fields);
        let officer = &desk.who.enrolment.name;
        let token = desk.console.drafts.keep(officer, draft.as_deref(), &kept, desk.now)?;
        Ok(json!({ "draft": token, "at": desk.page.instant(desk.now) }))
    })
    .await
}

/// Wipes a draft.
pub(super) async fn forget(
    Path(token): Path<String>,
    Posted(desk, Nothing {}): Posted<Nothing>,
) -> Response {
    desk.beside(move |desk| {
        desk.console.drafts.forget(&desk.who.enrolment.name, &token)?;
        Ok(axum::response::Redirect::to("/applications/new").into_response())
    })
    .await
}

async fn answer(
    desk: Desk,
    headers: &HeaderMap,
    make: impl FnOnce(&Desk) -> Result<Value, Trouble> + Send + 'static,
) -> Response {
    let refused = |status, code: &str| (status, Json(json!({ "code": code }))).into_response();
    if !signing::has_form_token(&desk, headers) {
        return refused(StatusCode::FORBIDDEN, "foreign_form");
    }
    if !desk.who.is(&ROLES) {
        return refused(StatusCode::FORBIDDEN, "role_missing");
    }
    if !desk.console.checks.may_ask(desk.who.kid) {
        return refused(StatusCode::TOO_MANY_REQUESTS, "too_often");
    }
    match spawn_blocking(move || make(&desk)).await {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(trouble)) => {
            tracing::warn!(code = trouble.code(), "an application could not be looked up");
            refused(StatusCode::SERVICE_UNAVAILABLE, trouble.code())
        }
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "failed"),
    }
}

/// People who could be the applicant, and why the rules would not take it now.
fn known(desk: &Desk, fields: &Typed) -> Result<Value, Trouble> {
    // What is not complete yet is the business of the page.
    let Ok(application) = typed_application(fields) else {
        return Ok(json!({ "namesakes": [], "alerts": [] }));
    };
    let proposal = Proposal::to_grant(application);
    let (page, words) = (&desk.page, desk.page.words());
    let (namesakes, alerts) = {
        let mut office = desk.console.office_alone();
        let alerts = office.alerts_about(&proposal, desk.now)?;
        let namesakes = office.namesakes_about(&proposal, desk.now);
        let mut shown = Vec::new();
        for found in namesakes {
            let one = found.namesake;
            desk.note("apply", Some(one.hpr_number), None)?;
            let rights = one.rights.iter().map(|right| {
                format!("{}: {}", right.title, page.say_code("standing", right.standing))
            });
            let refusals = one.refusals.iter().map(|refusal| {
                format!(
                    "{}, {}: {}",
                    words.say("event.refused"),
                    page.day(refusal.decided_on),
                    refusal.reason
                )
            });
            shown.push(json!({
                "why": words.say(if one.same_number { "review.refused_before" } else { "review.namesake" }),
                "person": words.fill("subject.person", &[
                    ("name", &one.given_name.with(&one.family_name)),
                    ("birthdate", &page.day(one.birthdate)),
                    ("hpr", &one.hpr_number),
                ]),
                "hpr_number": one.hpr_number.to_string(),
                "has": rights.chain(refusals).collect::<Vec<_>>(),
            }));
        }
        let alert = |found: vernet_issuer::FoundAlert| {
            let one = found.alert;
            format!(
                "{} {}, {}, {}: {} ({})",
                one.given_name,
                one.family_name,
                one.state,
                page.day(one.from),
                one.scope,
                one.id
            )
        };
        (shown, alerts.into_iter().map(alert).collect::<Vec<_>>())
    };
    let deed = Deed::Propose(proposal.into(), Vec::new());
    let refused = signing::would_refuse(desk, &deed)?;
    let refused = refused.map(|trouble| trouble.fault(page.language()));
    Ok(json!({
        "namesakes": namesakes,
        "alerts": alerts,
        "refused": refused.map(|fault| json!({ "code": fault.code, "text": fault.message, "language": fault.language })),
    }))
}
