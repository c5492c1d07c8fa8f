//! Connections: how many there may be, how many of them one client may hold, and how long one may be stuck.

use std::{
    collections::HashMap,
    future::{Future, Ready, ready},
    io::{self, ErrorKind, IoSlice},
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::Extension;
use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};
use tower::Layer;

use super::guard::network;

/// How long a client may leave answers unread while more are to be sent.
pub(super) const MAX_UNREAD: Duration = Duration::from_secs(30);

/// Accepts so many connections and no more. The place is held by the connection's service, and free again when both are dropped.
#[derive(Clone)]
pub(super) struct Counted {
    places: Arc<Semaphore>,
    shares: Option<Arc<Shares>>,
}

/// How many connections each client has. One alone may not have all: it could keep everybody else out without sending a byte.
struct Shares {
    most: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A place for one connection.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Option<Share>,
}

/// One connection of a client's share.
struct Share {
    of: Arc<Shares>,
    client: IpAddr,
}

impl Counted {
    /// `places` in all, and half of them for one client if clients can be told apart.
    pub(super) fn new(places: usize, behind_proxy: bool) -> Self {
        let shares = Shares { most: places.div_ceil(2), taken: Mutex::default() };
        Self { places: Arc::new(Semaphore::new(places)), shares: (!behind_proxy).then(|| Arc::new(shares)) }
    }

    fn place(&self, stream: &TcpStream) -> io::Result<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| ErrorKind::ConnectionRefused)?;
        let share = self.shares.as_ref().map(|shares| shares.take(network(stream.peer_addr()?.ip()))).transpose()?;
        Ok(Place { _permit: permit, _share: share })
    }
}

impl Shares {
    fn take(self: &Arc<Self>, client: IpAddr) -> io::Result<Share> {
        let mut taken = self.taken();
        let count = taken.entry(client).or_default();
        if *count >= self.most {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        *count += 1;
        Ok(Share { of: Arc::clone(self), client })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(count) = taken.get_mut(&self.client) {
            *count -= 1;
            // Nobody is remembered who is not there.
            if *count == 0 {
                taken.remove(&self.client);
            }
        }
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Counted {
    type Stream = Impatient;
    type Service = <Extension<Arc<Place>> as Layer<S>>::Service;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let counted = || {
            let place = self.place(&stream)?;
            stream.set_nodelay(true)?;
            Ok((Impatient { stream, stuck: None }, Extension(Arc::new(place)).layer(service)))
        };
        ready(counted())
    }
}

/// A connection that ends if nothing can be written to it for [`MAX_UNREAD`]. Who sends nothing is seen to elsewhere; who reads nothing
/// would otherwise hold a place for ever.
pub(super) struct Impatient {
    stream: TcpStream,
    /// Runs while something waits to be written.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    fn watch<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stuck = None;
            return outcome;
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(MAX_UNREAD)));
        stuck.as_mut().poll(context).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Impatient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
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
