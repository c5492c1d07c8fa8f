//! `check --on`: files, exit statuses and messages. The tests of the library check the answers.

use std::fs;

use vernet_common::{
    Algorithm, CertificateHash, CivilDate, HistoryEntry, HistoryRecord, HistoryState, NumericDate,
    PastState, SignedHistory, Status,
};

use crate::{
    hospital::{AnotherOffice, FILES, Hospital, Run},
    office::{DAY, HOUR, Office, STATUS_KEY, key},
};

fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

impl Hospital {
    /// With a history in which the holder was suspended in March 2019, which became known in June.
    fn with_history() -> Self {
        let hospital = Self::new();
        hospital.write("history", history(&hospital.office, STATUS_KEY).as_bytes());
        hospital
    }

    fn asked(&self, arguments: &[&str]) -> Run {
        self.run(&[&["check", "certificate.jwt"][..], &FILES, arguments].concat())
    }

    /// The answer as JSON; the exit status must match the verdict.
    #[track_caller]
    fn answer(&self, arguments: &[&str]) -> String {
        let run = self.asked(&[arguments, &["--json"]].concat());
        let object = run.json();
        assert_eq!(run.code, Some(i32::from(object["verdict"] != "accepted")), "{run:?}");
        object["code"].as_str().expect("a code").to_owned()
    }

    /// Puts a publication of some time ago into the archive, under this name.
    fn archive(&self, name: &str, ago: i64, status: Status) -> NumericDate {
        let mut old = Office::as_of(self.office.now.plus_seconds(-ago));
        old.certificate = self.office.certificate.clone();
        old.set_status(status);
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        self.write_bundle(name, &old.bundle());
        old.status_claims.iat
    }
}

fn history(office: &Office, signer: u8) -> SignedHistory {
    let state = |from: &str, state| HistoryState { from: day(from), other: false, state };
    let first = vec![state("2010-06-01", PastState::Authorised)];
    let late =
        [state("2019-03-01", PastState::Suspended), state("2019-04-01", PastState::Authorised)];
    let record = |recorded: &str, states| HistoryRecord {
        recorded: recorded.parse().expect("an instant"),
        states,
    };
    let records = vec![
        record("2010-06-01T10:00:00Z", first.clone()),
        record("2019-06-15T10:00:00Z", [&first[..], &late].concat()),
    ];
    let entry =
        HistoryEntry { certificate: CertificateHash::of(&office.signed_certificate()), records };
    let (of, iat) = ((office.trust_list.iss.clone(), 7), office.now.plus_seconds(-HOUR));
    SignedHistory::sign(of, iat, &[entry], Algorithm::EdDsa, &key(signer)).expect("consistent")
}

#[test]
fn a_history_answers_what_was_true_and_what_was_known() {
    let hospital = Hospital::with_history();
    let from = |rest: &[&'static str]| [&["--history", "history"], rest].concat();
    assert_eq!(hospital.answer(&from(&["--on", "2019-02-28"])), "was_authorised");
    assert_eq!(hospital.answer(&from(&["--on", "2019-03-01"])), "was_suspended");
    assert_eq!(
        hospital.answer(&from(&["--on", "2019-03-01", "--known-on", "2019-06-01"])),
        "was_authorised"
    );
    assert_eq!(hospital.answer(&from(&["--on", "2010-05-31"])), "was_not_yet_authorised");
    assert_eq!(hospital.answer(&from(&["--on", "2090-01-01"])), "after_history");
    let run = hospital.asked(&from(&["--on", "2019-03-01", "--known-on", "2019-06-01"]));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "✔ WAS AUTHORISED on 2019-03-01  [was_authorised]");
    assert_eq!(
        lines[4],
        "  by what was known at the end of 2019-06-01, recorded up to 2019-06-01T21:59:59Z"
    );
    assert!(
        lines[5].starts_with("  by what is known now: was_suspended, recorded up to "),
        "{run:?}"
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_worst_of_several_inputs_decides_and_what_cannot_be_read_says_so() {
    let hospital = Hospital::with_history();
    hospital.write("other.jwt", hospital.office.signed_by_a_stranger());
    hospital.write("blurred.png", b"\x89PNG\r\n\x1a\nnothing");
    let ask = |inputs: &[&str]| {
        let run = hospital.run(
            &[
                &["check", "--json", "--on", "2015-01-01", "--history", "history"],
                &FILES[..],
                inputs,
            ]
            .concat(),
        );
        let codes: Vec<String> = run
            .stdout
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).expect("JSON")["code"]
                    .as_str()
                    .expect("a code")
                    .to_owned()
            })
            .collect();
        (run.code, codes)
    };
    assert_eq!(
        ask(&["certificate.jwt", "certificate.url"]),
        (Some(0), vec!["was_authorised".into(); 2])
    );
    let worse = ["was_authorised", "untrusted_issuer", "unreadable"].map(String::from).to_vec();
    assert_eq!(ask(&["certificate.url", "other.jwt", "blurred.png"]), (Some(1), worse));
    assert_eq!(ask(&["certificate.jwt", "nothing.jwt"]), (Some(2), vec!["was_authorised".into()]));
}

#[test]
fn a_history_that_cannot_be_relied_on_answers_nothing() {
    let hospital = Hospital::with_history();
    let refused = |code: &str| {
        let run = hospital.asked(&["--on", "2015-01-01", "--history", "history", "--json"]);
        assert_eq!(run.error()["code"], code, "{run:?}");
    };
    let good = fs::read(hospital.path("history")).expect("it was written");
    let mut bent = good.clone();
    let place = bent.len() - 20;
    bent[place] ^= 1;
    hospital.write("history", &bent);
    refused("history_content");
    hospital.write("history", &good[..good.len() - 1]);
    refused("history_content");
    hospital.write("history", b"hello\n");
    refused("jws_parts");
    hospital.write("history", hospital.office.text());
    refused("inconsistent");
    for (signer, code) in [(1, "key_use"), (66, "key_unknown")] {
        hospital.write("history", history(&hospital.office, signer).as_bytes());
        refused(code);
    }
    fs::remove_file(hospital.path("history")).expect("it is there");
    let run = hospital.asked(&["--on", "2015-01-01", "--history", "history"]);
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn a_question_needs_a_day_and_one_thing_to_rest_on() {
    let hospital = Hospital::with_history();
    for wrong in [
        &["--on", "2015-01-01"][..],
        &["--history", "history"],
        &["--archive", "."],
        &["--known-on", "2015-01-01", "--history", "history"],
        &["--on", "2015-01-01", "--history", "history", "--archive", "."],
        &["--on", "yesterday", "--history", "history"],
        // A receipt would not state the question.
        &["--on", "2015-01-01", "--history", "history", "--receipt", "receipt"],
    ] {
        let run = hospital.asked(wrong);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{wrong:?}: {run:?}");
    }
}

/// In the `archive/` of an object store, in copies of published folders, and as files with any
/// name.
#[test]
fn an_archive_has_any_layout() {
    let hospital = Hospital::new();
    let ago = 20 * HOUR;
    let first = hospital.archive("old/archive/20261120T100000Z/bundle.json", ago, Status::Valid);
    hospital.archive("old/2026/11/copy/bundle.json", ago - 60, Status::Conditions);
    let last = hospital.archive("old/2026/11/of-the-evening.json", ago - 120, Status::Suspended);
    hospital.write("old/2026/11/copy/trust-list.json", "{}");
    hospital.write("old/README.txt", "not looked at");
    std::os::unix::fs::symlink(hospital.path("old"), hospital.path("old/2026/again"))
        .expect("a link");
    let question = ["--on", &last.civil_date().to_string(), "--archive", "old"];
    // The three may be on both sides of midnight: then the last day has only the last one.
    assert_eq!(hospital.answer(&question), "was_suspended");
    let run = hospital.asked(&question);
    assert_eq!(
        run.stderr,
        format!(
            "the archive holds 3 publications, from {first} to {last}; 1 other files were passed over\n"
        )
    );
    assert!(
        run.stdout.contains(&format!("by what is known now, recorded up to {last}\n")),
        "{run:?}"
    );
    assert!(
        run.stdout.contains("  from an old publication: what was decided later is not in it\n"),
        "{run:?}"
    );
}

#[test]
fn the_archive_says_how_far_it_reaches() {
    let mut hospital = Hospital::new();
    hospital.office.certificate.iat = hospital.office.now.plus_seconds(-30 * DAY);
    hospital.write("certificate.jwt", hospital.office.text());
    hospital.publish();
    let first = hospital.archive("old/1/bundle.json", 20 * DAY, Status::Valid).civil_date();
    let last = hospital.archive("old/2/bundle.json", 10 * DAY, Status::Valid).civil_date();
    let answer = |on: CivilDate| hospital.answer(&["--archive", "old", "--on", &on.to_string()]);
    assert_eq!(answer(first), "was_authorised");
    assert_eq!(answer(first.plus_days(-1)), "before_archive");
    assert_eq!(answer(first.plus_days(1)), "archive_gap");
    assert_eq!(answer(last.plus_days(1)), "after_archive");
    assert_eq!(answer(first.plus_days(-40)), "before_certificate");
    let run = hospital.asked(&[
        "--archive",
        "old",
        "--on",
        &first.to_string(),
        "--known-on",
        &last.to_string(),
        "--json",
    ]);
    assert_eq!((run.code, run.json()["code"].as_str()), (Some(1), Some("known_needs_history")));
    assert_eq!(run.json()["true"]["code"], "was_authorised");
}

#[test]
fn what_cannot_be_used_in_an_archive_is_named() {
    let hospital = Hospital::new();
    hospital.archive("old/good/bundle.json", 20 * HOUR, Status::Valid);
    hospital.write("forged.json", "");
    let mut forged = Office::as_of(hospital.office.now.plus_seconds(-19 * HOUR));
    forged.certificate = hospital.office.certificate.clone();
    let list = forged.signed_status_claims(&forged.status_claims, 66);
    fs::create_dir_all(hospital.path("old/forged")).expect("a folder");
    fs::create_dir_all(hospital.path("old/broken")).expect("a folder");
    let bundle = vernet_common::Bundle { status_lists: vec![list], ..forged.bundle() };
    hospital.write_bundle("old/forged/bundle.json", &bundle);
    hospital.write("old/broken/bundle.json", "{");
    let run = hospital.asked(&["--archive", "old", "--on", "2015-01-01"]);
    assert!(run.stderr.contains("warning: 1 files of the archive cannot be used, or not all that is in them [key_unknown]: `old/forged/bundle.json`"), "{run:?}");
    assert!(run.stderr.contains("[not_json]: `old/broken/bundle.json`"), "{run:?}");
    assert!(run.stderr.contains("the archive holds 1 publications"), "{run:?}");
    let empty = hospital.asked(&["--archive", "publication/nothing", "--on", "2015-01-01"]);
    assert_eq!(empty.code, Some(2), "{empty:?}");
    fs::create_dir(hospital.path("empty")).expect("a folder");
    assert_eq!(
        hospital.answer(&[
            "--archive",
            "empty",
            "--on",
            &hospital.office.now.civil_date().to_string()
        ]),
        "archive_empty"
    );
}

#[test]
fn a_key_that_nobody_knows_may_be_that_of_an_office_without_lists() {
    let hospital = Hospital::with_pinned_office();
    hospital.write("history", history(&hospital.office, STATUS_KEY).as_bytes());
    let published = hospital.archive("archive/bundle.json", 2 * HOUR, Status::Valid);
    hospital.write("strange.jwt", hospital.office.signed_by_a_stranger());
    let day = published.civil_date().to_string();
    let by_archive = ["--archive", "archive", "--on", &day];
    let by_history = ["--history", "history", "--on", "2019-02-28"];
    let answer = |input: &'static str, asked: &[&str]| {
        let run = hospital.run(&[&["check", input, "--json"], asked].concat());
        let code = run.json()["code"].as_str().expect("a code").to_owned();
        (code, run.stderr.contains("whose lists were never fetched"))
    };
    for asked in [&[][..], &by_archive, &by_history] {
        assert_eq!(answer("strange.jwt", asked), ("untrusted_issuer".into(), false), "{asked:?}");
    }
    let another = AnotherOffice::new();
    another.pin_at(&hospital);
    for asked in [&[][..], &by_archive, &by_history] {
        assert_eq!(answer("strange.jwt", asked), ("status_missing".into(), true), "{asked:?}");
    }
    assert_eq!(answer("certificate.jwt", &by_archive), ("was_authorised".into(), false));
    assert_eq!(answer("certificate.jwt", &by_history), ("was_authorised".into(), false));
}
