//! Every path, and the middleware in front of it. Nothing is bound here.

use std::sync::Arc;

use axum::{
    Router,
    http::Uri,
    middleware,
    response::{IntoResponse, Response},
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    app::App,
    docs_page, guard, openapi,
    problem::{Code, Problem},
    roster,
    scanning_page::{self, as_fragment},
};

/// Every path with its middleware, from the outside in: the log, the headers, the limit on the rate,
/// and for the API the tokens and the limit on uploads. Nothing else waits behind uploads.
pub(super) fn router(app: Arc<App>) -> Router {
    let wrong_method =
        async || Problem::new(Code::MethodNotAllowed, "the header `Allow` tells which are");
    let for_programs = Router::from(openapi::for_programs())
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::limit_load))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::authorise));
    Router::new()
        .merge(for_programs)
        .merge(openapi::for_everybody())
        .merge(Router::from(openapi::for_personnel()))
        .merge(roster::page::routes())
        .merge(docs_page::routes())
        .merge(scanning_page::routes())
        .method_not_allowed_fallback(wrong_method)
        .fallback(elsewhere)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::limit_rate))
        .merge(Router::from(openapi::for_operators()).method_not_allowed_fallback(wrong_method))
        .layer(CatchPanicLayer::custom(guard::after_panic))
        .layer(middleware::from_fn(guard::expect_host))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::protect))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::observe))
        .with_state(app)
}

async fn elsewhere(uri: Uri) -> Response {
    let printed = uri.path().strip_prefix("/v").and_then(|path| as_fragment("v/", path));
    printed.unwrap_or_else(|| {
        Problem::new(
            Code::NotFound,
            "the page is at `/v/`, the API at `/v1/`, its description at `/docs`",
        )
        .into_response()
    })
}
