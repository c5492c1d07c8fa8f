//! What is sent with documents: an application, and whatever follows it. It is sealed in memory, and
//! acknowledged when it is on the disk.

use std::{net::SocketAddr, sync::Arc};

use askama::Template;
use axum::{
    body::Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use vernet_applications::{
    ApplicantForm, Enclosed, Error, ReceiptCode, Received, Submission, Text,
};
use vernet_common::NumericDate;
use vernet_host::random;

use super::{
    app::App,
    apply,
    code::{Found, Speaks, failed, look_up},
    guard::too_often,
    status::{self, Notice},
    upload,
};
use crate::web::{
    language::Language,
    page::{Page, show},
    refusal::Refusal,
    words::Words,
};

#[derive(Template)]
#[template(path = "inbox/receipt.html")]
struct ReceiptPage {
    page: Page,
    office: String,
    contact: String,
    code: String,
    at: NumericDate,
    documents: usize,
    address: String,
}

/// An application. The answer is its receipt.
pub(super) async fn application(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Speaks(language): Speaks,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let sent = send_application(&app, client, language, (&headers, body)).await;
    sent.unwrap_or_else(|refused| refused)
}

async fn send_application(
    app: &Arc<App>,
    client: SocketAddr,
    language: Language,
    request: (&HeaderMap, Body),
) -> Result<Response, Response> {
    let words = Words::of(language);
    let upload = upload::read(app, client.ip(), request, language).await?;
    let field = |name: &str| upload.fields.get(name).map_or("", String::as_str);
    // It was made here a page ago; without it nothing came from that page.
    let code = ReceiptCode::parse(field("code"))
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "inbox_malformed").answer(language))?;
    let draft = apply::draft_of(app, language, &upload.fields);
    let form = draft.check(app.now().civil_date()).map_err(|faults| {
        apply::person(app, language, &draft, &faults, StatusCode::UNPROCESSABLE_ENTITY)
    })?;
    let again = |faults: &[String]| {
        let with = (&code, field("text"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        apply::documents(app, language, &draft, with, faults, status)
    };
    let text = text_of(field("text"), words).map_err(|fault| again(&[fault]))?;
    if upload.files.is_empty() {
        return Err(again(&[words.say("inbox.fault.no_documents").to_owned()]));
    }
    // Looking into files takes more than anything else here.
    if !app.may_send(client.ip()) {
        return Err(too_often(language));
    }
    let documents =
        upload::examine(app, upload.files, words).await?.map_err(|faults| again(&faults))?;
    let count = documents.len();
    let received = keep(app, (&code, language), (Some(form), text), documents).await?;
    Ok(show(&ReceiptPage {
        page: app.page(language, "status"),
        office: app.office(language),
        contact: app.settings.contact.to_string(),
        code: code.text().to_string(),
        at: received.at,
        documents: count,
        address: format!("{}/{}/status", app.settings.origin, language.code()),
    }))
}

/// Further documents, or a few words, under a code.
pub(super) async fn more(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Speaks(language): Speaks,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let sent = send_more(&app, client, language, (&headers, body)).await;
    sent.unwrap_or_else(|refused| refused)
}

async fn send_more(
    app: &Arc<App>,
    client: SocketAddr,
    language: Language,
    request: (&HeaderMap, Body),
) -> Result<Response, Response> {
    let words = Words::of(language);
    let upload = upload::read(app, client.ip(), request, language).await?;
    let field = |name: &str| upload.fields.get(name).map_or("", String::as_str);
    let code =
        match look_up(app, client.ip(), field("code"), language).map_err(|refused| *refused)? {
            Found::Receipt(code) => code,
            Found::Fault(fault) => return Err(status::ask_again(app, language, fault)),
        };
    let again = |faults: Vec<String>| {
        status::page(app, language, &code, Notice::Faults(faults, field("text").to_owned()))
    };
    let text = text_of(field("text"), words).map_err(|fault| again(vec![fault]))?;
    if upload.files.is_empty() && text.is_none() {
        return Err(again(vec![words.say("inbox.fault.nothing").to_owned()]));
    }
    if !app.may_send(client.ip()) {
        return Err(too_often(language));
    }
    let documents = upload::examine(app, upload.files, words).await?.map_err(again)?;
    keep(app, (&code, language), (None, text), documents).await?;
    Ok(status::page(app, language, &code, Notice::Sent))
}

fn text_of(text: &str, words: &'static Words) -> Result<Option<Text>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| {
        let fault = match error {
            Error::Form { fault: "national_identity_number", .. } => "national_identity_number",
            _ => "not_a_text",
        };
        words.say(&format!("inbox.fault.{fault}")).to_owned()
    })
}

/// Seals what was sent, and keeps it.
async fn keep(
    app: &Arc<App>,
    (code, language): (&ReceiptCode, Language),
    (form, text): (Option<ApplicantForm>, Option<Text>),
    documents: Vec<Enclosed>,
) -> Result<Received, Response> {
    let to = (&app.key.seal, &mut random());
    let sealed = Submission::seal(code, (form, text), &documents, app.now(), to)
        .map_err(|error| failed(&error, language))?;
    let app = Arc::clone(app);
    let keeping = tokio::task::spawn_blocking(move || app.keep(&sealed));
    let kept = keeping
        .await
        .map_err(|_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(language))?;
    kept.map_err(|error| match error {
        Error::Full { .. } => {
            tracing::error!(code = error.code(), error = %error, "nothing more is taken");
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "inbox_full").answer(language)
        }
        error => failed(&error, language),
    })
}
