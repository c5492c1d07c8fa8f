//! The answer to a request that cannot be served: RFC 9457 problem details, with a stable code.
//!
//! Details of internal errors are not sent: they go to the log, and the client gets
//! [`Code::Internal`].

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use vernet_verifier::{Colour, InputError, Verdict, VerdictRecord};

pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// One row for each kind of problem: what it means and what to do, for the documentation; its name;
/// its HTTP status; its title.
macro_rules! codes {
    ($($(#[doc = $about:literal])+ $name:ident: $status:ident, $title:literal;)+) => {
        /// The kind of problem. The names are stable: programs match on them.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = ProblemCode)]
        pub(crate) enum Code {
            $($(#[doc = $about])+ $name,)+
        }

        impl Code {
            /// Every code.
            pub(crate) const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            pub(crate) fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }

            /// The kind of problem in a few words, the same each time (RFC 9457 section 3.1.3).
            pub(crate) fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }

            /// What it means and what to do, in Markdown.
            pub(crate) fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($about),+).trim_ascii_start(),)+
                }
            }
        }
    };
}

codes! {
    /// There is nothing at this path. The paths are in this description; a status list is there if
    /// the office has one with that number.
    NotFound: NOT_FOUND, "there is nothing here";
    /// The path is there, but not with this method. The header `Allow` tells which are.
    MethodNotAllowed: METHOD_NOT_ALLOWED, "this method is not allowed here";
    /// The `Content-Type` is missing or none of those that are read.
    UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE, "this media type is not read";
    /// The body is compressed. Send it as it is.
    UnsupportedEncoding: UNSUPPORTED_MEDIA_TYPE, "compressed bodies are not read";
    /// The body, or a line of it, is longer than is read: 64 KiB of text or JSON, 16 MiB of
    /// picture.
    TooLarge: PAYLOAD_TOO_LARGE, "the body is too large";
    /// The body is incomplete, or not the JSON that is expected. What cannot be read as a
    /// certificate is no problem of the request: it gets a verdict, `malformed`.
    MalformedRequest: BAD_REQUEST, "the request cannot be read";
    /// `at` is neither an instant nor a date.
    MalformedTime: UNPROCESSABLE_ENTITY, "the time cannot be read";
    /// A receipt was asked for, and this server signs none: whoever runs it has to give it a key
    /// (`receipt_key`).
    ReceiptsNotOffered: UNPROCESSABLE_ENTITY, "this server signs no receipts";
    /// There is more than one certificate in the file, or a part of it could not be examined, and
    /// there can be only one verdict. `verdicts` has one for each certificate and each such part.
    /// Treat it as its worst verdict, or send one certificate at a time.
    SeveralCertificates: UNPROCESSABLE_ENTITY, "there is more in it than one certificate, or a part that was not examined";
    /// The body came too slowly, or the answer took too long.
    Timeout: REQUEST_TIMEOUT, "it took too long";
    /// The server has as much to do as it allows itself. Try again after as many seconds as
    /// `Retry-After` says.
    Busy: SERVICE_UNAVAILABLE, "the server is busy";
    /// This client asks too often. Wait as many seconds as `Retry-After` says, or send many
    /// certificates as one batch.
    RateLimited: TOO_MANY_REQUESTS, "too many requests";
    /// The server asks for a bearer token, and it is missing or wrong; or the token may not see
    /// the roster.
    Unauthorized: UNAUTHORIZED, "a valid bearer token is needed";
    /// The roster that this server watches cannot be read: the table is not there, or is not the
    /// table that is expected. The detail says why. Until that is mended nobody on it is watched.
    RosterUnreadable: SERVICE_UNAVAILABLE, "the roster cannot be read";
    /// A fault of the server. Its log says more: tell whoever runs it.
    Internal: INTERNAL_SERVER_ERROR, "the server failed";
    /// The office, or whoever holds its keys, shows different logs of its certificates to different
    /// people. The evidence is in the folder `evidence` of the server's state: show it to the
    /// office and to whoever supervises it. The problem lasts until somebody takes the evidence
    /// away.
    LogAlarm: SERVICE_UNAVAILABLE, "the office's log contradicts itself";
    /// The server has no valid lists: it has not reached the office yet, or not for too long. For a
    /// question that asks for a receipt: none of the office that may have issued the certificate.
    NotReady: SERVICE_UNAVAILABLE, "the server has no valid lists";
}

impl Code {
    /// The name, as it is serialised.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|name| name.as_str().map(ToOwned::to_owned))
            .unwrap_or_default()
    }
}

/// Why there is no answer (RFC 9457).
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where this kind of problem is explained, relative to the server.
    #[schema(format = "uri-reference", examples("/docs#malformed_request"))]
    r#type: String,
    /// The kind of problem in a few words, the same each time.
    title: &'static str,
    /// The HTTP status, or the one that a line of a batch would have had as a request of its own.
    status: u16,
    /// The stable name of the kind of problem.
    pub(crate) code: Code,
    /// What was found, what was expected and what to do, for people.
    detail: String,
    /// The line of a batch that could not be answered, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    line: Option<u64>,
    /// The verdicts on what was found, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<Verdict>)]
    pub(crate) verdicts: Vec<VerdictRecord>,
}

impl Problem {
    /// Several certificates where there can be only one.
    pub(crate) fn several(verdicts: &[Verdict]) -> Self {
        let accepted =
            verdicts.iter().filter(|verdict| verdict.colour() == Colour::Accepted).count();
        let unexamined = verdicts
            .iter()
            .filter(|verdict| matches!(verdict.cause(), Some(InputError::NotExamined { .. })))
            .count();
        let detail = format!(
            "{} verdicts, {accepted} of them `accepted`, {unexamined} on parts that were not examined: look at each of them, or send one certificate at a time",
            verdicts.len()
        );
        let verdicts = verdicts.iter().map(VerdictRecord::from).collect();
        Self { verdicts, ..Self::new(Code::SeveralCertificates, detail) }
    }

    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("/docs#{}", code.name()),
            title: code.title(),
            status: code.status().as_u16(),
            code,
            detail: detail.into(),
            line: None,
            verdicts: Vec::new(),
        }
    }

    /// An internal error: logged here, and reported without details.
    pub(crate) fn internal(error: &anyhow::Error) -> Self {
        tracing::error!(error = crate::refusal::in_line(error), "a request failed");
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
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
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
