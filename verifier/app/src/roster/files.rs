//! From a row's `certificate` cell to the input to judge.

use std::{
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

use vernet_host::files::read_capped;
use vernet_verifier::{
    Input, Verdict,
    roster::{ReportRow, RosterCode, RosterRow, Terms, WhatIsShown, judge_row},
};

use super::staff::Entry;
use crate::{
    picture::{Presented, in_file},
    reader::MAX_FILE,
};

/// The folder of a table.
pub(crate) fn folder_of(table: &Path) -> PathBuf {
    table.parent().map(Path::to_owned).unwrap_or_default()
}

/// How a verdict is reached.
pub(crate) trait Judge {
    /// On one text.
    fn verify(&self, text: &str) -> Verdict;
    /// On several, in their order: for less than one after the other.
    fn verify_each(&self, texts: &[&str]) -> Vec<Verdict>;
}

/// The rows of the report: one for each entry, unless a file in a folder holds several certificates.
pub(crate) fn judge(
    entries: Vec<Entry>,
    base: &Path,
    judge: &impl Judge,
    terms: &Terms,
) -> Vec<ReportRow> {
    let rows: Vec<(RosterRow, WhatIsShown)> =
        entries.into_iter().flat_map(|entry| look_at(entry, base, judge, terms)).collect();
    let texts: Vec<&str> = rows
        .iter()
        .filter_map(|(_, shown)| match shown {
            WhatIsShown::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let mut verdicts = judge.verify_each(&texts).into_iter();
    rows.into_iter()
        .map(|(row, shown)| {
            let shown = match shown {
                WhatIsShown::Text(text) => match verdicts.next() {
                    Some(verdict) => WhatIsShown::Verdict(verdict.into()),
                    None => WhatIsShown::Text(text),
                },
                other => other,
            };
            judged(row, shown, judge, terms)
        })
        .collect()
}

fn look_at(
    entry: Entry,
    base: &Path,
    judge: &impl Judge,
    terms: &Terms,
) -> Vec<(RosterRow, WhatIsShown)> {
    match entry {
        Entry::Row(row) if row.fault.is_some() => vec![(row, WhatIsShown::Nothing)],
        Entry::Row(mut row) => {
            let shown = shown(&mut row, base, judge, terms);
            vec![(row, shown)]
        }
        Entry::File { row, path } => match read(&path, &row.file, judge) {
            Ok(several) => several
                .into_iter()
                .map(|presented| {
                    let row = RosterRow { file: presented.name.clone(), ..row.clone() };
                    (row, of(presented, terms))
                })
                .collect(),
            Err(shown) => vec![(row, shown)],
        },
    }
}

/// The row of the report, with advice that only this program can give.
fn judged(row: RosterRow, shown: WhatIsShown, judge: &impl Judge, terms: &Terms) -> ReportRow {
    let mut report = judge_row(row, shown, |text| judge.verify(text), terms);
    for finding in &mut report.findings {
        if finding.code == RosterCode::FileOutside {
            finding.advice.to_mut().push_str(", or name the folder with `--files`");
        }
    }
    report
}

fn shown(row: &mut RosterRow, base: &Path, judge: &impl Judge, terms: &Terms) -> WhatIsShown {
    let text = std::mem::take(&mut row.certificate);
    if text.is_empty() {
        return WhatIsShown::Nothing;
    }
    if is_certificate(&text) {
        return WhatIsShown::Text(text);
    }
    row.file = text;
    let path = Path::new(&row.file);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return WhatIsShown::FileOutside;
    }
    match read(&base.join(path), &row.file, judge) {
        // If a part of the file was not examined, that is the last entry, and decides.
        Ok(mut one) if one.iter().filter(|presented| presented.text.is_ok()).count() <= 1 => {
            one.pop().map_or(WhatIsShown::Nothing, |presented| of(presented, terms))
        }
        Ok(several) => WhatIsShown::Several { found: several.len() },
        Err(shown) => shown,
    }
}

/// Whether the text is meant to be a certificate and not the path of a file. Links are never
/// fetched.
fn is_certificate(text: &str) -> bool {
    /// The longest path on Linux.
    const MAX_PATH: usize = 4096;
    /// No file name has this many digits: they are those of a code, possibly with an error.
    const DIGITS: usize = 40;
    let is_digits =
        || text.len() >= DIGITS && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
    text.len() > MAX_PATH
        || text.starts_with("eyJ")
        || text.contains("://")
        || is_digits()
        || Input::parse(text).is_ok()
}

/// The content of the file. Only regular files are opened: a pipe or a device might never end.
fn read(path: &Path, name: &str, judge: &impl Judge) -> Result<Vec<Presented>, WhatIsShown> {
    let unreadable = |reason: String| WhatIsShown::FileUnreadable { reason };
    let kind = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => WhatIsShown::FileMissing,
        _ => unreadable(error.to_string()),
    })?;
    if !kind.is_file() {
        return Err(unreadable("it is a folder or a device, expected a file".to_owned()));
    }
    let bytes = read_capped(path, MAX_FILE).map_err(|error| unreadable(error.to_string()))?;
    in_file(name, &bytes, |contents| contents.distinct(|text| judge.verify(text)))
        .map_err(|error| unreadable(format!("{error:#}")))
}

fn of(presented: Presented, terms: &Terms) -> WhatIsShown {
    match presented.text {
        Ok(text) => WhatIsShown::Text(text),
        Err(error) => WhatIsShown::Verdict(Verdict::unread(error, terms.now).into()),
    }
}
