//! What a program is told when its request could not be answered: RFC 9457 problem details, with a stable code.
//!
//! What went wrong inside stays inside: it goes to the log, and the client gets [`Code::Internal`].

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A kind of problem. The names are stable; programs match on them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// There is nothing at this path.
    NotFound,
    /// The path is there, but not with this method.
    MethodNotAllowed,
    /// The `Content-Type` is missing or none of those that are read.
    UnsupportedMediaType,
    /// The body is compressed.
    UnsupportedEncoding,
    /// The body, or a line of it, is longer than is read.
    TooLarge,
    /// The body is not UTF-8, or not the JSON that is expected.
    MalformedRequest,
    /// `at` is neither an instant nor a date.
    MalformedTime,
    /// The picture shows more than one certificate, and there can be only one verdict.
    SeveralCertificates,
    /// The body came too slowly, or the answer took too long.
    Timeout,
    /// The server has as much to do as it allows itself.
    Busy,
    /// This client asks too often.
    RateLimited,
    /// The bearer token is missing or wrong.
    Unauthorized,
    /// A fault of the server.
    Internal,
    /// The server has no valid lists yet.
    NotReady,
}

impl Code {
    /// Every code.
    pub(crate) const ALL: [Self; 14] = [
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::UnsupportedMediaType,
        Self::UnsupportedEncoding,
        Self::TooLarge,
        Self::MalformedRequest,
        Self::MalformedTime,
        Self::SeveralCertificates,
        Self::Timeout,
        Self::Busy,
        Self::RateLimited,
        Self::Unauthorized,
        Self::Internal,
        Self::NotReady,
    ];

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType | Self::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::MalformedTime | Self::SeveralCertificates => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The kind of problem in a few words, the same each time (RFC 9457 section 3.1.3).
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::NotFound => "there is nothing here",
            Self::MethodNotAllowed => "this method is not allowed here",
            Self::UnsupportedMediaType => "this media type is not read",
            Self::UnsupportedEncoding => "compressed bodies are not read",
            Self::TooLarge => "the body is too large",
            Self::MalformedRequest => "the request cannot be read",
            Self::MalformedTime => "the time cannot be read",
            Self::SeveralCertificates => "the picture shows several certificates",
            Self::Timeout => "it took too long",
            Self::Busy => "the server is busy",
            Self::RateLimited => "too many requests",
            Self::Unauthorized => "a valid bearer token is needed",
            Self::Internal => "the server failed",
            Self::NotReady => "the server has no valid lists",
        }
    }

    /// The name, as it is serialised.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(ToOwned::to_owned)).unwrap_or_default()
    }
}

/// A problem, as the client sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Problem {
    /// Where this kind of problem is explained, relative to the server.
    r#type: String,
    /// The kind of problem in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable name of the kind of problem.
    pub(crate) code: Code,
    /// What was found, what was expected and what to do, for people.
    detail: String,
    /// The line of a batch that could not be answered, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("/docs#{}", code.name()),
            title: code.title(),
            status: code.status().as_u16(),
            code,
            detail: detail.into(),
            line: None,
        }
    }

    /// A fault of ours: logged here, and told without particulars.
    pub(crate) fn internal(error: &anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "a request failed");
        Self::new(Code::Internal, "the fault is in the server's log: tell whoever runs it")
    }

    pub(crate) fn in_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let code = self.code;
        let mut response = (code.status(), Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match code {
            Code::Busy | Code::RateLimited | Code::NotReady => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            Code::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}
