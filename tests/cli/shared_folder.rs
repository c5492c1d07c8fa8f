//! Two officers with an account each, and one office (cases O11 and a29): what one makes, the other
//! can work with, as the permissions of the office's folder say.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
};

use crate::place::{OLA, Place, Run, copy_folder, issuer_program, number, today};

/// Accounts that need not have a name.
const ANNE: u32 = 64_001;
const BJORN: u32 = 64_002;
const GROUP: u32 = 64_000;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

/// As docs/OFFICE.md says: `chgrp -R`, `chmod -R g+rwX`, and the setgid bit on each folder.
fn share(path: &Path) {
    chown(path, Some(ANNE), Some(GROUP)).expect("root may");
    let is_folder = path.is_dir();
    let mode = if is_folder { 0o2770 } else { 0o660 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("root may");
    if is_folder {
        for entry in fs::read_dir(path).expect("a folder") {
            share(&entry.expect("an entry").path());
        }
    }
}

#[test]
fn what_one_officer_makes_the_other_one_works_with() {
    let place = Place::with_demo();
    let office = tempfile::tempdir().expect("a folder that others can reach");
    if fs::metadata(office.path()).expect("there").uid() != 0 {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "only root has two users");
        eprintln!("skipped: only root can run programs as two users");
        return;
    }
    let at = |name: &str| office.path().join(name);
    copy_folder(&place.path("demo"), &at("demo"));
    let program = at("vernet-issuer");
    if fs::hard_link(issuer_program(), &program).is_err() {
        fs::copy(issuer_program(), &program).expect("room for the program");
    }
    fs::set_permissions(office.path(), fs::Permissions::from_mode(0o755)).expect("root may");
    share(&at("demo"));
    fs::write(at("demo/scan.pdf"), "a scan").expect("written");
    share(&at("demo/scan.pdf"));
    let as_user = |user: u32, arguments: &[&str]| {
        let mut shell = place.command("sh".as_ref());
        // The narrowest umask that there is.
        shell.args(["-c", r#"umask 077; exec "$0" "$@""#]).arg(&program).args(arguments);
        Run::of(shell.current_dir(office.path()).uid(user).gid(GROUP))
    };

    let until = today().plus_months(2).to_string();
    let suspend = ["propose", "suspend", number(), "--until", &until, "--document"];
    let proposed = as_user(ANNE, &[&suspend[..], &["demo/scan.pdf", "--json"]].concat()).done();
    let proposal = proposed.json()["proposal"].to_string();
    let documents = at("demo/office/documents");
    for entry in fs::read_dir(&documents).expect("a folder") {
        let entry = entry.expect("an entry");
        assert_eq!(mode(&entry.path()), 0o660, "{:?}", entry.file_name());
        assert_eq!(entry.metadata().expect("there").gid(), GROUP);
    }
    let review = as_user(BJORN, &["review", &proposal]).done();
    assert!(!review.stdout.contains("NOT AS SIGNED"), "{review:?}");
    as_user(BJORN, &["approve", &proposal, "--officer-key", OLA]).done();

    // They publish in turn, each over the folder of the other.
    for (user, out) in [(BJORN, "demo/served"), (ANNE, "demo/served"), (BJORN, "demo/served")] {
        as_user(user, &["publish", "--out", out]).done();
        assert_eq!(mode(&at(out)), 0o2775);
        assert_eq!(mode(&at("demo/served/bundle.json")), 0o664);
    }
    for user in [ANNE, BJORN] {
        as_user(user, &["trust-list", "draft"]).done();
        as_user(user, &["audit"]).done();
    }
    assert_eq!(mode(&at("demo/office/high-water.json")), 0o660);
    assert_eq!(mode(&at("demo/office/high-water.catalogue")), 0o660);
    assert_eq!(mode(&at("demo/office/trust-list/draft.json")), 0o660);
    // A key is its maker's.
    as_user(ANNE, &["keys", "new", "--use", "officer", "--out", "demo/new.pem"]).done();
    assert_eq!(mode(&at("demo/new.pem")), 0o600);
}
