//! Figures, as people, programs and statisticians read them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::place::{Place, faketime_is_missing, today};

/// The demonstration's office with another person, whose authorisation is revoked, and a refusal.
fn office() -> Place {
    let place = Place::with_demo();
    let application = json!({
        "given_name": "Åsa", "family_name": "Nordmann", "birthdate": "1990-02-28",
        "hpr_number": "9144900", "kind": "authorisation", "basis": "norwegian_exam",
        "exam": { "school": "A made-up school", "date": "2014-06-11" },
        "applied": today().plus_days(-10), "decided": today(), "granted": today(),
    });
    place.write("other.json", application.to_string());
    let granted = place.decide(&["grant", "other.json"]);
    place.both(&["revoke", granted["certificate_number"].as_str().expect("a number")]).done();
    let refused = application.to_string().replace("9144900", "9144901").replace("Åsa", "Kari");
    place.write("refused.json", refused);
    place.both(&["refuse", "refused.json", "--reason", "2026/4711-9"]).done();
    place
}

/// The row of a table that is about these.
fn row<'a>(figures: &'a Value, table: &str, about: &[(&str, &str)]) -> &'a Value {
    let rows = figures["tables"][table].as_array().unwrap_or_else(|| panic!("{table}: {figures}"));
    let is_it = |row: &&Value| about.iter().all(|(name, text)| row[name] == *text);
    rows.iter().find(is_it).unwrap_or_else(|| panic!("{table} {about:?}: {figures}"))
}

#[test]
fn people_and_decisions_are_counted() {
    let place = office();
    let figures = place.issuer_json(&["figures"]);
    assert_eq!(figures["tables"]["authorised_with_any_title"][0]["persons"], 1);
    assert_eq!(row(&figures, "authorised_by_kind", &[("kind", "authorisation")])["persons"], 1);
    let times = |event: &str| row(&figures, "happened", &[("event", event)])["times"].clone();
    assert_eq!(
        ["granted", "revoked", "refused", "suspended", "suspension_lifted", "waived", "applied"]
            .map(times),
        [2, 1, 1, 1, 1, 0, 2].map(Value::from)
    );
    assert_eq!(row(&figures, "refused_by_basis", &[("group", "norwegian_exam")])["times"], 1);
    let took = row(&figures, "days_from_application", &[("event", "granted")]);
    assert_eq!(
        (&took["median"], &took["longest"], &took["count"]),
        (&json!(10), &json!(10), &json!(1))
    );
    assert_eq!(took["without_application_day"], 1, "the demonstration's names none");
    assert_eq!(row(&figures, "minutes_from_proposal", &[("event", "refused")])["count"], 1);

    let before = today().plus_days(-1).to_string();
    let figures = place.issuer_json(&["figures", "--known", &before, "--on", &before]);
    assert_eq!(figures["tables"]["authorised"][0]["persons"], 0, "nobody was known");
    let text = place.issuer(&["figures", "--on", "2070-01-01"]).done().stdout;
    assert!(text.starts_with("0 people are authorised on 2070-01-01, as known at "), "{text}");
    let text = place.issuer(&["figures"]).done().stdout;
    assert!(text.starts_with("1 person is authorised on "), "{text}");
    assert!(text.contains("\ndays from application\n") && !text.contains("waived"), "{text}");
}

#[test]
fn statisticians_read_one_table() {
    let place = office();
    let csv = place.issuer(&["figures", "--csv", "--from", "2026-01-01"]).done().stdout;
    assert!(csv.lines().count() > 30 && csv.ends_with("\r\n"), "{csv}");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().collect::<Result<_, _>>().expect("RFC 4180");
    let value = |about: &[(&str, &str)]| -> Vec<&str> {
        let is_it =
            |row: &&BTreeMap<String, String>| about.iter().all(|(name, text)| row[*name] == *text);
        rows.iter().filter(is_it).map(|row| row["value"].as_str()).collect()
    };
    let granted = [("table", "happened"), ("event", "granted"), ("from", "2026-01-01")];
    assert_eq!(value(&[granted.as_slice(), &[("measure", "times")]].concat()), ["2"]);
    assert_eq!(value(&[granted.as_slice(), &[("measure", "persons")]].concat()), ["2"]);
    assert_eq!(value(&[("table", "cells"), ("standing", "authorised"), ("from", "")]), ["1"]);
    assert_eq!(value(&[("table", "authorised"), ("on", &today().to_string())]), ["1"]);
}

#[test]
fn a_period_that_ends_before_it_begins_and_a_clock_behind_are_refused() {
    let place = Place::with_demo();
    let refused = place.issuer(&["figures", "--from", "2026-02-01", "--to", "2026-01-31"]);
    refused.refused("field_invalid");
    assert!(refused.stderr.contains("a day that is not before `--from`"), "{refused:?}");
    let help = place.issuer(&["figures", "--help"]).done().stdout;
    assert!(help.contains("Before you publish a table"), "{help}");
    if faketime_is_missing() {
        return;
    }
    place.issuer_behind(&["figures"]).refused("clock_behind");
}
