//! Somebody else holds the lock on the state folder.

use std::fs::{self, File};

use crate::{
    hospital::Hospital,
    publisher::Publisher,
    serving::{Serving, until},
};

/// Holds the lock until it is dropped.
fn hold(hospital: &Hospital) -> File {
    fs::create_dir_all(hospital.path("state")).expect("it can be made");
    let lock = File::create(hospital.path("state/lock")).expect("it can be made");
    lock.try_lock().expect("nobody else has it");
    lock
}

#[test]
fn a_lock_that_somebody_holds_is_told_and_waited_for_no_longer_than_is_told() {
    let hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let held = hold(&hospital);
    let server = Serving::from(&hospital, &publisher.url(), &["--refresh", "1"]);
    let link = hospital.office.link();
    until("it is told", || server.metric("vernet_state_locked") == 1);
    assert!(server.refreshes("failed") > 0);
    assert_eq!(server.code(&link), "status_missing", "it goes on answering");
    let lines = server.log_lines();
    let told = |text: &str| {
        let says = |line: &serde_json::Value| line.to_string().contains(text);
        lines.iter().any(|line| line["level"] == "WARN" && says(line))
    };
    assert!(told("another process holds the lock") && told("[state_locked]"), "{lines:?}");
    drop(held);
    until("the lists are there", || server.code(&link) == "authorised");
    until("it is over", || server.metric("vernet_state_locked") == 0);
}

#[test]
fn told_to_end_it_does_not_wait_for_the_lock() {
    let hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let _held = hold(&hospital);
    let server = Serving::from(&hospital, &publisher.url(), &[]);
    until("it has fetched, and waits for the lock", || publisher.requests() > 0);
    server.terminate();
    assert_eq!(server.ended().0.code(), Some(0));
}

#[test]
fn sync_tells_of_the_lock_and_gives_up() {
    let hospital = Hospital::new();
    let _held = hold(&hospital);
    let run = hospital.run(&["sync", "publication", "--roots", "roots.json"]);
    run.failed("[state_locked]");
    assert!(run.stderr.contains("warning: another process holds the lock"), "{}", run.stderr);
    assert!(run.stderr.contains("lslocks"), "{}", run.stderr);
    // A verdict needs no lock, only what it would remember.
    let run = hospital.run(&[
        "check",
        "certificate.jwt",
        "--roots",
        "roots.json",
        "--publication",
        "publication",
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("cannot remember what was seen"), "{}", run.stderr);
}
