//! Signing in.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};

use super::Console;
use crate::web::{
    language::Language,
    page::{Page, show},
};

#[derive(Template)]
#[template(path = "desk/sign_in.html")]
struct SignIn {
    page: Page,
    office: String,
}

pub(super) async fn page(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let page = Page::alone(Language::wanted(&headers));
    show(&SignIn { page, office: console.office.config().iss.as_str().to_owned() })
}
