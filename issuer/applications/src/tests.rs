//! Inbox and office, with the folder between them.

use std::{fs, path::Path};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use vernet_common::{NumericDate, SecretKey};

use crate::{
    code::ReceiptCode,
    folder::{Arrival, InboxFolder, Room},
    key::InboxKey,
    seal::Purpose,
    submission::{SealedSubmission, Submission},
};

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn now() -> NumericDate {
    "2026-12-01T10:00:00Z".parse().expect("an instant")
}

fn office() -> InboxKey {
    InboxKey::new(SecretKey::from_seed(&[5; 32]))
}

fn code(seed: u64) -> ReceiptCode {
    ReceiptCode::generate(&mut rng(seed))
}

fn sealed(code: &ReceiptCode, words: &str) -> SealedSubmission {
    let text = Some(words.parse().expect("a text"));
    let to = (&office().public().seal, &mut rng(99));
    Submission::seal(code, (None, text), &[], now(), to).expect("sealed")
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().into_string().expect("ASCII")).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

#[test]
fn what_is_acknowledged_is_on_the_disk_once() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    let one = sealed(&code(1), "Hei");
    let first = folder.keep(&one, now(), Room::default()).expect("kept");
    let later = now().plus_seconds(60);
    assert_eq!(folder.keep(&one, later, Room::default()).expect("the same"), first);
    assert_eq!(files(&root.path().join("incoming")).len(), 1);
    let record = folder.receipt(&code(1).id()).expect("readable").expect("there");
    assert_eq!(record.received, [first]);
    assert_eq!(folder.receipt(&code(2).id()).expect("readable"), None);
    // Nothing of it tells whose it is.
    let names = files(&root.path().join("incoming"));
    assert!(!names[0].contains(&*code(1).text().replace('-', "")));
}

#[test]
fn a_crash_between_file_and_record_loses_nothing_and_doubles_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    let one = sealed(&code(1), "Hei");
    folder.keep(&one, now(), Room::default()).expect("kept");
    let record = root.path().join("receipts").join(format!("{}.json", one.receipt));
    fs::remove_file(&record).expect("it is there");
    // The applicant saw no receipt and tries again; before the office took it,
    folder.keep(&one, now(), Room::default()).expect("kept");
    assert_eq!(folder.arrivals().expect("listed").len(), 1);
    // and after.
    fs::remove_file(&record).expect("it is there");
    let own = root.path().join("office");
    assert_eq!(folder.take_into(&own).expect("taken"), 1);
    folder.keep(&one, now(), Room::default()).expect("kept");
    assert_eq!(folder.take_into(&own).expect("the same"), 0);
    assert_eq!((files(&own).len(), folder.arrivals().expect("listed").len()), (1, 0));
}

#[test]
fn the_office_takes_what_it_has_a_copy_of_and_nothing_else() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    for seed in 1..4 {
        folder.keep(&sealed(&code(seed), "Hei"), now(), Room::default()).expect("kept");
    }
    let own = root.path().join("office");
    // It was ended after it had copied one, and before it had removed it.
    let first = folder.arrivals().expect("listed").remove(0);
    fs::create_dir(&own).expect("made");
    let incoming = root.path().join("incoming");
    fs::copy(incoming.join(first.file_name()), own.join(first.file_name())).expect("copied");
    assert_eq!(folder.take_into(&own).expect("taken"), 2);
    assert_eq!(files(&own).len(), 3);
    assert!(files(&incoming).is_empty());
    for name in files(&own) {
        let arrival = Arrival::of_file_name(&name).expect("its name");
        let bytes = fs::read(own.join(&name)).expect("there");
        Submission::open(&office().open_key(), &arrival.receipt, &bytes).expect("the office's");
    }
}

#[test]
fn what_is_no_sealed_file_is_neither_taken_nor_followed() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    let incoming = root.path().join("incoming");
    let secret = root.path().join("secret");
    fs::write(&secret, "of the office").expect("written");
    for name in ["..sealed", "x.sealed", "0-0.sealed", ".tmp-1"] {
        fs::write(incoming.join(name), "rubbish").expect("written");
    }
    let own = root.path().join("office");
    assert_eq!(folder.take_into(&own).expect("nothing"), 0);
    #[cfg(unix)]
    {
        let name = Arrival { receipt: code(1).id(), delivery: sealed(&code(1), "a").delivery };
        std::os::unix::fs::symlink(&secret, incoming.join(name.file_name())).expect("a link");
        assert_eq!(folder.take_into(&own).expect_err("a link").code(), "io");
        assert!(files(&own).is_empty());
    }
}

#[test]
fn nobody_fills_the_disk() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    let room = Room { files: 3, bytes: 1 << 20, per_receipt: 2 };
    let keep = |seed, words: &str, room| {
        folder.keep(&sealed(&code(seed), words), now(), room).map(drop).map_err(|e| e.code())
    };
    assert_eq!(keep(1, "a", room), Ok(()));
    assert_eq!(keep(1, "b", room), Ok(()));
    assert_eq!(keep(1, "c", room), Err("inbox_full"), "a third under one receipt");
    assert_eq!(keep(1, "b", room), Ok(()), "what is there already");
    assert_eq!(keep(2, "a", Room { bytes: 10, ..room }), Err("inbox_full"));
    assert_eq!(keep(2, "a", room), Ok(()));
    assert_eq!(keep(3, "a", room), Err("inbox_full"), "a fourth file");
    folder.take_into(&root.path().join("office")).expect("taken");
    assert_eq!(keep(3, "a", room), Ok(()), "there is room again");
}

#[test]
fn an_answer_is_there_once_and_is_forgotten_with_the_application() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    let (one, other) = (code(1).id(), code(2).id());
    for receipt in [&one, &other] {
        folder.keep(&sealed(&code(1), "a"), now(), Room::default()).expect("kept");
        folder.post(receipt, 1, b"first").expect("posted");
    }
    folder.post(&one, 2, b"second").expect("posted");
    folder.post(&one, 1, b"something else").expect("it is there already");
    assert_eq!(folder.answers(&one).expect("listed"), [1, 2]);
    assert_eq!(folder.answer(&one, 1).expect("read").as_deref(), Some(&b"first"[..]));
    assert_eq!(folder.answer(&one, 3).expect("read"), None);
    for rubbish in ["1.sealed", "00001.sealed", "x.sealed", "0003", "+001.sealed"] {
        let at = root.path().join("outgoing").join(one.to_string()).join(rubbish);
        fs::write(at, "").expect("written");
    }
    assert_eq!(folder.answers(&one).expect("listed"), [1, 2]);
    folder.forget(&one).expect("forgotten");
    folder.forget(&one).expect("again");
    assert!(folder.answers(&one).expect("listed").is_empty());
    assert_eq!(folder.receipt(&one).expect("read"), None);
    assert!(folder.arrivals().expect("listed").is_empty());
    assert_eq!(folder.answers(&other).expect("listed"), [1]);
}

#[test]
fn one_inbox_at_a_time() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    let held = folder.lock().expect("the first");
    assert_eq!(folder.lock().expect_err("a second").code(), "folder_busy");
    drop(held);
    assert!(folder.lock().is_ok());
}

#[test]
fn what_lies_in_the_folder_is_unreadable_without_the_office() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = InboxFolder::open(root.path()).expect("made");
    folder.keep(&sealed(&code(1), "Jeg heter Ingrid"), now(), Room::default()).expect("kept");
    for part in ["incoming", "receipts"] {
        for name in files(&root.path().join(part)) {
            let bytes = fs::read(root.path().join(part).join(&name)).expect("there");
            assert!(!bytes.windows(6).any(|part| part == b"Ingrid"), "{name}");
            let stranger = InboxKey::new(SecretKey::from_seed(&[6; 32])).open_key();
            assert!(stranger.open(Purpose::Submission, &code(1).id(), &bytes).is_err());
        }
    }
}
