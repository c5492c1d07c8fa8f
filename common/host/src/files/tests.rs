use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{folder::switch_with, *};

const MARKER: &str = "trust-list.jws";

fn workplace() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

fn publish(target: &Path, generation: u32) {
    let staged = StagedDirectory::new(target, MARKER).expect("free");
    fill(staged.path(), generation);
    staged.switch().expect("switched");
}

fn fill(folder: &Path, generation: u32) {
    fs::create_dir(folder.join("status")).expect("a folder");
    for name in [MARKER, "status/1", "status/2"] {
        fs::write(folder.join(name), format!("{generation:09}").repeat(1000)).expect("written");
    }
}

/// The generation, if all files exist, are complete, and none is older than the one read before.
fn read_generation(target: &Path, not_before: u32) -> u32 {
    let mut newest = not_before;
    for name in [MARKER, "status/1", "status/2"] {
        let text = fs::read_to_string(target.join(name)).expect("never missing");
        assert_eq!(text.len(), 9000, "never half");
        let generation = text[..9].parse().expect("a number");
        assert!(generation >= newest, "never an older one: {generation} after {newest}");
        newest = generation;
    }
    newest
}

#[test]
fn a_reader_never_sees_a_missing_or_half_folder() {
    let place = workplace();
    let target = place.path().join("publication");
    publish(&target, 0);
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut generation, mut reads) = (0, 0);
                    while !finished.load(Ordering::Relaxed) {
                        generation = read_generation(&target, generation);
                        reads += 1;
                    }
                    reads
                })
            })
            .collect();
        for generation in 1..=100 {
            publish(&target, generation);
        }
        finished.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().expect("saw nothing wrong") > 100);
        }
    });
    assert_eq!(read_generation(&target, 100), 100);
    assert_eq!(names(place.path()), [".publication.lock", "publication"]);
}

#[test]
fn a_file_system_without_exchange_gets_two_renames() {
    let place = workplace();
    let (target, staged) =
        (place.path().join("publication"), place.path().join(".publication.staging-x"));
    publish(&target, 1);
    fs::create_dir(&staged).expect("a folder");
    fill(&staged, 2);
    switch_with(&staged, &target, |_, _| Ok(false)).expect("switched");
    assert_eq!(read_generation(&target, 0), 2);
    assert_eq!(names(place.path()), [".publication.lock", "publication"]);
}

#[test]
fn a_crash_between_the_two_renames_is_repaired() {
    let place = workplace();
    let target = place.path().join("publication");
    publish(&target, 1);
    fs::rename(&target, place.path().join(".publication.old")).expect("renamed");
    let staged = StagedDirectory::new(&target, MARKER).expect("free");
    assert_eq!(read_generation(&target, 0), 1);
    drop(staged);
    assert_eq!(names(place.path()), [".publication.lock", "publication"]);
}

#[test]
fn a_crash_after_the_two_renames_is_tidied_up() {
    let place = workplace();
    let target = place.path().join("publication");
    publish(&target, 2);
    fs::create_dir(place.path().join(".publication.old")).expect("a folder");
    publish(&target, 3);
    assert_eq!(read_generation(&target, 0), 3);
    assert_eq!(names(place.path()), [".publication.lock", "publication"]);
}

#[test]
fn leftovers_of_a_crash_are_removed_and_nothing_else() {
    let place = workplace();
    for folder in [".publication.staging-abc", ".publication-2.staging-abc", ".other"] {
        fs::create_dir(place.path().join(folder)).expect("a folder");
        fs::write(place.path().join(folder).join("x"), "x").expect("written");
    }
    let link = place.path().join(".publication.staging-link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path().join(".other"), &link).expect("a link");
    publish(&place.path().join("publication"), 1);
    let mut expected =
        vec![".other", ".publication-2.staging-abc", ".publication.lock", "publication"];
    if cfg!(unix) {
        expected.insert(3, ".publication.staging-link");
    }
    assert_eq!(names(place.path()), expected);
    assert_eq!(names(&place.path().join(".other")), ["x"]);
}

#[test]
fn a_folder_of_somebody_else_is_not_replaced() {
    let place = workplace();
    let home = place.path().join("home");
    fs::create_dir(&home).expect("a folder");
    publish(&home, 1);
    let letters = place.path().join("letters");
    fs::create_dir(&letters).expect("a folder");
    fs::write(letters.join("to-mother"), "…").expect("written");
    assert_eq!(
        StagedDirectory::new(&letters, MARKER).expect_err("not ours").code(),
        "folder_not_ours"
    );
    assert_eq!(
        StagedDirectory::new(&letters.join("to-mother"), MARKER).expect_err("a file").code(),
        "file_not_written"
    );
    assert_eq!(names(&letters), ["to-mother"]);
}

#[test]
fn a_second_process_has_to_wait() {
    let place = workplace();
    let target = place.path().join("publication");
    let first = StagedDirectory::new(&target, MARKER).expect("free");
    assert_eq!(StagedDirectory::new(&target, MARKER).expect_err("taken").code(), "folder_busy");
    drop(first);
    StagedDirectory::new(&target, MARKER).expect("free again");
    assert!(!target.exists());
}

#[cfg(unix)]
#[test]
fn a_link_to_the_folder_stays_a_link() {
    let place = workplace();
    let (real, link) = (place.path().join("real"), place.path().join("link"));
    publish(&real, 1);
    std::os::unix::fs::symlink(&real, &link).expect("a link");
    publish(&link, 2);
    assert_eq!(read_generation(&real, 0), 2);
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
}

#[test]
fn write_atomic_replaces() {
    let place = workplace();
    let path = place.path().join("a");
    write_atomic(&path, b"one").expect("written");
    write_atomic(&path, b"two").expect("written");
    assert_eq!(fs::read(&path).expect("there"), b"two");
    assert_eq!(names(place.path()), ["a"]);
    assert_eq!(
        write_atomic(&place.path().join("no/a"), b"").expect_err("no folder").code(),
        "file_not_written"
    );
}

#[cfg(unix)]
#[test]
fn permissions_fit_the_content() {
    use std::os::unix::fs::PermissionsExt;
    let place = workplace();
    let (open, secret) = (place.path().join("open"), place.path().join("secret"));
    write_atomic(&open, b"").expect("written");
    write_new_secret(&secret, b"").expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&secret), 0o600);
    // As an ordinary `File::create` in this process, whatever its umask.
    let ordinary = place.path().join("ordinary");
    fs::write(&ordinary, "").expect("written");
    assert_eq!(mode(&open), mode(&ordinary));
    assert!(!is_readable_by_others(&secret).expect("there"));
    write_atomic(&secret, b"new").expect("written");
    assert_eq!(mode(&secret), 0o600, "a replaced file keeps its permissions");
    write_atomic_private(&open, b"now it is private").expect("written");
    assert_eq!(mode(&open), 0o600, "whatever it was before");
}

#[test]
fn a_secret_is_never_overwritten() {
    let place = workplace();
    let path = place.path().join("key");
    write_new_secret(&path, b"first").expect("written");
    assert_eq!(write_new_secret(&path, b"second").expect_err("exists").code(), "file_exists");
    assert_eq!(fs::read(&path).expect("there"), b"first");
    assert_eq!(names(place.path()), ["key"]);
}

/// What is made in a folder that is shared with a group follows the folder, whatever the umask is.
/// Keys never do.
#[cfg(unix)]
#[test]
fn files_in_a_shared_folder_are_the_groups_and_keys_are_not() {
    use std::os::unix::fs::PermissionsExt;
    let place = workplace();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o7777;
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("one's own");
    };
    let made = |folder: u32| {
        let office = place.path().join(format!("{folder:o}"));
        fs::create_dir(&office).expect("a folder");
        set(&office, folder);
        let name = |name: &str| office.join(name);
        write_new_in_group(&name("document"), b"").expect("written");
        write_new_secret(&name("key"), b"").expect("written");
        write_atomic_private(&name("letter"), b"").expect("written");
        write_atomic_public(&name("metrics"), b"").expect("written");
        // As a process with the umask 077 would have made them.
        for file in ["list", "by-other-means"] {
            fs::write(name(file), "").expect("written");
            set(&name(file), 0o600);
        }
        write_atomic(&name("list"), b"").expect("written");
        share_with_group(&name("by-other-means"));
        make_private_folder(&name("documents")).expect("made");
        make_private_folder(&name("documents")).expect("it is there");
        ["document", "key", "letter", "metrics", "list", "by-other-means", "documents"]
            .map(|file| mode(&name(file)))
    };
    assert_eq!(made(0o2770), [0o660, 0o600, 0o600, 0o664, 0o660, 0o660, 0o2770]);
    for not_shared in [0o700, 0o770, 0o2750, 0o755] {
        let expected = [0o600, 0o600, 0o600, 0o644, 0o600, 0o600, 0o700];
        // A folder in a setgid folder has the bit too.
        let found = made(not_shared).map(|mode| mode & 0o777);
        assert_eq!(found, expected, "{not_shared:o}");
    }
}

/// A job at night with the umask 077 published what no web server could read.
#[cfg(unix)]
#[test]
fn a_published_folder_can_be_read_whatever_the_umask_was() {
    use std::os::unix::fs::PermissionsExt;
    let place = workplace();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o7777;
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("one's own");
    };
    let target = place.path().join("publication");
    let publish = || {
        let staged = StagedDirectory::new(&target, MARKER).expect("free");
        fill(staged.path(), 1);
        for (name, mode) in [("status", 0o700), (MARKER, 0o600), ("status/1", 0o600)] {
            set(&staged.path().join(name), mode);
        }
        staged.switch().expect("switched");
        ["", "status", MARKER, "status/1"].map(|name| mode(&target.join(name)))
    };
    assert_eq!(publish(), [0o755, 0o755, 0o644, 0o644]);
    // Somebody has restricted it to the web server's group: so it stays.
    set(&target, 0o750);
    assert_eq!(publish(), [0o750, 0o755, 0o644, 0o644]);
    // What an earlier version published at night.
    set(&target, 0o700);
    assert_eq!(publish(), [0o755, 0o755, 0o644, 0o644]);
    fs::remove_dir_all(&target).expect("one's own");
    set(place.path(), 0o2770);
    assert_eq!(publish(), [0o2775, 0o2775, 0o664, 0o664], "officers publish in turn");
}
