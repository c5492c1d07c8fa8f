//! `serve`: the endpoint for programs, and the page for phones, in one process.
//!
//! | path | what |
//! |---|---|
//! | `POST /v1/verify` | the verdict on one certificate: `verify.rs` |
//! | `POST /v1/verify/batch` | the verdicts on many, line by line: `batch.rs` |
//! | `GET /v1/publication/…` | the signed lists that the server runs on: `publication.rs` |
//! | `GET /v/` | the scanning page: `assets.rs` |
//! | `GET /healthz`, `/readyz`, `/metrics` | for whoever runs it: `watch.rs` |
//! | `GET /openapi.json`, `/docs` | what all this is, for programs and for people: `openapi.rs`, `docs.rs` |
//!
//! The office is asked for newer lists on a schedule (`office.rs`), never about a certificate.
//! [`router`] binds nothing; [`run`] does.

mod assets;
mod batch;
mod body;
mod config;
mod connection;
mod docs;
mod guard;
mod html;
mod metrics;
mod office;
mod open_files;
mod openapi;
mod places;
mod problem;
mod publication;
mod tokens;
mod verify;
mod watch;
mod witness;

use std::{
    io::Write,
    net::SocketAddr,
    num::NonZeroU32,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    http::{Uri, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
};
use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use clap::Args;
use serde_json::json;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use vernet_host::clock;
use vernet_verifier::Policy;

pub(crate) use self::witness::{WitnessServeArgs, run as serve_witness};
use self::{
    assets::Assets,
    config::{Config, LogLevel, Settings},
    connection::Counted,
    docs::Docs,
    guard::Rate,
    metrics::Metrics,
    office::Office,
    places::Places,
    problem::{Code, Problem},
    tokens::Tokens,
    verify::Pictures,
};
use crate::{
    archive::Archive,
    global::Global,
    refusal::in_line,
    signing::{ReceiptSigner, open_unattended},
};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Settings from a TOML file; flags and environment have precedence
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_CONFIG")]
    config: Option<PathBuf>,
    /// Check the settings and the files that they name, print them, and end
    #[arg(long)]
    check_config: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Everything that requests share.
pub(crate) struct App {
    office: Office,
    policy: Policy,
    assets: Assets,
    docs: Docs,
    metrics: Metrics,
    tokens: Option<Tokens>,
    receipts: Option<ReceiptSigner>,
    rate: Option<Rate>,
    requests: Semaphore,
    batches: Places,
    pictures: Pictures,
    tls: bool,
}

/// How many batches at a time: each keeps every processor busy.
const MAX_BATCHES: usize = 4;

pub(crate) fn run(global: &Global, args: ServeArgs) -> Result<ExitCode> {
    let config = args.settings.with_file(args.config.as_deref())?;
    start_log(config.log);
    config.doubts().iter().for_each(|doubt| tracing::warn!("{doubt}"));
    let app = Arc::new(App::new(global, &config)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the server")?;
    runtime.block_on(async {
        let tls = match &config.tls {
            Some(tls) => Some(read_tls(tls).await?),
            None => None,
        };
        if args.check_config {
            anstream::println!("{}", serde_json::to_string_pretty(&config)?);
            return Ok(ExitCode::SUCCESS);
        }
        serve(global, app, &config, tls).await?;
        Ok(ExitCode::SUCCESS)
    })
}

impl App {
    fn new(global: &Global, config: &Config) -> Result<Self> {
        let policy = Policy {
            max_status_age_s: i64::from(config.max_status_age) * 3600,
            ..Policy::default()
        };
        let archive = config.archive.clone().map(Archive::new);
        let office = Office::open(
            global.store()?,
            config.publication.as_deref(),
            config.roots.as_deref(),
            policy,
            archive,
        )?;
        Ok(Self {
            assets: Assets::new(&office.anchor)?,
            docs: Docs::new()?,
            office,
            policy,
            metrics: Metrics::new(),
            tokens: config.tokens.as_deref().map(Tokens::read).transpose()?,
            receipts: config.receipts.as_ref().map(receipt_signer).transpose()?,
            rate: NonZeroU32::new(config.rate_limit).map(Rate::new),
            requests: Semaphore::new(config.max_requests.get() as usize),
            batches: Places::new(MAX_BATCHES, config.behind_proxy),
            pictures: Pictures::new(config.behind_proxy),
            tls: config.tls.is_some(),
        })
    }

    /// Why no certificate can be accepted just now, if that is so.
    fn not_ready(&self) -> Result<Option<String>> {
        let Some(current) = self.office.current() else {
            return Ok(Some("no lists were fetched yet".to_owned()));
        };
        Ok(current.knowledge.doubt(&self.policy, clock()?).map(|code| code.to_string()))
    }
}

/// Nobody can be asked for the passphrase here.
fn receipt_signer(receipts: &config::Receipts) -> Result<ReceiptSigner> {
    let key = open_unattended(&receipts.key, receipts.passphrase_file.as_deref())?;
    Ok(ReceiptSigner::new(key, receipts.name.clone()))
}

/// Every path and what stands before it. From the outside in: the log, the headers, the limits, and
/// for the API the tokens.
pub(crate) fn router(app: Arc<App>) -> Router {
    let wrong_method =
        async || Problem::new(Code::MethodNotAllowed, "the header `Allow` tells which are");
    let for_programs = Router::from(openapi::for_programs())
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::authorise));
    Router::new()
        .merge(for_programs)
        .merge(openapi::for_everybody())
        .merge(docs::routes())
        .merge(assets::routes())
        .method_not_allowed_fallback(wrong_method)
        .fallback(elsewhere)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::limit_load))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::limit_rate))
        .merge(Router::from(openapi::for_operators()).method_not_allowed_fallback(wrong_method))
        .layer(CatchPanicLayer::custom(guard::after_panic))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::protect))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::observe))
        .with_state(app)
}

async fn elsewhere(uri: Uri) -> Response {
    uri.path().strip_prefix("/v%23").and_then(|digits| as_fragment("v/", digits)).unwrap_or_else(
        || {
            Problem::new(
                Code::NotFound,
                "the page is at `/v/`, the API at `/v1/`, its description at `/docs`",
            )
            .into_response()
        },
    )
}

/// Some old scanners turn the `#` of the printed link into `%23`. What follows has been sent to us
/// then; it is not logged, no cache keeps it, and the page takes it from here. `page` is the page
/// as seen from the path that was asked for: a proxy may take a prefix away.
fn as_fragment(page: &str, digits: &str) -> Option<Response> {
    let target =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{page}#{digits}"))?;
    Some(([(header::CACHE_CONTROL, "no-store")], Redirect::temporary(&target)).into_response())
}

/// How long a connection may take to send the head of a request, or to agree on keys.
const MAX_HEAD: Duration = Duration::from_secs(10);

/// The longest head of a request: a token and what proxies add.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long requests may go on after the server was told to end.
const MAX_FAREWELL: Duration = Duration::from_secs(30);

async fn serve(
    global: &Global,
    app: Arc<App>,
    config: &Config,
    tls: Option<RustlsConfig>,
) -> Result<()> {
    let listener = std::net::TcpListener::bind(config.listen)
        .with_context(|| format!("listening on `{}`", config.listen))?;
    let address = listener.local_addr()?;
    let url = format!("{}://{address}/v/", if tls.is_some() { "https" } else { "http" });
    let line = if global.json {
        json!({ "listening": url }).to_string()
    } else {
        format!("listening on {url}")
    };
    anstream::println!("{line}");
    std::io::stdout().flush()?;
    tracing::info!(%address, office = %app.office.anchor.iss, publication = app.office.source(), "started");

    let handle = Handle::new();
    tokio::spawn(farewell(handle.clone()));
    tokio::spawn(keep_fresh(Arc::clone(&app), config.refresh));

    let wanted = config.max_connections.get() as usize;
    let places = open_files::room_for(wanted);
    if places < wanted {
        tracing::warn!(
            wanted,
            places,
            "fewer connections than `max_connections`: the system lets this process open no more files; raise its limit (`LimitNOFILE`, `ulimit -n`)"
        );
    }
    let counted = Counted { places: Places::new(places, config.behind_proxy) };
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .http1_only()
        .first_request_timeout(MAX_HEAD);
    server.http_builder().http1().header_read_timeout(MAX_HEAD).max_buf_size(MAX_HEAD_BYTES);
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        None => server.acceptor(counted).serve(service).await?,
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls).handshake_timeout(MAX_HEAD).acceptor(counted);
            server.acceptor(acceptor).serve(service).await?;
        }
    }
    tracing::info!("ended");
    Ok(())
}

/// Asks for newer lists for as long as the server runs.
async fn keep_fresh(app: Arc<App>, every: Option<NonZeroU32>) {
    let mut failures = 0;
    loop {
        let asking = Arc::clone(&app);
        let outcome = tokio::task::spawn_blocking(move || asking.office.refresh()).await;
        let outcome = outcome.context("refreshing").flatten();
        app.metrics.count_refresh(&outcome);
        if let Some(alarm) = app.office.alarm() {
            tracing::error!(alarm, "ALARM");
        }
        match &outcome {
            Ok(refreshed) => {
                failures = 0;
                tracing::info!(outcome = ?refreshed, "refreshed");
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(
                    failures,
                    error = in_line(error),
                    "not refreshed; the last good lists stay in use"
                );
            }
        }
        let wait = match (every, clock()) {
            (Some(seconds), _) => Duration::from_secs(seconds.get().into()),
            (None, Ok(now)) if failures == 0 => with_jitter(app.office.wait(now)),
            _ => with_jitter(after_failures(failures)),
        };
        tokio::time::sleep(wait).await;
    }
}

/// Ten seconds after the first failure, then twice as long each time, up to a quarter of an hour.
fn after_failures(failures: u32) -> Duration {
    Duration::from_secs(10 << failures.saturating_sub(1).min(10)).min(Duration::from_secs(15 * 60))
}

/// Up to a tenth longer: all hospitals of a country should not ask in the same second.
fn with_jitter(wait: Duration) -> Duration {
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    wait + wait.mul_f64(f64::from(nanos % 1_000_000) / 1e7)
}

/// Waits until the server is told to end, and has it finish what it has begun.
async fn farewell(handle: Handle<SocketAddr>) {
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    () = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
    tracing::info!("ending: what has begun is finished first");
    handle.graceful_shutdown(Some(MAX_FAREWELL));
}

async fn read_tls(files: &config::Tls) -> Result<RustlsConfig> {
    // Fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&files.certificate, &files.key).await.with_context(|| {
        format!(
            "reading the TLS certificate `{}` and its key `{}`",
            files.certificate.display(),
            files.key.display()
        )
    })
}

/// One JSON object per line, on standard error.
fn start_log(level: LogLevel) {
    let level = match level {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
    };
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .init();
    std::panic::set_hook(Box::new(report_panic));
}

/// Where it happened, and not with what words: they may hold a piece of what somebody sent, and
/// decoders of pictures do panic.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, "a part of the program failed");
}
