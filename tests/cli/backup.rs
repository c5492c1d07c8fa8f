//! Backups of the register: made, restored, and noticed when they are old.

use std::fs;

use crate::place::{Place, files_in, number, today};

/// Replaces the register by a backup, as docs/OFFICE.md says.
fn restore(place: &Place, backup: &str) {
    for name in ["register.sqlite", "register.sqlite-wal", "register.sqlite-shm"] {
        let _ = fs::remove_file(place.path(&format!("demo/office/{name}")));
    }
    fs::copy(place.path(backup), place.path("demo/office/register.sqlite"))
        .expect("a file can be copied");
}

#[test]
fn a_backup_is_a_register_and_the_work_goes_on_with_it() {
    let place = Place::with_demo();
    let answer = place.issuer_json(&["register", "backup", "backup.sqlite"]);
    assert_eq!(answer["certificates"], 1);
    place.issuer(&["register", "backup", "backup.sqlite"]).refused("file_exists");
    let history = place.issuer_json(&["history", number()]);
    restore(&place, "backup.sqlite");
    assert_eq!(place.issuer_json(&["history", number()]), history);
    let until = today().plus_months(2).to_string();
    place.both(&["suspend", number(), "--until", &until]).done();
    place.publish();
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "suspended");
}

#[test]
fn yesterdays_register_takes_nothing_back_and_says_what_is_missing() {
    let place = Place::with_demo();
    place.issuer(&["register", "backup", "yesterday.sqlite"]).done();
    let statements = place.issuer_json(&["register", "backup", "other.sqlite"])["statements"]
        .as_u64()
        .expect("a number");
    let until = today().plus_months(2).to_string();
    place.both(&["suspend", number(), "--until", &until]).done();
    place.publish();
    place.issuer(&["register", "backup", "today.sqlite"]).done();

    restore(&place, "yesterday.sqlite");
    place.write("other.json", place.read("demo/application.json").replace("9144889", "9144900"));
    for arguments in [
        &["due"][..],
        &["publish", "--out", "demo/publication"],
        // Nobody has published there, so no file there would show it.
        &["publish", "--out", "elsewhere"],
        &["propose", "grant", "other.json"],
        &["show", number()],
        &["propose", "lift", number()],
        &["register", "backup", "tomorrow.sqlite"],
    ] {
        let run = place.issuer(arguments);
        run.refused("register_behind");
        // A proposal, its approval, a publication.
        let missing = format!(
            "ends at statement {statements}, and this machine has seen statement {}",
            statements + 3
        );
        assert!(
            run.stderr.contains(&missing) && run.stderr.contains("→ restore the newest"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stderr.matches(&missing).count(), 1, "said once: {}", run.stderr);
    }
    let audit = place.issuer(&["audit"]).done();
    assert!(
        audit.stdout.starts_with("no fault: ") && audit.stderr.contains("[register_behind]"),
        "{audit:?}"
    );
    assert!(!place.path("elsewhere").exists() && !place.path("tomorrow.sqlite").exists());
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "suspended");

    restore(&place, "today.sqlite");
    place.publish();
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "suspended");
}

#[test]
fn a_damaged_register_makes_no_backup() {
    let place = Place::with_demo();
    let before = files_in(&place.path("."));
    let register = rusqlite::Connection::open(place.path("demo/office/register.sqlite"))
        .expect("the register");
    let edit = "DROP TRIGGER statement_stays; UPDATE statement SET body = replace(body, 'Kari', 'Karl') WHERE seq = 1";
    register.execute_batch(edit).expect("an intruder can");
    drop(register);
    place.issuer(&["register", "backup", "backup.sqlite"]).refused("chain");
    place.issuer(&["register", "copy", "--to", "backup.sqlite"]).refused("chain");
    let mut after = files_in(&place.path("."));
    after.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    assert_eq!(after, before);
}
