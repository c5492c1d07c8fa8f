//! Receipts over HTTP: requested, returned, and verified by the command line from the server's own
//! archive.

use serde_json::{Value, json};
use vernet_common::Status;

use crate::{
    hospital::{Hospital, Run},
    office::{DAY, HOUR},
    serving::{Serving, until},
};

const RECEIPTS: [&str; 8] = [
    "--receipt-key",
    "r.pem",
    "--receipt-name",
    "Ullevål sykehus",
    "--receipt-passphrase-file",
    "passphrase.txt",
    "--archive",
    "archive",
];

/// A hospital with a key for receipts.
fn hospital() -> Hospital {
    use std::os::unix::fs::PermissionsExt;
    let hospital = Hospital::new();
    hospital.write("passphrase.txt", "a passphrase for tests\n");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(hospital.path("passphrase.txt"), mode).expect("it is our own");
    hospital
        .run(&[
            "keys",
            "new",
            "--use",
            "receipt",
            "--out",
            "r.pem",
            "--passphrase-file",
            "passphrase.txt",
        ])
        .done();
    hospital
}

fn ask(server: &Serving, question: &Value) -> Value {
    server.post("application/json", question.to_string()).json()
}

fn verify(hospital: &Hospital, receipt: &Value) -> Run {
    hospital.write("a.jwt", receipt.as_str().expect("a receipt"));
    let trust =
        ["--roots", "roots.json", "--archive", "archive", "--certificate", "certificate.jwt"];
    hospital
        .run(&[&["receipt", "verify", "--key", "r.pub", "--json", "a.jwt"], &trust[..]].concat())
}

#[test]
fn a_verdict_comes_with_a_receipt_if_it_is_asked_for() {
    let mut hospital = hospital();
    let server = Serving::start(&hospital, &[&RECEIPTS[..], &["--refresh", "1"]].concat());
    let link = hospital.office.link();
    let answer = ask(&server, &json!({ "input": link, "receipt": true }));
    assert_eq!(answer["code"], "authorised");
    let mut alone =
        ask(&server, &json!({ "input": link, "receipt": false, "at": answer["checked_at"] }));
    alone["receipt"] = answer["receipt"].clone();
    assert_eq!(answer, alone, "the verdict is the same");
    assert!(ask(&server, &json!({ "input": link }))["receipt"].is_null());
    assert!(server.post("text/plain", &link).json()["receipt"].is_null());

    // The lists are replaced; the archive has what the receipt names.
    hospital.office.status_claims.iat = hospital.office.status_claims.iat.plus_seconds(HOUR / 2);
    hospital.office.set_status(Status::Suspended);
    hospital.publish();
    until("the suspension is known", || server.code(&link) == "suspended");
    let later = ask(&server, &json!({ "input": link, "receipt": true }));
    for (answer, code) in [(&answer, "authorised"), (&later, "suspended")] {
        assert_eq!(verify(&hospital, &answer["receipt"]).done().json()["verdict"]["code"], code);
    }
    let object = verify(&hospital, &answer["receipt"]).json();
    assert_eq!(object["receipt"]["verifier"], "Ullevål sykehus");
    let hash = object["receipt"]["certificate_sha256"].as_str().expect("a hash").to_owned();
    for said in ["eyJ", &hash, "Ullevål"] {
        assert!(!server.log().contains(said), "nothing about it is logged: {}", server.log());
    }
}

#[test]
fn doubts_and_faults_have_receipts_too_and_problems_have_none() {
    let hospital = hospital();
    let server = Serving::start(&hospital, &RECEIPTS);
    let later = hospital.office.now.plus_seconds(2 * DAY).to_string();
    let stale =
        ask(&server, &json!({ "input": hospital.office.text(), "receipt": true, "at": later }));
    assert_eq!((&stale["code"], &stale["checked_at"]), (&"status_stale".into(), &later.into()));
    let object = verify(&hospital, &stale["receipt"]).done().json();
    assert!(
        object["receipt"]["iat"].as_i64() < object["receipt"]["checked_at"].as_i64(),
        "when it was really made: {object}"
    );
    let malformed = ask(&server, &json!({ "input": "12 a", "receipt": true }));
    assert_eq!(malformed["code"], "malformed");
    assert!(malformed["receipt"].is_string());
    let empty = ask(&server, &json!({ "input": " ", "receipt": true }));
    assert_eq!(empty["code"], "unreadable");
    assert!(empty["receipt"].is_string());
    let answer = server.post(
        "application/json",
        json!({ "input": "1", "receipt": true, "at": "soon" }).to_string(),
    );
    answer.problem("malformed_time");
    for wrong in [json!("yes"), json!(1), json!(null), json!([])] {
        let question = json!({ "input": "1", "receipt": wrong }).to_string();
        server.post("application/json", question).problem("malformed_request");
    }
}

#[test]
fn a_batch_has_a_receipt_in_each_line_that_asks_for_one() {
    let hospital = hospital();
    let server = Serving::start(&hospital, &RECEIPTS);
    let lines = [
        json!({ "input": hospital.office.link(), "receipt": true }),
        json!(hospital.office.link()),
        json!({ "input": "12 a", "receipt": true }),
    ];
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let headers = [("Content-Type", "application/x-ndjson")];
    let answer = server.ask("POST", "/v1/verify/batch", &headers, body.as_bytes());
    let answers: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        answers.iter().map(|line| line["receipt"].is_string()).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(
        verify(&hospital, &answers[0]["receipt"]).done().json()["verdict"]["code"],
        "authorised"
    );
}

#[test]
fn a_server_without_a_key_says_so() {
    let hospital = hospital();
    let server = Serving::start(&hospital, &[]);
    let question = json!({ "input": hospital.office.link(), "receipt": true }).to_string();
    let problem = server.post("application/json", &question).problem("receipts_not_offered");
    assert_eq!(problem["status"], 422);
    let line = question.clone() + "\n";
    let answer = server.ask(
        "POST",
        "/v1/verify/batch",
        &[("Content-Type", "application/x-ndjson")],
        line.as_bytes(),
    );
    assert_eq!(answer.json()["code"], "receipts_not_offered");
    let described = server.get("/openapi.json").json();
    let member = &described["components"]["schemas"]["Verdict"]["properties"]["receipt"];
    assert_eq!(member["type"], "string", "{member}");
    assert_eq!(
        described["components"]["schemas"]["Question"]["properties"]["receipt"]["type"],
        "boolean"
    );
}

#[test]
fn a_server_without_lists_signs_nothing() {
    let hospital = hospital();
    std::fs::remove_file(hospital.path("publication/bundle.json")).expect("it was published");
    let server = Serving::start(&hospital, &RECEIPTS);
    let question = json!({ "input": hospital.office.link(), "receipt": true }).to_string();
    server.post("application/json", question).problem("not_ready");
    assert_eq!(server.code(&hospital.office.link()), "status_missing");
}

#[test]
fn an_archive_that_cannot_be_written_is_a_warning_and_no_end_of_verdicts() {
    let hospital = hospital();
    hospital.write("archive", "a file in its place");
    let server = Serving::start(&hospital, &[&RECEIPTS[..], &["--refresh", "1"]].concat());
    assert_eq!(server.code(&hospital.office.link()), "authorised");
    let said = || {
        server
            .log_lines()
            .iter()
            .any(|line| line["message"].as_str().is_some_and(|m| m.contains("not in the archive")))
    };
    assert!(said(), "{}", server.log());
    // As soon as there is room, the lists in use are archived.
    std::fs::remove_file(hospital.path("archive")).expect("it is our own");
    until("the lists are kept", || {
        std::fs::read_dir(hospital.path("archive")).is_ok_and(|files| files.count() == 2)
    });
}

#[test]
fn what_is_wrong_with_the_settings_is_said_at_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let hospital = hospital();
    let run = |arguments: &[&str]| {
        let lists =
            ["serve", "--check-config", "--roots", "roots.json", "--publication", "publication"];
        hospital.run(&[&lists, arguments].concat())
    };
    let found = run(&RECEIPTS).done();
    assert_eq!(found.stderr, "", "a good configuration is no reason for a warning");
    let receipts =
        json!({ "key": "r.pem", "name": "Ullevål sykehus", "passphrase_file": "passphrase.txt" });
    assert_eq!(
        (&found.json()["receipts"], &found.json()["archive"]),
        (&receipts, &"archive".into())
    );
    run(&["--receipt-key", "r.pem"]).failed("there is a `receipt_key` without a `receipt_name`");
    let signer = |key| ["--receipt-key", key, "--receipt-name", "A"];
    run(&signer("r.pem")).failed("[passphrase_missing]");
    run(&signer("r.pub")).failed("[key_file_damaged]");
    hospital.write("wrong.txt", "another passphrase");
    let wrong = ["--receipt-passphrase-file", "wrong.txt"];
    run(&[&signer("r.pem")[..], &wrong].concat()).failed("[passphrase_wrong]");
    let mut by_environment = hospital.command(&[
        "serve",
        "--check-config",
        "--roots",
        "roots.json",
        "--publication",
        "publication",
    ]);
    let output = by_environment
        .env("VERNET_VERIFIER_RECEIPT_KEY", "r.pem")
        .env("VERNET_VERIFIER_RECEIPT_NAME", "A")
        .env("VERNET_PASSPHRASE", "a passphrase for tests")
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    std::fs::create_dir(hospital.path("etc")).expect("a new folder can be made");
    for name in ["r.pem", "passphrase.txt"] {
        std::fs::copy(hospital.path(name), hospital.path("etc").join(name)).expect("it is there");
    }
    hospital.write(
        "etc/server.toml",
        "receipt_key = \"r.pem\"\nreceipt_name = \"A\"\nreceipt_passphrase_file = \"passphrase.txt\"\narchive = \"archive\"\n",
    );
    let found = run(&["--config", "etc/server.toml"]).done().json();
    assert_eq!(
        (&found["receipts"]["key"], &found["archive"]),
        (&"etc/r.pem".into(), &"etc/archive".into())
    );
    hospital.write("etc/server.toml", "receipt_name = \" \"\n");
    run(&["--config", "etc/server.toml"]).failed("1 to 100 characters");
    for name in ["r.pem", "passphrase.txt"] {
        let file = hospital.path(name);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o604))
            .expect("it is our own");
        assert!(run(&RECEIPTS).done().stderr.contains("can be read by every user"), "{name}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))
            .expect("it is our own");
    }
}
