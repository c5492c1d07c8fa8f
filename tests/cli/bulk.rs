//! Decisions about many: people imported from another register, everybody's prints, and new
//! certificates to replace all that a key signed.

use std::{
    collections::BTreeSet, fmt::Write as _, io::Write as _, os::unix::process::ExitStatusExt,
    process::Stdio, thread, time::Duration,
};

use serde_json::Value;

use crate::{
    keys::{key_in_use, signer},
    place::{OLA, Place, files_in, issuer_program, number},
    roots::accept_next_trust_list,
};

/// A table of this many made-up people.
fn table(people: usize) -> String {
    let mut csv = String::from(
        "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n",
    );
    for person in 0..people {
        let hpr = 2_000_000 + person;
        writeln!(
            csv,
            "{hpr},Åse,Nordmann,1980-02-29,1,norwegian_exam,2010-07-01,A made-up school,2010-06-11"
        )
        .expect("a string grows");
    }
    csv
}

fn count(report: &Value, word: &str) -> usize {
    report[word].as_u64().and_then(|count| usize::try_from(count).ok()).expect("a count")
}

fn numbers(place: &Place) -> Vec<String> {
    let list = place.issuer_json(&["list"]);
    let text = |one: &Value| one["certificate_number"].as_str().expect("a number").to_owned();
    list.as_array().expect("a list").iter().map(text).collect()
}

#[test]
fn an_import_that_is_killed_again_and_again_grants_every_row_once() {
    const ROWS: usize = 1200;
    let place = Place::with_demo();
    place.write("people.csv", table(ROWS));
    assert_eq!(count(&place.issuer_json(&["import", "people.csv"]), "passes"), ROWS);
    let proposed = place.issuer_json(&["propose", "import", "people.csv"]);
    let seq = proposed["proposal"].to_string();
    place.issuer(&["approve", &seq]).refused("same_officer");
    assert_eq!(numbers(&place).len(), 1, "nothing is granted yet");

    // Kills a little later each time, until one run is quick enough to finish.
    let (mut kills, mut partial) = (0, BTreeSet::new());
    for attempt in 1.. {
        let mut command = place.command(issuer_program());
        command
            .args(["approve", &seq, "--officer-key", OLA])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = command.spawn().expect("the program starts");
        thread::sleep(Duration::from_millis(400 * attempt));
        process.kill().expect("it is ours");
        if process.wait().expect("it ended").signal().is_none() {
            break;
        }
        kills += 1;
        partial.insert(numbers(&place).len() - 1);
    }
    // Not captured: what a kill hits differs on each machine.
    let _ = writeln!(
        std::io::stderr(),
        "an import of {ROWS} rows, killed {kills} times, with so many granted: {partial:?}"
    );
    assert!(kills > 0);
    let granted = numbers(&place);
    assert_eq!(granted.len(), ROWS + 1);
    assert_eq!(granted.iter().collect::<BTreeSet<_>>().len(), ROWS + 1, "no number twice");

    place.issuer(&["approve", &seq, "--officer-key", OLA]).refused("proposal_decided");
    place.issuer(&["audit"]).done();
    assert_eq!(count(&place.issuer_json(&["import", "people.csv"]), "already_there"), ROWS);
    place.publish();
    place.issuer(&["export", &granted[ROWS], "--format", "jwt", "--out", "last.jwt"]).done();
    assert_eq!(place.verdict("last.jwt"), "authorised");
}

#[test]
fn a_table_with_wrong_rows_is_refused_whole_or_row_by_row() {
    let place = Place::with_demo();
    let under_age_of_exam =
        table(3).replace("2000001,Åse,Nordmann,1980-02-29", "2000001,Åse,Nordmann,2011-02-28");
    place.write("people.csv", &under_age_of_exam);
    let report = place.issuer(&["import", "people.csv", "--json"]);
    assert_eq!((report.code, count(&report.json(), "refused")), (Some(1), 1), "{report:?}");
    let proposed = place.issuer(&["propose", "import", "people.csv"]);
    assert_eq!(
        (proposed.code, place.issuer_json(&["proposals"])),
        (Some(1), serde_json::json!([])),
        "{proposed:?}"
    );

    let seq =
        place.issuer_json(&["propose", "import", "--each", "people.csv"])["proposal"].to_string();
    let approve = ["approve", &seq, "--officer-key", OLA, "--report", "report.csv"];
    let done = place.issuer_json(&approve);
    assert_eq!((count(&done, "granted"), count(&done, "refused")), (2, 1), "{done}");
    let report = place.read("report.csv");
    assert!(report.lines().nth(2).is_some_and(|line| line.contains("age_impossible")), "{report}");
    assert_eq!(numbers(&place).len(), 3);
}

#[test]
fn a_table_that_was_changed_between_the_two_signatures_grants_nothing() {
    let place = Place::with_demo();
    place.write("people.csv", table(3));
    let seq = place.issuer_json(&["propose", "import", "people.csv"])["proposal"].to_string();
    let documents = place.path("demo/office/documents");
    for name in files_in(&documents) {
        let path = documents.join(name);
        let text = std::fs::read_to_string(&path).expect("a document");
        std::fs::write(&path, text.replace("Nordmann", "Svindler")).expect("an intruder can write");
    }
    place.issuer(&["approve", &seq, "--officer-key", OLA]).refused("document_changed");
    assert_eq!(numbers(&place).len(), 1);
}

#[test]
fn everybodys_prints_and_what_may_not_be_printed() {
    let place = Place::with_demo();
    place.write("people.csv", table(4));
    let seq = place.issuer_json(&["propose", "import", "people.csv"])["proposal"].to_string();
    place.issuer(&["approve", &seq, "--officer-key", OLA]).done();
    let export = |more: &[&str]| {
        place.issuer_json(
            &[&["export", "--all", "--out", "codes", "--format", "qr-png", "--jobs", "2"], more]
                .concat(),
        )
    };
    assert_eq!(count(&export(&[]), "written"), 5);
    place.publish();
    let all = numbers(&place);
    for number in &all {
        assert_eq!(place.verdict(&format!("codes/{number}.png")), "authorised", "{number}");
    }
    std::fs::remove_file(place.path(&format!("codes/{}.png", all[2]))).expect("it was written");
    place.decide(&["revoke", &all[1]]);
    let again = export(&["--only-missing"]);
    assert_eq!(
        [count(&again, "written"), count(&again, "there_already"), count(&again, "refused")],
        [1, 3, 1]
    );
    let refused = &again["not_written"][0];
    assert_eq!(
        (&refused["certificate_number"], &refused["code"]),
        (&all[1].clone().into(), &"withdrawn".into())
    );
}

#[test]
fn all_certificates_of_a_key_are_signed_anew_by_another_one() {
    let place = Place::with_demo();
    let old = key_in_use(&place, "certificate");
    let reissue = ["propose", "reissue", "--all", "--because", "key_rotation", "--of-key", &old];
    place.issuer(&reissue).refused("key_in_use");
    place.issuer(&["keys", "rotate", "certificate"]).done();
    accept_next_trust_list(&place, &[]);
    let seq = place.issuer_json(&reissue)["proposal"].to_string();
    let done = place.issuer_json(&["approve", &seq, "--officer-key", OLA]);
    assert_eq!(done["reissued"][0]["previous"], number());
    let new = done["reissued"][0]["certificate_number"].as_str().expect("a number").to_owned();
    place.issuer(&["export", &new, "--format", "jwt", "--out", "new.jwt"]).done();
    assert_ne!(signer(&place, "new.jwt"), old);
    place.publish();
    assert_eq!(place.verdict("new.jwt"), "authorised");
    assert_eq!(place.verdict(&format!("demo/certificates/{}.jwt", number())), "revoked");
    place.issuer(&reissue).refused("nothing_to_reissue");
    place.issuer(&["audit"]).done();
}
