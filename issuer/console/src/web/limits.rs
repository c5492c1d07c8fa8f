//! How long a request may take.

use std::time::Duration;

use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};
use tokio::time::timeout;

use super::{language::Language, refusal::Refusal};

/// How long an answer may take to begin, which includes the time in which a form arrives.
const MAX_DURATION: Duration = Duration::from_secs(60);

/// Gives up requests that take too long: who sends a form byte by byte holds no place for ever.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    let language = Language::wanted(request.headers());
    timeout(MAX_DURATION, next.run(request))
        .await
        .unwrap_or_else(|_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow").answer(language))
}
