//! What the register says to people and to programs.

use crate::{
    place::{Place, faketime_is_missing, number, today},
    snapshot::assert_snapshot,
};

#[test]
fn people_read_the_register_as_text() {
    let (place, other) = office_with_a_history();
    let show = |number: &str| place.issuer(&["show", number]).done().stdout;
    assert_snapshot(&[show(number()), show(&other)].concat(), "show.out");
    assert_snapshot(&place.issuer(&["list"]).done().stdout, "list.out");
    assert_snapshot(&place.issuer(&["history", number()]).done().stdout, "history.out");
    let due = place.issuer(&["due", "--within", "100"]).done();
    assert_snapshot(&due.stdout, "due.out");
    assert_eq!(due.stderr, "");
}

#[test]
fn programs_read_the_register_as_json() {
    let (place, other) = office_with_a_history();
    let shown = place.issuer_json(&["show", &other]);
    assert_eq!(shown["standing"]["code"], "revoked");
    assert_eq!(
        (&shown["status"], &shown["may_practise"], &shown["may_use_title"]),
        (&"invalid".into(), &false.into(), &false.into())
    );
    let numbers: Vec<_> = list(&place, &[]).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [number(), &other]);
    let history = place.issuer_json(&["history", number()]);
    let events: Vec<_> = history
        .as_array()
        .expect("a list")
        .iter()
        .map(|statement| statement["event"]["type"].clone())
        .collect();
    assert_eq!(events, ["granted", "suspended", "lifted", "limited"]);
    let due = place.issuer_json(&["due", "--within", "100"]);
    let what: Vec<_> = due
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["what"].as_str().expect("a code"))
        .collect();
    assert_eq!(
        what.iter().filter(|what| **what == "eea_alert").count(),
        3,
        "suspended, limited, revoked: {what:?}"
    );
    assert!(
        what.contains(&"status_list_expires") && what.contains(&"trust_list_expires"),
        "{what:?}"
    );
    assert!(due.as_array().expect("a list").iter().all(|row| row["overdue"] == false));
}

#[test]
fn the_register_answers_for_another_day_and_for_what_was_known_then() {
    let (place, _) = office_with_a_history();
    assert_eq!(
        place.issuer_json(&["show", number(), "--on", "2001-01-01"])["standing"]["code"],
        "not_yet"
    );
    assert_eq!(
        place.issuer_json(&["show", number(), "--on", "2064-05-17"])["standing"]["code"],
        "lapsed_by_age"
    );
    let yesterday = format!("{}T00:00:00Z", today().plus_months(-1));
    assert!(list(&place, &["--known", &yesterday]).is_empty(), "nothing was known a month ago");
    assert_eq!(list(&place, &["--on", "2064-05-16"])[0].1, "with_conditions");
}

#[test]
fn nothing_due_is_said_in_words() {
    let place = Place::with_demo();
    // Whoever must be told of the demonstration's suspension on the same day.
    let due = place.issuer_json(&["due", "--within", "0"]);
    let due = due.as_array().expect("a list");
    let told: Vec<_> = due.iter().map(|row| row["what"].as_str().expect("a word")).collect();
    assert_eq!(told, ["employer", "nordic", "hpr"]);
    for (row, notice) in due.iter().zip(told) {
        let decision = row["notice"]["decision"].to_string();
        place.issuer(&["notified", number(), "--decision", &decision, "--notice", notice]).done();
    }
    assert_eq!(
        place.issuer(&["due", "--within", "0"]).done().stdout,
        "nothing is due within 0 days\n"
    );
    assert_eq!(place.issuer_json(&["due", "--within", "0"]).as_array().map(Vec::len), Some(0));
}

/// The demonstration's certificate, now limited, and another one that is revoked.
fn office_with_a_history() -> (Place, String) {
    let place = Place::with_demo();
    place.both(&["limit", number(), "--reference", "case 2026/17"]).done();
    let application =
        place.read("demo/application.json").replace("9144889", "9144900").replace("Åse", "Åsa");
    place.write("other.json", application);
    let answer = place.decide(&["grant", "other.json"]);
    let other =
        answer["certificate_number"].as_str().expect("a grant answers with the number").to_owned();
    place.both(&["revoke", &other]).done();
    place.publish();
    (place, other)
}

/// The number and the standing of each certificate.
fn list(place: &Place, more: &[&str]) -> Vec<(String, String)> {
    let objects = place.issuer_json(&[&["list"], more].concat());
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let row = |object: &serde_json::Value| {
        (text(&object["certificate_number"]), text(&object["standing"]["code"]))
    };
    objects.as_array().expect("a list").iter().map(row).collect()
}

#[test]
fn a_clock_that_is_behind_says_so_and_releases_nothing() {
    if faketime_is_missing() {
        return;
    }
    let place = Place::with_demo();
    let export = ["export", number(), "--format", "jwt"];
    place.issuer(&export).done();
    let listed = place.issuer_behind(&["list"]);
    assert!(listed.stderr.contains("warning: the clock says"), "{listed:?}");
    place.issuer_behind(&export).refused("clock_behind");
    let all = ["export", "--all", "--format", "jwt", "--out", "all"];
    place.issuer_behind(&all).refused("clock_behind");
    assert!(!place.path("all").exists());
}

#[test]
fn what_was_known_on_a_day_is_what_was_recorded_until_its_end() {
    let place = Place::with_demo();
    let next = place.decide(&["reissue", number(), "--because", "lost_print"]);
    let next = next["certificate_number"].as_str().expect("a number").to_owned();
    let today = crate::place::today();
    let known = |day: vernet_common::CivilDate| {
        let listed = place.issuer_json(&["list", "--known", &day.to_string()]);
        listed.as_array().expect("a list").len()
    };
    assert_eq!((known(today), known(today.plus_days(-1))), (2, 0), "the day counts to its end");
    // Before the reissue, nobody knew of it.
    let statement = place.issuer_json(&["history", number()]);
    let granted = statement[0]["recorded_at"].as_i64().expect("an instant");
    let granted =
        vernet_common::NumericDate::from_seconds(granted).expect("an instant").to_string();
    let then = place.issuer_json(&["show", number(), "--known", &granted]);
    assert_eq!(then["superseded_by"], serde_json::Value::Null, "{then}");
    assert_eq!(place.issuer_json(&["show", number()])["superseded_by"], serde_json::json!(next));
}
