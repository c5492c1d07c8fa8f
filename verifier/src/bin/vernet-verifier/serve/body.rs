//! Request bodies: which forms are read, how large they may be, and how slowly they may come.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, header},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::problem::{Code, Problem};

/// How long a client may pause within a body.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(10);

/// How long a whole body may take, batches excepted.
const MAX_DURATION: Duration = Duration::from_secs(30);

/// What the body is, by its `Content-Type`.
pub(super) enum Form {
    Text,
    Json,
    Picture,
}

const TEXT: [&str; 3] = ["text/plain", "application/dc+sd-jwt", "application/vc+sd-jwt"];
const PICTURES: [&str; 2] = ["image/png", "image/jpeg"];
const LINES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

pub(super) fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    refuse_compression(headers)?;
    match media_type(headers).as_deref() {
        Some("application/json") => Ok(Form::Json),
        Some(text) if TEXT.contains(&text) => Ok(Form::Text),
        Some(picture) if PICTURES.contains(&picture) => Ok(Form::Picture),
        other => {
            Err(unsupported(other, "text/plain, application/json, application/dc+sd-jwt, image/png or image/jpeg"))
        }
    }
}

pub(super) fn expect_lines(headers: &HeaderMap) -> Result<(), Problem> {
    refuse_compression(headers)?;
    match media_type(headers).as_deref() {
        Some(lines) if LINES.contains(&lines) => Ok(()),
        other => Err(unsupported(other, LINES[0])),
    }
}

/// The whole body, if it has at most `limit` bytes and does not dawdle.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let collect = async {
        let mut chunks = body.into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = next(&mut chunks).await? {
            if bytes.len() + chunk.len() > limit {
                return Err(Problem::new(Code::TooLarge, format!("the body has more than {limit} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(bytes))
    };
    timeout(MAX_DURATION, collect).await.unwrap_or_else(|_| Err(too_slow()))
}

/// The next part of a body, if it comes in time.
pub(super) async fn next(chunks: &mut BodyDataStream) -> Result<Option<Bytes>, Problem> {
    match timeout(MAX_PAUSE, chunks.next()).await {
        Err(_) => Err(too_slow()),
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(_))) => Err(Problem::new(Code::MalformedRequest, "the body ends before it is complete")),
    }
}

fn too_slow() -> Problem {
    Problem::new(Code::Timeout, "the body comes too slowly")
}

fn refuse_compression(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            Err(Problem::new(Code::UnsupportedEncoding, "the body is compressed: send it as it is"))
        }
        _ => Ok(()),
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn unsupported(found: Option<&str>, expected: &str) -> Problem {
    let found = match found {
        Some(found) => format!("the content type is `{}`", found.chars().take(60).collect::<String>()),
        None => "there is no content type".to_owned(),
    };
    Problem::new(Code::UnsupportedMediaType, format!("{found}, expected {expected}"))
}
