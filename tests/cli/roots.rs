//! Root keys are replaced, and hospitals that pinned the old ones follow automatically.

use crate::place::{Place, number};

const DRAFT: &str = "demo/office/trust-list/draft.json";

#[test]
fn a_hospital_that_pinned_the_old_roots_follows_to_the_new_ones() {
    let place = Place::with_demo();
    pin_and_sync(&place);
    make_new_roots(&place, "new");
    let old = ["demo/root-keys/root-1.pem", "demo/root-keys/root-2.pem"];
    let new = ["new/root-1.pem", "new/root-3.pem"];

    place.issuer(&["trust-list", "draft", "--roots", "new/roots.json"]).done();
    new.iter().for_each(|key| sign(&place, key));
    place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    old.iter().for_each(|key| sign(&place, key));
    place.issuer(&["trust-list", "accept"]).done();
    place.publish();
    sync_and_check(&place, 2);

    // From here on the old roots sign nothing, but the chain from them is still published.
    place.issuer(&["trust-list", "draft"]).done();
    old.iter().for_each(|key| drop(place.issuer(&["trust-list", "sign", DRAFT, "--key", key])));
    place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    accept_next_trust_list_of(&place, &[], &new);
    place.publish();
    sync_and_check(&place, 3);
    assert_eq!(
        place.verdict(&certificate()),
        "authorised",
        "also for whoever starts from the old roots now"
    );
    let from_new = ["--roots", "new/roots.json", "--publication", "demo/publication", "--json"];
    let run = place.verifier(&[&["check", &certificate()][..], &from_new].concat()).done();
    assert_eq!(run.json()["code"], "authorised", "and for whoever starts from the new ones");

    // A second rotation: two steps from the roots that were pinned.
    make_new_roots(&place, "newer");
    let newer = ["newer/root-2.pem", "newer/root-3.pem"];
    accept_next_trust_list_of(
        &place,
        &["--roots", "newer/roots.json"],
        &[&new[..], &newer].concat(),
    );
    accept_next_trust_list_of(&place, &[], &newer);
    place.publish();
    sync_and_check(&place, 5);
}

#[test]
fn new_roots_that_the_old_ones_did_not_sign_are_refused_by_office_and_hospital() {
    let place = Place::with_demo();
    pin_and_sync(&place);
    make_new_roots(&place, "new");
    place.issuer(&["trust-list", "draft", "--roots", "new/roots.json"]).done();
    for key in ["new/root-1.pem", "new/root-2.pem", "demo/root-keys/root-1.pem"] {
        sign(&place, key);
        place.issuer(&["trust-list", "accept"]).refused("threshold_not_reached");
    }
    assert_eq!(place.issuer_json(&["trust-list", "show"])["trust_list"]["seq"], 1);

    // A thief of the web server publishes it nevertheless.
    let mut bundle: serde_json::Value =
        serde_json::from_str(&place.read("demo/publication/bundle.json")).expect("JSON");
    let list: serde_json::Value = serde_json::from_str(&place.read(DRAFT)).expect("JSON");
    bundle["trust_lists"].as_array_mut().expect("a list").push(list);
    place.write("demo/publication/bundle.json", bundle.to_string());
    let run = place.verifier(&["sync", "demo/publication"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("[threshold_not_reached]"), "{}", run.stderr);
    let kept = place.verifier(&["check", &certificate(), "--json"]).done().json();
    assert_eq!(kept["code"], "authorised", "the lists fetched before are kept");
}

#[test]
fn an_acceptance_that_was_cut_short_can_be_repeated_and_brings_no_old_roots_back() {
    let place = Place::with_demo();
    make_new_roots(&place, "new");
    let keys = [
        "demo/root-keys/root-1.pem",
        "demo/root-keys/root-2.pem",
        "new/root-1.pem",
        "new/root-2.pem",
    ];
    place.issuer(&["trust-list", "draft", "--roots", "new/roots.json"]).done();
    keys.iter().for_each(|key| sign(&place, key));
    let (draft, old_roots) = (place.read(DRAFT), place.read("demo/office/roots.json"));
    place.issuer(&["trust-list", "accept"]).done();

    // As after a crash before the list was written: it is in the register only.
    std::fs::remove_file(place.path("demo/office/trust-list/000002.json"))
        .expect("it was accepted");
    place.write("demo/office/roots.json", &old_roots);
    place.write(DRAFT, &draft);
    place.issuer(&["trust-list", "accept"]).done();

    // The same, but the draft is lost too: its number is not used again.
    std::fs::remove_file(place.path("demo/office/trust-list/000002.json"))
        .expect("it was accepted");
    place.write("demo/office/roots.json", &old_roots);
    place.issuer(&["trust-list", "draft", "--roots", "new/roots.json"]).done();
    assert_eq!(place.issuer_json(&["trust-list", "show", DRAFT])["trust_list"]["seq"], 3);
    keys.iter().for_each(|key| sign(&place, key));
    place.issuer(&["trust-list", "accept"]).done();

    // As after a crash between the list and the roots.
    place.write("demo/office/roots.json", &old_roots);
    place.issuer(&["trust-list", "draft"]).done();
    let roots = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).expect("JSON")["roots"].clone()
    };
    let next = place.issuer_json(&["trust-list", "show", DRAFT]);
    assert_eq!(next["trust_list"]["roots"], roots(&place.read("new/roots.json")));
    keys[2..].iter().for_each(|key| sign(&place, key));
    place.issuer(&["trust-list", "accept"]).done();
    assert_eq!(roots(&place.read("demo/office/roots.json")), roots(&place.read("new/roots.json")));
    place.publish();
    assert_eq!(place.verdict(&certificate()), "authorised");
}

#[test]
fn a_draft_that_was_overtaken_is_not_accepted() {
    let place = Place::with_demo();
    place.issuer(&["trust-list", "draft", "--out", "slow.json"]).done();
    accept_next_trust_list(&place, &[]);
    for key in ["demo/root-keys/root-1.pem", "demo/root-keys/root-2.pem"] {
        place.issuer(&["trust-list", "sign", "slow.json", "--key", key]).done();
    }
    place.issuer(&["trust-list", "accept", "slow.json"]).refused("trust_list_sequence");
}

/// Drafts a trust list, has two of the demonstration's roots sign it, each in a separate run, and
/// accepts it.
pub(crate) fn accept_next_trust_list(place: &Place, draft: &[&str]) {
    accept_next_trust_list_of(
        place,
        draft,
        &["demo/root-keys/root-1.pem", "demo/root-keys/root-3.pem"],
    );
}

pub(crate) fn accept_next_trust_list_of(place: &Place, draft: &[&str], keys: &[&str]) {
    place.issuer(&[&["trust-list", "draft"], draft].concat()).done();
    keys.iter().for_each(|key| sign(place, key));
    place.issuer(&["trust-list", "accept"]).done();
    assert!(!place.path(DRAFT).exists(), "an accepted draft is no draft any more");
}

/// Signs the draft as on the machine with the root key: without the office.
pub(crate) fn sign(place: &Place, key: &str) {
    let run =
        place.issuer(&["--office", "not-here", "trust-list", "sign", DRAFT, "--key", key]).done();
    assert!(run.stderr.contains("About to sign"), "whoever signs sees what: {}", run.stderr);
}

pub(crate) fn make_new_roots(place: &Place, folder: &str) {
    std::fs::create_dir(place.path(folder)).expect("a new folder can be made");
    for n in 1..=3 {
        place
            .issuer(&["keys", "new", "--use", "root", "--out", &format!("{folder}/root-{n}.pem")])
            .done();
    }
    let publics = [1, 2, 3].map(|n| format!("{folder}/root-{n}.pub"));
    let out = format!("{folder}/roots.json");
    let mut arguments =
        vec!["keys", "roots", "--iss", "https://perfusionist.example.no", "--out", &out];
    arguments.extend(publics.iter().map(String::as_str));
    place.issuer(&arguments).done();
}

fn certificate() -> String {
    format!("demo/certificates/{}.png", number())
}

fn pin_and_sync(place: &Place) {
    let run = place.verifier(&["trust", "add", "demo/roots.json"]);
    assert_eq!(run.code, Some(2), "nobody confirms here: {run:?}");
    let fingerprint = run.stderr.split_once("fingerprint:\n").expect("it is shown").1;
    let fingerprint = fingerprint.lines().next().expect("a line");
    place
        .verifier(&["trust", "add", "demo/roots.json", "--fingerprint", fingerprint.trim()])
        .done();
    sync_and_check(place, 1);
}

fn sync_and_check(place: &Place, seq: u64) {
    let report = place.verifier(&["sync", "demo/publication", "--json"]).done().json();
    assert_eq!(report["trust_list"]["seq"], seq);
    assert_eq!(
        place.verifier(&["check", &certificate(), "--json"]).done().json()["code"],
        "authorised"
    );
}
