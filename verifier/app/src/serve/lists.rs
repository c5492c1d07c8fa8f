//! `GET /v1/publication/…`: the office's signed lists, byte for byte.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{
    app::App,
    conditional::{Condition, NOT_MODIFIED},
    examples::{EXAMPLE_SERVER, curl},
    problem::{Code, Problem},
    problems::problems,
};

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
    // A segment that is not UTF-8 is not a number either.
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
    let Some(current) = app.offices.served.current() else {
        return Problem::new(Code::NotReady, "no lists were fetched yet").into_response();
    };
    match current.publication.file(path) {
        Some(file) => file.answer(request),
        None => Problem::new(Code::NotFound, "the publication has no such file").into_response(),
    }
}
