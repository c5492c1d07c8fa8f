//! Another register compared with this one.

use std::{collections::BTreeSet, slice};

use serde_json::json;
use vernet_common::Kind;

use super::*;
use crate::reconcile::{
    Compared, Differs, ElsewhereRow, ElsewhereStanding, compare_register, compare_roster,
};

/// What another register says of the person of [`application`], if it says the same.
fn row() -> ElsewhereRow {
    ElsewhereRow {
        line: 2,
        hpr_number: "9144889".parse().expect("a number"),
        name: Some("KJÆRSTAD ØSTLYNGEN BRÅTHEN, Åse".into()),
        birthdate: Some(day("1980-02-29")),
        profession: Some("PE".parse().expect("a code")),
        standing: ElsewhereStanding::InForce,
        kind: Some(Kind::Authorisation),
        conditions: None,
        valid_from: Some(day("2020-01-01")),
        valid_to: None,
        merged_into: None,
    }
}

fn compared(o: &Office, rows: &[ElsewhereRow]) -> Compared {
    compare_register(o.register.state(), rows, &BTreeSet::new(), (o.now.civil_date(), o.now))
}

fn codes(compared: &Compared) -> Vec<&'static str> {
    compared.discrepancies.iter().map(|one| one.differs.code()).collect()
}

/// The office with the person of [`application`], who once had a right under another number.
fn merged_office() -> Office {
    let mut o = Office::new();
    let old = o.grant(json!({"hpr_number": "9144880"})).expect("granted").claims;
    o.did(waived(old.certificate_number));
    o.granted();
    o
}

/// What is found in a register with this row alone, and with these decisions.
fn found(o: &Office, row: ElsewhereRow) -> Vec<&'static str> {
    codes(&compared(o, &[row]))
}

#[test]
fn registers_that_say_the_same_do_not_differ() {
    let o = &mut Office::new();
    o.granted();
    let same = compared(o, &[row()]);
    assert_eq!((codes(&same), same.rows, same.rights), (vec![], 1, 1));
    // Ends are written as the last day, or as the first one after it.
    for until in ["2060-02-29", "2060-02-28"] {
        assert!(
            found(o, ElsewhereRow { valid_to: Some(day(until)), ..row() }).is_empty(),
            "{until}"
        );
    }
    let nothing = ElsewhereRow {
        name: None,
        birthdate: None,
        profession: None,
        kind: None,
        valid_from: None,
        ..row()
    };
    assert!(found(o, nothing).is_empty(), "what is not there is not compared");
}

#[test]
fn what_was_lost_there_and_is_live_here_comes_first() {
    let o = &mut Office::new();
    o.granted();
    for (standing, code) in [
        (ElsewhereStanding::Revoked, "revoked_there"),
        (ElsewhereStanding::Annulled, "annulled_there"),
        (ElsewhereStanding::Waived, "waived_there"),
        (ElsewhereStanding::Suspended, "suspended_there"),
        (ElsewhereStanding::Deceased, "deceased_there"),
        (ElsewhereStanding::Ended, "ended_there"),
    ] {
        assert_eq!(found(o, ElsewhereRow { standing, ..row() }), [code]);
    }
    let over = ElsewhereRow { valid_to: Some(o.now.civil_date()), ..row() };
    assert_eq!(found(o, over), ["ended_there"], "its status still says that it is in force");
    let both = compared(
        o,
        &[ElsewhereRow {
            standing: ElsewhereStanding::Revoked,
            name: Some("Åse Nordmann".into()),
            ..row()
        }],
    );
    assert_eq!(codes(&both), ["revoked_there", "name_differs"]);
    let first = &both.discrepancies[0];
    assert_eq!((first.here.as_str(), first.there.as_str()), ("authorised", "revoked"));
    assert_eq!(first.certificate, Some("NO-PE-2026-000001".parse().expect("a number")));
    assert!(Differs::ALL.is_sorted() && Differs::ALL[0] == Differs::RevokedThere);
}

#[test]
fn a_newer_right_there_counts_and_an_older_loss_does_not() {
    let o = &mut Office::new();
    o.granted();
    let lost = ElsewhereRow {
        line: 3,
        standing: ElsewhereStanding::Revoked,
        valid_from: Some(day("2010-01-01")),
        ..row()
    };
    assert!(codes(&compared(o, &[row(), lost.clone()])).is_empty());
    let ended = ElsewhereRow { standing: ElsewhereStanding::Ended, ..row() };
    let newer = ElsewhereRow { valid_from: Some(day("2021-01-01")), ..lost };
    assert_eq!(codes(&compared(o, &[ended, newer])), ["revoked_there"]);
}

#[test]
fn who_is_in_one_register_alone_is_found() {
    let o = &mut Office::new();
    o.granted();
    let other = ElsewhereRow { hpr_number: "9144900".parse().expect("a number"), ..row() };
    assert_eq!(codes(&compared(o, slice::from_ref(&other))), ["unknown_there", "unknown_here"]);
    let nurse = ElsewhereRow { profession: Some("SP".parse().expect("a code")), ..row() };
    let found = compared(o, &[nurse]);
    assert_eq!((codes(&found), found.others), (vec!["unknown_there"], 1));
    let serves = ElsewhereRow { kind: Some(Kind::TemporaryService), ..other.clone() };
    assert_eq!(codes(&compared(o, &[row(), serves])), Vec::<&str>::new(), "temporary service");
    let over = ElsewhereRow { standing: ElsewhereStanding::Ended, ..other };
    assert!(codes(&compared(o, &[row(), over])).is_empty());
    // Whose row cannot be read is not called unknown.
    let unread = BTreeSet::from([row().hpr_number]);
    let today = (o.now.civil_date(), o.now);
    let found = compare_register(o.register.state(), &[], &unread, today);
    assert_eq!((codes(&found), found.rights, found.not_compared), (vec![], 0, 1));
}

#[test]
fn what_ended_here_and_is_live_there_is_found() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    assert_eq!(found(o, row()), ["live_there"]);
    assert!(found(o, ElsewhereRow { standing: ElsewhereStanding::Suspended, ..row() }).is_empty());
    let revoked_there = ElsewhereRow { standing: ElsewhereStanding::Revoked, ..row() };
    assert_eq!(found(o, revoked_there.clone()), ["revoked_there"], "the suspension ends by itself");
    o.did(revoked(number));
    assert_eq!(found(o, row()), ["live_there"]);
    assert!(found(o, revoked_there).is_empty());
    assert!(codes(&compared(o, &[])).is_empty(), "neither has it");
}

#[test]
fn names_birth_dates_kinds_and_periods_are_compared() {
    let o = &mut Office::new();
    let number = o.granted();
    let name = |name: &str| ElsewhereRow { name: Some(name.into()), ..row() };
    assert!(found(o, name("ÅSE KJÆRSTAD ØSTLYNGEN–BRÅTHEN")).is_empty());
    assert_eq!(found(o, name("Åse Østlyngen")), ["name_differs"]);
    let born = Some(day("1980-03-29"));
    assert_eq!(found(o, ElsewhereRow { birthdate: born, ..row() }), ["birthdate_differs"]);
    assert_eq!(
        found(o, ElsewhereRow { birthdate: born, ..name("Åse Li") }),
        ["birthdate_differs", "name_differs"]
    );
    assert_eq!(found(o, ElsewhereRow { birthdate: born, ..name("Ola Li") }), ["two_persons"]);
    let of_kind = |kind| ElsewhereRow { kind: Some(kind), ..row() };
    assert_eq!(found(o, of_kind(Kind::Licence)), ["kind_differs"]);
    assert_eq!(found(o, of_kind(Kind::LimitedAuthorisation)), ["conditions_there"]);
    assert_eq!(found(o, ElsewhereRow { conditions: Some(true), ..row() }), ["conditions_there"]);
    let from = Some(day("2019-12-31"));
    assert_eq!(found(o, ElsewhereRow { valid_from: from, ..row() }), ["period_differs"]);
    let until = Some(day("2055-02-28"));
    assert_eq!(found(o, ElsewhereRow { valid_to: until, ..row() }), ["period_differs"]);
    o.did(limited(number, None));
    assert!(found(o, of_kind(Kind::LimitedAuthorisation)).is_empty());
    assert_eq!(found(o, row()), ["conditions_here"]);
}

#[test]
fn merged_numbers_are_followed_on_both_sides() {
    let o = &mut merged_office();
    let (old, new) = ("9144880".parse().expect("a number"), "9144889".parse().expect("a number"));
    let other = "9144900".parse().expect("a number");
    assert_eq!(found(o, ElsewhereRow { merged_into: Some(other), ..row() }), ["merged_there"]);
    o.did(merged("9144880", "9144889"));
    let gone = ElsewhereRow { line: 3, hpr_number: old, merged_into: Some(new), ..row() };
    assert!(codes(&compared(o, &[row(), gone.clone()])).is_empty());
    let alone = ElsewhereRow { merged_into: None, ..gone };
    assert_eq!(codes(&compared(o, &[row(), alone.clone()])), ["merged_here"]);
    let lost = ElsewhereRow { standing: ElsewhereStanding::Revoked, ..alone.clone() };
    assert_eq!(codes(&compared(o, &[row(), lost])), ["revoked_there"], "it is one person");
    let over = ElsewhereRow { standing: ElsewhereStanding::Ended, ..alone };
    assert!(codes(&compared(o, &[row(), over])).is_empty(), "a number that was given up ends");
}

#[test]
fn what_was_corrected_here_is_compared_as_it_is_right() {
    let o = &mut Office::new();
    let number = o.granted();
    let right = "9144901".parse().expect("a number");
    let correction = crate::Correction {
        hpr_number: Some(right),
        birthdate: Some(day("1980-03-29")),
        ..crate::Correction::of(number)
    };
    o.did(Event::Corrected(Box::new(correction)));
    assert_eq!(codes(&compared(o, &[row()])), ["unknown_there", "unknown_here"]);
    let corrected = ElsewhereRow { hpr_number: right, birthdate: Some(day("1980-03-29")), ..row() };
    assert!(found(o, corrected).is_empty());
}

#[test]
fn a_roster_tells_who_is_not_authorised() {
    let o = &mut merged_office();
    let roster = |o: &Office, hpr: &str| {
        let row = ElsewhereRow {
            hpr_number: hpr.parse().expect("a number"),
            name: None,
            birthdate: None,
            ..row()
        };
        codes(&compare_roster(o.register.state(), &[row], (o.now.civil_date(), o.now)))
    };
    assert!(roster(o, "9144889").is_empty() && roster(o, "009144889").is_empty());
    assert_eq!(roster(o, "9144900"), ["roster_unknown"]);
    assert_eq!(roster(o, "9144880"), ["roster_not_authorised"], "it was given up");
    o.did(merged("9144880", "9144889"));
    assert_eq!(roster(o, "9144880"), ["roster_old_number"]);
    let person = "9144889".parse().expect("a number");
    let number = *o.register.state().authorisations_of(person, o.now).last().expect("one");
    o.did(limited(number, None));
    assert!(roster(o, "9144889").is_empty(), "with conditions");
    o.did(suspended(number, "2026-03-01"));
    assert_eq!(roster(o, "9144889"), ["roster_not_authorised"]);
    assert!(roster(o.on("2026-03-01"), "9144889").is_empty());
}

#[test]
fn every_difference_has_a_code_and_a_test_of_its_own() {
    let text = include_str!("reconcile.rs");
    let codes: BTreeSet<_> = Differs::ALL.iter().map(|differs| differs.code()).collect();
    assert_eq!(codes.len(), Differs::ALL.len());
    for code in codes {
        assert!(text.contains(&format!("\"{code}\"")), "`{code}` has no test");
    }
}
