//! `POST /v1/verify/batch`: a line in, a line out, in the same order, for as many lines as there
//! are.
//!
//! Lines are gathered into chunks, and chunks are judged in parallel, at most one per processor:
//! memory use stays constant, and a client that reads slowly is read from slowly. A client that
//! sends one line and waits gets the answer at once.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    app::App,
    body::{self, MAX_TEXT},
    examples::{EXAMPLE, EXAMPLE_SERVER, curl, example_verdict},
    problem::{Code, Problem},
    problems::problems,
    verify::{Answer, Judge, Question},
};

/// How many lines are judged at a time: some milliseconds of work.
const CHUNK_LINES: usize = 128;

/// How many bytes of lines are judged at a time.
const CHUNK_BYTES: usize = 256 * 1024;

problems!(Refusals: Unauthorized, UnsupportedMediaType, UnsupportedEncoding, RateLimited, Internal, Busy);

/// The verdicts on many certificates, as they come
///
/// JSON lines in, JSON lines out. A line of the body is a `Question`, or only its input as a JSON
/// string; a line of the answer is a `Verdict`, or a `Problem` with the number of the line. The
/// order is kept, so the n-th line answers the n-th.
///
/// The answer begins before the body has ended, and there may be any number of lines: write and
/// read at the same time. Whoever leaves answers unread for half a minute, or pauses for ten
/// seconds within the body, is cut off. If the answer has fewer lines than the body, it is
/// incomplete.
#[utoipa::path(
    post, path = "/v1/verify/batch", operation_id = "verifyBatch", tag = "verdicts",
    request_body(
        description = "Up to 64 KiB a line. Not compressed.",
        content(("application/x-ndjson", example = json!(format!("{}\n{}\n", json!({ "input": EXAMPLE }), json!("not a certificate"))))),
    ),
    responses(
        (status = 200, description = "As many verdicts and problems as there were lines, one to a line", body = String,
            content_type = "application/x-ndjson",
            example = json!(format!("{}\n", example_verdict()))),
        Refusals,
    ),
    security((), ("token" = [])),
    extensions(("x-codeSamples" = json!(curl(&[
        ("Two lines", format!(
            "printf '%s\\n' '{}' '\"not a certificate\"' |\n  curl {EXAMPLE_SERVER}/v1/verify/batch \\\n  --header 'Content-Type: application/x-ndjson' \\\n  \
             --data-binary @-",
            json!({ "input": EXAMPLE }),
        )),
        ("A whole roster, as it is read", format!(
            "curl {EXAMPLE_SERVER}/v1/verify/batch \\\n  --request POST --no-buffer \\\n  --header 'Content-Type: application/x-ndjson' \\\n  \
             --upload-file roster.ndjson"
        )),
    ])))),
)]
pub(super) async fn verify_lines(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    body::expect_lines(&headers)?;
    let Some(place) = app.batches.take(client.ip()) else {
        return Err(Problem::new(Code::Busy, "other batches are being verified: try again later"));
    };
    let (answers, unread) = mpsc::channel(2);
    tokio::spawn(async move {
        let mut batch = Batch { app, answers, judging: VecDeque::new(), chunk: Chunk::new(1) };
        // An error means that nobody reads the answers any more.
        let _ = batch.run(body.into_data_stream()).await;
        drop(place);
    });
    let answers = stream::unfold(unread, async |mut unread| {
        Some((Ok::<_, std::convert::Infallible>(unread.recv().await?), unread))
    });
    let headers =
        [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(answers.boxed())).into_response())
}

/// The client has gone.
struct Gone;

struct Batch {
    app: Arc<App>,
    answers: mpsc::Sender<Bytes>,
    /// Chunks that are being judged, the oldest first.
    judging: VecDeque<JoinHandle<Bytes>>,
    chunk: Chunk,
}

/// Lines that are judged together.
struct Chunk {
    /// The number of the first line.
    first: u64,
    lines: Vec<Line>,
    bytes: usize,
}

enum Line {
    Text(Vec<u8>),
    TooLong,
}

impl Batch {
    async fn run(&mut self, mut body: BodyDataStream) -> Result<(), Gone> {
        let mut line = Gathering::default();
        loop {
            let part = match body::next(&mut body).now_or_never() {
                Some(part) => part,
                None => {
                    // The client pauses, so send it the answers to the lines so far.
                    self.flush().await?;
                    body::next(&mut body).await
                }
            };
            match part {
                Ok(Some(bytes)) => {
                    let mut rest = &bytes[..];
                    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                        line.add(&rest[..end]);
                        self.add(line.take()).await?;
                        rest = &rest[end + 1..];
                    }
                    line.add(rest);
                }
                Ok(None) => {
                    if !line.is_empty() {
                        self.add(line.take()).await?;
                    }
                    return self.flush().await;
                }
                Err(problem) => {
                    self.flush().await?;
                    let last = self.chunk.first;
                    return self.send(json_line(&problem.in_line(last)).into()).await;
                }
            }
        }
    }

    async fn add(&mut self, line: Line) -> Result<(), Gone> {
        self.chunk.bytes += match &line {
            Line::Text(text) => text.len(),
            Line::TooLong => 0,
        };
        self.chunk.lines.push(line);
        if self.chunk.lines.len() >= CHUNK_LINES || self.chunk.bytes >= CHUNK_BYTES {
            self.start().await?;
        }
        Ok(())
    }

    /// Starts to judge the gathered lines. If as many chunks are in progress as there are
    /// processors, sends the oldest answers first.
    async fn start(&mut self) -> Result<(), Gone> {
        if self.judging.len() >= std::thread::available_parallelism().map_or(1, usize::from) {
            self.send_oldest().await?;
        }
        let next = Chunk::new(self.chunk.first + self.chunk.lines.len() as u64);
        let chunk = std::mem::replace(&mut self.chunk, next);
        let app = Arc::clone(&self.app);
        self.judging.push_back(tokio::task::spawn_blocking(move || chunk.judge(&app)));
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        if !self.chunk.lines.is_empty() {
            self.start().await?;
        }
        while !self.judging.is_empty() {
            self.send_oldest().await?;
        }
        Ok(())
    }

    async fn send_oldest(&mut self) -> Result<(), Gone> {
        let Some(oldest) = self.judging.pop_front() else { return Ok(()) };
        // The message of a panic is not logged: it may quote a request.
        let lost = |_| json_line(&Problem::internal(&anyhow::anyhow!("a batch panicked"))).into();
        self.send(oldest.await.unwrap_or_else(lost)).await
    }

    async fn send(&self, answers: Bytes) -> Result<(), Gone> {
        // Waits until the client reads; if that takes too long, the connection is closed, and the
        // channel with it.
        self.answers.send(answers).await.map_err(|_| Gone)
    }
}

impl Chunk {
    fn new(first: u64) -> Self {
        Self { first, lines: Vec::new(), bytes: 0 }
    }

    fn judge(self, app: &App) -> Bytes {
        let lines = self.lines.into_iter().map(Line::question);
        let questions: Vec<Result<Question, Problem>> = lines.collect();
        let answers = match app.judge() {
            Ok(judge) => judge.lines(questions),
            Err(problem) => questions.iter().map(|_| Err(problem.clone())).collect(),
        };
        let mut written = Vec::with_capacity(answers.len() * 1024);
        for (number, answer) in (self.first..).zip(answers) {
            match answer {
                Ok(answer) => {
                    app.metrics.count_verdict(answer.verdict.code());
                    write_line(&answer, &mut written);
                }
                Err(problem) => write_line(&problem.in_line(number), &mut written),
            }
        }
        written.into()
    }
}

/// A line on which the code panics gets a problem of its own: the others keep their answers, and
/// their places.
fn whatever_happens(judge: impl FnOnce() -> Result<Answer, Problem>) -> Result<Answer, Problem> {
    catch_unwind(AssertUnwindSafe(judge))
        .unwrap_or_else(|_| Err(Problem::internal(&anyhow::anyhow!("a line of a batch panicked"))))
}

impl Line {
    /// A line holds a question, or only its input as a JSON string.
    fn question(self) -> Result<Question, Problem> {
        match self {
            Self::TooLong => Err(Problem::new(
                Code::TooLarge,
                format!("the line has more than {MAX_TEXT} bytes"),
            )),
            Self::Text(line) => match serde_json::from_slice::<String>(&line) {
                Ok(input) => Ok(input.into()),
                Err(_) => Question::read(&line),
            },
        }
    }
}

impl Judge<'_> {
    /// The answers to the lines. They are judged together, unless the code panics on one of them.
    fn lines(&self, lines: Vec<Result<Question, Problem>>) -> Vec<Result<Answer, Problem>> {
        let questions: Vec<&Question> = lines.iter().flatten().collect();
        let together = catch_unwind(AssertUnwindSafe(|| self.answer_each(&questions)));
        let mut answers = together
            .unwrap_or_else(|_| {
                let alone = |question: &&Question| whatever_happens(|| self.answer(question));
                questions.iter().map(alone).collect()
            })
            .into_iter();
        let nothing = || Err(Problem::internal(&anyhow::anyhow!("a line has no answer")));
        lines
            .iter()
            .map(|line| match line {
                Ok(_) => answers.next().unwrap_or_else(nothing),
                Err(problem) => Err(problem.clone()),
            })
            .collect()
    }
}

/// A line that is being received.
#[derive(Default)]
struct Gathering {
    bytes: Vec<u8>,
    too_long: bool,
}

impl Gathering {
    fn add(&mut self, part: &[u8]) {
        self.too_long |= self.bytes.len() + part.len() > MAX_TEXT;
        if self.too_long {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(part);
        }
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.too_long
    }

    fn take(&mut self) -> Line {
        let Self { bytes, too_long } = std::mem::take(self);
        if too_long { Line::TooLong } else { Line::Text(bytes) }
    }
}

fn json_line(object: &impl Serialize) -> Vec<u8> {
    let mut line = Vec::new();
    write_line(object, &mut line);
    line
}

fn write_line(object: &impl Serialize, lines: &mut Vec<u8>) {
    // Verdicts and problems are strings and numbers: writing them into memory cannot fail.
    let _ = serde_json::to_writer(&mut *lines, object);
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No line is known that makes the verifier panic, so this cannot be tested from the outside.
    #[test]
    fn a_panic_is_a_problem_of_its_line_and_of_no_other() {
        let problem = whatever_happens(|| panic!("a fault with somebody's name in it"))
            .expect_err("no verdict");
        let line = String::from_utf8(json_line(&problem.in_line(7))).expect("it is JSON");
        assert!(line.contains("\"internal\"") && line.contains("\"line\":7"), "{line}");
        assert!(!line.contains("somebody"), "{line}");
    }
}
