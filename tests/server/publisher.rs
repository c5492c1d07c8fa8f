//! The office's web server: it answers with whatever bytes a test wants, and records the requests.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use vernet_common::Bundle;

type Answering = Box<dyn FnMut(&str) -> Vec<u8> + Send>;

pub(crate) struct Publisher {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answering: Mutex<Answering>,
    /// The head of each request, line by line.
    heads: Mutex<Vec<Vec<String>>>,
}

impl Publisher {
    /// A server that closes every connection. It lives as long as the test binary.
    pub(crate) fn down() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            answering: Mutex::new(Box::new(|_| Vec::new())),
            heads: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The client may close the connection at any time.
                let _ = serving.answer(stream);
            }
        });
        Self { address, shared }
    }

    pub(crate) fn of(bundle: &Bundle) -> Self {
        let publisher = Self::down();
        publisher.publish(bundle);
        publisher
    }

    pub(crate) fn publish(&self, bundle: &Bundle) {
        self.answer(ok(&json(bundle)));
    }

    /// From now on, answers with these bytes, head and body; if there are none, closes the
    /// connection.
    pub(crate) fn answer(&self, bytes: Vec<u8>) {
        self.answer_by(move || bytes.clone());
    }

    pub(crate) fn answer_by(&self, mut answering: impl FnMut() -> Vec<u8> + Send + 'static) {
        self.answer_each_by(move |_| answering());
    }

    /// As [`Publisher::answer_by`], for each path. Requests are answered one after the other, so an
    /// answer that does not come holds up all others.
    pub(crate) fn answer_each_by(&self, answering: impl FnMut(&str) -> Vec<u8> + Send + 'static) {
        *lock(&self.shared.answering) = Box::new(answering);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/publication", self.address)
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<Vec<String>> {
        lock(&self.shared.heads).clone()
    }

    pub(crate) fn requests(&self) -> usize {
        lock(&self.shared.heads).len()
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let lines = BufReader::new(stream.try_clone()?).lines();
        let head = lines.take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty()));
        let head = head.collect::<std::io::Result<Vec<_>>>()?;
        let path =
            head.first().and_then(|first| first.split(' ').nth(1)).unwrap_or_default().to_owned();
        lock(&self.heads).push(head);
        let answer = lock(&self.answering)(&path);
        stream.write_all(&answer)?;
        stream.shutdown(Shutdown::Both)
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

pub(crate) fn json(bundle: &Bundle) -> Vec<u8> {
    bundle.to_json().expect("a bundle is JSON")
}

pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    response("200 OK", &format!("Content-Length: {}\r\n", body.len()), body)
}

pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
