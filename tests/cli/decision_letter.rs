//! The letter that tells a person of a decision.

use std::{fs, process::Command};

use serde_json::json;

use crate::place::{Place, number, today};

/// The printed text, on one line; `None` if there is no program to read it.
fn printed(place: &Place, arguments: &[&str]) -> Option<String> {
    let all = [&["decision-letter", "--out", "letter.pdf"], arguments].concat();
    let answer = place.issuer_json(&all);
    let pdf = fs::read(place.path("letter.pdf")).expect("it was written");
    assert_eq!(answer, json!({ "file": "letter.pdf", "bytes": pdf.len() }));
    let read = Command::new("pdftotext")
        .args(["-raw", "letter.pdf", "-"])
        .current_dir(place.path(""))
        .output();
    fs::remove_file(place.path("letter.pdf")).expect("removed");
    let Ok(read) = read else {
        assert!(std::env::var_os("CI").is_none(), "`pdftotext` is missing: install poppler-utils");
        eprintln!("skipped: there is no `pdftotext` (poppler-utils)");
        return None;
    };
    let text = String::from_utf8(read.stdout).expect("UTF-8");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn a_person_is_told_what_was_decided_by_whom_and_how_to_appeal() {
    let place = Place::with_demo();
    let until = today().plus_months(2).to_string();
    let suspended = place.decide(&["suspend", number(), "--until", &until, "--limits", "2026/58"]);
    let seq = suspended["seq"].to_string();
    let Some(text) = printed(&place, &[&seq]) else { return };
    for words in [
        "Statens helsetilsyn",
        "Vedtak om begrenset suspensjon",
        "har midlertidig begrenset arbeidet ditt som perfusjonist fra og med",
        "helsepersonelloven § 58",
        "Hva det går ut på, står i 2026/58.",
        "Begrunnelsen følger i et eget dokument.",
        "klage på vedtaket til Statens helsepersonellnemnd (helsepersonelloven § 68). Fristen er 3 uker",
        "(forvaltningsloven §§ 28, 29)",
        "Godkjent elektronisk av Kari Nordmann og Ola Nordmann",
        "Dette brevet er ikke et bevis.",
    ] {
        assert!(text.contains(words), "{words} in: {text}");
    }
    let english = printed(&place, &[&seq, "--language", "en"]).expect("it was there before");
    for words in [
        "Norwegian Board of Health Supervision",
        "Decision on a limited suspension",
        "as a perfusionist from",
        "within 3 weeks of receiving this letter",
    ] {
        assert!(english.contains(words), "{words} in: {english}");
    }
}

#[test]
fn a_grant_names_its_authority_and_a_refusal_its_reason() {
    let place = Place::with_demo();
    let application = json!({
        "given_name": "Åse", "family_name": "Bråthen", "birthdate": "1980-02-29",
        "hpr_number": "9144900", "kind": "authorisation", "basis": "accredited_school_exam",
        "exam": { "school": "Fjordheim Perfusion School", "date": "2010-06-11" },
        "decided": "2010-06-30", "granted": "2010-07-01", "language": "nn",
    });
    place.write("application.json", application.to_string());
    let refused =
        place.decide(&["refuse", "application.json", "--reason", "the exam is not documented"]);
    let seq = refused["seq"].to_string();
    let granted = place.decide(&["grant", "application.json"]);
    let Some(text) = printed(&place, &[&seq]) else { return };
    // In the form of Norwegian that the person chose.
    for words in [
        "Helsedirektoratet",
        "har avslått søknaden din om autorisasjon som perfusjonist.",
        "helsepersonellova § 53 (2)",
        "Grunngiving: the exam is not documented",
        "Send klaga til Helsedirektoratet.",
    ] {
        assert!(text.contains(words), "{words} in: {text}");
    }
    let seq = granted["statement"].to_string();
    let text = printed(&place, &[&seq]).expect("it was there before");
    for words in [
        "Statens autorisasjonskontor for helsepersonell",
        "Du har autorisasjon som perfusjonist frå og med 1. juli 2010.",
        "helsepersonellova § 48",
    ] {
        assert!(text.contains(words), "{words} in: {text}");
    }
    assert!(!text.contains("klag"), "all was granted: {text}");
}

#[test]
fn what_is_no_decision_about_a_person_has_no_letter() {
    let place = Place::with_demo();
    let run = place.issuer(&["decision-letter", "1", "--out", "letter.pdf"]);
    run.refused("no_decision_letter");
    assert!(run.stderr.contains("`founded`"), "{run:?}");
    place
        .issuer(&["decision-letter", "99999", "--out", "letter.pdf"])
        .refused("statement_not_found");
    assert!(!place.path("letter.pdf").exists());
}
