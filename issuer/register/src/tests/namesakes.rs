//! Whom an officer is told to look at before a grant.

use serde_json::json;

use super::*;
use crate::{Namesake, Refused};

fn namesakes(o: &Office, changes: Value) -> Vec<Namesake> {
    let applicant = application(changes);
    let found = o.register.state().namesakes([((), &applicant)], o.now);
    found.into_iter().map(|(_, found)| found).collect()
}

fn refused(changes: Value, reason: &str) -> Event {
    let application = application(changes);
    Event::Refused(Box::new(Refused { application, reason: reason.to_owned() }))
}

#[test]
fn a_person_of_that_birth_date_and_a_similar_name_is_named_with_what_became_of_them() {
    let o = &mut Office::new();
    let lost = o.granted();
    o.did(revoked(lost));
    let other = json!({"hpr_number": "1002", "given_name": "Aase Marie", "family_name": "Kjaerstad Ostlyngen Brathen"});
    let [found] = &namesakes(o, other)[..] else { panic!("one namesake") };
    assert_eq!((found.hpr_number.to_string(), found.same_number), ("9144889".to_owned(), false));
    assert_eq!((found.rights[0].certificate_number, found.rights[0].standing), (lost, "revoked"));
    for (changes, why) in [
        (json!({}), "their own number, without a refusal"),
        (json!({"hpr_number": "1002", "birthdate": "1980-03-01"}), "another birth date"),
        (json!({"hpr_number": "1002", "family_name": "Dahl"}), "another name"),
    ] {
        assert_eq!(namesakes(o, changes), [], "{why}");
    }
    // Under a name of before.
    let now = o.grant(json!({"hpr_number": "1003", "family_name": "Berg"})).expect("a grant");
    let number = now.claims.certificate_number;
    o.reissue(number, ReissueReason::NameChange, Some(("Åse", "Nygård"))).expect("a new name");
    let found = namesakes(o, json!({"hpr_number": "1004", "family_name": "Berg"}));
    assert_eq!(found.iter().map(|one| one.family_name.as_str()).collect::<Vec<_>>(), ["Nygård"]);
}

#[test]
fn a_refused_application_of_the_number_or_of_a_namesake_is_named_with_its_reason() {
    let o = &mut Office::new();
    let seq = o.did(refused(json!({"hpr_number": "1001"}), "the diploma is of another person"));
    for (hpr, same) in [("1001", true), ("1002", false)] {
        let [found] = &namesakes(o, json!({"hpr_number": hpr}))[..] else { panic!("one: {hpr}") };
        assert_eq!((found.same_number, found.rights.len()), (same, 0));
        let [refusal] = &found.refusals[..] else { panic!("one refusal") };
        assert_eq!(
            (refusal.statement, refusal.reason.as_str()),
            (seq, "the diploma is of another person")
        );
    }
    // It refuses nothing.
    o.grant(json!({"hpr_number": "1001"})).expect("a grant");
}

#[test]
fn a_table_is_looked_up_by_its_lines() {
    let o = &mut Office::new();
    o.granted();
    let (like, other) = (
        application(json!({"hpr_number": "1002"})),
        application(json!({"hpr_number": "1003", "birthdate": "1981-01-01"})),
    );
    let found = o.register.state().namesakes([(2, &like), (3, &other)], o.now);
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2]);
}
