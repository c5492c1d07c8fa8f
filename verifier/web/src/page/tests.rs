//! The page's calls, in JSON as JavaScript makes them, on the example office.

use serde_json::{Value, json};

use super::*;

const ROOTS: &str = include_str!("../../../../keys-example/roots.json");
const BUNDLE: &str = include_str!("../../../../keys-example/publication/bundle.json");
const LINK: &str = include_str!("../../../../keys-example/certificates/NO-PE-2026-000001.url");
const FORKED: &str =
    include_str!("../../../../keys-example/vectors/bundles/log-seen-before-and-forked.json");
const SHRUNK: &str =
    include_str!("../../../../keys-example/vectors/bundles/log-seen-before-and-shrunk.json");
const LARGE: &str =
    include_str!("../../../../keys-example/vectors/bundles/log-too-large-for-the-bundle.json");

/// 2026-11-22T10:00:00Z, when the example publication is fresh.
const NOW: i64 = 1_795_341_600;
const DAY: i64 = 86_400;

/// A page, and what its browser stores.
#[derive(Default)]
struct Browser {
    page: Page,
    stored: Option<String>,
}

impl Browser {
    fn call(&mut self, request: &Value) -> Value {
        serde_json::from_slice(&self.page.call(request.to_string().as_bytes()))
            .expect("every answer is JSON")
    }

    fn open(&mut self, roots: &str, now: i64) -> Value {
        let answer =
            self.call(&json!({ "op": "open", "roots": roots, "stored": self.stored, "now": now }));
        self.store(&answer);
        answer
    }

    fn learn(&mut self, bundle: &str, now: i64) -> Value {
        let request = json!({ "op": "learn", "bundle": bundle, "leaves": [], "stored": self.stored, "now": now });
        let answer = self.call(&request);
        self.store(&answer);
        answer
    }

    fn learn_before_leaves(&mut self, bundle: &str) -> Value {
        let answer = self
            .call(&json!({ "op": "learn", "bundle": bundle, "stored": self.stored, "now": NOW }));
        self.store(&answer);
        answer
    }

    fn tiles(&mut self, bundle: &str) -> Value {
        self.call(&json!({ "op": "tiles", "bundle": bundle, "stored": self.stored, "afresh": false, "now": NOW }))
    }

    fn learn_with(&mut self, bundle: &str, kept: usize, leaves: &[LogHash]) -> Value {
        let request = json!({ "op": "learn", "bundle": bundle, "kept": kept, "leaves": leaves, "stored": self.stored, "now": NOW });
        let answer = self.call(&request);
        self.store(&answer);
        answer
    }

    fn store(&mut self, answer: &Value) {
        if let Some(stored) = answer["stored"].as_str() {
            self.stored = Some(stored.to_owned());
        }
    }

    fn code(&mut self, now: i64) -> String {
        let answer = self.call(&json!({ "op": "verify", "input": LINK, "now": now }));
        answer["verdict"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("a verdict: {answer}"))
            .to_owned()
    }
}

#[test]
fn a_first_visit_a_return_without_a_network_and_four_days_of_silence() {
    let mut browser = Browser::default();
    let opened = browser.open(ROOTS, NOW);
    assert_eq!((&opened["answer"], &opened["news"]), (&json!("opened"), &Value::Null));
    assert_eq!(opened["office"]["iss"], "https://perfusionist.example.no");
    assert_eq!(browser.code(NOW), "status_missing", "without lists nobody knows");
    let learnt = browser.learn(BUNDLE, NOW);
    assert_eq!(learnt["answer"], "learnt", "{learnt}");
    assert_eq!(browser.code(NOW), "authorised");

    browser.page = Page::default();
    let opened = browser.open(ROOTS, NOW + 600);
    assert_eq!(
        opened["news"]["age_s"].as_i64(),
        learnt["news"]["age_s"].as_i64().map(|age| age + 600)
    );
    assert_eq!(browser.code(NOW + 600), "authorised", "from its own store");
    assert_eq!(browser.code(NOW + 4 * DAY), "status_stale");
    assert_eq!(browser.code(NOW - DAY), "clock_behind");
}

#[test]
fn a_bad_update_changes_nothing() {
    let mut browser = Browser::default();
    browser.open(ROOTS, NOW);
    browser.learn(BUNDLE, NOW);
    let before = browser.stored.clone();
    let mut forged: Value = serde_json::from_str(BUNDLE).expect("JSON");
    let list = forged["status_lists"][0].as_str().expect("a list").to_owned();
    let cut = &list[..list.len() - 4];
    forged["status_lists"][0] = json!(format!("{cut}AAAA"));
    let mut without: Value = serde_json::from_str(BUNDLE).expect("JSON");
    without["trust_lists"] = json!([]);
    let without_trust_lists = without.to_string();
    for (bundle, code) in [
        (forged.to_string(), "signature_invalid"),
        (BUNDLE[..BUNDLE.len() / 2].to_owned(), "not_json"),
        (without_trust_lists, "inconsistent"),
        ("{\"status_lists\":[],\"trust_lists\":[]}".to_owned(), "not_json"),
        // Under all three of the office's keys, another log than the one that was seen.
        (FORKED.to_owned(), "log_forked"),
        (SHRUNK.to_owned(), "log_shrunk"),
        (LARGE.to_owned(), "log_leaves_missing"),
        ("<html>log in to the hotel's network</html>".to_owned(), "not_json"),
    ] {
        let answer = browser.learn(&bundle, NOW + 60);
        assert_eq!(
            (&answer["answer"], &answer["problem"]["code"]),
            (&json!("failed"), &json!(code)),
            "{answer}"
        );
        assert_eq!(browser.stored, before);
        assert_eq!(browser.code(NOW + 60), "authorised");
    }
    assert_eq!(
        browser.learn(BUNDLE, NOW + 4 * DAY)["problem"]["code"],
        "status_stale",
        "a list that has run out"
    );
}

/// The log of `LARGE`, as `cargo run --example keys_example` generates it.
fn leaves_of_large() -> Vec<LogHash> {
    let bundle = Bundle::from_json(BUNDLE.as_bytes()).expect("a bundle");
    let mut leaves = bundle.log.and_then(|log| log.leaves).expect("a small log");
    let others = (0..1025 - leaves.len() as u64).map(|n| LogHash::of_leaf(&n.to_be_bytes()));
    leaves.extend(others);
    leaves
}

#[test]
fn the_leaves_of_a_large_log_come_from_tiles_and_only_the_new_ones_are_fetched() {
    let mut browser = Browser::default();
    browser.open(ROOTS, NOW);
    let tile =
        |path: &str, full: &str, bytes| json!({ "path": path, "full": full, "bytes": bytes });
    let last = tile("log/tile/0/004.p/1", "log/tile/0/004", 32);
    assert_eq!(browser.tiles(BUNDLE)["tiles"], json!([]), "they are in the bundle");
    let asked = browser.tiles(LARGE);
    assert_eq!(asked["kept"], 0);
    assert_eq!(asked["tiles"][0], tile("log/tile/0/000", "log/tile/0/000", 8192));
    assert_eq!(asked["tiles"].as_array().map(Vec::len), Some(5));
    assert_eq!(asked["tiles"][4], last);

    let leaves = leaves_of_large();
    assert_eq!(browser.learn_with(LARGE, 0, &leaves)["answer"], "learnt");
    assert_eq!(browser.code(NOW), "authorised");
    browser.page = Page::default();
    assert_eq!(browser.open(ROOTS, NOW)["problem"], Value::Null);
    assert_eq!(browser.code(NOW), "authorised", "from its own store");

    let asked = browser.tiles(LARGE);
    assert_eq!((&asked["kept"], &asked["tiles"]), (&json!(1024), &json!([last])));
    let before = browser.stored.clone();
    let mut wrong = leaves.clone();
    wrong.swap(0, 1);
    for (kept, leaves, code) in [
        (1024, &leaves[1023..1024], "log_root"),
        (0, &wrong[..], "log_root"),
        (1024, &leaves[1023..], "log_leaves_missing"),
        (0, &leaves[1..], "log_leaves_missing"),
    ] {
        assert_eq!(browser.learn_with(LARGE, kept, leaves)["problem"]["code"], code);
        assert_eq!(browser.stored, before);
        assert_eq!(browser.code(NOW), "authorised");
    }
    assert_eq!(browser.learn_with(LARGE, 1024, &leaves[1024..])["answer"], "learnt");
    assert_eq!(browser.stored, before);
    // What is stored turned out to be unusable.
    let afresh = json!({ "op": "tiles", "bundle": LARGE, "stored": browser.stored, "afresh": true, "now": NOW });
    assert_eq!(browser.call(&afresh)["tiles"].as_array().map(Vec::len), Some(5));
    // Back to a small log: that of an office that holds certificates back, or of another one.
    // Nothing of the large one is kept.
    assert_eq!(browser.learn(BUNDLE, NOW)["problem"]["code"], "log_shrunk");
}

/// Whoever withholds tiles keeps no page on older lists.
#[test]
fn newer_lists_count_before_the_leaves_are_there() {
    let mut browser = Browser::default();
    browser.open(ROOTS, NOW);
    assert_eq!(browser.learn_before_leaves(LARGE)["answer"], "learnt");
    assert_eq!(browser.code(NOW), "log_missing", "nothing is known of who was in the log");

    let mut browser = Browser::default();
    browser.open(ROOTS, NOW);
    browser.learn(BUNDLE, NOW);
    assert_eq!(browser.learn_before_leaves(LARGE)["answer"], "learnt");
    assert_eq!(browser.code(NOW), "authorised", "it was in the log before");
    browser.page = Page::default();
    assert_eq!(browser.open(ROOTS, NOW)["problem"], Value::Null);
    assert_eq!(browser.code(NOW), "authorised", "from its own store");

    assert_eq!(browser.tiles(LARGE)["tiles"].as_array().map(Vec::len), Some(5));
    assert_eq!(browser.learn_with(LARGE, 0, &leaves_of_large())["answer"], "learnt");
    assert_eq!(browser.code(NOW), "authorised");
}

#[test]
fn nothing_is_fetched_for_a_log_that_nobody_signed() {
    let mut browser = Browser::default();
    browser.open(ROOTS, NOW);
    let larger = LARGE.replace(r"/log\n1025\n", r"/log\n16000000\n");
    assert_ne!(larger, LARGE);
    assert_eq!(browser.tiles(&larger)["tiles"], json!([]));
    assert_eq!(browser.learn(&larger, NOW)["answer"], "failed");
}

#[test]
fn another_tab_that_went_further_is_not_rolled_back() {
    let mut browser = Browser::default();
    browser.open(ROOTS, NOW);
    browser.learn(BUNDLE, NOW);
    // The memory of the other tab has seen a newer list of the same name.
    let stored = browser.stored.take().expect("learnt");
    let seen: Value = serde_json::from_str(&stored).expect("JSON");
    let iat = seen["memory"]["status_lists"]["https://perfusionist.example.no/status/1"]
        .as_i64()
        .expect("an instant");
    browser.stored =
        Some(stored.replace(&format!("/status/1\":{iat}"), &format!("/status/1\":{}", iat + 60)));
    let answer = browser.learn(BUNDLE, NOW);
    assert_eq!(answer["problem"]["code"], "status_list_rolled_back", "{answer}");
}

#[test]
fn the_roots_of_the_installation_stay_whatever_the_server_says_later() {
    let mut browser = Browser::default();
    let first = browser.open(ROOTS, NOW);
    browser.learn(BUNDLE, NOW);
    browser.page = Page::default();
    let others = ROOTS.replace("perfusionist.example.no", "evil.example.no");
    let again = browser.open(&others, NOW);
    assert_eq!(again["office"], first["office"]);
    assert_eq!(browser.code(NOW), "authorised");
}

#[test]
fn what_is_stored_and_cannot_be_read_is_not_silently_replaced() {
    let mut browser = Browser { stored: Some("{\"anchor\":".into()), ..Browser::default() };
    assert_eq!(browser.open(ROOTS, NOW)["problem"]["code"], "stored_unreadable");
    assert_eq!(browser.code(NOW), "status_missing");
}

#[test]
fn what_is_in_a_text_is_found_by_the_library() {
    let mut browser = Browser::default();
    let mut read = |text: &str| browser.call(&json!({ "op": "read", "text": text }));
    let digits = LINK.trim().split_once('#').expect("a link").1;
    for (text, texts, unexamined) in [
        (format!("<html><a href=\"{}\">here</a>", LINK.trim()), json!([digits]), false),
        (format!("<html>{}<svg/>", LINK.trim()), json!([digits]), true),
        ("<html>log in</html>".to_owned(), json!([]), false),
        ("hello".to_owned(), json!(["hello"]), false),
    ] {
        let expected = json!({ "answer": "read", "texts": texts, "unexamined": unexamined });
        assert_eq!(read(&text), expected, "{text}");
    }
}

#[test]
fn a_poster_beside_the_certificate_does_not_count() {
    let mut browser = Browser::default();
    let among = |browser: &mut Browser, texts: &[&str]| {
        browser.call(&json!({ "op": "among", "texts": texts }))["texts"].clone()
    };
    assert_eq!(
        among(&mut browser, &["https://hospital.example/menu", LINK.trim()]),
        json!([LINK.trim()])
    );
    assert_eq!(among(&mut browser, &["a menu", "a poster"]), json!(["a menu"]));
    assert_eq!(among(&mut browser, &[]), json!([]));
}

#[test]
fn every_message_gets_an_answer() {
    let mut page = Page::default();
    for message in
        ["", "{", "{\"op\":\"dance\"}", "{\"op\":\"verify\",\"input\":\"5\",\"now\":-1}", "[]"]
    {
        let answer: Value = serde_json::from_slice(&page.call(message.as_bytes())).expect("JSON");
        assert_eq!(answer["answer"], "failed", "{message}");
    }
    let roots = page.call(
        json!({ "op": "open", "roots": "{}", "stored": null, "now": NOW }).to_string().as_bytes(),
    );
    assert_eq!(serde_json::from_slice::<Value>(&roots).expect("JSON")["answer"], "failed");
}
