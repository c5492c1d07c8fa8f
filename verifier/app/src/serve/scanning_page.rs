//! `GET /v/`: the scanning page, and the paths that lead to it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::app::App;

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
    app.assets.response("v/index.html", &request).await
}

async fn file(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    request: HeaderMap,
) -> Response {
    // No file has a name that is not UTF-8, so this name is not found.
    let path = path.map_or_else(|_| "?".to_owned(), |Path(path)| path);
    match as_fragment("./", &path) {
        Some(redirect) => redirect,
        None => app.assets.response(&format!("v/{path}"), &request).await,
    }
}

async fn worker(State(app): State<Arc<App>>, request: HeaderMap) -> Response {
    app.assets.response("v-worker.js", &request).await
}

/// Some old scanners turn the `#` of the printed link into `%23`, and some mail gateways turn that
/// into `%2523`, and so send the server what follows. It is not logged or cached: the redirect
/// moves it back into the fragment. `page` is the page relative to the requested path, of which
/// `rest` is what follows `/v`: a proxy may strip a prefix.
pub(super) fn as_fragment(page: &str, rest: &str) -> Option<Response> {
    let digits = ["#", "%23", "%2523"].iter().find_map(|hash| rest.strip_prefix(hash))?;
    let target =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{page}#{digits}"))?;
    Some(([(header::CACHE_CONTROL, "no-store")], Redirect::temporary(&target)).into_response())
}
