//! `check letter.pdf`: the letter as the office sent it, and the scan of one.

use crate::{
    hospital::{FILES, Hospital},
    office::{CERTIFICATE_KEY, DAY, STATUS_KEY, signed_statement},
    pdf::{letter, scan},
    picture::{jpeg, picture},
};

const CERTIFICATE: &str = "application/dc+sd-jwt";
const STATEMENT: &str = "application/vernet-ccps+jwt";

fn json(hospital: &Hospital, file: &str) -> serde_json::Value {
    hospital.run(&[&["check", "--json", file][..], &FILES].concat()).json()
}

#[test]
fn a_letter_is_checked_by_what_is_attached_to_it() {
    let hospital = Hospital::new();
    hospital.write("letter.pdf", letter(&[(CERTIFICATE, &hospital.office.text())]));
    assert_eq!(hospital.verdict("letter.pdf"), "authorised");
    assert!(json(&hospital, "letter.pdf").get("statements").is_none());
    let run = hospital.run_with(
        &[&["check", "-"][..], &FILES].concat(),
        &letter(&[(CERTIFICATE, &hospital.office.text())]),
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    hospital.write("forged.pdf", letter(&[(CERTIFICATE, &hospital.office.signed_by_a_stranger())]));
    assert_eq!(hospital.verdict("forged.pdf"), "untrusted_issuer");
    let run = hospital.run(&["inspect", "--json", "letter.pdf"]);
    assert_eq!(run.json()["content"]["claims"]["given_name"], "Åse");
}

#[test]
fn the_scan_of_a_letter_is_checked_by_its_code() {
    let hospital = Hospital::new();
    hospital.write("scan.pdf", scan(&jpeg(&picture(&[&hospital.office.link()]))));
    assert_eq!(hospital.verdict("scan.pdf"), "authorised");
}

#[test]
fn a_pdf_that_holds_none_is_not_known_and_says_what_to_do() {
    let hospital = Hospital::new();
    hospital.write("menu.pdf", letter(&[]));
    let run = hospital.run(&[&["check", "menu.pdf"][..], &FILES].concat());
    assert_eq!(run.code, Some(1), "{run:?}");
    for part in ["? NOT KNOWN  [unreadable]", "[pdf_no_certificate]", "take a picture of the page"]
    {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
}

#[test]
fn several_certificates_in_one_file_get_a_verdict_each() {
    let hospital = Hospital::new();
    let (good, bad) = (hospital.office.text(), hospital.office.signed_by_a_stranger());
    hospital.write("two.pdf", letter(&[(CERTIFICATE, &good), (CERTIFICATE, &bad)]));
    let run = hospital.run(&[&["check", "--json", "two.pdf"][..], &FILES].concat());
    let inputs: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> =
        inputs.iter().map(|object| (object["input"].as_str(), object["code"].as_str())).collect();
    let expected = [
        ("two.pdf, certificate 1 of 2", "authorised"),
        ("two.pdf, certificate 2 of 2", "untrusted_issuer"),
    ];
    assert_eq!(told, expected.map(|(input, code)| (Some(input), Some(code))));
    assert_eq!(run.code, Some(1));
}

#[test]
fn the_statement_of_status_is_checked_too() {
    let hospital = Hospital::new();
    let text = hospital.office.text();
    let genuine = signed_statement(&hospital.office.statement(), STATUS_KEY);
    hospital.write("ccps.pdf", letter(&[(STATEMENT, &genuine), (CERTIFICATE, &text)]));
    let run = hospital.run(&[&["check", "ccps.pdf"][..], &FILES].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in [
        "✔ VALID",
        "statement of professional status, genuine",
        "suspended from 2019-01-01 until 2019-03-01",
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    let object = json(&hospital, "ccps.pdf");
    assert_eq!(object["statements"][0]["code"], "genuine");
    assert_eq!(object["statements"][0]["statement"]["reactions"][0]["kind"], "suspension");

    let by_thief = signed_statement(&hospital.office.statement(), CERTIFICATE_KEY);
    let mut old = hospital.office.statement();
    old.exp = hospital.office.now.plus_seconds(-DAY / 2);
    for (statement, code) in
        [(by_thief, "untrusted_issuer"), (signed_statement(&old, STATUS_KEY), "expired")]
    {
        hospital.write("ccps.pdf", letter(&[(CERTIFICATE, &text), (STATEMENT, &statement)]));
        let run = hospital.run(&[&["check", "ccps.pdf"][..], &FILES].concat());
        assert_eq!(run.code, Some(1), "the certificate is good, but not the statement: {run:?}");
        assert!(run.stdout.contains(&format!("NOT to be relied on  [{code}]")), "{}", run.stdout);
        let object = json(&hospital, "ccps.pdf");
        assert_eq!(
            (&object["code"], &object["statements"][0]["code"]),
            (&"authorised".into(), &code.into())
        );
    }
}
