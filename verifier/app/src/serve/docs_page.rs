//! `GET /docs`: the description for people, with the address at which they reach the server.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{app::App, examples::EXAMPLE_SERVER};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/docs", get(docs)).route("/docs.css", get(style))
}

async fn style(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    app.docs.style.answer(&headers)
}

/// The page, with this server's own address in the examples.
async fn docs(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    let headers_of_answer =
        [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-cache")];
    let page = match address(&headers, app.tls) {
        Some(address) => app.docs.page.replace(EXAMPLE_SERVER, &address),
        None => app.docs.page.clone(),
    };
    (headers_of_answer, Html(page)).into_response()
}

/// The address at which the reader reaches the server, if the request states it in a form that is
/// safe in a command line.
fn address(headers: &HeaderMap, tls: bool) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let host = text("host")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let scheme = if tls || text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    (!host.is_empty() && host.bytes().all(plain)).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_in_the_examples_cannot_carry_anything_else() {
        let address_of = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().expect("a header"));
            address(&headers, false)
        };
        assert_eq!(address_of("127.0.0.1:8470").as_deref(), Some("http://127.0.0.1:8470"));
        assert_eq!(address_of("[::1]:8470").as_deref(), Some("http://[::1]:8470"));
        for wrong in ["a<b>", "a'; rm -rf b", "a b", ""] {
            assert_eq!(address_of(wrong), None, "{wrong}");
        }
    }
}
