//! Pages that say why something was not done, and what to do.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{
    language::Language,
    page::{Page, show_as},
};

/// Why a request was refused: a status for programs, and a code with words for people
/// (`refusal.CODE` in `lang/`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    page: Page,
    code: &'static str,
    title: String,
    advice: String,
}

impl Refusal {
    /// A refusal. Its words are `refusal.CODE.title` and `refusal.CODE.advice`.
    pub(crate) const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code }
    }

    /// The page.
    pub(crate) fn answer(self, language: Language) -> Response {
        let page = Page::alone(language);
        let words = |what: &str| page.say(&format!("refusal.{}.{what}", self.code)).to_owned();
        let (title, advice) = (words("title"), words("advice"));
        show_as(self.status, &RefusalPage { title, advice, code: self.code, page })
    }
}
