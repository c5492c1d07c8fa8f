//! Many letters in one file, whom they are for, and that they were printed and sent.

use std::process::Command;

use serde_json::{Value, json};

use crate::place::{Place, number, today};

/// Five people with a certificate, of whom the third is suspended and the fourth limited.
fn five() -> (Place, Vec<String>) {
    let place = Place::with_demo();
    let mut table = String::from(
        "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n",
    );
    for (hpr, family) in
        [(9_000_001, "Berg"), (9_000_002, "Čállán"), (9_000_003, "Dal"), (9_000_004, "Eik")]
    {
        let row = "1980-02-29,1,norwegian_exam,2010-07-01,A made-up school,2010-06-11";
        table += &format!("{hpr},Ida,{family},{row}\n");
    }
    place.write("people.csv", table);
    let seq = place.issuer_json(&["propose", "import", "people.csv"])["proposal"].to_string();
    place.issuer(&["approve", &seq, "--officer-key", crate::place::OLA]).done();
    let listed = place.issuer_json(&["list"]);
    let numbers: Vec<String> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["certificate_number"].as_str().expect("a number").to_owned())
        .collect();
    assert_eq!(numbers.len(), 5);
    let until = today().plus_months(2).to_string();
    place.both(&["suspend", &numbers[2], "--until", &until]).done();
    place.both(&["limit", &numbers[3], "--reference", "2026/59"]).done();
    place.publish();
    (place, numbers)
}

fn unsent(place: &Place) -> Vec<String> {
    let listed = place.issuer_json(&["list", "--unsent"]);
    let text = |one: &Value| one["certificate_number"].as_str().expect("a number").to_owned();
    listed.as_array().expect("a list").iter().map(text).collect()
}

/// What a program without our code reads in a PDF, page by page; `None` if there is none.
fn pages(place: &Place, pdf: &str) -> Option<Vec<String>> {
    let read =
        Command::new("pdftotext").args(["-raw", pdf, "-"]).current_dir(place.path("")).output();
    let Ok(read) = read else {
        assert!(std::env::var_os("CI").is_none(), "`pdftotext` is missing: install poppler-utils");
        eprintln!("skipped: there is no `pdftotext` (poppler-utils)");
        return None;
    };
    let text = String::from_utf8(read.stdout).expect("UTF-8");
    let mut pages: Vec<String> = text
        .split('\u{c}')
        .map(|page| page.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    pages.pop();
    Some(pages)
}

const TOGETHER: [&str; 6] = ["export", "--all", "--format", "pdf", "--together", "--out"];

#[test]
fn letters_come_in_one_file_with_their_recipients_and_without_the_suspended() {
    let (place, numbers) = five();
    let run = place.issuer(&[&TOGETHER[..], &["batch", "--json"]].concat()).done();
    for (number, name, why) in
        [(&numbers[2], "Ida Čállán", "suspended"), (&numbers[3], "Ida Dal", "limited")]
    {
        let warning = format!("warning: {number}, {name}, is left out: its holder is {why}");
        assert!(run.stderr.contains(&warning), "{run:?}");
    }
    let answer = run.json();
    assert_eq!((&answer["letters"], &answer["statement"]), (&json!(3), &Value::Null));
    assert_eq!(answer["left_out"].as_array().map(Vec::len), Some(2));
    let table = place.read("batch/recipients.csv");
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(
        rows[..3],
        [
            "place,certificate_number,given_name,family_name,hpr_number,paper,language",
            rows[1],
            &format!("2,{},Ida,Berg,9000001,letter,nb", numbers[1]),
        ]
    );
    assert_eq!(rows.len(), 4);
    let Some(letters) = pages(&place, "batch/letters.pdf") else { return };
    assert_eq!(letters.len(), 3, "one sheet for each");
    // The letters lie in the order of the list.
    for (letter, row) in letters.iter().zip(&rows[1..]) {
        let number = row.split(',').nth(1).expect("a number");
        assert!(letter.contains(number), "{number} in: {letter}");
    }
    let list = pages(&place, "batch/recipients.pdf").expect("it was there before");
    assert!(list[0].contains("Mottakere") && list[0].contains("Ida Eik"), "{list:?}");

    place.issuer(&[&TOGETHER[..], &["batch"]].concat()).refused("file_exists");
    // All of them, for a printer that prints on both sides.
    let all = [&TOGETHER[..], &["both", "--with-restricted", "--blank-backs"]].concat();
    assert_eq!(place.issuer_json(&all)["letters"], 5);
    let sheets = pages(&place, "both/letters.pdf").expect("it was there before");
    assert_eq!(sheets.len(), 10);
    assert!(sheets.iter().skip(1).step_by(2).all(String::is_empty));
    // Each in a file of its own, as before, and likewise without them.
    let each = place.issuer_json(&["export", "--all", "--format", "pdf", "--out", "each"]);
    assert_eq!((&each["written"], each["left_out"].as_array().map(Vec::len)), (&json!(3), Some(2)));
    assert!(!place.path(&format!("each/{}.pdf", numbers[2])).exists());
}

#[test]
fn what_was_printed_and_sent_is_recorded_once_for_a_batch() {
    let (place, numbers) = five();
    let waiting =
        vec![numbers[0].clone(), numbers[1].clone(), numbers[3].clone(), numbers[4].clone()];
    assert_eq!(unsent(&place), waiting);
    let printed = [&TOGETHER[..], &["batch", "--unsent", "--record"]].concat();
    let seq = place.issuer_json(&printed)["statement"].as_u64().expect("a statement");
    assert_eq!(unsent(&place), [numbers[3].clone()], "the limited one was left out");
    place.issuer(&["sent", "--batch", "batch/recipients.csv"]).done();
    let shown = place.issuer_json(&["show", &numbers[1]]);
    let word = |place: usize, key: &str| shown["dispatched"][place][key].clone();
    assert_eq!((word(0, "how"), word(0, "statement")), (json!("printed"), json!(seq)));
    assert_eq!((word(1, "how"), word(1, "on")), (json!("sent"), json!(today())));
    assert!(place.issuer(&["show", &numbers[1]]).done().stdout.contains("letter sent"));
    let history = place.issuer(&["history", &numbers[1]]).done();
    assert!(history.stdout.contains("3 certificates"), "{history:?}");

    let to = ["sent", &numbers[3], "--what", "ccps", "--to", "A made-up authority"];
    assert_eq!(place.issuer_json(&to)["to"], "A made-up authority");
    place.issuer(&["sent", &numbers[3], "--on", "2019-01-01"]).refused("dispatched_before_made");
    place.issuer(&["sent", "--decision", "1"]).refused("field_invalid");
    place.write("numbers.csv", "name\nBerg\n");
    place.issuer(&["sent", "--batch", "numbers.csv"]).refused("import_column_missing");
    place.write("numbers.csv", "certificate_number\nNO-PE-1\n");
    let wrong = place.issuer(&["sent", "--batch", "numbers.csv"]);
    assert!(wrong.code == Some(1) && wrong.stderr.contains("line 2"), "{wrong:?}");
    place.issuer(&["audit"]).done();
}

#[test]
fn a_reprint_is_in_the_other_written_language_and_names_the_sender_of_today() {
    let place = Place::with_demo();
    let export = ["export", number(), "--format", "pdf", "--language", "nn", "--out", "nn.pdf"];
    let printed = place.issuer_json(&[&export[..], &["--record"]].concat());
    assert!(printed["statement"].is_u64(), "{printed}");
    let until = today().plus_months(2).to_string();
    let seq = place.decide(&["suspend", number(), "--until", &until])["seq"].to_string();
    let settings = "demo/office/office.json";
    let mut config: Value = serde_json::from_str(&place.read(settings)).expect("JSON");
    let (before, now, later) = ("2020-01-01", today().to_string(), "2099-01-01");
    let row = |from: &str, name: &str| json!({"from": from, "name": name, "address": ["Postboks 1", "0001 Oslo"]});
    config["letterhead"] =
        json!([row(before, "Gammelt navn"), row(&now, "Nytt navn"), row(later, "Siste navn")]);
    place.write(settings, config.to_string());
    for language in ["nb", "nn"] {
        let out = format!("{language}-decision.pdf");
        place.issuer(&["decision-letter", &seq, "--language", language, "--out", &out]).done();
        let Some(text) = pages(&place, &out) else { return };
        let own = if language == "nb" { "helsepersonellnemnd" } else { "frå og med" };
        for words in [own, "Statens helsetilsyn", "Nytt navn, Postboks 1, 0001 Oslo"] {
            assert!(text[0].contains(words), "{words} in: {text:?}");
        }
    }
    let nynorsk = pages(&place, "nn.pdf").expect("it was there before");
    assert!(nynorsk[0].contains("Namn") || nynorsk[0].contains("fødd"), "{nynorsk:?}");
    place.issuer(&["sent", "--decision", &seq]).done();
    config["letterhead"] = json!([row(&now, "Nytt navn"), row(before, "Gammelt navn")]);
    place.write(settings, config.to_string());
    place.issuer(&["list"]).refused("field_invalid");
}
