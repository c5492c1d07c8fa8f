//! An office that can only be read (case O16): a copy for auditors, and a disk that is full.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::place::{Place, Run, copy_folder, files_in, issuer_program, now, number, today};

/// A user who owns nothing, for tests that run as root, whom no permission stops.
const NOBODY: u32 = 65_534;

/// A copy of an office in which nothing can be written, and the program beside it.
struct Copied {
    folder: TempDir,
}

impl Copied {
    fn of(place: &Place) -> Self {
        // Not in the target folder, which another user may not be able to reach.
        let folder = tempfile::tempdir().expect("a folder");
        copy_folder(&place.path("demo"), &folder.path().join("demo"));
        // What another process has open and has not put into the register's file yet is copied with
        // it; its index is not.
        let _ = fs::remove_file(folder.path().join("demo/office/register.sqlite-shm"));
        let program = folder.path().join("vernet-issuer");
        if fs::hard_link(issuer_program(), &program).is_err() {
            fs::copy(issuer_program(), &program).expect("room for the program");
        }
        set_modes(folder.path(), 0o555, 0o444);
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let folder = self.folder.path();
        let mut command = Command::new(folder.join("vernet-issuer"));
        command
            .args(arguments)
            .current_dir(folder)
            .env("HOME", "/nonexistent")
            .env("VERNET_OFFICE", "demo/office")
            .env("VERNET_OFFICER_KEY", "demo/officers/kari.pem")
            .env("VERNET_PASSPHRASE_FILE", "demo/passphrase.txt");
        if fs::metadata(folder).expect("there").uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        Run::of(&mut command)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).done().json()
    }

    /// Every file with its content.
    fn content(&self) -> Vec<(String, Vec<u8>)> {
        let office = self.folder.path().join("demo/office");
        let read = |name: String| (name.clone(), fs::read(office.join(name)).expect("readable"));
        files_in(&office).into_iter().map(read).collect()
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        set_modes(self.folder.path(), 0o755, 0o644);
    }
}

/// The modes of all folders and files below one, and its own.
fn set_modes(folder: &Path, folders: u32, files: u32) {
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("one's own");
    };
    set(folder, 0o755);
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => set_modes(&path, folders, files),
            false if path.ends_with("vernet-issuer") => {}
            false => set(&path, files),
        }
    }
    set(folder, folders);
}

/// What an auditor does, who may write nothing.
fn everything_can_be_read(copy: &Copied, place: &Place, proposal: &str) {
    let (before, known) = (copy.content(), now().to_string());
    for arguments in [
        &["list", "--known", &known][..],
        &["show", number(), "--known", &known],
        &["history", number()],
        &["due"],
        &["proposals"],
        &["review", proposal],
        &["officers", "list"],
        &["keys", "list"],
        &["trust-list", "show"],
    ] {
        assert_eq!(copy.json(arguments), place.issuer_json(arguments), "{arguments:?}");
    }
    let audit = |audit: Value| (audit["certificates"].clone(), audit["statements"].clone());
    assert_eq!(audit(copy.json(&["audit"])), audit(place.issuer_json(&["audit"])));
    assert!(copy.content() == before, "nothing was written");
}

#[test]
fn a_copy_without_the_right_to_write_can_be_read_and_audited() {
    let place = Place::with_demo();
    let until = today().plus_months(2).to_string();
    let proposed = place.issuer_json(&["propose", "suspend", number(), "--until", &until]);
    let proposal = proposed["proposal"].to_string();
    let copy = Copied::of(&place);
    everything_can_be_read(&copy, &place, &proposal);
    let refused = copy.run(&["reject", &proposal, "--reason", "a test"]);
    refused.refused("register_read_only");
    assert!(refused.stderr.contains("nothing was recorded"), "{refused:?}");
}

/// SQLite offers a way to read such a copy that leaves out what was written last: whoever took it
/// would not see the newest suspension.
#[test]
fn what_was_written_last_is_read_from_a_copy_too() {
    let place = Place::with_demo();
    let register = place.path("demo/office/register.sqlite");
    // Somebody has the register open, so what is written stays beside it.
    let open = rusqlite::Connection::open(&register).expect("the register");
    let count: i64 =
        open.query_row("SELECT count(*) FROM statement", [], |row| row.get(0)).expect("rows");
    assert!(count > 0);
    let until = today().plus_months(2).to_string();
    place.both(&["suspend", number(), "--until", &until]).done();
    let proposal = place.issuer_json(&["propose", "lift", number()])["proposal"].to_string();
    let wal = fs::metadata(place.path("demo/office/register.sqlite-wal")).expect("beside it");
    assert!(wal.len() > 0, "or this test shows nothing");
    let copy = Copied::of(&place);
    everything_can_be_read(&copy, &place, &proposal);
    assert_eq!(copy.json(&["show", number()])["standing"]["code"], "suspended");
}

#[test]
fn a_copy_of_an_earlier_version_is_read_as_it_is() {
    let place = Place::with_demo();
    let known = now().to_string();
    let list = ["list", "--known", &known];
    let expected = place.issuer_json(&list);
    let register = place.path("demo/office/register.sqlite");
    let open = rusqlite::Connection::open(&register).expect("the register");
    open.execute_batch("DROP TABLE incoming_alert; PRAGMA user_version = 1").expect("as it was");
    open.close().expect("closed");
    let copy = Copied::of(&place);
    assert_eq!(copy.json(&list), expected);
    copy.run(&["audit"]).done();
    // Where it can be written, it is brought up to date.
    place.issuer(&["list"]).done();
    let open = rusqlite::Connection::open(&register).expect("the register");
    let version: u32 =
        open.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    assert_eq!(version, 3);
}

/// Runs a command of the office in a copy of it on a full disk, which is gone with the command.
fn on_a_full_disk(place: &Place, arguments: &[&str]) -> Run {
    const SCRIPT: &str = r#"
set -e
mount -t tmpfs -o size=8m tmpfs full
cp -r demo full/
sync
cat /dev/zero >full/filler 2>/dev/null || true
exec "$@"
"#;
    fs::create_dir_all(place.path("full")).expect("a folder");
    let root = fs::metadata(place.path("full")).expect("there").uid() == 0;
    let mut unshare = place.command("unshare".as_ref());
    unshare.args(if root { &["-m"][..] } else { &["-r", "-m"] });
    unshare.args(["sh", "-c", SCRIPT, "sh"]).arg(issuer_program()).args(arguments);
    Run::of(unshare.env("VERNET_OFFICE", "full/demo/office"))
}

#[test]
fn a_full_disk_is_read_and_what_cannot_be_written_says_what_to_do() {
    let place = Place::with_demo();
    let tried = Command::new("unshare").args(["-r", "-m", "true"]).status();
    if !tried.as_ref().is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "no `unshare`: {tried:?}");
        eprintln!("skipped: a disk of its own cannot be mounted: {tried:?}");
        return;
    }
    let known = now().to_string();
    for arguments in
        [&["list", "--known", &known][..], &["history", number()], &["due"], &["proposals"]]
    {
        let full = on_a_full_disk(&place, &[arguments, &["--json"]].concat()).done();
        assert_eq!(full.json(), place.issuer_json(arguments), "{arguments:?}");
    }
    on_a_full_disk(&place, &["audit"]).done();
    let until = today().plus_months(2).to_string();
    for arguments in [
        &["propose", "suspend", number(), "--until", &until][..],
        &["publish", "--out", "full/demo/publication"],
        &["trust-list", "draft"],
        &["register", "backup", "full/backup.sqlite"],
    ] {
        let refused = on_a_full_disk(&place, arguments);
        refused.refused("disk_full");
        assert!(refused.stderr.contains("make room"), "{refused:?}");
    }
}
