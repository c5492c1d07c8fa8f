//! `inbox`: the public server at which people apply.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use vernet_applications::{FileKind, MAX_DOCUMENT, Unfit, examine};
use vernet_console::{Inbox, InboxSettings, Limits, Listener, Tls, start_log};
use vernet_host::{Confined, clock, confine, run_confined};

use super::{Session, serve::WithoutTls};

/// The subcommand that looks into one file.
pub(super) const EXAMINE: &str = "examine-document";

/// How long one file may be looked into.
const MAX_LOOK: Duration = Duration::from_secs(15);

#[derive(Args)]
#[command(
    after_help = "It ends with Ctrl-C. It is a process of its own, on a machine of its own if you like: it needs its settings, the public half of the inbox key and its folder, and nothing of the office. See docs/INBOX.md."
)]
pub(super) struct InboxArgs {
    /// The settings of the inbox, as JSON: see docs/INBOX.md
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    /// The address to listen on
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8490")]
    listen: SocketAddr,
    /// The TLS certificate, with those above it, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the TLS certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy in front of it has the TLS certificate and limits how often one client may ask, and
    /// nobody else reaches this address
    #[arg(long, conflicts_with = "tls_cert")]
    behind_proxy: bool,
}

pub(super) fn run(session: &Session, args: &InboxArgs) -> Result<()> {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    if !args.listen.ip().is_loopback() && tls.is_none() && !args.behind_proxy {
        return Err(WithoutTls { address: args.listen }.into());
    }
    // Once here, so that a clock that cannot be read is noticed before anybody applies.
    clock()?;
    let now = || clock().expect("the clock was read when the inbox was opened");
    let limits = Limits { behind_proxy: args.behind_proxy, ..Limits::default() };
    let settings = InboxSettings::read(&args.settings)?;
    let url = format!("{}/", settings.origin);
    let inbox = Inbox::open(settings, limits, (Arc::new(examine_elsewhere), Arc::new(now)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("starting the server")?.block_on(async {
        let listener = Listener::bind(args.listen, tls).await?;
        let address = listener.address();
        start_log();
        let line = match session.json {
            true => json!({ "listening": address, "url": url }).to_string(),
            false => format!("the inbox listens on {address}, for {url} (Ctrl-C ends it)"),
        };
        anstream::println!("{line}");
        std::io::stdout().flush()?;
        Ok(listener.serve(inbox.router(), args.behind_proxy).await?)
    })
}

/// Looks into a file in a process of its own: a file of a few kilobytes can ask for gigabytes.
pub(super) fn examine_elsewhere(bytes: &[u8]) -> Result<FileKind, Unfit> {
    let confined = run_confined(&[EXAMINE], bytes, MAX_LOOK);
    let report = match confined {
        Ok(Confined { report, status }) if status.success() => report.unwrap_or_default(),
        _ => return Err(Unfit::Unreadable),
    };
    let kinds = [FileKind::Pdf, FileKind::Jpeg, FileKind::Png];
    if let Some(kind) = kinds.into_iter().find(|kind| kind.extension().as_bytes() == report) {
        return Ok(kind);
    }
    let unfit = Unfit::ALL.into_iter().find(|unfit| unfit.code().as_bytes() == report);
    Err(unfit.unwrap_or(Unfit::Unreadable))
}

/// The process that looks: a file from standard input, one word to standard output.
pub(super) fn examine_here() -> Result<()> {
    confine(MAX_LOOK).context("limiting the process that looks into files")?;
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_DOCUMENT as u64 + 1).read_to_end(&mut bytes)?;
    let word = examine(&bytes).map_or_else(Unfit::code, FileKind::extension);
    std::io::stdout().write_all(word.as_bytes())?;
    Ok(())
}
