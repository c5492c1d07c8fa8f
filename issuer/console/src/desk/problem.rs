//! What to say when something cannot be shown.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{access_log::AccessLogError, fault::Fault};
use crate::web::{
    language::Language,
    page::{Page, show_as},
    refusal::Refusal,
};

/// Why a screen cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// There is nothing at this address.
    #[error("not found")]
    NotFound,
    /// The officer's roles do not open it.
    #[error("no role of the officer opens this")]
    RoleMissing,
    /// The office or its register says why.
    #[error(transparent)]
    Office(#[from] vernet_issuer::Error),
    /// It is all recorded already.
    #[error("there is nothing to sign: all of it is recorded")]
    NothingToSign,
    /// The look cannot be noted.
    #[error(transparent)]
    AccessLog(#[from] AccessLogError),
}

impl From<vernet_register::Error> for Trouble {
    fn from(error: vernet_register::Error) -> Self {
        vernet_issuer::Error::from(error).into()
    }
}

impl From<vernet_common::Error> for Trouble {
    fn from(error: vernet_common::Error) -> Self {
        vernet_issuer::Error::from(error).into()
    }
}

impl Trouble {
    /// What it says, in the reader's language.
    pub(super) fn fault(&self, language: Language) -> Fault {
        match self {
            Self::Office(error) => Fault::of_error(language, error),
            other => Fault::of_code(language, other.code(), other),
        }
    }

    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::RoleMissing => "role_missing",
            Self::Office(error) => error.code(),
            Self::NothingToSign => "nothing_to_sign",
            Self::AccessLog(error) => error.code(),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/trouble.html")]
struct TroublePage<'a> {
    page: Page,
    title: &'a str,
    fault: Fault,
}

/// The page that says it.
pub(super) fn answer_trouble(language: Language, trouble: &Trouble) -> Response {
    let code = trouble.code();
    // What was typed into an address is no fault of the office.
    let status = match code {
        "role_missing" => StatusCode::FORBIDDEN,
        "not_found"
        | "field_invalid"
        | "proposal_unknown"
        | "proposal_decided"
        | "statement_not_found"
        | "no_decision_letter"
        | "withdrawn" => StatusCode::NOT_FOUND,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    if matches!(trouble, Trouble::NotFound | Trouble::RoleMissing) {
        return Refusal::new(status, code).answer(language);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(code, error = %trouble, "a screen could not be shown");
    }
    let page = Page::alone(language);
    let title = page.words().say("refusal.failed.title");
    show_as(status, &TroublePage { fault: trouble.fault(language), title, page })
}
