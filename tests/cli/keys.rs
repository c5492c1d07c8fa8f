//! Working keys are replaced, and the certificates that they signed stay good, unless somebody else
//! may hold the key.

use std::{io::Write, process::Stdio};

use crate::{
    place::{OLA, Place, issuer_program, now, number},
    roots::{accept_next_trust_list, sign},
};

#[test]
fn a_rotated_key_signs_once_a_trust_list_says_so_and_the_old_certificate_stays_good() {
    let place = Place::with_demo();
    let old = key_in_use(&place, "certificate");
    let rotated = place.issuer_json(&["keys", "rotate", "certificate"]);
    let new = rotated["kid"].as_str().expect("a key has an id").to_owned();
    assert_eq!(rotated["retired"], serde_json::json!([old]));
    assert_eq!(
        (state(&place, &old), state(&place, &new)),
        ("in_use".into(), "not_yet_trusted".into())
    );

    grant(&place, "9144900", "before.jwt");
    assert_eq!(signer(&place, "before.jwt"), old, "the new key is not trusted yet");
    accept_next_trust_list(&place, &[]);
    assert_eq!(state(&place, &new), "in_use");
    grant(&place, "1000001", "after.jwt");
    assert_eq!(signer(&place, "after.jwt"), new);
    place.publish();
    for certificate in [&demo_certificate(), "before.jwt", "after.jwt"] {
        assert_eq!(place.verdict(certificate), "authorised", "{certificate}");
    }
}

#[test]
fn a_retired_key_signs_no_more_and_what_it_signed_stays_good() {
    let place = Place::with_demo();
    let old = key_in_use(&place, "certificate");
    place.issuer(&["keys", "retire", &old]).done();
    assert_eq!(state(&place, &old), "retired");
    place.write("other.json", application(&place, "9144900"));
    place.both(&["grant", "other.json"]).refused("no_key");
    place.both(&["reissue", number(), "--because", "lost_print"]).refused("no_key");

    place.issuer(&["keys", "new", "--use", "certificate"]).done();
    place.both(&["grant", "other.json"]).refused("no_key");
    accept_next_trust_list(&place, &[]);
    grant(&place, "9144900", "after.jwt");
    assert_ne!(signer(&place, "after.jwt"), old);
    place.publish();
    assert_eq!(place.verdict(&demo_certificate()), "authorised");
    assert_eq!(place.verdict("after.jwt"), "authorised");
}

#[test]
fn without_a_status_and_a_log_key_nothing_is_published_and_the_old_publication_stays() {
    for r#use in ["status", "log"] {
        let place = Place::with_demo();
        place.issuer(&["keys", "retire", &key_in_use(&place, r#use)]).done();
        let before = place.read("demo/publication/bundle.json");
        let run = place.issuer(&["publish", "--out", "demo/publication"]);
        run.refused("no_key");
        assert!(run.stderr.contains(&format!("no {use} key")), "{run:?}");
        assert_eq!(place.read("demo/publication/bundle.json"), before);

        place.issuer(&["keys", "rotate", r#use]).done();
        accept_next_trust_list(&place, &[]);
        place.publish();
        assert_eq!(place.verdict(&demo_certificate()), "authorised", "a new key continues the log");
    }
}

#[test]
fn what_a_stolen_key_signed_is_refused_from_the_next_trust_list_on_but_for_what_the_log_had_before()
{
    let place = Place::with_demo();
    let stolen = key_in_use(&place, "certificate");
    // Nobody knows of the theft yet: one more certificate is signed with the key.
    let since = now().to_string();
    grant(&place, "9144900", "after.jwt");
    place.publish();
    let answer = place.issuer_json(&["keys", "compromised", &stolen, "--since", &since]);
    assert_eq!((&answer["log_size"], &answer["to_sign_anew"]), (&1.into(), &1.into()));
    assert_eq!(state(&place, &stolen), "compromised");
    place.write("other.json", application(&place, "1000001"));
    place.both(&["grant", "other.json"]).refused("no_key");
    let published = place.publish();
    assert!(
        published.stderr.contains(&stolen) && published.stderr.contains("[trust_list_outdated]"),
        "{published:?}"
    );
    assert_eq!(place.verdict("after.jwt"), "authorised", "hospitals do not know yet");

    place.issuer(&["keys", "new", "--use", "certificate"]).done();
    accept_next_trust_list(&place, &[]);
    let pinned = place.issuer_json(&["trust-list", "show"])["trust_list"]["log"].clone();
    assert_eq!(pinned["size"], 2);
    let published = place.publish();
    assert!(!published.stderr.contains("trust_list_outdated"), "{published:?}");
    assert_eq!(place.verdict(&demo_certificate()), "authorised", "the print of before");
    assert_eq!(place.verdict("after.jwt"), "key_compromised");
    place.issuer(&["export", number(), "--format", "jwt"]).done();
    let after = place.issuer_json(&["list"])[1]["certificate_number"]
        .as_str()
        .expect("a number")
        .to_owned();
    place.issuer(&["export", &after, "--format", "jwt"]).refused("self_check");

    let due = place.issuer_json(&["due"]);
    let due: Vec<_> =
        due.as_array().expect("a list").iter().filter(|due| due["what"] == "key_stolen").collect();
    assert_eq!(
        (due.len(), &due[0]["certificate_number"], &due[0]["kid"]),
        (1, &after.as_str().into(), &stolen.as_str().into())
    );
    let reissue = ["propose", "reissue", "--all", "--because", "key_rotation", "--of-key", &stolen];
    let proposed = place.issuer_json(&reissue);
    let done =
        place.issuer_json(&["approve", &proposed["proposal"].to_string(), "--officer-key", OLA]);
    assert_eq!(done["certificates"], 1, "{done}");
    place.publish();
    let new = place.issuer_json(&["list"])[2]["certificate_number"]
        .as_str()
        .expect("a number")
        .to_owned();
    place.issuer(&["export", &new, "--format", "jwt", "--out", "new.jwt"]).done();
    assert_eq!(place.verdict("new.jwt"), "authorised");
    assert_eq!(place.verdict(&demo_certificate()), "authorised");
    place.issuer(&reissue).refused("nothing_to_reissue");
}

#[test]
fn a_key_list_says_where_each_key_stands() {
    let place = Place::with_demo();
    let keys = place.issuer_json(&["keys", "list"]);
    let uses: Vec<_> = keys
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| key["use"].as_str().expect("a use"))
        .collect();
    assert_eq!(uses, ["certificate", "status", "log"]);
    for key in keys.as_array().expect("a list") {
        assert_eq!(
            (&key["state"], &key["private_key_here"]),
            (&"in_use".into(), &true.into()),
            "{key}"
        );
        assert!(
            place
                .issuer(&["keys", "list"])
                .done()
                .stdout
                .contains(key["kid"].as_str().expect("an id"))
        );
    }
}

#[test]
fn a_weak_passphrase_makes_no_key() {
    let mut place = Place::with_demo();
    place.unset("VERNET_PASSPHRASE_FILE");
    place.set("VERNET_PASSPHRASE", "short");
    place
        .issuer(&["keys", "new", "--use", "root", "--out", "root.pem"])
        .refused("passphrase_too_short");
    assert!(!place.path("root.pem").exists() && !place.path("root.pub").exists());
}

/// A person at a terminal, which `script` provides, types a wrong passphrase and then the right one.
#[test]
fn whoever_mistypes_a_passphrase_is_asked_again() {
    let mut place = Place::with_demo();
    let passphrase = place.read("demo/passphrase.txt");
    place.unset("VERNET_PASSPHRASE_FILE");
    let number = number();
    let revoke = format!("'{}' propose revoke {number}", issuer_program().display());
    if let Err(reason) = place.command("script".as_ref()).arg("--version").output() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "script is missing: {reason}"
        );
        eprintln!("skipped: script is missing: {reason}");
        return;
    }
    let typed = |answers: &[&str]| {
        let mut script = place.command("script".as_ref());
        script.args(["-q", "-e", "-c", &revoke, "/dev/null"]);
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = script.spawn().expect("it is there");
        let mut keyboard = script.stdin.take().expect("a keyboard");
        for answer in answers {
            writeln!(keyboard, "{answer}").expect("typed");
        }
        let output = script.wait_with_output().expect("it ended");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (done, shown) = typed(&["one", "two", "three"]);
    assert!(!done && shown.contains("passphrase_wrong"), "{shown}");
    assert_eq!(shown.matches("Try again").count(), 2, "{shown}");
    let (done, shown) = typed(&["mistyped", passphrase.trim()]);
    assert!(done && shown.contains("Try again"), "{shown}");
}

#[test]
fn a_key_file_is_never_overwritten() {
    let place = Place::with_demo();
    let before = place.read("demo/root-keys/root-1.pem");
    let run = place.issuer(&["keys", "new", "--use", "root", "--out", "demo/root-keys/root-1.pem"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    std::fs::remove_file(place.path("demo/root-keys/root-1.pub")).expect("it was there");
    let run = place.issuer(&["keys", "new", "--use", "root", "--out", "demo/root-keys/root-1.pem"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(place.read("demo/root-keys/root-1.pem"), before);
    assert!(
        !place.path("demo/root-keys/root-1.pub").exists(),
        "no public half of a key that was not made"
    );
}

#[test]
fn a_trust_list_of_one_root_is_not_accepted() {
    let place = Place::with_demo();
    place.issuer(&["keys", "rotate", "certificate"]).done();
    place.issuer(&["trust-list", "draft"]).done();
    place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    sign(&place, "demo/root-keys/root-2.pem");
    place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    sign(&place, "demo/root-keys/root-2.pem");
    place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    let working = format!("demo/office/keys/{}.pem", key_in_use(&place, "certificate"));
    let run = place.issuer(&[
        "trust-list",
        "sign",
        "demo/office/trust-list/draft.json",
        "--key",
        &working,
    ]);
    if run.code == Some(0) {
        place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    }
    assert_eq!(
        place.issuer_json(&["trust-list", "show"])["trust_list"]["seq"],
        1,
        "the one before is in force"
    );
    sign(&place, "demo/root-keys/root-3.pem");
    place.issuer(&["trust-list", "accept"]).done();
    assert_eq!(place.issuer_json(&["trust-list", "show"])["trust_list"]["seq"], 2);
}

#[test]
#[cfg(not(feature = "pkcs11"))]
fn a_program_without_support_for_tokens_says_so() {
    let place = Place::with_demo();
    let uri = "pkcs11:token=office?module-path=/usr/lib/softhsm/libsofthsm2.so";
    place
        .issuer(&["keys", "new", "--use", "status", "--token", uri])
        .refused("token_not_supported");
}

fn demo_certificate() -> String {
    format!("demo/certificates/{}.jwt", number())
}

fn application(place: &Place, hpr_number: &str) -> String {
    place.read("demo/application.json").replace("9144889", hpr_number)
}

/// Grants an authorisation to somebody new, and stores the certificate in a file.
fn grant(place: &Place, hpr_number: &str, file: &str) {
    place.write("application.json", application(place, hpr_number));
    let answer = place.decide(&["grant", "application.json"]);
    place.write(file, answer["certificate"].as_str().expect("a certificate"));
}

/// The key in the header of a certificate.
pub(crate) fn signer(place: &Place, file: &str) -> String {
    let inspected = place.verifier(&["inspect", file, "--json"]).done().json();
    inspected["content"]["header"]["kid"].as_str().expect("a header names the key").to_owned()
}

fn state(place: &Place, kid: &str) -> String {
    let keys = place.issuer_json(&["keys", "list"]);
    let key = keys
        .as_array()
        .expect("a list")
        .iter()
        .find(|key| key["kid"] == kid)
        .expect("the key is listed");
    key["state"].as_str().expect("a state").to_owned()
}

pub(crate) fn key_in_use(place: &Place, r#use: &str) -> String {
    let keys = place.issuer_json(&["keys", "list"]);
    let fits = |key: &&serde_json::Value| key["use"] == r#use && key["state"] == "in_use";
    let key = keys
        .as_array()
        .expect("a list")
        .iter()
        .find(fits)
        .expect("the demonstration has one of each");
    key["kid"].as_str().expect("an id").to_owned()
}
