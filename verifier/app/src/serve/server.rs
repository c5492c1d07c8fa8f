//! What all servers of this program share: the log and the announced address.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::runtime::Runtime;

use super::config::LogLevel;
use crate::global::Global;

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
