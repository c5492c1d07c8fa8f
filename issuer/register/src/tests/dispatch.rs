//! Papers that were printed and sent.

use serde_json::json;

use super::*;
use crate::{
    state::due::DueKind,
    statements::dispatch::{Dispatched, Handling, Paper},
};

fn letters(how: Handling, certificates: &[CertificateNumber]) -> Event {
    Event::Dispatched(Box::new(Dispatched {
        what: Paper::Letter,
        how,
        certificates: certificates.to_vec(),
        decision: None,
        to: None,
    }))
}

fn about(decision: u64) -> Event {
    Event::Dispatched(Box::new(Dispatched {
        what: Paper::DecisionLetter,
        how: Handling::Sent,
        certificates: Vec::new(),
        decision: Some(decision),
        to: None,
    }))
}

fn unsent(o: &Office, days: i32) -> Vec<(CertificateNumber, CivilDate, bool)> {
    let due = o.register.state().due(o.now.civil_date(), days, o.now);
    let unsent = due.into_iter().filter(|due| due.what == DueKind::LetterUnsent);
    unsent.map(|due| (due.certificate, due.on, due.overdue)).collect()
}

fn another(o: &mut Office, hpr: &str) -> CertificateNumber {
    o.grant(json!({"hpr_number": hpr})).expect("a grant").claims.certificate_number
}

#[test]
fn one_statement_records_a_batch_and_each_certificate_shows_it() {
    let o = &mut Office::new();
    let (one, two) = (another(o, "1001"), another(o, "1002"));
    o.did(letters(Handling::Printed, &[one, two]));
    let sent = o.dated(letters(Handling::Sent, &[one]), "2026-01-15", "2026-01-15");
    assert!(sent.is_ok());
    let state = o.register.state();
    let done = |number| -> Vec<_> {
        state.dispatches(number, o.now).map(|(_, papers)| papers.how.word()).collect()
    };
    assert_eq!((done(one), done(two)), (vec!["printed", "sent"], vec!["printed"]));
    let history = state.history(two).expect("known");
    assert_eq!(history.last().expect("one").event.name(), "dispatched");
    // It says nothing about the right.
    assert_eq!(state.past(two, o.now).expect("a past").len(), 1);
}

#[test]
fn a_letter_that_was_never_sent_is_due_once_the_office_records_letters() {
    let o = &mut Office::new();
    let before = another(o, "1001");
    assert_eq!(unsent(o.on("2026-03-01"), 30), [], "nothing was ever recorded");
    let recorded = another(o, "1002");
    o.did(letters(Handling::Printed, &[recorded]));
    let (forgotten, lost) = (another(o, "1003"), another(o, "1004"));
    o.did(revoked(lost));
    assert_eq!(unsent(o, 13), []);
    assert_eq!(unsent(o, 14), [(forgotten, day("2026-03-15"), false)]);
    assert_eq!(unsent(o.on("2026-03-16"), 0), [(forgotten, day("2026-03-15"), true)]);
    let is_unsent =
        |o: &Office, number| o.register.state().letter_is_unsent(number, o.now.civil_date(), o.now);
    assert!(is_unsent(o, before).expect("known") && is_unsent(o, forgotten).expect("known"));
    o.did(letters(Handling::Sent, &[forgotten]));
    assert_eq!(unsent(o, 30), []);
    assert!(!is_unsent(o, forgotten).expect("known"));
}

#[test]
fn the_letter_about_a_decision_is_recorded_by_its_number() {
    let o = &mut Office::new();
    let number = o.granted();
    let suspension = o.did(suspended(number, "2026-02-14"));
    o.did(about(suspension));
    let state = o.register.state();
    assert_eq!(state.letters_about(suspension, o.now).count(), 1);
    let names: Vec<_> =
        state.history(number).expect("known").iter().map(|one| one.event.name()).collect();
    assert_eq!(names, ["granted", "suspended", "dispatched"]);
}

#[test]
fn what_no_paper_can_be_about_is_refused() {
    let o = &mut Office::new();
    let number = o.granted();
    let waived = o.did(Event::Waived { certificate: number, during_supervision: false });
    let with = |change: &dyn Fn(&mut Dispatched)| {
        let Event::Dispatched(mut papers) = letters(Handling::Sent, &[number]) else {
            unreachable!()
        };
        change(&mut papers);
        Event::Dispatched(papers)
    };
    let unknown = "NO-PE-2026-000009".parse().expect("a number");
    for (event, code, says) in [
        (letters(Handling::Sent, &[]), "field_invalid", "each once"),
        (
            letters(Handling::Sent, &[number, number]),
            "field_invalid",
            "2 certificates, 1 different",
        ),
        (letters(Handling::Sent, &[unknown]), "not_found", "NO-PE-2026-000009"),
        (with(&|papers| papers.decision = Some(1)), "field_invalid", "except for a letter about"),
        (with(&|papers| papers.what = Paper::DecisionLetter), "field_invalid", "the number of"),
        (with(&|papers| papers.to = Some("a\nb".into())), "field_invalid", "one line"),
        (about(waived), "field_invalid", "of which there is a letter"),
        (about(99), "statement_not_found", "99"),
    ] {
        let error = o.record(event).expect_err(says);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}
