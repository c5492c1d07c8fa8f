//! Where trust and lists come from: nothing is trusted because it is stored next to a certificate.

use vernet_common::Signer;

use crate::{
    hospital::{AnotherOffice, FILES, Hospital, fingerprint},
    office::{DAY, HOUR, ROOTS, key},
};

#[test]
fn without_roots_nothing_is_believed() {
    let hospital = Hospital::new();
    let check = |source: &[&str]| hospital.run(&[&["check", "certificate.jwt"], source].concat());
    check(&["--publication", "publication"]).failed("trust add");
    check(&["--bundle", "publication/bundle.json"]).failed("trust add");
    check(&[]).failed("no root keys are pinned");
    check(&["--roots", "no-such-roots.json", "--publication", "publication"])
        .failed("no-such-roots.json");
    check(&["--roots", "certificate.jwt", "--publication", "publication"])
        .failed("reading the roots");
    check(&["--roots", "roots.json"]).failed("no lists were fetched yet");
    check(&["--roots", "roots.json", "--publication", "nowhere"]).failed("nowhere");
    check(&["--publication", "publication", "--bundle", "publication/bundle.json"])
        .failed("cannot be used with");
    assert!(hospital.state().is_empty(), "and nothing is remembered");
}

#[test]
fn roots_that_did_not_sign_are_no_roots() {
    let mut hospital = Hospital::new();
    let mut wrong = hospital.office.anchor();
    wrong.roots.keys = [110, 111, 112].map(|seed| key(seed).public_key()).into();
    hospital.write_roots("wrong.json", &wrong);
    let check = |hospital: &Hospital, root: &str| {
        hospital.run(&["check", "certificate.jwt", "--roots", root, "--publication", "publication"])
    };
    check(&hospital, "wrong.json").failed("[threshold_not_reached]");
    wrong.iss = "https://another.example.no".parse().expect("a URL");
    hospital.write_roots("another.json", &wrong);
    check(&hospital, "another.json").failed("https://another.example.no");

    // One root key was stolen: one signature of two.
    hospital.office.trust_list.seq += 1;
    let mut bundle = hospital.office.bundle();
    bundle.trust_lists = vec![hospital.office.signed_trust_list(&ROOTS[..1])];
    hospital.write_bundle("publication/bundle.json", &bundle);
    check(&hospital, "roots.json").failed("[threshold_not_reached]");
}

#[test]
fn older_lists_than_seen_before_are_not_believed() {
    let mut hospital = Hospital::new();
    hospital.write_bundle("old.json", &hospital.office.bundle());
    hospital.office.set_status(vernet_common::Status::Suspended);
    hospital.office.status_claims.iat = hospital.office.now.plus_seconds(-HOUR / 2);
    hospital.publish();
    assert_eq!(hospital.verdict("certificate.jwt"), "suspended");
    let old = ["--roots", "roots.json", "--bundle", "old.json"];
    assert_eq!(hospital.verdict_from("certificate.jwt", &old), "status_unusable");
    hospital.office.trust_list.seq += 1;
    hospital.publish();
    assert_eq!(hospital.verdict("certificate.jwt"), "suspended");
    let run = hospital.run(&[&["check", "certificate.jwt"][..], &old].concat());
    run.failed("[trust_list_rolled_back]");
}

#[test]
fn lists_that_were_seen_since_the_last_sync_ask_for_the_next_one_and_stop_no_other_office() {
    let mut hospital = Hospital::with_pinned_office();
    hospital.office.trust_list.seq += 1;
    hospital.publish();
    assert_eq!(
        hospital.verdict_from("certificate.jwt", &["--publication", "publication"]),
        "authorised"
    );
    let check = ["check", "certificate.jwt"];
    let alone = hospital.run(&check);
    alone.failed("[trust_list_rolled_back]");
    alone.failed("run `vernet-verifier sync`");

    let other = AnotherOffice::new();
    other.pin_at(&hospital);
    hospital.run(&["sync", "another"]).done();
    hospital.write("stranger.jwt", hospital.office.signed_by_a_stranger());
    for certificate in ["certificate.jwt", "stranger.jwt"] {
        assert_eq!(
            hospital.verdict_from(certificate, &[]),
            "status_missing",
            "nothing that counts is known of one office"
        );
    }
    let run = hospital.run(&check);
    assert!(run.stderr.contains("run `vernet-verifier sync`"), "{run:?}");
    hospital.run(&["sync", "publication"]).done();
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
    assert_eq!(hospital.verdict_from("stranger.jwt", &[]), "untrusted_issuer");
    let run = hospital.run(&check);
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn a_damaged_bundle_is_not_believed() {
    let hospital = Hospital::new();
    let whole = std::fs::read(hospital.path("publication/bundle.json")).expect("it was written");
    let huge = vec![b' '; vernet_common::Bundle::MAX_BYTES + 1];
    for damaged in
        [b"" as &[u8], b"{}", &whole[..whole.len() / 2], &[&whole[..], b"x"].concat(), &huge]
    {
        hospital.write("publication/bundle.json", damaged);
        hospital
            .run(&[&["check", "certificate.jwt"][..], &FILES].concat())
            .failed("publication/bundle.json");
    }
}

#[test]
fn each_certificate_is_judged_by_the_office_that_issued_it() {
    let hospital = Hospital::with_pinned_office();
    let other = AnotherOffice::new();
    other.pin_at(&hospital);
    assert_eq!(
        hospital.verdict_from("certificate.jwt", &[]),
        "authorised",
        "of the other one nothing is known"
    );
    hospital.write("stranger.jwt", hospital.office.signed_by_a_stranger());
    assert_eq!(
        hospital.verdict_from("stranger.jwt", &[]),
        "status_missing",
        "it may be the other one's"
    );
    hospital.run(&["sync", "another"]).done();
    assert_eq!(hospital.verdict_from("stranger.jwt", &[]), "untrusted_issuer");
    assert_eq!(
        hospital.verdict_from("certificate.jwt", &[]),
        "authorised",
        "whichever office comes first"
    );
    assert_eq!(
        hospital.verdict_from("certificate.url", &[]),
        "authorised",
        "whichever office comes first"
    );
    let only_other = ["--roots", "another.json"];
    assert_eq!(hospital.verdict_from("certificate.jwt", &only_other), "untrusted_issuer");
    // One authority, one set of roots, two offices: each is pinned, remembered and forgotten
    // separately.
    assert_eq!(hospital.office.anchor().roots, other.anchor().roots);
    hospital.run(&["trust", "remove", &fingerprint(&other.anchor())]).done();
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
}

#[test]
fn a_clock_that_was_set_back_revives_nothing() {
    let mut hospital = Hospital::new();
    hospital.office.before.push(hospital.office.signed_certificate().as_str().to_owned());
    hospital.office.certificate.exp = hospital.office.now.plus_seconds(-DAY / 2);
    hospital.publish();
    hospital.write("short.jwt", hospital.office.text());
    assert_eq!(hospital.verdict("short.jwt"), "expired");
    let yesterday = hospital.office.now.plus_seconds(-DAY).to_string();
    let back = [&FILES[..], &["--at", &yesterday]].concat();
    assert_eq!(hospital.verdict_from("short.jwt", &back), "clock_behind");
    assert_eq!(hospital.verdict_from("certificate.jwt", &back), "clock_behind");
}
