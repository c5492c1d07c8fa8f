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

/// Two people and a third officer, of whom this machine knows, and somebody who came later.
fn checked() -> Office {
    let mut o = super::audit::founded();
    o.on("2026-01-15").granted();
    let new = enrolment("Per Hansen", &SecretKey::from_seed(&[23; 32]), &[Role::Publish]);
    o.did(Event::OfficerEnrolled(Box::new(new)));
    o.grant(json!({"hpr_number": "1"})).expect("a grant");
    publish(&mut o);
    o.register = open(&o, &o.place.register(), "here").expect("the newest");
    end_of_work(&mut o);
    o.grant(json!({"hpr_number": "2"})).expect("a grant");
    let names: Vec<_> = o.register.state().statements().iter().map(|s| s.event.name()).collect();
    let expected = "founded key_added trust_list_signed proposed status_list_opened granted \
        proposed officer_enrolled proposed granted published proposed granted";
    assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
    o
}

/// The last of them that this machine has seen.
const SEEN: u64 = 11;

/// No hash covers a signature. Those of officers are checked each time, and so is the newest that
/// this machine knows, which vouches for the chain, and whatever came after it.
#[test]
fn what_this_machine_has_checked_is_not_checked_again_and_an_audit_checks_it() {
    let o = checked();
    let mut raw = o.place.raw().past_protection();
    let nothing = raw.bytes(&[0; 64]);
    for seq in 1..=o.register.state().statements().len() as u64 {
        raw.execute(&format!(
            "CREATE TABLE kept AS SELECT signature FROM statement WHERE seq = {seq};
             UPDATE statement SET signature = {nothing} WHERE seq = {seq}"
        ))
        .expect("an intruder can");
        let remembered = matches!(seq, 4 | 6 | 9 | 10);
        let mark = std::fs::read(mark(&o, "here")).expect("a mark");
        let again = Register::open_marked(&o.place.register(), &self::mark(&o, "here"));
        match again {
            Ok(again) => {
                assert!(remembered, "{seq}");
                assert_eq!(again.state().statements(), o.register.state().statements());
            }
            Err(error) => {
                assert_eq!((error.code(), remembered), ("signature_invalid", false), "{seq}");
            }
        }
        for error in [
            refused(&o, &o.place.register(), "elsewhere"),
            crate::audit(&o.place.register(), None).expect_err("no signature"),
        ] {
            assert_eq!(error.code(), "signature_invalid");
            assert!(error.to_string().starts_with(&format!("statement {seq}: ")), "{error}");
        }
        assert_eq!(std::fs::read(self::mark(&o, "here")).expect("a mark"), mark);
        raw.execute(&format!(
            "UPDATE statement SET signature = (SELECT signature FROM kept) WHERE seq = {seq};
             DROP TABLE kept"
        ))
        .expect("restored");
    }
    assert_eq!(open(&o, &o.place.register(), "here").expect("restored").state().head(), {
        o.register.state().head()
    });
}

/// Each hash covers all before, so what was checked cannot be changed, however far one goes.
#[test]
fn a_text_that_was_changed_below_the_mark_is_found() {
    let o = checked();
    let mut raw = o.place.raw().past_protection();
    let before = o.register.state().statements().to_vec();
    let mut put = |statement: &Statement, hash: Option<Digest>| {
        let body = String::from_utf8(statement.to_bytes().expect("JSON")).expect("UTF-8");
        let hash = hash.map(|hash| format!(", hash = {}", raw.bytes(hash.as_bytes())));
        let (hash, seq) = (hash.unwrap_or_default(), statement.seq);
        raw.execute(&format!("UPDATE statement SET body = '{body}'{hash} WHERE seq = {seq}"))
            .expect("an intruder can");
        Digest::of(body.as_bytes())
    };
    let found = |o: &Office| refused(o, &o.place.register(), "here").to_string();
    let known = std::fs::read_to_string(mark(&o, "here")).expect("a mark");
    // Of all that follows, the first that is checked in full: an officer's, and the last one below
    // the mark.
    for (seq, first) in [(6, 7), (10, SEEN)] {
        let mut changed = before[seq - 1].clone();
        changed.officer = "Kari Nordmann".parse().expect("a name");
        let hash = put(&changed, None);
        let damaged = format!("statement {seq} of the register is damaged: ");
        assert_eq!(found(&o), damaged + "its text does not have its hash");
        put(&changed, Some(hash));
        let damaged = format!("statement {} of the register is damaged: ", seq + 1);
        let expected = damaged + "it does not carry the hash of the one before";
        assert_eq!(found(&o), expected);
        // All hashes up to the end, and then in the mark as well.
        let (mut head, mut at_mark) = (hash, hash);
        for statement in &before[seq..] {
            let next = Statement { prev: head, ..statement.clone() };
            head = Digest::of(&next.to_bytes().expect("JSON"));
            put(&next, Some(head));
            if next.seq == SEEN {
                at_mark = head;
            }
        }
        for forged in [false, true] {
            if forged {
                let hash = o.register.state().hash(SEEN).expect("a hash").to_string();
                std::fs::write(mark(&o, "here"), known.replace(&hash, &at_mark.to_string()))
                    .expect("an intruder can");
            }
            let error = refused(&o, &o.place.register(), "here");
            assert_eq!(error.code(), "signature_invalid");
            assert!(error.to_string().starts_with(&format!("statement {first}: ")), "{error}");
        }
        std::fs::write(mark(&o, "here"), &known).expect("restored");
        for statement in &before[seq - 1..] {
            put(statement, o.register.state().hash(statement.seq));
        }
        Register::open_marked(&o.place.register(), &mark(&o, "here")).expect("restored");
    }
}

/// A program that checks more does so once for what its predecessor has checked.
#[test]
fn a_mark_of_other_checks_means_that_everything_is_checked_once() {
    let o = checked();
    let mut raw = o.place.raw().past_protection();
    let nothing = raw.bytes(&[0; 64]);
    let by = || {
        let json = std::fs::read(mark(&o, "here")).expect("a mark");
        serde_json::from_slice::<Value>(&json).expect("JSON")
    };
    let today = by();
    let (mut earlier, mut older) = (today.clone(), today.clone());
    earlier["checked_by"] = json!(today["checked_by"].as_u64().expect("a number") - 1);
    older.as_object_mut().expect("an object").remove("checked_by").expect("it was there");
    for other in [earlier, older] {
        std::fs::write(mark(&o, "here"), other.to_string()).expect("written");
        open(&o, &o.place.register(), "here").expect("all of it is checked");
        assert_eq!(by()["checked_by"], today["checked_by"]);
        std::fs::write(mark(&o, "here"), other.to_string()).expect("written");
        raw.execute(&format!(
            "CREATE TABLE kept AS SELECT signature FROM statement WHERE seq = 6;
             UPDATE statement SET signature = {nothing} WHERE seq = 6"
        ))
        .expect("an intruder can");
        assert_eq!(refused(&o, &o.place.register(), "here").code(), "signature_invalid");
        assert_eq!(by(), other, "nothing is remembered of it");
        raw.execute(
            "UPDATE statement SET signature = (SELECT signature FROM kept) WHERE seq = 6;
             DROP TABLE kept",
        )
        .expect("restored");
    }
}
