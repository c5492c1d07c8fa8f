//! `drill key-theft`: for each set of keys that a thief may hold, what he can do, who notices, and
//! when. SECURITY names these tests.

use std::{collections::BTreeMap, fs, sync::OnceLock};

use serde_json::Value;

use crate::{
    place::{Place, files_in},
    snapshot::assert_snapshot,
};

/// The output of the drill for programs; it runs once.
fn findings() -> &'static [Value] {
    static FINDINGS: OnceLock<Vec<Value>> = OnceLock::new();
    FINDINGS.get_or_init(|| {
        let played = Place::with_demo().issuer_json(&["drill", "key-theft"]);
        assert_eq!(played["drill"], "key_theft");
        played["findings"].as_array().expect("a list").clone()
    })
}

/// What is seen when the thief holds these keys, in order: by whom, and the code.
fn seen(holds: &str) -> Vec<(&'static str, &'static str)> {
    let of_him = findings().iter().filter(|finding| finding["thief_holds"] == holds);
    of_him
        .map(|finding| {
            (finding["party"].as_str().expect("a party"), finding["sees"].as_str().expect("a code"))
        })
        .collect()
}

fn causes(holds: &str) -> Vec<Option<&'static str>> {
    findings()
        .iter()
        .filter(|finding| finding["thief_holds"] == holds)
        .map(|finding| finding["cause"].as_str())
        .collect()
}

const OFFLINE: &str = "a hospital without a network";
const HIS: &str = "a hospital on his network";
const REACHED: &str = "the same hospital, once the office's lists reach it";
const HAS_SEEN: &str = "a hospital that has seen the office's log";

#[test]
fn the_drill_tells_the_whole_story() {
    let run = Place::with_demo().issuer(&["drill", "key-theft"]).done();
    assert_eq!(run.stderr, "");
    assert_snapshot(&run.stdout, "drill.out");
}

#[test]
fn the_drill_touches_nothing_of_the_office_and_needs_none_of_its_keys() {
    let mut place = Place::with_demo();
    for setting in ["VERNET_PASSPHRASE_FILE", "VERNET_OFFICER_KEY"] {
        place.unset(setting);
    }
    let contents = |place: &Place| -> BTreeMap<String, Vec<u8>> {
        let folder = place.path("demo");
        files_in(&folder)
            .into_iter()
            .map(|file| (file.clone(), fs::read(folder.join(file)).expect("a file")))
            .collect()
    };
    fs::remove_dir_all(place.path("demo/office/keys")).expect("they were there");
    let before = contents(&place);
    let played = place.issuer_json(&["drill", "key-theft", "--certificates", "3"]);
    assert_eq!(contents(&place), before);
    assert_eq!(files_in(&place.path("")).len(), before.len(), "nothing is left beside it");
    let paper: Vec<_> = played["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["paper"].as_u64())
        .collect();
    assert_eq!(paper, [3, 3, 3]);
}

#[test]
fn honest_certificates_are_accepted_before_and_after_the_theft_without_any_change_on_paper() {
    let paper: Vec<_> = findings().iter().filter(|finding| finding["paper"].is_number()).collect();
    // Before the theft, under a witness, and after the new trust list.
    assert_eq!(paper.len(), 3);
    for finding in paper {
        assert_eq!((&finding["paper"], &finding["accepted"]), (&50.into(), &50.into()));
    }
    let anew: Vec<_> =
        findings().iter().filter_map(|finding| finding["to_sign_anew"].as_u64()).collect();
    assert_eq!(anew, [0]);
}

#[test]
fn a_thief_of_the_certificate_key_is_refused_offline_at_the_first_scan() {
    let next_sync = "a hospital after its next `sync`";
    assert_eq!(
        seen("certificate"),
        [(OFFLINE, "not_issued"), (OFFLINE, "log_behind"), (next_sync, "not_issued")]
    );
}

#[test]
fn a_thief_of_the_status_key_lifts_a_suspension_until_the_offices_lists_arrive() {
    assert_eq!(seen("status"), [(HIS, "authorised"), (REACHED, "suspended")]);
}

#[test]
fn a_thief_of_the_log_key_makes_nothing_that_is_believed() {
    assert_eq!(
        (seen("log"), causes("log")),
        (vec![(HIS, "log_unusable")], vec![Some("log_mismatch")])
    );
}

#[test]
fn a_thief_of_certificate_and_status_key_is_refused() {
    let holds = "certificate, status";
    assert_eq!(
        (seen(holds), causes(holds)),
        (vec![(HIS, "log_unusable")], vec![Some("log_mismatch")])
    );
}

#[test]
fn a_thief_of_certificate_and_log_key_is_refused() {
    let holds = "certificate, log";
    assert_eq!(
        (seen(holds), causes(holds)),
        (vec![(HIS, "log_unusable")], vec![Some("log_mismatch")])
    );
}

#[test]
fn a_thief_of_status_and_log_key_raises_the_alarm_when_he_takes_a_certificate_out() {
    assert_eq!(seen("status, log"), [(HAS_SEEN, "log_shrunk")]);
}

#[test]
fn a_thief_of_all_three_keys_is_noticed_by_memory_or_stopped_by_a_witness() {
    let holds = "certificate, status, log";
    let every = "every hospital that has the new trust list";
    assert_eq!(
        seen(holds),
        [
            (HAS_SEEN, "log_forked"),
            (HIS, "authorised"),
            (REACHED, "log_shrunk"),
            (HIS, "log_unusable"),
            (every, "key_compromised"),
            ("the same hospital, on his network", "status_unusable"),
        ]
    );
    assert_eq!(causes(holds)[3], Some("witnesses_missing"));
    let alarms = findings().iter().filter(|finding| finding["evidence"].is_boolean());
    assert!(alarms.clone().count() == 3 && alarms.clone().all(|alarm| alarm["evidence"] == true));
}

#[test]
fn the_drill_needs_no_office() {
    let drill = ["drill", "key-theft", "--certificates", "2", "--json"];
    let played = Place::empty().issuer(&drill).done();
    assert_eq!(played.json()["drill"], "key_theft");
    assert!(played.stderr.contains("made-up settings"), "{played:?}");
}
