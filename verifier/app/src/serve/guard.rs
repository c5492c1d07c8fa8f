//! The middleware in front of every request: the log, the limits, the tokens, and the headers that
//! protect a browser.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    app::App,
    problem::{Code, Problem},
};

/// Logs and counts. What is logged of a request: its method, the route that it matched (never its
/// path, which may hold what an old scanner made of a QR code), the status, and how long it took.
/// Not who asked.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = known_method(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let (status, duration) = (response.status().as_u16(), start.elapsed());
    app.metrics.count_request(&route, status, duration);
    tracing::info!(method, route, status, ms = duration.as_secs_f64() * 1000.0, "request");
    response
}

/// A client may invent methods, and put anything into them.
fn known_method(method: &axum::http::Method) -> &'static str {
    ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"]
        .into_iter()
        .find(|known| method == known)
        .unwrap_or("other")
}

/// The headers of every answer; those of the page are set where it is served.
pub(super) async fn protect(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    const ALWAYS: [(HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(), geolocation=()",
        ),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ));
    if app.tls {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(a_year);
    }
    response
}

/// Refuses requests without exactly one `Host`: two programs may each believe another one of two
/// (RFC 9112 section 3.2). Before HTTP/1.1 it was optional.
pub(super) async fn expect_host(request: Request, next: Next) -> Response {
    let found = request.headers().get_all(header::HOST).iter().count();
    let fits = match request.version() {
        Version::HTTP_09 | Version::HTTP_10 => found <= 1,
        _ => found == 1,
    };
    if !fits {
        return Problem::new(
            Code::MalformedRequest,
            format!("there are {found} headers `Host`, expected one"),
        )
        .into_response();
    }
    next.run(request).await
}

/// Refuses clients that ask too often.
pub(super) async fn limit_rate(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if app.rate.as_ref().is_some_and(|rate| !rate.allows(client.ip())) {
        return Problem::new(
            Code::RateLimited,
            "this client asks more often than is allowed: wait a few seconds, or use a batch",
        )
        .into_response();
    }
    next.run(request).await
}

/// How long an answer may take to begin, batches included.
const MAX_DURATION: Duration = Duration::from_secs(60);

/// Refuses uploads beyond what the server can handle at a time, and aborts those that take too long.
/// Everything else is answered at once, and takes no place.
pub(super) async fn limit_load(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let Some(_place) = app.requests.take(client.ip()) else {
        return Problem::new(
            Code::Busy,
            "too many requests at a time, in all or from this client: try again in a few seconds",
        )
        .into_response();
    };
    match tokio::time::timeout(MAX_DURATION, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Timeout, "the answer takes too long").into_response(),
    }
}

/// Lets only requests with a valid token through, if tokens are configured.
pub(super) async fn authorise(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let token = given.and_then(|value| {
        let (scheme, token) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
    });
    match &app.tokens {
        Some(tokens) if !token.is_some_and(|token| tokens.know(token)) => Problem::new(
            Code::Unauthorized,
            "send `Authorization: Bearer TOKEN` with a token that this server knows",
        )
        .into_response(),
        _ => next.run(request).await,
    }
}

/// The answer if the code panics.
pub(super) fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response<Body> {
    Problem::internal(&anyhow::anyhow!("a request panicked")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, routing::get};
    use tower::Service;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn fail() {
        panic!("a fault with somebody's name in it");
    }

    /// What is logged while `act` runs. These are unit tests because no request is known that makes
    /// the server panic.
    fn logged(act: impl FnOnce()) -> String {
        let file = tempfile::NamedTempFile::new().expect("a new file");
        let writer = file.reopen().expect("it is there");
        let log = tracing_subscriber::fmt()
            .json()
            .with_writer(move || writer.try_clone().expect("a handle"))
            .finish();
        tracing::subscriber::with_default(log, act);
        std::fs::read_to_string(file.path()).expect("it is there")
    }

    #[test]
    fn a_panic_is_logged_without_its_words() {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(crate::serve::server::report_panic));
        let log = logged(|| {
            drop(std::panic::catch_unwind(|| panic!("a fault with somebody's name in it")))
        });
        std::panic::set_hook(usual);
        assert!(log.contains("\"level\":\"ERROR\"") && log.contains("guard.rs:"), "{log}");
        assert!(!log.contains("somebody"), "{log}");
    }

    #[test]
    fn a_panic_is_told_as_a_fault_of_the_server_and_the_next_request_is_answered() {
        let mut router: Router =
            Router::new().route("/", get(fail)).layer(CatchPanicLayer::custom(after_panic));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for _ in 0..2 {
            let Ok(response) = runtime.block_on(router.call(Request::new(Body::empty())));
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
            let body = runtime
                .block_on(axum::body::to_bytes(response.into_body(), 10_000))
                .expect("it is in memory");
            let body = str::from_utf8(&body).expect("it is JSON");
            assert!(body.contains("\"internal\"") && !body.contains("somebody"), "{body}");
        }
    }
}
