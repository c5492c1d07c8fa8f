//! What is due: expiry, suspensions that end, alerts.

use serde_json::json;

use super::*;
use crate::state::due::{Due, DueKind};

fn due(o: &Office, days: i32) -> Vec<Due> {
    o.register.state().due(o.now.civil_date(), days, o.now)
}

#[test]
fn certificates_are_due_before_they_expire() {
    let o = &mut Office::new();
    let licence =
        o.grant(json!({"kind": "licence", "valid_to": "2026-02-14"})).expect("a licence").claims;
    assert_eq!(due(o, 29), []);
    let expires = Due {
        on: day("2026-02-14"),
        overdue: false,
        certificate: licence.certificate_number,
        what: DueKind::CertificateExpires,
    };
    assert_eq!(due(o, 30), std::slice::from_ref(&expires));
    assert_eq!(due(o.on("2026-02-14"), 30), [expires]);
    assert_eq!(due(o.on("2026-02-15"), 30), []);
}

#[test]
fn suspensions_are_due_before_they_end_by_themselves() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(suspended(number, "2026-02-14"));
    o.did(Event::Alerted { certificate: number, decision });
    assert_eq!(due(o, 29), []);
    let [ends] = &due(o, 30)[..] else { panic!("one thing is due") };
    assert_eq!(
        (ends.on, ends.overdue, &ends.what),
        (day("2026-02-14"), false, &DueKind::SuspensionEnds)
    );
    o.on("2026-02-01").did(lifted(number));
    assert_eq!(due(o.on("2026-02-02"), 30), []);
}

#[test]
fn alerts_are_due_three_days_after_the_decision_until_they_are_sent() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.dated(revoked(number), "2026-01-14", "2026-02-01").expect("revoked").seq;
    assert_eq!(due(o, 1), []);
    let [alert] = &due(o, 2)[..] else { panic!("one thing is due") };
    assert_eq!((alert.on, alert.overdue), (day("2026-01-17"), false));
    let DueKind::EeaAlert(what) = &alert.what else { panic!("an alert") };
    assert_eq!(
        (what.decision, what.scope, what.authority),
        (decision, "revoked", "Statens helsetilsyn")
    );
    assert_eq!((what.from, what.until), (day("2026-02-01"), None));
    assert!(!due(o.on("2026-01-17"), 0)[0].overdue);
    assert!(due(o.on("2026-01-18"), 0)[0].overdue);
    o.did(Event::Alerted { certificate: number, decision });
    assert_eq!(due(o, 365), []);
}

#[test]
fn suspensions_and_limitations_are_alerted_with_their_period_and_liftings_are_not() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    o.did(limited(number, Some("2027-01-01")));
    o.did(lifted(number));
    let scopes: Vec<_> = due(o, 3)
        .into_iter()
        .map(|due| match due.what {
            DueKind::EeaAlert(alert) => (alert.scope, alert.until),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        scopes,
        [("suspended", Some(day("2026-03-01"))), ("limited", Some(day("2027-01-01")))]
    );
}

#[test]
fn a_decision_that_fell_is_not_alerted() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(revoked(number));
    assert_eq!(due(o, 3).len(), 1);
    o.did(reversed(number, decision));
    assert_eq!(due(o, 3), []);
}
