//! Figures: people counted once, decisions by their day, and how long they took.

use serde_json::json;
use vernet_common::HprNumber;

use super::*;
use crate::state::figures::{AgeGroup, Days, Happening, Happenings, Headcount, Tally};

fn days(from: &str, to: &str) -> Days {
    Days::new(day(from), day(to)).expect("a period")
}

fn headcount(o: &Office, on: &str, known_at: &str) -> Headcount {
    o.register.state().headcount(day(on), noon(known_at))
}

fn happened(o: &Office, from: &str, to: &str, known_at: &str) -> Happenings {
    o.register.state().happenings(days(from, to), noon(known_at))
}

/// How often and to how many people, of the perfusionists.
fn tally(found: &Happenings, what: Happening) -> (u64, u64) {
    let title = ProtectedTitle::first().title.clone();
    let Tally { times, persons } = found.counts.get(&(title, what)).copied().unwrap_or_default();
    (times, persons)
}

fn detail(found: &Happenings, what: Happening, word: &str) -> u64 {
    let of = found.details.iter().filter(|((_, of, detail), _)| *of == what && detail.word == word);
    of.map(|(_, tally)| tally.times).sum()
}

/// Somebody else.
fn other(hpr: &str, changes: Value) -> Value {
    let mut value = json!({"hpr_number": hpr, "given_name": "Kari", "family_name": "Nordmann"});
    value.as_object_mut().expect("an object").extend(changes.as_object().expect("one").clone());
    value
}

fn hpr(text: &str) -> HprNumber {
    text.parse().expect("a number")
}

#[test]
fn nobody_is_counted_twice() {
    let o = &mut Office::new();
    let licence =
        o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"})).expect("a licence").claims;
    let second = json!({"previous_certificate": licence.certificate_number.to_string(), "decided": "2026-01-15",
        "granted": "2026-01-15"});
    o.grant(second).expect("an authorisation");
    // The same person under another number, which comes out later.
    let again = o.on("2026-02-01").grant(other("9144900", json!({}))).expect("another").claims;
    assert_eq!(headcount(o, "2026-02-01", "2026-02-01").authorised, 2);
    o.on("2026-02-20").did(waived(again.certificate_number));
    o.on("2026-03-01").did(merged("9144900", "9144889"));
    let count = headcount(o, "2026-02-01", "2026-03-01");
    assert_eq!((count.authorised, count.cells.values().sum::<u64>()), (1, 1));
    assert_eq!(headcount(o, "2026-02-01", "2026-02-28").authorised, 2, "as known before");
    let found = happened(o, "2026-01-01", "2026-12-31", "2026-03-01");
    assert_eq!(tally(&found, Happening::Granted), (1, 1), "one was decided this year");
    let found = happened(o, "2020-01-01", "2026-12-31", "2026-03-01");
    assert_eq!(tally(&found, Happening::Granted), (3, 1));
    assert_eq!(tally(&found, Happening::LicenceEnded), (0, 0), "it was replaced before");
    assert_eq!(o.register.state().successor(hpr("9144900"), o.now), hpr("9144889"));
}

#[test]
fn who_is_authorised_is_counted_by_all_that_is_known_of_them() {
    let o = &mut Office::new();
    let first = o.granted();
    let second = o.grant(other("9144900", json!({"birthdate": "1999-06-01"}))).expect("granted");
    let third = o.grant(other("9144901", json!({"kind": "licence", "valid_to": "2026-12-01"})));
    third.expect("a licence");
    o.did(limited(first, None));
    o.did(suspended(second.claims.certificate_number, "2026-03-01"));
    let count = headcount(o, "2026-02-28", "2026-01-15");
    assert_eq!(count.authorised, 2);
    let cells: Vec<_> = count
        .cells
        .iter()
        .map(|(c, n)| format!("{} {} {} {} {n}", c.standing.word(), c.kind, c.age, c.year))
        .collect();
    assert_eq!(
        cells,
        [
            "authorised licence 40-49 2020 1",
            "with_conditions authorisation 40-49 2020 1",
            "suspended authorisation 0-29 2020 1"
        ]
    );
    assert_eq!(count.authorised_by(|cell| cell.kind)["licence"], 1);
    assert_eq!(count.authorised_by(|cell| cell.year)[&2020], 2);
    // The suspension ends by itself, and the licence.
    assert_eq!(headcount(o, "2026-03-01", "2026-01-15").authorised, 3);
    assert_eq!(headcount(o, "2026-12-01", "2026-01-15").authorised, 2);
    assert_eq!(headcount(o, "2019-12-31", "2026-01-15").authorised, 0);
}

#[test]
fn ages_are_whole_years_in_groups_of_ten() {
    let group = |birthdate: &str, on: &str| AgeGroup::of(day(birthdate), day(on)).to_string();
    assert_eq!(group("1996-05-02", "2026-05-01"), "0-29");
    assert_eq!(group("1996-05-01", "2026-05-01"), "30-39");
    assert_eq!(group("1986-05-02", "2026-05-01"), "30-39");
    assert_eq!(group("1996-02-29", "2026-02-28"), "30-39", "as the law counts: the earlier day");
    assert_eq!(group("1946-05-02", "2026-05-01"), "70-79");
    assert_eq!(group("1930-05-02", "2026-05-01"), "80+");
    assert_eq!(group("2020-05-02", "2026-05-01"), "0-29");
}

#[test]
fn decisions_are_counted_by_their_day() {
    let o = &mut Office::new();
    let number = o.granted();
    o.on("2026-02-01")
        .dated(suspended(number, "2026-06-01"), "2026-01-31", "2026-02-01")
        .expect("suspended");
    o.on("2026-02-05").did(lifted(number));
    o.on("2026-06-10").did(limited(number, None));
    let revocation = o.on("2026-07-01").did(revoked(number));
    let found = happened(o, "2026-02-01", "2026-12-31", "2026-12-31");
    assert_eq!(tally(&found, Happening::Suspended), (0, 0), "decided the day before");
    let found = happened(o, "2026-01-31", "2026-06-10", "2026-12-31");
    assert_eq!(tally(&found, Happening::Suspended), (1, 1));
    assert_eq!(detail(&found, Happening::Suspended, "revocation"), 1);
    assert_eq!(tally(&found, Happening::Limited), (1, 1), "the last day counts");
    assert_eq!(tally(&found, Happening::Revoked), (0, 0));
    let found = happened(o, "2026-01-01", "2026-12-31", "2026-06-30");
    assert_eq!(tally(&found, Happening::Revoked), (0, 0), "nobody knew");

    o.on("2026-08-01").did(Event::Stayed { certificate: number, decision: revocation });
    o.on("2026-09-01").did(reversed(number, revocation));
    o.on("2026-09-02").reissue(number, ReissueReason::Appeal, None).expect("a new certificate");
    let found = happened(o, "2026-01-01", "2026-12-31", "2026-12-31");
    assert_eq!(tally(&found, Happening::Revoked), (1, 1), "it was decided, and fell");
    assert_eq!(tally(&found, Happening::Appealed), (1, 1), "one decision, twice");
    assert_eq!(tally(&found, Happening::Stayed), (1, 1));
    assert_eq!(tally(&found, Happening::Reversed), (1, 1));
    assert_eq!(tally(&found, Happening::Upheld), (0, 0));
    assert_eq!(tally(&found, Happening::Reissued), (1, 1));
    assert_eq!(detail(&found, Happening::Reissued, "appeal"), 1);
}

#[test]
fn lapses_and_deaths_count_on_their_own_day_and_not_ahead() {
    let o = &mut Office::new();
    o.grant(json!({"birthdate": "1946-06-01"})).expect("granted");
    o.grant(other("9144900", json!({"kind": "licence", "valid_to": "2026-05-01"})))
        .expect("granted");
    let third = o.grant(other("9144901", json!({}))).expect("granted").claims.certificate_number;
    o.on("2026-07-01").dated(deceased(third), "2026-07-01", "2026-06-20").expect("recorded");
    let found = happened(o, "2026-05-01", "2026-06-30", "2026-07-01");
    assert_eq!(tally(&found, Happening::LapsedByAge), (1, 1));
    assert_eq!(tally(&found, Happening::LicenceEnded), (1, 1));
    assert_eq!(tally(&found, Happening::Deceased), (1, 1));
    let found = happened(o, "2026-01-01", "2026-12-31", "2026-05-31");
    assert_eq!(tally(&found, Happening::LapsedByAge), (0, 0), "the day has not come");
    assert_eq!(tally(&found, Happening::LicenceEnded), (1, 1));
}

#[test]
fn what_was_corrected_counts_as_it_is_right() {
    let o = &mut Office::new();
    let number = o.granted();
    let second = o.grant(other("9144900", json!({}))).expect("granted").claims.certificate_number;
    let death = o.did(deceased(second));
    let correction =
        crate::Correction { birthdate: Some(day("1999-02-28")), ..crate::Correction::of(number) };
    o.on("2026-02-01").did(Event::Corrected(Box::new(correction)));
    o.did(Event::Retracted { statement: death });
    let ages = |known_at: &str| -> Vec<_> {
        let count = headcount(o, "2026-03-01", known_at);
        count.cells.keys().map(|cell| cell.age.to_string()).collect()
    };
    assert_eq!(ages("2026-01-31"), ["40-49"], "as known before");
    assert_eq!(ages("2026-02-01"), ["0-29", "40-49"]);
    let found = happened(o, "2026-01-01", "2026-12-31", "2026-03-01");
    assert_eq!(tally(&found, Happening::Deceased), (0, 0), "it never was");
    assert_eq!(tally(&found, Happening::Corrected), (1, 1));
    let found = happened(o, "2026-01-01", "2026-12-31", "2026-01-31");
    assert_eq!(tally(&found, Happening::Deceased), (1, 1));
}

#[test]
fn how_long_it_took_is_told_by_quartiles() {
    let o = &mut Office::new();
    for (place, applied) in
        ["2026-01-14", "2026-01-13", "2026-01-11", "2026-01-05"].into_iter().enumerate()
    {
        let changes = json!({"applied": applied, "decided": "2026-01-15", "granted": "2026-01-15"});
        o.grant(other(&format!("{}", 9_144_900 + place), changes)).expect("granted");
    }
    o.grant(json!({"decided": "2026-01-15", "granted": "2026-01-15"})).expect("granted");
    let waits = application(other(
        "9144910",
        json!({"applied": "2026-01-02", "decided": "2026-01-15", "granted": "2026-01-15"}),
    ));
    let proposed = o.propose(Proposal::to_grant(waits), &kari()).expect("proposed");
    let refused = application(other(
        "9144911",
        json!({"applied": "2026-01-05", "decided": "2026-01-15", "granted": "2026-01-15"}),
    ));
    let refused = crate::Refused { application: refused, reason: "2026/1".into() };
    o.did(Event::Refused(Box::new(refused)));

    let title = ProtectedTitle::first().title.clone();
    let found = happened(o, "2026-01-01", "2026-01-31", "2026-01-31");
    let took = &found.from_application[&(title.clone(), Happening::Granted)];
    let quartiles = took.quartiles.map(|quartile| quartile.to_string());
    // Of 1, 2, 4 and 10 days.
    assert_eq!(
        (quartiles, took.longest, took.count),
        (["1.75", "3", "5.5"].map(str::to_owned), 10, 4)
    );
    assert_eq!(found.without_application_day[&(title.clone(), Happening::Granted)], 1);
    assert_eq!(found.from_application[&(title.clone(), Happening::Refused)].longest, 10);
    assert_eq!(tally(&found, Happening::Refused), (1, 1));
    assert_eq!(detail(&found, Happening::Refused, "norwegian_exam"), 1);
    assert_eq!(tally(&found, Happening::Applied), (6, 6), "one waits");

    // Approved two days later, it is no other application.
    o.on("2026-01-17").approve(proposed.seq, &ola()).expect("granted");
    let found = happened(o, "2026-01-01", "2026-01-31", "2026-01-31");
    assert_eq!(tally(&found, Happening::Applied), (6, 6));
    assert_eq!(found.from_proposal[&(title, Happening::Granted)].longest, 2 * 24 * 60);
}

#[test]
fn every_happening_has_a_word_of_its_own() {
    let mut words: Vec<_> = Happening::ALL.iter().map(|what| what.word()).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), Happening::ALL.len());
    assert!(Days::new(day("2026-01-02"), day("2026-01-01")).is_none());
}
