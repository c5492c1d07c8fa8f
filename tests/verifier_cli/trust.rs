//! `trust`: roots are pinned by a person who compared them.

use vernet_common::Signer;

use crate::{hospital::Hospital, office::key};

#[test]
fn roots_are_pinned_with_the_right_fingerprint_only() {
    let hospital = Hospital::new();
    let fingerprint = hospital.fingerprint();
    let add = |more: &[&str]| hospital.run(&[&["trust", "add", "roots.json"], more].concat());
    let run = add(&[]);
    run.failed("--fingerprint");
    let shown: String = run.stderr.split_whitespace().collect();
    assert!(shown.contains(&fingerprint), "it shows what to compare: {}", run.stderr);
    add(&["--fingerprint", &"0".repeat(64)]).failed("nothing was pinned");
    add(&["--fingerprint", &fingerprint[..15]]).failed("nothing was pinned");
    add(&["--fingerprint", ""]).failed("nothing was pinned");
    add(&["--fingerprint", &format!("{fingerprint}0")]).failed("nothing was pinned");
    let run = hospital.run_with(&["trust", "add", "roots.json"], b"yes\n");
    run.failed("nothing was pinned");
    assert!(hospital.state().is_empty());
    assert_eq!(hospital.run(&["trust", "list"]).done().stdout, "");

    let groups: Vec<_> = fingerprint
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).to_uppercase())
        .collect();
    add(&["--fingerprint", &groups[..4].join(" ")]).done();
    assert_eq!(list(&hospital), [fingerprint]);
}

#[test]
fn adding_the_same_roots_again_changes_nothing() {
    let hospital = Hospital::with_pinned_office();
    let before = hospital.state();
    let run = hospital.run(&["trust", "add", "roots.json"]).done();
    assert!(run.stdout.contains("is pinned already"), "{run:?}");
    assert_eq!(hospital.state(), before);
}

#[test]
fn other_roots_of_the_same_issuer_do_not_replace_the_pinned_ones() {
    let hospital = Hospital::with_pinned_office();
    let mut other = hospital.office.anchor();
    other.roots.keys = [110, 111, 112].map(|seed| key(seed).public_key()).into();
    hospital.write_roots("other.json", &other);
    let fingerprint: String =
        other.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    let before = hospital.state();
    let run = hospital.run(&["trust", "add", "other.json", "--fingerprint", &fingerprint]);
    run.failed("other roots of");
    assert!(
        run.stderr.contains(&hospital.fingerprint()[..16]),
        "it names the pinned ones: {}",
        run.stderr
    );
    assert_eq!(hospital.state(), before);

    hospital.run(&["trust", "remove", &hospital.fingerprint()[..16]]).done();
    hospital.run(&["trust", "add", "other.json", "--fingerprint", &fingerprint]).done();
    assert_eq!(list(&hospital), [fingerprint]);
    hospital.run(&["sync", "publication"]).failed("[threshold_not_reached]");
}

#[test]
fn a_forgotten_office_is_forgotten() {
    let hospital = Hospital::with_pinned_office();
    let fingerprint = hospital.fingerprint();
    hospital.run(&["trust", "remove", &fingerprint[..7]]).failed("too short");
    hospital.run(&["trust", "remove", "00000000"]).failed("no single office has");
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
    // As `trust list` shows it: in groups, and capitals do not matter.
    let groups = format!("{} {}", &fingerprint[..4], &fingerprint[4..8].to_uppercase());
    let run = hospital.run(&["trust", "remove", &groups]).done();
    assert!(run.stdout.contains("forgot"), "{run:?}");
    assert!(list(&hospital).is_empty());
    hospital.run(&["check", "certificate.jwt"]).failed("no root keys are pinned");
}

#[test]
fn roots_given_for_one_run_are_not_pinned() {
    let hospital = Hospital::new();
    assert_eq!(hospital.verdict("certificate.jwt"), "authorised");
    assert!(list(&hospital).is_empty());
    hospital
        .run(&["check", "certificate.jwt", "--publication", "publication"])
        .failed("not pinned");
    hospital.pin();
    assert_eq!(list(&hospital), [hospital.fingerprint()]);
}

/// The fingerprints of the pinned offices.
fn list(hospital: &Hospital) -> Vec<String> {
    let run = hospital.run(&["trust", "list", "--json"]).done();
    let fingerprint = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).expect("one object per line");
        object["fingerprint"].as_str().expect("a fingerprint").to_owned()
    };
    run.stdout.lines().map(fingerprint).collect()
}
