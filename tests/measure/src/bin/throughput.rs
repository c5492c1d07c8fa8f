//! How fast `vernet-verifier serve` is, as ratios that mean the same on every machine:
//!
//! - to an axum handler that says hello: the cost of HTTP alone;
//! - to an axum handler that checks one bare signature over as many bytes as a certificate has: the
//!   minimum.
//!
//! `cargo xtask measure throughput`; needs `wrk` in the path. Everything runs on loopback, and
//! `wrk` shares the processors with the servers. The rounds are interleaved, and the median of each
//! counts.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result, bail, ensure};
use axum::{Router, body::Bytes, http::StatusCode, routing::post, serve::ListenerExt};
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use vernet_common::NumericDate;
use vernet_tests::{
    http::{Connection, request},
    office::Office,
};

/// How often each server is measured, and for how long.
const ROUNDS: usize = 5;
const SECONDS: u32 = 2;

/// Requests under way at a time.
const CONNECTIONS: u32 = 16;

const BATCH_LINES: usize = 100_000;

fn main() -> Result<()> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let office = Office::as_of(NumericDate::from_seconds(i64::try_from(since.as_secs())?)?);
    let folder = tempfile::tempdir()?;
    let ours = Ours::start(&office, folder.path())?;
    let (text, link) = (office.text(), office.link());

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let hello =
        listen(&runtime, Router::new().route("/v1/verify", post(async || "Hello, World!")))?;
    let bare = listen(&runtime, bare_check(text.len()))?;

    let subjects = [
        ("hello", hello, text.as_str()),
        ("one bare signature check", bare, text.as_str()),
        ("POST /v1/verify, text", ours.address, text.as_str()),
        ("POST /v1/verify, link", ours.address, link.as_str()),
    ];
    let mut rounds = vec![Vec::new(); subjects.len()];
    for _ in 0..ROUNDS {
        for ((_, address, body), rounds) in subjects.iter().zip(&mut rounds) {
            rounds.push(drive(*address, body, folder.path())?);
        }
    }
    let medians: Vec<Figures> = rounds.into_iter().map(median).collect();
    println!("{ROUNDS} rounds of {SECONDS} s each, {CONNECTIONS} connections, the median:\n");
    println!(
        "{:<28}{:>12}{:>10}{:>10}{:>10}{:>10}",
        "", "requests/s", "p50 ms", "p99 ms", "/hello", "/check"
    );
    for ((name, ..), Figures { per_second, p50_ms, p99_ms }) in subjects.iter().zip(&medians) {
        let (to_hello, to_check) =
            (per_second / medians[0].per_second, per_second / medians[1].per_second);
        println!(
            "{name:<28}{per_second:>12.0}{p50_ms:>10.2}{p99_ms:>10.2}{to_hello:>10.2}{to_check:>10.2}"
        );
    }
    for (name, input) in [("text", &text), ("link", &link)] {
        println!("batch, {name}: {:.0} lines/s", batch(ours.address, input)?);
    }
    Ok(())
}

/// A handler that only checks a signature over this many bytes.
fn bare_check(length: usize) -> Router {
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = vec![b'm'; length];
    let signed: Arc<(_, Vec<u8>, Signature)> =
        Arc::new((key.verifying_key(), message.clone(), key.sign(&message)));
    Router::new().route(
        "/v1/verify",
        post(async move |_: Bytes| {
            let (key, message, signature) = &*signed;
            key.verify_strict(message, signature)
                .map(|()| "ok")
                .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
        }),
    )
}

fn listen(runtime: &tokio::runtime::Runtime, router: Router) -> Result<SocketAddr> {
    let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// The server to be measured, in a separate process.
struct Ours {
    process: Child,
    address: SocketAddr,
}

impl Ours {
    fn start(office: &Office, folder: &Path) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("vernet-verifier");
        if !program.exists() {
            bail!("`{}` is missing: run `cargo xtask measure throughput`", program.display());
        }
        fs::write(folder.join("bundle.json"), office.bundle().to_json()?)?;
        fs::write(folder.join("roots.json"), serde_json::to_vec(&office.anchor())?)?;
        let mut process = Command::new(program)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--rate-limit",
                "0",
                "--log",
                "error",
                "--state",
                "state",
            ])
            .args(["--publication", ".", "--roots", "roots.json"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut first = String::new();
        BufReader::new(process.stdout.as_mut().context("it is piped")?).read_line(&mut first)?;
        let address = first
            .split_once("://")
            .and_then(|(_, rest)| rest.split('/').next())
            .unwrap_or_default();
        let ours = Self {
            address: address.parse().with_context(|| format!("the server said `{first}`"))?,
            process,
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        let ready = || {
            let mut connection = Connection::open(ours.address);
            connection.send(&request("GET", "/readyz", &[("Connection", "close")], b""));
            connection.answer().is_ok_and(|answer| answer.status == 200)
        };
        while !ready() {
            ensure!(Instant::now() < deadline, "the server does not become ready");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(ours)
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Clone)]
struct Figures {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// One round of `wrk`.
fn drive(address: SocketAddr, body: &str, folder: &Path) -> Result<Figures> {
    let script = folder.join("request.lua");
    let request = format!(
        "wrk.method = \"POST\"\nwrk.body = \"{body}\"\nwrk.headers[\"Content-Type\"] = \"text/plain\"\n"
    );
    fs::write(&script, request)?;
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--latency", "--connections", &CONNECTIONS.to_string()]);
    wrk.args(["--duration", &format!("{SECONDS}s"), "--script"])
        .arg(&script)
        .arg(format!("http://{address}/v1/verify"));
    let output = wrk.output().context("running `wrk`: is it installed?")?;
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && !report.contains("Non-2xx"), "{report}");
    let after = |label: &str| {
        report.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim)
    };
    let read = || {
        let per_second = after("Requests/sec:")?.parse().ok()?;
        Some(Figures {
            per_second,
            p50_ms: milliseconds(after("50%")?)?,
            p99_ms: milliseconds(after("99%")?)?,
        })
    };
    read().with_context(|| format!("`wrk` said: {report}"))
}

fn milliseconds(text: &str) -> Option<f64> {
    let (number, factor) = match text.strip_suffix("us").map(|number| (number, 0.001)) {
        Some(pair) => pair,
        None => text
            .strip_suffix("ms")
            .map(|number| (number, 1.0))
            .or(text.strip_suffix('s').map(|n| (n, 1000.0)))?,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

fn median(mut rounds: Vec<Figures>) -> Figures {
    rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    rounds.swap_remove(rounds.len() / 2)
}

/// Lines per second of one batch.
fn batch(address: SocketAddr, input: &str) -> Result<f64> {
    let lines = format!("\"{input}\"\n").repeat(BATCH_LINES);
    let headers = [("Content-Type", "application/x-ndjson"), ("Connection", "close")];
    let mut connection = Connection::open(address);
    let began = Instant::now();
    connection.send_aside(request("POST", "/v1/verify/batch", &headers, lines.as_bytes()));
    let answer = connection.answer()?;
    let took = began.elapsed().as_secs_f64();
    let accepted = answer.text().lines().filter(|line| line.contains("\"accepted\"")).count();
    ensure!(accepted == BATCH_LINES, "{accepted} of {BATCH_LINES} lines were accepted");
    std::io::stdout().flush()?;
    Ok(BATCH_LINES as f64 / took)
}
