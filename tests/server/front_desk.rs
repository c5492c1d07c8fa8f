//! `POST /v1/verify` with files as people send them.

use serde_json::Value;
use vernet_tests::front_desk::{NOW, cases, folder};

use crate::{
    faked::{at, can_fake},
    hospital::Hospital,
    serving::{Serving, until},
};

#[test]
fn every_file_that_people_send_gets_its_answer() {
    if !can_fake() {
        return;
    }
    let hospital = Hospital::new();
    let office = folder().join("office");
    let path = |name: &str| office.join(name).display().to_string();
    let program = hospital.command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--rate-limit",
        "0",
        "--roots",
        &path("roots.json"),
        "--publication",
        &path("publication"),
    ]);
    let server = Serving::of(&hospital, &mut at(NOW, &program));
    until("the lists are read", || server.refreshes("updated") > 0);
    let mut wrong = Vec::new();
    for case in cases() {
        let body = std::fs::read(folder().join(&case.file)).expect("the file is there");
        // What a program that knows nothing says, and what one says that is wrong.
        for media_type in ["application/octet-stream", "image/jpeg"] {
            let answer = server.post(media_type, &body);
            let object: Value = serde_json::from_slice(&answer.body).expect("JSON");
            let verdicts = match answer.status {
                200 => vec![object],
                _ => {
                    let problem = answer.problem("several_certificates");
                    assert_ne!(problem["verdict"], "accepted");
                    problem["verdicts"].as_array().cloned().unwrap_or_default()
                }
            };
            if let Err(told) = case.check(&verdicts) {
                wrong.push(format!("{media_type}: {told}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
