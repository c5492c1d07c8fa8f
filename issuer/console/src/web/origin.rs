//! From which pages requests may come: from those of this server, under the names that it is known
//! by. That is the first of two guards against forged requests; the other one is the token in each
//! form of somebody who is signed in.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::Response,
};

use super::{language::Language, refusal::Refusal};

/// The origins under which browsers know this server, as in `https://console.office.example.no`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Origins(Arc<[String]>);

impl Origins {
    /// These.
    pub(crate) fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(origins.into_iter().map(|origin| origin.to_ascii_lowercase()).collect())
    }

    /// The origin that a page of this server says it has, if it is one of these.
    pub(crate) fn of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let found = headers.get(header::ORIGIN)?.to_str().ok()?;
        self.0.iter().any(|known| known.as_str() == found).then_some(found)
    }

    /// The one that the office has chosen.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Whether it is one of these.
    pub(crate) fn has(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// The same for a server that is addressed as this host.
    fn has_host(&self, host: &str) -> bool {
        let of = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_owned());
        self.0.iter().any(|known| of(known).is_some_and(|known| known.eq_ignore_ascii_case(host)))
    }
}

/// Lets a request through if it is addressed to this server by one of its names, so that no other
/// name can be made to point here (DNS rebinding), and if a page of this server sent it, unless it
/// only reads.
pub(crate) async fn refuse_foreign(
    State(origins): State<Origins>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let language = Language::wanted(headers);
    if !host(headers, request.uri()).is_some_and(|host| origins.has_host(host)) {
        return Refusal::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host").answer(language);
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && !is_own(headers, &origins) {
        return Refusal::new(StatusCode::FORBIDDEN, "foreign_form").answer(language);
    }
    next.run(request).await
}

/// The host that the request is for: exactly one, because two programs may each believe another one of
/// two (RFC 9112 section 3.2).
fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let mut named = headers.get_all(header::HOST).iter();
    let (first, second) = (named.next(), named.next());
    if second.is_some() {
        return None;
    }
    let named = first.and_then(|host| host.to_str().ok());
    match (named, uri.authority()) {
        (Some(host), Some(authority)) if authority.as_str() != host => None,
        (host, authority) => host.or(authority.map(|authority| authority.as_str())),
    }
}

/// Whether one of this server's own pages sent it. Browsers send `Origin` with every request that may
/// change something, and newer ones say how the sender stands to the server.
fn is_own(headers: &HeaderMap, origins: &Origins) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    origins.of(headers).is_some() && site.is_none_or(|site| site == b"same-origin")
}

/// The relying party of passkeys that are made at an origin: its host, if that is a name.
pub(crate) fn rp_id_of(origin: &str) -> Option<String> {
    let (_, host) = origin.split_once("://")?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_name = host.ends_with(|c: char| c.is_ascii_lowercase());
    is_name.then(|| host.to_owned())
}
