//! The console: one file per screen.

mod sign_in;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri},
    middleware,
    response::Response,
    routing::get,
};
use tower_http::catch_panic::CatchPanicLayer;
use vernet_issuer::Office;

use crate::web::{
    headers::{Secure, protect},
    language::Language,
    origin::{Origins, refuse_foreign},
    refusal::Refusal,
    static_files::{self, COMMON},
};

/// The office's console.
#[derive(Debug)]
pub struct Console {
    office: Office,
}

/// Under which addresses browsers know the console.
#[derive(Clone, Debug)]
pub struct ConsoleAddress {
    /// The origins, as in `https://console.office.example.no`.
    pub origins: Vec<String>,
    /// Whether browsers use TLS.
    pub secure: bool,
}

impl Console {
    /// The console of an office.
    pub fn new(office: Office) -> Self {
        Self { office }
    }

    /// Every path, and what is in front of it.
    pub fn router(self, address: ConsoleAddress) -> Router {
        let state = std::sync::Arc::new(self);
        Router::new()
            .route("/", get(sign_in::page))
            .with_state(state)
            .merge(static_files::routes(COMMON.to_vec()))
            .fallback(elsewhere)
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(middleware::from_fn_with_state(Origins::new(address.origins), refuse_foreign))
            .layer(middleware::from_fn_with_state(Secure(address.secure), protect))
    }
}

async fn elsewhere(headers: HeaderMap, _: Uri) -> Response {
    Refusal::new(StatusCode::NOT_FOUND, "not_found").answer(Language::wanted(&headers))
}

/// What was wrong is in the log: where, not what, because that may quote a person.
fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(Language::Bokmal)
}
