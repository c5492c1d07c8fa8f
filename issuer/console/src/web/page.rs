//! What the layout needs to know of a page.

use std::{borrow::Borrow, fmt::Display};

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use vernet_common::{CivilDate, NumericDate};

use super::{language::Language, words::Words};

/// A page: its language, and where it is in the others.
#[derive(Debug)]
pub(crate) struct Page {
    words: &'static Words,
    /// Each language, with the address of this page in it.
    pub(crate) languages: Vec<(Language, String)>,
}

impl Page {
    /// A page in a language; `elsewhere` is its address in each.
    pub(crate) fn new(language: Language, elsewhere: impl Fn(Language) -> String) -> Self {
        let languages = Language::ALL.map(|other| (other, elsewhere(other))).into();
        Self { words: Words::of(language), languages }
    }

    /// A page that is in one language only, as one that answers a fault.
    pub(crate) fn alone(language: Language) -> Self {
        Self { words: Words::of(language), languages: Vec::new() }
    }

    /// The language.
    pub(crate) fn language(&self) -> Language {
        self.words.language()
    }

    /// The words at a path.
    pub(crate) fn say<'a>(&'a self, path: &'a str) -> &'a str {
        self.words.say(path)
    }

    /// The words for a code: those at `PATH.CODE`, else the code itself.
    pub(crate) fn say_code(&self, path: &str, code: &str) -> String {
        match self.words.find(&format!("{path}.{code}")) {
            Some(words) => words.to_owned(),
            None => code.replace('_', " "),
        }
    }

    /// The words at a path, with `{name}` replaced.
    pub(crate) fn fill(&self, path: &str, name: &str, value: impl Display) -> String {
        self.words.fill(path, &[(name, &value)])
    }

    /// The words for so many things: `PATH.one` or `PATH.many`.
    pub(crate) fn count(&self, path: &str, count: impl Borrow<usize>) -> String {
        self.words.count(path, *count.borrow())
    }

    /// A day as people write it.
    pub(crate) fn day(&self, day: impl Borrow<CivilDate>) -> String {
        self.words.day(*day.borrow())
    }

    /// An instant as people write it.
    pub(crate) fn instant(&self, at: impl Borrow<NumericDate>) -> String {
        self.words.instant(*at.borrow())
    }

    /// All the words.
    pub(crate) fn words(&self) -> &'static Words {
        self.words
    }
}

/// Sends a page.
pub(crate) fn show(template: &impl Template) -> Response {
    show_as(StatusCode::OK, template)
}

/// Sends a page with this status.
pub(crate) fn show_as(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let html_type = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, html_type)], html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
