//! Those who are told: an HTTP server of the test's own, and a real mail server, `aiosmtpd`. The
//! signatures are verified by a library that is not ours, `standardwebhooks`.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use serde_json::{Value, json};

/// The Python with requirements.txt: `None`, with the reason printed, if there is none. In CI there
/// must be.
pub(crate) fn python() -> Option<OsString> {
    let program = std::env::var_os("RECEIVERS_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(&program);
    command.args(["-c", "import aiosmtpd, standardwebhooks"]).stderr(Stdio::piped());
    let reason = match command.output() {
        Ok(output) if output.status.success() => return Some(program),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(reason) => reason.to_string(),
    };
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "tests/server/receivers/requirements.txt is not installed: {reason}"
    );
    eprintln!("skipped: tests/server/receivers/requirements.txt is not installed: {reason}");
    None
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/server/receivers").join(name)
}

/// A program of the hospital that is told by webhook. It lives as long as the test binary.
pub(crate) struct Hook {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    received: Mutex<Vec<Received>>,
}

/// What the program does with a request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Answers with this status and these headers.
    Answers(u16, String),
    /// Hangs up before it has read anything.
    HangsUp,
    /// Reads it, and never answers.
    Hangs,
}

/// A request that was read.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Whether the sender was told that it has arrived.
    pub(crate) taken: bool,
}

impl Hook {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Behaviour::Answers(204, String::new())),
            received: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = Arc::clone(&serving);
                // The sender may be killed at any time.
                thread::spawn(move || drop(serving.answer(stream)));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/alerts", self.address)
    }

    pub(crate) fn behaves(&self, behaviour: Behaviour) {
        *lock(&self.shared.behaviour) = behaviour;
    }

    pub(crate) fn answers(&self, status: u16) {
        self.behaves(Behaviour::Answers(status, String::new()));
    }

    /// Every request that was read, in order.
    pub(crate) fn received(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// Each message that has arrived, once, by its id; repeats must be the same, byte for byte.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let mut messages: Vec<(String, String)> = Vec::new();
        for received in self.received().into_iter().filter(|received| received.taken) {
            let id = received.header("webhook-id").to_owned();
            match messages.iter().find(|(known, _)| *known == id) {
                Some((_, body)) => assert_eq!(*body, received.body, "a repeat says the same"),
                None => messages.push((id, received.body)),
            }
        }
        messages.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect()
    }

    /// The messages of one type.
    pub(crate) fn of_type(&self, name: &str) -> Vec<Value> {
        self.messages().into_iter().filter(|message| message["type"] == name).collect()
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let behaviour = lock(&self.behaviour).clone();
        if behaviour == Behaviour::HangsUp {
            return stream.shutdown(Shutdown::Both);
        }
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut headers, mut line) = (Vec::new(), String::new());
        reader.read_line(&mut line)?;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(std::io::Error::other)?;
        let taken = matches!(behaviour, Behaviour::Answers(200..300, _));
        lock(&self.received).push(Received { headers, body, taken });
        match behaviour {
            Behaviour::Answers(status, headers) => {
                let head = format!(
                    "HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes())?;
                stream.shutdown(Shutdown::Both)
            }
            // Until the sender is gone.
            _ => reader.read_to_end(&mut Vec::new()).map(drop),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

/// Verifies the signatures of requests by somebody else's library: `ok`, or why not, for each.
pub(crate) fn verify(python: &OsString, secret: &str, requests: &[Received]) -> Vec<String> {
    let mut process = Command::new(python)
        .arg(script("webhook.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = process.stdin.take().expect("it is piped");
    for request in requests {
        let headers: serde_json::Map<String, Value> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        let line = json!({ "secret": secret, "headers": headers, "body": request.body });
        writeln!(input, "{line}").expect("it reads");
    }
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

/// A receiver in a process of its own, which prints what it has taken. Ends when it is dropped.
pub(crate) struct Process {
    process: Child,
    pub(crate) port: u16,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Process {
    /// A real mail server: `arguments` are those of smtp.py.
    pub(crate) fn mail(python: &OsString, arguments: &[&str]) -> Self {
        Self::start(python, "smtp.py", arguments)
    }

    /// A program that is told over TLS: `arguments` are those of https.py.
    pub(crate) fn https(python: &OsString, arguments: &[&str]) -> Self {
        Self::start(python, "https.py", arguments)
    }

    fn start(python: &OsString, name: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(python)
            .arg(script(name))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let port = lines.next().and_then(Result::ok).and_then(|port| port.parse().ok());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let taking = Arc::clone(&taken);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                lock(&taking).push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        Self { process, port: port.expect("it says its port"), taken }
    }

    /// What it has taken, in order.
    pub(crate) fn taken(&self) -> Vec<Value> {
        lock(&self.taken).clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
