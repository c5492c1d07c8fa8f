//! An office whose private keys are all in tokens.

use super::{PIN, Tokens, softhsm};
use crate::place::{Place, files_in};

#[test]
fn an_office_works_with_all_its_keys_and_those_of_its_officers_in_tokens() {
    let Some(tokens) = Tokens::with_officers() else { return };
    tokens.grant().done();
    tokens.publish().done();
    assert_eq!(tokens.verdict(), "authorised");

    let keys = tokens.place.issuer_json(&["keys", "list"]);
    for key in keys.as_array().expect("a list") {
        assert_eq!((&key["state"], &key["in_token"]), (&"in_use".into(), &true.into()), "{key}");
    }
    // The office's folder contains no private key, and nothing that opens the token.
    let files = files_in(&tokens.place.path("office"));
    assert!(files.iter().all(|file| !file.ends_with(".pem")), "{files:?}");
    for file in files.iter().filter(|file| !file.starts_with("register.")) {
        let bytes = std::fs::read(tokens.place.path(&format!("office/{file}"))).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(PIN) && !text.contains("PRIVATE KEY"), "{file}: {text}");
    }
    let objects = tokens.pkcs11_tool(&["--list-objects", "--type", "privkey"]);
    assert_eq!(
        objects.matches("sensitive, always sensitive, never extractable, local").count(),
        3,
        "{objects}"
    );
    assert_eq!(objects.matches("vernet-status").count(), 1, "{objects}");
}

#[test]
fn keys_in_tokens_rotate_and_the_token_is_not_left_by_mistake() {
    let Some(tokens) = Tokens::with_office() else { return };
    tokens.grant().done();
    let run = tokens.place.issuer(&["keys", "rotate", "certificate"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("is in a token"), "{run:?}");
    let new = tokens.uri("token=office;object=certificates-2");
    let rotated = tokens.place.issuer_json(&["keys", "rotate", "certificate", "--token", &new]);
    assert!(
        rotated["token"].as_str().is_some_and(|uri| uri.contains("object=certificates-2;id=%")),
        "{rotated}"
    );
    tokens.accept_next_trust_list();
    tokens.publish().done();
    assert_eq!(tokens.verdict(), "authorised", "what the old key signed stays good");
}

#[test]
fn each_role_can_have_a_token_of_its_own() {
    let Some(tokens) = Tokens::new() else { return };
    let mut place = Place::with_demo();
    let conf = tokens.place.path("softhsm2.conf").display().to_string();
    place.set("SOFTHSM2_CONF", &conf);
    for label in ["granting", "supervising"] {
        tokens.plug_in(label);
    }
    place.write("pin.txt", format!("{PIN}\n"));
    place.set("VERNET_OFFICE", "new");
    let init = [
        "init",
        "--iss",
        "https://perfusionist.example.no",
        "--verification-page",
        "https://verify.example.no/v",
    ];
    let founders = [
        "--founder",
        "Kari Nordmann",
        "demo/officers/kari.pub",
        "--founder",
        "Ola Nordmann",
        "demo/officers/ola.pub",
    ];
    place
        .issuer(&[&init[..], &["--roots", "demo/roots.json", "--without-keys"], &founders].concat())
        .done();
    assert_eq!(place.issuer_json(&["keys", "list"]), serde_json::json!([]));
    // The PIN from an option, then from the URI; the library from a setting.
    let add = |r#use, uri: &str, more: &[&str]| {
        place.issuer(&[&["keys", "add", "--use", r#use, "--token", uri][..], more].concat()).done();
    };
    add("certificate", &tokens.uri("token=granting"), &["--pin-file", "pin.txt"]);
    let from_uri =
        format!("pkcs11:token=supervising?pin-source=file:{}", place.path("pin.txt").display());
    std::os::unix::fs::symlink(tokens.module(), place.path("library.so")).expect("a link");
    add("status", &from_uri, &["--pkcs11-module", "library.so"]);
    let keys = place.issuer_json(&["keys", "list"]);
    let uses: Vec<_> = keys.as_array().expect("a list").iter().map(|key| &key["use"]).collect();
    assert_eq!(uses, ["certificate", "status"]);
    let references = files_in(&place.path("new/keys"));
    let texts: String =
        references.iter().map(|file| place.read(&format!("new/keys/{file}"))).collect();
    assert_eq!(texts.matches("token=granting;").count(), 1, "{texts}");
    let library = format!("module-path={}&pin-source=file:", place.path("library.so").display());
    assert_eq!(
        texts.matches(&library).count(),
        1,
        "what was a setting stands in the file: {texts}"
    );
}

#[test]
fn a_key_that_is_in_the_token_is_adopted_and_an_imported_one_is_warned_of() {
    let Some(tokens) = Tokens::with_office() else { return };
    let edwards = ["--keypairgen", "--key-type", "EC:edwards25519"];
    tokens.pkcs11_tool(&[&edwards[..], &["--label", "mine", "--id", "a1"]].concat());
    let adopt = |name: &str| {
        let uri = tokens.uri(&format!("token=office;{name}"));
        tokens.place.issuer(&["keys", "add", "--use", "status", "--token", &uri, "--existing"])
    };
    let run = adopt("object=mine").done();
    assert!(!run.stderr.contains("copies"), "{run:?}");
    assert!(run.stdout.contains("pkcs11:token=office;object=mine;id=%A1"), "{run:?}");
    adopt("object=mine").refused("key_known");

    // RFC 8032 section 7.1, test 1: everybody has a copy of this key.
    let pem = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
    tokens.place.write(
        "imported.pem",
        format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n"),
    );
    let import = [
        "--import",
        "imported.pem",
        "--token",
        "office",
        "--label",
        "imported",
        "--id",
        "a2",
        "--pin",
        PIN,
    ];
    tokens.tool("softhsm2-util", &import);
    let run = adopt("object=imported").done();
    assert!(run.stderr.contains("there may be copies"), "{run:?}");
    tokens.accept_next_trust_list();
    tokens.publish().done();
}

/// A library of OpenSC between the program and the token logs every call.
#[test]
fn a_pin_is_tried_once_and_no_private_key_is_ever_read() {
    let Some(mut tokens) = Tokens::with_office() else { return };
    let places = [
        "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so",
        "/usr/lib/aarch64-linux-gnu/pkcs11-spy.so",
        "/usr/lib64/pkcs11-spy.so",
        "/opt/homebrew/lib/pkcs11-spy.so",
    ];
    let Some(spy) = softhsm::first_of("pkcs11-spy.so (OpenSC)", &places) else { return };
    let (module, status) = (tokens.module(), tokens.reference("status"));
    tokens.edit(&status, module, spy);
    tokens.place.set("PKCS11SPY", module);
    let mut calls = |pin: &str, log: &str| {
        let path = tokens.place.path(log).display().to_string();
        tokens.place.set("PKCS11SPY_OUTPUT", &path);
        tokens.place.set("VERNET_PIN", pin);
        let run = tokens.publish();
        (run, tokens.place.read(log))
    };
    let (run, log) = calls("00000", "wrong.log");
    run.refused("token_pin_wrong");
    assert_eq!(
        (log.matches(": C_Login").count(), log.matches(": C_Sign").count()),
        (1, 0),
        "{log}"
    );

    let (run, log) = calls(PIN, "right.log");
    run.done();
    assert!(
        log.contains(": C_SignInit") && log.contains("CKA_EXTRACTABLE "),
        "it wrote everything down: {log}"
    );
    for call in
        ["CKA_VALUE ", "C_WrapKey", "C_CreateObject", "C_DestroyObject", "C_SetAttributeValue"]
    {
        assert!(!log.contains(call), "`{call}` in {log}");
    }
}
