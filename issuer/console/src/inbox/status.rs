//! What was sent and answered, for whoever has the code.

use std::{net::SocketAddr, sync::Arc};

use askama::Template;
use axum::{
    extract::{ConnectInfo, State},
    http::StatusCode,
    response::Response,
};
use vernet_applications::{
    Answer, MAX_DOCUMENT, MAX_DOCUMENTS, MAX_TOTAL, Purpose, ReceiptCode, Step,
};
use vernet_common::{CivilDate, NumericDate};

use super::{
    app::App,
    code::{self, CodeFault, Found, Speaks, failed, look_up},
};
use crate::web::{
    language::Language,
    page::{self, Page, show_as},
};

#[derive(Template)]
#[template(path = "inbox/code.html")]
struct CodePage {
    page: Page,
    office: String,
    contact: String,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "inbox/status.html")]
struct StatusPage {
    page: Page,
    office: String,
    code: String,
    step: String,
    /// Whether the step is good or bad news, as a class of the style.
    mood: &'static str,
    deadline: Option<CivilDate>,
    happened: Vec<Happened>,
    sent: bool,
    faults: Vec<String>,
    text: String,
    limits: [usize; 3],
}

/// Something that happened.
struct Happened {
    at: NumericDate,
    title: String,
    text: Option<String>,
    deadline: Option<CivilDate>,
    /// The documents that came with it: the number of the answer, and of the document.
    letters: Vec<(u32, usize)>,
}

/// What the page says besides.
pub(super) enum Notice {
    Nothing,
    /// Something was received.
    Sent,
    /// Nothing was: what is wrong, and what was written.
    Faults(Vec<String>, String),
}

/// Asks for the code.
pub(super) async fn ask(State(app): State<Arc<App>>, Speaks(language): Speaks) -> Response {
    page::show(&code_page(&app, language, None))
}

/// Asks again, with what is wrong. The code that was typed is not shown.
pub(super) fn ask_again(app: &App, language: Language, fault: CodeFault) -> Response {
    show_as(fault.status(), &code_page(app, language, Some(fault)))
}

fn code_page(app: &App, language: Language, fault: Option<CodeFault>) -> CodePage {
    let page = app.page(language, "status");
    CodePage {
        office: app.office(language),
        contact: app.settings.contact.to_string(),
        fault: fault.map(|fault| page.say(fault.words()).to_owned()),
        page,
    }
}

/// The answer to a code. It comes in a form and never in an address, which browsers keep.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Speaks(language): Speaks,
    read: code::Fields,
) -> Response {
    let fields = match code::fields(read, language) {
        Ok(fields) => fields,
        Err(refused) => return *refused,
    };
    let typed = fields.get("code").map_or("", String::as_str);
    match look_up(&app, client.ip(), typed, language) {
        Ok(Found::Receipt(code)) => page(&app, language, &code, Notice::Nothing),
        Ok(Found::Fault(fault)) => ask_again(&app, language, fault),
        Err(refused) => *refused,
    }
}

/// The page.
pub(super) fn page(app: &App, language: Language, code: &ReceiptCode, notice: Notice) -> Response {
    match status_page(app, language, code, notice) {
        Ok((status, page)) => show_as(status, &page),
        Err(error) => failed(&error, language),
    }
}

fn status_page(
    app: &App,
    language: Language,
    code: &ReceiptCode,
    notice: Notice,
) -> Result<(StatusCode, StatusPage), vernet_applications::Error> {
    let receipt = app.folder.receipt(&code.id())?.unwrap_or_default();
    let answers = answers(app, code)?;
    let page = app.page(language, "status");
    let mut happened: Vec<Happened> = Vec::new();
    for (number, received) in receipt.received.iter().enumerate() {
        let words = if number == 0 { "inbox.happened.sent" } else { "inbox.happened.more" };
        happened.push(Happened {
            at: received.at,
            title: page.say(words).to_owned(),
            text: None,
            deadline: None,
            letters: Vec::new(),
        });
    }
    for answer in &answers {
        happened.push(Happened {
            at: answer.claims.iat,
            title: page.say(&format!("inbox.happened.{}", answer.claims.step.word())).to_owned(),
            text: answer.claims.text.as_ref().map(|text| text.as_str().to_owned()),
            deadline: answer.claims.by,
            letters: (0..answer.documents.len())
                .map(|place| (answer.claims.number, place))
                .collect(),
        });
    }
    // The latest first; of the same instant, what was written last.
    happened.sort_by_key(|one| one.at);
    happened.reverse();
    let last = answers.iter().rev().find(|answer| answer.claims.step != Step::Message);
    let step = last.map_or(Step::Received, |answer| answer.claims.step);
    let answered = |at: NumericDate| receipt.received.iter().any(|received| received.at > at);
    let deadline = last.and_then(|last| last.claims.by.filter(|_| !answered(last.claims.iat)));
    let words = match (last, deadline) {
        (None, _) => "inbox.step.sent".to_owned(),
        (Some(_), None) if step.has_deadline() => "inbox.step.answered".to_owned(),
        _ => format!("inbox.step.{}", step.word()),
    };
    let (sent, faults, text) = match notice {
        Notice::Nothing => (false, Vec::new(), String::new()),
        Notice::Sent => (true, Vec::new(), String::new()),
        Notice::Faults(faults, text) => (false, faults, text),
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mega = 1 << 20;
    let shown = StatusPage {
        office: app.office(language),
        code: code.text().to_string(),
        step: page.say(&words).to_owned(),
        mood: match step {
            Step::Granted => "good",
            Step::Refused => "bad",
            _ => "",
        },
        deadline,
        happened,
        sent,
        faults,
        text,
        limits: [MAX_DOCUMENTS, MAX_DOCUMENT / mega, MAX_TOTAL / mega],
        page,
    };
    Ok((status, shown))
}

/// What the office answered. What does not open or is not signed by the office is left out, and noted
/// in the log: somebody wrote it who should not.
fn answers(app: &App, code: &ReceiptCode) -> Result<Vec<Answer>, vernet_applications::Error> {
    let (id, key) = (code.id(), code.open_key());
    let mut answers = Vec::new();
    for number in app.folder.answers(&id)? {
        let Some(sealed) = app.folder.answer(&id, number)? else { continue };
        match Answer::open(&sealed, (Purpose::Answer, &key), (&id, number), &app.key) {
            Ok(answer) => answers.push(answer),
            Err(error) => tracing::error!(code = error.code(), number, "an answer is left out"),
        }
    }
    Ok(answers)
}

/// One answer.
pub(super) fn answer(
    app: &App,
    code: &ReceiptCode,
    number: u32,
) -> Result<Option<Answer>, vernet_applications::Error> {
    Ok(answers(app, code)?.into_iter().find(|answer| answer.claims.number == number))
}
