//! What is learnt, what is remembered, and what is never trusted again.

use vernet_common::{Bundle, Error, Roots, Signer, Status, TrustAnchor};
use vernet_verifier::{Code, Knowledge, Memory, Policy};

use crate::office::{DAY, HOUR, Office, ROOTS, at, key};

/// Learns at a time when nothing is in the future.
fn learn(bundle: &Bundle, memory: &mut Memory) -> Result<Knowledge, Error> {
    Knowledge::learn(bundle, memory, &Policy::default(), at("2027-06-01T00:00:00Z"))
}

#[test]
fn an_older_trust_list_is_refused() {
    let mut office = Office::new();
    let old = office.bundle();
    office.trust_list.seq += 1;
    let mut memory = Memory::new(&office.anchor());
    learn(&office.bundle(), &mut memory).expect("the newest");
    assert_eq!(learn(&old, &mut memory).expect_err("older").code(), "trust_list_rolled_back");
    learn(&office.bundle(), &mut memory).expect("the same again");
}

#[test]
fn two_trust_lists_with_one_number_are_an_alarm() {
    let mut office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    learn(&office.bundle(), &mut memory).expect("one");
    office.trust_list.exp = office.trust_list.exp.plus_seconds(1);
    assert_eq!(
        learn(&office.bundle(), &mut memory).expect_err("another").code(),
        "trust_list_forked"
    );
}

#[test]
fn a_profile_that_changes_its_meaning_is_refused() {
    let mut office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    learn(&office.bundle(), &mut memory).expect("one");
    office.trust_list.seq += 1;
    office.trust_list.profiles[0].alg = vernet_common::Algorithm::Ed25519;
    assert_eq!(
        learn(&office.bundle(), &mut memory).expect_err("changed").code(),
        "profile_changed"
    );
}

#[test]
fn a_replayed_status_list_does_not_make_a_withdrawn_certificate_valid_again_next_day() {
    let mut office = Office::new();
    let yesterday = office.bundle();
    office.now = office.now.plus_seconds(2 * HOUR);
    office.status_claims.iat = office.now;
    office.set_status(Status::Invalid);
    let mut memory = Memory::new(&office.anchor());
    let knowledge = learn(&office.bundle(), &mut memory).expect("today's");
    assert_eq!(office.verdict_on(&office.link(), &knowledge).code(), Code::Revoked);
    // Yesterday's list is valid in time and genuine; only the memory shows that it is old.
    let knowledge = learn(&yesterday, &mut memory).expect("a trust list");
    let verdict = office.verdict_on(&office.link(), &knowledge);
    assert_eq!(verdict.code(), Code::StatusUnusable);
    assert_eq!(verdict.cause().expect("a cause").code(), "status_list_rolled_back");
}

#[test]
fn a_reload_takes_effect_at_once() {
    let mut office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    let knowledge = learn(&office.bundle(), &mut memory).expect("before");
    assert_eq!(office.verdict_on(&office.link(), &knowledge).code(), Code::Authorised);
    office.status_claims.iat = office.status_claims.iat.plus_seconds(1);
    office.set_status(Status::Invalid);
    let knowledge = learn(&office.bundle(), &mut memory).expect("after");
    assert_eq!(office.verdict_on(&office.link(), &knowledge).code(), Code::Revoked);
}

#[test]
fn the_memory_of_a_later_time_unmasks_a_clock_set_back() {
    let mut office = Office::new();
    let early = office.bundle();
    let link = office.link();
    office.trust_list.seq += 1;
    office.trust_list.iat = office.now.plus_seconds(30 * DAY);
    let mut memory = Memory::new(&office.anchor());
    learn(&office.bundle(), &mut memory).expect("a month later");
    // A restart with the old files and the old time: the trust list alone is already refused.
    assert_eq!(learn(&early, &mut memory).expect_err("older").code(), "trust_list_rolled_back");
    let knowledge = learn(&office.bundle(), &mut memory).expect("the newest again");
    assert_eq!(office.verdict_on(&link, &knowledge).code(), Code::ClockBehind);
}

#[test]
fn an_error_leaves_the_memory_as_it_was() {
    let mut office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    learn(&office.bundle(), &mut memory).expect("one");
    let before = memory.clone();
    office.trust_list.seq += 1;
    let mut bundle = office.bundle();
    bundle.trust_lists = vec![office.signed_trust_list(&ROOTS[..1])];
    assert_eq!(learn(&bundle, &mut memory).expect_err("one root").code(), "threshold_not_reached");
    assert_eq!(memory, before);
    bundle.trust_lists.clear();
    assert_eq!(learn(&bundle, &mut memory).expect_err("no list").code(), "inconsistent");
}

#[test]
fn the_memory_survives_being_stored() {
    let office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    learn(&office.bundle(), &mut memory).expect("one");
    let stored = serde_json::to_string(&memory).expect("JSON");
    assert_eq!(serde_json::from_str::<Memory>(&stored).expect("the same JSON"), memory);
}

/// Three generations of roots: [100, 101, 102], then 102 is lost and 103 comes, then all are new.
fn generations() -> (Office, [TrustAnchor; 3], Bundle) {
    let mut office = Office::new();
    let roots = |seeds: [u8; 3]| Roots {
        keys: seeds.map(|seed| key(seed).public_key()).into(),
        threshold: 2,
    };
    let anchor = |office: &Office| TrustAnchor { seq: office.trust_list.seq, ..office.anchor() };
    let first = (office.signed_trust_list(&[100, 101]), anchor(&office));
    office.trust_list.seq += 1;
    office.trust_list.roots = roots([100, 101, 103]);
    let second = (office.signed_trust_list(&[100, 101, 103]), anchor(&office));
    office.trust_list.seq += 1;
    office.trust_list.roots = roots([104, 105, 106]);
    let third = (office.signed_trust_list(&[100, 103, 104, 105]), anchor(&office));
    office.trust_list.seq += 1;
    let current = office.signed_trust_list(&[105, 106]);
    let bundle = Bundle {
        trust_lists: vec![first.0, second.0, third.0, current],
        status_lists: vec![office.signed_status_list()],
        log: Some(office.bundled_log()),
    };
    (office, [first.1, second.1, third.1], bundle)
}

#[test]
fn a_rollover_of_the_roots_does_not_break_verifiers_whatever_they_pinned() {
    let (office, anchors, bundle) = generations();
    for anchor in &anchors {
        let mut memory = Memory::new(anchor);
        for _ in 0..2 {
            let knowledge = learn(&bundle, &mut memory).expect("follows");
            assert_eq!(knowledge.trust_list().seq, 10);
            assert_eq!(office.verdict_on(&office.link(), &knowledge).code(), Code::Authorised);
        }
    }
}

#[test]
fn a_rollover_with_a_missing_step_is_refused() {
    let (_, anchors, mut bundle) = generations();
    bundle.trust_lists.remove(2);
    assert_eq!(
        learn(&bundle, &mut Memory::new(&anchors[0])).expect_err("a gap").code(),
        "threshold_not_reached"
    );
}

#[test]
fn replaced_roots_sign_nothing_any_more() {
    let (mut office, anchors, bundle) = generations();
    let mut memory = Memory::new(&anchors[0]);
    learn(&bundle, &mut memory).expect("follows to the third generation");
    office.trust_list.seq += 1;
    office.trust_list.roots =
        Roots { keys: [100, 101, 102].map(|seed| key(seed).public_key()).into(), threshold: 2 };
    let forged = Bundle {
        trust_lists: vec![office.signed_trust_list(&[100, 101, 102])],
        status_lists: vec![],
        log: None,
    };
    assert_eq!(learn(&forged, &mut memory).expect_err("old roots").code(), "threshold_not_reached");
}

#[test]
fn an_old_list_does_not_bring_retired_roots_back_to_somebody_who_pinned_the_new_ones() {
    let (mut office, anchors, bundle) = generations();
    // Root 102 is retired in the second generation; the first list is genuine, and two roots of the
    // second signed it.
    let replay =
        Bundle { trust_lists: bundle.trust_lists[..1].to_vec(), status_lists: vec![], log: None };
    let mut memory = Memory::new(&anchors[1]);
    assert_eq!(
        learn(&replay, &mut memory).expect_err("older than the pin").code(),
        "trust_list_rolled_back"
    );
    // After the replay, a list signed by one current root and the retired one.
    office.trust_list.roots =
        Roots { keys: ROOTS.map(|seed| key(seed).public_key()).into(), threshold: 2 };
    let forged = office.signed_trust_list(&[100, 102]);
    let chain = Bundle {
        trust_lists: vec![bundle.trust_lists[0].clone(), forged],
        status_lists: vec![],
        log: None,
    };
    assert_eq!(
        learn(&chain, &mut memory).expect_err("a retired root").code(),
        "threshold_not_reached"
    );
}

#[test]
fn a_list_of_another_issuer_is_refused_even_under_the_pinned_roots() {
    let mut office = Office::new();
    let anchor = office.anchor();
    office.trust_list.iss = "https://other.example.no".parse().expect("a URL");
    office.trust_list.titles.clear();
    let error = learn(&office.bundle(), &mut Memory::new(&anchor)).expect_err("another issuer");
    assert_eq!(error.code(), "trust_list_issuer");
}

#[test]
fn what_is_dated_in_the_future_is_used_but_not_remembered() {
    let mut office = Office::new();
    let honest = office.bundle();
    let now = office.now;
    office.status_claims.iat = now.plus_seconds(365 * DAY);
    office.status_claims.exp = now.plus_seconds(366 * DAY);
    let mut memory = Memory::new(&office.anchor());
    let poisoned = Knowledge::learn(&office.bundle(), &mut memory, &office.policy, now)
        .expect("signed by the right key");
    assert_eq!(office.verdict_on(&office.link(), &poisoned).code(), Code::ClockBehind);
    let healed =
        Knowledge::learn(&honest, &mut memory, &office.policy, now).expect("the honest lists");
    assert_eq!(office.verdict_on(&office.link(), &healed).code(), Code::Authorised);

    let before = memory.clone();
    office.trust_list.seq += 1;
    office.trust_list.iat = now.plus_seconds(301);
    Knowledge::learn(&office.bundle(), &mut memory, &office.policy, now)
        .expect("signed by the roots");
    assert_eq!(memory, before, "not even a trust list of the future is remembered");
}

#[test]
fn the_newest_time_never_goes_back() {
    let mut office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    office.status_claims.iat = office.trust_list.iat.plus_seconds(-DAY);
    learn(&office.bundle(), &mut memory).expect("one");
    let newest = office.trust_list.iat;
    office.trust_list.seq += 1;
    office.trust_list.iat = newest.plus_seconds(-HOUR);
    let knowledge =
        learn(&office.bundle(), &mut memory).expect("a later list with an earlier date");
    assert_eq!(knowledge.newest_iat(), newest);
}

#[test]
fn a_fork_among_the_earlier_lists_is_noticed_too() {
    let (mut office, anchors, mut bundle) = generations();
    let mut memory = Memory::new(&anchors[2]);
    let third =
        Bundle { trust_lists: bundle.trust_lists[..3].to_vec(), status_lists: vec![], log: None };
    learn(&third, &mut memory).expect("the third list");
    office.trust_list.seq = 9;
    office.trust_list.exp = office.trust_list.exp.plus_seconds(1);
    bundle.trust_lists[2] = office.signed_trust_list(&[104, 105]);
    assert_eq!(learn(&bundle, &mut memory).expect_err("a fork").code(), "trust_list_forked");
}

#[test]
fn somebody_elses_bundle_is_refused() {
    let office = Office::new();
    let strangers = TrustAnchor {
        iss: office.trust_list.iss.clone(),
        roots: Roots {
            keys: [200, 201, 202].map(|seed| key(seed).public_key()).into(),
            threshold: 2,
        },
        seq: 1,
    };
    assert_eq!(
        learn(&office.bundle(), &mut Memory::new(&strangers)).expect_err("a stranger").code(),
        "threshold_not_reached"
    );
}

#[test]
fn an_old_trust_list_beside_todays_status_lists_lets_nobody_in() {
    let mut office = Office::new();
    let link = office.link();
    let held_back = office.signed_trust_list(&ROOTS);
    office.trust_list.seq += 1;
    office.trust_list.keys[0].compromised_at = Some(office.now);
    office.trust_list.keys[0].log_size = Some(0);
    office.status_claims.trust_list_seq = office.trust_list.seq;
    let knowledge = office.learn(&office.bundle()).expect("the newest lists");
    assert_eq!(office.verdict_on(&link, &knowledge).code(), Code::KeyCompromised);
    // Somebody between office and hospital replaces the trust list by the one from before the theft
    // was known.
    let mixed = Bundle {
        trust_lists: vec![held_back],
        status_lists: vec![office.signed_status_list()],
        log: Some(office.bundled_log()),
    };
    let knowledge = office.learn(&mixed).expect("each part is genuine");
    let verdict = office.verdict_on(&link, &knowledge);
    assert_eq!(verdict.code(), Code::StatusUnusable);
    assert_eq!(verdict.cause().expect("a cause").code(), "trust_list_outdated");
}

#[test]
fn one_bad_status_list_does_not_spoil_the_others() {
    let office = Office::new();
    let mut bundle = office.bundle();
    bundle.status_lists.insert(0, office.signed_status_claims(&office.status_claims, 66));
    let knowledge = learn(&bundle, &mut Memory::new(&office.anchor())).expect("a trust list");
    assert_eq!(knowledge.defects().len(), 1);
    assert_eq!(office.verdict_on(&office.link(), &knowledge).code(), Code::Authorised);
}

#[test]
fn the_bundle_is_only_a_carrier_and_reads_back() {
    let bundle = Office::new().bundle();
    let json = bundle.to_json().expect("JSON");
    assert_eq!(Bundle::from_json(&json).expect("reads"), bundle);
    let many = Bundle { trust_lists: vec![bundle.trust_lists[0].clone(); 81], ..bundle.clone() };
    assert_eq!(
        Bundle::from_json(&many.to_json().expect("JSON")).expect_err("81 lists").code(),
        "inconsistent"
    );
    let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let list = &value["trust_lists"][0];
    for array_for_object in [
        serde_json::json!([value["trust_lists"], value["status_lists"], value["log"]]),
        serde_json::json!({ "trust_lists": [[list["payload"], list["signatures"]]], "status_lists": [], "log": value["log"] }),
    ] {
        let error =
            Bundle::from_json(array_for_object.to_string().as_bytes()).expect_err("an array");
        assert_eq!(error.code(), "not_canonical");
    }
    let anchor = Office::new().anchor();
    let array = serde_json::json!([anchor.iss, anchor.roots, anchor.seq]).to_string();
    assert_eq!(
        TrustAnchor::from_json(array.as_bytes()).expect_err("an array").code(),
        "not_canonical"
    );
    let inner = serde_json::json!({ "iss": anchor.iss, "roots": [anchor.roots.keys, 2], "seq": 1 })
        .to_string();
    assert_eq!(
        TrustAnchor::from_json(inner.as_bytes()).expect_err("an array").code(),
        "not_canonical"
    );
    let later = [&json[..json.len() - 1], b",\"x\":[{},{},{}]}"].concat();
    assert_eq!(Bundle::from_json(&later).expect("an unknown member"), bundle);
    let twice = [&json[..json.len() - 1], b",\"x\":1,\"x\":1}"].concat();
    let many = ["{\"x\":[", &"1,".repeat(1 << 17), "1]}"].concat();
    for wrong in [
        &json[..json.len() - 1],
        b"{}",
        b"[]",
        b"{\"trust_lists\":[],\"status_lists\":[\"x\"]}",
        &twice,
        many.as_bytes(),
    ] {
        assert_eq!(Bundle::from_json(wrong).expect_err("broken").code(), "not_json");
    }
    assert_eq!(
        Bundle::from_json(&vec![b' '; Bundle::MAX_BYTES + 1]).expect_err("huge").code(),
        "too_large"
    );
}

/// "Good until" is the instant at which an accepted certificate is not known any more, for the
/// reason that is told: never a second later or earlier.
#[test]
fn what_is_good_until_an_instant_is_accepted_until_then() {
    let alter = |change: &dyn Fn(&mut Office)| {
        let mut office = Office::new();
        change(&mut office);
        office
    };
    for (office, expected) in [
        // The hospital's own limit of a day comes before the three of the office.
        (alter(&|_| {}), Code::StatusStale),
        (alter(&|office| office.policy.max_status_age_s = 30 * DAY), Code::StatusStale),
        (
            alter(&|office| office.trust_list.exp = office.now.plus_seconds(HOUR)),
            Code::TrustListExpired,
        ),
        (
            alter(&|office| office.policy.max_trust_list_age_s = 10 * DAY + HOUR),
            Code::TrustListStale,
        ),
    ] {
        let knowledge =
            learn(&office.bundle(), &mut Memory::new(&office.anchor())).expect("good lists");
        let (until, code) = knowledge.good_until(&office.policy);
        assert_eq!(code, expected);
        let verdict =
            |now| vernet_verifier::verify(&office.link(), &knowledge, &office.policy, now).code();
        assert_eq!(verdict(until.plus_seconds(-1)), Code::Authorised, "{expected}");
        assert_eq!(verdict(until), expected);
    }
}

#[test]
fn an_office_is_late_when_a_whole_publication_is_missing() {
    let late = |ttl, age| {
        let mut office = Office::new();
        office.status_claims.ttl = ttl;
        let knowledge =
            learn(&office.bundle(), &mut Memory::new(&office.anchor())).expect("good lists");
        let iat = office.status_claims.iat;
        knowledge.late_since(iat.plus_seconds(age)).map(|due| due.seconds_since(iat))
    };
    assert_eq!(late(3600, 3600), None, "it is due, and may be on its way");
    assert_eq!(late(3600, 7199), None);
    assert_eq!(late(3600, 7200), Some(3600));
    assert_eq!(late(60, 600), None, "a publication takes its time");
    assert_eq!(late(60, 960), Some(60));
}
