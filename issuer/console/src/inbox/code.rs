//! The language in a path, and the code that somebody typed.

use std::{collections::HashMap, net::IpAddr};

use axum::{
    Form,
    extract::{FromRequestParts, Path, rejection::FormRejection},
    http::{StatusCode, request::Parts},
    response::Response,
};
use vernet_applications::ReceiptCode;

use super::{app::App, guard::too_often};
use crate::web::{language::Language, refusal::Refusal};

/// The language that the path names.
pub(super) struct Speaks(pub(super) Language);

impl<S: Send + Sync> FromRequestParts<S> for Speaks {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let named = path.ok().and_then(|Path(mut path)| path.remove("language"));
        let language = Language::ALL.into_iter().find(|one| Some(one.code()) == named.as_deref());
        language.map(Self).ok_or_else(|| {
            Refusal::new(StatusCode::NOT_FOUND, "not_found")
                .answer(Language::wanted(&parts.headers))
        })
    }
}

/// The fields of a form without documents.
pub(super) type Fields = Result<Form<HashMap<String, String>>, FormRejection>;

/// The fields, or the page that says that they cannot be read.
pub(super) fn fields(
    read: Fields,
    language: Language,
) -> Result<HashMap<String, String>, Box<Response>> {
    read.map(|Form(fields)| fields).map_err(|rejection| {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "inbox_too_large",
            _ => "inbox_malformed",
        };
        Box::new(Refusal::new(rejection.status(), code).answer(language))
    })
}

/// Why a code leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CodeFault {
    /// Nothing was typed.
    Missing,
    /// It cannot be a code.
    Mistyped,
    /// Nothing was sent under it, or it was deleted.
    Unknown,
}

impl CodeFault {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Mistyped => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unknown => StatusCode::NOT_FOUND,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Missing => "inbox.code.missing",
            Self::Mistyped => "inbox.code.mistyped",
            Self::Unknown => "inbox.code.unknown",
        }
    }
}

/// What a typed code leads to.
pub(super) enum Found {
    /// A receipt.
    Receipt(ReceiptCode),
    /// Nothing.
    Fault(CodeFault),
}

/// Looks a code up.
pub(super) fn look_up(
    app: &App,
    client: IpAddr,
    typed: &str,
    language: Language,
) -> Result<Found, Box<Response>> {
    if !app.may_try_a_code(client) {
        return Err(Box::new(too_often(language)));
    }
    if typed.trim().is_empty() {
        return Ok(Found::Fault(CodeFault::Missing));
    }
    let Ok(code) = ReceiptCode::parse(typed) else {
        return Ok(Found::Fault(CodeFault::Mistyped));
    };
    match app.folder.receipt(&code.id()) {
        Ok(Some(_)) => Ok(Found::Receipt(code)),
        Ok(None) => Ok(Found::Fault(CodeFault::Unknown)),
        Err(error) => Err(Box::new(failed(&error, language))),
    }
}

/// Something is wrong here. The log says what, without what was sent.
pub(super) fn failed(error: &vernet_applications::Error, language: Language) -> Response {
    tracing::error!(code = error.code(), error = %error, "a request failed");
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(language)
}
