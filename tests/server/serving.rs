//! A running server, as seen from the outside.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    hospital::Hospital,
    http::{Answer, Connection, request},
};

/// `vernet-verifier serve`, on a separate port. Killed when it is dropped.
pub(crate) struct Serving {
    process: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

/// The headers of every answer.
const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
    ("content-security-policy", ""),
];

impl Serving {
    /// Starts a server on the lists in the hospital's folder `publication`, and waits for the first
    /// attempt to read them.
    pub(crate) fn start(hospital: &Hospital, arguments: &[&str]) -> Self {
        let server = Self::from(hospital, "publication", arguments);
        until("the lists are read", || {
            ["updated", "unchanged", "failed"].iter().any(|outcome| server.refreshes(outcome) > 0)
        });
        server
    }

    /// Starts a server on the lists at this URL or in this folder, which it may not have read yet.
    pub(crate) fn from(hospital: &Hospital, source: &str, arguments: &[&str]) -> Self {
        Self::run(
            hospital,
            &[&["--roots", "roots.json", "--publication", source], arguments].concat(),
        )
    }

    /// Starts a server with these settings, a free port, and no limit on one client's rate unless
    /// the settings have one.
    pub(crate) fn run(hospital: &Hospital, arguments: &[&str]) -> Self {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        if !arguments.contains(&"--rate-limit") {
            all.extend(["--rate-limit", "0"]);
        }
        all.extend(arguments);
        Self::of(hospital, &mut hospital.command(&all))
    }

    pub(crate) fn of(hospital: &Hospital, command: &mut Command) -> Self {
        let log = (0..).map(|run| hospital.path(&format!("log.{run}"))).find(|log| !log.exists());
        let log = log.expect("there are not so many");
        let mut process = command
            .stderr(File::create_new(&log).expect("a new file"))
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut first = String::new();
        let stdout = process.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut first).expect("the program writes UTF-8");
        let address = first
            .split_once("://")
            .and_then(|(_, rest)| rest.split('/').next())
            .unwrap_or_default()
            .parse();
        let Ok(address) = address else {
            let _ = process.wait();
            panic!(
                "the server did not start: {first}{}",
                fs::read_to_string(&log).unwrap_or_default()
            );
        };
        Self { process, address, log }
    }

    /// Sends one request on a new connection. Whatever the answer is, it must have the headers that
    /// protect a browser.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut connection = Connection::open(self.address);
        connection.send_aside(request(
            method,
            path,
            &[headers, &[("Connection", "close")]].concat(),
            body,
        ));
        let answer =
            connection.answer_to(method).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        check_headers(&answer);
        answer
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, media_type: &str, body: impl AsRef<[u8]>) -> Answer {
        self.ask("POST", "/v1/verify", &[("Content-Type", media_type)], body.as_ref())
    }

    /// The code of the verdict on a text.
    #[track_caller]
    pub(crate) fn code(&self, text: &str) -> String {
        self.post("text/plain", text).code()
    }

    /// One value of `/metrics`, by its name and labels as written there.
    #[track_caller]
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let answer = self.get("/metrics");
        let line =
            answer.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = line.unwrap_or_else(|| panic!("no `{name}` in {}", answer.text()));
        value.parse().unwrap_or_else(|_| panic!("`{name}` is {value}"))
    }

    pub(crate) fn refreshes(&self, outcome: &str) -> u64 {
        self.metric(&format!("vernet_refreshes_total{{outcome=\"{outcome}\"}}"))
    }

    /// Waits until a refresh that started after this call has this outcome.
    #[track_caller]
    pub(crate) fn wait_for_refresh(&self, outcome: &str) {
        let before = self.refreshes(outcome);
        // One refresh may already have been in progress.
        until(&format!("a refresh is `{outcome}`"), || self.refreshes(outcome) >= before + 2);
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log is there")
    }

    /// The log, each line of which must be a JSON object.
    pub(crate) fn log_lines(&self) -> Vec<Value> {
        let log = self.log();
        log.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// A line of `/proc/PID/status`, in kilobytes: `VmRSS` is the memory in use, `VmHWM` its peak.
    pub(crate) fn memory_kb(&self, what: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))
            .expect("the server runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
        let number = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .and_then(|number| number.parse().ok());
        number.expect("Linux tells it in kB")
    }

    /// Tells the server to stop, as an operating system does.
    pub(crate) fn terminate(&self) {
        let status = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.id())]).status();
        assert!(status.expect("there is a shell").success());
    }

    pub(crate) fn kill(mut self) {
        self.process.kill().expect("one's own child can be killed");
        self.process.wait().expect("one's own child can be waited for");
    }

    /// Waits until the server has stopped by itself.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let mut status = None;
        until("the server has ended", || {
            status = self.process.try_wait().expect("one's own child can be waited for");
            status.is_some()
        });
        (status.expect("it has ended"), self.log())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[track_caller]
pub(crate) fn check_headers(answer: &Answer) {
    for (name, expected) in HEADERS {
        let found = answer.header(name);
        assert!(
            found.is_some_and(|found| expected.is_empty() || found == expected),
            "{name}: {found:?} in {answer:?}"
        );
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    for forbidden in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "*"] {
        assert!(!policy.contains(forbidden), "{policy}");
    }
    assert!(
        policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
        "{policy}"
    );
    assert!(answer.header("cross-origin-resource-policy").is_some(), "{answer:?}");
    assert!(
        answer.header("cache-control").is_some() || answer.status == 307 || answer.status == 200,
        "{answer:?}"
    );
}

/// Polls a condition until it holds, for a bounded time.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(40);
    while !holds() {
        assert!(Instant::now() < deadline, "this did not come about: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
