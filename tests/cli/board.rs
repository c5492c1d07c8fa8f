//! A board beside the state's office: `demo --board`, and a hospital that knows both.

use std::process::Command;

use serde_json::json;

use crate::place::Place;

/// The demonstration with a board, and a hospital that pinned both.
fn hospital() -> (Place, String) {
    let place = Place::empty();
    let shown = place.issuer(&["demo", "--board"]).done().stdout;
    for roots in ["demo/roots.json", "demo/board/roots.json"] {
        let asked = place.verifier(&["trust", "add", roots]).stderr;
        let fingerprint = asked.split_once("fingerprint:\n").expect("it is shown").1;
        let fingerprint = fingerprint.lines().next().expect("a line").trim();
        place.verifier(&["trust", "add", roots, "--fingerprint", fingerprint]).done();
    }
    for publication in ["demo/publication", "demo/board/publication"] {
        place.verifier(&["sync", publication]).done();
    }
    (place, shown)
}

#[test]
fn a_hospital_sees_the_verdict_of_each_issuer() {
    let (mut place, shown) = hospital();
    for part in [
        "2 clinical missing in ",
        "2 cpd missing in all, of 120",
        "board certified perfusionist, board certificate granted ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    place.set("VERNET_OFFICE", "demo/board/office");
    place.set("VERNET_OFFICER_KEY", "demo/board/officers/kari.pem");
    place.set("VERNET_PASSPHRASE_FILE", "demo/board/passphrase.txt");
    let listed = place.issuer_json(&["list"]);
    let [first, ..] = &listed.as_array().expect("certificates")[..] else { panic!("{listed}") };
    let year = first["certificate_number"].as_str().expect("a number")[6..10].to_owned();
    place.issuer(&["audit"]).done();

    // The board's certificate is granted again: the first one was revoked.
    let mut application: serde_json::Value =
        serde_json::from_str(&place.read("demo/board/application.json")).expect("JSON");
    application["hpr_number"] = json!("9144897");
    place.write("application.json", application.to_string());
    let seq = place.issuer_json(&["propose", "grant", "application.json"])["proposal"].to_string();
    let granted =
        place.issuer_json(&["approve", &seq, "--officer-key", "demo/board/officers/ola.pem"]);
    let number = granted["certificate_number"].as_str().expect("a number");
    assert!(number.starts_with("SB-PE-"), "{number}");
    place.issuer(&["publish", "--out", "demo/board/publication"]).done();
    place.verifier(&["sync", "demo/board/publication"]).done();
    place.issuer(&["export", number, "--out", "board.pdf", "--format", "pdf"]).done();
    place.issuer(&["export", number, "--out", "board.png", "--format", "qr-png"]).done();
    // A board's decision names the board, and neither a paragraph nor a body of the state.
    let seq = granted["statement"].to_string();
    place.issuer(&["decision-letter", &seq, "--language", "en", "--out", "decision.pdf"]).done();
    let read = Command::new("pdftotext")
        .args(["-raw", "decision.pdf", "-"])
        .current_dir(place.path(""))
        .output();
    if let Ok(read) = read {
        let text = String::from_utf8(read.stdout).expect("UTF-8");
        assert!(text.contains("Scandinavian Board of Perfusion"), "{text}");
        assert!(!text.contains('§') && !text.contains("Statens"), "{text}");
    }
    let state = format!("demo/certificates/NO-PE-{year}-000001.pdf");

    let words = place.verifier(&["check", &state, "board.png", "board.pdf"]).done().stdout;
    let place_of = |text: &str| words.find(text).unwrap_or_else(|| panic!("{text}: {words}"));
    assert!(
        place_of("perfusionist, authorisation granted")
            < place_of("https://perfusionist.example.no")
    );
    assert!(
        place_of("board certified perfusionist, board certificate granted")
            < place_of("https://board.example.org")
    );
    // The one is withdrawn, and the other is not.
    let seq = place.issuer_json(&["propose", "revoke", number])["proposal"].to_string();
    place.issuer(&["approve", &seq, "--officer-key", "demo/board/officers/ola.pem"]).done();
    place.issuer(&["publish", "--out", "demo/board/publication"]).done();
    place.verifier(&["sync", "demo/board/publication"]).done();
    let run = place.verifier(&["check", "--json", &state, "board.png"]);
    let verdicts: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told = |verdict: &serde_json::Value| {
        json!([verdict["code"], verdict["office"]["iss"], verdict["title"]["en"]])
    };
    assert_eq!(
        verdicts.iter().map(told).collect::<Vec<_>>(),
        [
            json!(["authorised", "https://perfusionist.example.no", "perfusionist"]),
            json!(["revoked", "https://board.example.org", "board certified perfusionist"]),
        ]
    );
    // The board may certify its own title and not the state's.
    let metadata = place.read("demo/board/publication/types/board-certified-perfusionist/1");
    assert!(metadata.contains("Styresertifisert perfusjonist"), "{metadata}");
    application["title"] = json!("perfusionist");
    application["kind"] = json!("authorisation");
    application["basis"] = json!("transitional");
    place.write("application.json", application.to_string());
    place.issuer(&["propose", "grant", "application.json"]).refused("title_unknown");
}

#[test]
fn a_staff_may_have_certificates_of_both() {
    let (mut place, _) = hospital();
    let number = std::fs::read_dir(place.path("demo/certificates"))
        .expect("the demonstration's")
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .find(|name| name.ends_with(".jwt"))
        .expect("a certificate");
    let person = "Åse Kjærstad Østlyngen-Bråthen,1984-05-17";
    // The demonstration ends with the board's certificate withdrawn: it takes another one.
    place.set("VERNET_OFFICE", "demo/board/office");
    place.set("VERNET_OFFICER_KEY", "demo/board/officers/kari.pem");
    place.set("VERNET_PASSPHRASE_FILE", "demo/board/passphrase.txt");
    let mut application: serde_json::Value =
        serde_json::from_str(&place.read("demo/board/application.json")).expect("JSON");
    for day in ["decided", "granted"] {
        application[day] = json!(crate::place::today().to_string());
    }
    place.write("application.json", application.to_string());
    let seq = place.issuer_json(&["propose", "grant", "application.json"]);
    let seq = seq["proposal"].to_string();
    let granted =
        place.issuer_json(&["approve", &seq, "--officer-key", "demo/board/officers/ola.pem"]);
    let of_board = granted["certificate_number"].as_str().expect("a number");
    place.issuer(&["publish", "--out", "demo/board/publication"]).done();
    place.verifier(&["sync", "demo/board/publication"]).done();
    place.issuer(&["export", of_board, "--format", "jwt", "--out", "board.jwt"]).done();
    // One person, one id, a row for each title: nothing is repeated.
    place.write(
        "staff.csv",
        format!(
            "staff_id,name,birthdate,certificate\n1,{person},demo/certificates/{number}\n1,{person},board.jwt\n"
        ),
    );
    let words = place.verifier(&["roster", "check", "staff.csv"]).done().stdout;
    assert!(words.contains("board certified") && words.contains("nobody needs"), "{words}");
    let report = place.verifier(&["roster", "check", "staff.csv", "--json"]).done().json();
    assert_eq!(report["summary"]["need_attention"], 0, "{report}");
    let titles: Vec<_> = report["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["certificate"]["title"].as_str().expect("a title"))
        .collect();
    assert_eq!(titles, ["perfusionist", "board certified perfusionist"]);
    // What a board says of a day is told as its own.
    place.issuer(&["history", "--out", "board.history"]).done();
    let past =
        place.verifier(&["check", "board.jwt", "--on", "2019-01-01", "--history", "board.history"]);
    assert!(past.stdout.contains("WAS NOT CERTIFIED"), "{past:?}");
    assert!(past.stdout.contains("issued by https://board.example.org"), "{past:?}");
    assert!(past.stdout.contains("nothing about an authorisation"), "{past:?}");
    // Authorities of other states are told nothing.
    let ccps = ["export", of_board, "--format", "ccps", "--out", "ccps.pdf"];
    place.issuer(&ccps).refused("no_status_statement");
    let offices = report["about"]["offices"].as_array().expect("offices");
    assert_eq!(offices.len(), 2, "{report}");
}
