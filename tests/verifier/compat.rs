//! A verifier of an earlier commit and today's office, and the other way round: `tests/compat/`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use vernet_common::{Bundle, NumericDate, SignedTrustList, Status, TrustAnchor};
use vernet_verifier::{Code, Knowledge, Memory, Policy, verify};

use crate::{
    newer,
    office::{Office, ROOTS, at},
};

/// When the examples are checked.
const NOW: &str = "2026-11-22T10:00:00Z";

fn root(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below)
}

fn read(below: &str) -> String {
    fs::read_to_string(root(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
}

/// The earlier verifier's answers to these requests; `None` if Node.js is missing.
fn earlier_verifier(requests: &[Value]) -> Option<Vec<Value>> {
    let mut node = Command::new("node");
    node.arg(root("tests/compat/verify.mjs")).arg(root("tests/compat/verifier.wasm.gz"));
    let child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(reason) => {
            let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!is_ci, "Node.js is missing: {reason}");
            eprintln!("skipped: Node.js is missing: {reason}");
            return None;
        }
    };
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(lines.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    Some(answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

/// What the earlier verifier finds about each input, code and cause, if it has these lists.
fn found_by_the_earlier_one(
    roots: &str,
    bundle: &str,
    now: NumericDate,
    inputs: &[String],
) -> Option<Vec<(String, Option<String>)>> {
    let now = now.seconds();
    let open = json!({ "op": "open", "roots": roots, "stored": null, "now": now });
    // What a page stores when it is opened for the first time.
    let stored = earlier_verifier(std::slice::from_ref(&open))?.remove(0)["stored"].clone();
    let learn = json!({ "op": "learn", "bundle": bundle, "stored": stored, "now": now });
    let mut requests = vec![open, learn];
    requests
        .extend(inputs.iter().map(|input| json!({ "op": "verify", "input": input, "now": now })));
    let answers = earlier_verifier(&requests)?;
    assert_eq!(answers[1]["answer"], "learnt", "{}", answers[1]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let found = answers[2..].iter().map(|answer| &answer["verdict"]).map(|verdict| {
        assert_eq!(
            verdict["verdict"] == "accepted",
            verdict["code"].as_str().is_some_and(|code| code.starts_with("authorised")),
            "{verdict}"
        );
        (text(&verdict["code"]).expect("a code"), text(&verdict["cause"]["code"]))
    });
    Some(found.collect())
}

#[test]
fn an_earlier_verifier_reads_what_todays_office_publishes() {
    let bundle = read("keys-example/publication/bundle.json");
    let vector = |name: &str| {
        let text = read(&format!("keys-example/vectors/{name}.txt"));
        let input = text.lines().find_map(|line| line.strip_prefix("input: "));
        input.expect("an input").to_owned()
    };
    let inputs = [
        "01-authorised",
        "03-suspended-polish-name",
        "04-limited-by-decision",
        "05-revoked",
        "26-forged-by-a-stranger",
    ]
    .map(vector);
    let found =
        found_by_the_earlier_one(&read("keys-example/roots.json"), &bundle, at(NOW), &inputs);
    let Some(found) = found else { return };
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(
        codes,
        ["authorised", "suspended", "authorised_with_conditions", "revoked", "untrusted_issuer"]
    );
}

/// It knows perfusionists alone: of a board's certificates, good or not, it says that it is too old.
#[test]
fn an_earlier_verifier_accepts_no_title_that_it_does_not_know() {
    let bundle = read("keys-example/board/publication/bundle.json");
    let inputs =
        ["105-board-renewed", "106-board-replaced-by-the-renewal", "107-board-not-renewed"].map(
            |name| {
                let text = read(&format!("keys-example/vectors/{name}.txt"));
                let input = text.lines().find_map(|line| line.strip_prefix("input: "));
                input.expect("an input").to_owned()
            },
        );
    let roots = read("keys-example/board/roots.json");
    let Some(found) = found_by_the_earlier_one(&roots, &bundle, at(NOW), &inputs) else { return };
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["verifier_outdated"; 3]);
}

#[test]
fn an_earlier_verifier_passes_over_what_todays_office_says_of_itself() {
    let mut office = Office::new();
    office.trust_list.office = serde_json::from_value(json!({
        "name": { "nb": "Eksempeldirektoratet" },
        "contacts": [{ "phone": "+441632960002", "always": true }],
    }))
    .expect("an office in words");
    let roots = serde_json::to_string(&office.anchor()).expect("JSON");
    for (status, code) in [
        (Status::Valid, "authorised"),
        (Status::Conditions, "authorised_with_conditions"),
        (Status::Suspended, "suspended"),
        (Status::Invalid, "revoked"),
    ] {
        office.set_status(status);
        let bundle = String::from_utf8(office.bundle().to_json().expect("JSON")).expect("UTF-8");
        let inputs = [office.text(), office.link()];
        let Some(found) = found_by_the_earlier_one(&roots, &bundle, office.now, &inputs) else {
            return;
        };
        assert_eq!(found, vec![(code.to_owned(), None); 2], "{status:?}");
    }
}

#[test]
fn an_earlier_verifier_accepts_nothing_that_it_does_not_understand() {
    type Change = fn(&mut Value);
    type Found = (&'static str, Option<&'static str>);
    let changes: [(Change, Status, Found); 5] = [
        (newer::add, Status::Valid, ("authorised", None)),
        (newer::critical, Status::Valid, ("verifier_outdated", Some("not_understood"))),
        (newer::critical, Status::Conditions, ("verifier_outdated", Some("not_understood"))),
        (newer::critical, Status::Suspended, ("verifier_outdated", Some("not_understood"))),
        // What is refused for ever stays red.
        (newer::critical, Status::Invalid, ("revoked", None)),
    ];
    for (change, status, expected) in changes {
        let mut office = Office::new();
        office.set_status(status);
        let list: SignedTrustList = newer::trust_list(&office.trust_list, &ROOTS, change);
        let bundle = Bundle { trust_lists: vec![list], ..office.bundle() };
        let bundle = String::from_utf8(bundle.to_json().expect("JSON")).expect("UTF-8");
        let roots = serde_json::to_string(&office.anchor()).expect("JSON");
        let inputs = [office.text()];
        let Some(found) = found_by_the_earlier_one(&roots, &bundle, office.now, &inputs) else {
            return;
        };
        let (code, cause) = &found[0];
        assert_eq!((code.as_str(), cause.as_deref()), expected, "{status:?}");
    }
}

#[test]
fn todays_verifier_judges_an_earlier_office_as_it_was_judged_then() {
    let anchor = TrustAnchor::from_json(read("tests/compat/roots.json").as_bytes()).expect("roots");
    let bundle = Bundle::from_json(read("tests/compat/bundle.json").as_bytes()).expect("a bundle");
    let (policy, now) = (Policy::default(), at(NOW));
    let mut memory = Memory::new(&anchor);
    let knowledge = Knowledge::update(&bundle, &mut memory, &policy, now).expect("it is in force");
    for (file, expected) in [
        ("NO-PE-2026-000001.jwt", Code::Authorised),
        ("NO-PE-2026-000001.url", Code::Authorised),
        ("NO-PE-2026-000003.jwt", Code::Suspended),
        ("NO-PE-2026-000003.url", Code::Suspended),
        ("NO-PE-2026-000004.jwt", Code::AuthorisedWithConditions),
        ("NO-PE-2026-000004.url", Code::AuthorisedWithConditions),
        ("NO-PE-2026-000005.url", Code::Revoked),
    ] {
        let shown = read(&format!("tests/compat/certificates/{file}"));
        assert_eq!(verify(&shown, &knowledge, &policy, now).code(), expected, "{file}");
    }
    let later = at("2026-11-24T10:00:00Z");
    let shown = read("tests/compat/certificates/NO-PE-2026-000001.url");
    assert_eq!(verify(&shown, &knowledge, &policy, later).code(), Code::StatusStale);
}
