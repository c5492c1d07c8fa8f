//! What the office's command line refuses, and how it says so.

use std::fs;

use crate::place::{Place, number};

#[test]
fn a_withdrawn_certificate_is_not_printed_again() {
    let place = Place::with_demo();
    let next = place.decide(&["reissue", number(), "--because", "lost_print"]);
    let next = next["certificate_number"].as_str().expect("a number").to_owned();
    for format in ["jwt", "url", "qr-svg", "qr-png", "qr-terminal"] {
        let run = place.issuer(&["export", number(), "--format", format, "--out", "print"]);
        run.refused("withdrawn");
        assert!(run.stderr.contains(&next), "it says which one took its place: {}", run.stderr);
        assert!(!place.path("print").exists());
    }
    place.both(&["revoke", &next]).done();
    place.issuer(&["export", &next, "--format", "jwt"]).refused("withdrawn");
}

#[test]
fn a_suspended_certificate_is_printed_with_a_warning() {
    let place = Place::with_demo();
    let until = crate::place::today().plus_months(2).to_string();
    place.both(&["suspend", number(), "--until", &until]).done();
    let run = place.issuer(&["export", number(), "--format", "jwt"]).done();
    assert!(run.stderr.contains("suspended"), "{run:?}");
    assert_eq!(run.stdout, place.read(&format!("demo/certificates/{}.jwt", number())));
}

#[test]
fn the_wrong_passphrase_signs_nothing() {
    let mut place = Place::with_demo();
    place.write("wrong.txt", "another passphrase\n");
    place.set("VERNET_PASSPHRASE_FILE", "wrong.txt");
    let before = fs::read(place.path("demo/publication/bundle.json")).expect("it was published");
    place.write("other.json", place.read("demo/application.json").replace("9144889", "9144900"));
    place.issuer(&["propose", "grant", "other.json"]).refused("passphrase_wrong");
    place.set("VERNET_OFFICER_PASSPHRASE_FILE", "demo/passphrase.txt");
    place.both(&["grant", "other.json"]).refused("passphrase_wrong");
    place.both(&["reissue", number(), "--because", "lost_print"]).refused("passphrase_wrong");
    place.issuer(&["publish", "--out", "demo/publication"]).refused("passphrase_wrong");
    assert_eq!(
        fs::read(place.path("demo/publication/bundle.json")).expect("it is still there"),
        before
    );
    assert_eq!(place.issuer_json(&["list"]).as_array().map(Vec::len), Some(1));

    place.unset("VERNET_PASSPHRASE_FILE");
    let run = place.issuer(&["publish", "--out", "demo/publication"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("--passphrase-file"), "it says how to give one: {}", run.stderr);
    place.set("VERNET_PASSPHRASE", place.read("demo/passphrase.txt").trim_end());
    place.publish();
}

#[test]
fn a_passphrase_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_demo();
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(place.path("demo/passphrase.txt"), open).expect("one's own file");
    let run = place.issuer(&["publish", "--out", "demo/publication"]).done();
    assert!(run.stderr.contains("can be read by other users"), "{run:?}");
}

/// The typical mistakes of a first-time user, and the advice for each.
#[test]
fn a_beginner_is_told_what_to_do() {
    let mut place = Place::with_demo();
    place.write("no-application.json", "{}");
    let cases: [(&[&str], &str, &str); 7] = [
        (&["propose", "grant", "no-application.json"], "not_json", "docs/OFFICERS.md"),
        (
            &["trust-list", "draft", "--out", "nowhere/draft.json"],
            "file_not_written",
            "the folder exists",
        ),
        (
            &["keys", "new", "--use", "officer", "--out", "nowhere/key.pem"],
            "key_file_not_written",
            "the folder exists",
        ),
        (&["list", "--office", "nowhere"], "no_office", "--office DIR"),
        (
            &["propose", "reissue", number(), "--because", "name_change"],
            "reissue_names_mismatch",
            "--family-name",
        ),
        (&["publish", "--officer-key", "demo/officers/kari.pub"], "key_file_damaged", ".pub"),
        (
            &["publish", "--passphrase-file", "long.txt"],
            "passphrase_wrong",
            "--officer-passphrase-file",
        ),
    ];
    place.write("long.txt", "another passphrase\n");
    for (arguments, code, hint) in cases {
        let run = place.issuer(arguments);
        run.refused(code);
        let (_, told) =
            run.stderr.split_once("→").unwrap_or_else(|| panic!("no hint: {}", run.stderr));
        assert!(told.contains(hint), "{told}");
    }
    place.unset("VERNET_OFFICER_KEY");
    place.issuer(&["propose", "revoke", number()]).refused("officer_key_missing");
    let run =
        place.issuer(&["trust-list", "sign", "no.json", "--key", "demo/root-keys/root-1.pem"]);
    assert!(run.stderr.contains("`vernet-issuer trust-list draft` writes"), "{run:?}");
}

#[test]
fn nobody_decides_anonymously() {
    let mut place = Place::with_demo();
    let limit = ["propose", "limit", number(), "--reference", "2026/1"];
    let proposed = place.issuer_json(&limit)["proposal"].to_string();
    place.unset("VERNET_OFFICER_KEY");
    for arguments in [
        &["propose", "revoke", number()][..],
        &["approve", &proposed],
        &["keys", "rotate", "status"],
    ] {
        let run = place.issuer(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
        assert!(run.stderr.contains("--officer-key"), "{}", run.stderr);
    }
    place.issuer(&["show", number()]).done();
    place.set("VERNET_OFFICER_KEY", "demo/root-keys/root-1.pem");
    place.issuer(&["propose", "revoke", number()]).refused("officer_unknown");
    place.set("VERNET_OFFICER_KEY", "demo/application.json");
    place.issuer(&["propose", "revoke", number()]).refused("key_file_damaged");
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "authorised");
}

#[test]
fn where_there_is_no_office_nothing_is_made() {
    let mut place = Place::with_demo();
    place.set("VERNET_OFFICE", "elsewhere");
    for arguments in [
        &["list"][..],
        &["due"],
        &["publish"],
        &["propose", "revoke", number()],
        &["review", "7"],
        &["trust-list", "draft"],
        &["keys", "list"],
    ] {
        place.issuer(arguments).refused("no_office");
        assert!(!place.path("elsewhere").exists(), "{arguments:?}");
    }
}

#[test]
fn what_is_not_in_the_register_is_not_found() {
    let place = Place::with_demo();
    for arguments in [
        &["show", "NO-PE-2001-000009"][..],
        &["history", "NO-PE-2001-000009"],
        &["propose", "revoke", "NO-PE-2001-000009"],
    ] {
        place.issuer(arguments).refused("not_found");
    }
    place
        .issuer(&["propose", "reverse", number(), "--decision", "999"])
        .refused("statement_not_found");
    place.issuer(&["keys", "retire", "AAAAAAAA"]).refused("key_unknown");
}

#[test]
fn wrong_usage_is_told_apart_from_a_refusal() {
    let place = Place::with_demo();
    for arguments in [
        &["show", "NO-PE-1"][..],
        &["suspend", number()],
        &["propose", "suspend", number()],
        &["reject", "7"],
        &["export", number(), "--format", "docx"],
        &["no-such-command"],
    ] {
        let run = place.issuer(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    }
    assert_eq!(place.issuer(&["--help"]).code, Some(0));
    assert_eq!(place.issuer(&["--version"]).code, Some(0));
}

#[test]
fn programs_get_an_error_as_an_object() {
    let place = Place::with_demo();
    let run = place.issuer(&["propose", "grant", "demo/application.json", "--json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    let object: serde_json::Value = serde_json::from_str(&run.stderr).expect("one object");
    assert_eq!(object["error"]["code"], "already_authorised");
    let text = |name: &str| object["error"][name].as_str().unwrap_or_default().to_owned();
    assert!(text("message").contains(number()) && text("hint").contains("reissue"), "{object}");
}

#[test]
fn a_rule_is_named_with_its_law() {
    let place = Place::with_demo();
    let application = place.read("demo/application.json").replace("9144889", "9144900");
    place.write("other.json", application.replace("1984-05-17", "1920-05-17"));
    let run = place.issuer(&["propose", "grant", "other.json"]);
    run.refused("over_age_limit");
    assert!(run.stderr.contains("helsepersonelloven § 54"), "{}", run.stderr);
    place.write("other.json", application.replace("\"9144900\"", "\"01018012345\""));
    let run = place.issuer(&["propose", "grant", "other.json"]);
    run.refused("national_identity_number");
    assert!(!run.stderr.contains("01018012345"), "it is not repeated");
}

#[test]
fn a_folder_of_somebody_else_is_not_replaced_by_a_publication() {
    let place = Place::with_demo();
    fs::create_dir(place.path("photos")).expect("a new folder can be made");
    place.write("photos/holiday.jpg", "mine");
    place.issuer(&["publish", "--out", "photos"]).refused("folder_not_ours");
    assert_eq!(place.read("photos/holiday.jpg"), "mine");
}
