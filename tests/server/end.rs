//! How the server starts and ends.

use std::{net::TcpListener, os::unix::process::ExitStatusExt};

use serde_json::json;

use crate::{
    batch::Batch,
    hospital::Hospital,
    http::{Connection, request},
    serving::{Serving, until},
};

#[test]
fn told_to_end_it_finishes_the_batch_first() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    let line = json!(hospital.office.link()).to_string() + "\n";
    let mut batch = Batch::begin(&server);
    batch.head();
    batch.send(line.as_bytes());
    assert_eq!(batch.line().expect("an answer")["code"], "authorised");
    server.terminate();
    until("it takes no new connections", || std::net::TcpStream::connect(server.address).is_err());
    for _ in 0..3 {
        batch.send(line.repeat(500).as_bytes());
        for _ in 0..500 {
            assert_eq!(batch.line().expect("an answer")["code"], "authorised");
        }
    }
    batch.end();
    assert_eq!(batch.line(), None);
    let (status, log) = server.ended();
    assert_eq!((status.code(), status.signal()), (Some(0), None), "{log}");
    let lines: Vec<_> = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .collect();
    assert_eq!(lines.last().expect("there is a log")["message"], "ended");
}

#[test]
fn told_to_end_it_does_not_wait_for_the_idle() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &[]);
    let mut idle = Connection::open(server.address);
    idle.send(&request("GET", "/healthz", &[], b""));
    assert_eq!(idle.answer().expect("an answer").status, 200);
    let began = std::time::Instant::now();
    server.terminate();
    assert_eq!(server.ended().0.code(), Some(0));
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
}

#[test]
fn two_servers_cannot_have_one_port() {
    let hospital = Hospital::with_pinned_office();
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let run = hospital.run(&["serve", "--listen", &address]);
    run.failed(&format!("listening on `{address}`"));
    assert!(run.stderr.contains("in use"), "{}", run.stderr);
    let server = Serving::run(&hospital, &[]);
    let run = hospital.run(&["serve", "--listen", &server.address.to_string()]);
    run.failed("in use");
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn for_programs_it_says_as_json_where_it_listens() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &["--json"]);
    assert_eq!(server.get("/healthz").status, 200);
    let lines = server.log_lines();
    let started = lines.iter().find(|line| line["message"] == "started").expect("it is logged");
    assert_eq!(started["address"], server.address.to_string());
    assert_eq!(started["office"], hospital.office.trust_list.iss.to_string());
}

#[test]
fn the_log_is_as_loud_as_was_asked_for() {
    let hospital = Hospital::with_pinned_office();
    let quiet = Serving::run(&hospital, &["--log", "error"]);
    quiet.get("/v/");
    quiet.post("text/plain", "1");
    assert_eq!(quiet.log(), "");
}
