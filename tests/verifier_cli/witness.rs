//! `witness cosign`: a witness checks what an office has published, and signs that its log has only
//! grown.

use std::fs;

use vernet_common::{SignedCheckpoint, Witness};

use crate::hospital::{Hospital, Run, now};

const KEY: [&str; 4] = ["--key", "witness.pem", "--passphrase-file", "passphrase.txt"];

/// A hospital that is a witness, with the office's roots pinned.
fn witness() -> (Hospital, Witness) {
    let hospital = Hospital::new();
    hospital.pin();
    hospital.write("passphrase.txt", "a passphrase for tests\n");
    let name = ["--name", "witness.example.no/w1"];
    let made = hospital.run(
        &[
            &["keys", "new", "--use", "witness", "--out", "witness.pem", "--json"],
            &name[..],
            &KEY[2..],
        ]
        .concat(),
    );
    let made = made.done().json();
    let public = fs::read(hospital.path("witness.pub")).expect("it was written");
    let witness: Witness = serde_json::from_slice(&public).expect("a key and a name");
    assert_eq!(made["vkey"], witness.verifier_key());
    assert_eq!(made["witness"], serde_json::to_value(&witness).expect("JSON"));
    (hospital, witness)
}

fn cosign(hospital: &Hospital, more: &[&str]) -> Run {
    hospital.run(&[&["witness", "cosign", "--publication", "publication"], &KEY[..], more].concat())
}

/// The cosignature, which must be valid for the office's checkpoint.
#[track_caller]
fn size_cosigned(hospital: &Hospital, witness: &Witness, run: Run) -> u64 {
    let answer = run.done().json();
    let mut checkpoint = hospital.office.bundled_log().checkpoint;
    let lines = answer["cosignature"].as_str().expect("a text");
    let at = checkpoint.add_cosignature(lines, witness).expect("it holds").expect("there is one");
    assert!(now().seconds_since(at) < 60, "{at}");
    assert_eq!(answer["origin"], SignedCheckpoint::origin(&hospital.office.trust_list.iss));
    answer["size"].as_u64().expect("a number")
}

#[test]
fn a_log_that_grows_is_cosigned_and_another_one_never() {
    let (mut hospital, witness) = witness();
    let bundle = |hospital: &Hospital| hospital.office.bundle();
    let first = bundle(&hospital);
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 2);
    hospital.office.after = vec!["one more".into(), "and another".into()];
    hospital.publish();
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 4);
    assert_eq!(
        size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])),
        4,
        "the same again"
    );

    // As a file, and as text.
    let run = cosign(&hospital, &["--out", "cosignature"]).done();
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("witness.example.no/w1 cosigned 4 certificates"), "{run:?}");
    let lines = fs::read_to_string(hospital.path("cosignature")).expect("it was written");
    let printed = cosign(&hospital, &[]).done().stdout;
    for lines in [lines, printed] {
        hospital
            .office
            .bundled_log()
            .checkpoint
            .add_cosignature(&lines, &witness)
            .expect("it holds")
            .expect("it is there");
    }

    // An old copy does not raise an alarm.
    hospital.write_bundle("publication/bundle.json", &first);
    let old = cosign(&hospital, &[]);
    assert_eq!((old.code, old.stdout.as_str()), (Some(1), ""), "{old:?}");
    assert!(old.stderr.contains("[log_outdated]") && !old.stderr.contains("ALARM"), "{old:?}");

    // Two forks: of the same size, and a longer one.
    for (after, code) in [
        (vec!["one more", "a forgery"], "log_forked"),
        (vec!["a forgery", "and", "more"], "log_proof"),
    ] {
        hospital.office.after = after.into_iter().map(Into::into).collect();
        hospital.publish();
        for _ in 0..2 {
            let run = cosign(&hospital, &[]);
            assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
            assert!(
                run.stderr.contains(&format!("[{code}]")) && run.stderr.contains("ALARM"),
                "{run:?}"
            );
        }
    }
    let evidence: Vec<_> =
        fs::read_dir(hospital.path("state/witness/evidence")).expect("it was kept").collect();
    assert_eq!(evidence.len(), 2, "each once");
    for file in evidence {
        let json = fs::read(file.expect("an entry").path()).expect("a file");
        let evidence: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let known = SignedCheckpoint::parse(evidence["known"].as_str().expect("a note"))
            .expect("a checkpoint");
        assert_eq!(known.head().size, 4);
        let found = vernet_common::Bundle::from_json(evidence["found"].to_string().as_bytes())
            .expect("a bundle");
        assert_ne!(found.log.expect("it is there").checkpoint.head(), known.head());
    }
    // And after all that, the honest log.
    hospital.office.after = vec!["one more".into(), "and another".into(), "a third".into()];
    hospital.publish();
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 5);
}

#[test]
fn the_leaves_of_a_large_log_are_read_from_its_tiles() {
    let (mut hospital, witness) = witness();
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 2);
    hospital.office.after = (0..1100).map(|n| format!("certificate {n}")).collect();
    hospital.publish_with_tiles();
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 1102);
    fs::remove_dir_all(hospital.path("publication/log")).expect("it was there");
    cosign(&hospital, &[]).failed("tile/0/000");
}

#[test]
fn what_a_witness_cannot_begin_with() {
    let (hospital, _) = witness();
    // A log that does not match its leaves.
    let mut bundle = hospital.office.bundle();
    let log = bundle.log.as_mut().expect("it is there");
    log.leaves.as_mut().expect("they are there").swap(0, 1);
    hospital.write_bundle("publication/bundle.json", &bundle);
    cosign(&hospital, &[]).failed("the leaves");
    hospital.publish();
    // A damaged state is not an empty state.
    cosign(&hospital, &[]).done();
    let file = fs::read_dir(hospital.path("state/witness"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let file = file
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .expect("a file");
    fs::write(&file, "{").expect("it can be written");
    cosign(&hospital, &[]).failed("a witness that has forgotten what it cosigned must not cosign");
    fs::remove_file(&file).expect("it can be removed");
    // Another key's public half.
    hospital
        .run(
            &[
                &["keys", "new", "--use", "witness", "--out", "other.pem", "--name", "w2"],
                &KEY[2..],
            ]
            .concat(),
        )
        .done();
    fs::copy(hospital.path("other.pub"), hospital.path("witness.pub")).expect("it can be copied");
    cosign(&hospital, &[]).failed("is not the public half");
    // Keys are never overwritten, and a witness has a name.
    let again =
        [&["keys", "new", "--use", "witness", "--out", "other.pem", "--name", "w2"], &KEY[2..]]
            .concat();
    hospital.run(&again).failed("[file_exists]");
    hospital
        .run(&[&["keys", "new", "--use", "witness", "--out", "third.pem"], &KEY[2..]].concat())
        .failed("--name");
    // An office that is not pinned.
    hospital.run(&["trust", "remove", &hospital.fingerprint()]).done();
    cosign(&hospital, &[]).failed("root keys are not pinned");
}

#[test]
fn an_office_that_begins_anew_does_not_make_its_witness_forget() {
    let (mut hospital, witness) = witness();
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 2);
    hospital.run(&["trust", "remove", &hospital.fingerprint()]).done();
    // Other roots of the same office: a fork of its log is still a fork.
    hospital.office.trust_list.roots.threshold = 1;
    hospital.write_roots("roots.json", &hospital.office.anchor());
    hospital.pin();
    hospital.publish();
    assert_eq!(size_cosigned(&hospital, &witness, cosign(&hospital, &["--json"])), 2);
    hospital.office.before = vec!["another beginning".into()];
    hospital.publish();
    assert_eq!(cosign(&hospital, &[]).code, Some(1));
}

#[test]
fn a_witness_says_in_words_what_is_wrong_with_its_name_or_key() {
    let (hospital, _) = witness();
    let new = |name: &str| {
        let new = ["keys", "new", "--use", "witness", "--out", "w2.pem", "--name", name];
        hospital.run(&[&new[..], &KEY[2..]].concat())
    };
    new("https://witness.example.no/w2").failed("expected a URL without its scheme");
    assert!(!hospital.path("w2.pem").exists() && !hospital.path("w2.pub").exists());
    new("witness.example.no/w2").done();
    // A key for receipts has a public half too, but without a witness's name.
    hospital
        .run(&[&["keys", "new", "--use", "receipt", "--out", "r.pem"], &KEY[2..]].concat())
        .done();
    let publication = ["witness", "cosign", "--publication", "publication", "--key", "r.pem"];
    hospital.run(&[&publication[..], &KEY[2..]].concat()).failed("it names no witness");
}
