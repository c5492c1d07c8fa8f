//! The files of the page, compressed once at the start.

use std::{collections::BTreeMap, io::Write, sync::Arc};

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use vernet_common::TrustAnchor;

use super::{
    App, as_fragment,
    problem::{Code, Problem},
    publication::etag,
};
use crate::page;

/// Where the page finds the lists: with us, seen from `/v/`.
const PUBLICATION: &str = "../v1/publication/";

/// The page, as it is sent.
pub(super) struct Assets {
    files: BTreeMap<String, Asset>,
    content_security_policy: HeaderValue,
}

struct Asset {
    media_type: &'static str,
    plain: Bytes,
    gzip: Bytes,
    etag: String,
}

impl Assets {
    /// The page for one office's certificates.
    pub(super) fn new(anchor: &TrustAnchor) -> Result<Self> {
        let mut files = BTreeMap::new();
        for file in page::files(anchor, PUBLICATION)? {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&file.bytes)?;
            let etag = etag(&file.bytes);
            let plain = Bytes::from(file.bytes.into_owned());
            let asset =
                Asset { media_type: file.media_type, plain, gzip: gzip.finish()?.into(), etag };
            files.insert(file.path, asset);
        }
        let content_security_policy =
            HeaderValue::from_str(&page::content_security_policy(PUBLICATION)?)?;
        Ok(Self { files, content_security_policy })
    }

    fn response(&self, path: &str, request: &HeaderMap) -> Response {
        let Some(asset) = self.files.get(path) else {
            return Problem::new(Code::NotFound, "the page has no such file").into_response();
        };
        let common = [
            (header::CONTENT_SECURITY_POLICY, self.content_security_policy.clone()),
            (header::VARY, HeaderValue::from_static("Accept-Encoding")),
            // The page keeps its own copy for offline use; a browser that has one asks whether it
            // is still the newest.
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        let compressed = accepts_gzip(request);
        // A strong tag names the bytes that are sent.
        let etag =
            if compressed { asset.etag.replacen('"', "\"gzip-", 1) } else { asset.etag.clone() };
        if not_modified(request, &etag) {
            return (StatusCode::NOT_MODIFIED, common, [(header::ETAG, etag)]).into_response();
        }
        let about = [(header::ETAG, etag), (header::CONTENT_TYPE, asset.media_type.to_owned())];
        if compressed {
            (common, about, [(header::CONTENT_ENCODING, "gzip")], asset.gzip.clone())
                .into_response()
        } else {
            (common, about, asset.plain.clone()).into_response()
        }
    }
}

/// The paths of the page. `/v` is the path in the printed link; what follows its `#` stays in the
/// browser, also across the redirect.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(async || Redirect::temporary("v/")))
        .route("/v", get(async || Redirect::temporary("v/")))
        .route("/v/", get(index))
        .route("/v/{*path}", get(file))
        .route("/v-worker.js", get(worker))
}

async fn index(State(app): State<Arc<App>>, request: HeaderMap) -> Response {
    app.assets.response("v/index.html", &request)
}

async fn file(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    request: HeaderMap,
) -> Response {
    // No file has a name that is not UTF-8.
    let path = path.map_or_else(|_| "?".to_owned(), |Path(path)| path);
    let fragment = path.strip_prefix('#').and_then(|digits| as_fragment("./", digits));
    fragment.unwrap_or_else(|| app.assets.response(&format!("v/{path}"), &request))
}

async fn worker(State(app): State<Arc<App>>, request: HeaderMap) -> Response {
    app.assets.response("v-worker.js", &request)
}

/// Whether the client has these bytes already (RFC 9110 section 13.1.2).
pub(super) fn not_modified(request: &HeaderMap, etag: &str) -> bool {
    let given =
        request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let given =
        request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        parts.next() == Some("gzip")
            && !parts.any(|weight| {
                weight.starts_with("q=0") && !weight[3..].contains(|c| ('1'..='9').contains(&c))
            })
    })
}
