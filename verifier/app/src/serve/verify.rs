//! `POST /v1/verify`: the verdict on one certificate, the same object as on the command line.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        KnownFormat, Ref, SchemaFormat,
        schema::{AnyOfBuilder, ObjectBuilder, Schema, Type},
    },
};
use vernet_common::{NumericDate, quoted};
use vernet_host::clock;
use vernet_verifier::{
    Chosen, Input, InputError, Verdict,
    documents::{self, Contents},
};

use super::{
    app::App,
    body::{self, Content},
    examples::{EXAMPLE, EXAMPLE_SERVER, curl, example_verdict},
    in_use::Lists,
    pictures::busy,
    problem::{Code, Problem},
    problems::problems,
};

/// What a program asks: the input, and optionally as of when it is to be judged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// What the QR code holds: a link, or only its digits; or the text of the certificate, which
    /// begins with `eyJ`.
    #[schema(examples(json!(EXAMPLE)))]
    input: String,
    /// Judge as if it were this time: `2026-11-22T10:00:00Z`, or `2026-11-22` for the start of
    /// that day in Oslo.
    #[schema(schema_with = time_schema)]
    at: Option<String>,
    /// Whether to answer with a signed receipt, too.
    #[serde(default)]
    #[schema(default = false)]
    receipt: bool,
}

/// A verdict, and its receipt if one was asked for. `openapi.rs` describes it as a verdict with one
/// more member.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    pub(super) verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

/// What [`Answer`] adds to a verdict.
pub(super) fn receipt_schema() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "If the question asked for it: a signed statement of this server about the check, a JWS that names by their hashes everything that the \
             verdict follows from (docs/FORMAT.md section 24). File it as it is, with the certificate; `vernet-verifier receipt verify` makes the same \
             check again.",
        ))
        .pattern(Some("^eyJ[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$"))
        .into()
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, receipt: None }
    }
}

impl Question {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        // The position of the error, but not the text there: it may be somebody's certificate.
        let misread = |line: usize, column: usize| {
            let expected = "expected `{\"input\": \"…\", \"at\": \"…\", \"receipt\": true}`, with `at` and `receipt` optional";
            Problem::new(
                Code::MalformedRequest,
                format!("{expected}; the fault is at line {line}, column {column}"),
            )
        };
        if bytes.trim_ascii_start().starts_with(b"[") {
            // `serde` would take an array of the members too.
            return Err(misread(1, 1));
        }
        serde_json::from_slice(bytes).map_err(|error| misread(error.line(), error.column()))
    }
}

impl From<String> for Question {
    fn from(input: String) -> Self {
        Self { input, at: None, receipt: false }
    }
}

/// One of the above as the only part of a form, as browsers upload a file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it stands for the part in the description")]
struct Upload {
    /// The picture, or a file with the text. What has no media type of its own, or
    /// `application/octet-stream`, is told by its first bytes.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// An instant, a date, or nothing.
fn time_schema() -> Schema {
    let instant = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some("^(19[7-9][0-9]|[2-9][0-9]{3})-"))
        .examples(["2026-11-22T10:00:00Z"]);
    AnyOfBuilder::new()
        .description(Some(
            "Judge as if it were this time: an instant of the years 1970 to 9999 as in RFC 3339, or a date for the start of that day in Oslo. \
             The lists are those of today: a time before they were signed gets the verdict `clock_behind`.",
        ))
        .item(instant)
        .item(Ref::from_schema_name("CivilDate"))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .build()
        .into()
}

problems!(Refusals: MalformedRequest, Unauthorized, Timeout, TooLarge, UnsupportedMediaType, UnsupportedEncoding, MalformedTime,
    SeveralCertificates, ReceiptsNotOffered, RateLimited, Internal, Busy, NotReady);

/// The verdict on one certificate
///
/// The body is a question as JSON, or a file: a text with what the QR code holds (a link or digits)
/// or with the certificate, a picture of the code, the letter as PDF (as the office sent it, printed
/// or scanned); or a form with a file. What kind of file it is, its content tells. What is no
/// certificate gets a verdict too: `malformed` for a text, `unreadable` for what could not be read.
/// Several certificates in one file give the problem `several_certificates`, with their verdicts.
#[utoipa::path(
    post, path = "/v1/verify", operation_id = "verify", tag = "verdicts",
    request_body(description = "JSON up to 64 KiB, files up to 16 MiB. Not compressed.", content(
        (String = "text/plain", example = json!(EXAMPLE)),
        (Question = "application/json", example = json!({ "input": EXAMPLE, "at": "2026-11-22T10:00:00Z" })),
        ("application/dc+sd-jwt"),
        ("application/pdf"),
        ("image/png"),
        ("image/jpeg"),
        ("application/octet-stream"),
        (Upload = "multipart/form-data"),
    )),
    responses((status = 200, description = "The verdict, whatever it is", body = Verdict, example = json!(example_verdict())), Refusals),
    security((), ("token" = [])),
    extensions(("x-codeSamples" = json!(curl(&[
        ("The text of the QR code", format!("curl {EXAMPLE_SERVER}/v1/verify \\\n  --header 'Content-Type: text/plain' \\\n  --data-raw '{EXAMPLE}'")),
        ("As of another time", format!(
            "curl {EXAMPLE_SERVER}/v1/verify \\\n  --header 'Content-Type: application/json' \\\n  --data-raw '{}'",
            json!({ "input": EXAMPLE, "at": "2026-11-22T10:00:00Z" }),
        )),
        ("With a receipt to file", format!(
            "curl {EXAMPLE_SERVER}/v1/verify \\\n  --header 'Content-Type: application/json' \\\n  --data-raw '{}'",
            json!({ "input": EXAMPLE, "receipt": true }),
        )),
        ("A photo of it", format!(
            "curl {EXAMPLE_SERVER}/v1/verify \\\n  --header 'Content-Type: image/jpeg' \\\n  --data-binary @photo.jpg"
        )),
        ("The same, as a form", format!("curl {EXAMPLE_SERVER}/v1/verify --form file=@photo.jpg")),
        ("The letter", format!(
            "curl {EXAMPLE_SERVER}/v1/verify \\\n  --header 'Content-Type: application/pdf' \\\n  --data-binary @letter.pdf"
        )),
    ])))),
)]
pub(super) async fn verify_one(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form = body::form(&headers)?;
    form.refuse_unsent(&headers)?;
    // The place is taken before the body is read, because pictures in memory count too.
    let _place = match form.may_be_large(&headers) {
        true => Some(
            app.pictures
                .uploads
                .take(client.ip())
                .ok_or_else(|| busy("pictures are being sent"))?,
        ),
        false => None,
    };
    let answer = match form.read(body).await? {
        (Content::Json, bytes) => judged(&app, bytes.len(), move |judge| judge.json(&bytes)).await,
        (Content::File, bytes) => {
            let length = bytes.len();
            let contents = app.pictures.read(client.ip(), bytes).await?;
            judged(&app, length, move |judge| judge.contents(contents)).await
        }
    };
    match &answer {
        Ok(answer) => app.metrics.count_verdict(answer.verdict.code()),
        Err(problem) => {
            problem.verdicts.iter().for_each(|verdict| app.metrics.count_verdict(verdict.code));
        }
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer?)).into_response())
}

/// Judges a body of this length. One that may hold many certificates does not keep the others
/// waiting.
async fn judged(
    app: &Arc<App>,
    length: usize,
    judge: impl FnOnce(Judge<'_>) -> Result<Answer, Problem> + Send + 'static,
) -> Result<Answer, Problem> {
    if length <= Input::MAX_BYTES {
        return judge(app.judge()?);
    }
    let app = Arc::clone(app);
    let judging = tokio::task::spawn_blocking(move || judge(app.judge()?));
    judging.await.map_err(|error| Problem::internal(&error.into()))?
}

/// Everything that a verdict depends on besides the input: one state of the lists, and one instant.
pub(super) struct Judge<'a> {
    app: &'a App,
    lists: Arc<Lists>,
    now: NumericDate,
}

impl App {
    pub(super) fn judge(&self) -> Result<Judge<'_>, Problem> {
        let now = clock().map_err(|error| Problem::internal(&error.into()))?;
        Ok(Judge { app: self, lists: self.offices.lists(), now })
    }
}

impl Judge<'_> {
    fn check(&self, input: &str, now: NumericDate) -> Verdict {
        self.lists.offices.check(input, &self.app.policy, now).into_verdict()
    }

    /// The verdict on the one certificate in a file.
    fn contents(&self, contents: Result<Contents, InputError>) -> Result<Answer, Problem> {
        let contents = match contents {
            Ok(contents) => contents,
            Err(error) => return Ok(Verdict::unread(error, self.now).into()),
        };
        let verdicts = contents.verdicts(|text| self.check(text, self.now), self.now);
        match <[Verdict; 1]>::try_from(verdicts) {
            Ok([verdict]) => Ok(verdict.into()),
            Err(several) => Err(Problem::several(&several)),
        }
    }

    /// The verdict on a [`Question`] as JSON.
    pub(super) fn json(&self, bytes: &[u8]) -> Result<Answer, Problem> {
        self.answer(&Question::read(bytes)?)
    }

    pub(super) fn answer(&self, question: &Question) -> Result<Answer, Problem> {
        let now = question.at.as_deref().map_or(Ok(self.now), parse_time)?;
        let chosen = self.lists.offices.check(&question.input, &self.app.policy, now);
        self.answer_with(question, chosen, now)
    }

    /// The answers to many questions, in their order, for less than one after the other. The lines of
    /// a batch are judged with it.
    pub(super) fn answer_each(&self, questions: &[&Question]) -> Vec<Result<Answer, Problem>> {
        let is_of_now = |question: &&&Question| question.at.is_none();
        let inputs: Vec<&str> =
            questions.iter().filter(is_of_now).map(|question| question.input.as_str()).collect();
        let mut chosen = self
            .lists
            .offices
            .check_each(&inputs, &self.app.policy, self.now)
            .into_iter()
            .peekable();
        let answer = |question: &&Question| match chosen.next_if(|_| is_of_now(&question)) {
            Some(chosen) => self.answer_with(question, chosen, self.now),
            None => self.answer(question),
        };
        questions.iter().map(answer).collect()
    }

    fn answer_with(
        &self,
        question: &Question,
        chosen: Chosen<'_>,
        now: NumericDate,
    ) -> Result<Answer, Problem> {
        // Only in a text that is not read as one certificate can there be several.
        if let Some(InputError::SeveralCertificates { .. } | InputError::InputTooLarge { .. }) =
            chosen.verdict().cause()
            && let Ok(contents) = documents::read_text(&question.input)
            && contents.certificates.len() > 1
        {
            let verdicts = contents.verdicts(|text| self.check(text, now), now);
            return Err(Problem::several(&verdicts));
        }
        match question.receipt {
            false => Ok(chosen.into_verdict().into()),
            true => self.with_receipt(chosen),
        }
    }

    /// The verdict and its receipt. Without lists of the office that may have issued the certificate
    /// there is nothing that a receipt could name.
    fn with_receipt(&self, chosen: Chosen<'_>) -> Result<Answer, Problem> {
        let Some(signer) = &self.app.receipts else {
            return Err(Problem::new(
                Code::ReceiptsNotOffered,
                "ask without `receipt`, or have the server given a `receipt_key`",
            ));
        };
        let Some(checked) = chosen.checked() else {
            let detail = match chosen.verdict().code() {
                vernet_verifier::Code::VerifierOutdated => {
                    "this program is too old for what the office publishes, and there is no receipt of that"
                }
                _ => {
                    "there are no lists of the office that may have issued this, so a receipt could not name any"
                }
            };
            return Err(Problem::new(Code::NotReady, detail));
        };
        let (_, receipt) =
            signer.sign(checked, self.now).map_err(|error| Problem::internal(&error))?;
        Ok(Answer { verdict: chosen.into_verdict(), receipt: Some(receipt) })
    }
}

fn parse_time(text: &str) -> Result<NumericDate, Problem> {
    vernet_host::parse_time(text).map_err(|expected| {
        Problem::new(Code::MalformedTime, format!("`at` is `{}`, {expected}", quoted(text, 40)))
    })
}
