//! Carrying out a proposal about many as its second officer: an import, or certificates that are signed
//! anew.
//!
//! Each grant is a statement of its own, signed by the second officer, with the proof that its row is in
//! the table which the first one signed. So it goes in steps: the browser fetches what is to be signed,
//! checks by WebAssembly that each of it is a part of the proposal, signs, and sends the signatures. A
//! key file that is open signs all steps; a passkey signs each step by one touch, however many
//! statements are in it. What is done stays done, whatever happens to page, browser or server.

use std::{convert::Infallible, num::NonZero, time::Duration};

use askama::Template;
use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::stream;
use rand::Rng;
use serde::Serialize;
use serde_json::json;
use tokio::task::spawn_blocking;
use vernet_common::KeyId;
use vernet_host::random;
use vernet_issuer::{Error, Prepared, Step};
use vernet_register::{Elsewhere, Event as Happened, Proposal, Role, State, Statement};

use super::{
    carrying::Carried,
    console::Console,
    guard::{Desk, PEOPLE, Who},
    problem::Trouble,
    proof::Credential,
    proposals::{about, aim},
    signing::{self, Signed},
    subject::Line,
};
use crate::web::page::{Page, show};

/// Who carries out what is about many.
const ROLES: [Role; 1] = [Role::Grant];

/// How many statements are signed in one step: by one touch of a passkey. Others wait meanwhile.
const STEP: NonZero<usize> = NonZero::new(500).expect("more than none");

#[derive(Template)]
#[template(path = "desk/carry_out.html")]
struct CarryOutPage<'a> {
    page: &'a Page,
    who: &'a Who,
    seq: u64,
    aim: String,
    about: Vec<Line>,
    /// How many statements there are already.
    done: u64,
    data: String,
    passkey: bool,
}

/// What the script of the page reads.
#[derive(Serialize)]
struct Data {
    seq: u64,
    /// The statement of the first officer.
    proposal: String,
    kid: KeyId,
    language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<Credential>,
}

/// Whether a proposal is carried out here, and not by one signature.
pub(super) fn is_about_many(state: &State, seq: u64) -> bool {
    proposal(state, seq).is_some_and(|(_, proposal)| proposal.is_about_many())
}

fn proposal(state: &State, seq: u64) -> Option<(&Statement, &Proposal)> {
    let statement = state.statement(seq).ok()?;
    match &statement.event {
        Happened::Proposed(proposal) => Some((statement, proposal)),
        _ => None,
    }
}

/// Where one is carried out.
pub(super) fn address(seq: u64) -> String {
    format!("/proposals/{seq}/carry-out")
}

pub(super) async fn page(desk: Desk, Path(seq): Path<u64>) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let state = office.register().state();
        state.open_proposal(seq)?;
        let (statement, _) = proposal(state, seq)
            .filter(|(_, proposal)| proposal.is_about_many())
            .ok_or(Trouble::NotFound)?;
        desk.note("carry_out", None, None)?;
        let key = state.officers().key(desk.who.kid)?.key();
        let data = Data {
            seq,
            proposal: BASE64_URL_SAFE_NO_PAD.encode(statement.to_bytes()?),
            kid: desk.who.kid,
            language: desk.page.language().code(),
            passkey: Credential::of(key),
        };
        Ok(show(&CarryOutPage {
            page: &desk.page,
            who: &desk.who,
            seq,
            aim: aim(desk.page.words(), statement),
            about: about(desk.page.words(), state, statement, desk.now),
            done: state.parts_of(seq),
            passkey: data.passkey.is_some(),
            data: serde_json::to_string(&data).expect("texts are JSON"),
        }))
    })
    .await
}

/// What is to be signed next.
pub(super) async fn next(desk: Desk, Path(seq): Path<u64>, headers: HeaderMap) -> Response {
    work(desk, seq, headers, move |desk| {
        let (console, kid) = (&desk.console, desk.who.kid);
        let mut office = console.office_alone();
        office.register_mut().refresh()?;
        let key = office.register().state().officers().key(kid)?.key().clone();
        let now = console.now();
        let carried = match console.carrying.of(seq, kid, now) {
            Some(carried) => carried,
            None => {
                let keys = console.keys().ok_or(Error::CredentialsNeeded)?;
                let by = Elsewhere::new(key.clone());
                let bulk = office.begin_bulk(seq, keys, (&by, now))?.in_steps_of(STEP);
                console.carrying.begin(seq, kid, bulk, now)
            }
        };
        let mut work = carried.work();
        loop {
            let mut seed = [0; 32];
            random().fill_bytes(&mut seed);
            let bulk = &mut work.bulk;
            let made = Prepared::make(&mut office, key.clone(), (now, seed), |office, making| {
                office.bulk_step(bulk, (making.officer, making.now), making.rng)
            });
            match made {
                Ok(Step::ToSign(prepared)) => {
                    let encode = |bytes: &Vec<u8>| BASE64_URL_SAFE_NO_PAD.encode(bytes);
                    let statements: Vec<_> = prepared.statements().iter().map(encode).collect();
                    let (done, of) = (work.bulk.done(), work.bulk.len());
                    work.next = Some(prepared);
                    return Ok(json!({ "statements": statements, "done": done, "of": of }));
                }
                // Nothing of that step was left to do.
                Ok(Step::Done(_)) => carried.tell(&work),
                Err(error) => {
                    // It is begun anew the next time: by what is so then.
                    console.carrying.end(seq, kid);
                    return Err(error);
                }
            }
        }
    })
    .await
}

/// Records a step, with its signatures.
pub(super) async fn sign(
    desk: Desk,
    Path(seq): Path<u64>,
    headers: HeaderMap,
    Json(signed): Json<Signed>,
) -> Response {
    work(desk, seq, headers, move |desk| {
        let (console, kid, now) = (&desk.console, desk.who.kid, desk.console.now());
        let overtaken = || vernet_register::Error::PreparedOvertaken { seq };
        let carried = console.carrying.of(seq, kid, now).ok_or_else(overtaken)?;
        let (done, of, completed) = record(console, &carried, &signed, seq)?;
        if completed {
            console.carrying.end(seq, kid);
        }
        Ok(json!({ "done": done, "of": of, "completed": completed }))
    })
    .await
}

fn record(
    console: &Console,
    carried: &Carried,
    signed: &Signed,
    seq: u64,
) -> Result<(usize, usize, bool), Error> {
    // In the order in which `next` takes them.
    let mut office = console.office_alone();
    let mut work = carried.work();
    let prepared = work.next.take().ok_or(vernet_register::Error::PreparedOvertaken { seq })?;
    let signatures = signing::signatures(&prepared, signed)?;
    let bulk = &mut work.bulk;
    let done = prepared.complete(&mut office, signatures, console.now(), |office, making| {
        office.bulk_step(bulk, (making.officer, making.now), making.rng)
    })?;
    carried.tell(&work);
    Ok((work.bulk.done(), work.bulk.len(), done.is_some()))
}

/// Does something for a page of the officer's own session, and answers in JSON.
async fn work(
    desk: Desk,
    seq: u64,
    headers: HeaderMap,
    make: impl FnOnce(&Desk) -> Result<serde_json::Value, Error> + Send + 'static,
) -> Response {
    let refused = |status: StatusCode, code: &str, message: &str| {
        (status, Json(json!({ "code": code, "message": message }))).into_response()
    };
    if !signing::has_form_token(&desk, &headers) {
        return refused(StatusCode::FORBIDDEN, "foreign_form", "the page is not of this session");
    }
    if !desk.who.is(&ROLES) {
        return refused(
            StatusCode::FORBIDDEN,
            "role_missing",
            "none of the officer's roles does this",
        );
    }
    match spawn_blocking(move || make(&desk)).await {
        Ok(Ok(done)) => Json(done).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(code = error.code(), seq, "a step was not done");
            refused(StatusCode::CONFLICT, error.code(), &error.to_string())
        }
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "failed", "something went wrong"),
    }
}

/// How far it has come, twice a second, as long as somebody carries it out.
pub(super) async fn events(desk: Desk, Path(seq): Path<u64>) -> Response {
    let console = desk.console;
    let events = stream::unfold(Some(console), move |console| async move {
        let console = console?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        // When nobody does, the browser asks again by itself.
        let (name, data, more) = match console.carrying.progress(seq) {
            Some((done, of)) => ("progress", format!("{done} {of}"), Some(console)),
            None => ("idle", String::new(), None),
        };
        Some((Ok::<_, Infallible>(Event::default().event(name).data(data)), more))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}
