//! The headers that protect a browser.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// What pages may do: run the scripts and styles of this server, and talk to it. Nothing inline, and
/// nothing from elsewhere.
const PAGES: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

const ALWAYS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, PAGES),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: with it browsers send `Origin: null` with every form, and forms could not be
    // told from those of other sites by it (Fetch standard, "append a request `Origin` header").
    // Other servers are told nothing either way.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    // Pages are about people: no browser and no proxy keeps them.
    (header::CACHE_CONTROL, "no-store"),
];

/// Whether browsers reach the server by TLS, its own or that of a proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Secure(pub(crate) bool);

/// Adds them to every answer that does not have its own.
pub(crate) async fn protect(
    State(Secure(secure)): State<Secure>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(a_year);
    }
    response
}
