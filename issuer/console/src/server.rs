//! What both servers need of the machine: the address, TLS, the log, and the end.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    time::Duration,
};

use axum::Router;
use axum_server::{Handle, tls_rustls::RustlsConfig};

/// How long a connection may take to send the head of a request, or to agree on keys.
const MAX_HEAD: Duration = Duration::from_secs(10);

/// The longest head of a request: cookies, and what proxies add.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long requests may continue after the server was told to stop.
const MAX_FAREWELL: Duration = Duration::from_secs(10);

/// The files of a TLS certificate and its key, in PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tls {
    /// The certificate, with those above it.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened on: it is taken, or not of this machine.
    #[error("listening on `{address}`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The TLS certificate or its key cannot be read.
    #[error("reading the TLS certificate `{}` and its key `{}`", .tls.certificate.display(), .tls.key.display())]
    Tls {
        /// The files.
        tls: Tls,
        /// What is wrong with them.
        source: io::Error,
    },
    /// The system ended it.
    #[error("the server ended")]
    Ended(#[source] io::Error),
}

impl ServeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "address_unusable",
            Self::Tls { .. } => "tls_unreadable",
            Self::Ended(_) => "server_ended",
        }
    }
}

/// An address that is listened on, before anything is answered there.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

impl Listener {
    /// Listens.
    ///
    /// # Errors
    ///
    /// [`ServeError::Listen`] if the address cannot be used.
    pub fn bind(address: SocketAddr, tls: Option<Tls>) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, tls })
    }

    /// The address, with the port that the system chose if any was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the program is told to stop; what has begun is finished first.
    ///
    /// # Errors
    ///
    /// [`ServeError::Tls`] if the certificate cannot be read; [`ServeError::Ended`] if the system
    /// ends it.
    pub async fn serve(self, router: Router) -> Result<(), ServeError> {
        let handle = Handle::new();
        tokio::spawn(farewell(handle.clone()));
        let mut server = axum_server::from_tcp(self.listener)
            .map_err(ServeError::Ended)?
            .handle(handle)
            .http1_only()
            .first_request_timeout(MAX_HEAD);
        server.http_builder().http1().header_read_timeout(MAX_HEAD).max_buf_size(MAX_HEAD_BYTES);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let ended = match self.tls {
            None => server.serve(service).await,
            Some(tls) => {
                // Fails only if a default is already installed.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let config = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
                let config = config.map_err(|source| ServeError::Tls { tls, source })?;
                let acceptor = axum_server::tls_rustls::RustlsAcceptor::new(config);
                server.acceptor(acceptor.handshake_timeout(MAX_HEAD)).serve(service).await
            }
        };
        ended.map_err(ServeError::Ended)
    }
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

/// One JSON object per line, on standard error.
pub fn start_log() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(io::stderr)
        .init();
}
