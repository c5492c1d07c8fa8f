//! Where the report is written.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use vernet_host::{files::write_atomic_private_by, printable_json};
use vernet_verifier::roster::RosterReport;

use super::{csv, format::Format, json, text};
use crate::roster::html;

pub(super) struct Output<'a> {
    pub(super) report: &'a RosterReport,
    pub(super) format: Format,
}

impl Output<'_> {
    pub(super) fn to_stdout(&self) -> Result<()> {
        to_stdout(|out| match self.format {
            // Text from strangers must not control the terminal.
            Format::Json => {
                let mut json = Vec::new();
                json::write(self.report, &mut json)?;
                out.write_all(printable_json(&String::from_utf8_lossy(&json)).as_bytes())
            }
            _ => self.write(text::width(), out),
        })
    }

    pub(super) fn to_file(&self, file: &Path) -> Result<()> {
        write_atomic_private_by(file, |out| self.write(text::WIDTH, out))
            .with_context(|| format!("writing `{}`", file.display()))
    }

    /// If the report goes to a file: the summary, and what has changed.
    pub(super) fn summary_to_stdout(&self) -> Result<()> {
        to_stdout(|out| text::write_summary(self.report, text::width(), out))
    }

    fn write(&self, width: u16, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Table => text::write(self.report, width, out),
            Format::Csv => csv::write(self.report, out),
            Format::Json => json::write(self.report, out),
            Format::Html => html::write(self.report, out),
        }
    }
}

/// Flushes at the end, so that a full disk or a closed pipe is reported.
fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    write(&mut stdout).and_then(|()| stdout.flush()).context("writing to standard output")
}

/// A progress bar on a terminal, nothing in a pipe. It shows numbers, and no names.
pub(super) fn progress(rows: Option<u64>) -> ProgressBar {
    let template = if rows.is_some() {
        "{wide_bar} {pos}/{len} {per_sec} {eta}"
    } else {
        "{spinner} {pos} {per_sec}"
    };
    let style =
        ProgressStyle::with_template(template).expect("both templates are constants that work");
    rows.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style)
}
