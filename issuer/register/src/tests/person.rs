//! Finding a person, and everything that is held about them.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{Dispatched, Handling, Paper, Refused, statements::digest::Digest};

fn found(o: &Office, typed: &str) -> Vec<String> {
    let found = o.register.state().find_people(typed, o.now);
    let found = found.unwrap_or_else(|error| panic!("{typed}: {error}"));
    found.iter().map(|one| one.hpr_number.to_string()).collect()
}

/// Two people; the first one's number was corrected, and they have a new name.
fn office() -> (Office, CertificateNumber) {
    let mut o = Office::new();
    let number = o.grant(json!({"hpr_number": "1001"})).expect("a grant").claims.certificate_number;
    let other = json!({"hpr_number": "2002", "given_name": "Sárá", "family_name": "Čállán", "birthdate": "1990-05-17"});
    o.grant(other).expect("a grant");
    let correction = Correction {
        hpr_number: Some("1003".parse().expect("a number")),
        birthdate: Some(day("1980-03-01")),
        ..Correction::of(number)
    };
    o.did(Event::Corrected(Box::new(correction)));
    o.reissue(number, ReissueReason::NameChange, Some(("Åse", "Nygård"))).expect("a new name");
    (o, number)
}

/// A search remembers what it compares, and follows what is recorded since.
#[test]
fn a_search_finds_what_was_recorded_since_the_last_one() {
    let (mut o, number) = office();
    assert_eq!(found(&o, "hansen"), [""; 0]);
    o.grant(json!({"hpr_number": "4004", "family_name": "Hansen", "birthdate": "1980-03-01"}))
        .expect("a grant");
    assert_eq!(found(&o, "hansen"), ["4004"]);
    o.reissue(number, ReissueReason::NameChange, Some(("Åse", "Hansen"))).expect("a new name");
    assert_eq!(found(&o, "hansen"), ["1003", "4004"]);
    o.did(Event::Merged {
        from: "4004".parse().expect("a number"),
        into: "5005".parse().expect("a number"),
    });
    assert_eq!(found(&o, "hansen"), ["1003", "5005"]);
}

#[test]
fn people_are_found_by_number_certificate_name_and_birth_date() {
    let (mut o, number) = office();
    for (typed, expected) in [
        ("1003", &["1003"][..]),
        ("1001", &["1003"]),
        (&number.to_string(), &["1003"]),
        (&number.to_string().to_lowercase(), &["1003"]),
        ("NO-PE-2026-000003", &["1003"]),
        ("nygaard", &["1003"]),
        ("Oestlyngen", &["1003"]),
        ("s. callan", &["2002"]),
        ("17.05.1990", &["2002"]),
        ("1980-02-29", &["1003"]),
        ("1980-03-01", &["1003"]),
        ("Sara 1990-05-17", &["2002"]),
        ("Sara 1990-05-18", &[]),
        ("2002 Åse", &[]),
        ("NO-PE-2026-000077", &[]),
        ("Hansen", &[]),
    ] {
        assert_eq!(found(&o, typed), expected, "{typed}");
    }
    o.did(Event::Merged {
        from: "1003".parse().expect("a number"),
        into: "3003".parse().expect("a number"),
    });
    assert_eq!((found(&o, "1001"), found(&o, "3003")), (vec!["3003".into()], vec!["3003".into()]));
    for (typed, says) in [("", "a name"), (" - ", "a name"), ("Åse ---", ""), ("17059012345", "")]
    {
        let asked = o.register.state().find_people(typed, o.now);
        match (typed, asked) {
            ("Åse ---", found) => assert_eq!(found.expect("a name").len(), 1),
            (_, found) => {
                let error = found.expect_err(typed).to_string();
                assert!(error.contains(says), "{error}");
            }
        }
    }
}

#[test]
fn the_file_has_everything_about_one_person_and_nothing_about_another() {
    let (mut o, number) = office();
    let other = "NO-PE-2026-000002".parse().expect("a number");
    let suspension = o.did(suspended(number, "2026-02-14"));
    let papers = |what, certificates: &[CertificateNumber], decision| {
        let (how, to) = (Handling::Sent, None);
        let certificates = certificates.to_vec();
        Event::Dispatched(Box::new(Dispatched { what, how, certificates, decision, to }))
    };
    let both = o.did(papers(Paper::Letter, &[number, other], None));
    let letter = o.did(papers(Paper::DecisionLetter, &[], Some(suspension)));
    let others = o.did(papers(Paper::Card, &[other], None));
    let mut application = application(json!({"hpr_number": "1003", "family_name": "Nygård"}));
    application.decided = day("2026-01-10");
    let refusal = o.did(Event::Refused(Box::new(Refused {
        application: application.clone(),
        reason: "2026/77".to_owned(),
    })));
    let waiting = o.propose(Proposal::of(lifted(number)), &kari()).expect("proposed").seq;
    let turned = o.propose(Proposal::of(revoked(number)), &kari()).expect("proposed").seq;
    o.register.reject(turned, "too early", &ola(), o.now).expect("rejected");

    let state = o.register.state();
    let file = state.person_file("1001".parse().expect("a number"), o.now).expect("somebody");
    assert_eq!(file.person.hpr_number.to_string(), "1003");
    assert_eq!(file.person.family_name.as_str(), "Nygård");
    let names: Vec<_> = file.names.iter().map(|(_, family)| family.as_str()).collect();
    assert_eq!(names, ["Kjærstad Østlyngen-Bråthen", "Nygård"]);
    assert_eq!(file.birthdates, BTreeSet::from([day("1980-02-29"), day("1980-03-01")]));
    assert_eq!(file.numbers.len(), 2);
    assert_eq!((file.rights.len(), file.rights[0].standing.code()), (1, "suspended"));
    assert_eq!(file.rights[0].certificates.len(), 2);
    let seqs: BTreeSet<u64> = file.statements.iter().map(|one| one.seq).collect();
    for seq in [suspension, both, letter, refusal, waiting, turned] {
        assert!(seqs.contains(&seq), "{seq} in {seqs:?}");
    }
    assert!(!seqs.contains(&others));
    assert_eq!((file.waiting, file.rejected), (vec![waiting], vec![(turned, "too early")]));
    let events: Vec<_> = file.statements.iter().map(|one| one.event.name()).collect();
    assert_eq!(events[..2], ["proposed", "granted"], "both officers' statements: {events:?}");

    let of_other = state.person_file("2002".parse().expect("a number"), o.now).expect("somebody");
    let seqs: Vec<u64> = of_other.statements.iter().map(|one| one.seq).collect();
    assert!(seqs.contains(&both) && seqs.contains(&others) && !seqs.contains(&refusal));
    let error = state.person_file("7777".parse().expect("a number"), o.now).expect_err("nobody");
    assert_eq!(error.code(), "field_invalid");
}

#[test]
fn who_only_applied_has_a_file_and_a_history_of_all_is_in_that_of_whoever_was_there() {
    let (mut o, number) = office();
    let history = Event::HistoryMade {
        iat: o.now.plus_seconds(-1),
        certificates: Vec::new(),
        entries: 2,
        sha256: Digest::GENESIS,
        to: Some("A hospital".to_owned()),
    };
    let seq = o.register.state().statements().len();
    let (iat, later) = (o.now.plus_seconds(1), o.now.plus_seconds(2));
    let history = match history {
        Event::HistoryMade { certificates, entries, sha256, to, .. } => {
            Event::HistoryMade { iat, certificates, entries, sha256, to }
        }
        other => other,
    };
    assert!(o.register.record_history(seq, iat, history, &kari(), later).expect("recorded"));
    o.on("2026-03-01");
    o.did(Event::Refused(Box::new(Refused {
        application: application(json!({"hpr_number": "4004", "family_name": "Solheim"})),
        reason: "2026/78".to_owned(),
    })));
    assert_eq!(found(&o, "solheim"), ["4004"]);
    let state = o.register.state();
    let of = |hpr: &str| -> Vec<&str> {
        let file = state.person_file(hpr.parse().expect("a number"), o.now).expect("somebody");
        file.statements.iter().map(|one| one.event.name()).collect()
    };
    assert_eq!(of("4004"), ["proposed", "refused"]);
    assert!(of("1003").contains(&"history_made"), "{number}");
}
