//! The form, step by step. Nothing is kept between the steps: each page carries what was filled in
//! before, and each step checks all of it again.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use vernet_applications::{
    FormDraft, FormFault, FormStep, MAX_DOCUMENT, MAX_DOCUMENTS, MAX_TOTAL, ReceiptCode,
};
use vernet_host::random;
use vernet_register::refuse_national_identity_number;

use super::{
    app::App,
    code::{self, Speaks},
    field::{Field, Fields, language_of, summary},
};
use crate::web::{
    language::Language,
    page::{Page, show_as},
    words::Words,
};

#[derive(Template)]
#[template(path = "inbox/step.html")]
struct StepPage {
    page: Page,
    office: String,
    /// `right` or `person`.
    step: &'static str,
    number: usize,
    fields: Vec<Field>,
    /// What the steps before it filled in.
    hidden: Vec<(&'static str, String)>,
}

impl StepPage {
    fn faults(&self) -> Vec<&Field> {
        self.fields.iter().filter(|field| field.fault.is_some()).collect()
    }
}

#[derive(Template)]
#[template(path = "inbox/documents.html")]
struct DocumentsPage {
    page: Page,
    office: String,
    code: String,
    hidden: Vec<(&'static str, String)>,
    summary: Vec<(String, String)>,
    /// What is wrong with the documents or the text.
    faults: Vec<String>,
    text: String,
    limits: [usize; 3],
}

/// The first step.
pub(super) async fn begin(State(app): State<Arc<App>>, Speaks(language): Speaks) -> Response {
    right(&app, language, &empty(&app, language), &[], StatusCode::OK)
}

/// What follows a step: the next one, or the same one with what is wrong.
pub(super) async fn step(
    State(app): State<Arc<App>>,
    Speaks(language): Speaks,
    read: code::Fields,
) -> Response {
    let fields = match code::fields(read, language) {
        Ok(fields) => fields,
        Err(refused) => return *refused,
    };
    let draft = draft_of(&app, language, &fields);
    let today = app.now().civil_date();
    if fields.contains_key("back") {
        return match fields.get("back").map(String::as_str) {
            Some("person") => person(&app, language, &draft, &[], StatusCode::OK),
            _ => right(&app, language, &draft, &[], StatusCode::OK),
        };
    }
    let faults = draft.faults(FormStep::Right, today);
    if !faults.is_empty() {
        return right(&app, language, &draft, &faults, StatusCode::UNPROCESSABLE_ENTITY);
    }
    if fields.get("step").map(String::as_str) != Some("person") {
        return person(&app, language, &draft, &[], StatusCode::OK);
    }
    match draft.check(today) {
        Err(faults) => person(&app, language, &draft, &faults, StatusCode::UNPROCESSABLE_ENTITY),
        Ok(_) => {
            let code = ReceiptCode::generate(&mut random());
            documents(&app, language, &draft, (&code, ""), &[], StatusCode::OK)
        }
    }
}

/// The last step: the documents. The code of the receipt is made here and comes back with the form, so
/// that the same form sent twice, or after a broken connection, is one application.
pub(super) fn documents(
    app: &App,
    language: Language,
    draft: &FormDraft,
    (code, text): (&ReceiptCode, &str),
    faults: &[String],
    status: StatusCode,
) -> Response {
    let page = app.page(language, "apply");
    let summary = summary(page.words(), draft, &app.rows);
    let mega = 1 << 20;
    let template = DocumentsPage {
        office: app.office(language),
        code: code.text().to_string(),
        hidden: hidden(draft, |_| true),
        summary,
        faults: faults.to_vec(),
        text: text.to_owned(),
        limits: [MAX_DOCUMENTS, MAX_DOCUMENT / mega, MAX_TOTAL / mega],
        page,
    };
    show_as(status, &template)
}

fn right(
    app: &App,
    language: Language,
    draft: &FormDraft,
    faults: &[FormFault],
    status: StatusCode,
) -> Response {
    let fields = Fields { words: Words::of(language), draft, faults }.right(&app.rows);
    step_page(app, language, draft, ("right", 1, fields), status)
}

/// The second step; also what the last one falls back to.
pub(super) fn person(
    app: &App,
    language: Language,
    draft: &FormDraft,
    faults: &[FormFault],
    status: StatusCode,
) -> Response {
    let fields = Fields { words: Words::of(language), draft, faults }.person();
    step_page(app, language, draft, ("person", 2, fields), status)
}

fn step_page(
    app: &App,
    language: Language,
    draft: &FormDraft,
    (step, number, fields): (&'static str, usize, Vec<Field>),
    status: StatusCode,
) -> Response {
    // What another step filled in is not lost by going there and back.
    let shown: Vec<_> = fields.iter().map(|field| field.name).collect();
    let hidden = hidden(draft, |name| !shown.contains(&name));
    let (page, office) = (app.page(language, "apply"), app.office(language));
    show_as(status, &StepPage { page, office, step, number, fields, hidden })
}

/// The form that was filled in.
pub(super) fn draft_of(
    app: &App,
    language: Language,
    fields: &HashMap<String, String>,
) -> FormDraft {
    let mut draft = empty(app, language);
    for (name, text) in fields {
        if let Some(field) = draft.field_mut(name) {
            text.clone_into(field);
        }
    }
    draft.language = language_of(language);
    // Nobody applies here for another title than those that are offered.
    if !app.rows.iter().any(|row| row.title.to_string() == draft.title) {
        draft.title.clear();
    }
    draft
}

fn empty(app: &App, language: Language) -> FormDraft {
    let mut draft = FormDraft { language: language_of(language), ..FormDraft::default() };
    if let [only] = app.rows[..] {
        draft.title = only.title.to_string();
    }
    draft
}

/// The fields that a page carries on. A national identity number is not carried anywhere.
fn hidden(draft: &FormDraft, is_hidden: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
    let carried = draft.fields().into_iter().filter(|(name, text)| {
        let refused = refuse_national_identity_number(name, text, "").is_err();
        *name != "language" && !text.is_empty() && !refused && is_hidden(name)
    });
    carried.map(|(name, text)| (name, text.clone())).collect()
}
