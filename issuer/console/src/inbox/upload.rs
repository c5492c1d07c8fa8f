//! A form with documents: read within bounds, and looked into.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use futures_util::{StreamExt, stream};
use multer::Multipart;
use tokio::time::{Instant, timeout, timeout_at};
use vernet_applications::{
    Enclosed, FileKind, Label, MAX_DOCUMENT, MAX_DOCUMENTS, MAX_TOTAL, Unfit,
};
use vernet_serve::Place;
use zeroize::Zeroizing;

use super::app::App;
use crate::web::{language::Language, refusal::Refusal, words::Words};

/// What a form is longer than its documents: the fields and the boundaries.
const MAX_REST: usize = 256 << 10;

/// The longest field that is a text.
const MAX_FIELD: usize = 32 << 10;

/// The most fields.
const MAX_FIELDS: usize = 60;

/// What a browser may send too much, until it has heard the answer: a connection that is closed while
/// it sends shows no page.
const MAX_DRAINED: usize = 100 << 20;

/// A form with documents.
pub(super) struct Upload {
    pub(super) fields: HashMap<String, String>,
    pub(super) files: Vec<(Label, Zeroizing<Vec<u8>>)>,
    /// Held until the request is answered: until then the files are in memory.
    _place: Place,
}

/// Why a form is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Malformed,
    TooLarge,
    TooMany,
    Slow,
}

impl Fault {
    fn refusal(self) -> Refusal {
        match self {
            Self::Malformed => Refusal::new(StatusCode::BAD_REQUEST, "inbox_malformed"),
            Self::TooLarge => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "inbox_too_large"),
            Self::TooMany => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "inbox_too_many"),
            Self::Slow => Refusal::new(StatusCode::REQUEST_TIMEOUT, "inbox_slow"),
        }
    }
}

/// Reads a form with documents, if there is a place for it.
pub(super) async fn read(
    app: &App,
    client: IpAddr,
    (headers, body): (&HeaderMap, Body),
    language: Language,
) -> Result<Upload, Response> {
    let Some(place) = app.uploads.take(client) else {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "inbox_busy").answer(language));
    };
    let boundary = boundary(headers).map_err(|fault| fault.refusal().answer(language))?;
    let end = Instant::now() + app.sending;
    let mut chunks = Chunks { body: body.into_data_stream(), pause: app.pause, end };
    match collect(&mut chunks).await {
        Ok(bytes) => {
            let parts = parts(bytes, boundary, place).await;
            parts.map_err(|fault| fault.refusal().answer(language))
        }
        Err(fault) => {
            if fault == Fault::TooLarge {
                drain(&mut chunks).await;
            }
            Err(fault.refusal().answer(language))
        }
    }
}

fn boundary(headers: &HeaderMap) -> Result<String, Fault> {
    // Compressed, a few bytes would become gigabytes.
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Fault::Malformed);
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type
        .and_then(|media_type| multer::parse_boundary(media_type).ok())
        .ok_or(Fault::Malformed)
}

/// The whole body, in memory.
async fn collect(chunks: &mut Chunks) -> Result<Bytes, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await? {
        if bytes.len() + chunk.len() > MAX_TOTAL + MAX_REST {
            return Err(Fault::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// A body that comes as slowly as it may.
struct Chunks {
    body: BodyDataStream,
    pause: Duration,
    end: Instant,
}

impl Chunks {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        match timeout_at(self.end, timeout(self.pause, self.body.next())).await {
            Ok(Ok(None)) => Ok(None),
            Ok(Ok(Some(Ok(chunk)))) => Ok(Some(chunk)),
            Ok(Ok(Some(Err(_)))) => Err(Fault::Malformed),
            Ok(Err(_)) | Err(_) => Err(Fault::Slow),
        }
    }
}

async fn drain(chunks: &mut Chunks) {
    let mut drained = 0;
    while let Ok(Some(chunk)) = chunks.next().await {
        drained += chunk.len();
        if drained > MAX_DRAINED {
            return;
        }
    }
}

/// The parts of the form. The names of files and what the browser calls them count for nothing, and
/// are not kept.
async fn parts(body: Bytes, boundary: String, place: Place) -> Result<Upload, Fault> {
    let whole = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = Multipart::new(whole, boundary);
    let mut upload = Upload { fields: HashMap::new(), files: Vec::new(), _place: place };
    let (mut count, mut total) = (0, 0);
    while let Some(part) = parts.next_field().await.map_err(|_| Fault::Malformed)? {
        count += 1;
        if count > MAX_FIELDS {
            return Err(Fault::TooMany);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        let label = Label::OF_APPLICANTS.into_iter().find(|label| label.word() == name);
        let bytes = part.bytes().await.map_err(|_| Fault::Malformed)?;
        match label {
            // A field in which no file was chosen.
            Some(_) if bytes.is_empty() => {}
            Some(label) if is_file => {
                total += bytes.len();
                if bytes.len() > MAX_DOCUMENT || total > MAX_TOTAL {
                    return Err(Fault::TooLarge);
                }
                if upload.files.len() == MAX_DOCUMENTS {
                    return Err(Fault::TooMany);
                }
                upload.files.push((label, Zeroizing::new(bytes.to_vec())));
            }
            _ => {
                let text =
                    (bytes.len() <= MAX_FIELD).then(|| str::from_utf8(&bytes).ok()).flatten();
                let text = text.ok_or(Fault::Malformed)?;
                upload.fields.insert(name, text.to_owned());
            }
        }
    }
    Ok(upload)
}

/// Looks into each file, and says what is wrong with which.
pub(super) async fn examine(
    app: &App,
    files: Vec<(Label, Zeroizing<Vec<u8>>)>,
    words: &'static Words,
) -> Result<Result<Vec<Enclosed>, Vec<String>>, Response> {
    let failed =
        || Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(words.language());
    let (mut documents, mut faults) = (Vec::new(), Vec::new());
    for (number, (label, bytes)) in files.into_iter().enumerate() {
        let turn = Arc::clone(&app.examining).acquire_owned().await.map_err(|_| failed())?;
        let look = Arc::clone(&app.examine);
        let looking = tokio::task::spawn_blocking(move || {
            let found = look(&bytes);
            drop(turn);
            (found, bytes)
        });
        let (found, bytes) = looking.await.map_err(|_| failed())?;
        match found.map(|kind| enclose(label, kind, bytes)) {
            Ok(Ok(document)) => documents.push(document),
            Ok(Err(error)) => return Err(super::code::failed(&error, words.language())),
            Err(unfit) => faults.push(in_words(words, label, number + 1, unfit)),
        }
    }
    Ok(if faults.is_empty() { Ok(documents) } else { Err(faults) })
}

fn enclose(
    label: Label,
    kind: FileKind,
    mut bytes: Zeroizing<Vec<u8>>,
) -> Result<Enclosed, vernet_applications::Error> {
    Enclosed::new(label, kind, std::mem::take(&mut *bytes))
}

fn in_words(words: &'static Words, label: Label, number: usize, unfit: Unfit) -> String {
    let label = words.say(&format!("inbox.label.{}", label.word())).to_owned();
    words.fill(&format!("inbox.fault.{}", unfit.code()), &[("number", &number), ("label", &label)])
}
