//! `show` reads what is about the holder of a certificate, and says what the whole register says.

use std::{fs, path::Path};

use serde_json::json;

use crate::place::{Place, Run, number};

/// Shows every certificate of an office on these days, as known on each of them: from an excerpt,
/// and without the catalogue, from the whole register.
pub(crate) fn show_says_the_same_either_way(
    office: &Path,
    days: &[&str],
    issuer: &mut dyn FnMut(&[&str]) -> Run,
) {
    let listed = issuer(&["list", "--json"]).done().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    for certificate in listed.as_array().expect("a list") {
        let number = certificate["certificate_number"].as_str().expect("a number");
        for (on, known) in days.iter().flat_map(|on| days.iter().map(move |known| (on, known))) {
            for json in [&[][..], &["--json"]] {
                let show = ["show", number, "--on", on, "--known", known];
                let show = [&show[..], json].concat();
                let catalogue = office.join("high-water.catalogue");
                assert!(catalogue.exists(), "made in passing");
                let excerpt = issuer(&show);
                fs::remove_file(&catalogue).expect("it is made again");
                let whole = issuer(&show);
                assert_eq!(
                    (excerpt.code, &excerpt.stdout, &excerpt.stderr),
                    (whole.code, &whole.stdout, &whole.stderr),
                    "{show:?}"
                );
            }
        }
    }
}

/// Adds a second person, decides about the first one, and changes what the register says of the
/// second.
fn with_somebody_changed() -> (Place, String) {
    let place = Place::with_demo();
    let application = json!({
        "given_name": "Per", "family_name": "Øye", "birthdate": "1980-02-29",
        "hpr_number": "9144900", "kind": "authorisation", "basis": "accredited_school_exam",
        "exam": { "school": "Fjordheim Perfusion School", "date": "2010-06-11" },
        "decided": "2010-06-30", "granted": "2010-07-01",
    });
    place.write("per.json", application.to_string());
    place.decide(&["grant", "per.json"]);
    let other = place.issuer_json(&["list"])[1]["certificate_number"].as_str().expect("one").into();
    place.decide(&["limit", number(), "--reference", "2026/1"]);
    let register = rusqlite::Connection::open(place.path("demo/office/register.sqlite"));
    let change = "UPDATE statement SET body = replace(body, 'Øye', 'Aye')";
    let triggers = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
    let change = register.and_then(|register| {
        register.set_db_config(triggers, false)?;
        register.execute_batch(change)
    });
    change.expect("whoever writes to the data base can do that");
    (place, other)
}

#[test]
fn what_was_changed_is_noticed_wherever_it_is_read() {
    let (place, other) = with_somebody_changed();
    place.issuer(&["show", number()]).done();
    place.issuer(&["show", &other]).refused("chain");
    place.issuer(&["list"]).refused("chain");
    place.issuer(&["audit"]).refused("chain");
    // Nobody knows any more what is right, until the register is whole again.
    place.issuer(&["show", number()]).refused("chain");
}

#[test]
fn whoever_can_only_read_the_office_is_shown_the_same() {
    let place = Place::with_demo();
    let shown = place.issuer(&["show", number()]).done().stdout;
    for file in ["high-water.catalogue", "high-water.json"] {
        fs::remove_file(place.path("demo/office").join(file)).expect("removed");
        assert_eq!(place.issuer(&["show", number()]).done().stdout, shown);
    }
    // Neither can it be written.
    let catalogue = place.path("demo/office/high-water.catalogue");
    fs::remove_file(&catalogue).expect("removed");
    fs::create_dir(&catalogue).expect("a folder in its place");
    assert_eq!(place.issuer(&["show", number()]).done().stdout, shown);
}

#[test]
fn a_number_that_nobody_has_is_not_found() {
    let place = Place::with_demo();
    place.issuer(&["show", "NO-PE-2026-099999"]).refused("not_found");
}
