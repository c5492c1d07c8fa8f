//! Files as people send them, with what a verifier must say about each: `tests/front-desk/`.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// The time for which the answers hold.
pub const NOW: &str = "2026-11-29T17:00:00Z";

/// A file, and the answers that are right.
pub struct Case {
    /// Its name in the folder.
    pub file: String,
    /// Each answer that is right: a verdict for each certificate, as `1 authorised`, or `amber` and
    /// the kind of the file.
    pub answers: Vec<Vec<String>>,
}

/// The folder with the files and, in `office`, the lists.
pub fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "front-desk"].iter().collect()
}

/// Every case: those that failed once, in `expected.tsv`, and the files of other people's programs,
/// in `foreign.tsv`.
pub fn cases() -> Vec<Case> {
    ["expected.tsv", "foreign.tsv"].into_iter().flat_map(table).collect()
}

fn table(name: &str) -> Vec<Case> {
    let table = fs::read_to_string(folder().join(name)).expect("the table is there");
    let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    let case = |row: &str| {
        let mut cells = row.split('\t');
        let (file, answers) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let answer = |answer: &str| {
            let mut verdicts: Vec<String> = answer.split("; ").map(str::to_owned).collect();
            verdicts.sort();
            verdicts
        };
        Case { file: file.to_owned(), answers: answers.split(", or ").map(answer).collect() }
    };
    rows.map(case).collect()
}

impl Case {
    /// Whether these verdicts are a right answer. If not, what they are.
    ///
    /// # Errors
    ///
    /// The verdicts in the words of the table.
    pub fn check(&self, verdicts: &[Value]) -> Result<(), String> {
        let mut told: Vec<String> = verdicts.iter().map(in_words).collect();
        told.sort();
        let is_right = |answer: &Vec<String>| match answer.as_slice() {
            [amber] if amber.starts_with("amber ") => {
                let kind = &amber["amber ".len()..];
                matches!(&told[..], [told] if told.starts_with("amber ") && told.contains(kind))
            }
            answer => told == answer,
        };
        match self.answers.iter().any(is_right) {
            true => Ok(()),
            false => Err(format!("{}: {told:?} in place of {:?}", self.file, self.answers)),
        }
    }
}

fn in_words(verdict: &Value) -> String {
    let code = verdict["code"].as_str().unwrap_or_default();
    if code == "unreadable" {
        return format!("amber {}", verdict["cause"]["message"].as_str().unwrap_or_default());
    }
    let number = verdict["certificate"]["certificate_number"].as_str().unwrap_or_default();
    let number = number.trim_start_matches("NO-PE-2026-").trim_start_matches('0');
    format!("{number} {code}").trim_start().to_owned()
}
