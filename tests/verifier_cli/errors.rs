//! The report of an error: text, code and hint; and one JSON object for programs.

use serde_json::Value;
use vernet_common::{Bundle, Signer};

use crate::{
    hospital::{FILES, Hospital, Run},
    office::key,
};

impl Run {
    /// The error as reported to a program. There is no other output, and the exit status is that of
    /// a command that could not run.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "one object: {self:?}");
        let told: Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stderr));
        let error = &told["error"];
        let members: Vec<_> = error.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["code", "hint", "message"], "{told}");
        error.clone()
    }
}

fn text<'a>(error: &'a Value, member: &str) -> &'a str {
    error[member].as_str().unwrap_or_else(|| panic!("no {member}: {error}"))
}

/// Asserts the same error for a program and for a person.
#[track_caller]
fn both(hospital: &Hospital, arguments: &[&str], code: &str) -> Value {
    let error = hospital.run(&[arguments, &["--json"]].concat()).error();
    assert_eq!(error["code"], code, "{error}");
    let run = hospital.run(arguments);
    let mut expected = format!("vernet-verifier: {} [{code}]\n", text(&error, "message"));
    if !error["hint"].is_null() {
        expected += &format!("  → {}\n", text(&error, "hint"));
    }
    assert_eq!((run.code, run.stderr.as_str()), (Some(2), expected.as_str()), "{run:?}");
    error
}

#[test]
fn missing_roots_are_an_error_without_a_code() {
    let hospital = Hospital::new();
    let error = hospital.run(&["check", "--json", "certificate.jwt"]).error();
    assert!(error["code"].is_null() && error["hint"].is_null(), "{error}");
    assert!(text(&error, "message").starts_with("no root keys are pinned"), "{error}");
    let run = hospital.run(&["check", "certificate.jwt"]);
    let told = format!("vernet-verifier: {}\n", text(&error, "message"));
    assert_eq!((run.code, run.stderr), (Some(2), told));
}

#[test]
fn a_damaged_key_file_is_told_with_its_code() {
    let hospital = Hospital::new();
    hospital.write("r.pem", "hello\n");
    hospital.write("passphrase.txt", "a passphrase of some length\n");
    let check = [
        &["check", "certificate.jwt", "--receipt", "a.jwt", "--receipt-key", "r.pem"][..],
        &["--receipt-name", "A", "--passphrase-file", "passphrase.txt"],
        &FILES,
    ]
    .concat();
    let error = both(&hospital, &check, "key_file_damaged");
    assert_eq!(
        text(&error, "message"),
        "opening the key `r.pem`: the key file is damaged: it has no PEM block"
    );
    hospital.write("bad.json", "{");
    let check = ["check", "certificate.jwt", "--roots", "bad.json", "--publication", "publication"];
    let error = both(&hospital, &check, "not_json");
    assert!(text(&error, "message").starts_with("reading the roots `bad.json`: "), "{error}");
}

#[test]
fn forged_lists_are_told_with_a_code_and_what_to_do() {
    let hospital = Hospital::new();
    let mut wrong = hospital.office.anchor();
    wrong.roots.keys = [110, 111, 112].map(|seed| key(seed).public_key()).into();
    hospital.write_roots("wrong.json", &wrong);
    let check =
        ["check", "certificate.jwt", "--roots", "wrong.json", "--publication", "publication"];
    let error = both(&hospital, &check, "threshold_not_reached");
    assert_eq!(
        text(&error, "hint"),
        "the pinned roots did not sign: another office, a forgery, or new roots that were not announced"
    );
    assert!(text(&error, "message").starts_with("`publication/bundle.json`: "), "{error}");

    hospital.pin();
    let without = Bundle { status_lists: Vec::new(), ..hospital.office.bundle() };
    hospital.write_bundle("publication/bundle.json", &without);
    let error = both(&hospital, &["sync", "publication"], "status_missing");
    assert_eq!(text(&error, "hint"), "tell the office");
}

#[test]
fn a_bad_time_is_wrong_usage_as_in_every_command() {
    let hospital = Hospital::new();
    for json in [&[][..], &["--json"]] {
        let check = ["check", "certificate.jwt", "--at", "2026-02-30"];
        let run = hospital.run(&[&check[..], &FILES, json].concat());
        run.failed("expected an instant as in `2026-11-22T10:00:00Z` or");
        assert!(run.stderr.starts_with("error: invalid value '2026-02-30'"), "{run:?}");
    }
    for wrong in [
        "2026-11-29T10:00:00+25:00",
        "2026-11-29T10:00:00Z[America/New_York]",
        "1945-10-01",
        "1969-12-31T23:59:59Z",
    ] {
        let run =
            hospital.run(&[&["check", "certificate.jwt", "--at", wrong], &FILES[..]].concat());
        run.failed("in the years 1970 to 9999");
    }
}

#[test]
fn what_a_stranger_wrote_commands_no_terminal_in_an_error() {
    let hospital = Hospital::new();
    let nasty = "\u{1b}[2J\u{9b}\u{202e}";
    let error = hospital.run(&["check", "--json", nasty]);
    assert!(!error.stderr.chars().any(|c| c.is_control() && c != '\n'), "{error:?}");
    let run = hospital.run(&["inspect", "--json", nasty]);
    assert!(text(&run.error(), "message").contains(nasty), "{run:?}");
    assert!(!run.stderr.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{run:?}");
}
