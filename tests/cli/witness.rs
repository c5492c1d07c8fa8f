//! An office, its witnesses and a hospital, each with its own program.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use crate::place::{Place, number, verifier_program};

const DRAFT: &str = "demo/office/trust-list/draft.json";

/// A witness that answers, until it is dropped.
struct Serving(Child, String);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Makes a witness with a key that has pinned the office's roots. Returns what the office enters in
/// its settings.
fn witness(place: &Place, name: &str) -> Value {
    let (key, full_name) = (format!("{name}.pem"), format!("{name}.example.no"));
    let made = place
        .verifier(&[
            "keys", "new", "--use", "witness", "--name", &full_name, "--out", &key, "--json",
        ])
        .done()
        .json();
    let pin = ["--state", name, "trust", "add", "demo/roots.json", "--fingerprint"];
    let shown = place.verifier(&[&pin[..], &["0000000000000000"]].concat()).stderr;
    let fingerprint: String = shown
        .split("fingerprint")
        .nth(1)
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(64)
        .collect();
    place.verifier(&[&pin[..], &[&fingerprint]].concat()).done();
    made["witness"].clone()
}

fn serve(place: &Place, name: &str) -> Serving {
    let arguments = [
        "--state",
        name,
        "witness",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--key",
        &format!("{name}.pem"),
        "--log",
        "error",
    ];
    let mut command = place.command(verifier_program());
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("UTF-8");
    let url = line.trim_end().strip_prefix("listening on ").expect("it says where").to_owned();
    Serving(child, url)
}

/// Enters witnesses in the office's settings, each with its URL if it has one.
fn set(place: &Place, threshold: u8, witnesses: &[(&Value, Option<&Serving>)]) {
    let mut settings: Value =
        serde_json::from_str(&place.read("demo/office/office.json")).expect("JSON");
    let one = |(witness, serving): &(&Value, Option<&Serving>)| {
        let mut witness = (*witness).clone();
        if let Some(Serving(_, url)) = serving {
            witness["url"] = url.as_str().into();
        }
        witness
    };
    settings["witnesses"] =
        json!({ "threshold": threshold, "of": witnesses.iter().map(one).collect::<Vec<_>>() });
    place.write("demo/office/office.json", settings.to_string());
}

#[test]
fn an_office_with_witnesses_publishes_what_they_have_seen() {
    let place = Place::with_demo();
    let [w1, w2, w3] = ["w1", "w2", "w3"].map(|name| witness(&place, name));
    let [one, two] = ["w1", "w2"].map(|name| serve(&place, name));
    set(&place, 2, &[(&w1, Some(&one)), (&w2, Some(&two)), (&w3, None)]);
    place.issuer(&["trust-list", "draft"]).done();
    for root in ["root-1", "root-2"] {
        place
            .issuer(&["trust-list", "sign", DRAFT, "--key", &format!("demo/root-keys/{root}.pem")])
            .done();
    }
    place.issuer(&["trust-list", "accept"]).done();

    // They know only the roots; the office's trust list comes with the request.
    let published = place.issuer_json(&["publish", "--out", "demo/publication"]);
    let codes: Vec<_> = published["witnesses"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|w| w["trouble"]["code"].clone())
        .collect();
    assert_eq!(codes, [Value::Null, Value::Null, "witness_no_url".into()]);
    let certificate = format!("demo/certificates/{}.jwt", number());
    let verdict = place.verdict(&certificate);
    assert_ne!(verdict, "log_unusable");

    // One is unavailable: the publication stays as it is, and a longer log is not published.
    drop(two);
    place.both(&["reissue", number(), "--because", "lost_print"]).done();
    let before = place.read("demo/publication/bundle.json");
    let run = place.issuer(&["publish", "--out", "demo/publication"]);
    assert!(run.stderr.contains("`w2.example.no`: it cannot be reached"), "{run:?}");
    run.refused("witnesses_missing");
    assert_eq!(place.read("demo/publication/bundle.json"), before);

    // The third has no network: somebody carries it there and back, in a folder that is not the
    // publication.
    place.issuer(&["publish", "--prepare", "demo/publication"]).refused("folder_not_ours");
    assert_eq!(place.read("demo/publication/bundle.json"), before);
    place.issuer(&["publish", "--prepare", "carried"]).done();
    let cosign = [
        "--state",
        "w3",
        "witness",
        "cosign",
        "--key",
        "w3.pem",
        "--publication",
        "carried",
        "--out",
        "w3.cosignature",
    ];
    place.verifier(&cosign).done();
    let run = place
        .issuer(&["publish", "--out", "demo/publication", "--cosignature", "w3.cosignature"])
        .done();
    assert!(
        run.stderr.contains("warning: witness `w2.example.no`: it cannot be reached"),
        "{run:?}"
    );
    assert_ne!(place.verdict(&certificate), "log_unusable");

    // It comes back at the same address.
    let two = serve(&place, "w2");
    set(&place, 2, &[(&w1, Some(&one)), (&w2, Some(&two)), (&w3, None)]);
    let published = place.issuer_json(&["publish", "--out", "demo/publication"]);
    assert_eq!(published["witnesses"][1]["trouble"], Value::Null, "{published}");
}
