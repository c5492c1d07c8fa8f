//! Connections: how many there may be, and how long one may be stuck.

use std::{
    future::{Future, Ready, ready},
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Extension;
use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};
use tower::Layer;

use crate::places::{Place, Places};

/// How long a client may leave answers unread while more are to be sent.
pub const MAX_UNREAD: Duration = Duration::from_secs(30);

/// Limits the number of connections. The connection and its service hold the place, which is free
/// again when both are dropped.
#[derive(Clone)]
pub struct Counted {
    /// The places.
    pub places: Places,
}

impl<S: Send + 'static> Accept<TcpStream, S> for Counted {
    type Stream = Impatient;
    type Service = <Extension<Arc<Place>> as Layer<S>>::Service;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let counted = || {
            let place =
                self.places.take(stream.peer_addr()?.ip()).ok_or(ErrorKind::ConnectionRefused)?;
            stream.set_nodelay(true)?;
            Ok((Impatient { stream, stuck: None }, Extension(Arc::new(place)).layer(service)))
        };
        ready(counted())
    }
}

/// A connection that ends if nothing can be written to it for [`MAX_UNREAD`]. Clients that send
/// nothing are handled elsewhere; those that read nothing would otherwise hold a place for ever.
pub struct Impatient {
    stream: TcpStream,
    /// Runs while something waits to be written.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stuck = None;
            return outcome;
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(MAX_UNREAD)));
        stuck.as_mut().poll(context).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Impatient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.watch(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TCP has nothing to flush.
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
