//! An office that certifies another title, by a row of data alone.

use serde_json::{Value, json};

use crate::{
    place::{Place, issuer_program, verifier_program},
    roots::accept_next_trust_list,
};

/// A title that the program does not bring.
const ROWS: &str = r#"
[[title]]
title = "audiographer"
type_name = "audiographer"
profession = "AU"
certificate_number_prefix = "NO-AU-"
kinds = ["1", "4"]
bases = ["norwegian_exam", "eea_recognition"]
recognition = "general"
age_limit = true
alerts = true
title_in_temporary_service = true
reactions = ["suspended", "revoked", "waived"]
protected = [{ from = "2001-01-01", value = "authorisation", source = "made up for a test" }]
requirements = []
granted_by = [{ from = "2001-01-01", value = "Eksempeldirektoratet", source = "made up for a test" }]
[title.words]
nb = { title = "audiograf", certificate = "audiografbevis" }
en = { article = "an", title = "audiographer", certificate = "audiographer certificate" }
"#;

fn application(title: &str) -> Value {
    json!({
        "given_name": "Åse", "family_name": "Bråthen", "birthdate": "1980-02-29",
        "hpr_number": "9144900", "title": title, "kind": "authorisation", "basis": "norwegian_exam",
        "exam": { "school": "Any School", "date": "2010-06-11" },
        "decided": "2010-06-30", "granted": "2010-07-01",
    })
}

/// The bytes of both programs, to show that they are the same before and after.
fn programs() -> [Vec<u8>; 2] {
    [issuer_program(), verifier_program()].map(|path| std::fs::read(path).expect("a program"))
}

#[test]
fn a_title_is_granted_printed_and_verified_by_its_row_alone() {
    let place = Place::with_demo();
    let before = programs();
    place.write("rows.toml", ROWS);
    place.write("application.json", application("audiographer").to_string());
    place.both(&["grant", "application.json"]).refused("title_unknown");

    let seq =
        place.issuer_json(&["propose", "title", "audiographer", "--rows", "rows.toml"])["proposal"]
            .to_string();
    let review = place.issuer(&["review", &seq]).done().stdout;
    for line in [
        "to certify a title",
        "certificate number prefix: NO-AU-",
        "granted by: (from 2001-01-01, source made up for a test, value Eksempeldirektoratet)",
        "words: (en (article an, certificate audiographer certificate, title audiographer), nb (certificate audiografbevis, title audiograf))",
    ] {
        assert!(review.contains(line), "{line}: {review}");
    }
    let approved = place.approve(&seq).done().stdout;
    assert!(approved.contains("trust-list draft"), "{approved}");
    // The roots have not signed it yet, so no hospital would believe it.
    place.both(&["grant", "application.json"]).refused("title_not_in_trust_list");
    accept_next_trust_list(&place, &[]);

    let proposed = place.issuer(&["propose", "grant", "application.json"]).done().stdout;
    let seq = proposed.strip_prefix("proposal ").and_then(|rest| rest.split(':').next());
    let review = place.issuer(&["review", seq.expect("a number")]).done().stdout;
    assert!(review.contains("title: audiographer"), "{review}");
    let issued = place.issuer_json(&[
        "approve",
        seq.expect("a number"),
        "--officer-key",
        "demo/officers/ola.pem",
    ]);
    let number = issued["certificate_number"].as_str().expect("a number");
    assert!(number.starts_with("NO-AU-") && number.ends_with("-000001"), "{number}");
    place.publish();
    let certificate = issued["certificate"].as_str().expect("a certificate");
    assert_eq!(place.verdict(certificate), "authorised");

    place.issuer(&["export", number, "--out", "letter.pdf", "--format", "pdf"]).done();
    assert_eq!(place.verdict("letter.pdf"), "authorised", "as printed");
    let from = ["--roots", "demo/roots.json", "--publication", "demo/publication"];
    let words = place.verifier(&[&["check", "letter.pdf"][..], &from].concat()).done().stdout;
    assert!(words.contains("\n  audiographer, authorisation granted 2010-07-01"), "{words}");
    let metadata: Value =
        serde_json::from_str(&place.read("demo/publication/types/audiographer/1")).expect("JSON");
    assert_eq!(metadata["vct"], "https://perfusionist.example.no/types/audiographer/1");
    assert_eq!(metadata["display"][1], json!({ "locale": "nb", "name": "Audiograf" }));

    // The same person is a perfusionist too, and loses the one without the other.
    place.write("perfusionist.json", application("perfusionist").to_string());
    let second = place.decide(&["grant", "perfusionist.json"]);
    place.both(&["revoke", number]).done();
    place.publish();
    assert_eq!(place.verdict(certificate), "revoked");
    assert_eq!(place.verdict(second["certificate"].as_str().expect("one")), "authorised");
    let rules = place.issuer(&["rules"]).done().stdout;
    assert!(rules.contains("  AU: audiographer\n") && rules.contains("  PE: perfusionist\n"));
    assert!(!rules.contains("chiropractor"), "only those of this office: {rules}");
    assert!(before == programs(), "the programs are the same files");
    place.issuer(&["audit"]).done();
}

#[test]
fn a_table_may_have_people_of_several_titles() {
    let place = Place::with_demo();
    for title in ["dentist", "orthodontist"] {
        place.both(&["title", title]).done();
    }
    accept_next_trust_list(&place, &[]);
    place.write(
        "people.csv",
        "hpr_number,given_name,family_name,birthdate,category,title,kind,basis,exam_school,exam_date,granted\n\
         9144901,Ola,Nordmann,1980-01-01,TL,,1,norwegian_exam,Any School,2004-06-01,2004-07-01\n\
         9144902,Kari,Nordmann,1980-01-02,,dentist,1,norwegian_exam,Any School,2004-06-01,2004-07-01\n\
         9144903,Per,Nordmann,1980-01-03,PE,,1,norwegian_exam,Any School,2004-06-01,2004-07-01\n\
         9144904,Pål,Nordmann,1980-01-04,PE,dentist,1,norwegian_exam,Any School,2004-06-01,2004-07-01\n\
         9144905,Liv,Nordmann,1980-01-05,KI,,1,norwegian_exam,Any School,2004-06-01,2004-07-01\n\
         9144906,Eli,Nordmann,1980-01-06,TL,orthodontist,1,norwegian_exam,Any School,2004-06-01,2004-07-01\n",
    );
    let report = place.issuer(&["import", "people.csv", "--json"]).json();
    let refused: Vec<_> = report["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["outcome"] == "refused")
        .map(|row| (row["line"].as_u64(), row["code"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let expected = [(5, "field_invalid"), (6, "field_invalid"), (7, "required_title_missing")];
    assert_eq!(refused, expected.map(|(line, code)| (Some(line), code.to_owned())));
}
