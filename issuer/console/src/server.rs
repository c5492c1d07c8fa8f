//! What both servers need of the machine: the address, TLS, and the log.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use axum::Router;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use vernet_serve::{Counted, HALF, MAX_HEAD, Places, room_for, server};

/// How many connections there are at a time: a browser opens six, and keeps some.
const MAX_CONNECTIONS: usize = 512;

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
    tls: Option<RustlsConfig>,
}

impl Listener {
    /// Listens, and reads the TLS certificate.
    ///
    /// # Errors
    ///
    /// [`ServeError::Listen`] if the address cannot be used; [`ServeError::Tls`] if the certificate
    /// cannot be read.
    pub async fn bind(address: SocketAddr, tls: Option<Tls>) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let tls = match tls {
            Some(tls) => Some(read(tls).await?),
            None => None,
        };
        Ok(Self { listener, address, tls })
    }

    /// The address, with the port that the system chose if any was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the program is told to stop; what has begun is finished first. Behind a proxy
    /// all clients look like one, which may then have all connections.
    ///
    /// # Errors
    ///
    /// [`ServeError::Ended`] if the system ends it.
    pub async fn serve(self, router: Router, behind_proxy: bool) -> Result<(), ServeError> {
        let places = Places::new(room_for(MAX_CONNECTIONS), HALF, behind_proxy);
        let counted = Counted { places };
        let server = server(self.listener).map_err(ServeError::Ended)?;
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let ended = match self.tls {
            None => server.acceptor(counted).serve(service).await,
            Some(config) => {
                let acceptor = RustlsAcceptor::new(config).handshake_timeout(MAX_HEAD);
                server.acceptor(acceptor.acceptor(counted)).serve(service).await
            }
        };
        ended.map_err(ServeError::Ended)
    }
}

async fn read(tls: Tls) -> Result<RustlsConfig, ServeError> {
    // Fails only if a default is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
    config.map_err(|source| ServeError::Tls { tls, source })
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
