//! The answers to completed actions, and which files are never overwritten.

use std::{fs, fs::File, process::Stdio};

use vernet_common::{KeyUse, NumericDate, Signer};
use vernet_issuer::{Office, OfficeConfig, Passphrase};
use vernet_register::{Enrolment, OfficeData, Role};

use crate::place::{OLA, Place, Run, issuer_program, now, number, today};

const DRAFT: &str = "demo/office/trust-list/draft.json";

#[test]
fn every_decision_names_the_holder() {
    let place = Place::with_demo();
    let until = today().plus_months(2).to_string();
    let run = place.both(&["suspend", number(), "--until", &until]).done();
    assert!(
        run.stdout.contains("Åse Kjærstad Østlyngen-Bråthen, born 1984-05-17, HPR number 9144889"),
        "{run:?}"
    );
    let names = ["--given-name", "Åse Marie", "--family-name", "Bråthen"];
    place.both(&["lift", number()]).done();
    let run = place
        .both(&[&["reissue", number(), "--because", "name_change"][..], &names].concat())
        .done();
    assert!(
        run.stdout.contains("Åse Marie Bråthen, born 1984-05-17, HPR number 9144889"),
        "{run:?}"
    );
    let answer = place.decide(&["limit", number(), "--reference", "case 1"]);
    let holder = serde_json::json!({
        "given_name": "Åse Marie",
        "family_name": "Bråthen",
        "birthdate": "1984-05-17",
        "hpr_number": "9144889",
    });
    assert_eq!(answer["holder"], holder);
    let newest = place.issuer_json(&["list"])[1]["certificate_number"]
        .as_str()
        .expect("a number")
        .to_owned();
    assert_eq!(place.decide(&["reissue", &newest, "--because", "lost_print"])["holder"], holder);

    place.write("other.json", place.read("demo/application.json").replace("9144889", "1000001"));
    let other = place.decide(&["grant", "other.json"])["certificate_number"].clone();
    place.both(&["waive", other.as_str().expect("a number")]).done();
    let merged = place.decide(&["merge", "1000001", "9144889"]);
    let numbers: Vec<_> =
        merged["holders"].as_array().expect("both").iter().map(|one| &one["hpr_number"]).collect();
    assert_eq!(numbers.len(), 2, "{merged}");
    assert!(merged["holders"].as_array().expect("both").contains(&holder), "{merged}");
}

/// What `list | head` does.
#[test]
fn whoever_reads_no_further_had_enough() {
    let place = Place::with_demo();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output =
        place.command(issuer_program()).arg("list").stdout(writer).output().expect("it runs");
    assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(0), ""));
    let full = File::options().write(true).open("/dev/full").expect("this system has a full disk");
    let output =
        place.command(issuer_program()).arg("list").stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "a full disk is another matter");
}

#[test]
fn a_decision_whose_answer_cannot_be_written_is_recorded_and_says_so() {
    let place = Place::with_demo();
    let until = today().plus_months(2).to_string();
    let proposed = |arguments: &[&str]| {
        let answer = place.issuer_json(&[&["propose"], arguments].concat());
        answer["proposal"].to_string()
    };
    let seq = proposed(&["suspend", number(), "--until", &until]);
    let mut command = place.command(issuer_program());
    let full = File::options().write(true).open("/dev/full").expect("this system has a full disk");
    let output = command
        .args(["approve", &seq, "--officer-key", OLA])
        .stdout(full)
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the decision IS recorded, as statement"), "{stderr}");
    assert_eq!(place.issuer_json(&["show", number()])["standing"]["code"], "suspended");

    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let seq = proposed(&["lift", number()]);
    let mut command = place.command(issuer_program());
    let output = command
        .args(["approve", &seq, "--officer-key", OLA, "--json"])
        .stdout(writer)
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("IS recorded") && !stderr.contains("panicked"), "{stderr}");

    let full =
        || File::options().write(true).open("/dev/full").expect("this system has a full disk");
    let seq = proposed(&["revoke", number()]);
    let mut command = place.command(issuer_program());
    let status = command
        .args(["approve", &seq, "--officer-key", OLA])
        .stdout(full())
        .stderr(full())
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(1), "not even where nobody can be told");
    let mut command = place.command(issuer_program());
    let export = ["export", number(), "--format", "jwt", "--out", "x"];
    let status =
        command.args(export).stdout(Stdio::null()).stderr(full()).status().expect("it runs");
    assert_eq!(status.code(), Some(1));
}

#[test]
fn nothing_from_a_path_commands_the_terminal() {
    let place = Place::with_demo();
    let name = "\u{1b}[2Jpicture\u{202e}\u{7f}.jwt";
    for arguments in [
        &["export", number(), "--format", "jwt", "--out", name][..],
        &["export", number(), "--format", "jwt", "--out", name, "--json"],
        &["propose", "grant", &format!("no-such-{name}")],
        &["trust-list", "show", name],
        &["show", name],
        &["demo", name],
    ] {
        let run = place.issuer(arguments);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("picture"), "{run:?}");
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{7f}']), "{run:?}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::with_demo();
    place.write("mine", "mine");
    place.issuer(&["export", number(), "--format", "jwt", "--out", "mine"]).refused("file_exists");
    place.issuer(&["trust-list", "draft", "--out", "mine"]).refused("file_exists");
    let roots = ["keys", "roots", "--iss", "https://perfusionist.example.no", "--out", "mine"];
    let publics = ["demo/root-keys/root-1.pub", "demo/root-keys/root-2.pub"];
    place.issuer(&[&roots[..], &publics].concat()).refused("file_exists");
    assert_eq!(place.read("mine"), "mine");
    place.issuer(&["trust-list", "draft"]).done();
    place.issuer(&["trust-list", "draft"]).done();

    let run = place.issuer(&["keys", "new", "--use", "root", "--out", "root.pub"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("public half") && !place.path("root.pub").exists(), "{run:?}");
    place.write("demo/publication/index.html", "mine");
    place.issuer(&["publish", "--out", "demo/publication"]).refused("folder_not_ours");
    assert_eq!(place.read("demo/publication/index.html"), "mine");
}

#[test]
fn a_signature_of_a_key_that_is_no_root_is_not_counted() {
    let place = Place::with_demo();
    place.issuer(&["trust-list", "draft"]).done();
    place.issuer(&["keys", "new", "--use", "root", "--out", "other.pem"]).done();
    let run = place.issuer(&["trust-list", "sign", DRAFT, "--key", "other.pem"]).done();
    assert!(
        run.stderr.contains("warning: ") && run.stdout.contains("signed by 0 of the 2"),
        "{run:?}"
    );
    let run =
        place.issuer(&["trust-list", "sign", DRAFT, "--key", "demo/root-keys/root-1.pem"]).done();
    assert!(run.stdout.contains("signed by 1 of the 2"), "{run:?}");
}

#[test]
fn a_draft_from_before_a_key_was_compromised_is_not_accepted() {
    let place = Place::with_demo();
    place.issuer(&["trust-list", "draft"]).done();
    let keys = place.issuer_json(&["keys", "list"]);
    let kid = keys[0]["kid"].as_str().expect("a key");
    place.issuer(&["keys", "compromised", kid, "--since", &now().to_string()]).done();
    for root in ["demo/root-keys/root-1.pem", "demo/root-keys/root-2.pem"] {
        place.issuer(&["trust-list", "sign", DRAFT, "--key", root]).done();
    }
    let run = place.issuer(&["trust-list", "accept"]);
    run.refused("trust_list_outdated");
    assert!(run.stderr.contains("trust-list draft"), "{run:?}");
    assert!(place.issuer(&["due"]).done().stdout.contains("trust list outdated"));
}

#[test]
fn an_office_at_rest_for_long_asks_whether_the_clock_is_right() {
    let place = Place::with_demo();
    // The newest record of this register is a year old: compared with it, our clock is far ahead.
    let (iss, page) = ("https://perfusionist.example.no", "https://verify.example.no/v");
    let config = OfficeConfig::new(iss.parse().expect("a URL"), page.parse().expect("a URL"));
    let anchor = vernet_common::TrustAnchor::from_json(place.read("demo/roots.json").as_bytes())
        .expect("roots");
    let officers = place.officers();
    let then: NumericDate = now().plus_seconds(-40 * 86_400);
    let mut rng = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
    let data = OfficeData::sample();
    let folder = place.path("resting");
    let founder = |(name, key): (&str, &vernet_common::SecretKey)| Enrolment {
        name: name.parse().expect("a name"),
        key: key.public_key().into(),
        roles: Role::ALL.into(),
        from: then.civil_date(),
        until: then.civil_date().plus_years(1),
    };
    let founders: Vec<Enrolment> =
        ["Kari Nordmann", "Ola Nordmann"].into_iter().zip(&officers).map(founder).collect();
    let officer = &officers[0];
    let mut office =
        Office::create(&folder, &config, &data, &anchor, (founders, officer), then, &mut rng)
            .expect("an office");
    let passphrase =
        Passphrase::from_file(&place.path("demo/passphrase.txt")).expect("the demonstration's");
    let end = then.plus_seconds(1000 * 86_400);
    let made = office
        .add_key(KeyUse::Certificate, end, &passphrase, (officer, then), &mut rng)
        .expect("a key");
    let kid = made.public.kid();
    let resting = |arguments: &[&str]| -> Run {
        place.issuer(&[&["--office", "resting"], arguments].concat())
    };
    for arguments in [
        &["keys", "retire", kid.as_str()][..],
        &["keys", "rotate", "status"],
        &["trust-list", "draft"],
    ] {
        let run = resting(arguments);
        run.refused("clock_ahead");
        assert!(run.stderr.contains("--clock-is-right"), "{run:?}");
    }
    resting(&["propose", "merge", "1000001", "1000002"]).refused("clock_ahead");
    resting(&["list"]).done();
    resting(&["due"]).done();
    resting(&["keys", "retire", kid.as_str(), "--clock-is-right"]).done();
    resting(&["propose", "merge", "1000001", "1000002", "--clock-is-right"]).refused("hpr_unknown");
    assert_eq!(
        fs::read_dir(folder.join("keys")).expect("keys").count(),
        1,
        "no key was made meanwhile"
    );
}
