//! Alerts of other states: kept beside the register, shown at a grant, purged without a trace.

use serde_json::json;

use super::{audit::founded, *};
use crate::incoming::{AlertIndex, IncomingAlert, IncomingDraft};

/// An alert about the person of [`application`], with some members replaced.
pub(super) fn alert(changes: Value) -> IncomingAlert {
    draft(changes).try_into().expect("an alert")
}

fn draft(changes: Value) -> IncomingDraft {
    let mut value = json!({
        "id": "IMI-1", "given_name": "Åse", "family_name": "Kjærstad Østlyngen-Bråthen",
        "birthdate": "1980-02-29", "state": "SE", "scope": "restricted", "from": "2025-03-01",
        "received": "2025-03-04",
    });
    for (name, member) in changes.as_object().expect("an object") {
        value[name] = member.clone();
    }
    let optional = |name: &str| value[name].as_str().map(ToOwned::to_owned);
    let text = |name: &str| optional(name).expect("text");
    IncomingDraft {
        id: text("id"),
        given_name: text("given_name"),
        family_name: text("family_name"),
        birthdate: optional("birthdate"),
        state: text("state"),
        scope: text("scope"),
        from: text("from"),
        until: optional("until"),
        received: text("received"),
    }
}

fn ids(alerts: &[IncomingAlert]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.id.as_str()).collect()
}

#[test]
fn alerts_are_kept_replaced_and_purged() {
    let o = &mut Office::new();
    let first = alert(json!({}));
    let second = alert(
        json!({"id": "IMI-2", "received": "2024-05-01", "birthdate": null, "until": "2025-03-02"}),
    );
    let third = alert(json!({"id": "IMI-3", "received": "2025-03-05", "given_name": "Ελένη"}));
    let mut kept = o.register.incoming_alerts();
    assert_eq!(kept.import(&[first.clone(), third.clone()]).expect("imported"), 0);
    let milder = IncomingAlert { scope: "lifted".into(), ..first };
    assert_eq!(kept.import(&[second.clone(), milder.clone()]).expect("imported"), 1);
    assert_eq!(kept.list().expect("alerts"), [second, milder, third], "in order of receipt");

    assert_eq!(kept.purge_before(day("2025-03-04")).expect("purged"), 1);
    assert_eq!(kept.purge("IMI-2").expect_err("purged before").code(), "incoming_alert_unknown");
    assert_eq!(ids(&kept.list().expect("alerts")), ["IMI-1", "IMI-3"], "received on that day");
    kept.purge("IMI-3").expect("purged");
    // Another machine sees the same.
    let mut again = Register::open(&o.place.register()).expect("a register");
    assert_eq!(ids(&again.incoming_alerts().list().expect("alerts")), ["IMI-1"]);
}

#[test]
fn an_alert_that_may_be_about_the_applicant_is_found() {
    for (case, changes) in [
        ("as the register writes it", json!({})),
        (
            "without case, marks and hyphens",
            json!({"given_name": "ASE", "family_name": "kjaerstad ostlyngen brathen"}),
        ),
        ("marks apart from their letters", json!({"given_name": "A\u{30a}se"})),
        ("more given names", json!({"given_name": "Maria Åse"})),
        (
            "dashes of a word processor, and what nobody sees",
            json!({"given_name": "Maria Å\u{ad}se", "family_name": "Kjærstad Østlyngen–Brå\u{200b}then"}),
        ),
        ("a single name, one of the two", json!({"given_name": "", "family_name": "Åse"})),
        (
            "names swapped",
            json!({"given_name": "Kjærstad Østlyngen-Bråthen", "family_name": "Åse"}),
        ),
        ("no birth date", json!({"birthdate": null})),
        (
            "no birth date, names swapped",
            json!({"birthdate": null, "given_name": "Kjærstad Østlyngen-Bråthen", "family_name": "Åse"}),
        ),
        ("over long ago", json!({"from": "2001-01-01", "until": "2001-01-02"})),
    ] {
        let (alerts, applicant) = ([alert(changes)], application(json!({})));
        assert!(alerts[0].resembles(&applicant), "{case}");
        assert_eq!(AlertIndex::new(&alerts).resembling(&applicant).len(), 1, "{case}");
    }
    for (case, changes) in [
        ("another birth date", json!({"birthdate": "1980-02-28"})),
        ("another family name", json!({"family_name": "Kjærstad"})),
        ("another given name", json!({"given_name": "Åsne"})),
        ("no birth date, more given names", json!({"birthdate": null, "given_name": "Maria Åse"})),
        ("another script", json!({"given_name": "Ελένη"})),
    ] {
        assert!(!alert(changes).resembles(&application(json!({}))), "{case}");
    }
    let single = |changes: serde_json::Value| {
        let mut person = json!({"family_name": "Suharto", "given_name": ""});
        person
            .as_object_mut()
            .expect("an object")
            .append(changes.clone().as_object_mut().expect("an object"));
        alert(person)
    };
    let suharto = application(json!({"given_name": "", "family_name": "Suharto"}));
    for (case, changes, with_birthdate, without) in [
        ("as in a passport", json!({}), true, true),
        ("in both places", json!({"given_name": "Suharto"}), true, true),
        ("with another name", json!({"given_name": "Haji"}), true, false),
        (
            "in the other place",
            json!({"given_name": "Suharto", "family_name": "Haji"}),
            true,
            false,
        ),
        ("somebody else", json!({"family_name": "Sukarno"}), false, false),
    ] {
        let alerts = [single(changes.clone())];
        assert_eq!(alerts[0].resembles(&suharto), with_birthdate, "{case}");
        assert_eq!(
            AlertIndex::new(&alerts).resembling(&suharto).len(),
            usize::from(with_birthdate)
        );
        let mut undated = changes;
        undated["birthdate"] = json!(null);
        let alerts = [single(undated)];
        assert_eq!(alerts[0].resembles(&suharto), without, "{case}, no birth date");
        assert_eq!(
            AlertIndex::new(&alerts).resembling(&suharto).len(),
            usize::from(without),
            "{case}"
        );
    }
    let double = application(json!({"given_name": "Anne-Marie", "family_name": "O'Brien"}));
    for given_name in ["Annemarie", "Anne", "ANNE MARIE BERIT"] {
        let alert = alert(json!({"given_name": given_name, "family_name": "Obrien"}));
        assert!(alert.resembles(&double), "{given_name}");
    }
}

#[test]
fn only_the_alerts_about_an_applicant_are_shown_and_they_refuse_nothing() {
    let o = &mut Office::new();
    let other = alert(json!({"id": "IMI-2", "given_name": "Ola", "family_name": "Nordmann"}));
    let mut kept = o.register.incoming_alerts();
    kept.import(&[other, alert(json!({}))]).expect("imported");
    let (applicant, nobody) = (
        application(json!({})),
        application(json!({"given_name": "Ola", "family_name": "Nordmann"})),
    );
    let found = kept.about([(1, &nobody), (2, &applicant)]).expect("alerts");
    let found: Vec<_> = found.iter().map(|(key, alert)| (*key, &*alert.id)).collect();
    assert_eq!(found, [(1, "IMI-2"), (2, "IMI-1")]);
    o.granted();
}

#[test]
fn each_fault_of_an_alert_has_its_code_and_names_its_field() {
    for (field, text, code) in [
        ("id", "", "field_invalid"),
        ("id", "two\nlines", "field_invalid"),
        ("given_name", "-", "field_invalid"),
        ("family_name", "", "field_invalid"),
        ("family_name", "?", "field_invalid"),
        ("birthdate", "29.02.1980", "field_invalid"),
        ("state", "se", "field_invalid"),
        ("state", "SWE", "field_invalid"),
        ("scope", " ", "field_invalid"),
        ("from", "", "field_invalid"),
        ("until", "2025-03-01", "field_invalid"),
        ("received", "yesterday", "field_invalid"),
        ("id", "29028012345", "national_identity_number"),
        ("given_name", "Åse 290280 12345", "national_identity_number"),
        ("birthdate", "29028012345", "national_identity_number"),
        ("scope", "29028012345", "national_identity_number"),
    ] {
        let error = IncomingAlert::try_from(draft(json!({ field: text }))).expect_err(text);
        assert_eq!(error.code(), code, "{field}");
        assert!(error.to_string().contains(&format!("`{field}`")), "{error}");
    }
}

#[test]
fn the_register_is_the_same_with_and_without_alerts() {
    let o = &mut founded();
    o.on("2026-01-15").granted();
    let place = o.place.register();
    let mark = crate::audit(&place, None).expect("intact").mark();
    let mut kept = o.register.incoming_alerts();
    kept.import(&[alert(json!({}))]).expect("imported");
    assert_eq!(crate::audit(&place, Some(&mark)).expect("intact").mark(), mark);
    // A backup outlives a purge, so it has none.
    let backup = o.place.folder.path().join("backup.sqlite");
    crate::copy(&place, &backup.as_path().into()).expect("a copy");
    let mut copy = Register::open(&backup.as_path().into()).expect("a register");
    assert_eq!(copy.incoming_alerts().list().expect("alerts"), []);
    assert_eq!(o.register.incoming_alerts().purge_before(day("2030-01-01")).expect("purged"), 1);
    assert_eq!(crate::audit(&place, Some(&mark)).expect("intact").mark(), mark);
}

#[test]
fn an_alert_that_was_changed_in_the_data_base_is_named() {
    let o = &mut Office::new();
    o.register.incoming_alerts().import(&[alert(json!({}))]).expect("imported");
    o.place.raw().execute("UPDATE incoming_alert SET state = 'Sweden'").expect("an intruder can");
    let error = o.register.incoming_alerts().list().expect_err("no state");
    assert_eq!(error.code(), "field_invalid");
    assert!(error.to_string().contains("IMI-1"), "{error}");
}

/// A register as the version before made it.
#[test]
fn a_register_from_before_the_alerts_gets_a_place_for_them_and_loses_nothing() {
    let o = &mut founded();
    o.on("2026-01-15").granted();
    let mut raw = o.place.raw();
    raw.execute("DROP TABLE incoming_alert").expect("dropped");
    let error = Register::open(&o.place.register()).expect_err("it has the newest version");
    assert_eq!(error.code(), "register_unfinished");
    raw.set_version(1);
    drop(raw);
    let mut again = Register::open(&o.place.register()).expect("brought up to date");
    assert_eq!(again.state().statements(), o.register.state().statements());
    assert_eq!(again.incoming_alerts().import(&[alert(json!({}))]).expect("imported"), 0);
    crate::audit(&o.place.register(), None).expect("intact");
}

#[test]
fn nothing_of_a_purged_alert_remains_in_the_file() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("register.sqlite");
    let in_folder = || {
        std::fs::read_dir(&folder)
            .expect("the folder")
            .flat_map(|file| std::fs::read(file.expect("a file").path()).expect("bytes"))
            .collect::<Vec<u8>>()
    };
    let holds = |bytes: &[u8]| bytes.windows(7).any(|part| part == b"Quisque");
    let mut register = Register::create(&path.as_path().into()).expect("a register");
    let alert = alert(json!({"family_name": "Quisque"}));
    register.incoming_alerts().import(&[alert]).expect("imported");
    assert!(holds(&in_folder()));
    register.incoming_alerts().purge("IMI-1").expect("purged");
    drop(register);
    assert!(!holds(&in_folder()));
}
