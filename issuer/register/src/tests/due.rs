//! What is due: expiry, suspensions that end, alerts.

use serde_json::json;

use super::*;
use crate::state::due::{Due, DueKind};

fn all_due(o: &Office, days: i32) -> Vec<Due> {
    o.register.state().due(o.now.civil_date(), days, o.now)
}

/// What is due besides the notices within Norway and beside it, and the ends of times.
fn due(o: &Office, days: i32) -> Vec<Due> {
    let mut due = all_due(o, days);
    due.retain(|due| match &due.what {
        DueKind::Notice(notice) => matches!(notice.notice, Notice::EeaAlert | Notice::EeaEnd),
        DueKind::AppealEnds { .. } | DueKind::SuitEnds { .. } => false,
        _ => true,
    });
    due
}

/// The notices that are due, each as its word, its scope, its day and the end of the reaction.
fn notices(o: &Office, days: i32) -> Vec<(&'static str, &'static str, String, Option<CivilDate>)> {
    let notice = |due: Due| match due.what {
        DueKind::Notice(notice) => {
            Some((notice.notice.word(), notice.scope, due.on.to_string(), notice.until))
        }
        _ => None,
    };
    all_due(o, days).into_iter().filter_map(notice).collect()
}

fn notified(certificate: CertificateNumber, decision: u64, notice: Notice) -> Event {
    Event::Notified { certificate, decision, notice, withdrawn: None }
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
    o.did(notified(number, decision, Notice::EeaAlert));
    assert_eq!(due(o, 29), []);
    let [ends] = &due(o, 30)[..] else { panic!("one thing is due") };
    assert_eq!(
        (ends.on, ends.overdue, &ends.what),
        (day("2026-02-14"), false, &DueKind::SuspensionEnds)
    );
    o.on("2026-02-01").did(lifted(number));
    assert!(
        due(o.on("2026-02-02"), 30).iter().all(|due| due.what != DueKind::SuspensionEnds),
        "it was lifted"
    );
}

#[test]
fn alerts_are_due_three_days_after_the_decision_until_they_are_sent() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.dated(revoked(number), "2026-01-14", "2026-02-01").expect("revoked").seq;
    assert_eq!(due(o, 1), []);
    let [alert] = &due(o, 2)[..] else { panic!("one thing is due") };
    assert_eq!((alert.on, alert.overdue), (day("2026-01-17"), false));
    let DueKind::Notice(what) = &alert.what else { panic!("an alert") };
    assert_eq!(
        (what.decision, what.scope, what.authority),
        (decision, "revoked", "Statens helsetilsyn")
    );
    assert_eq!((what.from, what.until), (day("2026-02-01"), None));
    assert!(!due(o.on("2026-01-17"), 0)[0].overdue);
    assert!(due(o.on("2026-01-18"), 0)[0].overdue);
    o.did(notified(number, decision, Notice::EeaAlert));
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
            DueKind::Notice(alert) => (alert.scope, alert.until),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        scopes,
        [("suspended", Some(o.now.civil_date())), ("limited", Some(day("2027-01-01")))],
        "nobody is told that the suspension which was lifted goes on"
    );
}

#[test]
fn a_decision_that_fell_is_not_alerted() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(revoked(number));
    assert_eq!(due(o, 3).len(), 1);
    o.did(reversed(number, decision));
    let due: Vec<_> = due(o, 3).into_iter().map(|due| due.what).collect();
    assert_eq!(due, [PAPER_MISSING], "only the new paper is due");
}

#[test]
fn everybody_who_must_know_of_a_decision_is_due() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(waived(number));
    let on = || "2026-01-15".to_owned();
    assert_eq!(
        notices(o, 3),
        [
            ("employer", "waived", on(), None),
            ("nordic", "waived", on(), None),
            ("hpr", "waived", on(), None),
            ("eea_alert", "waived", "2026-01-18".to_owned(), None),
        ]
    );
    let authority = |due: &Due| match &due.what {
        DueKind::Notice(notice) => notice.authority,
        other => panic!("{other:?}"),
    };
    assert!(all_due(o, 3).iter().all(|due| authority(due) == "statsforvalteren"));
    o.did(notified(number, decision, Notice::Employer));
    // There is nobody to tell.
    let reason = Some("no employer is known".to_owned());
    o.did(Event::Notified {
        certificate: number,
        decision,
        notice: Notice::Nordic,
        withdrawn: reason,
    });
    o.did(notified(number, decision, Notice::Hpr));
    o.did(notified(number, decision, Notice::EeaAlert));
    assert_eq!(all_due(o, 365), [], "a waiver is nothing to appeal against");
}

#[test]
fn the_other_states_are_told_when_a_reaction_ends_or_falls() {
    type Ending = fn(&mut Office, CertificateNumber, u64);
    let cases: [(&str, Event, Ending, &str); 6] = [
        ("by itself", suspended(number(), "2026-01-25"), |_, _, _| {}, "2026-01-28"),
        (
            "lifted",
            open_ended(number(), SuspensionGround::Information),
            |o, number, _| {
                o.did(lifted(number));
            },
            "2026-02-04",
        ),
        (
            "lifted limitation",
            limited(number(), None),
            |o, number, _| {
                o.did(limitation_lifted(number));
            },
            "2026-02-04",
        ),
        (
            "ended instruction",
            instructed(number(), None),
            |o, certificate, decision| {
                o.did(Event::InstructionEnded { certificate, decision });
            },
            "2026-02-04",
        ),
        (
            "fell",
            revoked(number()),
            |o, number, decision| {
                o.did(reversed(number, decision));
            },
            "2026-02-04",
        ),
        (
            "new authorisation",
            waived(number()),
            |o, number, _| {
                let previous = number.to_string();
                o.grant(json!({"basis": "new_authorisation", "exam": null, "previous_certificate": previous,
                    "decided": "2026-02-01", "granted": "2026-02-01"}))
                    .expect("granted");
            },
            "2026-02-04",
        ),
    ];
    for (about, event, end, expected) in cases {
        let o = &mut Office::new();
        let number = o.granted();
        let decision = o.did(event.clone());
        o.did(notified(number, decision, Notice::EeaAlert));
        end(o.on("2026-02-01"), number, decision);
        let ends: Vec<_> = notices(o, 3).into_iter().filter(|due| due.0 == "eea_end").collect();
        let [(_, scope, on, _)] = &ends[..] else { panic!("{about}: {ends:?}") };
        assert_eq!((*scope, &on[..]), (event.name(), expected), "{about}");
        o.did(notified(number, decision, Notice::EeaEnd));
        assert!(notices(o, 365).iter().all(|due| due.0 != "eea_end"), "{about}");
    }
}

/// The notices within the Nordic states that are due, of the ends and of the beginnings.
fn of_ends(o: &Office) -> Vec<(&'static str, &'static str, String, Option<CivilDate>)> {
    let word = |notice: Notice| notice.begun_by().filter(|_| notice != Notice::EeaEnd);
    let is_end =
        |found: &str| Notice::ALL.into_iter().any(|n| n.word() == found && word(n).is_some());
    notices(o, 30).into_iter().filter(|(found, ..)| is_end(found)).collect()
}

fn told(o: &mut Office, number: CertificateNumber, decision: u64) {
    for notice in [Notice::Employer, Notice::Nordic, Notice::Hpr] {
        o.did(notified(number, decision, notice));
    }
}

#[test]
fn whoever_was_told_of_a_reaction_is_told_that_it_ended_otherwise() {
    type Ending = fn(&mut Office, CertificateNumber, u64);
    let cases: [(&str, Event, Ending); 5] = [
        ("lifted", suspended(number(), "2026-03-01"), |o, number, _| {
            o.did(lifted(number));
        }),
        (
            "information was given",
            open_ended(number(), SuspensionGround::Information),
            |o, number, _| {
                o.did(lifted(number));
            },
        ),
        ("limitation lifted", limited(number(), Some("2027-01-01")), |o, number, _| {
            o.did(limitation_lifted(number));
        }),
        ("instruction ended", instructed(number(), None), |o, certificate, decision| {
            o.did(Event::InstructionEnded { certificate, decision });
        }),
        ("fell", revoked(number()), |o, number, decision| {
            o.did(reversed(number, decision));
        }),
    ];
    for (about, event, end) in cases {
        let o = &mut Office::new();
        let number = o.granted();
        let decision = o.did(event.clone());
        told(o, number, decision);
        end(o.on("2026-02-01"), number, decision);
        let is = |word| (word, event.name(), "2026-02-01".to_owned(), Some(day("2026-02-01")));
        assert_eq!(of_ends(o), [is("employer_end"), is("nordic_end"), is("hpr_end")], "{about}");
        for notice in [Notice::EmployerEnd, Notice::NordicEnd, Notice::HprEnd] {
            o.did(notified(number, decision, notice));
        }
        assert_eq!(of_ends(o), [], "{about}");
    }
}

#[test]
fn nobody_is_told_again_of_an_end_that_they_know() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(suspended(number, "2026-02-01"));
    told(o, number, decision);
    assert_eq!(of_ends(o.on("2026-02-02")), [], "it ended by itself, as they were told");

    let o = &mut Office::new();
    let number = o.granted();
    let first = o.did(suspended(number, "2026-02-01"));
    told(o, number, first);
    let more = o.on("2026-01-20").did(extended(number, "2026-03-01"));
    told(o, number, more);
    assert_eq!(of_ends(o.on("2026-03-02")), [], "they were told of the extension");

    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(suspended(number, "2026-03-01"));
    o.on("2026-02-01").did(lifted(number));
    told(o.on("2026-02-02"), number, decision);
    assert_eq!(of_ends(o), [], "they were told of it with its end");
}

#[test]
fn an_emergency_that_nobody_confirmed_is_told_as_ended() {
    let o = &mut Office::new();
    let number = o.granted();
    let alone = Event::Suspended {
        certificate: number,
        until: Some(day("2026-06-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-01-22")),
    };
    let decision = o.did(alone);
    let until = |o: &Office| notices(o, 3).first().and_then(|(.., until)| *until);
    assert_eq!(until(o), Some(day("2026-06-01")), "as it was decided");
    told(o, number, decision);
    assert_eq!(of_ends(o.on("2026-01-21")), []);
    assert_eq!(of_ends(o.on("2026-01-22")).len(), 3);
    assert_eq!(of_ends(o)[0].3, Some(day("2026-01-22")));
}

#[test]
fn nobody_is_told_the_end_of_what_they_were_not_told_of() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(suspended(number, "2026-03-01"));
    o.did(lifted(number));
    assert!(notices(o, 30).iter().all(|due| due.0 != "eea_end"));
    let reason = Some("it ended on the same day".to_owned());
    let withdrawn = Event::Notified {
        certificate: number,
        decision,
        notice: Notice::EeaAlert,
        withdrawn: reason,
    };
    o.did(withdrawn);
    assert!(notices(o, 30).iter().all(|due| due.0 != "eea_end" && due.0 != "eea_alert"));
}

#[test]
fn the_other_states_are_alerted_since_norway_takes_part() {
    let o = &mut Office::new();
    let granted = json!({"decided": "2019-06-01", "granted": "2019-06-01"});
    let number = o.on("2019-11-29").grant(granted).expect("a grant").claims.certificate_number;
    o.did(suspended(number, "2020-03-01"));
    assert!(notices(o, 30).iter().all(|due| due.0 != "eea_alert"));
}

#[test]
fn the_times_to_appeal_and_to_go_to_court_are_told_until_they_are_over() {
    let times = |o: &Office, days| -> Vec<_> {
        let time = |due: &Due| {
            matches!(due.what, DueKind::AppealEnds { .. } | DueKind::SuitEnds { .. })
                .then(|| (due.on.to_string(), due.overdue))
        };
        all_due(o, days).iter().filter_map(time).collect()
    };
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(revoked(number));
    assert_eq!(times(o, 21), [("2026-02-05".to_owned(), false)]);
    assert_eq!(times(o.on("2026-02-06"), 30), []);
    // The appeal was dismissed.
    o.did(Event::Upheld { certificate: number, decision });
    assert_eq!(times(o, 365), [("2026-08-06".to_owned(), false)]);
    // It was successful in part: the milder decision cannot be appealed against again.
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(revoked(number));
    o.on("2026-02-01").did(replaced(number, decision, suspended(number, "2026-03-01")));
    assert_eq!(times(o, 365), [("2026-08-01".to_owned(), false)]);
    // It was successful.
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(revoked(number));
    o.did(reversed(number, decision));
    assert_eq!(times(o, 365), []);
}

const PAPER_MISSING: DueKind = DueKind::PaperMissing { because: ReissueReason::Appeal };

#[test]
fn a_right_that_came_back_is_overdue_until_it_has_a_paper() {
    for stay in [false, true] {
        let o = &mut Office::new();
        let certificate = o.granted();
        let decision = o.did(revoked(certificate));
        let missing = |o: &Office| {
            let due = o.register.state().due(o.now.civil_date(), 30, o.now);
            due.iter().any(|due| due.overdue && due.what == PAPER_MISSING)
        };
        assert!(!missing(o), "it is revoked");
        o.on("2026-02-01").did(match stay {
            true => Event::Stayed { certificate, decision },
            false => reversed(certificate, decision),
        });
        assert!(missing(o), "hospitals refuse the holder");
        assert_eq!(
            o.register.state().paper_needed(certificate, o.now.civil_date(), o.now).ok(),
            Some(Some(ReissueReason::Appeal))
        );
        let again = o.reissue(certificate, ReissueReason::Appeal, None).expect("another one");
        assert_eq!(o.status(again), Status::Valid);
        assert!(!missing(o));
    }
}
