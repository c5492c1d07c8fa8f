//! Slow clients (slowloris): the server waits for a bounded time. All of them run in parallel,
//! because each takes that time.

use std::{
    io::{ErrorKind, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    batch::{Batch, chunk},
    hospital::Hospital,
    http::{Connection, request},
    serving::{Serving, check_headers},
};

/// What the server allows for the head of a request, and for a pause in its body.
const PAUSE: Duration = Duration::from_secs(10);

/// What it allows for a whole body.
const BODY: Duration = Duration::from_secs(30);

/// What it allows for a pause in reading its answers.
const STALL: Duration = Duration::from_secs(30);

/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(6);

const POST: &[u8] = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n";

#[test]
fn who_dawdles_is_hung_up_on_and_nobody_else_notices() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &["--max-requests", "40"]);
    thread::scope(|scope| {
        let cases: [fn(&Serving, &Hospital); 10] = [
            silent_from_the_start,
            silent_in_the_head,
            head_byte_by_byte,
            silent_after_an_answer,
            silent_in_the_body,
            body_byte_by_byte,
            silent_in_a_picture,
            silent_in_a_batch,
            deaf_to_answers,
            deaf_to_a_batch,
        ];
        let dawdling: Vec<_> = cases
            .map(|case| {
                scope.spawn({
                    let (server, hospital) = (&server, &hospital);
                    move || case(server, hospital)
                })
            })
            .into();
        while dawdling.iter().any(|case| !case.is_finished()) {
            let began = Instant::now();
            assert_eq!(server.code(&hospital.office.link()), "authorised");
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
            thread::sleep(Duration::from_millis(200));
        }
    });
}

#[track_caller]
fn assert_took(began: Instant, limit: Duration) {
    let took = began.elapsed();
    assert!(
        (limit - Duration::from_secs(2)..limit + SLACK).contains(&took),
        "{took:?}, expected about {limit:?}"
    );
}

/// Sends a byte now and then until the server closes the connection or the time is over.
fn drip(connection: &Connection<TcpStream>, byte: &'static [u8], every: Duration) {
    let mut writer = connection.writer();
    thread::spawn(move || {
        let deadline = Instant::now() + BODY + PAUSE;
        while Instant::now() < deadline && writer.write_all(byte).is_ok() {
            thread::sleep(every);
        }
    });
}

fn silent_from_the_start(server: &Serving, _: &Hospital) {
    let (mut connection, began) = (Connection::open(server.address), Instant::now());
    assert_eq!(connection.rest(), b"");
    assert_took(began, PAUSE);
}

fn silent_in_the_head(server: &Serving, _: &Hospital) {
    let (mut connection, began) = (Connection::open(server.address), Instant::now());
    connection.send(b"GET /v/ HTTP/1.1\r\nHost: x\r\nCoo");
    connection.rest();
    assert_took(began, PAUSE);
}

fn head_byte_by_byte(server: &Serving, _: &Hospital) {
    let (mut connection, began) = (Connection::open(server.address), Instant::now());
    connection.send(b"GET /v/ HTTP/1.1\r\nHost: x\r\nCookie: ");
    drip(&connection, b"x", Duration::from_millis(500));
    connection.rest();
    assert_took(began, PAUSE);
}

fn silent_after_an_answer(server: &Serving, _: &Hospital) {
    let mut connection = Connection::open(server.address);
    connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(connection.answer().expect("an answer").status, 200);
    let began = Instant::now();
    connection.rest();
    assert_took(began, PAUSE);
}

fn silent_in_the_body(server: &Serving, _: &Hospital) {
    let (mut connection, began) = (Connection::open(server.address), Instant::now());
    connection.send(POST);
    connection.send(b"https://");
    let answer = connection.answer().expect("an answer");
    answer.problem("timeout");
    assert_eq!(answer.status, 408);
    check_headers(&answer);
    assert_took(began, PAUSE);
    connection.rest();
    assert_took(began, PAUSE);
}

fn body_byte_by_byte(server: &Serving, _: &Hospital) {
    let (mut connection, began) = (Connection::open(server.address), Instant::now());
    connection.send(POST);
    drip(&connection, b"1", Duration::from_millis(500));
    connection.answer().expect("an answer").problem("timeout");
    assert_took(began, BODY);
    connection.rest();
    assert_took(began, BODY);
}

/// More uploads than there are places for the pictures of one client: the fifth is refused at once.
fn silent_in_a_picture(server: &Serving, _: &Hospital) {
    let head = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\n\x89PNG";
    let began = Instant::now();
    let mut uploads: Vec<_> = (0..5).map(|_| Connection::open(server.address)).collect();
    uploads.iter_mut().for_each(|upload| upload.send(head));
    let codes =
        uploads.iter_mut().map(|upload| upload.answer().expect("an answer").json()["code"].clone());
    let mut codes: Vec<_> =
        codes.map(|code| code.as_str().unwrap_or_default().to_owned()).collect();
    codes.sort();
    assert_eq!(
        (codes[0].as_str(), codes[1].as_str(), codes[4].as_str()),
        ("busy", "timeout", "timeout"),
        "{codes:?}"
    );
    assert_took(began, PAUSE);
}

fn silent_in_a_batch(server: &Serving, hospital: &Hospital) {
    let mut batch = Batch::begin(server);
    batch.head();
    batch.send((json!(hospital.office.link()).to_string() + "\n").as_bytes());
    assert_eq!(batch.line().expect("an answer")["code"], "authorised");
    let began = Instant::now();
    let last = batch.line().expect("the reason");
    assert_eq!((&last["code"], &last["line"]), (&"timeout".into(), &2.into()));
    assert_took(began, PAUSE);
    assert_eq!(batch.line(), None);
}

/// Sends the same data repeatedly without reading an answer, until the server closes the
/// connection: its buffers and ours fill up quickly.
fn send_until_hung_up(connection: &Connection<TcpStream>, part: &[u8]) -> Duration {
    let mut writer = connection.writer();
    writer.set_write_timeout(Some(Duration::from_millis(500))).expect("not 0");
    let (mut last, mut rest) = (Instant::now(), Vec::new());
    loop {
        if rest.is_empty() {
            rest.extend_from_slice(part);
        }
        match writer.write(&rest) {
            Ok(written) => {
                rest.drain(..written);
                last = Instant::now();
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                assert!(last.elapsed() < STALL + SLACK, "the server holds on for ever");
            }
            Err(_) => return last.elapsed(),
        }
    }
}

fn deaf_to_answers(server: &Serving, _: &Hospital) {
    let connection = Connection::open(server.address);
    let part = request("GET", "/v1/publication/bundle.json", &[], b"").repeat(100);
    let held = send_until_hung_up(&connection, &part);
    assert!(held > STALL - Duration::from_secs(5), "{held:?}");
}

fn deaf_to_a_batch(server: &Serving, hospital: &Hospital) {
    let mut batch = Batch::begin(server);
    batch.head();
    let part = chunk((json!(hospital.office.link()).to_string() + "\n").repeat(100).as_bytes());
    let held = send_until_hung_up(&batch.connection, &part);
    assert!(held > STALL - Duration::from_secs(5), "{held:?}");
}
