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

/// The rows of the report: one, unless a file in a folder holds several certificates.
pub(crate) fn judge(
    entry: Entry,
    base: &Path,
    verify: impl Fn(&str) -> Verdict + Copy,
    terms: &Terms,
) -> Vec<ReportRow> {
    match entry {
        Entry::Row(mut row) => {
            let shown = if row.fault.is_some() {
                WhatIsShown::Nothing
            } else {
                shown(&mut row, base, verify, terms)
            };
            vec![judged(row, shown, verify, terms)]
        }
        Entry::File { row, path } => match read(&path, &row.file, verify) {
            Ok(several) => {
                let judge = |presented: Presented| {
                    let row = RosterRow { file: presented.name.clone(), ..row.clone() };
                    judged(row, of(presented, terms), verify, terms)
                };
                several.into_iter().map(judge).collect()
            }
            Err(shown) => vec![judged(row, shown, verify, terms)],
        },
    }
}

/// The row of the report, with advice that only this program can give.
fn judged(
    row: RosterRow,
    shown: WhatIsShown,
    verify: impl FnOnce(&str) -> Verdict,
    terms: &Terms,
) -> ReportRow {
    let mut report = judge_row(row, shown, verify, terms);
    for finding in &mut report.findings {
        if finding.code == RosterCode::FileOutside {
            finding.advice.to_mut().push_str(", or name the folder with `--files`");
        }
    }
    report
}

fn shown(
    row: &mut RosterRow,
    base: &Path,
    verify: impl Fn(&str) -> Verdict,
    terms: &Terms,
) -> WhatIsShown {
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
    match read(&base.join(path), &row.file, verify) {
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
fn read(
    path: &Path,
    name: &str,
    verify: impl Fn(&str) -> Verdict,
) -> Result<Vec<Presented>, WhatIsShown> {
    let unreadable = |reason: String| WhatIsShown::FileUnreadable { reason };
    let kind = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => WhatIsShown::FileMissing,
        _ => unreadable(error.to_string()),
    })?;
    if !kind.is_file() {
        return Err(unreadable("it is a folder or a device, expected a file".to_owned()));
    }
    let bytes = read_capped(path, MAX_FILE).map_err(|error| unreadable(error.to_string()))?;
    in_file(name, &bytes, |contents| contents.distinct(verify))
        .map_err(|error| unreadable(format!("{error:#}")))
}

fn of(presented: Presented, terms: &Terms) -> WhatIsShown {
    match presented.text {
        Ok(text) => WhatIsShown::Text(text),
        Err(error) => WhatIsShown::Verdict(Verdict::unread(error, terms.now).into()),
    }
}
