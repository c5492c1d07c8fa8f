//! `witness serve`: the endpoint of C2SP tlog-witness, and nothing else. It needs no client
//! authentication: only the signatures in a request count.
//!
//! | path | what |
//! |---|---|
//! | `POST /add-checkpoint` | C2SP tlog-witness |
//! | `POST /trust-list` | an office's next trust list, so that new keys of the log are known before they are used; the roots' signatures count |
//! | `GET /HASH/checkpoint` | C2SP tlog-witness, for monitors: what was cosigned last of the log whose origin has this SHA-256 |
//! | `GET /healthz` | for the operator |

use std::{net::SocketAddr, path, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::Args;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use vernet_common::{
    AddCheckpoint, Error, Payload, SignedCheckpoint, SignedTrustList, TrustAnchor, TrustList,
};
use vernet_host::{clock, hex};
use vernet_serve::{Counted, HALF, Places, room_for, server};

use super::{
    config::LogLevel,
    guard::after_panic,
    server::{listen, runtime, start_log},
};
use crate::{
    global::Global,
    refusal::in_line,
    store::Store,
    witness::{Cosigner, NotCosigned, WitnessKeyArgs},
};

#[derive(Args)]
pub(crate) struct WitnessServeArgs {
    #[command(flatten)]
    key: WitnessKeyArgs,
    /// Where to listen. Nothing here is secret: TLS, if any, is a proxy's business
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8471",
        env = "VERNET_WITNESS_LISTEN"
    )]
    listen: SocketAddr,
    /// All clients come through one proxy: connections are not shared out among addresses
    #[arg(long)]
    behind_proxy: bool,
    /// How much to log
    #[arg(long, value_name = "LEVEL", default_value = "info", env = "VERNET_VERIFIER_LOG")]
    log: LogLevel,
}

struct Witnessing {
    cosigner: Cosigner,
    /// The logs that are watched, each with the roots of its office.
    logs: Vec<(String, TrustAnchor)>,
    requests: Arc<Semaphore>,
}

/// An answer, before it becomes an HTTP response.
struct Answer {
    status: StatusCode,
    media_type: &'static str,
    body: String,
}

const TEXT: &str = "text/plain; charset=utf-8";

/// The media type of the answer to a client that is behind: the size that was cosigned last (C2SP
/// tlog-witness).
const SIZE: &str = "text/x.tlog.size";

/// Connections at a time. Offices ask once an hour.
const MAX_CONNECTIONS: usize = 256;

/// Requests processed at a time: each waits for the disk, one after the other.
const MAX_REQUESTS: usize = 32;

/// How long a request may take, its body and the disk included.
const MAX_DURATION: Duration = Duration::from_secs(20);

pub(crate) fn run(global: &Global, args: WitnessServeArgs) -> Result<ExitCode> {
    let store = global.store()?.warning(|text| tracing::warn!("{text}"));
    let cosigner = Cosigner::new(&store, args.key.open()?);
    start_log(args.log);
    let logs = pinned(&store, &cosigner)?;
    let app =
        Arc::new(Witnessing { cosigner, logs, requests: Arc::new(Semaphore::new(MAX_REQUESTS)) });
    let runtime = runtime()?;
    let done = runtime.block_on(serve(global, app, &args));
    runtime.shutdown_background();
    done.map(|()| ExitCode::SUCCESS)
}

/// The logs of the offices whose roots are pinned, with the trust lists that `sync` has fetched.
fn pinned(store: &Store, cosigner: &Cosigner) -> Result<Vec<(String, TrustAnchor)>> {
    let mut logs = Vec::new();
    let mut entries = store.entries()?;
    let mut damaged = entries.take_errors();
    for entry in entries.pinned() {
        let origin = SignedCheckpoint::origin(&entry.anchor.iss);
        if let Some(synced) = &entry.synced
            && let Err(error) = cosigner.learn(&entry.anchor, &synced.bundle.trust_lists, clock()?)
        {
            tracing::info!(
                origin,
                reason = in_line(&error),
                "the synchronised trust list is not newer"
            );
        }
        logs.push((origin, entry.anchor));
    }
    if logs.is_empty()
        && let Some(error) = damaged.pop()
    {
        return Err(error);
    }
    for error in &damaged {
        tracing::error!(error = in_line(error), "the log of this office is not watched");
    }
    if logs.is_empty() {
        bail!(
            "no root keys are pinned, so there is no log to watch: run `vernet-verifier trust add roots.json`"
        );
    }
    Ok(logs)
}

async fn serve(global: &Global, app: Arc<Witnessing>, args: &WitnessServeArgs) -> Result<()> {
    let (listener, address) = listen(global, args.listen, |address| format!("http://{address}/"))?;
    let origins: Vec<&str> = app.logs.iter().map(|(origin, _)| origin.as_str()).collect();
    tracing::info!(%address, witness = %app.cosigner.name(), logs = origins.join(" "), "started");

    let places = Places::new(room_for(MAX_CONNECTIONS), HALF, args.behind_proxy);
    server(listener)?.acceptor(Counted { places }).serve(router(app).into_make_service()).await?;
    tracing::info!("ended");
    Ok(())
}

fn router(app: Arc<Witnessing>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/trust-list", post(trust_list))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .route("/healthz", get(async || "alive\n"))
        .layer(CatchPanicLayer::custom(after_panic))
        .with_state(app)
}

async fn add_checkpoint(State(app): State<Arc<Witnessing>>, body: Body) -> Response {
    answer(app, body, AddCheckpoint::MAX_BYTES, Witnessing::add_checkpoint).await
}

async fn trust_list(State(app): State<Arc<Witnessing>>, body: Body) -> Response {
    answer(app, body, TrustList::MAX_BYTES, Witnessing::trust_list).await
}

async fn checkpoint(
    State(app): State<Arc<Witnessing>>,
    Path(origin_hash): Path<String>,
    body: Body,
) -> Response {
    answer(app, body, 0, move |app, _| app.checkpoint(&origin_hash)).await
}

async fn answer(
    app: Arc<Witnessing>,
    body: Body,
    limit: usize,
    act: impl FnOnce(&Witnessing, &str) -> Answer + Send + 'static,
) -> Response {
    let work = async move {
        let Ok(bytes) = axum::body::to_bytes(body, limit).await else {
            return Answer::refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "the request is too long or cut off",
            );
        };
        let Ok(text) = String::from_utf8(bytes.into()) else {
            return Answer::refusal(
                StatusCode::BAD_REQUEST,
                "not_utf8",
                "the request is not UTF-8",
            );
        };
        // Taken only now, so that a client cannot lock out others by sending slowly.
        let Ok(place) = Arc::clone(&app.requests).acquire_owned().await else {
            return Answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "ending", "the witness ends");
        };
        let work = move || {
            // Held until the work is done, even if nobody waits for it any more.
            let _place = place;
            act(&app, &text)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Answer::failure(&error.into()))
    };
    let timeout =
        || Answer::refusal(StatusCode::REQUEST_TIMEOUT, "timeout", "the request takes too long");
    let answer = tokio::time::timeout(MAX_DURATION, work).await.unwrap_or_else(|_| timeout());
    answer.into_response()
}

impl Witnessing {
    fn add_checkpoint(&self, text: &str) -> Answer {
        let request = match AddCheckpoint::parse(text) {
            Ok(request) => request,
            Err(error) => return Answer::of(StatusCode::BAD_REQUEST, &error),
        };
        let origin = request.checkpoint.claimed_origin();
        let Some((origin, anchor)) = self.logs.iter().find(|(known, _)| known == origin) else {
            return Answer::refusal(
                StatusCode::NOT_FOUND,
                "unknown_log",
                "this log is not watched here",
            );
        };
        let head = request.checkpoint.head();
        let outcome = self.cosigner.cosign(anchor, &request, || text.into(), || Ok(clock()?));
        let (code, answer, evidence) = match outcome {
            Ok(cosigned) => {
                tracing::info!(origin, size = head.size, root = %head.root, "cosigned");
                return Answer { status: StatusCode::OK, media_type: TEXT, body: cosigned.lines };
            }
            Err(NotCosigned::Failed(error)) => return Answer::failure(&error),
            Err(NotCosigned::NoTrustList) => {
                let code = "trust_list_missing";
                (
                    code,
                    Answer::refusal(
                        StatusCode::FORBIDDEN,
                        code,
                        "no trust list of this office is known here",
                    ),
                    None,
                )
            }
            Err(NotCosigned::Refused(refusal, evidence)) => {
                let status = StatusCode::from_u16(refusal.status())
                    .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let answer = match self.size_of(anchor, status) {
                    Some(size) => Answer { status, media_type: SIZE, body: format!("{size}\n") },
                    None => Answer::refusal(status, refusal.code(), &refusal.to_string()),
                };
                (refusal.code(), answer, evidence)
            }
        };
        match evidence {
            Some(evidence) => self.alarm(origin, code, &evidence),
            None => tracing::info!(origin, size = head.size, code, "not cosigned"),
        }
        answer
    }

    /// What was cosigned last, for monitors.
    fn checkpoint(&self, origin_hash: &str) -> Answer {
        let of_hash = |(origin, _): &&(String, TrustAnchor)| {
            hex(&Sha256::digest(origin.as_bytes())) == origin_hash
        };
        let shown = self.logs.iter().find(of_hash).map(|(_, anchor)| self.cosigner.shown(anchor));
        match shown.transpose() {
            Ok(Some(Some(body))) => Answer { status: StatusCode::OK, media_type: TEXT, body },
            Ok(Some(None)) => Answer::refusal(
                StatusCode::NOT_FOUND,
                "never_cosigned",
                "nothing of this log was cosigned here yet",
            ),
            Ok(None) => Answer::refusal(
                StatusCode::NOT_FOUND,
                "unknown_log",
                "this log is not watched here",
            ),
            Err(error) => Answer::failure(&error),
        }
    }

    /// The size to answer a conflict with.
    fn size_of(&self, anchor: &TrustAnchor, status: StatusCode) -> Option<u64> {
        let head = (status == StatusCode::CONFLICT).then(|| self.cosigner.head(anchor));
        Some(head?.ok()?.size)
    }

    fn alarm(&self, origin: &str, code: &str, evidence: &path::Path) {
        tracing::error!(
            origin,
            code,
            evidence = %evidence.display(),
            "ALARM: a signed log that is not shown to continue the one that was cosigned; compare the evidence with what the office has published"
        );
    }

    fn trust_list(&self, text: &str) -> Answer {
        let list = SignedTrustList::from_json(text.as_bytes());
        let (list, claims) = match list.and_then(|list| Ok((list.unverified_claims()?, list))) {
            Ok((claims, list)) => (list, claims),
            Err(error) => return Answer::of(StatusCode::BAD_REQUEST, &error),
        };
        let Some((origin, anchor)) = self.logs.iter().find(|(_, anchor)| anchor.iss == claims.iss)
        else {
            return Answer::refusal(
                StatusCode::NOT_FOUND,
                "unknown_log",
                "this office's log is not watched here",
            );
        };
        let learnt = clock()
            .map_err(anyhow::Error::from)
            .and_then(|now| self.cosigner.learn(anchor, &[list], now));
        let Err(error) = learnt else {
            tracing::info!(origin, seq = claims.seq, "the trust list is known");
            return Answer { status: StatusCode::OK, media_type: TEXT, body: String::new() };
        };
        match error.downcast_ref::<Error>() {
            Some(error) => {
                tracing::info!(origin, code = error.code(), "a trust list was refused");
                Answer::of(StatusCode::FORBIDDEN, error)
            }
            None => Answer::failure(&error),
        }
    }
}

impl Answer {
    fn refusal(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, media_type: TEXT, body: format!("{code}: {message}\n") }
    }

    fn of(status: StatusCode, error: &Error) -> Self {
        Self::refusal(status, error.code(), &error.to_string())
    }

    /// The cause of a failure goes to the log, not to the client.
    fn failure(error: &anyhow::Error) -> Self {
        tracing::error!(error = in_line(error), "a request failed");
        Self::refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the witness failed; its log says more",
        )
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, self.body).into_response()
    }
}
