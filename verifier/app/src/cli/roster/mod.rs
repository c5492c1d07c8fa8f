//! `roster check`: checks the certificates of a whole staff against the local lists. It needs no
//! network: `sync` has fetched the lists before, as one file that is the same for every hospital.

mod csv;
mod format;
mod json;
mod output;
mod text;

use std::{ffi::OsStr, num::NonZero, path::PathBuf, process::ExitCode, thread};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use vernet_common::NumericDate;
use vernet_host::{clock, files::read_capped, parse_time};
use vernet_verifier::{
    Offices, Policy,
    roster::{RosterReport, Terms},
};

use self::{format::Format, output::Output};
use super::{source::SourceArgs, warnings::warn_of_what_comes};
use crate::{
    global::Global,
    roster::{check::RosterCheck, staff::Staff},
};

#[derive(Subcommand)]
pub(super) enum RosterCommand {
    /// Check a table of staff, or a folder with their certificates
    ///
    /// Exit status: 0 nobody needs attention, 1 somebody does, 2 could not run. With `--since`: 1
    /// if a change needs attention, or anybody's status is not known because the lists are too
    /// old.
    Check(Box<CheckArgs>),
}

#[derive(Args)]
pub(super) struct CheckArgs {
    /// A table as CSV (columns `certificate`, and `staff_id` or `name`; optionally `birthdate`), a
    /// folder with certificates, or `-` for a table on standard input
    #[arg(value_name = "STAFF.csv|DIR")]
    roster: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    /// How to write the report; by default as the name of `--out` says, else as a table
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the report into this file, in one step; standard output then has the summary, and
    /// with `--since` the changes
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Tell only what has changed since this report, which `--format json` has written. May be the
    /// same file as `--out`; need not be there the first time
    #[arg(long, value_name = "LAST.json")]
    since: Option<PathBuf>,
    /// For how many days ahead to tell that a certificate expires
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=3660))]
    expiring: u16,
    /// The folder in which the table's files lie; by default that of the table
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// Judge as if it were this time: `2026-11-22T10:00:00Z`, or `2026-11-22` for the start of
    /// that day in Oslo
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<NumericDate>,
    /// The age of a status list from which it does not count any more
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u16).range(1..=720))]
    max_status_age: Option<u16>,
}

/// The largest earlier report: two million rows of 500 bytes.
const MAX_LAST: usize = 1 << 30;

pub(super) fn run(global: &Global, command: RosterCommand) -> Result<ExitCode> {
    let RosterCommand::Check(args) = command;
    args.refuse_paths_that_harm()?;
    let now = args.at.map_or_else(clock, Ok)?;
    let offices = args.source.offices(&global.store()?)?;
    offices.known().for_each(|office| warn_of_what_comes(office, &args.policy(), now));
    let last = args.last()?;
    let mut report = args.report(&offices, now)?;
    report.changes = last.map(|last| report.compare(&last));

    let output = Output { report: &report, format: args.format(global.json) };
    match &args.out {
        None => output.to_stdout()?,
        Some(file) => {
            output.to_file(file)?;
            output.summary_to_stdout()?;
        }
    }
    Ok(if report.needs_attention() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

impl CheckArgs {
    fn format(&self, json: bool) -> Format {
        let by_name = || match self.out.as_ref()?.extension().and_then(OsStr::to_str)? {
            "csv" => Some(Format::Csv),
            "json" => Some(Format::Json),
            "html" | "htm" => Some(Format::Html),
            _ => None,
        };
        self.format
            .or_else(|| json.then_some(Format::Json))
            .or_else(by_name)
            .unwrap_or(Format::Table)
    }

    /// The report must not replace the roster, nor be read as a certificate in the next run.
    fn refuse_paths_that_harm(&self) -> Result<()> {
        let folder = self.roster.is_dir();
        for (option, file) in [("--out", &self.out), ("--since", &self.since)] {
            let Some(file) = file else { continue };
            let path = true_path(file);
            let roster = true_path(&self.roster);
            if path == roster || (folder && path.starts_with(&roster)) {
                bail!(
                    "`{option}` is in the roster itself, expected a file elsewhere: `{}`",
                    file.display()
                );
            }
        }
        Ok(())
    }

    /// The earlier report, if it exists.
    fn last(&self) -> Result<Option<RosterReport>> {
        let Some(file) = &self.since else { return Ok(None) };
        if !file.exists() {
            anstream::eprintln!("note: there is no earlier report yet, so everybody is told");
            return Ok(None);
        }
        let read =
            || Ok::<_, anyhow::Error>(RosterReport::from_json(&read_capped(file, MAX_LAST)?)?);
        read().map(Some).with_context(|| format!("reading the earlier report `{}`", file.display()))
    }

    fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        if let Some(hours) = self.max_status_age {
            policy.max_status_age_s = i64::from(hours) * 3600;
        }
        policy
    }

    fn report(&self, offices: &Offices, now: NumericDate) -> Result<RosterReport> {
        let check = RosterCheck {
            roster: &self.roster,
            files: self.files.as_deref(),
            offices,
            policy: &self.policy(),
            terms: Terms { now, expiring_days: self.expiring },
            threads: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
        };
        let staff = Staff::open(&self.roster)?;
        let progress = output::progress(staff.expected);
        let report = check.report(staff, |done| progress.set_position(done));
        progress.finish_and_clear();
        report
    }
}

/// The canonical path, also of a file that does not exist yet.
fn true_path(path: &std::path::Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.canonicalize().unwrap_or_else(|_| {
        let absolute = absolute();
        let parent = absolute.parent().and_then(|parent| parent.canonicalize().ok());
        parent
            .zip(absolute.file_name())
            .map_or(absolute.clone(), |(parent, name)| parent.join(name))
    })
}
