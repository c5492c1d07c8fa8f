//! What is in front of every request.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::app::App;
use crate::web::{language::Language, refusal::Refusal};

/// Pages of the inbox run no script at all: they are for everybody, and nothing here needs one.
const NO_SCRIPTS: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// How long a request without documents may take, with its body.
const MAX_DURATION: Duration = Duration::from_secs(20);

/// Forbids scripts.
pub(super) async fn no_scripts(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(NO_SCRIPTS);
    response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

/// Refuses clients that ask too often.
pub(super) async fn limit_rate(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if !app.may_ask(client.ip()) {
        return too_often(Language::wanted(request.headers()));
    }
    next.run(request).await
}

/// Ends requests that come too slowly.
pub(super) async fn limit_time(request: Request, next: Next) -> Response {
    let language = Language::wanted(request.headers());
    let answer = tokio::time::timeout(MAX_DURATION, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        Refusal::new(StatusCode::REQUEST_TIMEOUT, "inbox_slow").answer(language)
    })
}

/// Logs the route and never the path or who asked: a path may hold a link to a letter.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = if request.method() == "POST" { "POST" } else { "other" };
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_millis());
    tracing::info!(method, route = route.as_deref().unwrap_or("none"), status, ms, "request");
    response
}

/// The answer to a client that asks too often.
pub(super) fn too_often(language: Language) -> Response {
    let mut response = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_often").answer(language);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}
