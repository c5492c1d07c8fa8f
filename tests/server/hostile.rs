//! Clients that send too much, too often, or nonsense: they get a clear answer or none, memory
//! stays bounded, and everybody else is served.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    thread,
};

use image::GrayImage;

use crate::{
    hospital::Hospital,
    http::{Connection, PATIENCE, request},
    picture::{hard, jpeg, picture, png},
    serving::{Serving, check_headers, until},
};

const TEN_MB: usize = 10 << 20;

/// How much memory pictures may take: one of each client being read (250 MB at worst), and four
/// uploads of 16 MB.
const PICTURES_KB: u64 = 450 * 1024;

#[test]
fn ten_megabytes_of_anything_are_refused_or_read_as_a_picture() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let before = server.memory_kb("VmRSS");
    for _ in 0..5 {
        let answer = server.post("application/json", vec![b'1'; TEN_MB]);
        answer.problem("too_large");
        assert_eq!(answer.status, 413);
    }
    for media_type in ["text/plain", "application/dc+sd-jwt", "application/octet-stream"] {
        let verdict = server.post(media_type, vec![b'1'; TEN_MB]).verdict();
        assert_eq!(verdict["cause"]["code"], "input_too_large");
    }
    for media_type in ["audio/mpeg", "application/x-www-form-urlencoded", "multipart/mixed"] {
        server.post(media_type, vec![b'1'; TEN_MB]).problem("unsupported_media_type");
    }
    server
        .ask("PUT", "/v1/verify", &[("Content-Type", "text/plain")], &vec![b'1'; TEN_MB])
        .problem("method_not_allowed");
    let path = "/v1/publication/bundle.json";
    assert_eq!(
        server.ask("GET", path, &[("Content-Type", "text/plain")], &vec![b'1'; TEN_MB]).status,
        200
    );
    assert!(server.memory_kb("VmHWM") < before + 40 * 1024, "no more than one is kept");

    assert_eq!(server.post("image/png", vec![b'1'; TEN_MB]).code(), "unreadable");
    server.post("image/png", vec![b'1'; 17 << 20]).problem("too_large");
    let form = "multipart/form-data; boundary=x";
    server.post(form, vec![b'1'; TEN_MB]).problem("malformed_request");
    server.post(form, vec![b'1'; 17 << 20]).problem("too_large");
    let line = [("Content-Type", "application/x-ndjson")];
    let answer = server.ask("POST", "/v1/verify/batch", &line, &vec![b'1'; TEN_MB]);
    assert_eq!(answer.json()["code"], "too_large", "one line of a batch");
    assert!(
        server.memory_kb("VmHWM") < before + 64 * 1024,
        "from {before} kB to {} kB",
        server.memory_kb("VmHWM")
    );
}

#[test]
fn a_chunked_body_without_end_is_cut_off() {
    let server = Serving::start(&Hospital::new(), &[]);
    let before = server.memory_kb("VmRSS");
    let mut connection = Connection::open(server.address);
    connection
        .send(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut writer = connection.writer();
    let sending = thread::spawn(move || {
        (0..u32::MAX).find(|_| {
            writer
                .write_all(b"400\r\n")
                .and(writer.write_all(&[b'1'; 1024]))
                .and(writer.write_all(b"\r\n"))
                .is_err()
        })
    });
    let answer = connection.answer().expect("an answer");
    answer.problem("too_large");
    check_headers(&answer);
    connection.rest();
    drop(connection);
    assert!(sending.join().expect("it ends").is_some(), "the server hung up");
    // One file of 16 MB, whose buffer doubles as it grows.
    assert!(server.memory_kb("VmHWM") < before + 40 * 1024);
}

#[test]
fn heads_without_end_are_cut_off() {
    let server = Serving::start(&Hospital::new(), &[]);
    let before = server.memory_kb("VmRSS");
    let long = "x".repeat(100_000);
    let many: String = (0..5000).map(|number| format!("X-{number}: y\r\n")).collect();
    for head in [
        format!("GET /v/ HTTP/1.1\r\nHost: x\r\nCookie: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET /v/ HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        format!("{long} /v/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        long.repeat(50),
    ] {
        let mut connection = Connection::open(server.address);
        connection.send_aside(head.into_bytes());
        if let Ok(answer) = connection.head() {
            assert!([400, 414, 431].contains(&answer.status), "{answer:?}");
        }
        connection.rest();
    }
    assert_eq!(server.get("/healthz").status, 200);
    // One file of 16 MB, whose buffer doubles as it grows.
    assert!(server.memory_kb("VmHWM") < before + 40 * 1024);
}

#[test]
fn what_is_no_http_gets_no_harm_done() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let tls: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 client hello";
    for junk in [
        tls,
        b"GET /\r\n\r\n",
        b"GET /v/ HTTP/0.9\r\n\r\n",
        b"GET /v/ HTTP/2.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /v/ HTTP/1.1\r\nHost x\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n12",
        b"\r\n\r\n\r\n\r\n\xff\r\n",
    ] {
        let mut connection = Connection::open(server.address);
        connection.send(junk);
        connection.finish_sending();
        if let Ok(answer) = connection.head() {
            assert!(
                (400..500).contains(&answer.status),
                "{}: {answer:?}",
                String::from_utf8_lossy(junk)
            );
        }
        connection.rest();
    }
    assert_eq!(server.code(&hospital.office.link()), "authorised");
}

#[test]
fn requests_in_a_row_on_one_connection_are_answered_in_order() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let text = [("Content-Type", "text/plain")];
    let good = request("POST", "/v1/verify", &text, hospital.office.link().as_bytes());
    let bad = request("POST", "/v1/verify", &text, b"Kari Nordmann");
    let nothing = request("GET", "/nothing", &[], b"");
    let mut connection = Connection::open(server.address);
    connection.send_aside([good, bad, nothing].concat().repeat(50));
    for _ in 0..50 {
        assert_eq!(connection.answer().expect("an answer").code(), "authorised");
        assert_eq!(connection.answer().expect("an answer").code(), "malformed");
        connection.answer().expect("an answer").problem("not_found");
    }
}

/// Two ways to mark the end of a body: what one program takes for the end of a request, another
/// takes for the middle.
#[test]
fn a_request_is_not_smuggled_in_the_body_of_another() {
    let server = Serving::start(&Hospital::new(), &[]);
    let mut connection = Connection::open(server.address);
    connection.send(
        b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
          0\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    connection.finish_sending();
    let first = connection.head().expect("an answer");
    let rest = String::from_utf8_lossy(&connection.rest()).into_owned();
    // RFC 9112 section 6.3: the server must close the connection after it, or refuse it.
    assert!(first.status == 400 || !rest.contains("HTTP/1.1 404"), "{first:?}\n{rest}");
}

#[test]
fn a_thousand_idle_connections_keep_nobody_out() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let before = server.memory_kb("VmRSS");
    let idle: Vec<_> =
        (0..1000).map(|_| TcpStream::connect(server.address).expect("a connection")).collect();
    for _ in 0..20 {
        assert_eq!(server.code(&hospital.office.link()), "authorised");
    }
    let after = server.memory_kb("VmHWM");
    assert!(after < before + 32 * 1024, "from {before} kB to {after} kB");
    drop(idle);
}

/// A server with a limit on open files, which it may raise itself (`-S`) or not.
fn with_open_files(hospital: &Hospital, limit: &str) -> Serving {
    let settings = [
        "--roots",
        "roots.json",
        "--publication",
        "publication",
        "--rate-limit",
        "0",
        "--refresh",
        "1",
    ];
    let server = hospital.command(&[&["serve", "--listen", "127.0.0.1:0"], &settings[..]].concat());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("ulimit {limit} && exec \"$@\""), "sh"])
        .arg(server.get_program())
        .args(server.get_args());
    shell
        .current_dir(server.get_current_dir().expect("the hospital's folder"))
        .stdout(Stdio::piped());
    let server = Serving::of(hospital, &mut shell);
    until("the lists are read", || server.get("/readyz").status == 200);
    server
}

/// Connections count as open files. If none were left, the server would no longer hear of
/// revocations.
#[test]
fn idle_clients_do_not_keep_the_server_from_its_lists() {
    let hospital = Hospital::new();
    let server = with_open_files(&hospital, "-S -n 128");
    let idle: Vec<_> =
        (0..300).map(|_| TcpStream::connect(server.address).expect("a connection")).collect();
    server.wait_for_refresh("unchanged");
    assert_eq!(server.refreshes("failed"), 0, "{}", server.log());
    assert!(!server.log().contains("LimitNOFILE"), "the limit could be raised");
    drop(idle);

    let server = with_open_files(&hospital, "-n 128");
    assert!(server.log().contains("LimitNOFILE"), "{}", server.log());
    let idle: Vec<_> = (0..300).map(|_| TcpStream::connect(server.address)).collect();
    let refreshed = || server.log().matches("\"refreshed\"").count();
    let before = refreshed();
    until("it goes on refreshing", || refreshed() > before + 2);
    assert!(!server.log().contains("not refreshed"), "{}", server.log());
    drop(idle);
    until("places are free again", || {
        let mut connection = Connection::open(server.address);
        connection.send_aside(request("GET", "/healthz", &[("Connection", "close")], b""));
        connection.answer().is_ok()
    });
}

#[test]
fn more_connections_than_allowed_are_hung_up_on() {
    let hospital = Hospital::new();
    // Nobody has connected to it yet.
    let server = Serving::from(&hospital, "publication", &["--max-connections", "10"]);
    let from =
        |client| Connection::over(connect_from(Ipv4Addr::new(127, 0, 0, client), server.address));
    let ask = |connection: &mut Connection<TcpStream>| {
        // The server may close the connection before anything was sent.
        connection.send_aside(request("GET", "/healthz", &[], b""));
        connection.answer()
    };
    let mut allowed: Vec<_> = (0..5).map(|_| from(1)).collect();
    for connection in &mut allowed {
        assert_eq!(ask(connection).expect("an answer").status, 200);
    }
    for _ in 0..5 {
        assert!(ask(&mut from(1)).is_err(), "one client has no more than half");
    }
    for _ in 0..5 {
        let mut connection = from(2);
        assert_eq!(ask(&mut connection).expect("there is room for others").status, 200);
        allowed.push(connection);
    }
    for _ in 0..5 {
        assert!(ask(&mut from(3)).is_err(), "the eleventh");
    }
    allowed[3].send(&request("GET", "/healthz", &[], b""));
    assert_eq!(allowed[3].answer().expect("an answer").status, 200, "the others go on");
    allowed.truncate(2);
    until("places are free again", || {
        let mut connection = Connection::open(server.address);
        connection.send_aside(request("GET", "/healthz", &[("Connection", "close")], b""));
        connection.answer().is_ok()
    });
}

/// All clients then come from one address, and the proxy limits their rate.
#[test]
fn behind_a_proxy_one_address_may_have_every_place() {
    let hospital = Hospital::new();
    let server =
        Serving::from(&hospital, "publication", &["--max-connections", "10", "--behind-proxy"]);
    let mut allowed: Vec<_> = (0..10).map(|_| Connection::open(server.address)).collect();
    for connection in &mut allowed {
        connection.send(&request("GET", "/healthz", &[], b""));
        assert_eq!(connection.answer().expect("an answer").status, 200);
    }
}

#[test]
fn who_asks_too_often_waits_and_nobody_else_does() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &["--rate-limit", "1"]);
    let answers: Vec<_> = (0..20).map(|_| server.post("text/plain", "1")).collect();
    let allowed = answers.iter().filter(|answer| answer.status == 200).count();
    assert!((5..20).contains(&allowed), "five at once, then one a second: {allowed}");
    let refused = answers.last().expect("there are twenty");
    refused.problem("rate_limited");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("5")));
    assert_eq!(server.get("/healthz").status, 200, "whoever watches the server is not limited");
    assert_eq!(server.get("/metrics").status, 200);
    // A header does not make it a different client.
    let forged = [
        ("Content-Type", "text/plain"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("Forwarded", "for=192.0.2.1"),
    ];
    let forged = (0..3)
        .map(|_| server.ask("POST", "/v1/verify", &forged, b"1").status)
        .filter(|status| *status == 429);
    assert!(forged.count() >= 1);
    let mut other = Connection::over(connect_from(Ipv4Addr::new(127, 0, 0, 2), server.address));
    other.send(&request(
        "POST",
        "/v1/verify",
        &[("Content-Type", "text/plain")],
        hospital.office.link().as_bytes(),
    ));
    assert_eq!(other.answer().expect("an answer").code(), "authorised");
}

/// A connection from another address of this machine.
pub(crate) fn connect_from(source: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind((source, 0).into()).expect("Linux has the whole of 127.0.0.0/8");
        socket.connect(to).await.expect("the server accepts connections")
    });
    let stream = stream.into_std().expect("it is connected");
    stream.set_nonblocking(false).expect("it is connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("not 0");
    stream
}

/// A PNG of a few bytes whose header claims another size; only the checksum of the header is
/// corrected.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&GrayImage::new(1, 1));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = bytes[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0xedb8_8320))
    });
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    bytes
}

#[test]
fn bombs_in_pictures_do_not_go_off() {
    let server = Serving::start(&Hospital::new(), &[]);
    let before = server.memory_kb("VmRSS");
    for (width, height) in [(20_000, 10), (10_000, 10_000), (u32::MAX >> 1, u32::MAX >> 1)] {
        let verdict = server.post("image/png", png_claiming(width, height)).verdict();
        assert_eq!(
            (&verdict["code"], &verdict["cause"]["code"]),
            (&"unreadable".into(), &"photo_too_large".into())
        );
    }
    let mut frame = jpeg(&picture(&[]));
    let place = frame.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame header");
    frame[place + 5..place + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    assert_eq!(server.post("image/jpeg", frame).verdict()["cause"]["code"], "photo_too_large");
    // A progressive JPEG in four colours, of the size of a photo with 50 megapixels: its
    // coefficients alone take 400 MB.
    let mut progressive = include_bytes!("../verifier/pictures/cmyk.jpg").to_vec();
    let place =
        progressive.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame header");
    progressive[place + 1] = 0xc2;
    progressive[place + 5..place + 9].copy_from_slice(&[0x18, 0, 0x20, 0]);
    let verdict = server.post("image/jpeg", progressive).verdict();
    assert_eq!(
        (&verdict["verdict"], &verdict["cause"]["code"]),
        (&"undetermined".into(), &"photo_too_large".into())
    );
    assert!(server.memory_kb("VmHWM") < before + 16 * 1024);
}

#[test]
fn many_large_pictures_at_once_wait_or_are_refused_but_do_not_fill_the_memory() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let body = png(&hard());
    let codes: Vec<String> = thread::scope(|scope| {
        let asking: Vec<_> =
            (0..30).map(|_| scope.spawn(|| server.post("image/png", &body))).collect();
        assert_eq!(
            server.code(&hospital.office.link()),
            "authorised",
            "others are served meanwhile"
        );
        asking
            .into_iter()
            .map(|asking| asking.join().expect("an answer"))
            .map(|answer| answer.json()["code"].as_str().expect("a code").to_owned())
            .collect()
    });
    for code in &codes {
        assert!(["unreadable", "busy", "timeout"].contains(&code.as_str()), "{codes:?}");
    }
    assert!(codes.iter().any(|code| code == "busy"), "{codes:?}");
    let peak = server.memory_kb("VmHWM");
    let _ = writeln!(std::io::stderr(), "thirty pictures of 12 megapixels at once: peak {peak} kB");
    assert!(peak < PICTURES_KB, "{peak} kB");
    until("the next is read again", || {
        server.post("image/png", png(&picture(&[&hospital.office.link()]))).json()["code"]
            == "authorised"
    });
}

#[test]
fn clients_that_hang_up_at_any_point_harm_nobody() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let whole = request(
        "POST",
        "/v1/verify",
        &[("Content-Type", "text/plain")],
        hospital.office.link().as_bytes(),
    );
    for end in (0..whole.len()).step_by(7) {
        let mut connection = Connection::open(server.address);
        connection.send(&whole[..end]);
    }
    // And clients that do not wait for the answer.
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        stream.write_all(&whole).expect("the server reads");
        let mut first = [0];
        let _ = stream.read(&mut first);
    }
    assert_eq!(server.code(&hospital.office.link()), "authorised");
    server.terminate();
    let (status, log) = server.ended();
    assert_eq!((status.code(), status.signal()), (Some(0), None), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}
