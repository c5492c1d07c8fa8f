//! Copies: whole and verified, or not there.

use serde_json::json;

use super::*;
use crate::{statements::digest::Digest, storage::location::RegisterLocation};

/// An office with something of everything.
fn busy() -> Office {
    let mut o = Office::new();
    let number = o.granted();
    o.grant(json!({"hpr_number": "1", "family_name": "Čađđi Østby"})).expect("a grant");
    o.did(suspended(number, "2026-03-01"));
    o.register
        .publish(3, &kari(), o.now, 0, &mut |_| Ok::<_, Error>(Digest::GENESIS))
        .expect("published");
    o
}

/// The office goes on with the copy as if nothing had happened.
fn goes_on(o: &mut Office, at: &RegisterLocation) {
    let mut copy = Register::open(at).expect("a register");
    assert_eq!(copy.state().statements(), o.register.state().statements());
    std::mem::swap(&mut o.register, &mut copy);
    let next = o.grant(json!({"hpr_number": "2"})).expect("a grant").claims;
    assert_eq!(next.certificate_number.to_string(), "NO-PE-2026-000003");
}

#[test]
fn a_copy_has_everything_and_the_work_goes_on_with_it() {
    let o = &mut busy();
    let backup: RegisterLocation = o.place.folder.path().join("backup.sqlite").into();
    let copied = crate::copy(&o.place.register(), &backup).expect("a copy");
    assert_eq!((copied.statements, copied.certificates), (9, 2));
    // And back, to where the tests of this round have their registers.
    let back = Place::empty();
    assert_eq!(crate::copy(&backup, &back.register()).expect("a copy of the copy"), copied);
    goes_on(o, &back.register());
}

#[test]
fn nothing_is_ever_copied_over() {
    let (o, other) = (busy(), busy());
    let before = other.register.state().statements().len();
    let error =
        crate::copy(&o.place.register(), &other.place.register()).expect_err("there is one");
    assert!(["register_exists", "file_exists"].contains(&error.code()), "{error}");
    let error = crate::copy(&o.place.register(), &o.place.register()).expect_err("it is itself");
    assert!(["register_exists", "file_exists"].contains(&error.code()), "{error}");
    assert_eq!(
        Register::open(&other.place.register()).expect("as before").state().statements().len(),
        before
    );
    let file = o.place.folder.path().join("letter.txt");
    std::fs::write(&file, "mine").expect("written");
    assert_eq!(
        crate::copy(&o.place.register(), &file.clone().into()).expect_err("mine").code(),
        "file_exists"
    );
    assert_eq!(std::fs::read_to_string(file).expect("still there"), "mine");
}

#[test]
fn a_damaged_register_is_not_copied_and_nothing_is_left_behind() {
    let o = busy();
    let edit =
        "UPDATE statement SET body = replace(body, '2026-03-01', '2026-03-02') WHERE seq = 8";
    o.place.raw().without_protection().execute(edit).expect("edited");
    let target = Place::empty();
    assert_eq!(
        crate::copy(&o.place.register(), &target.register()).expect_err("damaged").code(),
        "chain"
    );
    let litter = std::fs::read_dir(target.folder.path()).expect("a folder");
    assert_eq!(
        litter
            .filter(|file| !file.as_ref().expect("a file").path().ends_with("register.sqlite"))
            .count(),
        0
    );
    Register::create(&target.register()).expect("it is as empty as before");
}

#[test]
fn a_copy_that_fails_at_its_last_row_leaves_nothing_behind() {
    let o = busy();
    // A certificate of no statement: the last rows do not fit.
    let orphan =
        "INSERT INTO certificate (number, list, idx, seq) VALUES ('NO-PE-2026-000009', 1, 7, 99)";
    let mut raw = o.place.raw().without_protection();
    raw.execute(orphan).expect("forged");
    let target = Place::empty();
    assert_eq!(
        crate::copy(&o.place.register(), &target.register()).expect_err("an orphan").code(),
        "store"
    );
    Register::create(&target.register()).expect("it is as empty as before");
}

#[test]
fn a_copy_gives_back_what_was_removed_from_the_original() {
    let o = busy();
    let drop = match o.place.raw() {
        place::Raw::Sqlite(_) => "DROP TRIGGER statement_remains",
        #[cfg(feature = "postgres")]
        place::Raw::Postgres(_) => "DROP TRIGGER statement_remains ON statement",
    };
    o.place.raw().execute(drop).expect("removed");
    assert_eq!(
        Register::open(&o.place.register()).expect_err("unprotected").code(),
        "register_unfinished"
    );
    let target = Place::empty();
    crate::copy(&o.place.register(), &target.register()).expect("a copy");
    Register::open(&target.register()).expect("a register with everything");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let o = busy();
    let file = o.place.folder.path().join("backup.sqlite");
    crate::copy(&o.place.register(), &file.clone().into()).expect("a copy");
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let names = std::fs::read_dir(o.place.folder.path()).expect("a folder");
    let mut names: Vec<_> = names.map(|file| file.expect("a file").file_name()).collect();
    names.retain(|name| !name.to_string_lossy().starts_with("register.sqlite"));
    assert_eq!(names, ["backup.sqlite"], "one file, whole, and nothing beside it");
}
