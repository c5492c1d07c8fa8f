//! `POST /v1/verify`: every form of a certificate gets the verdict that the command line gives.

use serde_json::{Value, json};
use vernet_common::{CivilDate, NumericDate, Status, StatusIndex};

use crate::{
    hospital::{FILES, Hospital, now},
    office::{DAY, to_base_10},
    pdf::{letter, scan},
    picture::{jpeg, picture, png},
    serving::Serving,
};

/// The command line's verdict on the same input at the same instant. Pictures are given as file
/// names.
fn by_command_line(hospital: &Hospital, input: &str, at: &str) -> Value {
    let is_file = input.starts_with("code.");
    let argument = if is_file { input } else { "-" };
    let run = hospital.run_with(
        &[&["check", "--json", "--at", at], &FILES[..], &["--", argument]].concat(),
        if is_file { b"" } else { input.as_bytes() },
    );
    let mut object = run.json();
    // The only member that concerns the command line and not the certificate.
    assert!(object.as_object_mut().and_then(|object| object.remove("input")).is_some());
    object
}

#[track_caller]
fn assert_same(hospital: &Hospital, input: &str, verdict: &Value) {
    let at = verdict["checked_at"].as_str().expect("an instant");
    assert_eq!(*verdict, by_command_line(hospital, input, at));
}

#[test]
fn every_form_of_a_certificate_gets_the_verdict_of_the_command_line() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let (text, link) = (hospital.office.text(), hospital.office.link());
    let digits = link.split_once('#').expect("a link has digits").1;
    let broken = format!("  {}\n{}\r\n", &text[..70], &text[70..]);
    hospital.write("code.png", png(&picture(&[&link])));
    hospital.write("code.jpeg", jpeg(&picture(&[&link])));
    hospital.write("code.pdf", letter(&[("application/dc+sd-jwt", &text)]));
    hospital.write("code.scan", scan(&jpeg(&picture(&[&link]))));
    let question = |input: &str| json!({ "input": input }).to_string();
    let file = |name: &str| std::fs::read(hospital.path(name)).expect("it was written");
    let forms: [(&str, Vec<u8>, &str); 14] = [
        ("text/plain", text.clone().into(), &text),
        ("text/plain; charset=utf-8", link.clone().into(), &link),
        ("TEXT/PLAIN", digits.into(), digits),
        ("text/plain", text.trim_end_matches('~').into(), &text),
        ("text/plain", broken.into(), &text),
        ("text/plain", link.replace('#', "%23").into(), &link),
        ("application/dc+sd-jwt", text.clone().into(), &text),
        ("application/vc+sd-jwt", text.clone().into(), &text),
        ("application/json", question(&text).into(), &text),
        ("application/json; charset=utf-8", question(digits).into(), digits),
        ("image/png", file("code.png"), "code.png"),
        ("image/jpeg", file("code.jpeg"), "code.jpeg"),
        ("application/pdf", file("code.pdf"), "code.pdf"),
        ("application/pdf", file("code.scan"), "code.scan"),
    ];
    for (media_type, body, input) in forms {
        let verdict = server.post(media_type, body).verdict();
        assert_eq!(
            (&verdict["verdict"], &verdict["code"]),
            (&"accepted".into(), &"authorised".into()),
            "{media_type}"
        );
        assert_eq!(
            verdict["certificate"]["family_name"],
            hospital.office.certificate.family_name.to_string()
        );
        assert_same(&hospital, input, &verdict);
    }
}

/// A certificate signed with the office's own key, which was stolen.
fn forged(hospital: &Hospital) -> String {
    let mut office = crate::office::Office::as_of(hospital.office.now);
    office.certificate.given_name = "Ada".parse().expect("a name");
    office.text()
}

/// A certificate that was signed after the lists.
fn newer(hospital: &Hospital) -> String {
    let mut office = crate::office::Office::as_of(hospital.office.now);
    office.certificate.iat = office.status_claims.iat.plus_seconds(1);
    office.text()
}

#[test]
fn every_colour_is_the_one_of_the_command_line() {
    let mut hospital = Hospital::new();
    let mut certificates = vec![(hospital.office.text(), "authorised")];
    hospital.office.before.push(hospital.office.signed_certificate().as_str().to_owned());
    let cases = [
        (1, Status::Suspended, "suspended"),
        (2, Status::Invalid, "revoked"),
        (3, Status::Conditions, "authorised_with_conditions"),
    ];
    for (index, status, code) in cases {
        hospital.office.certificate.status.status_list.idx =
            StatusIndex::new(index).expect("inside");
        hospital.office.set_status(status);
        hospital.office.after.push(hospital.office.signed_certificate().as_str().to_owned());
        certificates.extend([(hospital.office.text(), code), (hospital.office.link(), code)]);
    }
    hospital.publish();
    certificates.extend([
        (hospital.office.text()[..200].to_owned(), "malformed"),
        (hospital.office.signed_by_a_stranger(), "untrusted_issuer"),
        (forged(&hospital), "not_issued"),
        (newer(&hospital), "log_behind"),
        ("Kari Nordmann".into(), "malformed"),
        (to_base_10(&[1, 2, 3]), "malformed"),
        ("https://example.no/".into(), "malformed"),
    ]);
    let server = Serving::start(&hospital, &[]);
    for (input, code) in certificates {
        let verdict = server.post("text/plain", &input).verdict();
        assert_eq!(verdict["code"], code, "{verdict}");
        assert_same(&hospital, &input, &verdict);
        let verdict =
            server.post("application/json", json!({ "input": input }).to_string()).verdict();
        assert_same(&hospital, &input, &verdict);
    }
}

#[test]
fn a_signature_that_does_not_hold_is_refused() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let signed = hospital.office.text();
    let (rest, signature) = signed.rsplit_once('.').expect("a JWS has three parts");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{rest}.{first}{}", &signature[1..]);
    let verdict = server.post("text/plain", &forged).verdict();
    assert_eq!(
        (&verdict["code"], &verdict["certificate"]),
        (&"bad_signature".into(), &Value::Null)
    );
    assert_same(&hospital, &forged, &verdict);
}

#[test]
fn the_time_of_the_question_counts() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let text = hospital.office.text();
    let today = now();
    let day = |offset: i64| today.plus_seconds(offset * DAY).to_string();
    let cases = [
        (today.to_string(), "authorised"),
        (day(2), "status_stale"),
        (day(100), "trust_list_expired"),
        (day(-30), "clock_behind"),
        ("2061-01-01".to_owned(), "expired"),
    ];
    for (at, code) in cases {
        let verdict = server
            .post("application/json", json!({ "input": text, "at": at }).to_string())
            .verdict();
        assert_eq!(verdict, by_command_line(&hospital, &text, &at));
        assert_eq!(verdict["code"], code, "{at}");
    }
    let date = "2027-07-01".parse::<CivilDate>().expect("a date");
    let verdict = server
        .post("application/json", json!({ "input": text, "at": "2027-07-01" }).to_string())
        .verdict();
    assert_eq!(verdict["checked_at"], date.start().to_string());
    assert_eq!(verdict["checked_at"], "2027-06-30T22:00:00Z", "a day begins in Oslo");
    let verdict =
        server.post("application/json", json!({ "input": text, "at": null }).to_string()).verdict();
    assert_eq!(verdict["code"], "authorised");
}

#[test]
fn without_a_time_the_clock_of_the_server_counts() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let before = now();
    let verdict = server.post("text/plain", hospital.office.text()).verdict();
    let checked_at: NumericDate =
        verdict["checked_at"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
    assert!((before..=now()).contains(&checked_at), "{checked_at}");
}

#[test]
fn max_status_age_is_the_operators_choice() {
    let mut hospital = Hospital::new();
    hospital.office.status_claims.iat = hospital.office.now.plus_seconds(-30 * 3600);
    hospital.publish();
    let text = hospital.office.text();
    let patient = Serving::start(&hospital, &["--max-status-age", "48"]);
    assert_eq!(patient.code(&text), "authorised");
    assert_eq!(Serving::start(&hospital, &["--max-status-age", "24"]).code(&text), "status_stale");
}

#[test]
fn the_answer_to_a_get_tells_what_is_allowed() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    for (method, path, allowed) in [
        ("GET", "/v1/verify", "POST"),
        ("DELETE", "/v1/verify/batch", "POST"),
        ("POST", "/v1/publication/bundle.json", "GET,HEAD"),
        ("PUT", "/healthz", "GET,HEAD"),
        ("POST", "/v/", "GET,HEAD"),
    ] {
        let answer = server.ask(method, path, &[], b"");
        answer.problem("method_not_allowed");
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allowed)),
            "{method} {path}"
        );
    }
}

#[test]
fn head_gets_the_head_of_get() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    for path in
        ["/v/", "/v1/publication/bundle.json", "/healthz", "/readyz", "/metrics", "/nothing"]
    {
        let (head, get) = (server.ask("HEAD", path, &[], b""), server.get(path));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
    }
}
