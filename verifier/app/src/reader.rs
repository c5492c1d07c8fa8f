//! Reads files of strangers in a process of their own, and takes only texts from it. Whatever happens
//! there, the answer here is at worst *not known*.

use std::{
    io::Read,
    process::{ExitCode, ExitStatus},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use vernet_host::{Confined, confine, run_confined};
use vernet_verifier::{
    InputError,
    documents::{self, Contents, Kind, ReadingFault},
};

/// The largest file: a photo with 50 megapixels, or the scan of some pages.
pub(crate) const MAX_FILE: usize = 24 << 20;

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
    let arguments = [COMMAND, "--milliseconds", &time.as_millis().to_string()];
    let Confined { report, status } =
        run_confined(&arguments, bytes, time).context("starting the process that reads files")?;
    let report: Option<Report> =
        report.as_ref().and_then(|report| serde_json::from_slice(report).ok());
    Ok(match report {
        Some(Report::Read(contents)) => Ok(contents),
        Some(Report::Failed { code, message }) => {
            Err(ReadingFault::reported(&code, message).into())
        }
        None => Err(ReadingFault::failed(why(status, time)).into()),
    })
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
    confine(time).context("limiting the process that reads files")?;
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    let report = match documents::read_unless(&bytes, &|| start.elapsed() > time) {
        Ok(contents) => Report::Read(contents),
        Err(error) => Report::Failed { code: error.code().to_owned(), message: error.to_string() },
    };
    serde_json::to_writer(std::io::stdout(), &report)?;
    Ok(ExitCode::SUCCESS)
}
