//! No office locks itself out: the root keys appoint officers, stolen keys end at once, passphrases
//! change, and what an officer signed is a command.

use serde_json::{Value, json};
use vernet_common::CivilDate;

use crate::{
    place::{KARI, OLA, Place, number, today},
    roots::{accept_next_trust_list_of, make_new_roots},
};

const ROOT_1: &str = "demo/root-keys/root-1.pem";
const ROOT_3: &str = "demo/root-keys/root-3.pem";

/// The key id of an officer.
fn kid_of(place: &Place, name: &str) -> String {
    let officers = place.issuer_json(&["officers", "list"]);
    let mut officers = officers.as_array().expect("a list").iter();
    let one = officers.find(|one| one["name"] == name).expect("an officer");
    one["kid"].as_str().expect("a key id").to_owned()
}

fn due<'a>(rows: &'a Value, what: &str) -> Option<&'a Value> {
    rows.as_array().expect("a list").iter().find(|row| row["what"] == what)
}

fn new_officer(place: &Place, file: &str) {
    let private = format!("{file}.pem");
    place.issuer(&["keys", "new", "--use", "officer", "--out", &private]).done();
}

fn next_year() -> String {
    let day: CivilDate = today().plus_months(12);
    day.to_string()
}

/// From three administrators to one, and back by the roots: typed as the manual says.
#[test]
fn an_office_whose_keys_are_lost_or_stolen_has_the_roots_appoint_officers() {
    let mut place = Place::with_demo();
    assert_eq!(due(&place.issuer_json(&["due"]), "administrators_few"), None, "there are three");
    let run = place.issuer(&["officers", "end", &kid_of(&place, "Siri Haug")]).done();
    assert!(
        run.stderr.contains("left as administrators: ") && run.stderr.contains("Enrol a third")
    );
    let few = place.issuer_json(&["due"]);
    let few = due(&few, "administrators_few").expect("two are too few").clone();
    assert!(few["subject"].as_str().expect("words").contains("two people in office"), "{few}");

    // Ola's key is stolen. It ends at once, although it is that of one of the last two.
    let ola = kid_of(&place, "Ola Nordmann");
    let run = place.issuer(&["officers", "end", &ola]).done();
    for words in [
        "left as administrators: Kari Nordmann. Nobody can be enrolled any more",
        "officers appoint draft",
        "left in the role supervise: Kari Nordmann, and 2 are needed",
    ] {
        assert!(run.stderr.contains(words), "{words:?} in {}", run.stderr);
    }
    let few = place.issuer_json(&["due"]);
    let few = due(&few, "administrators_few").expect("one is too few").clone();
    assert!(few["action"].as_str().expect("words").contains("officers appoint draft"), "{few}");
    assert!(due(&place.issuer_json(&["due"]), "periods_end").is_some(), "too few supervise, too");

    // Reading needs no officer's key.
    new_officer(&place, "per");
    place.unset("VERNET_OFFICER_KEY");
    let (name, until) = ("Per Hansen", next_year());
    let officer = ["--officer", name, "per.pub", "supervise,administer", &until];
    let draft = |officer: &[&str]| {
        place.issuer(&[&["officers", "appoint", "draft", "--out", "a.json"], officer].concat())
    };
    let wrong = ["--officer", name, "per.pub", "supervise, boss", &until];
    draft(&wrong).refused("field_invalid");
    let end_kari = ["--end", &kid_of(&place, "Kari Nordmann")];
    draft(&[&officer[..], &end_kari].concat()).refused("too_few_administrators");
    assert!(!place.path("a.json").exists(), "nothing is drafted that would be refused");
    let drafted = draft(&officer).done().stdout;
    assert!(drafted.contains("2 root keys must sign it"), "{drafted}");

    // On the offline machine there is no office.
    place.set("VERNET_OFFICE", "nowhere");
    let signed = place.issuer(&["officers", "appoint", "sign", "a.json", "--key", ROOT_1]).done();
    place.set("VERNET_OFFICE", "demo/office");
    let kid = kid_in(&place, "per.pub");
    for words in [
        "About to sign:".to_owned(),
        "an appointment of officers of https://perfusionist.example.no".to_owned(),
        format!(
            "Per Hansen, key {kid}: supervise, administer, from {} and before {until}",
            today()
        ),
        "no key ends".to_owned(),
        "of its register".to_owned(),
    ] {
        assert!(signed.stderr.contains(&words), "{words:?} in {}", signed.stderr);
    }

    let accept = |key: &str| {
        place.issuer(&["officers", "appoint", "accept", "a.json", "--officer-key", key])
    };
    accept("per.pem").refused("threshold_not_reached");
    // Meanwhile the office goes on.
    place.issuer(&["publish", "--out", "demo/publication", "--officer-key", KARI]).done();
    place.issuer(&["officers", "appoint", "sign", "a.json", "--key", ROOT_3]).done();
    let shown = place.issuer_json(&["officers", "appoint", "show", "a.json"]);
    assert_eq!(shown["signers"].as_array().map(Vec::len), Some(2));
    accept(KARI).refused("not_appointed");
    let run = accept("per.pem").done();
    assert!(run.stdout.contains("the root keys appointed Per Hansen"), "{}", run.stdout);
    assert!(run.stderr.contains("Enrol a third one"), "{}", run.stderr);
    accept("per.pem").refused("appointment_overtaken");

    // Two officers again.
    place.set("VERNET_OFFICER_KEY", KARI);
    let seq = place.issuer_json(&["propose", "limit", number(), "--reference", "1"]);
    let seq = seq["proposal"].to_string();
    place.issuer(&["approve", &seq, "--officer-key", OLA]).refused("officer_not_in_office");
    place.issuer(&["approve", &seq, "--officer-key", "per.pem"]).done();
    place.issuer(&["audit"]).done();
    place.publish();
    assert_eq!(
        place.verdict(&format!("demo/certificates/{}.jwt", number())),
        "authorised_with_conditions"
    );

    // A draft at its usual place is gone once it is recorded; one that was bent is refused.
    new_officer(&place, "mona");
    let draft = ["--officer", "Mona Lie", "mona.pub", "all", &until, "--end", &kid];
    place.issuer(&[&["officers", "appoint", "draft"], &draft[..]].concat()).done();
    let file = "demo/office/appointment.json";
    place.issuer(&["officers", "appoint", "sign", file, "--key", ROOT_1, "--key", ROOT_3]).done();
    let mut bent: Value = serde_json::from_str(&place.read(file)).expect("JSON");
    let other: Value = serde_json::from_str(&place.read("a.json")).expect("JSON");
    bent["payload"] = other["payload"].clone();
    place.write("bent.json", bent.to_string());
    let accept = |file: &[&str]| {
        let words = [&["officers", "appoint", "accept"], file, &["--officer-key", "mona.pem"]];
        place.issuer(&words.concat())
    };
    accept(&["bent.json"]).refused("not_appointed");
    let bent = ["officers", "appoint", "accept", "bent.json", "--officer-key", "per.pem"];
    place.issuer(&bent).refused("signature_invalid");
    let run = accept(&[]).done();
    assert!(run.stdout.contains(&format!("{kid} may sign nothing more")), "{}", run.stdout);
    assert!(!place.path(file).exists());
    place.issuer(&["audit"]).done();
}

fn kid_in(place: &Place, file: &str) -> String {
    let key: Value = serde_json::from_str(&place.read(file)).expect("JSON");
    key["kid"].as_str().expect("a key id").to_owned()
}

#[test]
fn the_register_follows_the_trust_list_to_new_roots_and_two_administrators_pin_others() {
    let place = Place::with_demo();
    make_new_roots(&place, "new");
    let both = [ROOT_1, ROOT_3, "new/root-1.pem", "new/root-2.pem"];
    accept_next_trust_list_of(&place, &["--roots", "new/roots.json"], &both);
    assert_eq!(due(&place.issuer_json(&["due"]), "roots_differ"), None);
    new_officer(&place, "per");
    let until = next_year();
    let draft = ["--officer", "Per Hansen", "per.pub", "grant", &until, "--out", "a.json"];
    place.issuer(&[&["officers", "appoint", "draft"], &draft[..]].concat()).done();
    let sign = |key: &str| {
        place.issuer(&["officers", "appoint", "sign", "a.json", "--key", key]).done();
    };
    let accept =
        || place.issuer(&["officers", "appoint", "accept", "a.json", "--officer-key", "per.pem"]);
    [ROOT_1, ROOT_3].iter().for_each(|key| sign(key));
    accept().refused("threshold_not_reached");
    ["new/root-1.pem", "new/root-3.pem"].iter().for_each(|key| sign(key));
    accept().done();

    // By hand: it is shown key by key, and `due` says that other roots sign the trust lists.
    let seq = place.issuer_json(&["propose", "roots", "demo/roots.json"])["proposal"].to_string();
    let review = place.issuer(&["review", &seq]).done().stdout;
    let kids: Vec<_> =
        [1, 2, 3].map(|n| kid_in(&place, &format!("demo/root-keys/root-{n}.pub"))).into();
    assert!(review.contains("to pin the root keys that may appoint officers"), "{review}");
    assert!(review.contains("how many must sign: 2"), "{review}");
    for kid in &kids {
        assert!(review.contains(&format!("root key: {kid}")), "{review}");
    }
    assert!(review.contains(&format!("-> 2 of {}", kids.join(", "))), "{review}");
    place.approve(&seq).done();
    let rows = place.issuer_json(&["due"]);
    assert!(due(&rows, "roots_differ").is_some(), "{rows}");
    let other = place.read("demo/roots.json").replace("perfusionist.example.no", "a.example.no");
    place.write("other.json", other);
    place.issuer(&["propose", "roots", "other.json"]).refused("roots_of_another");
    place.issuer(&["propose", "roots", "demo/diploma.txt"]).refused("not_json");
    place.issuer(&["audit"]).done();
}

#[test]
fn an_officer_and_the_office_change_their_passphrases() {
    let mut place = Place::with_demo();
    place.write("old.txt", place.read("demo/passphrase.txt"));
    place.write("new.txt", "another five random words\n");
    place.write("short.txt", "short\n");
    place.write("wrong.txt", "not the passphrase at all\n");
    let before = place.read(KARI);
    let officers = |old: &str, new: &str| {
        place.issuer(&[
            "officers",
            "passphrase",
            "--officer-passphrase-file",
            old,
            "--new-passphrase-file",
            new,
        ])
    };
    // The old one is tried before the new one is read.
    officers("wrong.txt", "none.txt").refused("passphrase_wrong");
    officers("old.txt", "short.txt").refused("passphrase_too_short");
    officers("old.txt", "old.txt").refused("passphrase_same");
    let nobody = place.issuer(&["officers", "passphrase"]);
    nobody.refused("passphrase_missing");
    assert!(nobody.stderr.contains("VERNET_NEW_PASSPHRASE"), "{}", nobody.stderr);
    assert_eq!(place.read(KARI), before);
    let done = officers("old.txt", "new.txt").done().stdout;
    assert!(done.contains("still open with the old passphrase"), "{done}");
    let limit = ["propose", "limit", number(), "--reference", "1"];
    place.issuer(&limit).refused("passphrase_wrong");
    place.issuer(&[&limit[..], &["--officer-passphrase-file", "new.txt"]].concat()).done();

    // The office's keys: by id, all of them, and a root key where there is no office.
    let kids = place.issuer_json(&["keys", "list"]);
    let kid = kids[0]["kid"].as_str().expect("a key id");
    let keys = |more: &[&str], new: &str| {
        place.issuer(&[&["keys", "passphrase"], more, &["--new-passphrase-file", new]].concat())
    };
    keys(&["AAAAAAAA"], "new.txt").refused("key_unknown");
    keys(&[kid], "new.txt").done();
    // One has another passphrase now: none is changed before all were opened.
    let status = format!("demo/office/keys/{}.pem", kids[1]["kid"].as_str().expect("a key id"));
    let kept = place.read(&status);
    keys(&["--all"], "new.txt").refused("passphrase_wrong");
    assert_eq!(place.read(&status), kept);
    let back = ["keys", "passphrase", kid, "--passphrase-file", "new.txt"];
    place.issuer(&[&back[..], &["--new-passphrase-file", "old.txt"]].concat()).done();
    keys(&["--all"], "new.txt").done();
    let publish = ["publish", "--out", "demo/publication"];
    let with = ["--passphrase-file", "new.txt", "--officer-passphrase-file", "new.txt"];
    place.issuer(&publish).refused("passphrase_wrong");
    place.issuer(&[&publish[..], &with].concat()).done();
    place.set("VERNET_OFFICE", "nowhere");
    let root = ["keys", "passphrase", "--file", ROOT_1, "--new-passphrase-file", "new.txt"];
    place.issuer(&root).done();
    let token = ["keys", "passphrase", "--file", "pkcs11:token=a", "--new-passphrase-file"];
    place.issuer(&[&token[..], &["new.txt"]].concat()).refused("key_in_token");
}

/// The hours after a theft.
#[test]
fn what_an_officer_signed_since_is_listed_with_what_came_of_it() {
    let place = Place::with_demo();
    let propose = |what: &[&str]| {
        let words = [&["propose"], what, &["--officer-key", OLA]].concat();
        place.issuer_json(&words)["proposal"].as_u64().expect("a number")
    };
    let approve = |seq: u64, key: &str| {
        place.issuer_json(&["approve", &seq.to_string(), "--officer-key", key])
    };
    let until = next_year();
    let in_a_month = today().plus_months(1).to_string();
    let suspended = place.issuer_json(&[
        "suspend",
        number(),
        "--until",
        &in_a_month,
        "--emergency",
        "--officer-key",
        OLA,
    ])["seq"]
        .clone();
    let waiting = propose(&["revoke", number()]);
    let rejected = propose(&["waive", number()]);
    place.issuer(&["reject", &rejected.to_string(), "--reason", "no"]).done();
    let first = propose(&["reissue", number(), "--because", "lost_print"]);
    let issued = approve(first, KARI)["certificate_number"].clone();
    let second = place.issuer_json(&["propose", "limit", number(), "--reference", "1"]);
    let second = approve(second["proposal"].as_u64().expect("a number"), OLA)["seq"].clone();

    let since = "2020-01-01";
    let activity = |who: &str, more: &[&str]| {
        place.issuer_json(&[&["officers", "activity", who, "--since", since], more].concat())
    };
    let found = activity("Ola Nordmann", &[]);
    let part = |seq: &Value| {
        let mut all = found["statements"].as_array().expect("a list").iter();
        all.find(|one| one["statement"] == *seq).expect("it is listed")["signature"].clone()
    };
    assert_eq!(part(&suspended), "alone");
    assert_eq!(part(&json!(waiting)), "waiting");
    assert_eq!(part(&json!(rejected)), "rejected");
    assert_eq!(part(&json!(first)), "first");
    assert_eq!(part(&second), "second");
    // In the demonstration he had approved a grant, a suspension and its end.
    assert_eq!(found["statements"].as_array().map(Vec::len), Some(3 + 5), "{found}");
    assert_eq!(found["took_effect_alone"], json!([suspended]));
    assert_eq!(found["certificates"], json!([number(), issued]));
    assert_eq!(activity(&kid_of(&place, "Ola Nordmann"), &[])["statements"], found["statements"]);

    let words = place.issuer(&["officers", "activity", "ola nordmann", "--since", since]).done();
    for part in [
        "Ola Nordmann with key ".to_owned(),
        ": 8 statements".to_owned(),
        "proposed to revoke".to_owned(),
        "Østlyngen-Bråthen, born 1984-05-17".to_owned(),
        "WITHOUT ANOTHER OFFICER".to_owned(),
        "none: it waits for another officer".to_owned(),
        format!("took effect without another officer: {suspended}"),
        format!(
            "certificates issued with them: {}, {}",
            number(),
            issued.as_str().expect("a number")
        ),
    ] {
        assert!(words.stdout.contains(&part), "{part:?} in {}", words.stdout);
    }
    assert_eq!(activity("Siri Haug", &[])["statements"], json!([]));
    // Until an instant, and before it.
    let none = activity("Ola Nordmann", &["--until", "2020-01-02"]);
    assert_eq!(none["statements"], json!([]));
    assert_eq!(activity("Ola Nordmann", &["--until", &until])["statements"], found["statements"]);
    place.issuer(&["officers", "activity", "Eva Ås", "--since", since]).refused("officer_unknown");
    let wrong = place.issuer(&["officers", "activity", "Ola Nordmann", "--since", "yesterday"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}
