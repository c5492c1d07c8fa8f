//! The console: one file per screen.
//!
//! Every screen begins with a [`guard::Desk`]: an officer who is signed in and in office now. What it
//! shows comes from the library that the command line uses; what it says is in `lang/`.

mod access;
mod access_log;
mod applications;
mod apply;
mod audit;
mod audits;
mod carry_out;
mod carrying;
mod ceremony;
mod challenge;
mod check;
mod checks;
mod console;
mod decide;
mod deed;
mod drafts;
mod enrol;
mod facts;
mod fault;
mod figures;
mod filed;
mod form;
mod guard;
mod import;
mod import_rows;
mod imports;
mod officers;
mod papers;
mod person;
mod print;
mod problem;
mod proof;
mod proposals;
mod publish;
mod publisher;
mod react;
mod reaction;
mod review;
mod rules;
mod search;
mod session;
mod settings;
mod sign_in;
mod sign_out;
mod signing;
mod subject;
mod today;
mod waiting;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode},
    middleware,
    response::Response,
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

pub use self::{
    access_log::AccessLogError,
    console::{Clock, Console, ConsoleAddress},
};
use crate::web::{
    headers::{Secure, protect},
    language::Language,
    limits::in_time,
    origin::refuse_foreign,
    refusal::Refusal,
    static_files::{self, COMMON, StaticFile, static_file},
};

/// The largest form without files.
const MAX_FORM: usize = 64 * 1024;

const FILES: [StaticFile; 13] = [
    static_file!("applications.js", "text/javascript; charset=utf-8"),
    static_file!("apply.js", "text/javascript; charset=utf-8"),
    static_file!("attach.js", "text/javascript; charset=utf-8"),
    static_file!("audit.js", "text/javascript; charset=utf-8"),
    static_file!("carry_out.js", "text/javascript; charset=utf-8"),
    static_file!("keys.js", "text/javascript; charset=utf-8"),
    static_file!("keys_worker.js", "text/javascript; charset=utf-8"),
    static_file!("last_day.js", "text/javascript; charset=utf-8"),
    static_file!("search.js", "text/javascript; charset=utf-8"),
    static_file!("sign_in.js", "text/javascript; charset=utf-8"),
    static_file!("my_keys.js", "text/javascript; charset=utf-8"),
    static_file!("sign.js", "text/javascript; charset=utf-8"),
    static_file!("desk.wasm", "application/wasm"),
];

impl Console {
    /// Every path, and what is in front of it.
    pub fn router(self) -> Router {
        let (origins, secure) = (self.origins.clone(), Secure(self.address.secure));
        let attempts = middleware::from_fn_with_state(sign_in::Attempts::default(), sign_in::limit);
        Router::new()
            .route("/sign-in", post(sign_in::sign_in).layer(attempts).get(sign_in::page))
            .route("/sign-out", post(sign_out::sign_out))
            .route("/language/{code}", get(sign_out::choose_language))
            .route("/", get(today::page))
            .route("/proposals/{seq}/approve", post(decide::approve))
            .route("/proposals/{seq}/reject", post(decide::reject))
            .route("/keys", get(enrol::my_keys).post(enrol::made))
            .route("/officers/{kid}/end", post(enrol::end))
            .merge(with_documents())
            .route("/applications/check", post(check::check))
            .route("/applications/draft", post(check::keep))
            .route("/applications/draft/{token}/forget", post(check::forget))
            .merge(with_cells())
            .merge(with_answers())
            .route("/inbox", get(applications::page))
            .route("/inbox/{receipt}/sent/{name}", get(applications::sent))
            .route("/inbox/{receipt}/answers/{number}", get(applications::answer))
            .route("/inbox/{receipt}/delete", post(applications::delete))
            .route("/import/{token}/discard", post(import::discard))
            .route("/import/{token}/propose", post(import::propose))
            .route("/proposals/{seq}/rows", get(import_rows::page))
            .route("/proposals/{seq}/carry-out", get(carry_out::page))
            .route("/proposals/{seq}/carry-out/next", post(carry_out::next))
            .route("/proposals/{seq}/carry-out/sign", post(carry_out::sign))
            .route("/proposals/{seq}/carry-out/events", get(carry_out::events))
            .route("/sign/{token}", get(signing::page).post(signing::complete))
            .route("/sign/{token}/again", post(signing::again))
            .route("/search", get(search::page))
            .route("/person/{hpr}", get(person::page))
            .route("/certificate/{number}/letter", get(papers::letter))
            .route("/decision/{seq}/letter", get(papers::decision_letter))
            .route("/documents/{seq}/{sha256}", get(papers::document))
            .route("/proposals", get(proposals::page))
            .route("/proposals/{seq}", get(review::page))
            .route("/print", get(print::page).post(print::letters))
            .route("/ceremony/draft.json", get(ceremony::draft))
            .route("/publish", get(publish::page).post(publish::publish))
            .route("/figures", get(figures::page))
            .route("/figures.csv", get(figures::csv))
            .route("/officers", get(officers::page))
            .route("/rules", get(rules::page))
            .route("/audit", get(audit::page).post(audit::begin))
            .route("/audit/events", get(audit::events))
            .route("/access-log", get(access::page))
            .route("/settings", get(settings::page))
            .with_state(Arc::new(self))
            .merge(static_files::routes([&COMMON[..], &FILES].concat()))
            .fallback(elsewhere)
            .method_not_allowed_fallback(elsewhere)
            .layer(DefaultBodyLimit::max(MAX_FORM))
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(middleware::from_fn(in_time))
            .layer(middleware::from_fn_with_state(origins, refuse_foreign))
            .layer(middleware::from_fn_with_state(secure, protect))
    }
}

/// Forms with documents, which are larger than the others.
fn with_documents() -> Router<Arc<Console>> {
    Router::new()
        .route("/applications/new", get(apply::page).post(apply::propose))
        .route("/certificate/{number}/decide", get(react::page).post(react::decide))
        .route("/officers/enrol", get(enrol::page).post(enrol::propose))
        .route("/ceremony", get(ceremony::page).post(ceremony::accept))
        .route("/import", get(import::start).post(import::upload))
        .layer(DefaultBodyLimit::max(filed::MAX_FORM))
}

/// What is answered to applicants, with letters.
fn with_answers() -> Router<Arc<Console>> {
    Router::new()
        .route("/inbox/{receipt}/answers", post(applications::post))
        .layer(DefaultBodyLimit::max(applications::MAX_ANSWER))
}

/// Forms with the cells of a table.
fn with_cells() -> Router<Arc<Console>> {
    Router::new()
        .route("/import/{token}", get(import::page))
        .route("/import/{token}/columns", post(import::decide))
        .route("/import/{token}/mend", post(import::mend))
        .layer(DefaultBodyLimit::max(import::MAX_FORM))
}

async fn elsewhere(headers: HeaderMap) -> Response {
    Refusal::new(StatusCode::NOT_FOUND, "not_found").answer(Language::wanted(&headers))
}

/// What was wrong is in the log: where, not what, because that may quote a person.
fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(Language::Bokmal)
}
