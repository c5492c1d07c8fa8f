//! A test for each code that a row can have, and for findings that need all rows together.

use std::{
    collections::BTreeSet,
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use vernet_common::{NumericDate, Status};
use vernet_verifier::{
    Code, Colour, InputError, Verdict,
    roster::{
        Outcome, ReportRow, RosterCode, RosterReport, RosterRow, RowCode, Terms, WhatIsShown,
        judge_all, judge_row,
    },
};

use super::{codes, head, report, terms};
use crate::{
    office::{DAY, Office},
    people::person,
};

fn judged(office: &Office, row: RosterRow, shown: WhatIsShown) -> ReportRow {
    let knowledge = office.knowledge();
    judge_row(row, shown, |text| office.verdict_on(text, &knowledge), &terms(office))
}

#[test]
fn a_verdict_is_the_code_of_its_row() {
    let mut office = Office::new();
    let kari = person(&office, 1, "Kari", "Nordmann");
    let of = |office: &Office, text: String| {
        let row = judged(office, RosterRow::default(), WhatIsShown::Text(text));
        (row.outcome, row.code.to_string(), row.needs_attention())
    };
    let expected = |outcome, code: Code| (outcome, code.to_string(), outcome != Outcome::Accepted);
    assert_eq!(of(&office, kari.text()), expected(Outcome::Accepted, Code::Authorised));
    for (status, outcome, code) in [
        (Status::Conditions, Outcome::Accepted, Code::AuthorisedWithConditions),
        (Status::Suspended, Outcome::Refused, Code::Suspended),
        (Status::Invalid, Outcome::Refused, Code::Revoked),
    ] {
        kari.has_status(&mut office, status);
        assert_eq!(of(&office, kari.text()), expected(outcome, code));
    }
    assert_eq!(of(&office, "hello".into()), expected(Outcome::Refused, Code::Malformed));
    assert_eq!(of(&office, kari.signed_by(66)), expected(Outcome::Refused, Code::UntrustedIssuer));
    assert_eq!(
        of(&office, kari.clone().expiring("2026-11-22").text()),
        expected(Outcome::Refused, Code::Expired)
    );
    office.statuses.clear();
    office.now = office.now.plus_seconds(3 * DAY);
    assert_eq!(of(&office, kari.text()), expected(Outcome::Undetermined, Code::StatusStale));
}

#[test]
fn every_code_of_a_verdict_has_a_name_that_is_found_again() {
    for code in Code::ALL.iter().copied() {
        let row = RowCode::from(code);
        assert_eq!((row.as_str(), row.verdict()), (code.to_string().as_str(), Some(code)));
        let about_lists = code.colour() == Colour::Undetermined && code != Code::Unreadable;
        assert_eq!(row.is_about_lists(), about_lists, "{code}");
    }
    for code in RosterCode::ALL.iter().copied() {
        assert_eq!(
            (RowCode::from(code).verdict(), RowCode::from(code).is_about_lists()),
            (None, false),
            "{code}"
        );
    }
}

#[test]
fn what_has_no_certificate_has_a_code_of_its_own() {
    let office = Office::new();
    let row = RosterRow { file: "kari.pdf".into(), ..RosterRow::default() };
    for (shown, code, message) in [
        (WhatIsShown::Nothing, RosterCode::CertificateMissing, ""),
        (WhatIsShown::FileMissing, RosterCode::FileMissing, "`kari.pdf`"),
        (WhatIsShown::FileOutside, RosterCode::FileOutside, "expected a path below the folder"),
        (
            WhatIsShown::FileUnreadable { reason: "a folder".into() },
            RosterCode::FileUnreadable,
            "a folder",
        ),
        (
            WhatIsShown::Several { found: 3 },
            RosterCode::SeveralCertificates,
            "3 certificates, expected one",
        ),
    ] {
        let row = judged(&office, row.clone(), shown);
        assert_eq!((row.outcome, codes(&row)), (Outcome::Problem, vec![code.as_str()]));
        assert!(
            row.findings[0].message.contains(message) && !row.findings[0].advice.is_empty(),
            "{row:?}"
        );
    }
    let verdict = Verdict::unread(InputError::LinkWithoutDigits, office.now);
    let row = judged(&office, row, WhatIsShown::Verdict(Box::new(verdict)));
    let cause = row.findings[0].cause.as_ref().map(RowCode::as_str);
    assert_eq!(
        (row.outcome, codes(&row), cause),
        (Outcome::Refused, vec!["malformed"], Some("link_without_digits"))
    );
}

#[test]
fn somebody_elses_certificate_is_told_beside_the_verdict() {
    let mut office = Office::new();
    let kari = person(&office, 1, "Kari", "Nordmann");
    let text = kari.text();
    for (name, birthdate, expected) in [
        ("", "", vec!["authorised"]),
        ("Nordmann, Kari", "29.02.1980", vec!["authorised"]),
        ("Ola Nordmann", "1980-02-29", vec!["name_mismatch"]),
        ("Kari Nordmann", "1980-02-28", vec!["birthdate_mismatch"]),
        ("Ola Nordmann", "1980-02-28", vec!["name_mismatch", "birthdate_mismatch"]),
        ("Kari Nordmann", "29/2/80", vec!["birthdate_unreadable"]),
    ] {
        let table = format!("name,birthdate,certificate\n\"{name}\",{birthdate},{text}\n");
        let report = report(&office, &table).expect("a report");
        assert_eq!(codes(&report.rows[0]), expected, "{name} {birthdate}");
        assert_eq!(report.rows[0].verdict, Some(Code::Authorised.into()));
        let accepted =
            if expected == ["authorised"] { Outcome::Accepted } else { Outcome::Problem };
        assert_eq!(report.rows[0].outcome, accepted);
    }
    // The more serious finding comes first.
    kari.has_status(&mut office, Status::Suspended);
    let report = report(&office, &format!("name,certificate\nOla,{text}\n")).expect("a report");
    assert_eq!(
        (report.rows[0].outcome, codes(&report.rows[0])),
        (Outcome::Refused, vec!["suspended", "name_mismatch"])
    );
}

#[test]
fn one_certificate_for_two_people_two_for_one_and_one_id_for_two() {
    let mut office = Office::new();
    let [kari, ola] =
        [(1, "Kari"), (2, "Ola")].map(|(n, name)| person(&office, n, name, "Nordmann"));
    let newer = kari.reissued(9);
    kari.has_status(&mut office, Status::Invalid);
    let table = format!(
        "staff_id,certificate\n1,{}\n2,{}\n3,{}\n3,{}\n4,{}\n",
        kari.text(),
        newer.text(),
        ola.text(),
        ola.text(),
        newer.text()
    );
    let report = report(&office, &table).expect("a report");
    let found: Vec<_> = report.rows.iter().map(codes).collect();
    assert_eq!(
        found,
        [
            vec!["revoked", "person_repeated"],
            vec!["authorised"],
            vec!["authorised"],
            vec!["certificate_repeated", "staff_repeated"],
            vec!["certificate_repeated"],
        ]
    );
    let messages: Vec<_> = report
        .rows
        .iter()
        .flat_map(|row| &row.findings)
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(
        messages[1].contains("row 3") && messages[1].contains("NO-PE-2026-000009"),
        "{messages:?}"
    );
    assert!(messages[2].contains("row 4 too") && messages[3].contains("row 4"), "{messages:?}");
    let summary = &report.summary;
    assert_eq!((summary.rows, summary.accepted, summary.refused, summary.problem), (5, 2, 1, 2));
    assert_eq!((summary.need_attention, summary.codes["certificate_repeated"]), (3, 2));
    let keys: Vec<_> = report.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["1", "2", "3", "3 (2)", "4"]);
}

#[test]
fn what_soon_runs_out_is_told_to_the_day() {
    let office = Office::new();
    // Now is 2026-11-22 in Oslo; thirty days later is 2026-12-22.
    for (on, expiring) in [("2026-11-23", true), ("2026-12-22", true), ("2026-12-23", false)] {
        let soon = person(&office, 1, "Kari", "Nordmann").expiring(on);
        let row = judged(&office, RosterRow::default(), WhatIsShown::Text(soon.text()));
        assert_eq!((row.expiring, row.needs_attention()), (expiring, false), "{on}");
    }
    let row = judged(
        &office,
        RosterRow::default(),
        WhatIsShown::Text(person(&office, 1, "A", "B").expiring("2026-11-22").text()),
    );
    assert_eq!(
        (row.expiring, codes(&row)),
        (false, vec!["expired"]),
        "what has run out does not run out soon"
    );
}

#[test]
fn a_staff_of_nobody_is_no_staff_in_order() {
    let office = Office::new();
    assert_eq!(report(&office, "name,certificate\n").expect_err("nobody").code(), "roster_empty");
    assert_eq!(
        RosterReport::new(head(&office, vec![], vec![]), vec![]).expect_err("nobody").code(),
        "roster_empty"
    );
}

fn row(line: u64) -> ReportRow {
    let now = NumericDate::from_seconds(0).expect("a time");
    let verify = |_: &str| Verdict::lists_missing(now);
    judge_row(
        RosterRow { line, ..RosterRow::default() },
        WhatIsShown::Nothing,
        verify,
        &Terms { now, expiring_days: 0 },
    )
}

#[test]
fn rows_stay_in_order_on_any_number_of_threads() {
    for threads in [1, 2, 7] {
        let done = Mutex::new(Vec::new());
        let judge = |line: u64| {
            // The first rows take longest.
            thread::sleep(Duration::from_micros(if line < 40 { 200 } else { 0 }));
            vec![row(line), row(line)]
        };
        let judge = |lines: Vec<u64>| lines.into_iter().flat_map(judge).collect();
        let rows = (0..1000).map(Ok::<u64, ()>);
        let progress = |rows| done.lock().expect("not poisoned").push(rows);
        let judged = judge_all(rows, NonZero::new(threads).expect("some"), judge, progress)
            .expect("no errors");
        let lines: Vec<u64> = judged.iter().map(|row| row.line).collect();
        assert_eq!(lines, (0..1000).flat_map(|line| [line, line]).collect::<Vec<_>>());
        let done = done.into_inner().expect("not poisoned");
        assert_eq!(done.last(), Some(&1000));
        assert!(done.is_sorted());
    }
}

#[test]
fn every_thread_takes_part_and_no_more_is_read_than_is_judged() {
    let (read, judged, threads) =
        (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(BTreeSet::<String>::new()));
    let name = |id: ThreadId| format!("{id:?}");
    let rows = (0..1000).map(|line| {
        let ahead = read.fetch_add(1, Ordering::SeqCst) - judged.load(Ordering::SeqCst);
        assert!(ahead <= 128, "{ahead} rows are held");
        Ok::<u64, ()>(line)
    });
    let judge = |line: u64| {
        threads.lock().expect("not poisoned").insert(name(thread::current().id()));
        // Long enough for the other thread to take its turn.
        thread::sleep(Duration::from_micros(50));
        judged.fetch_add(1, Ordering::SeqCst);
        vec![row(line)]
    };
    let judge = |lines: Vec<u64>| lines.into_iter().flat_map(judge).collect();
    judge_all(rows, NonZero::new(2).expect("two"), judge, |_| {}).expect("no errors");
    assert_eq!(threads.into_inner().expect("not poisoned").len(), 2);
}

#[test]
fn nothing_comes_after_an_error() {
    let rows = (0..1000).map(|line| if line == 500 { Err("broken") } else { Ok(line) });
    let judge = |lines: Vec<u64>| lines.into_iter().map(row).collect();
    let judged = judge_all(rows, NonZero::new(2).expect("two"), judge, |_| {});
    assert_eq!(judged.expect_err("an error"), "broken");
}
