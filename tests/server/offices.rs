//! Several issuers that are pinned: each certificate gets the verdict of the one that signed it, and
//! what is wrong with one issuer's lists changes nothing about another's.

use std::{fs, path::Path};

use serde_json::{Value, json};
use vernet_common::{Algorithm, Bundle, Signed, Status};

use crate::{
    faked::{at, can_fake},
    hospital::{AnotherOffice, Hospital, Run, fingerprint, now},
    office::{HOUR, ROOTS, issue, key},
    publisher::{Publisher, json as bytes},
    serving::{Serving, until},
};

pub(crate) const EVERY_SECOND: [&str; 4] = ["--publication", "publication", "--refresh", "1"];

const ANOTHER: &str = "https://another.example.no";

impl AnotherOffice {
    /// One more, beside the other one.
    fn third() -> Self {
        Self::of("third", 20)
    }

    /// A certificate of this office. From here on it is in the log.
    pub(crate) fn text(&self) -> String {
        let signed = Signed::sign(&self.office.certificate, Algorithm::EdDsa, &key(self.first_key));
        let jws = signed.expect("signs").as_str().to_owned();
        issue(&jws);
        format!("{jws}~")
    }

    /// Publishes again, half an hour later.
    pub(crate) fn newer(&mut self, status: Status) -> Bundle {
        self.office.set_status(status);
        self.office.status_claims.iat = self.office.now.plus_seconds(-HOUR / 2);
        self.bundle()
    }
}

/// A hospital that has pinned two issuers, and fetched the lists of both: the state's from the
/// folder `publication`, the other one's from its web server.
pub(crate) struct Two {
    pub(crate) hospital: Hospital,
    pub(crate) other: AnotherOffice,
    pub(crate) publisher: Publisher,
    /// A certificate of each.
    pub(crate) of_state: String,
    pub(crate) of_other: String,
}

impl Two {
    pub(crate) fn new() -> Self {
        Self::with(AnotherOffice::new())
    }

    fn with(other: AnotherOffice) -> Self {
        let of_other = other.text();
        let hospital = Hospital::with_pinned_office();
        other.pin_at(&hospital);
        let publisher = Publisher::of(&other.bundle());
        hospital.run(&["sync", &publisher.url()]).done();
        let of_state = hospital.office.text();
        Self { hospital, other, publisher, of_state, of_other }
    }

    fn serve(&self) -> Serving {
        Serving::run(&self.hospital, &EVERY_SECOND)
    }

    /// The file in which the hospital keeps what it knows of the other office.
    fn entry(&self) -> String {
        format!("state/{}.json", &fingerprint(&self.other.anchor())[..32])
    }
}

/// The code of a verdict, and whose it is.
fn told(verdict: &Value) -> Value {
    json!([verdict["code"], verdict["office"]["iss"]])
}

/// One value of the other office's metrics.
fn of_another(server: &Serving, name: &str) -> u64 {
    server.metric(&format!("vernet_office_{name}{{office=\"{ANOTHER}\"}}"))
}

fn refreshes_of_another(server: &Serving, outcome: &str) -> u64 {
    server.metric(&format!(
        "vernet_office_refreshes_total{{office=\"{ANOTHER}\",outcome=\"{outcome}\"}}"
    ))
}

fn warnings(server: &Serving, text: &str) -> usize {
    let is_it = |line: &&Value| line["level"] == "WARN" && line.to_string().contains(text);
    server.log_lines().iter().filter(is_it).count()
}

/// A server that knows the state's office and a board, both of `keys-example/`.
struct Example {
    hospital: Hospital,
    folder: &'static Path,
}

impl Example {
    const NOW: &'static str = "2026-11-22T10:00:00Z";

    fn new() -> Self {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../keys-example"));
        let example = Self { hospital: Hospital::new(), folder };
        for office in ["", "board/"] {
            let roots = example.path(&format!("{office}roots.json"));
            let anchor = fs::read(&roots).expect("the example's");
            let anchor = fingerprint(&serde_json::from_slice(&anchor).expect("roots"));
            example.run(&["trust", "add", &roots, "--fingerprint", &anchor]);
            example.run(&["sync", &example.path(&format!("{office}publication"))]);
        }
        example
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the example's")
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("text").trim().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let program = self.hospital.command(arguments);
        let output = at(Self::NOW, &program).output().expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Run { code: output.status.code(), stdout, stderr }.done()
    }

    fn serve(&self, arguments: &[&str]) -> Serving {
        let publication = self.path("publication");
        let first = ["serve", "--listen", "127.0.0.1:0", "--publication", &publication];
        let program = self.hospital.command(&[&first, arguments].concat());
        Serving::of(&self.hospital, &mut at(Self::NOW, &program))
    }
}

const STATE: &str = "https://perfusionist.example.no";
const BOARD: &str = "https://board.example.org";

#[test]
fn each_certificate_gets_the_verdict_of_its_issuer() {
    if !can_fake() {
        return;
    }
    let example = Example::new();
    let server = example.serve(&[]);
    let state = example.text("certificates/NO-PE-2026-000001.url");
    let suspended = example.text("certificates/NO-PE-2026-000003.jwt");
    let board = example.text("board/certificates/SB-PE-2026-000003.url");
    let told =
        |verdict: Value| json!([verdict["code"], verdict["office"]["iss"], verdict["title"]["en"]]);
    let of_state = json!(["authorised", STATE, "perfusionist"]);
    let of_board = json!(["authorised", BOARD, "board certified perfusionist"]);
    let judged = |input: &str| told(server.post("text/plain", input).verdict());
    assert_eq!(judged(&state), of_state);
    assert_eq!(judged(&board), of_board);
    let photo = example.read("board/certificates/SB-PE-2026-000003.png");
    assert_eq!(told(server.post("image/png", photo).verdict()), of_board);

    let body: String = [&*board, &suspended, "12 a", &state, &board]
        .map(|input| format!("{}\n", json!(input)))
        .concat();
    let headers = [("Content-Type", "application/x-ndjson")];
    let answer = server.ask("POST", "/v1/verify/batch", &headers, body.as_bytes());
    let answers: Vec<Value> =
        answer.text().lines().map(|line| told(serde_json::from_str(line).expect("JSON"))).collect();
    let of_suspended = json!(["suspended", STATE, "perfusionist"]);
    let of_nobody = json!(["malformed", null, null]);
    assert_eq!(answers, [of_board.clone(), of_suspended, of_nobody, of_state, of_board]);

    // The page and its lists stay those of one.
    let bundle = example.read("publication/bundle.json");
    assert_eq!(server.get("/v1/publication/bundle.json").body, bundle);
    let line = server.log_lines().into_iter().find(|line| line["message"] == "started");
    let line = line.expect("it says so");
    assert_eq!((&line["office"], &line["others"]), (&STATE.into(), &BOARD.into()));
}

#[test]
fn the_receipt_of_each_issuers_certificate_verifies() {
    if !can_fake() {
        return;
    }
    let example = Example::new();
    example.hospital.write("passphrase.txt", "a passphrase for tests\n");
    let passphrase = ["--passphrase-file", "passphrase.txt"];
    let new = ["keys", "new", "--use", "receipt", "--out", "r.pem"];
    example.run(&[&new, &passphrase[..]].concat());
    let server = example.serve(&[
        "--receipt-key",
        "r.pem",
        "--receipt-name",
        "Ullevål sykehus",
        "--receipt-passphrase-file",
        "passphrase.txt",
        "--archive",
        "archive",
    ]);
    for (certificate, roots) in [
        ("board/certificates/SB-PE-2026-000003.jwt", "board/roots.json"),
        ("certificates/NO-PE-2026-000001.jwt", "roots.json"),
    ] {
        let question = json!({ "input": example.text(certificate), "receipt": true });
        let answer = server.post("application/json", question.to_string()).json();
        example.hospital.write("a.jwt", answer["receipt"].as_str().expect("a receipt"));
        let verified = example.run(&[
            "receipt",
            "verify",
            "--key",
            "r.pub",
            "--json",
            "a.jwt",
            "--roots",
            &example.path(roots),
            "--archive",
            "archive",
            "--certificate",
            &example.path(certificate),
        ]);
        assert_eq!(verified.json()["verdict"]["code"], "authorised", "{certificate}");
    }
}

#[test]
fn the_lists_of_each_issuer_are_renewed_while_the_others_are_down() {
    let mut two = Two::new();
    let server = two.serve();
    // From the first moment on, by the lists that `sync` has fetched.
    assert_eq!(server.code(&two.of_state), "authorised");
    assert_eq!(server.code(&two.of_other), "authorised");

    fs::remove_file(two.hospital.path("publication/bundle.json")).expect("it was published");
    server.wait_for_refresh("failed");
    two.publisher.publish(&two.other.newer(Status::Invalid));
    until("it is revoked", || server.code(&two.of_other) == "revoked");
    let verdict = server.post("text/plain", &two.of_other).verdict();
    assert_eq!(told(&verdict), json!(["revoked", ANOTHER]));
    assert_eq!(server.code(&two.of_state), "authorised");
    until("it is counted", || refreshes_of_another(&server, "updated") == 1);
    assert_eq!(server.refreshes("updated"), 0, "the office whose lists are served has none");
    assert_eq!(refreshes_of_another(&server, "failed"), 0);
    let age = of_another(&server, "status_age_seconds");
    assert!((1800..1900).contains(&age), "{age}");

    // The other way round.
    two.publisher.answer(Vec::new());
    two.hospital.office.set_status(Status::Suspended);
    two.hospital.office.status_claims.iat = two.hospital.office.now.plus_seconds(-HOUR / 2);
    two.hospital.publish();
    until("it is suspended", || server.code(&two.of_state) == "suspended");
    until("it fails", || refreshes_of_another(&server, "failed") > 0);
    assert_eq!(server.code(&two.of_other), "revoked");
    assert_eq!(
        server.get("/v1/publication/bundle.json").body,
        bytes(&two.hospital.office.bundle())
    );
    let heads = two.publisher.heads();
    let asked = |head: &Vec<String>| head[0] == "GET /publication/bundle.json HTTP/1.1";
    assert!(heads.iter().all(asked), "it hears of no certificate: {heads:?}");
}

#[test]
fn an_issuer_whose_lists_ran_out_and_that_is_down_takes_nothing_from_the_others() {
    let mut other = AnotherOffice::new();
    other.office.status_claims.exp = now().plus_seconds(8);
    let mut two = Two::with(other);
    two.publisher.answer(Vec::new());
    until("they have run out", || now() > two.other.office.status_claims.exp);
    let server = two.serve();
    let verdict = server.post("text/plain", &two.of_other).verdict();
    assert_eq!(
        (&verdict["verdict"], told(&verdict)),
        (&"undetermined".into(), json!(["status_stale", ANOTHER]))
    );
    assert_eq!(server.code(&two.of_state), "authorised");
    assert_eq!(server.get("/readyz").text(), "ready\n", "what is served is good");
    until("it fails", || refreshes_of_another(&server, "failed") > 1);
    assert_eq!((server.metric("vernet_ready"), of_another(&server, "ready")), (1, 0));
    assert_eq!(server.refreshes("failed"), 0);
    let is_named = |line: &Value| line["office"] == ANOTHER && line["failures"].is_number();
    assert!(server.log_lines().iter().any(is_named), "{}", server.log());

    two.other.office.status_claims.exp = now().plus_seconds(HOUR);
    two.publisher.publish(&two.other.newer(Status::Valid));
    until("it is back", || server.code(&two.of_other) == "authorised");
    assert_eq!(of_another(&server, "ready"), 1);
}

/// The lists that were kept cannot be used, and the web server sends something else.
#[test]
fn damaged_lists_of_one_issuer_take_nothing_from_the_others() {
    let two = Two::new();
    let mut entry: Value =
        serde_json::from_slice(&fs::read(two.hospital.path(&two.entry())).expect("it is kept"))
            .expect("JSON");
    entry["synced"]["bundle"]["trust_lists"] =
        json!([two.hospital.office.signed_trust_list(&ROOTS)]);
    two.hospital.write(&two.entry(), entry.to_string());
    let mut forged = two.other.bundle();
    forged.status_lists =
        vec![two.other.office.signed_status_claims(&two.other.office.status_claims, 60)];
    two.publisher.publish(&forged);
    let server = two.serve();
    let verdict = server.post("text/plain", &two.of_other).verdict();
    assert_eq!(
        (&verdict["verdict"], told(&verdict)),
        (&"undetermined".into(), json!(["status_missing", null]))
    );
    let stranger = two.hospital.office.signed_by_a_stranger();
    assert_eq!(server.code(&stranger), "status_missing", "it may be the other office's");
    assert_eq!(server.code(&two.of_state), "authorised");
    until("it is refused", || refreshes_of_another(&server, "failed") > 1);
    assert_eq!(server.code(&two.of_other), "status_missing");
    assert_eq!(server.get("/readyz").status, 200);

    two.publisher.publish(&two.other.bundle());
    until("it is back", || server.code(&two.of_other) == "authorised");
    assert_eq!(server.code(&stranger), "untrusted_issuer");
}

/// Nobody can tell even which office it is.
#[test]
fn an_issuer_whose_state_cannot_be_read_is_trusted_and_unknown() {
    let two = Two::new();
    let whole = fs::read(two.hospital.path(&two.entry())).expect("it is kept");
    two.hospital.write(&two.entry(), &whole[..whole.len() / 2]);
    let server = two.serve();
    assert_eq!(server.code(&two.of_state), "authorised");
    assert_eq!(server.code(&two.of_other), "status_missing");
    assert_eq!(warnings(&server, "if it is damaged, remove it and pin the roots again"), 1);
}

#[test]
fn an_issuer_that_was_never_synced_is_unknown_until_it_is() {
    let two = Two::new();
    let mut third = AnotherOffice::third();
    let of_third = third.text();
    third.pin_at(&two.hospital);
    let server = two.serve();
    for _ in 0..2 {
        let verdict = server.post("text/plain", &of_third).verdict();
        assert_eq!(
            (&verdict["verdict"], told(&verdict)),
            (&"undetermined".into(), json!(["status_missing", null]))
        );
        assert_eq!(server.code(&two.of_state), "authorised");
        assert_eq!(server.code(&two.of_other), "authorised");
        server.wait_for_refresh("unchanged");
    }
    assert_eq!(server.get("/readyz").status, 200);
    let ready = || server.metric("vernet_office_ready{office=\"https://third.example.no\"}");
    assert_eq!(ready(), 0);
    assert_eq!(warnings(&server, "third.example.no"), 1, "{}", server.log());

    // Somebody does what the warning says, beside the server.
    two.hospital.run(&["sync", "third"]).done();
    until("it is known", || server.code(&of_third) == "authorised");
    until("it is ready", || ready() == 1);
    two.hospital.write_bundle("third/bundle.json", &third.newer(Status::Suspended));
    until("it is renewed", || server.code(&of_third) == "suspended");
}

/// `sync` beside the server gets what the server does not.
#[test]
fn lists_of_another_issuer_that_sync_has_fetched_count_too() {
    let mut two = Two::new();
    let server = two.serve();
    two.publisher.answer(Vec::new());
    until("it fails", || refreshes_of_another(&server, "failed") > 0);
    assert_eq!(server.code(&two.of_other), "authorised");
    two.hospital.write_bundle("another/bundle.json", &two.other.newer(Status::Suspended));
    two.hospital.run(&["sync", "another"]).done();
    until("it has heard of it", || server.code(&two.of_other) == "suspended");
    // From now on from there.
    let before = refreshes_of_another(&server, "unchanged");
    until("it is asked", || refreshes_of_another(&server, "unchanged") > before);
}

#[test]
fn a_forked_log_is_an_alarm_about_its_issuer_alone() {
    let mut two = Two::new();
    let server = two.serve();
    until("it was asked", || refreshes_of_another(&server, "unchanged") > 0);
    assert_eq!(of_another(&server, "log_alarm"), 0);
    two.other.office.before = vec!["the certificate of a thief".into()];
    two.publisher.publish(&two.other.newer(Status::Valid));
    until("the alarm", || of_another(&server, "log_alarm") == 1);
    assert_eq!(server.metric("vernet_log_alarm"), 0);
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(server.code(&two.of_other), "authorised", "the good lists stay");
    assert_eq!(server.code(&two.of_state), "authorised");
    until("the alarm is logged", || {
        let is_it = |line: &Value| line["message"] == "ALARM" && line["office"] == ANOTHER;
        server.log_lines().iter().any(is_it)
    });
    assert_eq!(two.hospital.evidence().len(), 1);
}

#[test]
fn the_publication_says_whose_page_is_served_and_roots_say_who_counts() {
    let two = Two::new();
    let run = two.hospital.run(&["serve", "--listen", "127.0.0.1:0"]);
    run.failed("several offices are pinned: give `--publication URL`");
    let served = |server: &Serving| server.get("/v1/publication/bundle.json").body;
    // A source that `sync` never used: what is there tells whose it is.
    let server = Serving::run(&two.hospital, &["--publication", "another"]);
    until("the lists are there", || server.get("/readyz").status == 200);
    assert_eq!(served(&server), bytes(&two.other.bundle()));
    assert_eq!(server.code(&two.of_other), "authorised");
    assert_eq!(server.code(&two.of_state), "authorised");

    let server = Serving::from(&two.hospital, "publication", &[]);
    assert_eq!(server.code(&two.of_state), "authorised");
    assert_eq!(server.code(&two.of_other), "untrusted_issuer");
    assert!(!server.get("/metrics").text().contains(ANOTHER));
}
