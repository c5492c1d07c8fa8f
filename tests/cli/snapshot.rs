//! Output compared with a file in this folder, without the parts that differ between runs.
//! `SNAPSHOTS=overwrite` writes the files again.

use std::path::Path;

use regex::Regex;
use snapbox::{Assert, Data, IntoData};

/// The parts that differ between runs: the text before it, the pattern of the part itself, the text
/// after it, and its replacement.
const REDACTED: &[(&str, &str, &str, &str)] = &[
    ("", "(?:[█▀▄ ]{40,}\n)+", "", "[QR]\n"),
    ("", r"20[2-5]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "", "[TIME]"),
    ("", r"20[2-5]\d-\d\d-\d\d", "", "[DATE]"),
    ("NO-PE-", r"20\d\d", "-", "[YEAR]"),
    ("(?:key `|key )", r"[A-Za-z0-9_-]{8}", "`?[ :.;\n]", "[KID]"),
    ("keys compromised ", r"[A-Za-z0-9_-]{8}", " --since", "[KID]"),
    ("fingerprint ", r"[0-9a-f]{16,64}", "", "[FINGERPRINT]"),
    ("(?:bundle of|certificate of|link of) ", r"\d+", "", "[SIZE]"),
    ("version ", r"[6-9], \d\d x \d\d", " modules", "[SIZE]"),
    ("at index ", r"\d+", " of", "[INDEX]"),
];

/// Compares the output with the file, or writes the file.
#[track_caller]
pub(crate) fn assert_snapshot(actual: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli").join(file);
    let expected = Data::read_from(&path, None);
    Assert::new().action_env("SNAPSHOTS").eq(redacted(actual).into_data().raw(), expected.raw());
}

/// The text without the parts that differ between runs.
pub(crate) fn redacted(text: &str) -> String {
    REDACTED.iter().fold(text.to_owned(), |text, (before, itself, after, placeholder)| {
        let pattern = Regex::new(&format!("({before}){itself}({after})"))
            .expect("the patterns are constants that work");
        pattern.replace_all(&text, format!("${{1}}{placeholder}${{2}}")).into_owned()
    })
}
