//! `serve`: the endpoint for programs, and the page for phones, in one process.
//!
//! | path | what |
//! |---|---|
//! | `POST /v1/verify` | the verdict on one certificate: `verify.rs` |
//! | `POST /v1/verify/batch` | the verdicts on many, line by line: `batch.rs` |
//! | `GET /v1/publication/…` | the signed lists that the server runs on: `lists.rs` |
//! | `GET /roster`, `/v1/roster` | the report on the hospital's staff, if one is watched: `roster/` |
//! | `GET /v/` | the scanning page: `scanning_page.rs` |
//! | `GET /healthz`, `/readyz`, `/metrics` | for the operator: `watch.rs` |
//! | `GET /openapi.json`, `/docs` | the description, for programs and for people: `openapi.rs`, `docs_page.rs` |
//!
//! Certificates are judged by all offices that are pinned (`offices.rs`). Each is asked for newer lists
//! on a schedule (`refresh.rs`), never about a certificate. The state that requests share is in `app.rs`, and every path in `router.rs`; only [`run`] binds an
//! address.

mod app;
mod assets;
mod batch;
mod body;
mod conditional;
mod config;
mod docs;
mod docs_page;
mod examples;
mod file;
mod guard;
mod html;
mod in_use;
mod lists;
mod metrics;
mod office;
mod office_figures;
mod offices;
mod openapi;
mod pictures;
mod problem;
mod problems;
mod publication;
mod refresh;
mod roster;
mod router;
mod scanning_page;
mod server;
mod tokens;
mod turns;
mod verify;
mod watch;
mod witness;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use clap::Args;
use vernet_serve::{Counted, HALF, MAX_HEAD, Places, room_for, server};

pub(crate) use self::witness::{WitnessServeArgs, run as serve_witness};
use self::{
    app::App,
    config::{Config, Settings, Tls},
    docs::Docs,
    openapi::describe,
    refresh::keep_fresh,
    roster::settings::RosterConfig,
    router::router,
    server::{listen, runtime, start_log},
};
use crate::global::Global;

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

pub(crate) fn run(global: &Global, args: ServeArgs) -> Result<ExitCode> {
    let config = args.settings.with_file(args.config.as_deref())?;
    start_log(config.log);
    config.doubts().iter().for_each(|doubt| tracing::warn!("{doubt}"));
    let app = Arc::new(App::new(global, &config, Docs::new(&describe())?)?);
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let tls = match &config.tls {
            Some(tls) => Some(read_tls(tls).await?),
            None => None,
        };
        if args.check_config {
            config.roster.as_ref().map_or(Ok(()), RosterConfig::check_staff)?;
            anstream::println!("{}", serde_json::to_string_pretty(&config)?);
            return Ok(ExitCode::SUCCESS);
        }
        serve(global, app, &config, tls).await?;
        Ok(ExitCode::SUCCESS)
    });
    // A refresh may wait for the office for minutes yet, and a picture be hard to read. Neither is
    // waited for: what is written is written in one step.
    runtime.shutdown_background();
    done
}

async fn serve(
    global: &Global,
    app: Arc<App>,
    config: &Config,
    tls: Option<RustlsConfig>,
) -> Result<()> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let (listener, address) =
        listen(global, config.listen, |address| format!("{scheme}://{address}/v/"))?;
    let others: Vec<&str> =
        app.offices.others.iter().map(|office| office.anchor.iss.as_str()).collect();
    tracing::info!(
        %address,
        office = %app.offices.served.anchor.iss,
        publication = %app.offices.source,
        others = others.join(" "),
        "started"
    );

    for office in app.offices.all() {
        tokio::spawn(keep_fresh(Arc::clone(&app), Arc::clone(office), config.refresh));
    }
    roster::watch::start(&app)?;

    let wanted = config.max_connections.get() as usize;
    let places = room_for(wanted);
    if places < wanted {
        tracing::warn!(
            wanted,
            places,
            "fewer connections than `max_connections`: the system lets this process open no more files; raise its limit (`LimitNOFILE`, `ulimit -n`)"
        );
    }
    let counted = Counted { places: Places::new(places, HALF, config.behind_proxy) };
    let server = server(listener)?;
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

async fn read_tls(files: &Tls) -> Result<RustlsConfig> {
    // Fails only if a default is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&files.certificate, &files.key).await.with_context(|| {
        format!(
            "reading the TLS certificate `{}` and its key `{}`",
            files.certificate.display(),
            files.key.display()
        )
    })
}
