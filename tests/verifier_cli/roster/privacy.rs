//! Nobody learns whom a hospital employs: not the office, not the network, not a log.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use super::Ward;
use crate::{
    hospital::Hospital,
    people::person,
    server::{Server, ok},
};

/// The office's server sees one request for one file, at `sync`. Links in the table are not
/// followed, even if they lead to a server.
#[test]
fn the_network_sees_one_request_for_the_bundle_and_nothing_else() {
    let hospital = Hospital::new();
    hospital.pin();
    let kari = person(&hospital.office, 1, "Kari", "Nordmann").text();
    let bundle = hospital.office.bundle().to_json().expect("a bundle is JSON");
    let paths = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&paths);
    let server = Server::start(move |path| {
        seen.lock().expect("not poisoned").push(path.to_owned());
        ok(bundle.as_ref())
    });
    hospital.run(&["sync", &server.url()]).done();
    let digits = hospital.office.link().split_once('#').expect("digits").1.to_owned();
    let url = server.url();
    hospital.write(
        "staff.csv",
        format!(
            "staff_id,name,certificate,photo\n1,Kari Nordmann,{},{url}/kari.jpg\n2,Åse Bråthen,{url}/v#{digits},\n3,Ola,{url}/ola.pdf,\n\
             4,Nils,{url}/status/1,\n",
            kari
        ),
    );
    for format in ["table", "csv", "json", "html"] {
        let run = hospital.run(&["roster", "check", "staff.csv", "--format", format]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stdout.matches("authorised").count() >= 2, "{run:?}");
    }
    assert_eq!(*paths.lock().expect("not poisoned"), ["/bundle.json"]);
    assert_eq!(server.requests(), 1);
}

/// The program does not even ask the system for a connection or for the address of a host.
#[test]
fn a_check_opens_no_socket() {
    let ward = Ward::with_a_staff();
    if Command::new("strace").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "strace is missing");
        eprintln!("skipped: strace is missing");
        return;
    }
    let program = ward.hospital.command(&ward.arguments("staff.csv", &[]));
    let trace = ward.hospital.path("trace");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-e", "trace=network", "-o"])
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args());
    let output = strace.current_dir(ward.hospital.path("")).output().expect("strace starts");
    if !trace.exists() || String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        eprintln!("skipped: this machine does not let strace trace");
        return;
    }
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let traced = ward.read("trace");
    for call in ["socket(", "connect(", "sendto("] {
        assert!(!traced.contains(call), "{traced}");
    }
}

/// Standard error goes into logs: whatever is wrong, it contains no name, no number, no certificate
/// and nothing from a cell.
#[test]
fn standard_error_tells_nothing_about_a_person() {
    let ward = Ward::with_a_staff();
    let staff = ward.read("staff.csv");
    let certificate = ward.person(1, "Kari", "Nordmann").text();
    let secrets = [
        "Kari",
        "Nordmann",
        "Hansen",
        "1980",
        "files/ola",
        "101",
        "NO-PE",
        "Heart",
        "HYPERLINK",
        &certificate[..40],
        "9000001",
    ];
    ward.check("staff.csv", &["--out", "last.json"]);
    let cut = ward.read("last.json")[..800].to_owned();
    let without_header = staff.split_once("\r\n").expect("a header").1;
    ward.hospital.write("headless.csv", without_header);
    ward.hospital.write("twice.csv", staff.replacen("ward", "Navn", 1));
    ward.hospital.write("cut.json", cut);
    ward.hospital
        .write("wrong.json", ward.read("last.json").replace("\"accepted\"", "\"Kari Nordmann\""));
    ward.hospital.write(
        "typed.json",
        ward.read("last.json").replace("\"line\":2", "\"line\":\"Kari Nordmann\""),
    );
    for (roster, more) in [
        ("staff.csv", &[][..]),
        ("staff.csv", &["--out", "report.html"]),
        ("staff.csv", &["--since", "last.json"]),
        ("staff.csv", &["--since", "cut.json"]),
        ("staff.csv", &["--since", "wrong.json"]),
        ("staff.csv", &["--since", "typed.json"]),
        ("staff.csv", &["--since", "none.json"]),
        ("staff.csv", &["--out", "no-folder/x"]),
        ("headless.csv", &[]),
        ("twice.csv", &[]),
        ("files", &[]),
    ] {
        let run = ward.check(roster, more);
        assert!(
            secrets.iter().all(|secret| !run.stderr.contains(secret)),
            "{roster} {more:?}: {}",
            run.stderr
        );
    }
    // The program's state contains nothing of them either.
    for (name, content) in ward.hospital.state() {
        let content = String::from_utf8_lossy(&content).into_owned();
        assert!(
            ["Kari", "Nordmann", "NO-PE-2026"].iter().all(|secret| !content.contains(secret)),
            "{name}"
        );
    }
}
