//! Certificates that must be renewed, against tables written by hand in `tests/renewal`.

use super::*;
use crate::{
    state::due::DueKind,
    statements::event::Count,
    titles::{Minimum, ProtectedTitle, Renewal},
};

const TITLE: &str = "board certified perfusionist";

/// The row of a board, or of a society.
fn row(renewal: Renewal) -> ProtectedTitle {
    let mut row = ProtectedTitle::first().clone();
    row.title = TITLE.parse().expect("a title");
    row.type_name = "board-certified-perfusionist".into();
    row.certificate_number_prefix = "SC-PE-".parse().expect("a prefix");
    row.kinds = vec![vernet_common::Kind::BoardCertificate];
    row.bases = vec![vernet_common::Basis::BoardExamination];
    (row.age_limit, row.alerts, row.renewal) = (false, false, Some(renewal));
    row
}

fn minimum(category: &str, first_month: i8, per_cycle: u32) -> Minimum {
    Minimum { category: category.into(), per_year: 40, per_cycle, first_month }
}

fn board() -> Renewal {
    Renewal {
        years: 3,
        grace_months: 3,
        reinstatement_months: 24,
        reminder_months: vec![6, 3, 1],
        minimums: vec![minimum("clinical", 1, 120), minimum("cpd", 1, 120)],
    }
}

fn society() -> Renewal {
    Renewal {
        years: 2,
        grace_months: 0,
        reinstatement_months: 12,
        reminder_months: vec![1],
        minimums: vec![minimum("cases", 7, 0)],
    }
}

fn certified(o: &mut Office, renewal: Renewal, granted: &str) -> Result<CertificateNumber, Error> {
    *o = Office::of(vec![row(renewal)]);
    o.on(granted);
    let application = json!({
        "title": TITLE, "kind": "board_certificate", "basis": "board_examination", "exam": null,
        "decided": granted, "granted": granted,
    });
    Ok(o.grant(application)?.claims.certificate_number)
}

fn renew(o: &mut Office, number: CertificateNumber, counts: &str) -> Result<Issued, Error> {
    o.both(Proposal::to_renew(number, counted(counts))).map(Issued::from)
}

/// `clinical 2021=40 2022=40 cpd 2021=40`
fn counted(text: &str) -> Vec<Count> {
    let mut category = "";
    let mut counts = Vec::new();
    for word in text.split_whitespace().filter(|word| *word != "-") {
        match word.split_once('=') {
            None => category = word,
            Some((year, count)) => counts.push(Count {
                category: category.into(),
                year: year.parse().expect("a year"),
                count: count.parse().expect("a number"),
            }),
        }
    }
    counts
}

const ENOUGH: &str = "clinical 2021=40 2022=40 2023=40 cpd 2021=40 2022=40 2023=40";

pub(super) fn cases() -> Vec<Case> {
    /// Renews what was granted in 2020, on a day.
    fn on(o: &mut Office, day: &str, counts: &str) -> Result<(), Error> {
        let number = certified(o, board(), "2020-03-15")?;
        ok(renew(o.on(day), number, counts))
    }
    vec![
        (
            Rule::RenewalTooEarly,
            "the last year of the cycle, and the day before",
            |o| on(o, "2023-01-01", ENOUGH),
            |o| on(o, "2022-12-31", ENOUGH),
        ),
        (
            Rule::RenewalTooLate,
            "the last day of the reinstatement, and the day after",
            |o| on(o, "2026-03-31", ENOUGH),
            |o| on(o, "2026-04-01", ENOUGH),
        ),
        (
            Rule::RenewalTooLittle,
            "40 a year and 120 in all, and one less",
            |o| on(o, "2024-01-10", ENOUGH),
            |o| on(o, "2024-01-10", &ENOUGH.replacen("2022=40", "2022=39", 1)),
        ),
        (
            Rule::RenewalMismatch,
            "a title with a cycle, and one without",
            |o| on(o, "2024-01-10", ENOUGH),
            |o| {
                let number = o.granted();
                ok(renew(o, number, ENOUGH))
            },
        ),
        (
            Rule::RenewalMismatch,
            "each year once",
            |o| on(o, "2024-01-10", ENOUGH),
            |o| on(o, "2024-01-10", &format!("{ENOUGH} cpd 2021=40")),
        ),
        (
            Rule::RenewalMismatch,
            "a member of long standing comes with the end of a cycle, and with another day",
            |o| ok(brought(o, "2026-01-01")),
            |o| ok(brought(o, "2025-01-01")),
        ),
        (
            Rule::TitleContradicts,
            "a board asks for more from now on, and changes how long a certificate was good",
            |o| {
                certified(o, board(), "2020-03-15")?;
                let minimums = vec![minimum("clinical", 1, 150)];
                enter(o, Renewal { minimums, ..board() })
            },
            |o| {
                certified(o, board(), "2020-03-15")?;
                enter(o, Renewal { grace_months: 6, ..board() })
            },
        ),
        (
            Rule::TitleContradicts,
            "a board certifies nothing else, and no title by law",
            |o| {
                certified(o, board(), "2020-03-15")?;
                enter(o, board())
            },
            |o| {
                certified(o, board(), "2020-03-15")?;
                let law = ProtectedTitle::first().clone();
                ok(o.record(Event::TitleEntered(law.into())))
            },
        ),
    ]
}

/// Certified in 2011, and renewed elsewhere until a day.
fn brought(o: &mut Office, cycle_ends: &str) -> Result<CertificateNumber, Error> {
    *o = Office::of(vec![row(board())]);
    o.on("2024-05-02");
    let application = json!({
        "title": TITLE, "kind": "board_certificate", "basis": "board_examination", "exam": null,
        "decided": "2010-03-01", "granted": "2010-03-01", "cycle_ends": cycle_ends,
    });
    Ok(o.grant(application)?.claims.certificate_number)
}

fn enter(o: &mut Office, renewal: Renewal) -> Result<(), Error> {
    ok(o.record(Event::TitleEntered(row(renewal).into())))
}

#[test]
fn a_board_gives_back_by_its_own_rules() {
    let o = &mut Office::new();
    let certificate = certified(o, board(), "2020-03-15").expect("granted");
    o.on("2020-06-01").did(Event::Revoked { certificate, gravest: true });
    let application = json!({
        "title": TITLE, "kind": "board_certificate", "basis": "board_examination", "exam": null,
        "decided": "2020-07-01", "granted": "2020-07-01",
    });
    o.on("2020-07-01").grant(application).expect("no paragraph bars it");
}

#[test]
fn a_member_of_long_standing_is_in_the_cycle_that_was_named() {
    let o = &mut Office::new();
    let number = brought(o, "2026-01-01").expect("granted");
    let claims = o.register.state().certificate(number).expect("one").claims;
    assert_eq!(claims.exp, day("2026-04-01").start());
    assert_eq!(o.code(number, "2024-05-02", "2024-05-02"), "authorised");
    let enough = ENOUGH.replace("2021", "2025").replace("2022", "2024");
    let renewed = renew(o.on("2026-01-10"), number, &enough).expect("renewed").claims;
    assert_eq!(renewed.exp, day("2029-04-01").start());
    let plain = application(json!({"cycle_ends": "2026-01-01"}));
    let error = Office::new().on("2026-02-01").apply(&plain).expect_err("no cycle");
    assert_eq!(error.code(), "renewal_mismatch");
}

#[test]
fn the_tables_that_were_written_by_hand() {
    for (renewal, table) in [
        (board(), include_str!("../../../../../tests/renewal/board.txt")),
        (society(), include_str!("../../../../../tests/renewal/cases.txt")),
    ] {
        let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
        let granted = lines.next().expect("the day of the grant")[1];
        let o = &mut Office::new();
        let mut number = certified(o, renewal, granted).expect("granted");
        let mut seen = Vec::new();
        for line in lines {
            let [on, standing, then, ..] = line[..] else { panic!("{line:?}") };
            o.on(on);
            assert_eq!(o.code(number, on, on), standing, "{line:?}");
            seen.push((on, standing));
            if then == "-" {
                continue;
            }
            let counts = line[3..].join(" ");
            match renew(o, number, &counts) {
                Ok(issued) => {
                    assert_eq!(then, "renewed", "{line:?}");
                    number = issued.claims.certificate_number;
                    // It is good for as long as the table says: until the first day on which it
                    // lapses.
                    assert_eq!(o.status(number), Status::Valid, "{line:?}");
                }
                Err(error) => assert_eq!(error.code(), format!("renewal_{then}"), "{line:?}"),
            }
        }
        // The past stays what it was: a reinstatement does not fill the time before it.
        let now = o.now;
        let late = now.to_string()[..10].to_owned();
        for (on, standing) in &seen {
            let known = o.code(number, on, &late);
            let renewed_that_day = seen.iter().filter(|(other, _)| other == on).count() > 1;
            assert!(known == *standing || renewed_that_day, "{on}: {known}, {standing}");
        }
    }
}

#[test]
fn what_is_missing_is_told_in_numbers() {
    let o = &mut Office::new();
    let number = certified(o, board(), "2020-03-15").expect("granted");
    let error = renew(o.on("2024-01-10"), number, "clinical 2021=40 2022=38 2023=40 cpd 2021=50");
    assert_eq!(
        error.expect_err("too little").to_string(),
        "what was counted is `2 clinical missing in 2022, of 40; 2 clinical missing in all, of 120; 40 cpd missing in 2022, of 40; 40 cpd \
         missing in 2023, of 40; 70 cpd missing in all, of 120`, expected 40 clinical in each year from 2021 to 2023 and 120 in all, 40 cpd \
         in each year from 2021 to 2023 and 120 in all (rule of the register)"
    );
}

#[test]
fn a_renewal_is_a_new_certificate_for_the_new_period() {
    let o = &mut Office::new();
    let number = certified(o, board(), "2020-03-15").expect("granted");
    let state = o.register.state();
    let first = state.certificate(number).expect("one").claims.clone();
    assert_eq!(first.exp, day("2024-04-01").start());
    let renewed = renew(o.on("2023-11-01"), number, ENOUGH).expect("renewed").claims;
    assert_eq!(renewed.exp, day("2027-04-01").start());
    assert_eq!(renewed.authorisation, first.authorisation);
    assert_ne!(renewed.certificate_number, number);
    assert_eq!(o.status(number), Status::Invalid, "superseded");
    // Another print of it is good for as long.
    let again = o.on("2023-12-01").reissue(number, ReissueReason::LostPrint, None).expect("one");
    assert_eq!(o.register.state().certificate(again).expect("one").claims.exp, renewed.exp);
    // An audit gives the same.
    let read = crate::State::new(o.register.state().statements().iter().cloned()).expect("a state");
    assert_eq!(read.certificate(again).expect("one").claims.exp, renewed.exp);
}

#[test]
fn holders_are_reminded_and_other_states_are_not_told() {
    let o = &mut Office::new();
    let number = certified(o, board(), "2020-03-15").expect("granted");
    let due = |o: &Office, from: &str, days| -> Vec<(String, DueKind)> {
        let due = o.register.state().due(day(from), days, noon(from));
        due.into_iter().map(|due| (due.on.to_string(), due.what)).collect()
    };
    let ends = day("2024-01-01");
    let reminder = |on: &str| (on.to_owned(), DueKind::RenewalReminder { ends });
    assert_eq!(
        due(o, "2023-06-01", 300),
        [reminder("2023-07-01"), reminder("2023-10-01"), reminder("2023-12-01")]
    );
    let on = |day: &str, what| (day.to_owned(), what);
    // A reminder that nobody read is not lost.
    assert_eq!(due(o, "2023-08-01", 30), [on("2024-01-01", DueKind::NotRenewed)]);
    let until = day("2024-04-01");
    assert_eq!(
        due(o, "2024-03-01", 60),
        [
            on("2024-01-01", DueKind::InGrace { until }),
            on("2024-04-01", DueKind::CertificateExpires)
        ]
    );
    assert_eq!(due(o, "2024-05-01", 60), []);
    assert_eq!(due(o, "2026-03-01", 60), [on("2026-04-01", DueKind::ReinstatementEnds)]);
    assert_eq!(due(o, "2026-04-01", 60), []);
    renew(o.on("2023-11-01"), number, ENOUGH).expect("renewed");
    assert_eq!(due(o, "2023-11-02", 60), [], "it was renewed");
    let newest = o.register.state().current_certificate(number).expect("one").claims;
    let certificate = newest.certificate_number;
    o.did(Event::Revoked { certificate, gravest: false });
    assert!(!due(o, "2023-11-02", 60).iter().any(|(_, what)| matches!(what, DueKind::Notice(_))));
}
