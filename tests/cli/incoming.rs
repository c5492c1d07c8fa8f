//! Alerts of other states: kept, shown at a grant, and purged.

use serde_json::json;

use crate::place::{OLA, Place};

const TABLE: &str = "id;given_name;family_name;birthdate;state;scope;from;until;received
IMI-1;ASE MARIE;Bråthen;1980-02-29;SE;restricted;2025-03-01;;2025-03-04
IMI-2;Åse;Bråthen;;DK;prohibited;2019-01-01;2021-01-01;2019-01-02
IMI-3;Ola;Nordmann;1970-01-01;FI;prohibited;2024-01-01;;2024-01-02
";

fn with_applicant() -> Place {
    let place = Place::with_demo();
    let application = json!({
        "given_name": "Åse", "family_name": "Bråthen", "birthdate": "1980-02-29",
        "hpr_number": "9144900", "kind": "authorisation", "basis": "accredited_school_exam",
        "exam": { "school": "Fjordheim Perfusion School", "date": "2010-06-11" },
        "decided": "2010-06-30", "granted": "2010-07-01",
    });
    place.write("application.json", application.to_string());
    place.write("alerts.csv", TABLE);
    place
}

#[test]
fn alerts_are_shown_at_a_grant_and_leave_no_trace_in_the_register() {
    let mut place = with_applicant();
    let mark = place.issuer_json(&["audit"])["mark"].clone();
    // Whoever files alerts need not be an officer.
    place.unset("VERNET_OFFICER_KEY");
    let imported = place.issuer(&["incoming", "import", "alerts.csv"]).done().stdout;
    assert_eq!(imported, "imported 3 alerts, of which 0 replaced an earlier one\n");
    let again = place.issuer_json(&["incoming", "import", "alerts.csv"]);
    assert_eq!(again, json!({ "table": "alerts.csv", "imported": 3, "replaced": 3 }));
    let listed = place.issuer_json(&["incoming", "list"]);
    let listed: Vec<_> = listed.as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(listed, ["IMI-2", "IMI-3", "IMI-1"], "in order of receipt");
    assert!(place.issuer(&["incoming", "list"]).done().stdout.contains("ASE MARIE Bråthen"));
    assert_eq!(place.issuer_json(&["audit"])["mark"], mark);

    place.set("VERNET_OFFICER_KEY", crate::place::KARI);
    let look = [
        "LOOK AT THIS: an alert of SE of 2025-03-01 (restricted) is about a person with this birth date and a similar name: \
         ASE MARIE Bråthen, alert IMI-1",
        "LOOK AT THIS: an alert of DK of 2019-01-01 (prohibited until 2021-01-01) is about a person of this name, without a birth \
         date: Åse Bråthen, alert IMI-2",
    ];
    let proposed = place.issuer(&["propose", "grant", "application.json"]).done().stdout;
    let seq = proposed.strip_prefix("proposal ").and_then(|rest| rest.split(':').next());
    let seq = seq.expect("a proposal answers with its number");
    let review = place.issuer(&["review", seq]).done().stdout;
    for text in [&proposed, &review] {
        for line in look {
            assert!(text.contains(line), "{line} in: {text}");
        }
        assert_eq!(text.matches("[incoming_alert]").count(), 2, "{text}");
    }
    assert!(review.contains("the rules allow it now"), "{review}");
    let object = place.issuer_json(&["review", seq]);
    let alerts = object["incoming_alerts"].as_array().expect("a list");
    assert_eq!(alerts.len(), 2);
    assert_eq!(alerts[1]["given_name"], "ASE MARIE");
    assert_eq!(object["refused"], json!(null));

    let purged = place.issuer(&["incoming", "purge", "--before", "2025-01-01"]).done().stdout;
    assert_eq!(purged, "deleted 2 alerts\n");
    assert_eq!(place.issuer_json(&["incoming", "purge", "--id", "IMI-1"])["purged"], 1);
    let empty = place.issuer(&["incoming", "list"]).done().stdout;
    assert_eq!(empty, "no alert of another state is kept\n");
    assert_eq!(place.issuer_json(&["review", seq])["incoming_alerts"], json!([]));
    place.issuer(&["approve", seq, "--officer-key", OLA]).done();
    let history = place.issuer(&["audit"]).done();
    assert!(!history.stdout.contains("alert"), "{history:?}");
    let again = place.issuer_json(&["propose", "revoke", crate::place::number()]);
    assert_eq!(again["incoming_alerts"], json!([]), "only grants are looked up");
}

#[test]
fn a_table_with_a_fault_is_not_imported_and_its_line_and_column_are_named() {
    let place = with_applicant();
    for (from, to, code, names) in [
        ("DK", "Denmark", "field_invalid", "line 3: `state`"),
        ("1970-01-01", "01017012345", "national_identity_number", "line 4: `birthdate`"),
        ("2019-01-02", "2999-01-01", "field_invalid", "line 3: `received`"),
        ("IMI-3", "IMI-1", "import_alert_repeated", "line 4: "),
        (";;2025", ";2025", "import_row_length", "line 2: "),
        ("scope", "reason", "import_column_unknown", "`reason`"),
    ] {
        place.write("alerts.csv", TABLE.replacen(from, to, 1));
        let run = place.issuer(&["incoming", "import", "alerts.csv"]);
        run.refused(code);
        assert!(run.stderr.contains(names), "{names} in: {}", run.stderr);
    }
    assert_eq!(place.issuer_json(&["incoming", "list"]), json!([]));
    place.issuer(&["incoming", "purge", "--id", "IMI-1"]).refused("incoming_alert_unknown");
    for wrong in
        [&["incoming", "purge"][..], &["incoming", "purge", "--id", "1", "--before", "2026-01-01"]]
    {
        assert_eq!(place.issuer(wrong).code, Some(2), "{wrong:?}");
    }
}
