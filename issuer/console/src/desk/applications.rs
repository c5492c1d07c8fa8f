//! What applicants sent through the inbox. The server takes it and hands it out sealed, as it came; the
//! officer's browser opens it with the office's inbox key, which is never here, and seals what is
//! answered.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::spawn_blocking;
use vernet_applications::{FormDraft, Label, ReceiptId, Step};
use vernet_common::Kind;
use vernet_issuer::{Applications, Error, News, Office, Told};
use vernet_register::{Ground, Role};

use super::{
    form::{Nothing, Posted},
    guard::{Desk, Who},
    problem::Trouble,
    signing::has_form_token,
};
use crate::web::page::{Page, show};

/// Who takes applications.
const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

/// The largest answer, sealed twice: with the letters.
pub(super) const MAX_ANSWER: usize = 72 << 20;

#[derive(Template)]
#[template(path = "desk/applications.html")]
struct ApplicationsPage<'a> {
    page: &'a Page,
    who: &'a Who,
    /// What the script needs; nothing if there is no inbox.
    data: Option<String>,
    steps: Vec<&'static str>,
}

#[derive(Serialize)]
struct Data<'a> {
    receipts: Vec<Waiting>,
    language: &'static str,
    today: String,
    /// The words for what a form says, for steps and labels.
    words: BTreeMap<String, &'a str>,
}

/// What there is of an application.
#[derive(Serialize)]
struct Waiting {
    receipt: ReceiptId,
    short: String,
    /// The names of what was sent.
    sent: Vec<String>,
    /// The numbers of the office's answers, and of those that are at the inbox.
    own: Vec<u32>,
    posted: Vec<u32>,
}

pub(super) async fn page(desk: Desk) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(|desk, office| {
        let data = match of(desk, office) {
            Ok(applications) => {
                applications.take()?;
                desk.note("applications", None, None)?;
                Some(serde_json::to_string(&data(desk, &applications)?).expect("texts are JSON"))
            }
            Err(Error::NoInbox) => None,
            Err(error) => return Err(error.into()),
        };
        let steps = Step::ALL.map(Step::word).into();
        Ok(show(&ApplicationsPage { page: &desk.page, who: &desk.who, data, steps }))
    })
    .await
}

fn of(desk: &Desk, office: &Office) -> Result<Applications, Error> {
    Applications::of_office(office.folder(), office.config(), desk.now)
}

fn data<'a>(desk: &'a Desk, applications: &Applications) -> Result<Data<'a>, Error> {
    let mut receipts = Vec::new();
    for receipt in applications.receipts()? {
        let (own, posted) = applications.answered(&receipt)?;
        let sent = applications.sent(&receipt)?;
        receipts.push(Waiting { receipt, short: receipt.short(), sent, own, posted });
    }
    let draft = FormDraft::default();
    let fields = draft.fields().map(|(name, _)| format!("member.{name}"));
    let steps = Step::ALL.map(|step| format!("applications.step.{}", step.word()));
    let labels = Label::OF_APPLICANTS.map(|label| format!("applications.label.{}", label.word()));
    let others = [
        "news",
        "sent",
        "documents",
        "by",
        "no_name",
        "fault",
        "open",
        "take_over",
        "told",
        "not_told",
        "posted",
    ];
    let others = others.map(|name| format!("applications.{name}"));
    let kinds = Kind::ALL.iter().map(|kind| kind.word());
    let values = kinds.chain(Ground::ALL.iter().map(|ground| ground.word()));
    let values = values.map(|word| format!("value.{word}"));
    let paths = values.chain(fields).chain(steps).chain(labels).chain(others);
    let words = desk.page.words();
    let mut words: BTreeMap<_, _> =
        paths.filter_map(|path| Some((path.clone(), words.find(&path)?))).collect();
    // It is called so in the form for a new application.
    words.extend(
        desk.page.words().find("apply.exam_date").map(|exam| ("member.exam_date".to_owned(), exam)),
    );
    Ok(Data {
        receipts,
        language: desk.page.language().code(),
        today: desk.now.civil_date().to_string(),
        words,
    })
}

/// Something that was sent, sealed.
pub(super) async fn sent(desk: Desk, Path((receipt, name)): Path<(String, String)>) -> Response {
    sealed(desk, receipt, move |applications, receipt| applications.sealed(receipt, &name)).await
}

/// The office's own copy of an answer, sealed.
pub(super) async fn answer(desk: Desk, Path((receipt, number)): Path<(String, u32)>) -> Response {
    sealed(desk, receipt, move |applications, receipt| applications.sealed_answer(receipt, number))
        .await
}

async fn sealed(
    desk: Desk,
    receipt: String,
    read: impl FnOnce(&Applications, &ReceiptId) -> Result<Vec<u8>, Error> + Send + 'static,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let applications = of(desk, office)?;
        let receipt = applications.find(&receipt).map_err(|_| Trouble::NotFound)?;
        desk.note("application", None, Some(&receipt.short()))?;
        let bytes = read(&applications, &receipt).map_err(|_| Trouble::NotFound)?;
        Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
    })
    .await
}

/// What the browser sends: an answer that it signed and sealed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    number: u32,
    /// The office's copy, in base64url; none if only the inbox lacks the answer.
    own: Option<String>,
    /// For the applicant, in base64url.
    sealed: String,
    /// Whom to tell.
    news: Option<News>,
}

/// Keeps and posts an answer, and tells the applicant by mail that there is one.
pub(super) async fn post(
    desk: Desk,
    Path(receipt): Path<String>,
    headers: HeaderMap,
    Json(answered): Json<Answered>,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    let refused = |status, code: &str, message: &str| {
        (status, Json(json!({ "code": code, "message": message }))).into_response()
    };
    if !has_form_token(&desk, &headers) {
        return refused(StatusCode::FORBIDDEN, "foreign_form", "the page is not of this session");
    }
    match spawn_blocking(move || keep(&desk, &receipt, &answered)).await {
        Ok(Ok(done)) => Json(done).into_response(),
        Ok(Err(trouble)) => refused(StatusCode::CONFLICT, trouble.code(), &trouble.to_string()),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "failed", "something went wrong"),
    }
}

fn keep(desk: &Desk, receipt: &str, answered: &Answered) -> Result<serde_json::Value, Trouble> {
    let decode = |text: &String| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
        bytes.map_err(|_| vernet_common::Error::NotBase64url { what: "the answer" })
    };
    let (own, sealed) = (answered.own.as_ref().map(decode).transpose()?, decode(&answered.sealed)?);
    let applications = of(desk, &desk.console.office())?;
    let receipt = applications.find(receipt)?;
    desk.note("answer", None, Some(&receipt.short()))?;
    applications.post((&receipt, answered.number), own.as_deref(), &sealed)?;
    let Some(news) = &answered.news else { return Ok(json!({ "posted": answered.number })) };
    // The answer is posted, whatever becomes of the mail.
    Ok(match applications.tell((&receipt, answered.number), news, desk.now) {
        Ok(Told::Mail(mail)) => json!({ "posted": answered.number, "mail": mail }),
        Ok(Told::Nobody) => json!({ "posted": answered.number }),
        Err(error) => json!({ "posted": answered.number, "fault": error.to_string() }),
    })
}

/// Deletes an application, here and at the inbox.
pub(super) async fn delete(
    Path(receipt): Path<String>,
    Posted(desk, Nothing {}): Posted<Nothing>,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let applications = of(desk, office)?;
        let receipt = applications.find(&receipt).map_err(|_| Trouble::NotFound)?;
        desk.note("delete_application", None, Some(&receipt.short()))?;
        applications.delete(&receipt)?;
        Ok(Redirect::to("/inbox").into_response())
    })
    .await
}
