//! Request bodies: which forms are accepted, how large they may be, and how slowly they may arrive.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, header},
};
use futures_util::{StreamExt, stream};
use tokio::time::timeout;

use super::problem::{Code, Problem};

/// How long a client may pause within a body.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(10);

/// How long a whole body may take, batches excepted.
const MAX_DURATION: Duration = Duration::from_secs(30);

/// What the body is, by its `Content-Type`.
pub(super) enum Form {
    /// The body is the content.
    Plain(Content),
    /// The content is the one part of a form, as browsers and `curl --form` upload a file (RFC
    /// 7578).
    Upload {
        /// What separates the parts.
        boundary: String,
    },
}

/// What is to be judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A question.
    Json,
    /// A file of any kind: it is known by its content, because declared types are often wrong.
    File,
}

/// The longest text: an input, with some JSON around it.
pub(super) const MAX_TEXT: usize = 64 * 1024;

/// The largest picture: the JPEG of a phone takes 3 to 10 MB. Also the largest PDF, which may be
/// the scan of a page.
pub(super) const MAX_PICTURE: usize = 16 << 20;

/// The overhead of a form around its part: two boundaries and some headers.
const MAX_ENVELOPE: usize = 8 * 1024;

const FORM: &str = "multipart/form-data";
/// Besides these, every type of text and picture. Other types are refused: a program that sends them
/// means something else.
const FILES: [&str; 8] = [
    "application/dc+sd-jwt",
    "application/vc+sd-jwt",
    "application/pdf",
    "application/octet-stream",
    "application/zip",
    "application/msword",
    "application/rtf",
    "application/postscript",
];
const LINES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];
const FORMS: &str = "application/json, text/plain, application/dc+sd-jwt, application/pdf, a picture such as image/jpeg, application/octet-stream or multipart/form-data";

pub(super) fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    refuse_compression(headers)?;
    let media_type = media_type(headers);
    if media_type.as_deref() == Some(FORM) {
        let whole = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        return multer::parse_boundary(whole)
            .map(|boundary| Form::Upload { boundary })
            .map_err(|_| malformed_form("its content type names no boundary"));
    }
    let content = media_type.as_deref().and_then(Content::of_media_type);
    content.map(Form::Plain).ok_or_else(|| unsupported(media_type.as_deref(), FORMS))
}

impl Form {
    /// Whether the body may be more than a text, which takes memory.
    pub(super) fn may_be_large(&self, headers: &HeaderMap) -> bool {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let is_short = length
            .and_then(|length| length.parse().ok())
            .is_some_and(|length: usize| length <= MAX_TEXT);
        let is_text = media_type(headers)
            .is_some_and(|found| found.starts_with("text/") || found.ends_with("+sd-jwt"));
        match self {
            Self::Plain(Content::Json) => false,
            Self::Plain(Content::File) => !(is_text && is_short),
            Self::Upload { .. } => true,
        }
    }

    /// Refuses a body that is announced as too long by a client that waits to hear whether to send it
    /// (`Expect: 100-continue`, RFC 9110 section 10.1.1): none of it is read.
    pub(super) fn refuse_unsent(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let waits = headers
            .get(header::EXPECT)
            .is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let length = length.and_then(|length| length.parse::<u64>().ok());
        match length.filter(|length| waits && *length > self.limit() as u64) {
            Some(_) => Err(too_large(self.limit())),
            None => Ok(()),
        }
    }

    /// The longest body.
    fn limit(&self) -> usize {
        match self {
            Self::Plain(content) => content.limit(),
            Self::Upload { .. } => MAX_PICTURE + MAX_ENVELOPE,
        }
    }

    /// Reads the body.
    pub(super) async fn read(self, body: Body) -> Result<(Content, Bytes), Problem> {
        let bytes = read(body, self.limit()).await?;
        match self {
            Self::Plain(content) => Ok((content, bytes)),
            Self::Upload { boundary } => the_part(bytes, boundary).await,
        }
    }
}

impl Content {
    fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            "application/json" => Some(Self::Json),
            file if FILES.contains(&file) => Some(Self::File),
            file if ["text/", "image/", "application/vnd."]
                .iter()
                .any(|of| file.starts_with(of)) =>
            {
                Some(Self::File)
            }
            _ => None,
        }
    }

    fn limit(self) -> usize {
        match self {
            Self::Json => MAX_TEXT,
            Self::File => MAX_PICTURE,
        }
    }
}

/// The one part of a form, which is named `file`. The name of the file itself does not matter.
async fn the_part(body: Bytes, boundary: String) -> Result<(Content, Bytes), Problem> {
    let whole = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let broken = |_| malformed_form("it is not complete");
    let part = parts
        .next_field()
        .await
        .map_err(broken)?
        .ok_or_else(|| malformed_form("it has no part"))?;
    if part.name() != Some("file") {
        return Err(malformed_form("its part is not named `file`"));
    }
    let media_type = part.content_type().map(|found| found.essence_str().to_ascii_lowercase());
    let bytes = part.bytes().await.map_err(broken)?;
    if parts.next_field().await.map_err(broken)?.is_some() {
        return Err(malformed_form("it has more than one part: send one file at a time"));
    }
    let content = match media_type.as_deref() {
        None => Content::File,
        Some(known) => {
            Content::of_media_type(known).ok_or_else(|| unsupported(Some(known), FORMS))?
        }
    };
    if bytes.len() > content.limit() {
        return Err(too_large(content.limit()));
    }
    Ok((content, bytes))
}

fn malformed_form(fault: &str) -> Problem {
    Problem::new(Code::MalformedRequest, format!("the form cannot be read: {fault}"))
}

pub(super) fn expect_lines(headers: &HeaderMap) -> Result<(), Problem> {
    refuse_compression(headers)?;
    match media_type(headers).as_deref() {
        Some(lines) if LINES.contains(&lines) => Ok(()),
        other => Err(unsupported(other, LINES[0])),
    }
}

/// The whole body, if it has at most `limit` bytes and arrives in time.
async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let collect = async {
        let mut chunks = body.into_data_stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = next(&mut chunks).await? {
            if bytes.len() + chunk.len() > limit {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(bytes))
    };
    timeout(MAX_DURATION, collect).await.unwrap_or_else(|_| Err(too_slow()))
}

/// The next part of a body, if it arrives in time.
pub(super) async fn next(chunks: &mut BodyDataStream) -> Result<Option<Bytes>, Problem> {
    match timeout(MAX_PAUSE, chunks.next()).await {
        Err(_) => Err(too_slow()),
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(_))) => {
            Err(Problem::new(Code::MalformedRequest, "the body ends before it is complete"))
        }
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("the body has more than {limit} bytes"))
}

fn too_slow() -> Problem {
    Problem::new(Code::Timeout, "the body comes too slowly")
}

fn refuse_compression(headers: &HeaderMap) -> Result<(), Problem> {
    // `identity` is no encoding; names of encodings are in any case (RFC 9110 section 8.4.1).
    let is_none = |encoding: &[u8]| encoding.trim_ascii().eq_ignore_ascii_case(b"identity");
    let mut encodings = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    if encodings.all(is_none) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedEncoding, "the body is compressed: send it as it is"))
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn unsupported(found: Option<&str>, expected: &str) -> Problem {
    let found = match found {
        Some(found) => {
            format!("the content type is `{}`", found.chars().take(60).collect::<String>())
        }
        None => "there is no content type".to_owned(),
    };
    Problem::new(Code::UnsupportedMediaType, format!("{found}, expected {expected}"))
}
