//! Where an officer signs: the page shows what is to be recorded, in words that the browser makes of
//! the very bytes, and sends back signatures and nothing else.
//!
//! What is to be signed waits here, in memory, for the officer who asked for it. If something is
//! recorded meanwhile, the same deed is prepared anew, and looked at again.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::spawn_blocking;
use vernet_common::KeyId;
use vernet_host::random;
use vernet_issuer::{Error, Office, Prepared, Step};
use vernet_register::{Event, OfficerSignature, Statement};

use super::{
    console::Console,
    deed::Deed,
    fault::Fault,
    guard::{Desk, Who},
    papers::Paper,
    problem::Trouble,
    proof::{Credential, Proof},
    proposals,
    waiting::ToSign,
};
use crate::web::{
    page::{Page, show},
    refusal::Refusal,
};

/// Prepares a deed, and sends the officer to the page where it is signed.
pub(super) async fn begin(desk: Desk, deed: Deed, to: String) -> Response {
    desk.beside(move |desk| {
        let token = prepare(desk, deed, to)?;
        Ok(to_page(&token))
    })
    .await
}

/// Sends the officer to the page where something is signed.
pub(super) fn to_page(token: &str) -> Response {
    Redirect::to(&format!("/sign/{token}")).into_response()
}

/// Why a deed would be refused now; none if it only needs the officer's signature. Nothing is kept.
pub(super) fn would_refuse(desk: &Desk, deed: &Deed) -> Result<Option<Trouble>, Trouble> {
    match made(desk, deed) {
        Ok(_) => Ok(None),
        Err(refused @ Trouble::Office(Error::Register(_) | Error::Common(_))) => Ok(Some(refused)),
        Err(other) => Err(other),
    }
}

/// Prepares a deed; returns the token of the page where it is signed.
pub(super) fn prepare(desk: &Desk, deed: Deed, to: String) -> Result<String, Trouble> {
    prepare_of(desk, deed, to, None)
}

/// The same for what was typed in a draft, which is wiped when it is recorded.
pub(super) fn prepare_of(
    desk: &Desk,
    deed: Deed,
    to: String,
    draft: Option<String>,
) -> Result<String, Trouble> {
    let prepared = made(desk, &deed)?;
    let kid = desk.who.kid;
    Ok(desk.console.waiting.put(ToSign { kid, deed, prepared, asked: desk.now, to, draft }))
}

/// Makes a deed up to its signature.
fn made(desk: &Desk, deed: &Deed) -> Result<Box<Prepared>, Trouble> {
    let console = &desk.console;
    let mut office = console.office_alone();
    office.register_mut().refresh()?;
    let key = office.register().state().officers().key(desk.who.kid)?.key().clone();
    let mut seed = [0; 32];
    random().fill_bytes(&mut seed);
    let at = (console.now(), seed);
    let step = Prepared::make(&mut office, key, at, |office, making| {
        deed.perform(office, console.keys(), making)
    })?;
    match step {
        Step::ToSign(prepared) => Ok(prepared),
        Step::Done(_) => Err(Trouble::NothingToSign),
    }
}

#[derive(Template)]
#[template(path = "desk/sign.html")]
struct SignPage<'a> {
    who: &'a Who,
    page: &'a Page,
    token: String,
    /// What the script needs: the statements, the key, the language.
    data: String,
    /// Whether the key is a passkey.
    passkey: bool,
    /// Of an approval, the documents that it rests on; none if it is something else.
    documents: Option<Vec<Paper>>,
}

/// What the script of the page reads.
#[derive(Serialize)]
struct Data {
    statements: Vec<String>,
    kid: KeyId,
    language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<Credential>,
}

/// The page on which the officer reads and signs.
pub(super) async fn page(desk: Desk, Path(token): Path<String>) -> Response {
    let Some(one) = desk.console.waiting.get(&token, desk.who.kid) else {
        return Refusal::new(StatusCode::NOT_FOUND, "nothing_to_sign").answer(desk.page.language());
    };
    desk.screen(move |desk, office| {
        let documents = match one.deed {
            Deed::Approve { seq } => Some(documents_of(office, seq)?),
            _ => None,
        };
        Ok(show(&in_words(desk, &one, token, documents)))
    })
    .await
}

/// The documents that a proposal rests on.
fn documents_of(office: &Office, seq: u64) -> Result<Vec<Paper>, Trouble> {
    let statement = office.register().state().statement(seq)?;
    let Event::Proposed(proposal) = &statement.event else { return Ok(Vec::new()) };
    Ok(proposal.documents.iter().map(|document| Paper::of(office, seq, document)).collect())
}

fn in_words<'a>(
    desk: &'a Desk,
    one: &ToSign,
    token: String,
    documents: Option<Vec<Paper>>,
) -> SignPage<'a> {
    let encode = |bytes: &Vec<u8>| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let passkey = Credential::of(one.prepared.key());
    let data = Data {
        statements: one.prepared.statements().iter().map(encode).collect(),
        kid: one.kid,
        language: desk.page.language().code(),
        passkey,
    };
    let passkey = data.passkey.is_some();
    let data = serde_json::to_string(&data).expect("texts are JSON");
    SignPage { who: &desk.who, page: &desk.page, token, data, passkey, documents }
}

/// What the browser sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    /// One for each statement by a key file; one for all by a passkey.
    signatures: Vec<Proof>,
}

/// Records the deed, if the signatures are those of its officer.
pub(super) async fn complete(
    desk: Desk,
    Path(token): Path<String>,
    headers: HeaderMap,
    Json(signed): Json<Signed>,
) -> Response {
    let one = match waiting_for(&desk, &token, &headers) {
        Ok(one) => one,
        Err(refused) => return *refused,
    };
    let language = desk.page.language();
    let done = spawn_blocking(move || {
        let recorded = record(&desk.console, &one, &signed)?;
        desk.console.waiting.remove(&token);
        if let Some(draft) = &one.draft
            && let Err(error) = desk.console.drafts.forget(&desk.who.enrolment.name, draft)
        {
            // It is recorded, and the draft goes by itself after some days.
            tracing::warn!(code = error.code(), "a draft was not wiped");
        }
        Ok::<_, Error>((recorded.seq, afterwards(&desk, &one)))
    });
    match done.await {
        Ok(Ok((seq, to))) => Json(json!({ "recorded": seq, "to": to })).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(code = error.code(), "a signature was not taken");
            let fault = Fault::of_error(language, &error);
            refused(StatusCode::CONFLICT, fault.code, &fault.message)
        }
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "failed", "something went wrong"),
    }
}

/// The page to go to: after a proposal was decided on, the next one that waits for the officer.
fn afterwards(desk: &Desk, one: &ToSign) -> String {
    let next = match one.deed {
        Deed::Approve { seq } | Deed::Reject { seq, .. } => {
            proposals::next_after(desk, desk.console.office().register().state(), seq)
        }
        _ => None,
    };
    next.map_or_else(|| one.to.clone(), |seq| format!("/proposals/{seq}"))
}

fn record(console: &Console, one: &ToSign, signed: &Signed) -> Result<Statement, Error> {
    let signatures = signatures(&one.prepared, signed)?;
    let mut office = console.office_alone();
    one.prepared.complete(&mut office, signatures, console.now(), |office, making| {
        one.deed.perform(office, console.keys(), making)
    })
}

/// The signature of each statement: a key file signs each, a passkey all of them by one touch.
pub(super) fn signatures(
    prepared: &Prepared,
    signed: &Signed,
) -> Result<Vec<OfficerSignature>, Error> {
    let key = prepared.key();
    let each: Vec<_> = signed.signatures.iter().map(|one| one.by(key)).collect::<Result<_, _>>()?;
    let together = match &each[..] {
        [OfficerSignature { signature, assertion: Some(assertion) }] => (*signature, assertion),
        _ => return Ok(each),
    };
    let (signature, assertion) = together;
    let each = assertion.clone().for_each(&prepared.hashes()).into_iter();
    Ok(each.map(|assertion| OfficerSignature { signature, assertion: Some(assertion) }).collect())
}

/// Prepares the same deed anew, because something was recorded since, or it took too long.
pub(super) async fn again(desk: Desk, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let one = match waiting_for(&desk, &token, &headers) {
        Ok(one) => one,
        Err(refused) => return *refused,
    };
    let language = desk.page.language();
    let made = spawn_blocking(move || {
        let made = prepare_of(&desk, one.deed.clone(), one.to.clone(), one.draft.clone());
        desk.console.waiting.remove(&token);
        made
    });
    match made.await {
        Ok(Ok(token)) => Json(json!({ "to": format!("/sign/{token}") })).into_response(),
        Ok(Err(trouble)) => {
            let fault = trouble.fault(language);
            refused(StatusCode::CONFLICT, fault.code, &fault.message)
        }
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "failed", "something went wrong"),
    }
}

/// What waits here for this officer, asked for by a page of their own session.
fn waiting_for(
    desk: &Desk,
    token: &str,
    headers: &HeaderMap,
) -> Result<Arc<ToSign>, Box<Response>> {
    let refused = |status, code, message| Err(Box::new(refused(status, code, message)));
    if !has_form_token(desk, headers) {
        return refused(StatusCode::FORBIDDEN, "foreign_form", "the page is not of this session");
    }
    desk.console.waiting.get(token, desk.who.kid).map_or_else(
        || {
            let message = "nothing waits for this signature";
            refused(StatusCode::NOT_FOUND, "nothing_to_sign", message)
        },
        Ok,
    )
}

/// Scripts send the token of the session's forms in a header.
pub(super) fn has_form_token(desk: &Desk, headers: &HeaderMap) -> bool {
    let token = headers.get("x-form-token").and_then(|token| token.to_str().ok());
    token.is_some_and(|token| desk.who.form_token.is(token))
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}
