//! The front page.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};

use super::{app::App, code::Speaks};
use crate::web::{
    language::Language,
    page::{Page, show},
};

#[derive(Template)]
#[template(path = "inbox/front.html")]
struct Front {
    page: Page,
    office: String,
    contact: String,
    privacy: Option<String>,
}

/// The page in the reader's language.
pub(super) async fn choose_language(headers: HeaderMap) -> Response {
    Redirect::to(&format!("/{}/", Language::wanted(&headers).code())).into_response()
}

pub(super) async fn page(State(app): State<Arc<App>>, Speaks(language): Speaks) -> Response {
    show(&Front {
        page: app.page(language, ""),
        office: app.office(language),
        contact: app.settings.contact.to_string(),
        privacy: app.settings.privacy.as_ref().map(|url| url.as_str().to_owned()),
    })
}
