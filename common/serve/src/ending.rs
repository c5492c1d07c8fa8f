//! A server with bounded heads of requests, which ends when the program is told to.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum_server::{Handle, Server};

/// How long a connection may take to send the head of a request, or to agree on keys.
pub const MAX_HEAD: Duration = Duration::from_secs(10);

/// The longest head of a request: a token, and what proxies add.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long requests may continue after the server was told to stop.
const MAX_FAREWELL: Duration = Duration::from_secs(30);

/// A server that stops when the program is told to.
///
/// # Errors
///
/// What the system says of the listener.
pub fn server(listener: TcpListener) -> std::io::Result<Server<SocketAddr>> {
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
