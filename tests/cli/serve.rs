//! `serve`: the console as a process, at an address.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::place::{Place, issuer_program};

/// A console that runs until it is dropped.
pub(crate) struct Serving {
    pub(crate) process: Child,
    pub(crate) address: String,
}

impl Serving {
    pub(crate) fn start(place: &Place, words: &[&str]) -> Self {
        let mut command = place.command(issuer_program());
        command.args(["serve", "--json", "--listen", "127.0.0.1:0"]).args(words);
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        let out = process.stdout.as_mut().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let said: Value = serde_json::from_str(&line).expect("one object");
        let url = said["listening"].as_str().expect("a URL");
        let port = url.trim_end_matches('/').rsplit(':').next().expect("a port");
        Self { process, address: format!("127.0.0.1:{port}") }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("not 0");
        let host = self.address.replace("127.0.0.1", "localhost");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_console_opens_on_this_machine_and_ends_when_it_is_told_to() {
    let place = Place::with_demo();
    let mut serving = Serving::start(&place, &[]);
    let page = serving.get("/sign-in");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("Logg inn") && page.contains("content-security-policy"), "{page}");
    assert!(serving.get("/").contains("location: /sign-in"));
    // Whoever sends nothing waits for nobody else.
    let idle = TcpStream::connect(&serving.address).expect("it listens");
    assert!(serving.get("/static/keys.js").starts_with("HTTP/1.1 200"));
    drop(idle);

    let kill = Command::new("kill").args(["-TERM", &serving.process.id().to_string()]).status();
    assert!(kill.expect("there is a `kill`").success());
    let (began, patience) = (Instant::now(), Duration::from_secs(30));
    let ended = serving.process.wait().expect("it ends");
    assert!(ended.success() && began.elapsed() < patience, "{ended}");
}

#[test]
fn other_machines_reach_it_by_tls_alone() {
    let place = Place::with_demo();
    place.issuer(&["serve", "--listen", "0.0.0.0:0"]).refused("tls_missing");
    place
        .issuer(&["serve", "--tls-cert", "nothing.crt", "--tls-key", "nothing.key"])
        .refused("tls_unreadable");
    let served = Serving::start(&place, &["--behind-proxy"]);
    let answer = served.get("/sign-in");
    assert!(answer.contains("strict-transport-security"), "{answer}");
}

#[test]
fn what_hinders_it_is_said_with_what_to_do() {
    let place = Place::with_demo();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let refused = place.issuer(&["serve", "--listen", &address]);
    refused.refused("address_unusable");
    place.issuer(&["serve", "--office", "elsewhere"]).refused("no_office");
    std::fs::create_dir(place.path("demo/office/access.sqlite")).expect("a folder");
    place.issuer(&["serve", "--listen", "127.0.0.1:0"]).refused("access_log_unusable");
}

#[test]
fn the_address_of_the_console_is_an_origin() {
    let place = Place::with_demo();
    let settings = place.read("demo/office/office.json");
    for (origin, rp_id, accepted) in [
        ("https://console.office.example.no", "console.office.example.no", true),
        ("https://console.office.example.no:8443", "office.example.no", true),
        ("http://console.office.example.no", "console.office.example.no", false),
        ("https://console.office.example.no/", "console.office.example.no", false),
        ("https://Console.example.no", "console.example.no", false),
        ("https://console.example.no", "no", false),
        ("https://console.example.no", "evil.example.no", false),
    ] {
        let mut object: Value = serde_json::from_str(&settings).expect("settings");
        object["console"] = serde_json::json!({ "origin": origin, "rp_id": rp_id });
        place.write("demo/office/office.json", object.to_string());
        let run = place.issuer(&["list"]);
        match accepted {
            true => drop(run.done()),
            false => run.refused("field_invalid"),
        }
    }
}
