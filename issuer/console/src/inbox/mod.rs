//! The inbox: where people apply, and where they read what the office answers.
//!
//! | path, after the language | what |
//! |---|---|
//! | `GET /` | what one needs, and where to begin: `front.rs` |
//! | `GET`, `POST /apply` | the form, step by step: `apply.rs` |
//! | `POST /send` | the form with its documents; answers with the receipt: `send.rs` |
//! | `GET`, `POST /status` | what was answered, to whoever has the code: `status.rs` |
//! | `POST /more` | further documents under a code: `send.rs` |
//! | `POST /letter`, `GET /letter/LINK` | a link to a letter, that works once: `letter.rs` |
//!
//! **It holds no private key and no register**, and keeps nothing in the browser: no cookie, no script.
//! What is sent is checked and sealed in memory, and reaches the disk as bytes that only the office
//! reads. What the office answers lies there sealed to the applicant's code, which nobody keeps.

mod app;
mod apply;
mod code;
mod field;
mod front;
mod guard;
mod letter;
mod links;
mod send;
mod settings;
mod status;
mod upload;

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

use self::app::App;
pub use self::{
    app::{Examine, Inbox, InboxError, Limits},
    settings::{InboxSettings, SettingsError},
};
use crate::web::{
    headers::{Secure, protect},
    language::Language,
    origin::{Origins, refuse_foreign},
    refusal::Refusal,
    static_files::{self, COMMON, static_file},
};

/// The longest form without documents.
const MAX_FORM: usize = 64 << 10;

impl Inbox {
    /// Every path, and what is in front of it.
    pub fn router(self) -> Router {
        let (origins, secure) =
            (Origins::new([self.origin().to_owned()]), Secure(self.is_secure()));
        let app: Arc<App> = Arc::new(self.into());
        let quick = Router::new()
            .route("/", get(front::choose_language))
            .route("/{language}/", get(front::page))
            .route("/{language}/apply", get(apply::begin).post(apply::step))
            .route("/{language}/status", get(status::ask).post(status::show))
            .route("/{language}/letter", post(letter::link))
            .route("/letter/{link}", get(letter::fetch))
            .layer(middleware::from_fn(guard::limit_time))
            .layer(DefaultBodyLimit::max(MAX_FORM));
        // These read their bodies themselves, within their own limits.
        let uploads = Router::new()
            .route("/{language}/send", post(send::application))
            .route("/{language}/more", post(send::more))
            .layer(DefaultBodyLimit::disable());
        let files =
            COMMON.into_iter().chain([static_file!("inbox.css", "text/css; charset=utf-8")]);
        Router::new()
            .merge(quick)
            .merge(uploads)
            .merge(static_files::routes(files.collect()))
            .fallback(elsewhere)
            .method_not_allowed_fallback(elsewhere)
            .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::limit_rate))
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(middleware::from_fn_with_state(origins, refuse_foreign))
            .layer(middleware::from_fn(guard::no_scripts))
            .layer(middleware::from_fn_with_state(secure, protect))
            .layer(middleware::from_fn(guard::observe))
            .with_state(app)
    }
}

async fn elsewhere(headers: HeaderMap) -> Response {
    Refusal::new(StatusCode::NOT_FOUND, "not_found").answer(Language::wanted(&headers))
}

/// What was wrong is in the log: where, not what, because that may quote a person.
fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(Language::Bokmal)
}
