//! Who is meant, what is held about them, and whom an officer is told to look at before a grant.

use serde_json::{Value, json};

use crate::place::{OLA, Place, number};

/// The application of the demonstration's first person, with some members replaced.
fn application(place: &Place, changes: &Value) -> Value {
    let shown = place.issuer_json(&["show", number()]);
    let mut value = json!({
        "given_name": shown["claims"]["given_name"], "family_name": shown["claims"]["family_name"],
        "birthdate": shown["claims"]["birthdate"], "hpr_number": "9144900",
        "kind": "authorisation", "basis": "norwegian_exam",
        "exam": {"school": "Any School", "date": "2019-05-20"},
        "decided": "2026-01-01", "granted": "2026-01-01",
    });
    for (name, member) in changes.as_object().expect("an object") {
        value[name] = member.clone();
    }
    value
}

#[test]
fn an_officer_is_told_of_a_namesake_and_of_a_refusal_and_nothing_is_refused() {
    let place = Place::with_demo();
    place.write("twin.json", application(&place, &json!({})).to_string());
    let proposed = place.issuer_json(&["propose", "grant", "twin.json"]);
    let [found] = &proposed["namesakes"].as_array().expect("a list")[..] else {
        panic!("one: {proposed}")
    };
    assert_eq!(
        (&found["same_number"], &found["rights"][0]["certificate_number"]),
        (&json!(false), &json!(number()))
    );
    let seq = proposed["proposal"].to_string();
    let review = place.issuer(&["review", &seq]).done();
    assert!(
        review.stdout.contains("LOOK AT THIS: somebody of the same birth date and a similar name")
            && review.stdout.contains("[namesake]")
            && review.stdout.contains("the rules allow it now"),
        "{review:?}"
    );
    assert_eq!(place.issuer_json(&["review", &seq])["namesakes"], proposed["namesakes"]);
    place.issuer(&["reject", &seq, "--reason", "the same person", "--officer-key", OLA]).done();
    place.decide(&["refuse", "twin.json", "--reason", "2026/90: no exam"]);
    let again = place.issuer(&["propose", "grant", "twin.json"]).done();
    assert!(
        again.stdout.contains("an application under this HPR number")
            && again.stdout.contains("2026/90: no exam"),
        "{again:?}"
    );
    // In a table, by its line.
    let one = application(&place, &json!({}));
    let text = |name: &str| one[name].as_str().expect("text").to_owned();
    place.write(
        "people.csv",
        format!(
            "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n\
             2000001,{},{},{},1,norwegian_exam,2010-07-01,A made-up school,2010-06-11\n",
            text("given_name"),
            text("family_name"),
            text("birthdate")
        ),
    );
    let table = place.issuer(&["import", "people.csv", "--json"]).json();
    assert_eq!(
        (&table["namesakes"][0]["line"], table["namesakes"].as_array().map(Vec::len)),
        (&json!(2), Some(2))
    );
}

#[test]
fn a_person_is_found_and_the_file_tells_everything() {
    let place = Place::with_demo();
    let shown = place.issuer_json(&["show", number()]);
    let claims = &shown["claims"];
    let (hpr, family) =
        (claims["hpr_number"].to_string(), claims["family_name"].as_str().expect("a name"));
    let hpr = hpr.trim_matches('"');
    place.issuer(&["sent", number(), "--to", "the holder's employer"]).done();
    place
        .issuer(&["history", "--out", "past", "--certificate", number(), "--to", "A hospital"])
        .done();
    place.write("twin.json", application(&place, &json!({})).to_string());
    place.decide(&["refuse", "twin.json", "--reason", "2026/90: no exam"]);

    let file = place.issuer_json(&["person", hpr]);
    assert_eq!(file["person"]["hpr_number"], claims["hpr_number"]);
    assert_eq!(file["rights"][0]["certificates"][0]["claims"], *claims);
    assert_eq!(file["histories"][0]["event"]["to"], "A hospital");
    assert_eq!(file["dispatched"][0]["event"]["to"], "the holder's employer");
    assert_eq!(file["refused_applications"], json!([]), "that was under another number");
    let events: Vec<_> = file["statements"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["event"]["type"].as_str().expect("a name"))
        .collect();
    for name in ["proposed", "granted", "dispatched", "history_made"] {
        assert!(events.contains(&name), "{name} in {events:?}");
    }
    let documents = file["documents"].as_array().expect("a list");
    assert!(!documents.is_empty() && documents.iter().all(|one| one["fault"] == Value::Null));

    let both = place.issuer(&["person", family]).done();
    assert!(both.stdout.contains("2 people; one of them: vernet-issuer person NUMBER"), "{both:?}");
    assert_eq!(place.issuer_json(&["person", family])["found"].as_array().map(Vec::len), Some(2));
    let refused = place.issuer_json(&["person", "9144900"]);
    assert_eq!(refused["refused_applications"][0]["reason"], "2026/90: no exam");
    let text = place.issuer(&["person", number()]).done();
    for words in ["HISTORIES HANDED OUT", "to A hospital", "EVERY STATEMENT", "as signed"] {
        assert!(text.stdout.contains(words), "{words} in: {}", text.stdout);
    }
    place.issuer(&["person", number(), "--out", "file.txt"]).done();
    assert!(place.read("file.txt").contains("EVERY STATEMENT"));
    place.issuer(&["person", number(), "--out", "file.txt"]).refused("file_exists");
    assert!(place.issuer(&["person", "Nobody", "Atall"]).done().stdout.contains("nobody"));
    place.issuer(&["person", "17058412345"]).refused("national_identity_number");
}

#[test]
fn a_document_deleted_by_duty_leaves_a_signed_record_and_the_audit_goes_on() {
    let place = Place::with_demo();
    place.write("twin.json", application(&place, &json!({})).to_string());
    place.write("diploma.pdf", "a made-up diploma");
    let grant = ["propose", "grant", "twin.json", "--document", "diploma.pdf"];
    let seq = place.issuer_json(&grant)["proposal"].to_string();
    let row = |place: &Place| {
        let listed = place.issuer_json(&["documents", "list"]);
        let all = listed["documents"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["name"] == "diploma.pdf").expect("it is listed")
    };
    let sha256 = row(&place)["sha256"].as_str().expect("a hash").to_owned();
    let delete = ["delete-document", &sha256, "--reason", "kept for ten years"];
    place.both(&delete).refused("document_not_deletable");
    let issued = place.issuer_json(&["approve", &seq, "--officer-key", OLA]);
    let file = place.path("demo/office/documents").join(&sha256);
    assert!(file.exists());

    // The office has not decided for how long; then for ten years.
    assert_eq!(row(&place)["deletable_from"], Value::Null);
    let settings = "demo/office/office.json";
    let mut config: Value = serde_json::from_str(&place.read(settings)).expect("JSON");
    config["keep_documents_years"] = json!(10);
    place.write(settings, config.to_string());
    assert_eq!(row(&place)["kind"], "evidence of a grant");
    let from = row(&place)["deletable_from"].as_str().expect("a day").to_owned();
    let on = |day: &str| -> Vec<String> {
        let listed = place.issuer_json(&["documents", "list", "--deletable", day]);
        let all = listed["documents"].as_array().expect("a list").clone();
        all.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert!(on(&from).contains(&"diploma.pdf".to_owned()), "{from}");
    assert!(!on(&from).contains(&"data.json".to_owned()), "every audit reads it");
    assert!(on(&crate::place::today().to_string()).is_empty());

    place.both(&delete).done();
    assert!(!file.exists());
    place.issuer(&["audit"]).done();
    let row = row(&place);
    assert_eq!(
        (&row["state"], &row["deleted"]["reason"]),
        (&json!("deleted"), &json!("kept for ten years"))
    );
    let number = issued["certificate_number"].as_str().expect("a number");
    let text = place.issuer(&["person", number]).done();
    assert!(text.stdout.contains("deleted by duty on"), "{}", text.stdout);
    // Whoever removes another one without a record is found out.
    let others = std::fs::read_dir(place.path("demo/office/documents")).expect("a folder");
    let other = others.map(|one| one.expect("a file").path()).next().expect("another document");
    std::fs::remove_file(other).expect("an intruder can");
    place.issuer(&["audit"]).refused("document_missing");
}
