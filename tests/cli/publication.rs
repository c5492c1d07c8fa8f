//! Publications, through the library where the test must control the clock.

use std::{fs, process::Stdio};

use getrandom::{SysRng, rand_core::UnwrapErr};
use vernet_common::{Algorithm, CertificateClaims, CertificateNumber, SecretKey, Signed, Status};
use vernet_issuer::{Office, Passphrase};
use vernet_register::{Application, Documents, Event, Issuance, Proposal, Terms};

use crate::place::{OLA, Place, issuer_program, now, number, today};

#[test]
fn a_publisher_who_looked_at_the_clock_too_early_does_not_undo_a_decision() {
    let place = Place::with_demo();
    let number: CertificateNumber = number().parse().expect("a number");
    let (mut slow, mut quick) = (open(&place), open(&place));
    let passphrase =
        Passphrase::from_file(&place.path("demo/passphrase.txt")).expect("the demonstration's");
    let out = place.path("demo/publication");
    // The slow process reads the clock, then derives its key. Meanwhile another one decides and
    // publishes.
    let early = now().plus_seconds(10);
    let (later, [kari, ola]) = (early.plus_seconds(2), place.officers());
    let event = Event::suspended(number, today().plus_months(2));
    let seq = quick.propose(Proposal::of(event), &[], &kari, later).expect("proposed").seq;
    quick.approve(seq, None, (&ola, later), &mut UnwrapErr(SysRng)).expect("approved");
    let first =
        quick.publish(&out, &passphrase, (&kari, later), &mut |_, _| {}).expect("published");
    let certificate = format!("demo/certificates/{number}.jwt");
    assert_eq!(place.verdict(&certificate), "suspended");

    let second =
        slow.publish(&out, &passphrase, (&kari, early), &mut |_, _| {}).expect("published");
    assert!(second.iat > first.iat);
    assert_eq!(place.verdict(&certificate), "suspended");
    assert_eq!(
        slow.release(number, second.iat).expect("it is not withdrawn").status(),
        Status::Suspended
    );
}

#[test]
fn officers_who_work_at_the_same_time_do_not_hinder_each_other() {
    let place = Place::with_demo();
    let application = place.read("demo/application.json");
    let start = |person: u32| {
        let file = format!("{person}.json");
        place.write(&file, application.replace("9144889", &format!("100000{person}")));
        let seq = place.issuer_json(&["propose", "grant", &file])["proposal"].to_string();
        let mut command = place.command(issuer_program());
        command
            .args(["approve", &seq, "--officer-key", OLA, "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts")
    };
    let running: Vec<_> = (0..6).map(start).collect();
    for process in running {
        let output = process.wait_with_output().expect("one's own child can be waited for");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    place.publish();
    assert_eq!(place.issuer_json(&["list"]).as_array().map(Vec::len), Some(7));
}

#[test]
fn an_officer_who_had_to_wait_for_another_is_not_told_to_set_the_clock() {
    let place = Place::with_demo();
    let mut office = open(&place);
    let (iss, data) = (office.config().iss.clone(), office.data().clone());
    let application = place.read("demo/application.json").replace("9144889", "9144900");
    let application = Application::from_json(application.as_bytes()).expect("an application");
    // A slow grant: while it holds the register, another process reads the clock, and has to wait.
    let [kari, ola] = place.officers();
    let seq =
        office.propose(Proposal::to_grant(application), &[], &kari, now()).expect("proposed").seq;
    let recorded_at = now().plus_seconds(2);
    let mut waiting = None;
    let mut sign = |claims: &[CertificateClaims]| {
        let until = today().plus_months(1).to_string();
        let mut command = place.command(issuer_program());
        let command = command
            .args(["propose", "suspend", number(), "--until", &until])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        waiting = Some(command.spawn().expect("the program starts"));
        while now() < recorded_at {
            std::thread::yield_now();
        }
        let key = SecretKey::from_seed(&[0; 32]);
        let sign = |claims| Ok(Signed::sign(claims, Algorithm::EdDsa, &key)?.as_str().to_owned());
        claims.iter().map(sign).collect::<Result<Vec<_>, vernet_register::Error>>()
    };
    let mut rng = UnwrapErr(SysRng);
    let mut issuance = Issuance { iss: &iss, rng: &mut rng, sign: &mut sign };
    let documents = Documents::new(place.path("demo/office/documents"));
    let terms = Terms { data: &data, documents: &documents, max_age_days: 30 };
    office.register_mut().approve(seq, &terms, &ola, recorded_at, &mut issuance).expect("granted");
    let output = waiting
        .expect("it was started")
        .wait_with_output()
        .expect("one's own child can be waited for");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_publication_of_fifty_fits_ten_kilobytes() {
    let place = Place::with_demo();
    let mut office = open(&place);
    let passphrase =
        Passphrase::from_file(&place.path("demo/passphrase.txt")).expect("the demonstration's");
    let [kari, ola] = place.officers();
    for person in 0..49 {
        let json =
            place.read("demo/application.json").replace("9144889", &format!("10000{person:02}"));
        let application = Application::from_json(json.as_bytes()).expect("an application");
        let seq = office
            .propose(Proposal::to_grant(application), &[], &kari, now())
            .expect("proposed")
            .seq;
        office
            .approve(seq, Some(&passphrase), (&ola, now()), &mut UnwrapErr(SysRng))
            .expect("granted");
    }
    let published = office
        .publish(&place.path("demo/publication"), &passphrase, (&kari, now()), &mut |_, _| {})
        .expect("published");
    assert_eq!(published.certificates, 50);
    let size =
        fs::metadata(place.path("demo/publication/bundle.json")).expect("it was published").len();
    assert_eq!(size, published.bundle_bytes as u64);
    assert!(size <= 10_000, "{size} bytes");
}

#[test]
fn two_publications_at_the_same_time_never_share_an_instant() {
    let place = Place::with_demo();
    let start = |n: u32| {
        let mut command = place.command(issuer_program());
        let out = format!("publication-{n}");
        command
            .args(["publish", "--out", &out, "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts")
    };
    let running: Vec<_> = (0..4).map(start).collect();
    let iat = |process: std::process::Child| {
        let output = process.wait_with_output().expect("one's own child can be waited for");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        answer["iat"].as_str().expect("an instant").to_owned()
    };
    let instants: std::collections::BTreeSet<_> = running.into_iter().map(iat).collect();
    assert_eq!(instants.len(), 4);
}

fn open(place: &Place) -> Office {
    Office::open(&place.path("demo/office")).expect("the demonstration's office")
}

#[test]
fn no_publication_is_dated_ahead_of_the_clock() {
    let place = Place::with_demo();
    for _ in 0..3 {
        let answer = place.issuer_json(&["publish", "--out", "demo/publication"]);
        let iat: vernet_common::NumericDate =
            answer["iat"].as_str().expect("an instant").parse().expect("an instant");
        assert!(iat <= now(), "wallets refuse what is dated in the future");
    }
}

#[test]
fn a_new_place_for_what_was_published_before_is_told() {
    let place = Place::with_demo();
    let published = place.publish();
    assert!(!published.stderr.contains("publication_elsewhere"), "{}", published.stderr);
    let mistyped = place.issuer(&["publish", "--out", "demo/publicaton"]).done();
    assert!(mistyped.stderr.contains("[publication_elsewhere]"), "{}", mistyped.stderr);
    let again = place.issuer(&["publish", "--out", "demo/publicaton"]).done();
    assert!(!again.stderr.contains("publication_elsewhere"), "{}", again.stderr);
}

#[cfg(not(feature = "object-store"))]
#[test]
fn without_object_stores_a_url_is_not_taken_for_a_folder() {
    let place = Place::with_demo();
    place.issuer(&["publish", "--out", "s3://bucket/no"]).refused("destination_unsupported");
    assert!(!place.path("s3:").exists());
}
