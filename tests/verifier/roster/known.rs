//! What is known while the lists cannot tell, and how urgent a change is.

use vernet_common::Status;
use vernet_verifier::roster::{Change, RosterReport, Urgency};

use super::report;
use crate::{
    office::{DAY, Office},
    people::person,
};

/// The report on a table with these people, each of this status, with lists of this age in days.
fn staff(age: i64, people: &[(u32, Status)]) -> RosterReport {
    let mut office = Office::new();
    let mut table = "staff_id,certificate\n".to_owned();
    for (number, status) in people {
        let person = person(&office, *number, "Kari", "Nordmann");
        person.has_status(&mut office, *status);
        table += &format!("{number},{}\n", person.text());
    }
    office.now = office.now.plus_seconds(age * DAY);
    report(&office, &table).expect("a report")
}

fn codes(report: &RosterReport) -> Vec<&str> {
    report.rows.iter().map(|row| row.code.as_str()).collect()
}

fn told(changes: &[Change]) -> Vec<(Urgency, String)> {
    let words = |change: &Change| {
        change.kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(", ")
    };
    changes.iter().map(|change| (change.urgency(), words(change))).collect()
}

#[test]
fn a_doubt_about_the_lists_is_no_change_of_anybody_and_hides_none() {
    let fresh = staff(0, &[(1, Status::Valid), (2, Status::Suspended)]);
    let stale = staff(2, &[(1, Status::Valid), (2, Status::Suspended), (3, Status::Valid)]);
    assert!(stale.rows.iter().all(|row| row.is_in_doubt()), "{:?}", codes(&stale));
    assert_eq!(stale.compare(&fresh).changes.len(), 3, "a mere comparison tells of everybody");

    let known = stale.known(Some(&fresh));
    assert_eq!(codes(&known), ["authorised", "suspended"], "nothing was known of the third");
    assert_eq!((known.summary.rows, known.summary.refused), (2, 1));
    assert!(known.compare(&fresh).changes.is_empty());
    assert!(stale.known(None).rows.is_empty());

    let back = staff(0, &[(1, Status::Suspended), (2, Status::Valid), (3, Status::Valid)]);
    assert_eq!(
        told(&back.known(Some(&known)).compare(&known).changes),
        [
            (Urgency::Urgent, "suspended".to_owned()),
            (Urgency::Note, "suspension lifted".to_owned()),
            (Urgency::Note, "new on the roster".to_owned())
        ]
    );
}

/// What is refused for good needs no fresh lists.
#[test]
fn a_revocation_is_told_in_the_middle_of_a_doubt() {
    let fresh = staff(0, &[(1, Status::Valid), (2, Status::Valid)]);
    let stale = staff(2, &[(1, Status::Valid), (2, Status::Invalid)]);
    let changes = stale.known(Some(&fresh)).compare(&fresh).changes;
    assert_eq!(told(&changes), [(Urgency::Urgent, "withdrawn or replaced".to_owned())]);
}

#[test]
fn a_row_in_doubt_is_what_it_was_where_it_stands_now() {
    let fresh = staff(0, &[(1, Status::Valid)]);
    let mut stale = staff(2, &[(1, Status::Valid)]);
    (stale.rows[0].line, stale.rows[0].key, stale.rows[0].file) =
        (7, "new.pdf".into(), "new.pdf".into());
    // The certificate is known, so the person is found in another row.
    assert!(stale.rows[0].certificate.is_some());
    let known = stale.known(Some(&fresh));
    assert_eq!((codes(&known), known.rows[0].line), (vec!["authorised"], 7));
    assert!(known.compare(&fresh).changes.is_empty());
}

#[test]
fn every_change_has_its_urgency() {
    let report = |status| staff(0, &[(1, status)]);
    for (then, now, urgency) in [
        (Status::Valid, Status::Suspended, Urgency::Urgent),
        (Status::Valid, Status::Invalid, Urgency::Urgent),
        (Status::Valid, Status::Conditions, Urgency::Urgent),
        (Status::Conditions, Status::Valid, Urgency::Note),
        (Status::Suspended, Status::Valid, Urgency::Note),
    ] {
        let changes = report(now).compare(&report(then)).changes;
        assert_eq!(changes[0].urgency(), urgency, "{then:?} {now:?}");
    }
    let without = |table: &str| super::report(&Office::new(), table).expect("a report");
    let (none, office) = (without("staff_id,certificate\n1,\n"), Office::new());
    let nils = person(&office, 1, "Nils", "Li").expiring("2026-12-01").text();
    let soon = super::report(&office, &format!("staff_id,certificate\n1,{nils}\n"));
    let soon = soon.expect("a report");
    assert_eq!(soon.compare(&none).changes[0].urgency(), Urgency::Attention, "it expires soon");
    assert_eq!(none.compare(&soon).changes[0].urgency(), Urgency::Attention, "it is missing");
    assert!(Urgency::Note < Urgency::Attention && Urgency::Attention < Urgency::Urgent);
}
