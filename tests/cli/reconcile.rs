//! The register compared with an export of the national register, and with rosters.

use serde_json::Value;

use crate::place::{Place, Run, faketime_is_missing, files_in, number};

/// What the national register says of the demonstration's person, with a status.
fn export(status: &str) -> String {
    format!(
        "HPR-nr;Navn;Fødselsdato;Helsepersonellkategori;Godkjenning;Status;Merknad\n\
         9144889;Østlyngen-Bråthen, Åse Kjærstad;17.05.1984;PE;1;{status};\n\
         12;Ola Nordmann;01.01.1970;SP;1;Gyldig;\n"
    )
}

fn codes(object: &Value) -> Vec<&str> {
    let tables = object["tables"].as_array().expect("tables").iter();
    let rows = tables.flat_map(|table| table["differences"].as_array().expect("a list"));
    rows.map(|row| row["code"].as_str().expect("a code")).collect()
}

fn reconcile(place: &Place, arguments: &[&str]) -> Run {
    place.issuer(&[&["reconcile"], arguments].concat())
}

#[test]
fn registers_that_agree_end_with_0_and_others_with_3() {
    let mut place = Place::with_demo();
    // Whoever compares need not be an officer.
    place.unset("VERNET_OFFICER_KEY");
    place.write("hpr.csv", export("Gyldig"));
    let same = reconcile(&place, &["hpr.csv"]).done();
    assert!(
        same.stdout.starts_with(
            "hpr.csv: 1 rows compared with 1 rights of this office: 0 differences, 1 rows of others; \
             not read are the columns Merknad\nas of "
        ),
        "{same:?}"
    );
    assert!(same.stdout.ends_with(" Nothing was changed\n"));

    let before = (place.issuer_json(&["audit"])["mark"].clone(), files_in(&place.path("demo")));
    place.write("hpr.csv", export("Tilbakekalt"));
    let lost = reconcile(&place, &["hpr.csv"]);
    assert_eq!((lost.code, lost.stderr.as_str()), (Some(3), ""), "{lost:?}");
    let first = format!(
        "revoked_there: Åse Kjærstad Østlyngen-Bråthen, HPR number 9144889, {} (line 2)\n  \
         here: authorised; there: revoked\n  ask for the decision today.",
        number()
    );
    assert!(lost.stdout.starts_with(&first), "{lost:?}");
    let json = reconcile(&place, &["hpr.csv", "--json"]);
    assert_eq!((json.code, codes(&json.json())), (Some(3), vec!["revoked_there"]));
    assert_eq!(json.json()["tables"][0]["rights"], 1);
    let after = (place.issuer_json(&["audit"])["mark"].clone(), files_in(&place.path("demo")));
    assert_eq!(before, after, "nothing is written");
}

#[test]
fn rows_that_cannot_be_read_are_told_and_the_others_are_compared() {
    let place = Place::with_demo();
    let table = "hpr_number,status\n9144889,suspended\n01018012345,valid\n9144900,perhaps\n";
    place.write("hpr.csv", table);
    let run = reconcile(&place, &["hpr.csv", "--json"]);
    let object = run.json();
    assert_eq!((run.code, codes(&object)), (Some(3), vec!["suspended_there"]));
    let not_read: Vec<_> = object["tables"][0]["not_read"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| (row["line"].as_u64(), row["code"].as_str().expect("a code")))
        .collect();
    assert_eq!(not_read, [(Some(3), "national_identity_number"), (Some(4), "field_invalid")]);
    assert!(!run.stdout.contains("010180"), "{run:?}");
    // Somebody whose row cannot be read is neither compared nor unknown.
    place.write("hpr.csv", "hpr_number,status\n9144889,perhaps\n");
    let run = reconcile(&place, &["hpr.csv"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("1 rows not read, 1 rights not compared for that"), "{run:?}");
    assert!(run.stdout.contains("line 2 is not read, and not compared: "), "{run:?}");
}

#[test]
fn a_roster_tells_who_on_it_is_not_authorised_today() {
    let place = Place::with_demo();
    place.write("roster.csv", "9144889\n9144900\n");
    let run = reconcile(&place, &["--roster", "roster.csv", "--json"]);
    assert_eq!((run.code, codes(&run.json())), (Some(3), vec!["roster_unknown"]));
    place.write("roster.csv", "HPR-nummer\n9144889\n");
    reconcile(&place, &["--roster", "roster.csv"]).done();
    place.both(&["revoke", number()]).done();
    place.write("hpr.csv", export("Gyldig"));
    let both = reconcile(&place, &["hpr.csv", "--roster", "roster.csv", "--json"]);
    assert_eq!(
        (both.code, codes(&both.json())),
        (Some(3), vec!["live_there", "roster_not_authorised"])
    );
    assert_eq!(both.json()["differences"], 2);
}

#[test]
fn a_table_that_says_too_little_and_a_clock_behind_are_errors() {
    let place = Place::with_demo();
    place.write("hpr.csv", "HPR-nummer\n9144889\n");
    reconcile(&place, &["hpr.csv"]).refused("import_column_missing");
    reconcile(&place, &["missing.csv"]).refused("io");
    assert_eq!(reconcile(&place, &[]).code, Some(2), "neither a table nor a roster");
    let help = reconcile(&place, &["--help"]).done().stdout;
    assert!(help.contains("Exit status: 0 nothing differs, 3 something differs"), "{help}");
    if faketime_is_missing() {
        return;
    }
    place.write("hpr.csv", export("Gyldig"));
    place.issuer_behind(&["reconcile", "hpr.csv"]).refused("clock_behind");
}
