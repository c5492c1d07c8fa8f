//! What all servers of this program share: the log, the announced address, limits on the head of a
//! request, and the shutdown.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::{Context, Result};
use axum_server::{Handle, Server};
use serde_json::json;
use tokio::runtime::Runtime;

use super::config::LogLevel;
use crate::global::Global;

/// How long a connection may take to send the head of a request, or to agree on keys.
pub(super) const MAX_HEAD: Duration = Duration::from_secs(10);

/// The longest head of a request: a token, and what proxies add.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long requests may continue after the server was told to stop.
const MAX_FAREWELL: Duration = Duration::from_secs(30);

/// One JSON object per line, on standard error.
pub(super) fn start_log(level: LogLevel) {
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

/// Logs where the panic happened, but not its message, which may quote a request; and picture
/// decoders do panic.
pub(super) fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, "a part of the program failed");
}

/// What the server runs on.
pub(super) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the server")
}

/// Listens, and prints the address on standard output, where a caller that asked for any port finds
/// it.
pub(super) fn listen(
    global: &Global,
    address: SocketAddr,
    url: impl FnOnce(SocketAddr) -> String,
) -> Result<(TcpListener, SocketAddr)> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("listening on `{address}`"))?;
    let address = listener.local_addr()?;
    let url = url(address);
    let line = if global.json {
        json!({ "listening": url }).to_string()
    } else {
        format!("listening on {url}")
    };
    anstream::println!("{line}");
    std::io::stdout().flush()?;
    Ok((listener, address))
}

/// A server that stops when the program is told to.
pub(super) fn server(listener: TcpListener) -> Result<Server<SocketAddr>> {
    let handle = Handle::new();
    tokio::spawn(farewell(handle.clone()));
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .http1_only()
        .first_request_timeout(MAX_HEAD);
    server.http_builder().http1().header_read_timeout(MAX_HEAD).max_buf_size(MAX_HEAD_BYTES);
    Ok(server)
}

/// Waits until the server is told to stop, and lets it finish the requests in progress.
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
