//! `serve`: the office in a browser.

use std::{
    ffi::OsString,
    io::Write,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use vernet_common::KeyUse;
use vernet_console::{Console, ConsoleAddress, Listener, Site, Tls, start_log};
use vernet_host::{clock, note};
use vernet_issuer::{Credentials, Destination, Office, Passphrase};

use super::{Session, environment::environment};

#[derive(Args)]
#[command(
    after_help = "It ends with Ctrl-C. Officers' keys stay in their browsers: the server has none of them. From other machines it is reached by TLS alone, its own or that of a proxy, and by the address in the settings: `console` in office.json."
)]
pub(super) struct ServeArgs {
    /// The address to listen on
    #[arg(long, value_name = "IP:PORT", default_value_t = HERE)]
    listen: SocketAddr,
    /// The TLS certificate, with those above it, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the TLS certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy in front of it has the TLS certificate, and nobody else reaches this address
    #[arg(long, conflicts_with = "tls_cert")]
    behind_proxy: bool,
    /// Publish here at the button of the console: a folder, or the URL of an object store as for
    /// `publish --out`. Without it the console shows the command
    #[arg(long, value_name = "DIR|URL")]
    publish: Option<OsString>,
}

/// Others could read what goes over the network.
#[derive(Debug, thiserror::Error)]
#[error(
    "other machines reach `{address}`, expected TLS: `--tls-cert` and `--tls-key`, or `--behind-proxy`"
)]
pub(super) struct WithoutTls {
    pub(super) address: SocketAddr,
}

impl WithoutTls {
    pub(super) const CODE: &str = "tls_missing";
}

pub(super) fn run(session: &Session, args: &ServeArgs) -> Result<()> {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    if !args.listen.ip().is_loopback() && tls.is_none() && !args.behind_proxy {
        return Err(WithoutTls { address: args.listen }.into());
    }
    let reached = match (tls.is_some(), args.behind_proxy) {
        (_, true) => Reached::Proxy,
        (true, false) => Reached::Tls,
        (false, false) => Reached::Here,
    };
    let office = session.open()?;
    let publish = args.publish.as_ref().map(|to| Destination::parse(to, &environment()));
    let publish = publish.transpose().map_err(vernet_issuer::Error::from)?;
    // Asked for before anything is answered.
    let uses = match publish {
        Some(_) => &[KeyUse::Certificate, KeyUse::Status, KeyUse::Log][..],
        None => &[KeyUse::Certificate],
    };
    let now = clock()?;
    let locations: Vec<_> =
        uses.iter().filter_map(|r#use| office.location_in_use(*r#use, now).ok()).collect();
    let keys = match locations.is_empty() {
        true => None,
        false => Some(session.credentials.kept_for(&locations)?),
    };
    if keys.is_none() {
        note("warning: no certificate key is in use, so nothing can be granted here yet");
    }
    serve((office, keys, publish), (args.listen, tls), (reached, None), |url, _| {
        match session.json {
            true => json!({ "listening": url }).to_string(),
            false => format!("the console is at {url} (Ctrl-C ends it)"),
        }
    })
}

/// Opens an office on this machine, and says where by the same words that it prints. Beside it, under
/// an address of its own, the hospital's page, if there is one.
pub(super) fn open_here(
    (office, publication, page): (&Path, &Path, Option<&Path>),
    keys: Passphrase,
    said: impl FnOnce(&str, Option<&str>) -> String,
) -> Result<()> {
    let site = page.map(|page| Site::of_page(page.to_owned(), publication.to_owned()));
    let publish = Destination::Folder(publication.to_owned());
    let office = (Office::open(office)?, Some(keys), Some(publish));
    serve(office, (HERE, None), (Reached::Here, site), said)
}

/// Where the console is, if nobody says otherwise.
const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);

/// Where the hospital's page is beside it.
const PAGE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8481);

/// How browsers reach the console.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// From this machine alone.
    Here,
    /// By its own TLS certificate.
    Tls,
    /// By that of a proxy.
    Proxy,
}

fn serve(
    (office, keys, publish): (
        Office,
        Option<impl Credentials + Send + Sync + 'static>,
        Option<Destination>,
    ),
    (listen, tls): (SocketAddr, Option<Tls>),
    (reached, site): (Reached, Option<Site>),
    said: impl FnOnce(&str, Option<&str>) -> String,
) -> Result<()> {
    let started = clock()?;
    let secure = reached != Reached::Here;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("starting the server")?.block_on(async {
        let listener = Listener::bind(listen, tls).await?;
        let mut origins: Vec<String> =
            office.config().console.iter().map(|console| console.origin.clone()).collect();
        origins.extend(own_origins(listener.address(), secure));
        let url = format!("{}/", origins[0]);
        let address = ConsoleAddress { origins, secure };
        // A clock that nobody can read stands still: then sessions are too old, or not yet.
        let clock = Arc::new(move || clock().unwrap_or(started));
        let access_log = office.folder().join("access.sqlite");
        let console = Console::new(office, &access_log, address, clock)?;
        let console = match publish {
            Some(destination) => console.publishing_to(destination),
            None => console,
        };
        let router = match keys {
            Some(keys) => console.with_keys(keys).router(),
            None => console.router(),
        };
        let beside = match site {
            Some(site) => Some((Listener::bind(PAGE, None).await?, site)),
            None => None,
        };
        let page = beside.as_ref().map(|_| format!("http://localhost:{}/v/", PAGE.port()));
        start_log();
        anstream::println!("{}", said(&url, page.as_deref()));
        std::io::stdout().flush()?;
        let console = listener.serve(router, reached == Reached::Proxy);
        match beside {
            Some((listener, site)) => {
                tokio::try_join!(console, listener.serve(site.router(), false))?;
            }
            None => console.await?,
        }
        Ok(())
    })
}

/// The origins of a server that browsers reach on this machine, or by its address.
fn own_origins(address: SocketAddr, secure: bool) -> Vec<String> {
    let scheme = if secure { "https" } else { "http" };
    let at = |host: &str| format!("{scheme}://{host}:{}", address.port());
    match address.ip() {
        // By name first: a passkey is for a name, never for an address.
        ip if ip.is_loopback() => {
            let ip = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
            vec![at("localhost"), at(&ip)]
        }
        IpAddr::V4(ip) => vec![at(&ip.to_string())],
        IpAddr::V6(ip) => vec![at(&format!("[{ip}]"))],
    }
}
