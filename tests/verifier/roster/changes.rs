//! What has changed between two reports: every way in which a row can change.

use vernet_common::Status;
use vernet_verifier::roster::{Change, RosterReport, VERSION};

use super::report;
use crate::{
    office::{DAY, Office},
    people::{Person, person},
};

/// One person with a certificate, and the office that issued it.
struct Life {
    office: Office,
    kari: Person,
}

type Row = fn(&mut Life) -> String;

impl Life {
    fn new() -> Self {
        let office = Office::new();
        Self { kari: person(&office, 1, "Kari", "Nordmann"), office }
    }

    fn with(&mut self, status: Status) -> String {
        self.kari.has_status(&mut self.office, status);
        self.kari.text()
    }
}

/// The report on Kari in a table that begins with Ola, who never changes.
fn of(row: Row) -> RosterReport {
    let mut life = Life::new();
    let certificate = row(&mut life);
    let ola = person(&life.office, 2, "Ola", "Nordmann");
    let rows = match certificate.as_str() {
        "gone" => String::new(),
        certificate => format!("1,Kari Nordmann,{certificate}\n"),
    };
    report(
        &life.office,
        &format!("staff_id,name,certificate\n2,Ola Nordmann,{}\n{rows}", ola.text()),
    )
    .expect("a report")
}

fn words(change: &Change) -> Vec<String> {
    change
        .kinds
        .iter()
        .map(|kind| serde_json::to_value(kind).expect("a word"))
        .map(|word| word.as_str().unwrap_or_default().to_owned())
        .collect()
}

const VALID: Row = |life| life.with(Status::Valid);
const CONDITIONS: Row = |life| life.with(Status::Conditions);
const SUSPENDED: Row = |life| life.with(Status::Suspended);
const REVOKED: Row = |life| life.with(Status::Invalid);
const EXPIRED: Row = |life| life.kari.clone().expiring("2026-11-22").text();
const SOON: Row = |life| life.kari.clone().expiring("2026-12-01").text();
const FORGED: Row = |life| life.kari.signed_by(66);
const STALE: Row = |life| {
    // Ola's status is not known either; he is reported too.
    life.office.now = life.office.now.plus_seconds(2 * DAY);
    life.kari.text()
};
const MISSING: Row = |_| String::new();
const REISSUED: Row = |life| life.kari.reissued(3).text();
const REISSUED_SUSPENDED: Row = |life| {
    let again = life.kari.reissued(3);
    again.has_status(&mut life.office, Status::Suspended);
    again.text()
};
const ANOTHER: Row = |life| person(&life.office, 4, "Kari", "Nordmann").text();
const MISMATCH: Row = |life| person(&life.office, 5, "Nils", "Nilsen").text();
const REPEATED: Row = |life| person(&life.office, 2, "Ola", "Nordmann").text();
const GONE: Row = |_| "gone".into();

#[test]
fn every_transition() {
    // Before, after, the kinds of change, whether action is needed.
    let table: [(Row, Row, &[&str], bool); 31] = [
        (VALID, VALID, &[], false),
        (SUSPENDED, SUSPENDED, &[], false),
        (VALID, SUSPENDED, &["suspended"], true),
        (CONDITIONS, SUSPENDED, &["suspended"], true),
        (SUSPENDED, VALID, &["lifted"], false),
        (SUSPENDED, CONDITIONS, &["lifted"], false),
        (VALID, CONDITIONS, &["conditions"], false),
        (CONDITIONS, VALID, &["conditions_lifted"], false),
        (VALID, REVOKED, &["revoked"], true),
        (SUSPENDED, REVOKED, &["revoked"], true),
        (VALID, EXPIRED, &["expired"], true),
        (VALID, SOON, &["expiring"], true),
        (SOON, SOON, &[], false),
        (SOON, EXPIRED, &["expired"], true),
        (VALID, FORGED, &["refused"], true),
        (VALID, MISSING, &["missing"], true),
        (MISSING, VALID, &["accepted"], false),
        (VALID, REISSUED, &["reissued"], false),
        (REVOKED, REISSUED, &["reissued", "accepted"], false),
        (SUSPENDED, REISSUED_SUSPENDED, &["reissued"], true),
        (VALID, REISSUED_SUSPENDED, &["suspended", "reissued"], true),
        (VALID, ANOTHER, &["other_person"], false),
        (VALID, MISMATCH, &["mismatch", "other_person"], true),
        (MISMATCH, VALID, &["other_person", "accepted"], false),
        (VALID, REPEATED, &["mismatch", "problem", "other_person"], true),
        (REPEATED, MISMATCH, &["other_person"], true),
        (VALID, GONE, &["gone"], false),
        (SUSPENDED, GONE, &["gone"], false),
        (GONE, VALID, &["new"], false),
        (GONE, SUSPENDED, &["suspended", "new"], true),
        (GONE, SOON, &["expiring", "new"], true),
    ];
    for (place, (then, now, kinds, attention)) in table.into_iter().enumerate() {
        let (then, mut now) = (of(then), of(now));
        let changes = now.compare(&then);
        let found: Vec<_> = changes
            .changes
            .iter()
            .map(|change| (change.key.as_str(), words(change), change.needs_attention))
            .collect();
        let expected: Vec<_> = (!kinds.is_empty())
            .then(|| {
                ("1", kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>(), attention)
            })
            .into_iter()
            .collect();
        assert_eq!(found, expected, "transition {place}");
        now.changes = Some(changes);
        assert_eq!(now.needs_attention(), attention, "transition {place}");
    }
}

#[test]
fn lists_that_are_too_old_are_told_each_time() {
    let (then, mut now) = (of(VALID), of(STALE));
    now.changes = Some(now.compare(&then));
    let kinds: Vec<_> =
        now.changes.iter().flat_map(|changes| &changes.changes).map(words).collect();
    assert_eq!(kinds, [["not_known"], ["not_known"]]);
    assert!(now.needs_attention());
    let mut again = of(STALE);
    again.changes = Some(again.compare(&now));
    assert_eq!(
        again.changes.as_ref().map(|changes| (changes.changes.len(), changes.as_before)),
        Some((0, 2))
    );
    assert!(again.needs_attention(), "nobody can tell what has changed behind stale lists");
    let back = of(VALID).compare(&again);
    assert_eq!(back.changes.iter().map(words).collect::<Vec<_>>(), [["accepted"], ["accepted"]]);
}

#[test]
fn a_certificate_in_another_file_is_found_by_its_holder() {
    let mut office = Office::new();
    let kari = person(&office, 1, "Kari", "Nordmann");
    let again = kari.reissued(3);
    let table = |rows: &[(&str, &Person)]| {
        let rows: Vec<_> =
            rows.iter().map(|(name, person)| format!("{name},{}\n", person.text())).collect();
        format!("staff_id,certificate\n{}", rows.concat())
    };
    let then = report(&office, &table(&[("old.jwt", &kari)])).expect("a report");
    // The same certificate in a file with another name is not a change.
    let renamed = report(&office, &table(&[("renamed.jwt", &kari)])).expect("a report");
    assert_eq!(renamed.compare(&then).changes, []);
    // The new certificate replaces the old one.
    kari.has_status(&mut office, Status::Invalid);
    let replaced =
        report(&office, &table(&[("new.jwt", &again)])).expect("a report").compare(&then);
    assert_eq!(replaced.changes.iter().map(words).collect::<Vec<_>>(), [["reissued"]]);
    assert_eq!(
        replaced.changes[0].before.as_ref().map(|seen| seen.code.as_str()),
        Some("authorised")
    );
    // The new certificate is beside the old one, which should be removed.
    let both = report(&office, &table(&[("new.jwt", &again), ("old.jwt", &kari)]))
        .expect("a report")
        .compare(&then);
    let found: Vec<_> =
        both.changes.iter().map(|change| (change.key.as_str(), words(change))).collect();
    assert_eq!(
        found,
        [
            ("new.jwt", vec!["reissued".to_owned()]),
            ("old.jwt", vec!["revoked".into(), "problem".into()])
        ]
    );
}

#[test]
fn less_that_is_wrong_is_a_change_too() {
    let mut office = Office::new();
    let kari = person(&office, 1, "Kari", "Nordmann");
    let table = |name: &str| format!("staff_id,name,certificate\n1,{name},{}\n", kari.text());
    let then = report(&office, &table("Ola Nordmann")).expect("a report");
    kari.has_status(&mut office, Status::Suspended);
    let both = report(&office, &table("Ola Nordmann")).expect("a report");
    assert_eq!(both.compare(&then).changes.iter().map(words).collect::<Vec<_>>(), [["suspended"]]);
    let one = report(&office, &table("Kari Nordmann")).expect("a report");
    assert_eq!(one.compare(&both).changes.iter().map(words).collect::<Vec<_>>(), [["changed"]]);
}

#[test]
fn a_report_is_read_as_it_was_written() {
    for row in [VALID, SUSPENDED, STALE, MISSING, MISMATCH, REPEATED, SOON] {
        let report = of(row);
        let json = serde_json::to_vec(&report).expect("JSON");
        assert_eq!(RosterReport::from_json(&json).expect("a report"), report);
    }
}

#[test]
fn what_is_no_report_is_said_and_not_quoted() {
    let json = serde_json::to_string(&of(VALID)).expect("JSON");
    let refused = |json: &str| RosterReport::from_json(json.as_bytes()).expect_err("no report");
    let newer = json.replacen(&format!("\"version\":{VERSION}"), "\"version\":2", 1);
    assert_eq!(refused(&newer).code(), "roster_last_version");
    assert!(refused(&newer).to_string().contains("version 2, expected 1"));
    for wrong in [
        "",
        "{}",
        "[]",
        "Kari",
        &json[..json.len() / 2],
        &json.replacen("vernet-roster-report", "other", 1),
        &json.replace("\"accepted\"", "\"Kari\""),
    ] {
        let error = refused(wrong);
        assert_eq!(error.code(), "roster_last_unreadable", "{wrong}");
        assert!(!error.to_string().contains("Kari"), "{error}");
    }
    // A later version may add members.
    let more = json
        .replacen("{\"format\"", "{\"more\":1,\"format\"", 1)
        .replace("\"line\":", "\"more\":[1],\"line\":");
    assert_eq!(RosterReport::from_json(more.as_bytes()).expect("a report"), of(VALID));
}
