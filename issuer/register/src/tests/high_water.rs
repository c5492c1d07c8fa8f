//! The mark: a register that is an old copy is noticed by every machine that had seen more.

use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::{statements::digest::Digest, storage::location::RegisterLocation};

fn mark(o: &Office, machine: &str) -> PathBuf {
    o.place.folder.path().join(machine)
}

/// Opens the register as a machine of the office.
fn open(o: &Office, at: &RegisterLocation, machine: &str) -> Result<Register, Error> {
    let mut register = Register::open_marked(at, &mark(o, machine))?;
    register.refresh()?;
    Ok(register)
}

fn refused(o: &Office, at: &RegisterLocation, machine: &str) -> Error {
    open(o, at, machine).expect_err("an old copy")
}

/// A copy of the register as it is now: yesterday's backup, on the day after.
fn backup(o: &Office) -> RegisterLocation {
    let place = Place::empty();
    crate::copy(&o.place.register(), &place.register()).expect("a copy");
    let at = place.register();
    // The folder stays until the tests are over.
    std::mem::forget(place);
    at
}

/// The program ends, and another one begins.
fn end_of_work(o: &mut Office) {
    o.register = Register::open(&o.place.register()).expect("a register");
}

fn publish(o: &mut Office) {
    o.register
        .publish(1, &kari(), o.now, 0, &mut |_| Ok::<_, Error>(Digest::GENESIS))
        .expect("published");
}

#[test]
fn an_old_copy_is_noticed_and_told_what_is_missing() {
    let o = &mut Office::new();
    o.granted();
    let old = backup(o);
    o.register = open(o, &o.place.register(), "here").expect("the newest");
    o.on("2026-02-01").grant(json!({"hpr_number": "1"})).expect("a grant");
    end_of_work(o);
    let error = refused(o, &old, "here");
    assert_eq!(error.code(), "register_behind");
    for part in
        ["ends at statement 4", "seen statement 6", "2026-02-01", "2 statements since are missing"]
    {
        assert!(error.to_string().contains(part), "{error}");
    }
    // Who had not seen it cannot know.
    open(o, &old, "elsewhere").expect("all that this machine has seen");
    open(o, &o.place.register(), "here").expect("the newest");
}

#[test]
fn a_copy_that_went_on_is_another_history() {
    let o = &mut Office::new();
    o.granted();
    let old = backup(o);
    o.register = open(o, &o.place.register(), "here").expect("the newest");
    o.grant(json!({"hpr_number": "1"})).expect("a grant");
    end_of_work(o);
    let mut second =
        Office { register: Register::open(&old).expect("a register"), ..Office::new() };
    for person in ["2", "3"] {
        second.grant(json!({"hpr_number": person})).expect("a grant");
    }
    let error = refused(o, &old, "here");
    assert_eq!(error.code(), "register_forked");
    assert!(error.to_string().contains("statement 6"), "{error}");
}

#[test]
fn a_publication_that_the_register_forgot_is_noticed() {
    let o = &mut Office::new();
    o.granted();
    let old = backup(o);
    o.register = open(o, &o.place.register(), "here").expect("the newest");
    publish(o);
    assert_eq!(refused(o, &old, "here").code(), "register_behind");
}

#[test]
fn what_others_wrote_is_seen_as_well() {
    let o = &mut Office::new();
    o.granted();
    let old = backup(o);
    open(o, &o.place.register(), "reader").expect("the newest");
    o.grant(json!({"hpr_number": "1"})).expect("a grant");
    publish(o);
    // It only reads, and remembers.
    open(o, &o.place.register(), "reader").expect("the newest");
    assert_eq!(refused(o, &old, "reader").code(), "register_behind");
}

#[test]
fn a_mark_that_is_low_or_lost_harms_nothing_and_is_raised_again() {
    let o = &mut Office::new();
    o.granted();
    let old = backup(o);
    o.register = open(o, &o.place.register(), "here").expect("the newest");
    let low = std::fs::read(mark(o, "here")).expect("a mark");
    o.grant(json!({"hpr_number": "1"})).expect("a grant");
    // The machine crashed between the commit and the mark.
    std::fs::write(mark(o, "here"), &low).expect("written");
    open(o, &o.place.register(), "here").expect("the newest");
    assert_eq!(refused(o, &old, "here").code(), "register_behind");
    for lost in [true, false] {
        if lost {
            std::fs::remove_file(mark(o, "here")).expect("removed");
        } else {
            std::fs::write(mark(o, "here"), "").expect("what a power cut leaves of it");
        }
        open(o, &o.place.register(), "here").expect("the newest");
        assert_eq!(refused(o, &old, "here").code(), "register_behind");
    }
}

#[test]
fn of_many_decisions_in_a_row_the_first_and_the_last_are_marked() {
    let o = &mut Office::new();
    o.granted();
    o.register = open(o, &o.place.register(), "here").expect("the newest");
    let statements = |o: &Office| {
        let json = std::fs::read(mark(o, "here")).expect("a mark");
        serde_json::from_slice::<Value>(&json).expect("JSON")["statements"]
            .as_u64()
            .expect("a number")
    };
    let mut written = std::collections::BTreeSet::new();
    for person in 1..=150_u32 {
        o.grant(json!({"hpr_number": person.to_string()})).expect("a grant");
        written.insert(statements(o));
    }
    assert_eq!(written, [5, 69, 133, 197, 261].into());
    end_of_work(o);
    assert_eq!(statements(o), 304, "when the work is over");
}

#[test]
fn a_mark_that_cannot_be_read_or_written_stops_the_work_before_it_begins() {
    let o = &mut Office::new();
    o.granted();
    std::fs::write(mark(o, "here"), "{").expect("written");
    assert_eq!(refused(o, &o.place.register(), "here").code(), "not_json");
    assert_eq!(refused(o, &o.place.register(), "no-folder/here").code(), "io");
    // Once the decision is committed it is recorded, whatever becomes of the mark.
    o.register = open(o, &o.place.register(), "there").expect("the newest");
    std::fs::remove_file(mark(o, "there")).expect("removed");
    std::fs::create_dir(mark(o, "there")).expect("in its way");
    o.grant(json!({"hpr_number": "1"})).expect("a grant");
    assert_eq!(refused(o, &o.place.register(), "there").code(), "io");
}
