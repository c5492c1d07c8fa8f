//! What is logged of a request: method, route, status, time. Not who was verified, however the
//! request states it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    hospital::Hospital,
    http::Connection,
    picture::{picture, png},
    publisher::Publisher,
    serving::{Serving, until},
};

/// What must not appear anywhere: each part of the certificate in each form in which it is sent.
fn secrets(hospital: &Hospital) -> Vec<String> {
    let claims = &hospital.office.certificate;
    let (text, link) = (hospital.office.text(), hospital.office.link());
    let digits = link.split_once('#').expect("a link has digits").1;
    let parts =
        text.trim_end_matches('~').split('.').map(|part| part[..24.min(part.len())].to_owned());
    let mut secrets: Vec<String> = parts.collect();
    secrets.extend([digits[..12].to_owned(), digits[digits.len() - 12..].to_owned()]);
    secrets.extend([
        claims.given_name.to_string(),
        claims.birthdate.to_string(),
        claims.hpr_number.to_string(),
    ]);
    secrets.extend([
        claims.certificate_number.to_string(),
        "Kjærstad".to_owned(),
        "Bråthen".to_owned(),
    ]);
    secrets.extend(["Kj%C3%A6rstad".to_owned(), "KJAERSTAD".to_owned(), "\"idx\"".to_owned()]);
    secrets
}

/// Asks in every way, including wrong ones.
fn ask_in_every_way(server: &Serving, hospital: &Hospital) {
    let (text, link) = (hospital.office.text(), hospital.office.link());
    let digits = link.split_once('#').expect("a link has digits").1;
    for body in [&text, &link, digits, &hospital.office.signed_by_a_stranger(), &text[..300]] {
        server.post("text/plain", body);
        server.post("application/json", json!({ "input": body }).to_string());
        server.post("application/json", format!("{{\"input\": \"{body}"));
        server.post("application/json", json!({ "input": "1", "at": body }).to_string());
        server.post("application/json", json!({ body: "input" }).to_string());
        server.post(body, "1");
        server.post("image/png", body);
        server.ask(
            "POST",
            "/v1/verify/batch",
            &[("Content-Type", "application/x-ndjson")],
            body.as_bytes(),
        );
        server.ask(
            "POST",
            "/v1/verify",
            &[("Content-Type", "text/plain"), ("Content-Encoding", body)],
            b"1",
        );
        let headers = [
            ("User-Agent", body),
            ("Referer", body),
            ("Authorization", body),
            ("X-Request-Id", body),
        ];
        server.ask("GET", "/v/", &headers, b"");
        server.ask("GET", "/v1/publication/bundle.json", &[("If-None-Match", body)], b"");
        server.ask("GET", &format!("/v1/verify?input={}", body.replace('#', "%23")), &[], b"");
    }
    server.post("image/png", png(&picture(&[&link])));
    let name = "Kj%C3%A6rstad";
    for path in [
        format!("/v%23{digits}"),
        format!("/v/%23{digits}"),
        format!("/v%23{digits}x"),
        format!("/v/{name}"),
        format!("/v/?name={name}&born=1980-02-29"),
        format!("/v1/publication/{name}"),
        format!("/9144889/{name}"),
        "/v1/verify/NO-PE-2026-000123".to_owned(),
        "/1980-02-29?70000".to_owned(),
    ] {
        for method in ["GET", "HEAD", "POST", "KJAERSTAD", "DELETE"] {
            server.ask(method, &path, &[], b"");
        }
    }
    // Also data that is not HTTP.
    for junk in [
        format!("GET /{name}\r\n\r\n"),
        format!("{text}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{name}\r\n\r\n"),
    ] {
        let mut connection = Connection::open(server.address);
        connection.send_aside(junk.into_bytes());
        connection.rest();
    }
}

/// The log without times: the digits of a time may match those of a secret by chance.
fn log_without_times(server: &Serving) -> String {
    let mut lines = server.log_lines();
    for line in lines.iter_mut().filter_map(Value::as_object_mut) {
        let times = [line.remove("timestamp"), line.remove("ms")];
        assert!(
            times[0]
                .as_ref()
                .is_some_and(|time| time.as_str().is_some_and(|time| time.len() == 27)),
            "{times:?}"
        );
        assert!(times[1].as_ref().is_none_or(Value::is_number), "{times:?}");
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn nobody_is_named_in_the_log_or_the_metrics() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &["--refresh", "1"]);
    ask_in_every_way(&server, &hospital);
    let (log, metrics) = (log_without_times(&server), server.get("/metrics"));
    for secret in secrets(&hospital) {
        for (place, text) in [("the log", log.as_str()), ("the metrics", metrics.text())] {
            let line = text.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "`{secret}` stands in {place}");
        }
    }
    assert!(server.log_lines().len() > 100, "there was something to see");
}

#[test]
fn nobody_is_named_in_the_log_while_there_are_no_lists() {
    let hospital = Hospital::new();
    let server = Serving::from(&hospital, &Publisher::down().url(), &["--refresh", "1"]);
    ask_in_every_way(&server, &hospital);
    let log = log_without_times(&server);
    for secret in secrets(&hospital) {
        assert_eq!(log.lines().find(|line| line.contains(&secret)), None, "`{secret}`");
    }
}

#[test]
fn a_line_about_a_request_says_four_things_and_no_more() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    ask_in_every_way(&server, &hospital);
    let routes = BTreeSet::from([
        "/v/",
        "/v/{*path}",
        "/v1/verify",
        "/v1/verify/batch",
        "/v1/publication/bundle.json",
        "/readyz",
        "none",
    ]);
    server.get("/readyz");
    let logged = || server.log_lines().into_iter().filter(|line| line["message"] == "request");
    until("the last request is logged", || logged().any(|line| line["route"] == "/readyz"));
    let mut seen = BTreeSet::new();
    for line in logged() {
        let members: Vec<_> =
            line.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(members, ["level", "message", "method", "ms", "route", "status", "timestamp"]);
        let method = line["method"].as_str().unwrap_or_default();
        assert!(["GET", "HEAD", "POST", "DELETE", "other"].contains(&method), "{line}");
        seen.insert(line["route"].as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(seen.iter().map(String::as_str).collect::<BTreeSet<_>>(), routes);
}

/// The request of a phone's browser when the camera opens the printed link: the fragment is not
/// sent.
#[test]
fn opening_the_page_tells_the_server_that_the_page_was_opened() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    let answer = server.get("/v");
    assert_eq!((answer.status, answer.header("location")), (307, Some("v/")));
    let answer = server.get("/v/");
    assert_eq!(
        (answer.status, answer.header("content-type").map(|kind| kind.starts_with("text/html"))),
        (200, Some(true))
    );
    let logged = || server.log_lines().into_iter().filter(|line| line["message"] == "request");
    until("both are logged", || logged().count() == 2);
    let of: Vec<_> = logged()
        .map(|line| (line["method"].clone(), line["route"].clone(), line["status"].clone()))
        .collect();
    assert_eq!(
        of,
        [("GET".into(), "/v".into(), 307.into()), ("GET".into(), "/v/".into(), 200.into())]
    );
}
