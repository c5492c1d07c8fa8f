//! Problems: for each code there is a request that causes it, and the answer follows RFC 9457.

use std::collections::BTreeMap;

use crate::{
    hospital::Hospital,
    http::{Answer, Connection, request},
    picture::{picture, png},
    publisher::Publisher,
    serving::{Serving, check_headers, until},
};

/// The source of the codes: a new one must be provoked below, or the test fails.
const SOURCE: &str = include_str!("../../verifier/app/src/serve/problem.rs");

/// The codes that no request here can cause, and where they are tested: an internal error
/// (`serve/guard.rs`), a client that is too slow (`slow.rs`).
const ELSEWHERE: [&str; 2] = ["internal", "timeout"];

fn every_code() -> Vec<String> {
    // A row of the table: `NotFound: NOT_FOUND, "there is nothing here";`.
    let rows = SOURCE.lines().map(str::trim).filter(|line| line.ends_with("\";"));
    let names = rows.filter_map(|row| row.split_once(": ")).map(|(name, _)| name);
    let names = names.filter(|name| {
        name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric)
    });
    names.map(snake_case).collect()
}

fn snake_case(name: &str) -> String {
    let words = name.char_indices().map(|(place, c)| match c {
        'A'..='Z' if place > 0 => format!("_{}", c.to_ascii_lowercase()),
        c => c.to_ascii_lowercase().to_string(),
    });
    words.collect()
}

#[test]
fn every_code_has_a_test() {
    let mut tested: Vec<String> = provoked().into_keys().map(ToOwned::to_owned).collect();
    tested.extend(ELSEWHERE.map(ToOwned::to_owned));
    let mut codes = every_code();
    tested.sort();
    codes.sort();
    assert!(codes.contains(&"several_certificates".to_owned()), "{codes:?}");
    assert_eq!(tested, codes);
}

#[test]
fn every_problem_is_told_as_rfc_9457_says() {
    let statuses = BTreeMap::from([
        ("busy", 503),
        ("log_alarm", 503),
        ("malformed_request", 400),
        ("malformed_time", 422),
        ("method_not_allowed", 405),
        ("not_found", 404),
        ("not_ready", 503),
        ("rate_limited", 429),
        ("receipts_not_offered", 422),
        ("roster_unreadable", 503),
        ("several_certificates", 422),
        ("too_large", 413),
        ("unauthorized", 401),
        ("unsupported_encoding", 415),
        ("unsupported_media_type", 415),
    ]);
    for (code, provoke) in provoked() {
        let answer = provoke();
        check_headers(&answer);
        let problem = answer.problem(code);
        assert_eq!(answer.status, statuses[code], "{problem}");
        assert_eq!(problem["type"], format!("/docs#{code}"));
        for member in ["title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        let retry_after =
            answer.header("retry-after").map(|seconds| seconds.parse::<u32>().expect("seconds"));
        assert_eq!(
            retry_after.is_some(),
            matches!(code, "busy" | "not_ready" | "rate_limited"),
            "{problem}"
        );
        assert_eq!(answer.header("www-authenticate"), (code == "unauthorized").then_some("Bearer"));
        assert_eq!(answer.header("allow"), (code == "method_not_allowed").then_some("POST"));
    }
}

type Provoke = fn() -> Answer;

fn provoked() -> BTreeMap<&'static str, Provoke> {
    BTreeMap::from([
        ("busy", busy as Provoke),
        ("log_alarm", || {
            let hospital = Hospital::with_pinned_office();
            std::fs::create_dir(hospital.path("state/evidence")).expect("a new folder can be made");
            hospital
                .write(&format!("state/evidence/{}-0.json", &hospital.fingerprint()[..32]), "{}");
            Serving::run(&hospital, &[]).get("/readyz")
        }),
        ("malformed_request", || ask("POST", "/v1/verify", "application/json", b"{\"input\": 7}")),
        ("malformed_time", || {
            ask("POST", "/v1/verify", "application/json", b"{\"input\": \"1\", \"at\": \"noon\"}")
        }),
        ("method_not_allowed", || ask("GET", "/v1/verify", "text/plain", b"")),
        ("not_found", || ask("GET", "/v2/verify", "text/plain", b"")),
        ("not_ready", || {
            let hospital = Hospital::new();
            Serving::from(&hospital, &Publisher::down().url(), &[]).get("/readyz")
        }),
        ("rate_limited", || {
            let server = Serving::start(&Hospital::new(), &["--rate-limit", "1"]);
            let refused = (0..100).map(|_| server.get("/v/")).find(|answer| answer.status != 200);
            refused.expect("a hundred at once are too many")
        }),
        ("receipts_not_offered", || {
            ask("POST", "/v1/verify", "application/json", b"{\"input\": \"1\", \"receipt\": true}")
        }),
        ("roster_unreadable", || {
            let hospital = Hospital::with_pinned_office();
            let token = "a-token-of-enough-characters";
            hospital.write("tokens", token);
            let settings = ["--roster-staff", "no-staff.csv", "--tokens", "tokens"];
            let server = Serving::run(&hospital, &settings);
            let headers = [("Authorization", &*format!("Bearer {token}"))];
            let ask = || server.ask("GET", "/v1/roster", &headers, b"");
            until("it has looked", || ask().json()["code"] != "not_ready");
            ask()
        }),
        ("several_certificates", || {
            let (first, mut hospital) = (Hospital::new(), Hospital::new());
            hospital.office.certificate.given_name = "Kari".parse().expect("a name");
            let both = picture(&[&first.office.link(), &hospital.office.link()]);
            ask("POST", "/v1/verify", "image/png", &png(&both))
        }),
        ("too_large", || ask("POST", "/v1/verify", "application/json", &[b'1'; 65_537])),
        ("unauthorized", || {
            let hospital = Hospital::new();
            hospital.write("tokens", "a-token-of-enough-characters\n");
            Serving::start(&hospital, &["--tokens", "tokens"]).post("text/plain", "1")
        }),
        ("unsupported_encoding", || {
            let headers = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")];
            Serving::start(&Hospital::new(), &[]).ask("POST", "/v1/verify", &headers, b"1")
        }),
        ("unsupported_media_type", || ask("POST", "/v1/verify", "application/xml", b"<input/>")),
    ])
}

fn ask(method: &str, path: &str, media_type: &str, body: &[u8]) -> Answer {
    Serving::start(&Hospital::new(), &[]).ask(method, path, &[("Content-Type", media_type)], body)
}

/// The answer while the only allowed request is in progress: its body has not ended.
fn busy() -> Answer {
    let server = Serving::start(&Hospital::new(), &["--max-requests", "1"]);
    let mut going_on = Connection::open(server.address);
    let headers = [("Content-Type", "text/plain"), ("Expect", "100-continue")];
    let whole = request("POST", "/v1/verify", &headers, b"12");
    going_on.send(&whole[..whole.len() - 2]);
    assert_eq!(going_on.head().expect("its body is waited for").status, 100);
    let answer = server.post("text/plain", "1");
    for path in ["/healthz", "/metrics", "/v/", "/v1/publication/bundle.json", "/docs"] {
        assert_eq!(server.get(path).status, 200, "{path} waits behind no upload");
    }
    going_on.send(b"12");
    assert_eq!(going_on.answer().expect("it goes on").code(), "malformed");
    answer
}

#[test]
fn a_body_that_is_announced_as_too_long_is_refused_before_it_is_sent() {
    let server = Serving::start(&Hospital::new(), &[]);
    for (media_type, length, status) in [
        ("text/plain", "16777217", 413),
        ("application/json", "99999999999", 413),
        ("image/png", "16777217", 413),
        ("multipart/form-data; boundary=x", "17000000", 413),
        ("text/plain", "65537", 100),
        ("image/png", "16777216", 100),
    ] {
        let mut connection = Connection::open(server.address);
        connection.send(
            format!(
                "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nExpect: 100-Continue\r\n\r\n"
            )
            .as_bytes(),
        );
        let answer = connection.head().expect("an answer, although nothing was sent");
        assert_eq!(answer.status, status, "{media_type} of {length}: {answer:?}");
    }
}

#[test]
fn a_request_names_one_host() {
    let server = Serving::start(&Hospital::new(), &[]);
    for (request, hosts, status) in [
        ("GET /healthz HTTP/1.1", "Host: x\r\n", 200),
        ("GET /healthz HTTP/1.1", "", 400),
        ("GET /healthz HTTP/1.1", "Host: x\r\nHost: y\r\n", 400),
        ("GET /healthz HTTP/1.1", "Host: x\r\nhost: x\r\n", 400),
        ("GET /v/ HTTP/1.1", "", 400),
        ("GET http://x/healthz HTTP/1.1", "", 400),
        ("GET /nothing HTTP/1.1", "Host: x\r\nHost: y\r\n", 400),
        // Before HTTP/1.1, nobody had to say which.
        ("GET /healthz HTTP/1.0", "", 200),
        ("GET /healthz HTTP/1.0", "Host: x\r\nHost: y\r\n", 400),
    ] {
        let mut connection = Connection::open(server.address);
        connection.send(format!("{request}\r\n{hosts}Connection: close\r\n\r\n").as_bytes());
        let answer = String::from_utf8_lossy(&connection.rest()).into_owned();
        let first = answer.lines().next().unwrap_or_default();
        assert!(first.contains(&format!(" {status} ")), "{request}, {hosts:?}: {first}");
    }
    let mut connection = Connection::open(server.address);
    connection.send(b"GET /v/ HTTP/1.1\r\n\r\n");
    let answer = connection.answer().expect("an answer");
    check_headers(&answer);
    answer.problem("malformed_request");
}

#[test]
fn what_is_unreadable_is_named_by_its_place_and_not_repeated() {
    let server = Serving::start(&Hospital::new(), &[]);
    for body in [
        &b"{\"input\": \"Kjaerstad\""[..],
        b"{\"input\": \"Kjaerstad\", \"inputs\": 1}",
        b"[\"Kjaerstad\", 2]",
        b"\"Kjaerstad",
        b"Kjaerstad",
        b"{\"Kjaerstad\": \"input\"}",
        b"{\"input\": \"\xff\"}",
        b"",
        b"null",
        b"{\"input\": \"1\", \"input\": \"Kjaerstad\"}",
        b"{\"input\": \"\\ud800\"}",
    ] {
        let answer = server.post("application/json", body);
        let problem = answer.problem("malformed_request");
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.contains("column")),
            "{problem}"
        );
        assert!(!answer.text().contains("Kjaerstad"), "{problem}");
    }
    let deep = "[".repeat(60_000);
    server.post("application/json", &deep).problem("malformed_request");
}

#[test]
fn every_way_to_write_the_media_type_wrongly_is_told() {
    let server = Serving::start(&Hospital::new(), &[]);
    for media_type in [
        "",
        "text",
        "audio/mpeg",
        "application/x-www-form-urlencoded",
        "multipart/mixed",
        "\u{e9}/\u{e9}",
    ] {
        server.post(media_type, "1").problem("unsupported_media_type");
    }
    server.ask("POST", "/v1/verify", &[], b"1").problem("unsupported_media_type");
    let text = [("Content-Type", "text/plain")];
    server.ask("POST", "/v1/verify/batch", &text, b"1").problem("unsupported_media_type");
    for encoding in ["identity", "Identity", "IDENTITY", " identity , Identity "] {
        let identity = [("Content-Type", "text/plain"), ("Content-Encoding", encoding)];
        assert_eq!(server.ask("POST", "/v1/verify", &identity, b"1").code(), "malformed");
    }
    for encoding in ["gzip", "identity, gzip", "x", ""] {
        let encoded = [("Content-Type", "text/plain"), ("Content-Encoding", encoding)];
        server.ask("POST", "/v1/verify", &encoded, b"1").problem("unsupported_encoding");
    }
    let twice = [
        ("Content-Type", "text/plain"),
        ("Content-Encoding", "identity"),
        ("Content-Encoding", "br"),
    ];
    server.ask("POST", "/v1/verify", &twice, b"1").problem("unsupported_encoding");
}

#[test]
fn there_is_nothing_at_other_paths() {
    let server = Serving::start(&Hospital::new(), &[]);
    for path in [
        "/v1",
        "/v1/verify/",
        "/v1/publication",
        "/v1/publication/../../etc/passwd",
        "/v1/publication/status/99",
        "/v1/publication/%2e%2e/roots.json",
        "/v/../Cargo.toml",
        "/v/%2e%2e/%2e%2e/etc/passwd",
        "/v/nothing.js",
        "/favicon.ico",
        "/%00",
        "//v/",
        "/v%23x",
        "/v%231x",
    ] {
        assert_eq!(server.get(path).problem("not_found")["status"], 404, "{path}");
    }
}

#[test]
fn a_fragment_sent_by_an_old_scanner_goes_back_to_the_browser() {
    let server = Serving::start(&Hospital::new(), &[]);
    // Relative, so that they also work where a proxy strips a prefix.
    for (path, page) in [
        ("/v%23123", "v/#123"),
        ("/v/%23123", "./#123"),
        ("/v%2523123", "v/#123"),
        ("/v/%2523123", "./#123"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (307, Some(page)), "{path}");
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "no cache keeps whose certificate it was"
        );
    }
    for path in ["/", "/v"] {
        assert_eq!(
            (server.get(path).status, server.get(path).header("location")),
            (307, Some("v/"))
        );
    }
}
