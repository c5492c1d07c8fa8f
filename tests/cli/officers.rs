//! Two officers at the command line: what each sees, and what each is not allowed to do.

use std::fs;

use serde_json::{Value, json};
use vernet_common::CivilDate;
use vernet_issuer::Office;
use vernet_register::{Application, Decision, Event, Proposal};

use crate::place::{OLA, Place, now, number, today};

/// The six ways around a second officer, and their six codes.
#[test]
fn no_way_leads_around_the_second_officer() {
    let place = Place::with_demo();
    place.write("other.json", place.read("demo/application.json").replace("9144889", "9144900"));
    let propose = || {
        place.issuer_json(&["propose", "grant", "other.json", "--document", "demo/diploma.txt"])["proposal"].to_string()
    };
    let approve = |seq: &str, key: &str| place.issuer(&["approve", seq, "--officer-key", key]);

    // One officer alone, through the library, because the command line has no such command.
    let mut office = Office::open(&place.path("demo/office")).expect("an office");
    let granted = office
        .register()
        .state()
        .certificates()
        .next()
        .expect("a certificate")
        .statement
        .event
        .clone();
    let alone =
        office.register_mut().record(granted, &place.officers()[0], &Decision::today(now()));
    assert_eq!(alone.expect_err("alone").code(), "needs_two_officers");
    place.issuer(&["suspend", number(), "--until", &in_months(1)]).refused("needs_two_officers");

    // Twice the same officer.
    let seq = propose();
    place.issuer(&["approve", &seq]).refused("same_officer");

    // An officer whose period has ended, and one with another role.
    enrol(
        &place,
        "Per Hansen",
        "per",
        &["--role", "grant", "--from", "2020-01-01", "--until", "2021-01-01"],
    );
    approve(&seq, "per.pem").refused("officer_not_in_office");
    enrol(&place, "Mona Lie", "mona", &["--role", "publish", "--until", &in_months(12)]);
    approve(&seq, "mona.pem").refused("role_missing");

    // A document that was changed after it was signed.
    let folder = place.path("demo/office/documents");
    let document =
        fs::read_dir(&folder).expect("documents").next().expect("one").expect("a file").path();
    let diploma = fs::read(&document).expect("the diploma");
    fs::write(&document, "another diploma").expect("written");
    approve(&seq, OLA).refused("document_changed");
    place.issuer(&["audit"]).refused("document_changed");
    fs::write(&document, diploma).expect("restored");

    // An approval that is used twice.
    approve(&seq, OLA).done();
    approve(&seq, OLA).refused("proposal_decided");

    assert_eq!(
        place.issuer_json(&["list"]).as_array().map(Vec::len),
        Some(2),
        "one grant came of all this"
    );
    place.issuer(&["audit"]).done();
}

#[test]
fn a_review_shows_what_is_signed() {
    let place = Place::with_demo();
    assert_eq!(place.issuer(&["proposals"]).done().stdout, "no proposal waits for an officer\n");
    place.write("decision.txt", "why");
    let arguments =
        ["propose", "limit", number(), "--reference", "case 1", "--document", "decision.txt"];
    let proposed = place.issuer_json(&arguments);
    let seq = proposed["proposal"].to_string();
    assert_eq!(
        (&proposed["effect"], &proposed["officer"]),
        (&json!("limited"), &json!("Kari Nordmann"))
    );
    assert!(
        proposed["about"][0].as_str().expect("whom").contains("Østlyngen-Bråthen, born 1984-05-17")
    );
    let waiting = place.issuer_json(&["proposals"]);
    assert_eq!((&waiting[0]["proposal"].to_string(), &waiting[0]["documents"]), (&seq, &json!(1)));
    assert!(place.issuer(&["proposals"]).done().stdout.contains("Østlyngen-Bråthen"));

    let review = place.issuer_json(&["review", &seq]);
    let text = review["signed_text"].as_str().expect("a text");
    let signed: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(signed, review["statement"]);
    assert_eq!(signed["event"]["act"]["event"]["reference"], "case 1");
    assert_eq!(
        review["differences"],
        json!([{ "what": "standing", "registered": "authorised", "proposed": "limited" }])
    );
    assert_eq!(review["history"].as_array().map(Vec::len), Some(3), "granted, suspended, lifted");
    assert_eq!(
        (&review["documents"][0]["name"], &review["documents"][0]["fault"]),
        (&json!("decision.txt"), &json!(null))
    );
    assert_eq!(review["refused"], json!(null));
    let shown = place.issuer(&["review", &seq]).done().stdout;
    for part in [
        text,
        "decision.txt, unchanged",
        "standing: authorised -> limited",
        "the rules allow it now",
        "approve",
    ] {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }

    let sha256 = review["sha256"].as_str().expect("a hash");
    assert!(shown.contains(&format!("vernet-issuer approve {seq} --sha256 {sha256}")), "{shown}");
    // Before anybody is asked for a passphrase.
    let asked = place.issuer(&["approve", &seq, "--officer-key", "nobody.pem"]);
    let (before, _) = asked.stderr.split_once("nobody.pem").expect("there is no such key");
    assert!(before.contains("to limit by conditions") && before.contains("Østlyngen-Bråthen"));
    let reviewed =
        |sha256: &str| place.issuer(&["approve", &seq, "--sha256", sha256, "--officer-key", OLA]);
    reviewed(&"0".repeat(64)).refused("approval_mismatch");

    place.both(&["revoke", number()]).done();
    reviewed(sha256).refused("revoked_needs_new_authorisation");
    let review = place.issuer_json(&["review", &seq]);
    assert_eq!(review["refused"]["code"], "revoked_needs_new_authorisation");
    place.approve(&seq).refused("revoked_needs_new_authorisation");
    place
        .issuer(&["approve", &seq, "--officer-key", "nobody.pem"])
        .refused("revoked_needs_new_authorisation");
    place.issuer(&["reject", &seq, "--reason", "overtaken"]).done();
    place.issuer(&["review", &seq]).refused("proposal_decided");
    place.issuer(&["review", "1"]).refused("proposal_unknown");
}

/// What is signed is shown as JSON too, but nobody should need to read that.
#[test]
fn a_review_says_in_words_what_is_proposed() {
    let place = Place::with_demo();
    let until = in_months(3);
    let application = json!({
        "given_name": "Per", "family_name": "Ås", "birthdate": "1975-05-17", "hpr_number": "9144900",
        "kind": "licence", "bound_to_post": true, "basis": "eea_recognition", "recognition": { "state": "SE" },
        "decided": "2026-01-10", "granted": "2026-01-12", "valid_to": until, "conditions": "2026/17",
    });
    place.write("per.json", application.to_string());
    let grant = ["grant", "per.json"];
    let suspend = ["suspend", number(), "--until", &until];
    let limit = ["limit", number(), "--reference", "2026/18"];
    let revoke = ["revoke", number(), "--gravest"];
    let reissue = ["reissue", number(), "--because", "lost_print"];
    let merge = ["merge", "9144889", "1000001"];
    let expected: [(&[&str], &str, &[&str]); 6] = [
        (
            &grant,
            "to grant the licence as perfusionist",
            &[
                "kind: licence",
                "bound to a post: yes",
                "basis: eea recognition",
                "recognised from the state: SE",
                "conditions in the decision: 2026/17",
                "decided on: 2026-01-10",
                "granted from: 2026-01-12",
                &format!("until, not including: {until}"),
            ],
        ),
        (&suspend, "to suspend", &[&format!("until, not including: {until}"), "Østlyngen-Bråthen"]),
        (&limit, "to limit by conditions", &["conditions in the decision: 2026/18"]),
        (&revoke, "to revoke", &["gravest: yes"]),
        (
            &reissue,
            "to reissue the certificate",
            &["because: lost print", &format!("certificate: {}", number())],
        ),
        (
            &merge,
            "to merge two numbers of one person",
            &["from: 9144889", "into: 1000001", "Østlyngen-Bråthen"],
        ),
    ];
    for (arguments, aim, parts) in expected {
        let proposed = place.issuer(&[&["propose"], arguments].concat()).done().stdout;
        let seq = proposed
            .strip_prefix("proposal ")
            .and_then(|rest| rest.split_once(": "))
            .expect("a proposal")
            .0;
        assert!(proposed.starts_with(&format!("proposal {seq}: {aim}\n")), "{proposed}");
        assert!(place.issuer(&["proposals"]).done().stdout.contains(aim));
        let review = place.issuer(&["review", seq]).done().stdout;
        assert!(
            review.starts_with(&format!("proposal {seq}: {aim}\n  by Kari Nordmann with key ")),
            "{review}"
        );
        let (words, _) = review.split_once("what it changes:").expect("a review");
        for part in parts {
            assert!(words.contains(part), "{part:?} in {words}");
        }
        if arguments != grant {
            assert!(review.contains(" granted "), "what happened before: {review}");
        }
    }

    let emergency =
        place.issuer_json(&["suspend", number(), "--until", &until, "--emergency"])["seq"]
            .to_string();
    let review = place.issuer(&["review", &emergency]).done().stdout;
    let end = today().plus_days(7);
    assert!(review.contains(&format!("suspended until: {end} -> {until}")), "{review}");
    let alerted = place.issuer(&["alerted", number(), "--decision", &emergency]).done().stdout;
    assert!(!alerted.contains("publish") && alerted.contains("due no more"), "{alerted}");
}

#[test]
fn an_emergency_counts_at_once_and_waits_for_a_second_officer() {
    let place = Place::with_demo();
    let until = in_months(3);
    let answer = place.issuer_json(&["suspend", number(), "--until", &until, "--emergency"]);
    let (seq, end) = (answer["seq"].to_string(), today().plus_days(7).to_string());
    assert_eq!(answer["event"]["unapproved_until"], json!(end));
    place.publish();
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "suspended");
    let standing = || place.issuer_json(&["show", number()])["standing"].clone();
    assert_eq!(standing()["until"], json!(end));
    let due = place.issuer_json(&["due"]);
    let ends = due
        .as_array()
        .expect("a list")
        .iter()
        .find(|row| row["what"] == "emergency_ends")
        .expect("it is due");
    assert_eq!((&ends["on"], &ends["decision"].to_string()), (&json!(end), &seq));
    assert!(place.issuer(&["due"]).done().stdout.contains(&format!("vernet-issuer approve {seq}")));
    assert_eq!(place.issuer_json(&["proposals"])[0]["proposal"].to_string(), seq);
    assert!(place.issuer(&["review", &seq]).done().stdout.contains("in an emergency"));

    place.issuer(&["approve", &seq]).refused("same_officer");
    place.approve(&seq).done();
    assert_eq!(standing()["until"], json!(until));
    assert_eq!(place.issuer_json(&["proposals"]), json!([]));
    place.both(&["lift", number()]).done();
    place.issuer(&["suspend", number(), "--until", &until, "--emergency"]).done();
    place
        .issuer(&["suspend", number(), "--until", &until, "--emergency"])
        .refused("emergency_repeated");
    place.issuer(&["audit"]).done();
}

#[test]
fn officers_come_and_go() {
    let place = Place::with_demo();
    enrol(
        &place,
        "Per Hansen",
        "per",
        &["--role", "supervise", "--role", "administer", "--until", &in_months(12)],
    );
    let officers = place.issuer_json(&["officers", "list"]);
    let per = officers
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["name"] == "Per Hansen")
        .expect("enrolled")
        .clone();
    assert_eq!(
        (&per["state"], &per["roles"]),
        (&json!("in_office"), &json!(["supervise", "administer"]))
    );
    let seq = place.issuer_json(&[
        "propose",
        "limit",
        number(),
        "--reference",
        "1",
        "--officer-key",
        "per.pem",
    ]);
    place.approve(&seq["proposal"].to_string()).done();
    let kid = per["kid"].as_str().expect("a key id");
    place.issuer(&["officers", "end", kid]).done();
    let run =
        place.issuer(&["propose", "lift", number(), "--limitation", "--officer-key", "per.pem"]);
    run.refused("officer_not_in_office");
    assert!(run.stderr.contains("the key was ended at"), "{run:?}");
    let others = place.issuer_json(&["officers", "list"]);
    let other = others
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["name"] == "Ola Nordmann")
        .expect("a founder")
        .clone();
    // The roots are pinned, so every key can be ended: see `lockout`.
    let last = other["kid"].as_str().expect("a key id");
    place.issuer(&["officers", "end", last]).done();
    assert!(place.issuer(&["officers", "list"]).done().stdout.contains("ended"));
}

/// As for a cron job: a key that can only publish, with its own passphrase.
#[test]
fn a_publisher_only_publishes() {
    let mut place = Place::with_demo();
    place.write("cron.txt", "a passphrase of its own\n");
    place.set("VERNET_OFFICER_PASSPHRASE_FILE", "cron.txt");
    place.set("VERNET_PASSPHRASE_FILE", "cron.txt");
    place.issuer(&["keys", "new", "--use", "officer", "--out", "cron.pem"]).done();
    place.set("VERNET_PASSPHRASE_FILE", "demo/passphrase.txt");
    place.unset("VERNET_OFFICER_PASSPHRASE_FILE");
    let until = in_months(12);
    let enrol =
        ["enrol", "The publishing machine", "cron.pub", "--role", "publish", "--until", &until];
    place.both(&enrol).done();
    place.set("VERNET_OFFICER_KEY", "cron.pem");
    place.set("VERNET_OFFICER_PASSPHRASE_FILE", "cron.txt");
    place.publish();
    place.issuer(&["propose", "revoke", number()]).refused("role_missing");
    place
        .issuer(&["suspend", number(), "--until", &in_months(1), "--emergency"])
        .refused("role_missing");
    place.issuer(&["keys", "rotate", "status"]).refused("role_missing");
}

#[test]
fn an_audit_tells_what_is_missing_at_the_end() {
    let place = Place::with_demo();
    let audit = place.issuer_json(&["audit"]);
    assert_eq!(
        (&audit["certificates"], &audit["publications"], &audit["officers"]),
        (&json!(1), &json!(3), &json!(3))
    );
    let mark = audit["mark"].as_str().expect("a mark").to_owned();
    place.both(&["limit", number(), "--reference", "1"]).done();
    let later =
        place.issuer_json(&["audit", "--mark", &mark])["mark"].as_str().expect("a mark").to_owned();
    // Yesterday's copy of the register: it is correct, only not complete.
    let file = place.path("demo/office/register.sqlite");
    let raw = rusqlite::Connection::open(&file).expect("the register");
    let seq: u64 = mark.split(':').next().expect("a number").parse().expect("a number");
    raw.execute_batch(&format!(
        "DROP TRIGGER statement_remains; DELETE FROM statement WHERE seq > {seq}"
    ))
    .expect("cut off");
    place.issuer(&["audit"]).done();
    place.issuer(&["audit", "--mark", &mark]).done();
    place.issuer(&["audit", "--mark", &later]).refused("statement_replaced");
    raw.execute_batch(
        "DROP TRIGGER statement_stays; UPDATE statement SET signature = zeroblob(64) WHERE seq = 8",
    )
    .expect("bent");
    let run = place.issuer(&["audit"]);
    run.refused("signature_invalid");
    assert!(run.stderr.contains("statement 8: "), "{run:?}");
    // This machine has checked that statement before, so a command looks only at the text; and it
    // sees that somebody removed what guards the table.
    place.issuer(&["list"]).refused("register_unfinished");
    raw.execute_batch("UPDATE statement SET body = body || ' ' WHERE seq = 8").expect("bent");
    place.issuer(&["list"]).refused("chain");
}

#[test]
fn an_audit_looks_at_the_trust_lists_too() {
    let place = Place::with_demo();
    let file = "demo/office/trust-list/000001.json";
    let genuine = place.read(file);
    let mut list: Value = serde_json::from_str(&genuine).expect("JSON");
    let other = list["payload"].as_str().expect("a payload").len();
    assert!(other > 0);
    fs::remove_file(place.path(file)).expect("removed");
    place.issuer(&["audit"]).refused("trust_list_differs");
    place.write(file, &genuine);
    // Another list with the same number, drafted by the same office.
    place.issuer(&["keys", "rotate", "log"]).done();
    place.issuer(&["trust-list", "draft", "--out", "other.json"]).done();
    let second: Value = serde_json::from_str(&place.read("other.json")).expect("JSON");
    list["payload"] = second["payload"].clone();
    place.write("demo/office/trust-list/000002.json", serde_json::to_vec(&second).expect("JSON"));
    place.issuer(&["audit"]).refused("trust_list_differs");
}

/// Two officers approve at the same moment: one of them learns that it is already done.
#[test]
fn a_proposal_is_approved_once_whoever_is_faster() {
    let place = Place::with_demo();
    enrol(&place, "Per Hansen", "per", &["--role", "supervise", "--until", &in_months(12)]);
    let mut office = Office::open(&place.path("demo/office")).expect("an office");
    let certificate = number().parse().expect("a number");
    let limit = Event::Limited { certificate, reference: "1".into(), until: None };
    let seq = office
        .propose(Proposal::of(limit), &[], &place.officers()[0], now())
        .expect("proposed")
        .seq
        .to_string();
    let start = |key: &str| {
        let mut command = place.command(crate::place::issuer_program());
        let command = command.args(["approve", &seq, "--officer-key", key]);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it starts")
    };
    let both =
        ["per.pem", OLA].map(start).map(|child| child.wait_with_output().expect("one's own child"));
    let (done, refused): (Vec<_>, Vec<_>) = both.iter().partition(|output| output.status.success());
    assert_eq!((done.len(), refused.len()), (1, 1), "{both:?}");
    let stderr = String::from_utf8_lossy(&refused[0].stderr);
    assert!(stderr.contains("[proposal_decided]"), "{stderr}");
}

#[test]
fn the_application_is_signed_as_it_was_read() {
    let place = Place::with_demo();
    let application = place
        .read("demo/application.json")
        .replace("9144889", "009144900")
        .replace("Åse", "A\u{30a}se");
    place.write("other.json", application);
    let seq = place.issuer_json(&["propose", "grant", "other.json"])["proposal"].to_string();
    let review = place.issuer_json(&["review", &seq]);
    let signed: Application =
        serde_json::from_value(review["statement"]["event"]["act"]["application"].clone())
            .expect("one");
    assert_eq!(
        (signed.given_name.as_str(), signed.hpr_number.to_string().as_str()),
        ("Åse", "9144900")
    );
    place.approve(&seq).done();
}

fn in_months(months: i32) -> String {
    let day: CivilDate = today().plus_months(months);
    day.to_string()
}

/// Makes a key in `FILE.pem`, and enrols its officer.
fn enrol(place: &Place, name: &str, file: &str, more: &[&str]) {
    let (private, public) = (format!("{file}.pem"), format!("{file}.pub"));
    place.issuer(&["keys", "new", "--use", "officer", "--out", &private]).done();
    place.both(&[&["enrol", name, &public][..], more].concat()).done();
}
