//! Names as in passports: a single one, in any letters of the Latin script; and what is said of those
//! that cannot be.

use std::fs;

use serde_json::{Value, json};

use crate::place::{Place, number};

fn application(hpr_number: &str, given_name: Option<&str>, family_name: &str) -> String {
    let mut application = json!({
        "family_name": family_name, "birthdate": "1980-02-29", "hpr_number": hpr_number,
        "kind": "authorisation", "basis": "accredited_school_exam",
        "exam": { "school": "Fjordheim Perfusion School", "date": "2010-06-11" },
        "decided": "2010-06-30", "granted": "2010-07-01",
    });
    if let Some(given_name) = given_name {
        application["given_name"] = json!(given_name);
    }
    application.to_string()
}

/// Granted, printed in each form, and checked at the hospital.
fn live(place: &Place, hpr_number: &str, given_name: Option<&str>, family_name: &str) -> String {
    place.write("application.json", application(hpr_number, given_name, family_name));
    let granted = place.decide(&["grant", "application.json"]);
    let number = granted["certificate_number"].as_str().expect("a number").to_owned();
    place.publish();
    for (format, end) in
        [("pdf", "pdf"), ("card", "card.pdf"), ("qr-png", "png"), ("ccps", "ccps.pdf")]
    {
        let file = format!("{number}.{end}");
        place.issuer(&["export", &number, "--format", format, "--out", &file]).done();
        if format != "ccps" {
            assert_eq!(place.verdict(&file), "authorised", "{file}");
        }
    }
    number
}

#[test]
fn somebody_with_a_single_name_has_a_certificate() {
    let place = Place::with_demo();
    let number = live(&place, "9144900", None, "Suharto");
    let file = format!("{number}.png");
    let check = ["check", &file, "--roots", "demo/roots.json", "--publication", "demo/publication"];
    let shown = place.verifier(&check).done().stdout;
    assert!(shown.contains("\n  Suharto, born 1980-02-29, HPR number 9144900\n"), "{shown}");
    let answer = place.verifier(&[&check[..], &["--json"]].concat()).done().json();
    assert_eq!(answer["certificate"]["family_name"], "Suharto");
    assert_eq!(answer["certificate"].get("given_name"), None, "left out, and not empty");
    let listed = place.issuer(&["list"]).done().stdout;
    assert!(listed.contains(&format!("{number}  Suharto  ")), "{listed}");
    let shown = place.issuer(&["show", &number]).done().stdout;
    assert!(shown.starts_with(&format!("{number}  Suharto\n")), "{shown}");

    // A second name, and back again.
    let renamed = place.decide(&[
        "reissue",
        &number,
        "--because",
        "name_change",
        "--given-name",
        "Haji",
        "--family-name",
        "Suharto",
    ]);
    let second = renamed["certificate_number"].as_str().expect("a number");
    assert_eq!(place.issuer_json(&["show", second])["claims"]["given_name"], "Haji");
    let back = [
        "reissue",
        second,
        "--because",
        "name_change",
        "--given-name",
        "",
        "--family-name",
        "Suharto",
    ];
    assert_eq!(place.decide(&back)["holder"]["given_name"], Value::Null);
    place.issuer(&["audit"]).done();

    // A hospital that writes a name beside it means somebody else.
    place.write(
        "staff.csv",
        format!("name,certificate\nSUHARTO,{file}\n\"Suharto, -\",{file}\nKari Suharto,{file}\n"),
    );
    let lists = ["--roots", "demo/roots.json", "--publication", "demo/publication"];
    let roster = [&["roster", "check", "staff.csv", "--format", "json"], &lists[..]].concat();
    let report: Value = serde_json::from_str(&place.verifier(&roster).stdout).expect("JSON");
    let rows = report["rows"].as_array().expect("rows");
    let differs: Vec<_> =
        rows.iter().map(|row| row.to_string().contains("name_mismatch")).collect();
    assert_eq!(differs, [false, false, true], "{report}");
}

#[test]
fn letters_beyond_the_first_blocks_are_names_in_both_cases() {
    let place = Place::with_demo();
    let number = live(&place, "9144900", Some("ƐFUA Ɔsɛi"), "Ɗɔɓɛ–Se\u{331}");
    let shown = place.issuer(&["show", &number]).done().stdout;
    assert!(shown.contains("ƐFUA Ɔsɛi Ɗɔɓɛ-Se\u{331}"), "the dash is a hyphen: {shown}");
}

#[test]
fn what_is_refused_is_named_as_it_was_written() {
    let place = Place::with_demo();
    for (given_name, family_name, says) in [
        (
            "Gabriele2",
            "D'Angelo",
            "`given_name` is `Gabriele2`, expected Latin letters, hyphens, apostrophes, full stops and single spaces: its character 9 is `2` (U+0032)",
        ),
        ("Gabriele", "D'Angelo (f. Rossi)", "`family_name` is `D'Angelo (f. Rossi)`"),
        ("Ελένη", "D'Angelo", "its character 1 is `Ε` (U+0395)"),
        ("-", "Suharto", "or nothing for somebody with a single name"),
        ("Suharto", "", "the name of somebody who has a single one"),
    ] {
        place.write("application.json", application("9144900", Some(given_name), family_name));
        let run = place.issuer(&["propose", "grant", "application.json"]);
        run.refused("field_invalid");
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert!(!run.stderr.contains("\\'"), "{}", run.stderr);
    }
    let long = "Ø".repeat(60);
    place.write("application.json", application("9144900", Some(&long), "Li"));
    let run = place.issuer(&["propose", "grant", "application.json"]);
    assert!(run.stderr.contains("the first 50 of these 60 letters"), "{}", run.stderr);
    // A letter of medieval scribes, which the font of the letter lacks.
    place.write("application.json", application("9144900", Some("A\u{a733}se"), "Li"));
    place.issuer(&["propose", "grant", "application.json"]).refused("name_not_printable");
    assert!(place.issuer(&["show", number()]).done().stdout.contains("Kjærstad"));
}

#[test]
fn an_application_and_tables_are_read_whichever_program_saved_them() {
    let place = Place::with_demo();
    let json = application("9144900", Some("Åse"), "Li");
    let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [
        ("mark.json", format!("\u{feff}{json}").into_bytes()),
        ("notepad-unicode.json", [b"\xff\xfe", &wide[..]].concat()),
    ] {
        place.write(name, bytes);
        place.issuer(&["propose", "grant", name]).done();
    }
    let people = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tables/people");
    for file in ["excel-csv.csv", "excel-unicode-text.txt", "personnel-system-sep-utf-16.csv"] {
        place.write(file, fs::read(people.join(file)).expect("a table"));
        let run = place.issuer(&["import", file]).done();
        assert!(run.stdout.starts_with("2 rows: 2 pass"), "{file}: {}", run.stdout);
    }
    place.write("people.xlsx", b"PK\x03\x04\x14\0\x06\0");
    place.issuer(&["import", "people.xlsx"]).refused("table_workbook");
    let alerts = "id;given_name;family_name;birthdate;state;scope;from;until;received\r\n\
                  IMI-1;Åse–Marie;Bråthen;29.02.1980;SE;restricted;01.03.2025;;04.03.2025\r\n;;;;;;;;\r\n";
    let windows: Vec<u8> = alerts
        .chars()
        .map(|c| if c == '–' { 0x96 } else { u8::try_from(u32::from(c)).expect("Latin-1") })
        .collect();
    place.write("alerts.csv", windows);
    place.issuer(&["incoming", "import", "alerts.csv"]).done();
    let kept = place.issuer_json(&["incoming", "list"]);
    assert_eq!(
        (&kept[0]["given_name"], &kept[0]["birthdate"]),
        (&json!("Åse-Marie"), &json!("1980-02-29"))
    );
}
