//! Publication to a bucket, through a real S3 server: `moto_server`, from PyPI as
//! `moto[s3,server]`.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use vernet_common::{Bundle, TrustAnchor};

use crate::place::{Place, files_in, issuer_program, number, today};

const BUCKET: &str = "perfusionist-register";
const OUT: &str = "s3://perfusionist-register/no";
const SECRET: &str = "open-sesame-open-sesame";

/// A server with an empty bucket, which is public as far as docs/OFFICE.md says.
struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// `None`, with the reason printed, if the program is not installed.
    fn start() -> Option<Self> {
        let program = std::env::var_os("MOTO_SERVER").unwrap_or_else(|| "moto_server".into());
        let mut command = Command::new(&program);
        command
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = match command.spawn() {
            Ok(process) => process,
            Err(reason) => {
                assert!(
                    std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                    "moto_server is missing: {reason}"
                );
                eprintln!("skipped: moto_server is missing: {reason}");
                return None;
            }
        };
        let mut log = BufReader::new(process.stderr.take().expect("it is piped")).lines();
        let running = log
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("on http://")?.1.to_owned()));
        let address = running.expect("the server says where it runs").trim().to_owned();
        // Read its log to the end, so that it never blocks on output.
        std::thread::spawn(move || log.for_each(drop));
        let server = Self { process, address };
        assert_eq!(server.request("PUT", &format!("/{BUCKET}"), "").status, 200);
        assert_eq!(
            server.request("PUT", &format!("/{BUCKET}?policy"), &documented_policy()).status,
            200
        );
        Some(server)
    }

    fn place(&self) -> Place {
        let mut place = Place::with_demo();
        place.set("AWS_ENDPOINT", &format!("http://{}", self.address));
        place.set("AWS_ALLOW_HTTP", "true");
        place.set("AWS_ACCESS_KEY_ID", "publisher");
        place.set("AWS_SECRET_ACCESS_KEY", SECRET);
        place
    }

    /// Sends a request without credentials, like anybody on the internet.
    fn request(&self, method: &str, path: &str, body: &str) -> Response {
        let mut stream = TcpStream::connect(&self.address).expect("the server runs");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Response { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn get(&self, name: &str) -> Response {
        self.request("GET", &format!("/{BUCKET}/no/{name}"), "")
    }

    fn url(&self) -> String {
        format!("http://{}/{BUCKET}/no", self.address)
    }
}

struct Response {
    status: u16,
    /// In lower case.
    head: String,
    body: String,
}

/// The policy that docs/OFFICE.md recommends.
fn documented_policy() -> String {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/OFFICE.md"))
        .expect("the guide");
    let policy = text
        .split("<!-- policy:begin -->")
        .nth(1)
        .and_then(|rest| rest.split("<!-- policy:end -->").next());
    let policy = policy
        .expect("the guide has a policy")
        .trim()
        .trim_start_matches("```json")
        .trim_end_matches("```");
    assert!(policy.contains(&format!("arn:aws:s3:::{BUCKET}/no/bundle.json")), "{policy}");
    policy.to_owned()
}

#[test]
fn a_hospital_reads_a_bucket_through_plain_http() {
    let Some(server) = Server::start() else { return };
    let place = server.place();
    let answer = place.issuer_json(&["publish", "--out", OUT]);
    assert_eq!(answer["publication"], OUT);
    let archived = answer["archived"].as_str().expect("a name");

    let verdict = |place: &Place| {
        place.verifier(&["sync", &server.url()]).done();
        let run =
            place.verifier(&["check", "--json", &format!("demo/certificates/{}.jwt", number())]);
        run.json()["code"].as_str().expect("a code").to_owned()
    };
    place
        .verifier(&["trust", "add", "demo/roots.json", "--fingerprint", &fingerprint(&place)])
        .done();
    assert_eq!(verdict(&place), "authorised");
    place.both(&["suspend", number(), "--until", &today().plus_months(2).to_string()]).done();
    assert_eq!(verdict(&place), "authorised", "not published yet");
    place.issuer(&["publish", "--out", OUT]).done();
    assert_eq!(verdict(&place), "suspended");

    for (name, media_type) in [
        ("bundle.json", "application/json"),
        ("trust-list.json", "application/jose+json"),
        ("status/1", "application/statuslist+jwt"),
        ("types/perfusionist/1", "application/json"),
        (".well-known/jwt-vc-issuer", "application/json"),
    ] {
        let response = server.get(name);
        assert_eq!(response.status, 200, "{name}");
        assert!(
            response.head.contains(&format!("content-type: {media_type}")),
            "{name}: {}",
            response.head
        );
        assert!(response.head.contains("cache-control: no-cache"), "{name}: {}", response.head);
    }
    assert_eq!(server.get(archived).status, 403, "the archive is not for the world");
}

fn fingerprint(place: &Place) -> String {
    let anchor = TrustAnchor::from_json(place.read("demo/roots.json").as_bytes())
        .expect("the demonstration's roots");
    anchor.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn publishers_at_the_same_time_leave_the_newest_publication() {
    let Some(server) = Server::start() else { return };
    let place = server.place();
    let start = |_| {
        let mut command = place.command(issuer_program());
        command
            .args(["publish", "--out", OUT, "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let running: Vec<_> = (0..5).map(start).collect();
    let mut newest = None;
    for process in running {
        let output = process.wait_with_output().expect("one's own child can be waited for");
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            newest = newest.max(answer["iat"].as_str().map(ToOwned::to_owned));
        } else {
            assert!(stderr.contains("publication_overtaken"), "{stderr}");
        }
    }
    let newest = newest.expect("the newest one is overtaken by nobody");
    let bundle = server.get("bundle.json").body;
    let list =
        Bundle::from_json(bundle.as_bytes()).expect("a bundle").status_lists[0].as_str().to_owned();
    assert_eq!(server.get("status/1").body, list);
    place.write("bundle.json", &bundle);
    let args = ["check", "--json", "--roots", "demo/roots.json", "--bundle", "bundle.json"];
    let certificate = format!("demo/certificates/{}.jwt", number());
    let verdict = place.verifier(&[&args[..], &[&certificate]].concat()).json();
    assert_eq!(verdict["code"], "authorised");
    assert_eq!(verdict["as_of"], newest);
}

#[test]
fn what_a_store_refuses_is_told_without_credentials() {
    let Some(server) = Server::start() else { return };
    let mut place = server.place();
    let refused = |place: &Place, out: &str, code: &str| {
        let run = place.issuer(&["publish", "--out", out]);
        run.refused(code);
        assert!(!run.stderr.contains(SECRET), "{}", run.stderr);
        run.stderr
    };
    let text = refused(&place, "s3://no-such-bucket/no", "object_store_failed");
    assert!(text.contains("s3://no-such-bucket/no/") && text.contains("NoSuchBucket"), "{text}");
    refused(&place, &format!("s3://publisher:{SECRET}@bucket/no"), "destination_invalid");
    place.set("AWS_CONDITIONAL_PUT", "disabled");
    refused(&place, OUT, "object_store_unconditional");
    assert_eq!(server.get("bundle.json").status, 404);
}

#[test]
fn a_folder_by_its_url_answers_what_was_published_then() {
    let place = Place::with_demo();
    let url = format!("file://{}", place.path("published").display());
    let answer = place.issuer_json(&["publish", "--out", &url]);
    let (archived, then) =
        (answer["archived"].as_str().expect("a name"), answer["iat"].as_str().expect("an instant"));
    place.both(&["suspend", number(), "--until", &today().plus_months(2).to_string()]).done();
    place.issuer(&["publish", "--out", &url]).done();
    assert_eq!(
        files_in(&place.path("published"))
            .iter()
            .filter(|name| name.starts_with("archive/"))
            .count(),
        2
    );
    let check = |publication: &str| {
        let certificate = format!("demo/certificates/{}.jwt", number());
        let source =
            ["--roots", "demo/roots.json", "--publication", publication, "--at", then, "--json"];
        place.verifier(&[&["check", &certificate][..], &source].concat()).json()["code"].clone()
    };
    let folder = archived.trim_end_matches("/bundle.json");
    assert_eq!(check(&format!("published/{folder}")), "authorised", "what was known then");
}
