//! Receipts on the command line: made, stored, and verified from an archive; and the errors when
//! that is impossible.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use serde_json::Value;
use vernet_common::{Bundle, Signer, Status};

use crate::{
    hospital::{AnotherOffice, FILES, Hospital, Run},
    office::{DAY, HOUR, Office, key},
    picture::{picture, png},
};

/// A hospital that can sign, with its office's lists in `archive`.
fn signing() -> Hospital {
    let hospital = Hospital::new();
    hospital.pin();
    hospital.write("passphrase.txt", "a passphrase for tests\n");
    hospital
        .run(&[
            "keys",
            "new",
            "--use",
            "receipt",
            "--out",
            "r.pem",
            "--passphrase-file",
            "passphrase.txt",
        ])
        .done();
    hospital.run(&["sync", "publication", "--archive", "archive"]).done();
    hospital
}

const SIGNER: [&str; 6] = [
    "--receipt-key",
    "r.pem",
    "--receipt-name",
    "Ullevål sykehus",
    "--passphrase-file",
    "passphrase.txt",
];

fn check(hospital: &Hospital, inputs: &[&str], receipt: &str) -> Run {
    hospital.run(&[&["check", "--receipt", receipt], &SIGNER[..], inputs].concat())
}

/// Verifies a receipt with the archive and the certificate, as JSON; the exit status must match the
/// answer.
#[track_caller]
fn verify(hospital: &Hospital, arguments: &[&str]) -> Value {
    let run =
        hospital.run(&[&["receipt", "verify", "--key", "r.pub", "--json"], arguments].concat());
    let answer = run.json();
    assert_eq!(run.code, Some(i32::from(answer["confirmed"] != true)), "{run:?}");
    answer
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["faults"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|fault| fault["code"].as_str())
        .collect()
}

const ALL: [&str; 5] = ["a.jwt", "--archive", "archive", "--certificate", "certificate.jwt"];

/// Every file in a folder and its subfolders, except those that are being written.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.file_name().expect("a name").to_string_lossy().starts_with('.') {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn ten_publications_later_the_verdict_is_the_same() {
    let mut hospital = signing();
    let made = check(&hospital, &["certificate.url"], "a.jwt").done();
    assert!(made.stdout.contains("receipt in a.jwt"), "{made:?}");
    for number in 1..=10 {
        let office = &mut hospital.office;
        office.status_claims.iat = office.status_claims.iat.plus_seconds(60);
        office.trust_list.seq += 1;
        office.status_claims.trust_list_seq += 1;
        office.set_status(if number % 2 == 0 { Status::Suspended } else { Status::Invalid });
        hospital.publish();
        hospital.run(&["sync", "publication", "--archive", "archive"]).done();
        // The same lists are not stored twice.
        hospital.run(&["sync", "--archive", "archive"]).done();
    }
    assert_eq!(files(&hospital.path("archive")).len(), 12, "eleven publications, and the roots");
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "suspended");
    let answer = verify(&hospital, &ALL);
    assert_eq!(answer["verdict"]["code"], "authorised");
    assert_eq!(answer["receipt"]["verifier"], "Ullevål sykehus");
    let words = hospital.run(&[&["receipt", "verify", "--key", "r.pub"], &ALL[..]].concat()).done();
    assert!(words.stdout.contains("CONFIRMED: the same check gives the same verdict"), "{words:?}");
    assert!(words.stdout.contains("Ullevål sykehus stated on"), "{words:?}");
}

#[test]
fn a_receipt_made_behind_a_mirror_that_added_a_signature_is_confirmed_by_the_genuine_lists() {
    let hospital = signing();
    let genuine = fs::read(hospital.path("publication/bundle.json")).expect("it was published");
    let mut bundle = Bundle::from_json(&genuine).expect("a bundle");
    let list = bundle.trust_lists.last_mut().expect("there is one");
    list.add_signature(&key(66)).expect("a stranger signs");
    fs::create_dir(hospital.path("mirror")).expect("a new folder can be made");
    hospital.write_bundle("mirror/bundle.json", &bundle);
    hospital.run(&["sync", "mirror"]).done();
    assert_ne!(fs::read(hospital.path("mirror/bundle.json")).expect("it is there"), genuine);
    check(&hospital, &["certificate.url"], "a.jwt").done();
    for archive in ["publication", "mirror"] {
        let answer =
            verify(&hospital, &["a.jwt", "--archive", archive, "--certificate", "certificate.jwt"]);
        assert_eq!(answer["verdict"]["code"], "authorised", "{answer}");
    }
}

#[test]
fn the_files_may_lie_in_any_layout() {
    let mut hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    let bundle = fs::read(hospital.path("publication/bundle.json")).expect("it was published");
    let of_the_office = "from-the-office/archive/20261122T100100Z";
    for folder in ["copies/2026/november", of_the_office, "mixed/parts"] {
        fs::create_dir_all(hospital.path(folder)).expect("new folders");
    }
    // As an object store keeps it; as somebody copied it, among other files; and its parts, as a
    // web server has them.
    hospital.write(&format!("{of_the_office}/bundle.json"), &bundle);
    hospital.write("copies/2026/november/old-bundle.txt", &bundle);
    hospital.write("copies/holiday.jpg", [0xff, 0xd8, 0xff, 0, 1, 2]);
    hospital.write("copies/other.json", "{\"trust_lists\": 1}");
    hospital.write(
        "mixed/trust-list.json",
        serde_json::to_vec(&hospital.office.bundle().trust_lists[0]).expect("JSON"),
    );
    hospital.write("mixed/parts/1", hospital.office.signed_status_list().as_str());
    hospital.write_log("mixed/log");
    hospital.write("mixed/link.txt", hospital.office.link() + "\n");
    std::os::unix::fs::symlink(hospital.path("copies"), hospital.path("copies/circle"))
        .expect("a link");
    for folder in
        ["archive", "from-the-office", "copies", "mixed", "publication", "publication/bundle.json"]
    {
        let answer =
            verify(&hospital, &["a.jwt", "--archive", folder, "--certificate", "certificate.jwt"]);
        assert_eq!(answer["confirmed"], true, "{folder}: {answer}");
    }
    // The certificate is found among the files too, as any text; a picture must be given
    // explicitly.
    assert_eq!(verify(&hospital, &["a.jwt", "--archive", "mixed"])["confirmed"], true);
    assert_eq!(
        codes(&verify(&hospital, &["a.jwt", "--archive", "archive"])),
        ["certificate_missing"]
    );
    hospital.write("code.png", png(&picture(&[&hospital.office.link()])));
    assert_eq!(
        verify(&hospital, &["a.jwt", "--archive", "archive", "--certificate", "code.png"])["confirmed"],
        true
    );
    // In several folders, one of them from another time.
    newer(&mut hospital.office);
    hospital.publish();
    let split =
        ["a.jwt", "--archive", "publication", "--archive", "mixed/parts", "--archive", "mixed"];
    assert_eq!(verify(&hospital, &split)["confirmed"], true);
}

fn newer(office: &mut Office) {
    office.status_claims.iat = office.status_claims.iat.plus_seconds(HOUR / 2);
    office.set_status(Status::Suspended);
}

#[test]
fn what_is_missing_is_said_line_by_line() {
    let hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    let other = tempfile::tempdir_in(hospital.path(".")).expect("a folder");
    let empty = other.path().to_str().expect("UTF-8");
    let nothing = ["--archive", empty, "--roots", "other.json"];
    hospital.write_roots("other.json", &AnotherOffice::new().anchor());
    let answer = verify(&hospital, &[&["a.jwt"], &nothing[..]].concat());
    let all = ["roots_missing", "trust_list_missing", "status_list_missing", "certificate_missing"];
    assert_eq!(codes(&answer), all);
    let run =
        hospital.run(&[&["receipt", "verify", "--key", "r.pub", "a.jwt"], &nothing[..]].concat());
    assert_eq!(run.code, Some(1));
    for code in all {
        assert_eq!(
            run.stdout.lines().filter(|line| line.contains(&format!("[{code}]"))).count(),
            1,
            "{run:?}"
        );
    }
    assert!(run.stdout.contains("NOT CONFIRMED") && !run.stdout.contains('✔'), "{run:?}");
    // Without any file, only the pinned roots are left.
    assert_eq!(codes(&verify(&hospital, &["a.jwt"])), all[1..]);
    let gone = hospital.run(&[
        "receipt",
        "verify",
        "--key",
        "r.pub",
        "a.jwt",
        "--archive",
        "no-such-folder",
    ]);
    gone.failed("no-such-folder");
}

#[test]
fn roots_that_lie_in_the_archive_are_not_trusted_for_that() {
    let hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    hospital.run(&["trust", "remove", &hospital.fingerprint()[..16]]).done();
    let answer = verify(&hospital, &ALL);
    assert_eq!(codes(&answer), ["roots_not_trusted"]);
    assert!(
        answer["faults"][0]["message"].as_str().expect("words").contains(&hospital.fingerprint()),
        "{answer}"
    );
    let with = |fingerprint: &str| {
        verify(&hospital, &[&ALL[..], &["--fingerprint", fingerprint]].concat())
    };
    assert_eq!(with(&hospital.fingerprint())["confirmed"], true);
    assert_eq!(with(&hospital.fingerprint()[..16].to_uppercase())["confirmed"], true);
    assert_eq!(codes(&with("0123456789abcdef")), ["roots_not_trusted"]);
    let short =
        [&["receipt", "verify", "--key", "r.pub"], &ALL[..], &["--fingerprint", "0123"]].concat();
    hospital.run(&short).failed("16 to 64");
    assert_eq!(
        verify(&hospital, &[&ALL[..], &["--roots", "roots.json"]].concat())["confirmed"],
        true
    );
}

#[test]
fn a_receipt_or_an_archive_that_was_changed_is_refused() {
    let hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    let receipt = fs::read(hospital.path("a.jwt")).expect("it was written");
    assert!(!receipt.ends_with(b"\n"), "each byte counts");
    // The tests of the library change every byte; this one changes some, through the whole program.
    for place in (0..receipt.len()).step_by(211) {
        let mut changed = receipt.clone();
        changed[place] ^= 1;
        hospital.write("a.jwt", &changed);
        let answer = verify(&hospital, &ALL);
        assert!(
            !codes(&answer).is_empty() && answer["receipt"].is_null(),
            "byte {place}: {answer}"
        );
    }
    hospital.write("a.jwt", [&receipt[..], b"\n"].concat());
    assert_eq!(codes(&verify(&hospital, &ALL)), ["not_base64url"]);
    hospital.write("a.jwt", [0xff]);
    hospital
        .run(&[&["receipt", "verify", "--key", "r.pub"], &ALL[..]].concat())
        .failed("reading the receipt");
    hospital.write("a.jwt", &receipt);

    let kept = files(&hospital.path("archive"))
        .into_iter()
        .find(|file| !file.to_string_lossy().contains("roots"));
    let kept = kept.expect("a publication");
    let good = fs::read(&kept).expect("it was kept");
    for place in (0..good.len()).step_by(211) {
        let mut changed = good.clone();
        changed[place] ^= 1;
        fs::write(&kept, &changed).expect("it can be written");
        let answer = verify(&hospital, &ALL);
        assert_eq!(codes(&answer), ["trust_list_missing", "status_list_missing"], "byte {place}");
        assert!(answer["files"][0].as_str().expect("a note").contains("is damaged"), "{answer}");
    }
    // Archiving the same lists again repairs the file.
    hospital.run(&["sync", "--archive", "archive"]).done();
    assert_eq!(fs::read(&kept).expect("it is there"), good);
    assert_eq!(verify(&hospital, &ALL)["confirmed"], true);

    let other = Office { certificate: hospital.office.certificate.clone(), ..Office::new() };
    hospital.write("certificate.jwt", other.signed_by_a_stranger());
    assert_eq!(codes(&verify(&hospital, &ALL)), ["certificate_missing"]);
}

#[test]
fn only_the_keys_that_are_given_count() {
    let hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    for name in ["other.pem", "new.pem"] {
        hospital
            .run(&[
                "keys",
                "new",
                "--use",
                "receipt",
                "--out",
                name,
                "--passphrase-file",
                "passphrase.txt",
            ])
            .done();
    }
    let with = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().flat_map(|key| ["--key", key]).collect();
        let run = hospital.run(&[&["receipt", "verify", "--json"], &keys[..], &ALL].concat());
        codes(&run.json()).join(" ")
    };
    assert_eq!(with(&["other.pub"]), "receipt_key_unknown");
    assert_eq!(with(&["other.pub", "r.pub", "new.pub"]), "", "one of them");
    // Another key under the same id is not valid.
    let other = key(7).public_key();
    let mut jwk = serde_json::to_value(other).expect("JSON");
    jwk["kid"] = serde_json::from_slice::<Value>(&fs::read(hospital.path("r.pub")).expect("there"))
        .expect("JSON")["kid"]
        .clone();
    hospital.write("forged.pub", jwk.to_string());
    hospital
        .run(&["receipt", "verify", "--key", "forged.pub", "a.jwt"])
        .failed("reading the public key");
    hospital.run(&["receipt", "verify", "a.jwt"]).failed("--key");
    // It is easy to confuse the two halves of a key, or a receipt and the certificate that it is
    // about.
    hospital
        .run(&["receipt", "verify", "--key", "r.pem", "a.jwt"])
        .failed("it holds no public key");
    hospital.write("picture.png", [0x89, b'P']);
    hospital
        .run(&["receipt", "verify", "--key", "r.pub", "picture.png"])
        .failed("expected a receipt");
}

#[test]
fn keys_are_made_like_the_offices() {
    use std::os::unix::fs::PermissionsExt;
    let hospital = signing();
    let made = |arguments: &[&str]| {
        hospital.run(&[&["keys", "new", "--use", "receipt"], arguments].concat())
    };
    let object =
        made(&["--out", "k.pem", "--passphrase-file", "passphrase.txt", "--json"]).done().json();
    assert_eq!(
        (&object["private"], &object["public"], &object["use"]),
        (&"k.pem".into(), &"k.pub".into(), &"receipt".into())
    );
    let mode =
        |name| fs::metadata(hospital.path(name)).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode("k.pem"), 0o600);
    let pem = fs::read_to_string(hospital.path("k.pem")).expect("text");
    assert!(
        pem.contains("ENCRYPTED PRIVATE KEY")
            && pem.contains(object["kid"].as_str().expect("an id")),
        "{pem}"
    );
    made(&["--out", "k.pem", "--passphrase-file", "passphrase.txt"]).failed("[file_exists]");
    made(&["--out", "k.pub", "--passphrase-file", "passphrase.txt"])
        .failed("is where the public half goes");
    made(&["--out", "no/k.pem", "--passphrase-file", "passphrase.txt"])
        .failed("[key_file_not_written]");
    hospital.write("short.txt", "short");
    made(&["--out", "l.pem", "--passphrase-file", "short.txt"]).failed("[passphrase_too_short]");
    made(&["--out", "l.pem"]).failed("[passphrase_missing]");
    assert!(!hospital.path("l.pem").exists() && !hospital.path("l.pub").exists());

    let with = |key: &str, passphrase: &str| {
        let signer = ["--receipt-key", key, "--receipt-name", "A", "--passphrase-file", passphrase];
        hospital.run(&[&["check", "--receipt", "b.jwt", "certificate.jwt"], &signer[..]].concat())
    };
    hospital.write("wrong.txt", "another passphrase");
    with("r.pem", "wrong.txt").failed("[passphrase_wrong]");
    with("r.pub", "passphrase.txt").failed("[key_file_damaged]");
    with("no.pem", "passphrase.txt").failed("[key_file_unreadable]");
    assert!(!hospital.path("b.jwt").exists());
}

#[test]
fn a_receipt_is_of_one_certificate_and_never_overwritten() {
    let hospital = signing();
    check(&hospital, &["certificate.jwt", "certificate.url"], "a.jwt")
        .failed("give an existing folder");
    hospital.write("two.png", png(&picture(&[&hospital.office.link(), &hospital.office.link()])));
    hospital.write("taken.jwt", "something else");
    check(&hospital, &["certificate.jwt"], "taken.jwt").failed("[file_exists]");
    fs::create_dir(hospital.path("receipts")).expect("a new folder");
    let run =
        check(&hospital, &["certificate.jwt", "certificate.url", "--json"], "receipts").done();
    let objects: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(objects.len(), 2);
    for object in &objects {
        let file = object["receipt_file"].as_str().expect("a path");
        assert_eq!(
            fs::read_to_string(hospital.path(file)).expect("it is there"),
            object["receipt"].as_str().expect("a JWS")
        );
        assert_eq!(verify(&hospital, &[&[file], &ALL[1..]].concat())["confirmed"], true);
    }
    assert_ne!(
        objects[0]["receipt_file"], objects[1]["receipt_file"],
        "both of one certificate and perhaps one second"
    );
    // The verdict is given although the receipt cannot be written.
    let run = check(&hospital, &["certificate.jwt"], "no-such-folder/a.jwt");
    assert_eq!(run.code, Some(2));
    assert!(run.stdout.contains("VALID") && run.stderr.contains("[file_not_written]"), "{run:?}");
    let run = hospital.run(&["check", "certificate.jwt", "--receipt", "x.jwt"]);
    run.failed("give `--receipt-key FILE`");
    hospital
        .run(&["check", "certificate.jwt", "--receipt", "x.jwt", "--receipt-key", "r.pem"])
        .failed("--receipt-name");
    let bad = [
        &["check", "certificate.jwt", "--receipt", "x.jwt", "--receipt-key", "r.pem"],
        &["--receipt-name", " "][..],
    ];
    hospital.run(&bad.concat()).failed("1 to 100 characters");
}

#[test]
fn every_colour_has_a_receipt_and_the_exit_status_is_the_verdicts() {
    let mut hospital = signing();
    fs::create_dir(hospital.path("receipts")).expect("a new folder");
    let stale = hospital.office.now.plus_seconds(2 * DAY).to_string();
    hospital.write("forged.jwt", hospital.office.signed_by_a_stranger());
    hospital.write("letter.txt", "Dear Sir or Madam");
    let mut receipts = Vec::new();
    let mut make = |hospital: &Hospital, code: &str, arguments: &[&str]| {
        let run = check(hospital, &[arguments, &["--json"]].concat(), "receipts");
        let object = run.json();
        assert_eq!(object["code"], code, "{object}");
        assert_eq!(run.code, Some(i32::from(object["verdict"] != "accepted")));
        receipts.push((
            code.to_owned(),
            object["receipt_file"].as_str().expect("a path").to_owned(),
            arguments[0].to_owned(),
        ));
    };
    make(&hospital, "authorised", &["certificate.jwt"]);
    make(&hospital, "status_stale", &["certificate.jwt", "--at", &stale]);
    make(&hospital, "untrusted_issuer", &["forged.jwt"]);
    make(&hospital, "malformed", &["letter.txt"]);
    newer(&mut hospital.office);
    hospital.publish();
    hospital.run(&["sync", "--archive", "archive"]).done();
    make(&hospital, "suspended", &["certificate.jwt"]);
    make(&hospital, "clock_behind", &["certificate.jwt", "--at", "2026-01-01"]);
    for (code, file, input) in &receipts {
        let answer = verify(&hospital, &[file, "--archive", "archive", "--certificate", input]);
        assert_eq!(answer["verdict"]["code"], *code, "{answer}");
        let other = if input == "letter.txt" { "forged.jwt" } else { "letter.txt" };
        let missing = if input == "letter.txt" { "input_missing" } else { "certificate_missing" };
        let answer = verify(&hospital, &[file, "--archive", "archive", "--certificate", other]);
        assert_eq!(codes(&answer), [missing]);
    }
    // Nothing can be said about a blurred picture.
    hospital.write("blank.png", png(&picture(&[])));
    let run = check(&hospital, &["blank.png", "--json"], "receipts");
    assert_eq!((run.code, &run.json()["code"]), (Some(1), &"unreadable".into()));
    assert!(run.json()["receipt"].is_null() && run.stderr.contains("no receipt"), "{run:?}");
}

#[test]
fn a_receipt_names_nobody() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    let jws = fs::read_to_string(hospital.path("a.jwt")).expect("it was written");
    let payload =
        URL_SAFE_NO_PAD.decode(jws.split('.').nth(1).expect("three parts")).expect("base64url");
    let payload = String::from_utf8(payload).expect("UTF-8");
    let certificate = &hospital.office.certificate;
    for personal in [
        certificate.given_name.as_str(),
        certificate.family_name.as_str(),
        &certificate.birthdate.to_string(),
        &certificate.hpr_number.to_string(),
        &certificate.certificate_number.to_string(),
    ] {
        assert!(!payload.contains(personal), "{payload}");
    }
    assert!(jws.len() < 1100, "{} bytes", jws.len());
}

#[test]
fn offices_beside_each_other_have_receipts_of_their_own() {
    let hospital = signing();
    AnotherOffice::new().pin_at(&hospital);
    let run = check(&hospital, &["certificate.jwt"], "a.jwt").done();
    assert!(run.stdout.contains("receipt in"), "{run:?}");
    assert_eq!(verify(&hospital, &ALL)["confirmed"], true);
    // An unknown certificate may be from the office whose lists were never fetched: a receipt has
    // no lists to name.
    hospital.write("strange.jwt", hospital.office.signed_by_a_stranger());
    let run = check(&hospital, &["strange.jwt", "--json"], "b.jwt");
    assert_eq!((run.code, &run.json()["code"]), (Some(1), &"status_missing".into()));
    assert!(run.stderr.contains("no receipt") && !hospital.path("b.jwt").exists(), "{run:?}");
    // Both archive to one folder.
    hospital.run(&["sync", "another", "--archive", "archive"]).done();
    assert_eq!(files(&hospital.path("archive")).len(), 4);
    assert_eq!(verify(&hospital, &ALL)["confirmed"], true);
    // Lists for a single run, without any state.
    let files = [&FILES[..], &["certificate.jwt"]].concat();
    check(&hospital, &files, "c.jwt").done();
    assert_eq!(verify(&hospital, &[&["c.jwt"], &ALL[1..]].concat())["confirmed"], true);
}

#[test]
fn an_archive_that_cannot_be_written_stops_a_sync_before_its_lists_are_used() {
    let mut hospital = signing();
    hospital.write("blocked", "a file");
    newer(&mut hospital.office);
    hospital.publish();
    hospital
        .run(&["sync", "publication", "--archive", "blocked"])
        .failed("keeping the lists in the archive `blocked`");
    assert_eq!(
        hospital.verdict_from("certificate.jwt", &[]),
        "authorised",
        "the lists fetched before are kept"
    );
    hospital.run(&["sync", "publication", "--archive", "archive"]).done();
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "suspended");
}

#[test]
fn killed_while_it_writes_an_archive_has_whole_files_only() {
    const KILLS: u32 = 60;
    let mut hospital = signing();
    check(&hospital, &["certificate.jwt"], "a.jwt").done();
    let mut killed = 0;
    for number in 0..KILLS {
        hospital.office.status_claims.iat = hospital.office.status_claims.iat.plus_seconds(1);
        hospital.publish();
        let mut process = hospital
            .command(&["sync", "publication", "--archive", "archive"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // At moments spread over a whole run, from its start to its end.
        thread::sleep(Duration::from_micros(u64::from(number) * 400));
        killed += u32::from(process.try_wait().expect("one's own child").is_none());
        let _ = process.kill();
        process.wait().expect("one's own child can be waited for");
        for file in files(&hospital.path("archive")) {
            let bytes = fs::read(&file).expect("it can be read");
            let whole = Bundle::from_json(&bytes).is_ok()
                || vernet_common::TrustAnchor::from_json(&bytes).is_ok();
            assert!(whole, "{} has {} bytes", file.display(), bytes.len());
        }
    }
    assert!(killed > KILLS / 10, "some kills must have come in time: {killed}");
    assert_eq!(verify(&hospital, &ALL)["confirmed"], true);
    hospital.run(&["sync", "publication", "--archive", "archive"]).done();
    check(&hospital, &["certificate.jwt"], "b.jwt").done();
    assert_eq!(verify(&hospital, &[&["b.jwt"], &ALL[1..]].concat())["confirmed"], true);
}
