//! The state folder: other programs leave files in it, and what is wrong with one office's file
//! concerns that office alone.

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use crate::hospital::{AnotherOffice, Hospital, Run, fingerprint};

/// Two offices, both pinned and fetched.
fn two_offices() -> (Hospital, AnotherOffice) {
    let (hospital, other) = (Hospital::with_pinned_office(), AnotherOffice::new());
    other.pin_at(&hospital);
    hospital.run(&["sync", "another"]).done();
    (hospital, other)
}

/// The file of an office.
fn file_of(hospital: &Hospital, fingerprint: &str) -> PathBuf {
    hospital.path(&format!("state/{}.json", &fingerprint[..32]))
}

fn warnings(run: &Run) -> Vec<&str> {
    run.stderr.lines().filter(|line| line.starts_with("warning: ")).collect()
}

#[test]
fn files_of_other_programs_are_named_once_and_not_read() {
    let (hospital, _) = two_offices();
    let own = file_of(&hospital, &hospital.fingerprint());
    let name = own.file_name().expect("a name").to_string_lossy().into_owned();
    fs::write(hospital.path("state/x.json"), "").expect("it can be written");
    fs::copy(&own, hospital.path(&format!("state/._{name}"))).expect("it can be copied");
    fs::copy(&own, hospital.path(&format!("state/Copy of {name}"))).expect("it can be copied");
    fs::copy(
        &own,
        hospital.path(&format!("state/{}", name.to_uppercase().replace("JSON", "json"))),
    )
    .expect("it can be copied");
    fs::create_dir(hospital.path("state/folder.json")).expect("it can be made");
    symlink("nowhere", hospital.path("state/link.json")).expect("it can be made");
    for arguments in [
        &["check", "certificate.jwt"][..],
        &["sync"],
        &["sync", "publication"],
        &["trust", "list"],
        &["trust", "add", "roots.json", "--fingerprint", &hospital.fingerprint()],
    ] {
        let run = hospital.run(arguments);
        assert!(run.code == Some(0), "{arguments:?}: {run:?}");
        let warnings = warnings(&run);
        let [warning] = warnings[..] else { panic!("{arguments:?}: {run:?}") };
        assert!(warning.contains("not a file of this program"), "{warning}");
        assert!(warning.contains("state/._") && warning.contains(" and 3 more"), "{warning}");
    }
    // With the roots given, nobody looks.
    let run = hospital.run(&["check", "--roots", "roots.json", "certificate.jwt"]);
    assert_eq!((run.code, warnings(&run).len()), (Some(0), 0), "{run:?}");
}

#[test]
fn a_damaged_file_concerns_its_office_alone() {
    let (hospital, other) = two_offices();
    let damaged = file_of(&hospital, &fingerprint(&other.anchor()));
    let good = fs::read(&damaged).expect("it was written");
    let harm: [&dyn Fn(); 5] = [
        &|| fs::write(&damaged, b"{").expect("it can be written"),
        &|| fs::write(&damaged, b"").expect("it can be written"),
        &|| fs::write(&damaged, &good[..good.len() / 2]).expect("it can be written"),
        &|| fs::create_dir(&damaged).expect("it can be made"),
        &|| symlink("nowhere", &damaged).expect("it can be made"),
    ];
    let name = damaged.file_name().expect("a name").to_string_lossy().into_owned();
    for harm in harm {
        let _ = fs::remove_file(&damaged).or_else(|_| fs::remove_dir(&damaged));
        harm();
        let run = hospital.run(&["check", "certificate.jwt"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(warnings(&run).iter().any(|warning| warning.contains(&name)), "{run:?}");

        // The other lists are fetched; what is wrong is said, and the exit status tells.
        let run = hospital.run(&["sync"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stdout.contains("perfusionist.example.no"), "{run:?}");
        assert!(run.stderr.contains(&name), "{run:?}");
        let run = hospital.run(&["trust", "list"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stdout.contains("perfusionist.example.no"), "{run:?}");
        assert!(run.stderr.contains(&name), "{run:?}");

        // Nobody knows whose certificates the other office signs: an unknown one may be its.
        hospital.write("stranger.jwt", hospital.office.signed_by_a_stranger());
        let run = hospital.run(&["check", "--json", "stranger.jwt"]);
        assert_eq!((run.code, run.json()["code"].as_str()), (Some(1), Some("status_missing")));
        // Its lists, when they are named, are not said to be a stranger's.
        hospital.run(&["sync", "another"]).failed(&name);
        hospital.run(&["sync", "publication"]).done();
    }
    let _ = fs::remove_file(&damaged).or_else(|_| fs::remove_dir(&damaged));
    let run = hospital.run(&["check", "--json", "stranger.jwt"]);
    assert_eq!((run.code, run.json()["code"].as_str()), (Some(1), Some("untrusted_issuer")));
}

#[test]
fn if_no_office_can_be_read_that_is_the_error() {
    let hospital = Hospital::with_pinned_office();
    let own = file_of(&hospital, &hospital.fingerprint());
    fs::write(&own, "{}").expect("it can be written");
    for arguments in [
        &["check", "certificate.jwt"][..],
        &["sync"],
        &["sync", "publication"],
        &["trust", "list"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        hospital.run(arguments).failed("remove it and pin the roots again");
    }
}

#[test]
fn a_copied_entry_is_not_a_second_office() {
    let (hospital, other) = two_offices();
    let (own, copy) = (
        file_of(&hospital, &hospital.fingerprint()),
        hospital.path("state/00000000000000000000000000000000.json"),
    );
    fs::copy(&own, &copy).expect("it can be copied");
    let run = hospital.run(&["check", "certificate.jwt"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(warnings(&run).iter().any(|warning| warning.contains("is a copy of")), "{run:?}");
    let run = hospital.run(&["sync"]);
    assert_eq!((run.code, run.stdout.matches("  trust list ").count()), (Some(2), 2), "{run:?}");
    fs::remove_file(&copy).expect("it is there");

    // In the place of another office's file: that office is not known any more.
    fs::copy(&own, file_of(&hospital, &fingerprint(&other.anchor()))).expect("it can be copied");
    let run = hospital.run(&["check", "certificate.jwt"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    hospital.run(&["sync", "another"]).failed("is a copy of");
}

#[test]
fn a_publication_cannot_fill_the_terminal_or_the_log() {
    let hospital = Hospital::with_pinned_office();
    fs::create_dir(hospital.path("mirror")).expect("it can be made");
    let long = "A".repeat(12_000_000);
    for bundle in [
        format!("{{\"{long}\":1}}"),
        format!("{{\"trust_lists\":\"{long}\"}}"),
        format!("{{\"trust_lists\":[{{\"payload\":\"\",\"signatures\":[],\"{long}\":1}}]}}"),
        format!("{{\"status_lists\":[\"{long}\"]}}"),
        format!("{{\"log\":{{\"checkpoint\":\"{long}\"}}}}"),
    ] {
        hospital.write("mirror/bundle.json", &bundle);
        for arguments in [
            &["sync", "mirror"][..],
            &["sync", "mirror", "--json"],
            &["check", "certificate.jwt", "--roots", "roots.json", "--publication", "mirror"],
        ] {
            let run = hospital.run(arguments);
            assert_eq!(run.code, Some(2), "{:.300}", run.stderr);
            assert!(run.stderr.len() < 2000, "{} bytes", run.stderr.len());
            assert!(run.stderr.contains("bundle.json") || run.stderr.contains("mirror"));
        }
    }
}
