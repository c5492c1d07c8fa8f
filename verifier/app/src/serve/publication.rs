//! The lists that the server runs on, as files: phones fetch them from here, so that the office
//! does not even learn how many there are.

use std::sync::Arc;

use anyhow::Result;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use vernet_common::{Bundle, BundledLog, LogTree, StatusListClaims, Tile};

use super::{
    App,
    assets::not_modified,
    openapi::{EXAMPLE_SERVER, curl},
    problem::{Code, Problem, problems},
};

/// The signed files of a publication. Its unsigned ones, type and issuer metadata, are the office's
/// own business.
#[derive(PartialEq, Eq)]
pub(crate) struct Publication {
    files: Vec<File>,
}

/// One file, ready to be sent.
#[derive(PartialEq, Eq)]
pub(crate) struct File {
    /// Its path in the publication.
    path: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: axum::body::Bytes,
    /// A strong entity tag (RFC 9110 section 8.8.3), its quotation marks included.
    pub(crate) etag: String,
}

impl Publication {
    pub(crate) fn new(bundle: &Bundle) -> Result<Self> {
        let mut files =
            vec![File::new("bundle.json".into(), "application/json", bundle.to_json()?)];
        if let Some(trust_list) = bundle.trust_lists.last() {
            let json = vernet_common::to_canonical_json("the trust list", trust_list)?;
            files.push(File::new("trust-list.json".into(), "application/json", json));
        }
        for list in &bundle.status_lists {
            // It was verified together with the others before the bundle came here.
            let claims: StatusListClaims = serde_json::from_slice(list.unverified_payload())?;
            let number = claims.sub.number();
            let bytes = list.as_str().as_bytes().to_vec();
            files.push(File::new(format!("status/{number}"), "application/statuslist+jwt", bytes));
        }
        if let Some(log) = &bundle.log {
            files.push(File::new(
                "log/checkpoint".into(),
                "text/plain; charset=utf-8",
                log.checkpoint.to_text().into(),
            ));
            files.extend(tiles(log));
        }
        Ok(Self { files })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// The tiles of the log: whoever fetches the lists from here finds the leaves of a log that is too
/// large for the bundle. The entries, from which the leaves are made, are the office's own
/// business.
fn tiles(log: &BundledLog) -> Vec<File> {
    let mut tree = LogTree::new();
    log.leaves.iter().flatten().for_each(|leaf| tree.push(*leaf));
    let file = |tile: Tile| {
        let bytes = tile.content(&tree)?;
        Some(File::new(format!("log/{}", tile.path()), "application/octet-stream", bytes))
    };
    Tile::all(tree.size()).filter_map(file).collect()
}

impl File {
    pub(crate) fn new(path: String, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let etag = etag(&bytes);
        Self { path, media_type, bytes: bytes.into(), etag }
    }

    /// The file, or that the client has it already. It is public and the same for everybody, so
    /// pages of other servers may fetch it too.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let common = [
            (header::ETAG, self.etag.clone()),
            // Whoever has it asks whether it is still the newest, and is answered in a few bytes.
            (header::CACHE_CONTROL, "no-cache".to_owned()),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
            (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
        ];
        if not_modified(request, &self.etag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        (common, [(header::CONTENT_TYPE, self.media_type)], self.bytes.clone()).into_response()
    }
}

/// The same bytes have the same tag on every server.
pub(crate) fn etag(bytes: &[u8]) -> String {
    let hash: String =
        Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}

/// What a client sends that has a copy already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Condition {
    /// The `ETag` of the copy that you have.
    #[param(rename = "If-None-Match", required = false)]
    #[expect(dead_code, reason = "it stands for the header in the description")]
    etag: String,
}

pub(super) const NOT_MODIFIED: &str =
    "You have it already: the `ETag` in `If-None-Match` is that of the newest";

problems!(Refusals: NotReady, RateLimited, Busy, Internal);
problems!(RefusalsOrNone: NotFound, NotReady, RateLimited, Busy, Internal);

/// All that offline verification needs, in one file
///
/// Trust lists and status lists in one JSON object, each signed by itself (docs/FORMAT.md section
/// 9). Some kilobytes for a profession of fifty.
#[utoipa::path(
    get, path = "/v1/publication/bundle.json", operation_id = "getBundle", tag = "publication",
    params(Condition),
    responses(
        (status = 200, description = "The bundle", body = Object, headers(("etag" = String, description = "Names these very bytes"))),
        (status = 304, description = NOT_MODIFIED),
        Refusals,
    ),
    extensions(("x-codeSamples" = json!(curl(&[("Fetch it", format!("curl --remote-name {EXAMPLE_SERVER}/v1/publication/bundle.json"))])))),
)]
pub(super) async fn bundle(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    send(&app, "bundle.json", &headers)
}

/// The trust list
///
/// Which keys count, for what, and since when not any more; signed by the office's root keys as JWS
/// JSON (docs/FORMAT.md section 8).
#[utoipa::path(
    get, path = "/v1/publication/trust-list.json", operation_id = "getTrustList", tag = "publication",
    params(Condition),
    responses(
        (status = 200, description = "The trust list", body = Object, headers(("etag" = String, description = "Names these very bytes"))),
        (status = 304, description = NOT_MODIFIED),
        Refusals,
    ),
    extensions(("x-codeSamples" = json!(curl(&[("Fetch it", format!("curl --remote-name {EXAMPLE_SERVER}/v1/publication/trust-list.json"))])))),
)]
pub(super) async fn trust_list(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    send(&app, "trust-list.json", &headers)
}

/// A status list
///
/// A signed IETF Token Status List: two bits for each certificate, in the slot that its `status`
/// claim names (docs/FORMAT.md section 7).
#[utoipa::path(
    get, path = "/v1/publication/status/{number}", operation_id = "getStatusList", tag = "publication",
    params(
        ("number" = u8, Path, description = "The number of the list, which ends its URI", minimum = 1, maximum = 127, example = 1),
        Condition,
    ),
    responses(
        (status = 200, description = "The list, a JWT", body = String, content_type = "application/statuslist+jwt",
            headers(("etag" = String, description = "Names these very bytes"))),
        (status = 304, description = NOT_MODIFIED),
        RefusalsOrNone,
    ),
    extensions(("x-codeSamples" = json!(curl(&[("Fetch the first", format!("curl {EXAMPLE_SERVER}/v1/publication/status/1"))])))),
)]
pub(super) async fn status_list(
    State(app): State<Arc<App>>,
    number: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    // What is no UTF-8 is no number either.
    let number = number.map_or_else(|_| String::new(), |Path(number)| number);
    send(&app, &format!("status/{number}"), &headers)
}

/// A file of the issued log
///
/// `checkpoint`, or a tile of hashes, `tile/0/000` (docs/FORMAT.md section 25, C2SP tlog-tiles).
/// Verifiers need the tiles of level 0 if the log is too large for the bundle; there is nothing
/// about a person in them.
#[utoipa::path(
    get, path = "/v1/publication/log/{*file}", operation_id = "getLogFile", tag = "publication",
    params(
        ("file" = String, Path, description = "The file's path below `log/`", example = "checkpoint"),
        Condition,
    ),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/plain; charset=utf-8"),
            (Vec<u8> = "application/octet-stream"),
        ), headers(("etag" = String, description = "Names these very bytes"))),
        (status = 304, description = NOT_MODIFIED),
        RefusalsOrNone,
    ),
    extensions(("x-codeSamples" = json!(curl(&[("Fetch the checkpoint", format!("curl {EXAMPLE_SERVER}/v1/publication/log/checkpoint"))])))),
)]
pub(super) async fn log_file(
    State(app): State<Arc<App>>,
    file: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let file = file.map_or_else(|_| String::new(), |Path(file)| file);
    send(&app, &format!("log/{file}"), &headers)
}

fn send(app: &App, path: &str, request: &HeaderMap) -> Response {
    let Some(current) = app.office.current() else {
        return Problem::new(Code::NotReady, "no lists were fetched yet").into_response();
    };
    match current.publication.file(path) {
        Some(file) => file.answer(request),
        None => Problem::new(Code::NotFound, "the publication has no such file").into_response(),
    }
}
