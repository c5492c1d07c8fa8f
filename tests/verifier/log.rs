//! The issued log: certificates in it are the office's, others are not accepted, and showing
//! another log is noticed.

use proptest::prelude::*;
use vernet_common::{
    Algorithm, Bundle, BundledLog, CertificateClaims, CertificateHash, Error, KeyUse, LogHash,
    LogHead, LogTree, Signed, SignedCheckpoint, StatusListClaims, TrustedKey, TrustedLog, Witness,
};
use vernet_verifier::{Code, Colour, Knowledge, LogEvidence, Memory, UpdateError, Verdict};

use crate::office::{CERTIFICATE_KEY, DAY, HOUR, LOG_KEY, Office, ROOTS, STATUS_KEY, key};

/// A forgery with the stolen certificate key: another name on the office's certificate.
fn forged(office: &Office) -> CertificateClaims {
    CertificateClaims { given_name: "Ada".parse().expect("a name"), ..office.certificate.clone() }
}

fn under_the_key(claims: &CertificateClaims) -> Signed<CertificateClaims> {
    Signed::sign(claims, Algorithm::EdDsa, &key(CERTIFICATE_KEY)).expect("signs")
}

fn judged(office: &Office, bundle: &Bundle, certificate: &str) -> Verdict {
    office.verdict_on(certificate, &office.learn(bundle).expect("a sound bundle"))
}

fn code_and_cause(verdict: &Verdict) -> (Code, Option<&'static str>) {
    (verdict.code(), verdict.cause().map(vernet_verifier::InputError::code))
}

#[test]
fn not_issued() {
    let office = Office::new();
    let forged = under_the_key(&forged(&office));
    let verdict = judged(&office, &office.bundle(), forged.as_str());
    assert_eq!((verdict.code(), verdict.colour()), (Code::NotIssued, Colour::Refused));
    assert!(verdict.certificate().is_none(), "the claims are nobody's");
    assert_eq!(verdict.as_of(), office.status_claims.iat);
    assert_eq!(office.verdict().code(), Code::Authorised, "honest holders do nothing");
}

#[test]
fn not_issued_comes_before_expired_and_revoked_and_from_old_lists_too() {
    let mut office = Office::new();
    let mut claims = forged(&office);
    claims.exp = office.now.plus_seconds(-DAY / 2);
    office.set_status(vernet_common::Status::Invalid);
    let knowledge = office.knowledge();
    office.now = office.now.plus_seconds(1000 * DAY);
    assert_eq!(
        office.verdict_on(under_the_key(&claims).as_str(), &knowledge).code(),
        Code::NotIssued
    );
}

#[test]
fn every_certificate_up_to_the_time_of_the_list_is_in_its_log() {
    let mut office = Office::new();
    let bundle = office.bundle();
    office.certificate.iat = office.status_claims.iat;
    assert_eq!(judged(&office, &bundle, &office.text()).code(), Code::NotIssued);
    office.certificate.iat = office.status_claims.iat.plus_seconds(1);
    let verdict = judged(&office, &bundle, &office.text());
    assert_eq!((verdict.code(), verdict.colour()), (Code::LogBehind, Colour::Undetermined));
    assert!(verdict.certificate().is_none(), "nobody has vouched for it yet");
    // The next publication has it.
    office.status_claims.iat = office.status_claims.iat.plus_seconds(HOUR);
    assert_eq!(office.verdict().code(), Code::Authorised);
}

#[test]
fn a_stolen_certificate_key_harms_no_honest_holder() {
    let mut office = Office::new();
    // Two more were issued after the theft: one by the office, and one by the thief, who somehow
    // got it into the log.
    let theirs = under_the_key(&forged(&office));
    office.after = vec![theirs.as_str().to_owned()];
    let before_the_theft = office.before.len() as u64 + 1;
    office.trust_list.log = TrustedLog::new(office.log().head());
    office.trust_list.keys[0].compromised_at = Some(office.now.plus_seconds(-HOUR));
    office.trust_list.keys[0].log_size = Some(before_the_theft);
    let bundle = office.bundle();
    assert_eq!(judged(&office, &bundle, &office.text()).code(), Code::Authorised);
    assert_eq!(
        judged(&office, &bundle, theirs.as_str()).code(),
        Code::KeyCompromised,
        "in the log, but too late"
    );
    let mut unlogged = forged(&office);
    unlogged.given_name = "Eva".parse().expect("a name");
    assert_eq!(
        judged(&office, &bundle, under_the_key(&unlogged).as_str()).code(),
        Code::KeyCompromised
    );
    unlogged.iat = office.status_claims.iat.plus_seconds(1);
    let verdict = judged(&office, &bundle, under_the_key(&unlogged).as_str());
    assert_eq!(verdict.code(), Code::KeyCompromised, "no newer list will vouch for it either");
    assert!(verdict.certificate().is_none());
    // One place earlier, the office's own certificate is refused as well.
    office.trust_list.keys[0].log_size = Some(before_the_theft - 1);
    assert_eq!(office.verdict().code(), Code::KeyCompromised);
    // Without a log the answer is not known.
    office.trust_list.keys[0].log_size = Some(before_the_theft);
    let bundle = Bundle { log: None, ..office.bundle() };
    assert_eq!(judged(&office, &bundle, &office.text()).code(), Code::LogMissing);
}

#[test]
fn a_trust_list_says_up_to_where_a_compromised_certificate_key_counts_and_for_no_other_key() {
    let unsound = |change: &dyn Fn(&mut Office)| {
        let mut office = Office::new();
        office.trust_list.log = TrustedLog::new(office.log().head());
        change(&mut office);
        vernet_common::SignedTrustList::unsigned(&office.trust_list)
            .expect_err("contradicts itself")
            .code()
    };
    let now = Office::new().now;
    assert_eq!(
        unsound(&|office| office.trust_list.keys[0].compromised_at = Some(now)),
        "inconsistent"
    );
    assert_eq!(unsound(&|office| office.trust_list.keys[0].log_size = Some(1)), "inconsistent");
    let both = |trusted: &mut TrustedKey, size| {
        (trusted.compromised_at, trusted.log_size) = (Some(now), Some(size))
    };
    assert_eq!(unsound(&|office| both(&mut office.trust_list.keys[1], 1)), "inconsistent");
    assert_eq!(unsound(&|office| both(&mut office.trust_list.keys[2], 1)), "inconsistent");
    assert_eq!(
        unsound(&|office| both(&mut office.trust_list.keys[0], 3)),
        "inconsistent",
        "more than there are"
    );
    let itself = |office: &mut Office, seed: u8| {
        let witness = Witness {
            key: vernet_common::Signer::public_key(&key(seed)),
            name: "w".parse().expect("a name"),
        };
        office.trust_list.log.witnesses = [witness].into();
    };
    for seed in [LOG_KEY, ROOTS[0]] {
        assert_eq!(unsound(&|office| itself(office, seed)), "inconsistent", "its own witness");
    }
    assert_eq!(unsound(&|office| office.trust_list.log.size = 0), "inconsistent");
    assert_eq!(
        unsound(&|office| office.trust_list.log.size = LogHead::MAX_SIZE + 1),
        "inconsistent"
    );
}

#[test]
fn log_missing_and_log_unusable_say_why_and_show_no_claims() {
    let office = Office::new();
    let good = office.bundle();
    let log = office.bundled_log();
    let iss = &office.trust_list.iss;
    let head = log.checkpoint.head();
    let with = |checkpoint, leaves| Bundle {
        log: Some(BundledLog { checkpoint, leaves }),
        ..good.clone()
    };
    let leaves = log.leaves.clone();
    let by = |seed| SignedCheckpoint::sign(iss, head, &key(seed)).expect("signs");
    let elsewhere = SignedCheckpoint::sign(
        &"https://other.example.no".parse().expect("a URL"),
        head,
        &key(LOG_KEY),
    );
    let other: Vec<_> = [0u8, 1].map(|n| LogHash::of_leaf(&[n])).into();
    let other_head = other.iter().copied().collect::<LogTree>().head();
    let other_log = SignedCheckpoint::sign(iss, other_head, &key(LOG_KEY)).expect("signs");
    for (name, bundle, code, cause) in [
        ("no log", Bundle { log: None, ..good.clone() }, Code::LogMissing, None),
        (
            "no leaves",
            with(log.checkpoint.clone(), None),
            Code::LogMissing,
            Some("log_leaves_missing"),
        ),
        (
            "by the certificate key",
            with(by(CERTIFICATE_KEY), leaves.clone()),
            Code::LogUnusable,
            Some("checkpoint_unsigned"),
        ),
        (
            "by the status key",
            with(by(STATUS_KEY), leaves.clone()),
            Code::LogUnusable,
            Some("checkpoint_unsigned"),
        ),
        (
            "by a stranger",
            with(by(66), leaves.clone()),
            Code::LogUnusable,
            Some("checkpoint_unsigned"),
        ),
        (
            "of another office",
            with(elsewhere.expect("signs"), leaves.clone()),
            Code::LogUnusable,
            Some("checkpoint_origin"),
        ),
        (
            "with the log key alone",
            with(other_log, Some(other.clone())),
            Code::LogUnusable,
            Some("log_mismatch"),
        ),
        (
            "other leaves",
            with(log.checkpoint.clone(), Some(other)),
            Code::LogUnusable,
            Some("log_root"),
        ),
        (
            "fewer leaves",
            with(log.checkpoint.clone(), Some(Vec::new())),
            Code::LogUnusable,
            Some("log_root"),
        ),
    ] {
        let verdict = judged(&office, &bundle, &office.text());
        assert_eq!(
            (code_and_cause(&verdict), verdict.colour()),
            ((code, cause), Colour::Undetermined),
            "{name}"
        );
        assert!(verdict.certificate().is_none(), "{name}");
        let refused = Knowledge::update(
            &bundle,
            &mut Memory::new(&office.anchor()),
            &office.policy,
            office.now,
        );
        assert_eq!(
            refused.expect_err(name).code(),
            cause.unwrap_or("log_missing"),
            "such lists replace no good ones"
        );
        let doubt = office.learn(&bundle).expect("learns").doubt(&office.policy, office.now);
        assert_eq!(doubt, Some(code), "{name}: whoever watches a server sees it");
    }
    // Without a status list the log has no time; the missing status is the clearer message.
    let undated = Bundle { status_lists: Vec::new(), ..good.clone() };
    let knowledge = office.learn(&undated).expect("learns");
    assert_eq!(knowledge.log().expect_err("undated").map(Error::code), Some("log_unnamed"));
    assert_eq!(office.verdict_on(&office.text(), &knowledge).code(), Code::StatusMissing);
}

#[test]
fn the_time_of_the_list_is_the_time_of_the_log() {
    let mut office = Office::new();
    for (compromised, not_after) in [(true, None), (false, Some(-2 * HOUR)), (false, Some(-HOUR))] {
        office.trust_list.keys[2].compromised_at = compromised.then_some(office.now);
        office.trust_list.keys[2].not_after = not_after.map(|at| office.now.plus_seconds(at));
        let verdict = office.verdict();
        assert_eq!(code_and_cause(&verdict), (Code::LogUnusable, Some("checkpoint_unsigned")));
    }
    office.trust_list.keys[2].not_after = Some(office.status_claims.iat.plus_seconds(1));
    assert_eq!(office.verdict().code(), Code::Authorised);
    // A new log key continues the same log.
    office.trust_list.keys[2].compromised_at = Some(office.now);
    let new = TrustedKey {
        key: vernet_common::Signer::public_key(&key(33)),
        r#use: KeyUse::Log,
        compromised_at: None,
        not_after: None,
        ..office.trust_list.keys[2].clone()
    };
    office.trust_list.keys.push(new);
    let checkpoint = SignedCheckpoint::sign(&office.trust_list.iss, office.log().head(), &key(33))
        .expect("signs");
    let leaves = Some(office.log().leaves().to_vec());
    let bundle = Bundle { log: Some(BundledLog { checkpoint, leaves }), ..office.bundle() };
    assert_eq!(judged(&office, &bundle, &office.text()).code(), Code::Authorised);
}

#[test]
fn a_status_list_that_names_another_log_than_its_neighbour_is_not_believed_about_certificates() {
    let mut office = Office::new();
    let mut bundle = office.bundle();
    let second = vernet_common::StatusListUri::new(
        &office.trust_list.iss,
        vernet_common::StatusListNumber::new(2).expect("a number"),
    );
    office.after.push("one more".into());
    let claims = StatusListClaims { sub: second, ..office.status_claims.clone() };
    bundle.status_lists.push(office.signed_status_claims(&claims, STATUS_KEY));
    bundle.log = Some(office.bundled_log());
    let verdict = judged(&office, &bundle, &office.text());
    assert_eq!(code_and_cause(&verdict), (Code::LogUnusable, Some("log_mismatch")));
    let refused =
        Knowledge::update(&bundle, &mut Memory::new(&office.anchor()), &office.policy, office.now);
    assert_eq!(refused.expect_err("a mixture").code(), "log_mismatch");
}

/// An office, and the memory of a verifier that has seen three leaves of its log an hour ago.
fn seen() -> (Office, Memory) {
    let mut office = Office::new();
    office.after = vec!["third".into()];
    let mut memory = Memory::new(&office.anchor());
    Knowledge::learn(&office.bundle(), &mut memory, &office.policy, office.now).expect("sound");
    office.status_claims.iat = office.status_claims.iat.plus_seconds(HOUR / 2);
    (office, memory)
}

fn alarm(office: &Office, memory: &Memory) -> Option<&'static str> {
    let (bundle, mut learnt) = (office.bundle(), memory.clone());
    let error = Knowledge::learn(&bundle, &mut learnt, &office.policy, office.now).err()?;
    assert_eq!(&learnt, memory, "nothing is learnt from it");
    let evidence = LogEvidence::of(&error, &bundle, memory).expect("every alarm has its evidence");
    let evidence = serde_json::to_value(evidence).expect("JSON");
    assert_eq!(evidence["code"], error.code());
    assert!(
        evidence["found"]["log"]["checkpoint"].as_str().is_some_and(|note| note.contains("/log\n"))
    );
    let mut updated = memory.clone();
    let update = Knowledge::update(&bundle, &mut updated, &office.policy, office.now);
    assert_eq!(update.map_err(|error: UpdateError| error.code()).err(), Some(error.code()));
    Some(error.code())
}

#[test]
fn a_log_that_goes_on_is_believed_and_remembered() {
    let (mut office, mut memory) = seen();
    assert_eq!(alarm(&office, &memory), None, "the same log under a later list");
    office.after.push("fourth".into());
    assert_eq!(alarm(&office, &memory), None);
    Knowledge::learn(&office.bundle(), &mut memory, &office.policy, office.now).expect("longer");
    // Now the fourth leaf cannot be removed again.
    office.after.pop();
    office.status_claims.iat = office.status_claims.iat.plus_seconds(60);
    assert_eq!(alarm(&office, &memory), Some("log_shrunk"));
}

#[test]
fn log_forked() {
    let (mut office, memory) = seen();
    office.after = vec!["another third".into()];
    assert_eq!(alarm(&office, &memory), Some("log_forked"), "another one of the same size");
    office.after.push("fourth".into());
    assert_eq!(
        alarm(&office, &memory),
        Some("log_forked"),
        "a longer one that does not go on from it"
    );
    // The evidence contains both logs, each with the list that dates it.
    let bundle = office.bundle();
    let error = Knowledge::learn(&bundle, &mut memory.clone(), &office.policy, office.now)
        .expect_err("forked");
    let evidence = LogEvidence::of(&error, &bundle, &memory).expect("evidence");
    let evidence = serde_json::to_value(evidence).expect("JSON");
    let known = &evidence["known"];
    let (checkpoint, list) =
        (known["checkpoint"].as_str().expect("text"), known["status_list"].as_str().expect("text"));
    let checkpoint = SignedCheckpoint::parse(checkpoint).expect("a checkpoint");
    let log_key = vernet_common::Signer::public_key(&key(LOG_KEY));
    assert!(checkpoint.is_signed_by(&office.trust_list.iss, &log_key).expect("holds"));
    let list = Signed::<StatusListClaims>::parse(list).expect("an envelope");
    let list = list.verify(&vernet_common::Signer::public_key(&key(STATUS_KEY))).expect("holds");
    assert_eq!(list.claims().log, checkpoint.head());
    assert_ne!(Some(checkpoint.head()), bundle.log.as_ref().map(|log| log.checkpoint.head()));
    let other = Error::LogRoot;
    assert!(
        LogEvidence::of(&other, &bundle, &memory).is_none(),
        "what anybody can make is no evidence"
    );
}

#[test]
fn log_shrunk() {
    let (mut office, memory) = seen();
    office.after.clear();
    assert_eq!(alarm(&office, &memory), Some("log_shrunk"));
    // With exactly the time of the list that was seen: two lists of the same second.
    office.status_claims.iat = office.status_claims.iat.plus_seconds(-HOUR / 2);
    assert_eq!(alarm(&office, &memory), Some("log_shrunk"));
}

#[test]
fn merely_old_lists_are_what_they_were_and_no_alarm() {
    let (mut office, mut memory) = seen();
    office.after.clear();
    office.status_claims.iat = office.status_claims.iat.plus_seconds(-HOUR);
    assert_eq!(alarm(&office, &memory), None);
    let knowledge =
        Knowledge::learn(&office.bundle(), &mut memory, &office.policy, office.now).expect("old");
    let verdict = office.verdict_on(&office.text(), &knowledge);
    assert_eq!(code_and_cause(&verdict), (Code::StatusUnusable, Some("status_list_rolled_back")));
}

#[test]
fn what_one_key_alone_signs_raises_no_alarm() {
    let (office, memory) = seen();
    let forked = [0u8, 1, 2].map(|n| LogHash::of_leaf(&[n]));
    let head = forked.into_iter().collect::<LogTree>().head();
    let log = |seed| BundledLog {
        checkpoint: SignedCheckpoint::sign(&office.trust_list.iss, head, &key(seed))
            .expect("signs"),
        leaves: Some(forked.to_vec()),
    };
    let list = |seed| {
        let claims = StatusListClaims { log: head, ..office.status_claims.clone() };
        Signed::sign(&claims, Algorithm::EdDsa, &key(seed)).expect("signs")
    };
    let learn =
        |bundle: &Bundle| Knowledge::learn(bundle, &mut memory.clone(), &office.policy, office.now);
    // The log key alone, the status key alone, and neither.
    for (status, log_key) in [(None, LOG_KEY), (Some(STATUS_KEY), 66), (Some(66), LOG_KEY)] {
        let mut bundle = Bundle { log: Some(log(log_key)), ..office.bundle() };
        bundle.status_lists = status.map_or(bundle.status_lists, |seed| vec![list(seed)]);
        let knowledge = learn(&bundle).expect("no alarm");
        assert!(knowledge.log().is_err());
        assert_ne!(office.verdict_on(&office.text(), &knowledge).colour(), Colour::Accepted);
    }
    let both =
        Bundle { log: Some(log(LOG_KEY)), status_lists: vec![list(STATUS_KEY)], ..office.bundle() };
    assert_eq!(learn(&both).expect_err("both keys").code(), "log_forked");
}

#[test]
fn the_roots_vouch_for_the_beginning_of_the_log() {
    let mut office = Office::new();
    office.trust_list.log = TrustedLog::new(office.log().head());
    let fresh = Memory::new(&office.anchor());
    office.after = vec!["later".into()];
    assert_eq!(alarm(&office, &fresh), None);
    // A verifier that has seen nothing before is shown another beginning, under all three working
    // keys.
    office.before = vec!["the certificate of a thief".into()];
    assert_eq!(alarm(&office, &fresh), Some("log_forked"));
    office.before.clear();
    office.after.clear();
    assert_eq!(
        alarm(&office, &fresh),
        Some("log_shrunk"),
        "a shorter log under lists of this trust list"
    );
    // Lists older than the trust list name a shorter log, which cannot be compared, so it is not
    // used.
    office.status_claims.trust_list_seq -= 1;
    assert_eq!(alarm(&office, &fresh), None);
    let verdict = office.verdict();
    assert_eq!(code_and_cause(&verdict), (Code::LogUnusable, Some("log_outdated")));
}

#[test]
fn a_log_dated_in_the_future_is_not_remembered() {
    let (mut office, mut memory) = seen();
    let before = memory.clone();
    office.status_claims.iat = office.now.plus_seconds(301);
    office.status_claims.exp = office.now.plus_seconds(DAY);
    office.after.push("fourth".into());
    Knowledge::learn(&office.bundle(), &mut memory, &office.policy, office.now).expect("used");
    assert_eq!(memory, before);
}

/// A thief with the log and status keys has shown somebody his own log, and the office has had new
/// keys since.
#[test]
fn what_only_stolen_keys_have_shown_does_not_outlast_the_theft() {
    let (new_status, new_log) = (STATUS_KEY + 200, LOG_KEY + 200);
    let after = |status_stolen: bool, log_stolen: bool| {
        let (mut office, mut memory) = seen();
        office.after = vec!["the office's own third".into()];
        office.trust_list.seq += 1;
        office.trust_list.log = TrustedLog::new(office.log().head());
        let mut new_key = |place: usize, seed| {
            let new = vernet_common::Signer::public_key(&key(seed));
            let new = TrustedKey { key: new, ..office.trust_list.keys[place].clone() };
            office.trust_list.keys[place].compromised_at = Some(office.now.plus_seconds(-HOUR));
            office.trust_list.keys.push(new);
            seed
        };
        let status = if status_stolen { new_key(1, new_status) } else { STATUS_KEY };
        let log = if log_stolen { new_key(2, new_log) } else { LOG_KEY };
        office.status_claims.trust_list_seq = office.trust_list.seq;
        let head = office.log().head();
        let checkpoint =
            SignedCheckpoint::sign(&office.trust_list.iss, head, &key(log)).expect("signs");
        let bundle = Bundle {
            status_lists: vec![office.signed_status_claims(&office.status_claims, status)],
            log: Some(BundledLog { checkpoint, ..office.bundled_log() }),
            ..office.bundle()
        };
        let learnt = Knowledge::learn(&bundle, &mut memory, &office.policy, office.now);
        (
            learnt
                .map(|known| known.log().map_err(|_| ()).expect("usable"))
                .map_err(|error| error.code()),
            head,
            memory,
        )
    };
    let (learnt, head, mut memory) = after(true, true);
    assert_eq!(
        learnt,
        Ok(head),
        "neither the log nor its time is anything that the office has said"
    );
    // From here on the office's own log is remembered, and the thief's no longer counts.
    let (office, _) = seen();
    let back = Knowledge::learn(&office.bundle(), &mut memory, &office.policy, office.now);
    assert_eq!(back.expect_err("from before").code(), "trust_list_rolled_back");
    // As long as one of the two keys was not stolen, the office itself has stated that this is its
    // log.
    assert_eq!(after(true, false).0, Err("log_forked"));
    assert_eq!(after(false, true).0, Err("log_forked"));
    assert_eq!(after(false, false).0, Err("log_forked"));
}

#[test]
fn witnesses_missing() {
    let mut office = Office::new();
    let witness = |n: u8| Witness {
        key: vernet_common::Signer::public_key(&key(n)),
        name: format!("witness.example.no/{n}").parse().expect("a name"),
    };
    let watched = |threshold| TrustedLog {
        threshold,
        witnesses: [witness(80), witness(81)].into(),
        ..TrustedLog::new(LogHead::empty())
    };
    for (threshold, by, expected) in [
        (0, &[][..], Code::Authorised),
        (1, &[], Code::LogUnusable),
        (1, &[80], Code::Authorised),
        (2, &[80], Code::LogUnusable),
        (2, &[80, 81], Code::Authorised),
        (2, &[80, 82], Code::LogUnusable),
    ] {
        office.trust_list.log = watched(threshold);
        let mut bundle = office.bundle();
        let log = bundle.log.as_mut().expect("a log");
        for seed in by {
            log.checkpoint.cosign(&witness(*seed).name, &key(*seed), office.now).expect("signs");
        }
        let verdict = judged(&office, &bundle, &office.text());
        assert_eq!(verdict.code(), expected, "{threshold} of {by:?}");
        if expected == Code::LogUnusable {
            assert_eq!(verdict.cause().expect("a cause").code(), "witnesses_missing");
        }
    }
}

#[test]
fn leaves_travel_in_the_bundle_while_they_are_few() {
    let mut office = Office::new();
    let json = |office: &Office| office.bundle().to_json().expect("JSON");
    office.after = (0..1022).map(|n| n.to_string()).collect();
    let read = Bundle::from_json(&json(&office)).expect("reads");
    assert_eq!((read.leaves_to_fetch(), read), (None, office.bundle()));
    office.after.push("one more".into());
    let mut read = Bundle::from_json(&json(&office)).expect("reads");
    assert_eq!(read.leaves_to_fetch(), Some(1025));
    let verdict = judged(&office, &read, &office.text());
    assert_eq!(code_and_cause(&verdict), (Code::LogMissing, Some("log_leaves_missing")));
    read.log.as_mut().expect("a log").leaves = Some(office.log().leaves().to_vec());
    assert_eq!(judged(&office, &read, &office.text()).code(), Code::Authorised);
}

#[test]
fn a_bundle_with_another_number_of_leaves_is_not_read() {
    let office = Office::new();
    let mut value: serde_json::Value =
        serde_json::from_slice(&office.bundle().to_json().expect("JSON")).expect("JSON");
    let read = |value: &serde_json::Value| {
        Bundle::from_json(value.to_string().as_bytes()).map(drop).map_err(|e| e.code())
    };
    assert_eq!(read(&value), Ok(()));
    let leaves = value["log"]["leaves"].as_str().expect("text").to_owned();
    for (wrong, code) in [
        (serde_json::json!(""), "inconsistent"),
        (serde_json::json!(&leaves[..43]), "not_json"),
        (serde_json::json!(format!("{leaves}AAAA")), "not_json"),
        (serde_json::json!("A".repeat(128)), "inconsistent"),
        (serde_json::json!(null), "not_json"),
        (serde_json::json!([]), "not_json"),
    ] {
        value["log"]["leaves"] = wrong;
        assert_eq!(read(&value), Err(code), "{}", value["log"]["leaves"]);
    }
    value["log"].as_object_mut().expect("an object").remove("leaves");
    assert_eq!(read(&value), Err("inconsistent"), "two leaves fit into the bundle");
    value["log"]["checkpoint"] = "no note".into();
    assert_eq!(read(&value), Err("not_json"));
    value["log"] = serde_json::Value::Null;
    assert_eq!(read(&value), Err("not_json"));
    value.as_object_mut().expect("an object").remove("log");
    assert_eq!(read(&value), Err("not_json"), "every bundle has a log");
}

#[test]
fn fifty_certificates_make_a_bundle_of_less_than_ten_kilobytes() {
    let mut office = Office::new();
    office.after = (0..48).map(|n| n.to_string()).collect();
    for n in 0..400 {
        office.statuses.insert(n * 317, vernet_common::Status::Invalid);
    }
    let size = office.bundle().to_json().expect("JSON").len();
    assert!(size < 10_000, "{size} bytes");
}

proptest! {
    /// Certificates in the log are found, and no others.
    #[test]
    fn exactly_those_in_the_log_are_found(count in 0usize..200, own: prop::sample::Index, stranger: [u8; 4]) {
        let mut office = Office::new();
        let own = own.index(count + 1);
        office.before = (0..own).map(|n| n.to_string()).collect();
        office.after = (own..count).map(|n| n.to_string()).collect();
        prop_assert_eq!(office.verdict().code(), Code::Authorised);
        let name = stranger.map(|b| char::from(b'a' + b % 26)).iter().collect::<String>();
        let claims = CertificateClaims { given_name: name.parse().expect("a name"), ..office.certificate.clone() };
        prop_assert_eq!(judged(&office, &office.bundle(), under_the_key(&claims).as_str()).code(), Code::NotIssued);
        office.logs_own = false;
        prop_assert_eq!(office.verdict().code(), Code::NotIssued);
        prop_assert!(CertificateHash::of_jws("x") != CertificateHash::of_jws("y"));
    }

    /// No change to the checkpoint or the leaves gets a certificate accepted that is not in the
    /// log.
    #[test]
    fn a_bent_log_lets_nobody_in(place: prop::sample::Index, c in "[ -~\n]", leaf: prop::sample::Index, bit in 0usize..256) {
        let office = Office::new();
        let forged = under_the_key(&forged(&office));
        let mut bundle = office.bundle();
        let log = bundle.log.as_mut().expect("a log");
        let mut text: Vec<char> = log.checkpoint.to_text().chars().collect();
        let place = place.index(text.len());
        text[place] = c.chars().next().expect("one");
        if let Ok(checkpoint) = SignedCheckpoint::parse(&text.iter().collect::<String>()) {
            log.checkpoint = checkpoint;
        }
        let leaves = log.leaves.as_mut().expect("leaves");
        let leaf = leaf.index(leaves.len());
        let mut bytes = *leaves[leaf].as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        leaves[leaf] = bytes.into();
        for text in [office.text(), forged.as_str().to_owned()] {
            prop_assert_ne!(judged(&office, &bundle, &text).colour(), Colour::Accepted);
        }
    }
}
