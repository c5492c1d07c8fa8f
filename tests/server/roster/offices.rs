//! A staff with certificates of two issuers.

use vernet_common::Status;

use super::{KEY, TOKEN, kinds, one};
use crate::{
    hospital::fingerprint,
    offices::Two,
    receivers::Hook,
    serving::{Serving, until},
};

/// A staff of two, each with a certificate of another issuer, and a program that is told.
fn watch(two: &Two, hook: &Hook) -> Serving {
    let table: String = [("101", &two.of_state), ("102", &two.of_other)]
        .map(|(id, text)| format!("{id},Åse Kjærstad Østlyngen-Bråthen,1980-02-29,{text}\n"))
        .concat();
    two.hospital.write("staff.csv", format!("staff_id,name,birthdate,certificate\n{table}"));
    two.hospital.write("key.txt", format!("{KEY}\n"));
    two.hospital.write("tokens", format!("{TOKEN}\n"));
    two.hospital.write(
        "server.toml",
        format!(
            "publication = \"publication\"\ntokens = \"tokens\"\nrefresh = 1\n[roster]\nstaff = \"staff.csv\"\n\
             [[roster.webhook]]\nname = \"hr\"\nurl = \"{}\"\nkey = \"key.txt\"\n",
            hook.url()
        ),
    );
    Serving::run(&two.hospital, &["--config", "server.toml"])
}

#[test]
fn a_staff_with_certificates_of_two_issuers_is_watched() {
    let (mut two, hook) = (Two::new(), Hook::new());
    let server = watch(&two, &hook);
    until("it is watched", || hook.messages().len() == 1);
    let first = hook.messages().remove(0);
    assert_eq!(first["data"]["summary"]["accepted"], 2, "{first}");
    assert_eq!(first["data"]["offices"].as_array().map(Vec::len), Some(2), "{first}");

    two.publisher.publish(&two.other.newer(Status::Suspended));
    until("it is told", || hook.messages().len() == 2);
    let told = hook.messages().remove(1);
    assert_eq!((&told["type"], &told["urgency"]), (&"roster.changed".into(), &"urgent".into()));
    assert_eq!(kinds(&told), one("102", "suspended"));
    let bearer = format!("Bearer {TOKEN}");
    let report = server.ask("GET", "/v1/roster", &[("Authorization", &bearer)], b"").json();
    let codes = [0, 1].map(|row| report["rows"][row]["code"].clone());
    assert_eq!(codes, ["authorised", "suspended"]);
}

/// A board that cannot be reached is one message about lists, and none about a person.
#[test]
fn lists_of_one_issuer_that_are_missing_are_a_doubt_about_its_people_alone() {
    let (mut two, hook) = (Two::new(), Hook::new());
    // Its roots are pinned anew, and nothing was fetched since.
    let roots = fingerprint(&two.other.anchor());
    two.hospital.run(&["trust", "remove", &roots]).done();
    two.hospital.run(&["trust", "add", "another.json", "--fingerprint", &roots]).done();
    let _server = watch(&two, &hook);
    until("it is told", || hook.messages().len() == 2);
    let doubt = hook.of_type("roster.not_known").remove(0);
    assert_eq!(doubt["data"]["summary"]["undetermined"], 1, "{doubt}");
    assert_eq!(doubt["data"]["summary"]["accepted"], 1, "{doubt}");

    two.hospital.run(&["sync", &two.publisher.url()]).done();
    until("it is known again", || hook.of_type("roster.known").len() == 1);
    two.publisher.publish(&two.other.newer(Status::Invalid));
    until("the change is told", || !hook.of_type("roster.changed").is_empty());
    let told = hook.of_type("roster.changed");
    assert!(told.iter().all(|told| kinds(told).iter().all(|(who, _)| who == "102")), "{told:?}");
}
