//! `history --out`: a history that the office's program makes and the hospital's program reads.

use std::os::unix::fs::PermissionsExt;

use crate::place::{Place, number, today};

const FROM: [&str; 4] = ["--roots", "demo/roots.json", "--publication", "demo/publication"];

/// The answer of a history for a day; the exit status must match it.
fn asked(place: &Place, history: &str, on: &str) -> String {
    let certificate = format!("demo/certificates/{}.jwt", number());
    let run = place.verifier(
        &[&["check", &certificate, "--on", on, "--history", history, "--json"], &FROM[..]].concat(),
    );
    let object = run.json();
    assert_eq!(run.code, Some(i32::from(object["verdict"] != "accepted")), "{run:?}");
    object["code"].as_str().expect("a code").to_owned()
}

#[test]
fn an_office_makes_a_history_and_a_hospital_asks_it() {
    let place = Place::with_demo();
    let made = place.issuer_json(&["history", "--out", "history"]);
    assert_eq!((&made["file"], &made["certificates"]), (&"history".into(), &1.into()));
    let metadata = std::fs::metadata(place.path("history")).expect("it was written");
    assert_eq!(
        (metadata.permissions().mode() & 0o777, made["bytes"].as_u64()),
        (0o600, Some(metadata.len()))
    );
    assert_eq!(
        asked(&place, "history", &today().to_string()),
        "was_authorised",
        "suspended and lifted on its first day"
    );
    assert_eq!(
        asked(&place, "history", &today().plus_days(-1).to_string()),
        "was_not_yet_authorised"
    );
    assert_eq!(asked(&place, "history", &today().plus_days(2).to_string()), "after_history");

    let until = today().plus_days(30).to_string();
    place.both(&["suspend", number(), "--until", &until]).done();
    let text = place.issuer(&["history", "--out", "newer", "--certificate", number()]).done();
    assert!(text.stdout.starts_with("wrote newer: 1 certificates, "), "{text:?}");
    assert!(
        text.stdout.ends_with("it is about people: give it to nobody who is not entitled to it\n"),
        "{text:?}"
    );
    assert_eq!(asked(&place, "newer", &today().to_string()), "was_suspended");
    assert_eq!(
        asked(&place, "history", &today().to_string()),
        "was_authorised",
        "as known when that one was made"
    );
    place.issuer(&["audit"]).done();
    // That a history was made does not concern the authorisation, so it is not among its
    // statements.
    assert!(!place.issuer(&["history", number()]).done().stdout.contains("history made"));
}

#[test]
fn a_history_is_not_made_for_everybody_nor_anywhere() {
    let place = Place::with_demo();
    place.issuer(&["history", "--out", "demo/publication/history"]).refused("inside_publication");
    place.write("there", "something");
    place.issuer(&["history", "--out", "there"]).refused("file_exists");
    place
        .issuer(&["history", "--out", "history", "--certificate", "NO-PE-2026-000777"])
        .refused("not_found");
    assert!(!place.path("history").exists());
    for wrong in [
        &["history"][..],
        &["history", number(), "--out", "history"],
        &["history", number(), "--certificate", number()],
        &["history", "--out", "history", "--certificate"],
    ] {
        let run = place.issuer(wrong);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    }
}
