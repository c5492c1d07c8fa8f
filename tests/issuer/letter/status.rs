//! The certificate of professional status: what it states, and when none is issued.

use serde_json::json;
use vernet_common::{CertificateNumber, CivilDate, ReactionKind, StatedStanding};
use vernet_issuer::status_letter;
use vernet_register::Event;
use vernet_verifier::documents::attached;

use crate::office::{LONG_NAMES, PrintingOffice};

/// The reactions, as `kind from until`.
fn reactions(office: &PrintingOffice, number: CertificateNumber) -> Vec<String> {
    let status = office.status(number).expect("a statement");
    let pdf = status_letter(&status, None).expect("a page");
    let read = attached(&pdf).expect("a letter");
    assert_eq!(
        (read.certificates[0].as_str(), read.statements[0].as_str()),
        (status.certificate().text(), status.text())
    );
    let word = |kind| match kind {
        ReactionKind::Suspension => "suspension",
        ReactionKind::Limitation => "limitation",
        ReactionKind::Revocation => "revocation",
        ReactionKind::Waiver => "waiver",
    };
    let until =
        |until: Option<CivilDate>| until.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let reactions = status.statement().reactions.iter();
    reactions
        .map(|reaction| {
            format!("{} {} {}", word(reaction.kind), reaction.from, until(reaction.until))
        })
        .collect()
}

fn suspended(certificate: CertificateNumber, until: CivilDate) -> Event {
    Event::suspended(certificate, until)
}

#[test]
fn it_says_what_is_and_what_was_and_until_when_to_rely_on_it() {
    let mut office = PrintingOffice::new();
    let number = office.grant(&[]).expect("a lawful grant");
    let status = office.status(number).expect("a statement");
    assert_eq!(status.statement().standing, StatedStanding::Authorised);
    assert!(status.statement().reactions.is_empty());
    assert_eq!(status.statement().exp.civil_date().to_string(), "2027-02-18", "90 days");

    let certificate = number;
    office.decide("2015-03-01", suspended(certificate, "2015-09-01".parse().expect("a date")));
    office.decide(
        "2015-08-15",
        Event::Extended { certificate, until: "2016-01-01".parse().expect("a date") },
    );
    office.decide("2015-12-01", Event::Lifted { certificate });
    let fell =
        office.decide("2018-03-01", suspended(certificate, "2018-05-01".parse().expect("a date")));
    office.decide("2018-03-01", Event::Reversed { certificate, decision: fell, instead: None });
    office.decide(
        "2026-11-01",
        Event::Limited { certificate, reference: "secret/1".into(), until: None },
    );
    let expected = ["suspension 2015-03-01 2015-12-01", "limitation 2026-11-01 -"];
    assert_eq!(reactions(&office, number), expected, "what fell on appeal is not in it");
    let status = office.status(number).expect("a statement");
    assert_eq!(status.statement().standing, StatedStanding::WithConditions);
    let pdf = status_letter(&status, None).expect("a page");
    assert!(
        !pdf.windows(8).any(|found| found == b"secret/1"),
        "where the conditions stand is between office and holder"
    );

    office.decide("2026-11-20", suspended(certificate, "2027-02-01".parse().expect("a date")));
    let status = office.status(number).expect("a statement");
    assert_eq!(status.statement().standing, StatedStanding::Suspended);
    assert_eq!(
        status.statement().standing_until.map(|day| day.to_string()).as_deref(),
        Some("2027-02-01")
    );
}

#[test]
fn it_tells_of_authorisations_that_were_lost_before() {
    let mut office = PrintingOffice::new();
    let first = office.grant(&[]).expect("a lawful grant");
    office.decide(
        "2012-01-10",
        Event::Limited { certificate: first, reference: "1".into(), until: None },
    );
    office.decide("2014-01-10", Event::Revoked { certificate: first, gravest: false });
    let again = [
        ("basis", json!("new_authorisation")),
        ("exam", json!(null)),
        ("previous_certificate", json!(first)),
        ("decided", json!("2020-01-01")),
        ("granted", json!("2020-01-01")),
    ];
    let second = office.grant(&again).expect("a lawful grant");
    assert_eq!(
        reactions(&office, second),
        ["limitation 2012-01-10 2014-01-10", "revocation 2014-01-10 -"]
    );
}

#[test]
fn there_is_none_about_what_is_withdrawn_or_superseded() {
    let mut office = PrintingOffice::new();
    let first = office.grant(&[]).expect("a lawful grant");
    let second = office.reissue(first);
    assert_eq!(office.status(first).expect_err("superseded").code(), "withdrawn");
    assert!(office.status(second).is_ok());
    office.decide("2026-11-20", Event::Revoked { certificate: second, gravest: false });
    assert_eq!(office.status(second).expect_err("revoked").code(), "withdrawn");
}

#[test]
fn a_long_history_takes_another_page_and_nothing_is_left_out() {
    let mut office = PrintingOffice::new();
    let names = [("given_name", json!(LONG_NAMES.0)), ("family_name", json!(LONG_NAMES.1))];
    let certificate = office.grant(&names).expect("a lawful grant");
    for year in 2011..=2026 {
        let until = format!("{year}-04-01").parse().expect("a date");
        office.decide(&format!("{year}-02-01"), suspended(certificate, until));
        let until = Some(format!("{year}-07-01").parse().expect("a date"));
        office.decide(
            &format!("{year}-05-01"),
            Event::Limited { certificate, reference: "1".into(), until },
        );
    }
    assert_eq!(reactions(&office, certificate).len(), 32);
}
