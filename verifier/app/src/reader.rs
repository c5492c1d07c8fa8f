//! Reads files of strangers in a process of their own.
//!
//! A PDF of a few kilobytes can ask for gigabytes of memory or hours of work, and the libraries that
//! read PDFs and pictures are large. So this program starts itself once more for each such file,
//! lets the operating system limit the memory and the time of that process, and takes only texts
//! from it. Whatever happens there, the answer here is at worst *not known*.

use std::{
    io::{Read, Write},
    path::PathBuf,
    process::{Command, ExitCode, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use vernet_verifier::{
    InputError,
    documents::{self, Contents, Kind, ReadingFault},
};

/// The largest file: a photo with 50 megapixels, or the scan of some pages.
pub(crate) const MAX_FILE: usize = 24 << 20;

/// The memory of the process that reads: a page, its pictures and the file itself take 300 MB.
#[cfg(unix)]
const MAX_MEMORY: u64 = 1 << 30;

/// How much longer than it was given the process may take to come to the end of a page.
const GRACE: Duration = Duration::from_secs(5);

/// The subcommand that reads.
pub(crate) const COMMAND: &str = "read-document";

/// The certificates in a file. A text is read at once; for everything else a process is started,
/// which has this much time.
///
/// # Errors
///
/// The outer one if no process can be started.
pub(crate) fn read(bytes: &[u8], time: Duration) -> Result<Result<Contents, InputError>> {
    match Kind::of(bytes) {
        Kind::Picture(_) | Kind::Pdf => read_elsewhere(bytes, time),
        _ => Ok(documents::read(bytes)),
    }
}

fn read_elsewhere(bytes: &[u8], time: Duration) -> Result<Result<Contents, InputError>> {
    let mut child = Command::new(program()?)
        .args([COMMAND, "--milliseconds", &time.as_millis().to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("starting the process that reads files")?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut report = Vec::new();
        if let Some(mut stdout) = stdout {
            let _ = stdout.read_to_end(&mut report);
        }
        let _ = sender.send(report);
    });
    let report = thread::scope(|scope| {
        scope.spawn(move || {
            // If it ends before it has read everything, its status says why.
            stdin.map(|mut stdin| stdin.write_all(bytes))
        });
        let report = receiver.recv_timeout(time + GRACE);
        if report.is_err() {
            // Ends the thread that writes, too.
            let _ = child.kill();
        }
        report
    });
    let status = child.wait().context("waiting for the process that reads files")?;
    let report: Option<Report> =
        report.as_ref().ok().and_then(|report| serde_json::from_slice(report).ok());
    Ok(match report {
        Some(Report::Read(contents)) => Ok(contents),
        Some(Report::Failed { code, message }) => {
            Err(ReadingFault::reported(&code, message).into())
        }
        None => Err(ReadingFault::failed(why(status, time)).into()),
    })
}

/// This program, also if another version has been installed in its place meanwhile.
fn program() -> Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => std::env::current_exe().context("finding this program"),
    }
}

fn why(status: ExitStatus, time: Duration) -> String {
    match status.code() {
        Some(_) => "the file cannot be read: reading it failed".to_owned(),
        // It was ended from outside.
        None => format!(
            "the file is too hard to read: it takes more than {} seconds or a gibibyte of memory",
            time.as_secs()
        ),
    }
}

/// What the process answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Report {
    Read(Contents),
    Failed { code: String, message: String },
}

#[derive(Args)]
pub(crate) struct ReadArgs {
    /// The time after which no further page is begun
    #[arg(long)]
    milliseconds: u64,
}

/// The process that reads: a file from standard input, a report to standard output.
pub(crate) fn run(args: &ReadArgs) -> Result<ExitCode> {
    let start = Instant::now();
    let time = Duration::from_millis(args.milliseconds);
    limit(time)?;
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    let report = match documents::read_unless(&bytes, &|| start.elapsed() > time) {
        Ok(contents) => Report::Read(contents),
        Err(error) => Report::Failed { code: error.code().to_owned(), message: error.to_string() },
    };
    serde_json::to_writer(std::io::stdout(), &report)?;
    Ok(ExitCode::SUCCESS)
}

/// Limits memory and processor time, and leaves no memory dump of what somebody has sent.
#[cfg(unix)]
fn limit(time: Duration) -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let seconds = (time + GRACE).as_secs();
    for (resource, most) in
        [(Resource::As, MAX_MEMORY), (Resource::Cpu, seconds), (Resource::Core, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .context("limiting the process that reads files")?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit(_: Duration) -> Result<()> {
    Ok(())
}
