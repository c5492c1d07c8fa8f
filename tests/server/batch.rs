//! `POST /v1/verify/batch`: a line in, a line out.

use std::{io::Write, net::TcpStream};

use serde_json::{Value, json};

use crate::{
    hospital::{Hospital, now},
    http::{Answer, Connection},
    office::DAY,
    serving::{Serving, until},
};

const HEAD: &str = "POST /v1/verify/batch HTTP/1.1\r\nHost: hospital.example.no\r\nContent-Type: application/x-ndjson\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";

/// A batch that continues for as long as the test wants.
pub(crate) struct Batch {
    pub(crate) connection: Connection<TcpStream>,
    pub(crate) answers: Vec<u8>,
}

impl Batch {
    pub(crate) fn begin(server: &Serving) -> Self {
        let mut connection = Connection::open(server.address);
        connection.send(HEAD.as_bytes());
        Self { connection, answers: Vec::new() }
    }

    pub(crate) fn send(&mut self, part: &[u8]) {
        self.connection.send(&chunk(part));
    }

    pub(crate) fn end(&mut self) {
        self.connection.send(b"0\r\n\r\n");
    }

    pub(crate) fn head(&mut self) -> Answer {
        let head = self.connection.head().expect("the server answers");
        assert_eq!(
            (head.status, head.header("content-type")),
            (200, Some("application/x-ndjson")),
            "{head:?}"
        );
        head
    }

    /// The next line of the answer, or `None` after the last.
    pub(crate) fn line(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.answers.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.answers.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).expect("each line is JSON"));
            }
            self.answers.extend(self.connection.chunk().expect("the server answers")?);
        }
    }
}

pub(crate) fn chunk(part: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()
}

fn ask(server: &Serving, lines: &[u8]) -> Vec<Value> {
    let answer =
        server.ask("POST", "/v1/verify/batch", &[("Content-Type", "application/x-ndjson")], lines);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-ndjson")),
        "{answer:?}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

#[test]
fn each_line_gets_its_answer_in_order() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let (text, link) = (hospital.office.text(), hospital.office.link());
    // More than one chunk of work for each processor, each line with a different instant.
    let lines: Vec<Value> = (0..2000)
        .map(|number| {
            let input = if number % 3 == 0 { &link } else { &text };
            json!({ "input": input, "at": now().plus_seconds(number).to_string() })
        })
        .collect();
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let answers = ask(&server, body.as_bytes());
    assert_eq!(answers.len(), lines.len());
    for (line, answer) in lines.iter().zip(&answers) {
        assert_eq!((&answer["code"], &answer["checked_at"]), (&"authorised".into(), &line["at"]));
    }
    let alone = server.post("application/json", lines[0].to_string()).verdict();
    assert_eq!(answers[0], alone, "the same object as for one certificate");
}

#[test]
fn blank_and_broken_lines_get_an_answer_too() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let good = json!(hospital.office.link()).to_string();
    let too_long = "x".repeat(70_000);
    let tomorrow =
        json!({ "input": hospital.office.text(), "at": now().plus_seconds(2 * DAY).to_string() });
    let cases: [(&[u8], &str); 12] = [
        (good.as_bytes(), "authorised"),
        (b"", "malformed_request"),
        (b"   ", "malformed_request"),
        (b"{", "malformed_request"),
        (b"{\"input\": \"1\", \"at\": \"noon\"}", "malformed_time"),
        (too_long.as_bytes(), "too_large"),
        (b"\xff\xfe", "malformed_request"),
        (b"\"Kari Nordmann\"", "malformed"),
        (b"[]", "malformed_request"),
        (hospital.office.link().leak().as_bytes(), "malformed_request"),
        (tomorrow.to_string().leak().as_bytes(), "status_stale"),
        (good.as_bytes(), "authorised"),
    ];
    let body = cases.map(|(line, _)| line).join(&b'\n');
    // With and without a final line end, and with Windows line ends.
    let windows = cases.map(|(line, _)| line).join(&b"\r\n"[..]);
    for body in [[&body[..], b"\n"].concat(), body, windows] {
        let answers = ask(&server, &body);
        assert_eq!(answers.len(), cases.len());
        for (number, ((_, code), answer)) in (1..).zip(cases.iter().zip(&answers)) {
            assert_eq!(answer["code"], *code, "line {number}");
            let line = answer["status"].is_number().then_some(number);
            assert_eq!(
                answer.get("line"),
                line.map(Value::from).as_ref(),
                "a problem tells its line: {answer}"
            );
        }
    }
    assert_eq!(ask(&server, b""), Vec::<Value>::new());
}

#[test]
fn whoever_waits_for_each_answer_gets_it() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let mut batch = Batch::begin(&server);
    batch.head();
    for number in 0..20 {
        let line = json!({ "input": hospital.office.link(), "at": now().plus_seconds(number).to_string() });
        let text = format!("{line}\n");
        // A line may come in pieces.
        let (first, second) = text.as_bytes().split_at(40);
        batch.send(first);
        batch.send(second);
        let answer = batch.line().expect("there is an answer before the next question");
        assert_eq!((&answer["code"], &answer["checked_at"]), (&"authorised".into(), &line["at"]));
    }
    batch.end();
    assert_eq!(batch.line(), None);
}

#[test]
fn a_batch_that_stops_in_the_middle_gets_answers_so_far_and_harms_nobody() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &["--behind-proxy"]);
    let good = json!(hospital.office.link()).to_string() + "\n";
    // More batches than there are places for.
    for _ in 0..10 {
        let mut batch = Batch::begin(&server);
        batch.head();
        batch.send(good.repeat(3).as_bytes());
        batch.send(&good.as_bytes()[..20]);
        batch.connection.finish_sending();
        let answers: Vec<_> = (0..4).map_while(|_| batch.line()).collect();
        assert_eq!(answers[2]["code"], "authorised");
        if let Some(last) = answers.get(3) {
            assert_eq!((&last["code"], &last["line"]), (&"malformed_request".into(), &4.into()));
        }
        // And a client that disconnects without warning.
        Batch::begin(&server).send(good.as_bytes());
    }
    until("the places are free again", || {
        let headers = [("Content-Type", "application/x-ndjson")];
        server.ask("POST", "/v1/verify/batch", &headers, good.as_bytes()).status == 200
    });
}

#[test]
fn so_many_batches_at_a_time_and_no_more() {
    // One client alone gets half of the places; a proxy, which serves many clients, gets all.
    so_many_batches(2, &[]);
    so_many_batches(4, &["--behind-proxy"]);
}

fn so_many_batches(places: usize, arguments: &[&str]) {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, arguments);
    let mut going_on: Vec<_> = (0..places).map(|_| Batch::begin(&server)).collect();
    going_on.iter_mut().for_each(|batch| drop(batch.head()));
    let headers = [("Content-Type", "application/x-ndjson")];
    let answer = server.ask("POST", "/v1/verify/batch", &headers, b"1\n");
    answer.problem("busy");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert_eq!(
        server.code(&hospital.office.link()),
        "authorised",
        "single certificates are still verified"
    );
    going_on[0].end();
    until("a place is free", || {
        server.ask("POST", "/v1/verify/batch", &headers, b"1\n").status == 200
    });
}

#[test]
fn a_body_that_breaks_its_own_framing_is_told_at_the_end() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let mut batch = Batch::begin(&server);
    batch.head();
    batch.send((json!(hospital.office.link()).to_string() + "\n").as_bytes());
    assert_eq!(batch.line().expect("an answer")["code"], "authorised");
    batch.connection.writer().write_all(b"no chunk\r\n").expect("the server reads");
    let last = batch.line().expect("the reason");
    assert_eq!((&last["code"], &last["line"]), (&"malformed_request".into(), &2.into()));
}
