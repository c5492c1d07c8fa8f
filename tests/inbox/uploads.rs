//! What strangers send instead of documents.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use vernet_console::Limits;

use crate::client::{
    File, HOST, MULTIPART, ORIGIN, Server, borrowed, many, multipart, pdf, picture,
};

const MB: usize = 1 << 20;

fn send(server: &Server, files: &[File<'_>]) -> (u16, String) {
    let fields = server.filled_in(&[]);
    let answer = server.upload("/nb/send", &borrowed(&fields), files);
    (answer.status, answer.body)
}

fn file(bytes: Vec<u8>) -> File<'static> {
    File { field: "diploma", name: "diploma.pdf", bytes }
}

#[test]
fn only_documents_that_open_are_taken_whatever_their_names_say() {
    let server = Server::start();
    let png = picture(image::ImageFormat::Png);
    let javascript = pdf("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>");
    let launch = pdf("/OpenAction << /S /Launch /F (cmd.exe) >>");
    for (bytes, words) in [
        (b"MZ\x90\0 a program".to_vec(), "verken PDF"),
        (b"<html><script>alert(1)</script>".to_vec(), "verken PDF"),
        (b"PK\x03\x04 an archive".to_vec(), "verken PDF"),
        ([&b"GIF89a"[..], &[0; 40]].concat(), "verken PDF"),
        // A page before the PDF.
        ([&b"<html>"[..], &pdf("")].concat(), "verken PDF"),
        (b"%PDF-1.7\nnothing".to_vec(), "lar seg ikke åpne"),
        (png[..png.len() / 2].to_vec(), "lar seg ikke åpne"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "lar seg ikke åpne"),
        (b"\xff\xd8\xff\xe0 no picture".to_vec(), "lar seg ikke åpne"),
        (include_bytes!("../verifier/pictures/password.pdf").to_vec(), "har passord"),
        (javascript, "et program i seg"),
        (launch, "et program i seg"),
    ] {
        let (status, body) = send(&server, &[file(bytes)]);
        assert_eq!(status, 422, "{words}");
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(server.files("incoming").is_empty());
    // One that is wrong keeps the others out too, so that nobody believes they were sent.
    let (status, body) = send(&server, &[File::pdf("identity"), file(b"MZ".to_vec())]);
    assert!(status == 422 && body.contains("Fil 2 (Vitnemål"), "{body}");
    assert!(server.files("incoming").is_empty());
    let kinds = [pdf(""), png, picture(image::ImageFormat::Jpeg)];
    for bytes in kinds {
        assert_eq!(send(&server, &[file(bytes)]).0, 200);
    }
}

#[test]
fn a_picture_that_would_fill_the_memory_is_refused_before_it_does() {
    let server = Server::start();
    // A header of 100,000 times 100,000 pixels.
    let mut bomb = picture(image::ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    let (status, body) = send(&server, &[file(bomb)]);
    assert!(status == 422 && body.contains("lar seg ikke åpne"), "{body}");
}

/// The checksum of a part of a PNG (ISO/IEC 15948 annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
        crc
    })
}

#[test]
fn what_is_too_large_or_too_many_is_refused_and_told() {
    let server = Server::start();
    let (status, body) = send(&server, &[file(vec![b'x'; 10 * MB + 1])]);
    assert!(status == 413 && body.contains("Filene er for store"), "{status} {body}");
    let three = [1, 2, 3].map(|_| file(vec![b'x'; 9 * MB]));
    let (status, body) = send(&server, &three);
    assert!(status == 413 && body.contains("Filene er for store"), "{status} {body}");
    let eleven: Vec<_> = (0..11).map(|_| File::pdf("other")).collect();
    let (status, body) = send(&server, &eleven);
    assert!(status == 413 && body.contains("for mange filer"), "{status} {body}");
    let many: Vec<(String, String)> = (0..100).map(|n| (format!("f{n}"), String::new())).collect();
    assert_eq!(server.upload("/nb/send", &borrowed(&many), &[]).status, 413);
    let (long, mut fields) = ("x".repeat(40_000), server.filled_in(&[]));
    fields.push(("text".into(), long.clone()));
    assert_eq!(server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")]).status, 400);
    assert_eq!(server.post("/nb/apply", &[("school", &long.repeat(2))]).status, 413);
    assert!(server.files("incoming").is_empty());
}

#[test]
fn broken_forms_are_refused() {
    let server = Server::start();
    let fields = server.filled_in(&[]);
    let body = multipart(&borrowed(&fields), &[File::pdf("diploma")]);
    let send = |media_type: &str, more: &str, body: &[u8]| {
        let head = format!(
            "POST /nb/send HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {ORIGIN}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n{more}Connection: close\r\n\r\n",
            body.len()
        );
        server.send(&[head.as_bytes(), body].concat()).status
    };
    assert_eq!(send(MULTIPART, "Content-Encoding: gzip\r\n", &body), 400, "a bomb when unpacked");
    assert_eq!(send("multipart/form-data", "", &body), 400);
    assert_eq!(send("application/json", "", b"{}"), 400);
    assert_eq!(send(MULTIPART, "", &body[..body.len() / 2]), 400);
    assert_eq!(send(MULTIPART, "", b""), 400);
    assert_eq!(send(MULTIPART, "", b"--xxVERNETxx\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n\xff\xfe\r\n--xxVERNETxx--\r\n"), 400);
    assert!(server.files("incoming").is_empty());
    // A code of one's own choosing must at least be one.
    let mut weak = fields.clone();
    weak.iter_mut().filter(|(name, _)| name == "code").for_each(|(_, code)| *code = "00000".into());
    assert_eq!(server.upload("/nb/send", &borrowed(&weak), &[File::pdf("diploma")]).status, 400);
}

#[test]
fn whoever_sends_too_slowly_is_told_and_holds_no_place() {
    let limits = Limits {
        pause: Duration::from_millis(200),
        requests: many(),
        submissions: many(),
        codes: many(),
        ..Limits::default()
    };
    let server = Server::with(limits);
    let mut stream = TcpStream::connect(server.address).expect("it listens");
    let head = server.head("/nb/send", MULTIPART, 1000);
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(b"--xxVERNETxx\r\n").expect("sent");
    // And nothing more: the connection stays open until the server has had enough.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    server.apply();
}

#[test]
fn places_are_limited_and_one_client_cannot_have_all() {
    let limits = Limits {
        uploads: 4,
        pause: Duration::from_secs(600),
        requests: many(),
        submissions: many(),
        codes: many(),
        ..Limits::default()
    };
    let server = Server::with(limits);
    let fields = server.filled_in(&[]);
    let mut slow = TcpStream::connect(server.address).expect("it listens");
    let head = server.head("/nb/send", MULTIPART, 1000);
    slow.write_all(head.as_bytes()).expect("sent");
    // A quarter of four places is one; it is taken as soon as the head is read.
    let busy = std::iter::repeat_with(|| {
        server.upload("/nb/send", &borrowed(&fields), &[File::pdf("diploma")])
    })
    .take(200)
    .find(|answer| answer.status == 503)
    .expect("the second of one client has no place");
    assert!(busy.body.contains("kø"), "{}", busy.body);
    // Everything else is answered meanwhile.
    assert_eq!(server.get("/nb/").status, 200);
    drop(slow);
}
