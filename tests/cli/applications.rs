//! An applicant, the inbox as a process of its own, and the office on its command line.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::place::{OLA, Place, issuer_program};

const HOST: &str = "soknad.example.no";

/// An office with an inbox, which is running.
struct Desk {
    place: Place,
    inbox: Child,
    address: SocketAddr,
}

impl Desk {
    fn new(mail: Option<&Value>) -> Self {
        let place = Place::with_demo();
        place
            .issuer(&["keys", "new", "--use", "inbox", "--out", "demo/office/keys/inbox.pem"])
            .done();
        let mut config: Value =
            serde_json::from_str(&place.read("demo/office/office.json")).expect("JSON");
        config["inbox"] =
            json!({ "folder": place.path("inbox"), "url": format!("https://{HOST}") });
        if let Some(mail) = mail {
            config["inbox"]["mail"] = mail.clone();
        }
        place.write("demo/office/office.json", config.to_string());
        let settings = json!({
            "folder": "inbox", "key": "demo/office/keys/inbox.pub", "origin": format!("https://{HOST}"),
            "office": { "nb": "Kontoret" }, "contact": "post@example.no",
        });
        place.write("inbox.json", settings.to_string());
        let (inbox, address) = open(&place);
        Self { place, inbox, address }
    }

    fn kill_and_open_again(&mut self) {
        self.inbox.kill().expect("it runs");
        self.inbox.wait().expect("it ended");
        (self.inbox, self.address) = open(&self.place);
    }

    fn send(&self, request: &[u8]) -> (u16, Vec<u8>) {
        exchange(self.address, request)
    }

    fn post(&self, path: &str, body: &str) -> (u16, String) {
        let head = head(path, "application/x-www-form-urlencoded", body.len());
        let (status, body) = self.send(format!("{head}{body}").as_bytes());
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// A form that is filled in up to the documents: its code, and the request that sends it.
    fn form(&self) -> (String, Vec<u8>) {
        let filled = format!("{RIGHT}&{PERSON}");
        let (status, page) = self.post("/nb/apply", &format!("step=person&{filled}"));
        assert_eq!(status, 200, "{page}");
        let code = page.split("name=\"code\" value=\"").nth(1).expect("a code");
        let code = code.split('"').next().expect("an end").to_owned();
        let mut body = Vec::new();
        let mut part = |head: &str, bytes: &[u8]| {
            body.extend(format!("--xx\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        };
        for field in filled.split('&') {
            let (name, text) = field.split_once('=').expect("a field");
            part(&format!("name=\"{name}\""), text.replace('+', " ").as_bytes());
        }
        part("name=\"code\"", code.as_bytes());
        part("name=\"diploma\"; filename=\"x.pdf\"", &vernet_tests::pdf::letter(&[]));
        body.extend(b"--xx--\r\n");
        let head = head("/nb/send", "multipart/form-data; boundary=xx", body.len());
        (code, [head.as_bytes(), &body].concat())
    }

    fn apply(&self) -> String {
        let (code, request) = self.form();
        let (status, receipt) = self.send(&request);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&receipt));
        code
    }

    fn status(&self, code: &str) -> (u16, String) {
        self.post("/nb/status", &format!("code={code}"))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.inbox.kill();
        let _ = self.inbox.wait();
    }
}

const RIGHT: &str = "title=perfusionist&kind=authorisation&basis=accredited_school_exam";
const PERSON: &str = "given_name=Ingrid+Sofie&family_name=Dahl&birthdate=28.02.1990&hpr_number=9144900&\
                      school=Fjordheim+Perfusion+School&exam_date=11.06.2014&mail=ingrid@example.no";

fn open(place: &Place) -> (Child, SocketAddr) {
    let mut child = place
        .command(issuer_program())
        .args([
            "inbox",
            "--settings",
            "inbox.json",
            "--listen",
            "127.0.0.1:0",
            "--behind-proxy",
            "--json",
        ])
        .env_remove("VERNET_OFFICE")
        .env_remove("VERNET_PASSPHRASE_FILE")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
    let line: Value = serde_json::from_str(&line).expect("JSON");
    let address = line["listening"].as_str().and_then(|text| text.parse().ok());
    (child, address.expect("an address"))
}

fn head(path: &str, media_type: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nOrigin: https://{HOST}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
}

/// Status 0 if the inbox was ended before it answered.
fn exchange(address: SocketAddr, request: &[u8]) -> (u16, Vec<u8>) {
    let Ok(mut stream) = TcpStream::connect(address) else { return (0, Vec::new()) };
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let Some(end) = answer.windows(4).position(|part| part == b"\r\n\r\n") else {
        return (0, answer);
    };
    let status = str::from_utf8(&answer[9..12]).ok().and_then(|status| status.parse().ok());
    (status.unwrap_or(0), answer[end + 4..].to_vec())
}

/// A mail server that keeps what it is sent, or refuses it. It answers one mail at a time.
struct Sink {
    port: u16,
    mails: Receiver<String>,
}

impl Sink {
    fn open(answer_to_rcpt: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (sender, mails) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(mail) = take_mail(&stream, answer_to_rcpt)
                    && sender.send(mail).is_err()
                {
                    return;
                }
            }
        });
        Self { port, mails }
    }

    fn settings(&self) -> Value {
        json!({ "server": "127.0.0.1", "port": self.port, "tls": "none", "from": "Kontoret <post@example.no>" })
    }

    fn mail(&self) -> String {
        self.mails.recv_timeout(Duration::from_secs(30)).expect("a mail")
    }
}

fn take_mail(mut stream: &TcpStream, answer_to_rcpt: &str) -> Option<String> {
    let mut lines = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").ok()?;
    let mut mail = None;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return mail;
        }
        let answer = match line.get(..4) {
            Some("EHLO" | "HELO" | "MAIL" | "RSET") => "250 ok",
            Some("RCPT") => answer_to_rcpt,
            Some("QUIT") => {
                let _ = stream.write_all(b"221 bye\r\n");
                return mail;
            }
            Some("DATA") => {
                stream.write_all(b"354 go on\r\n").ok()?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut text).ok()? == 0 {
                        return None;
                    }
                }
                mail = Some(text);
                "250 taken"
            }
            _ => "500 what?",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
}

#[test]
fn an_application_goes_through_the_inbox_to_a_grant_and_the_letter_back() {
    let sink = Sink::open("250 ok");
    let desk = Desk::new(Some(&sink.settings()));
    let place = &desk.place;
    let code = desk.apply();
    let listed = place.issuer_json(&["applications", "list"]);
    let [one] = listed.as_array().expect("a list").as_slice() else { panic!("{listed}") };
    assert_eq!(
        (one["form"]["family_name"].as_str(), one["new"].as_bool()),
        (Some("Dahl"), Some(true))
    );
    let receipt = one["receipt"].as_str().expect("a name")[..8].to_owned();
    let table = place.issuer(&["applications", "list"]).done().stdout;
    assert!(table.contains(&receipt) && table.contains("Ingrid Sofie Dahl"), "{table}");

    place
        .issuer(&[
            "applications",
            "answer",
            &receipt,
            "request",
            "--text",
            "Send passet.",
            "--by",
            "2099-01-15",
        ])
        .done();
    let mail = sink.mail();
    assert!(
        mail.contains("To: ingrid@example.no") && mail.contains("Auto-Submitted: auto-generated"),
        "{mail}"
    );
    assert!(
        mail.contains(&format!("https://{HOST}/nb/status")) && mail.contains("15.01.2099"),
        "{mail}"
    );
    for never in ["Ingrid Sofie", "Dahl", "passet", &code, &receipt] {
        assert!(!mail.contains(never), "{never}: {mail}");
    }
    let (_, asked) = desk.status(&code);
    assert!(asked.contains("Send passet.") && asked.contains("15. januar 2099"), "{asked}");
    let shown = place.issuer(&["applications", "show", &receipt]).done().stdout;
    assert!(
        shown.contains("answered: request, by 2099-01-15") && shown.contains("    Send passet."),
        "{shown}"
    );

    let opened = place.issuer(&["applications", "open", &receipt, "--out", "case"]).done().stdout;
    assert!(
        opened.contains("propose grant case/application.json --document case/diploma-1.pdf"),
        "{opened}"
    );
    let proposed = place.issuer_json(&[
        "propose",
        "grant",
        "case/application.json",
        "--document",
        "case/diploma-1.pdf",
    ]);
    let seq = proposed["proposal"].to_string();
    let granted = place.issuer_json(&["approve", &seq, "--officer-key", OLA]);
    let number = granted["certificate_number"].as_str().expect("a certificate").to_owned();
    place.issuer(&["export", &number, "--format", "pdf", "--out", "letter.pdf"]).done();
    place.issuer(&["applications", "answer", &receipt, "granted", "--letter", "letter.pdf"]).done();
    assert!(!sink.mail().contains(&number));

    let (_, page) = desk.status(&code);
    assert!(page.contains("Søknaden er innvilget"), "{page}");
    for _ in 0..2 {
        let (_, page) = desk.post("/nb/letter", &format!("code={code}&answer=2&document=0"));
        let link = page
            .split("href=\"/letter/")
            .nth(1)
            .expect("a link")
            .split('"')
            .next()
            .expect("an end");
        let get =
            format!("GET /letter/{link} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        let (status, letter) = desk.send(get.as_bytes());
        assert_eq!(
            (status, letter == fs::read(place.path("letter.pdf")).expect("there")),
            (200, true)
        );
        assert_eq!(desk.send(get.as_bytes()).0, 404);
    }
    let gone = place.issuer_json(&["applications", "delete", &receipt]);
    assert!(gone["deleted"].as_str().expect("a name").starts_with(&receipt));
    assert_eq!(desk.status(&code).0, 404);
    place.issuer(&["applications", "show", &receipt]).refused("receipt_unknown");
    place.issuer(&["audit"]).done();
}

#[test]
fn an_inbox_that_is_killed_at_any_moment_loses_nothing_that_it_acknowledged() {
    let mut desk = Desk::new(None);
    let mut acknowledged = Vec::new();
    for round in 0_u64..12 {
        let forms: Vec<_> = (0..4).map(|_| desk.form()).collect();
        let address = desk.address;
        let sending: Vec<_> = forms
            .iter()
            .cloned()
            .map(|(code, request)| thread::spawn(move || (code, exchange(address, &request).0)))
            .collect();
        // From before the first byte is read to after the last is answered.
        thread::sleep(Duration::from_millis(round * 9));
        desk.kill_and_open_again();
        let answers: Vec<_> =
            sending.into_iter().map(|sent| sent.join().expect("it ended")).collect();
        for (code, status) in &answers {
            if *status == 200 {
                assert_eq!(desk.status(code).0, 200, "round {round}");
            }
        }
        // Whoever saw no receipt sends the form again, and gets the same code.
        for (code, request) in &forms {
            let (status, receipt) = desk.send(request);
            assert_eq!(status, 200);
            assert!(String::from_utf8_lossy(&receipt).contains(code.as_str()));
            acknowledged.push(code.clone());
        }
    }
    let listed = desk.place.issuer_json(&["applications", "list"]);
    let listed = listed.as_array().expect("a list");
    assert_eq!(listed.len(), acknowledged.len());
    assert!(
        listed.iter().all(|one| one["left_out"] == json!([]) && one["documents"] == 1),
        "{listed:?}"
    );
}

#[test]
fn a_mail_that_is_not_taken_leaves_the_answer_posted_and_can_be_sent_again() {
    let refusing = Sink::open("550 nobody of that name");
    let desk = Desk::new(Some(&refusing.settings()));
    let place = &desk.place;
    let code = desk.apply();
    let listed = place.issuer_json(&["applications", "list"]);
    let receipt = listed[0]["receipt"].as_str().expect("a name").to_owned();
    let refused =
        place.issuer(&["applications", "answer", &receipt, "message", "--text", "Hei på deg."]);
    refused.refused("mail_not_sent");
    assert!(
        refused.stderr.contains("IS posted") && refused.stderr.contains("answers 550"),
        "{refused:?}"
    );
    assert!(desk.status(&code).1.contains("Hei på deg."));

    let taking = Sink::open("250 ok");
    let mut config: Value =
        serde_json::from_str(&place.read("demo/office/office.json")).expect("JSON");
    config["inbox"]["mail"] = taking.settings();
    place.write("demo/office/office.json", config.to_string());
    let id =
        |mail: String| mail.lines().find(|line| line.starts_with("Message-ID")).map(str::to_owned);
    place.issuer(&["applications", "notify", &receipt]).done();
    let first = id(taking.mail());
    place.issuer(&["applications", "notify", &receipt]).done();
    assert_eq!(id(taking.mail()), first, "a mailbox can drop the second");
    assert!(first.is_some());
    let silent = place.issuer_json(&["applications", "answer", &receipt, "received", "--no-mail"]);
    assert_eq!(silent["mail"], json!(null));
}

#[test]
fn what_is_wrong_with_the_inbox_is_said() {
    let place = Place::with_demo();
    place.issuer(&["applications", "list"]).refused("no_inbox");
    place.issuer(&["keys", "new", "--use", "inbox", "--out", "inbox.pem"]).done();
    place.issuer(&["keys", "new", "--use", "inbox", "--out", "inbox.pem"]).refused("file_exists");
    let settings = |changes: &[(&str, Value)]| {
        let mut settings = json!({
            "folder": "inbox", "key": "inbox.pub", "origin": format!("https://{HOST}"), "office": { "nb": "Kontoret" },
            "contact": "post@example.no",
        });
        for (name, value) in changes {
            settings[*name] = value.clone();
        }
        place.write("inbox.json", settings.to_string());
        place.issuer(&[
            "inbox",
            "--settings",
            "inbox.json",
            "--listen",
            "192.0.2.1:1",
            "--behind-proxy",
        ])
    };
    place.issuer(&["inbox", "--settings", "none.json"]).refused("inbox_settings_unreadable");
    settings(&[("extra", json!(1))]).refused("inbox_settings_malformed");
    settings(&[("origin", json!("http://soknad.example.no"))]).refused("inbox_settings_invalid");
    settings(&[("origin", json!("https://soknad.example.no/path"))])
        .refused("inbox_settings_invalid");
    settings(&[("titles", json!(["wizard"]))]).refused("inbox_settings_invalid");
    settings(&[("key", json!("none.pub"))]).refused("inbox_settings_unreadable");
    // A private key, and an officer's public one, are no inbox key.
    settings(&[("key", json!("inbox.pem"))]).refused("inbox_key_unusable");
    place.issuer(&["keys", "new", "--use", "officer", "--out", "officer.pem"]).done();
    settings(&[("key", json!("officer.pub"))]).refused("inbox_key_unusable");
    settings(&[]).refused("address_unusable");
    place
        .issuer(&["inbox", "--settings", "inbox.json", "--listen", "0.0.0.0:0"])
        .refused("tls_missing");
}

#[test]
fn another_key_opens_nothing_and_rubbish_is_left_out() {
    let desk = Desk::new(None);
    let place = &desk.place;
    desk.apply();
    place.issuer(&["keys", "new", "--use", "inbox", "--out", "other.pem"]).done();
    let listed = place.issuer_json(&["applications", "list", "--inbox-key", "other.pem"]);
    assert_eq!(listed[0]["left_out"][0]["code"], "sealed_for_another");
    let receipt = listed[0]["receipt"].as_str().expect("a name").to_owned();
    let with_other = ["applications", "answer", &receipt, "received", "--inbox-key", "other.pem"];
    place.issuer(&with_other).refused("no_application");
    let table = place.issuer(&["applications", "list", "--inbox-key", "other.pem"]).done().stdout;
    assert!(table.contains("does not open"), "{table}");
    place
        .issuer(&["applications", "open", &receipt, "--out", "case", "--inbox-key", "other.pem"])
        .refused("no_application");
    assert!(!place.path("case").exists());
}

#[test]
fn a_file_is_looked_into_by_a_process_that_has_little_to_spend() {
    let place = Place::empty();
    let look = |bytes: &[u8]| {
        let mut child = place
            .command(issuer_program())
            .arg("examine-document")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let _ = child.stdin.take().expect("piped").write_all(bytes);
        let output = child.wait_with_output().expect("it ends");
        String::from_utf8(output.stdout).expect("a word")
    };
    assert_eq!(look(&vernet_tests::pdf::letter(&[])), "pdf");
    assert_eq!(look(b"MZ"), "file_kind");
    assert_eq!(look(b""), "file_kind");
    // Two gigabytes of zeros in two megabytes.
    let bomb = bomb();
    assert!(bomb.len() < 4 << 20, "{}", bomb.len());
    let begin = std::time::Instant::now();
    assert!(matches!(look(&bomb).as_str(), "" | "file_unreadable"), "it was ended or gave up");
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

/// A PDF whose table of objects is two gigabytes of zeros.
fn bomb() -> Vec<u8> {
    use miniz_oxide::{
        MZFlush,
        deflate::{core::CompressorOxide, stream::deflate},
    };
    let (zeros, mut room) = (vec![0; 1 << 20], vec![0; 1 << 16]);
    let mut compressor = CompressorOxide::default();
    // After a full flush each block stands for itself, so it can be repeated.
    let written = deflate(&mut compressor, &zeros, &mut room, MZFlush::Full).bytes_written;
    // Without the two bytes of zlib's header, which comes once.
    let (zlib, block) = room[..written].split_at(2);
    let table = [zlib, &block.repeat(2048), &[3, 0, 0, 0, 0, 0]].concat();
    let begin = b"%PDF-1.7\n2 0 obj\n<< /Type /Catalog /Pages 3 0 R >>\nendobj\n3 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n";
    let head = format!(
        "1 0 obj\n<< /Type /XRef /Size 4 /W [1 2 1] /Root 2 0 R /Filter /FlateDecode /Length {} >>\nstream\n",
        table.len()
    );
    let end = format!("\nendstream\nendobj\nstartxref\n{}\n%%EOF\n", begin.len());
    [&begin[..], head.as_bytes(), &table, end.as_bytes()].concat()
}
