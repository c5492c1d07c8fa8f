//! Receipts: made, and verified from files years later; if one byte is changed or one part is
//! missing, the check gives no verdict.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use vernet_common::{
    Algorithm, BundledLog, LogHash, NumericDate, Payload, PublicKey, Roots, Sha256Hash, Signed,
    SignedTrustList, Signer, Status, TrustAnchor, to_canonical_json,
};
use vernet_verifier::{
    Code, Colour, Knowledge, Memory, Policy, Verdict,
    receipt::{Check, Evidence, Receipt, ReplayFault, VerifierName},
};

use crate::office::{CERTIFICATE_KEY, DAY, HOUR, Office, ROOTS, STATUS_KEY, key};

/// The hospital's own key.
const HOSPITAL: u8 = 200;

fn name() -> VerifierName {
    "Ullevål sykehus, hjerteavdelingen".parse().expect("a name")
}

/// A receipt, and everything that a hospital stored with it.
struct Filed {
    jws: String,
    anchor: TrustAnchor,
    /// Each part in a separate file.
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Filed {
    /// The check of the office's own certificate now.
    fn of(office: &Office) -> Self {
        Self::of_input(office, &office.text())
    }

    fn of_input(office: &Office, input: &str) -> Self {
        Self::learnt(office, input, &mut Memory::new(&office.anchor()))
    }

    /// With a memory of what was seen before.
    fn learnt(office: &Office, input: &str, memory: &mut Memory) -> Self {
        let (bundle, anchor) = (office.bundle(), office.anchor());
        let knowledge =
            Knowledge::learn(&bundle, memory, &office.policy, office.now).expect("a sound bundle");
        let check = Check {
            input,
            anchor: &anchor,
            knowledge: &knowledge,
            policy: &office.policy,
            now: office.now,
        };
        let receipt = check.decide().receipt(&name(), office.now);
        assert_eq!(receipt.code, check.decide().verdict().code());
        let lists = bundle.trust_lists.iter().map(|list| ("trust list", canonical(list)));
        let statuses = bundle
            .status_lists
            .iter()
            .map(|list| ("status list", list.as_str().as_bytes().to_vec()));
        let files = [("roots", canonical(&anchor)), ("input", input.as_bytes().to_vec())];
        let log = bundle.log.as_ref().expect("every bundle has a log");
        let files = files.into_iter().chain(lists).chain(statuses).chain(log_files(log)).collect();
        Self { jws: sign(&receipt), anchor, files }
    }

    fn replay(&self) -> Result<Verdict, Vec<&'static str>> {
        replay(&self.jws, &self.files)
    }

    #[track_caller]
    fn gives(&self, code: Code) {
        let verdict = self.replay().unwrap_or_else(|faults| panic!("{faults:?}, expected {code}"));
        assert_eq!(verdict.code(), code);
    }

    fn without(&self, part: &str) -> Vec<(&'static str, Vec<u8>)> {
        self.files.iter().filter(|(name, _)| *name != part).cloned().collect()
    }

    fn receipt(&self) -> Receipt {
        Receipt::open(&self.jws, &[hospital()]).expect("our own").into_claims()
    }
}

/// The checkpoint and the leaves.
fn log_files(log: &BundledLog) -> [(&'static str, Vec<u8>); 2] {
    let leaves = log.leaves.iter().flatten().flat_map(|leaf| *leaf.as_bytes()).collect();
    [("checkpoint", log.checkpoint.to_text().into_bytes()), ("leaves", leaves)]
}

/// Offers a file as evidence. Leaves are recognised by their file name: they are only hashes.
fn offer(evidence: &mut Evidence, name: &str, file: &[u8]) {
    if name == "leaves" {
        evidence.offer_leaves(
            file.as_chunks::<32>().0.iter().map(|leaf| LogHash::from(*leaf)).collect(),
        );
    } else {
        evidence.offer(file);
    }
}

fn hospital() -> PublicKey {
    key(HOSPITAL).public_key()
}

fn sign(receipt: &Receipt) -> String {
    Signed::sign(receipt, Algorithm::EdDsa, &key(HOSPITAL)).expect("consistent").as_str().to_owned()
}

fn canonical<T: serde::Serialize>(value: &T) -> Vec<u8> {
    to_canonical_json("a part", value).expect("it is JSON")
}

/// Repeats the check as an auditor who has compared the fingerprint of the roots with the office.
fn replay(jws: &str, files: &[(&'static str, Vec<u8>)]) -> Result<Verdict, Vec<&'static str>> {
    let codes = |faults: Vec<ReplayFault>| faults.iter().map(ReplayFault::code).collect::<Vec<_>>();
    let receipt = Receipt::open(jws, &[hospital()]).map_err(|fault| codes(vec![fault]))?;
    let mut evidence = Evidence::new(&receipt);
    files.iter().for_each(|(name, file)| offer(&mut evidence, name, file));
    if let Some(anchor) = evidence.found_roots().cloned() {
        evidence.trust(&anchor);
    }
    files
        .iter()
        .filter_map(|(_, file)| str::from_utf8(file).ok())
        .for_each(|text| evidence.offer_input(text));
    evidence.replay().map_err(codes)
}

fn codes(result: Result<Verdict, Vec<&'static str>>) -> Vec<&'static str> {
    match result {
        Ok(verdict) => panic!("it gave {}", verdict.code()),
        Err(faults) => faults,
    }
}

/// One office for each verdict that text can get, with the input.
fn every_verdict() -> Vec<(Code, Office, String)> {
    let bent = |code, bend: &dyn Fn(&mut Office)| {
        let mut office = Office::new();
        bend(&mut office);
        let text = office.text();
        (code, office, text)
    };
    let input = |code, text: &dyn Fn(&Office) -> String| {
        let office = Office::new();
        let text = text(&office);
        (code, office, text)
    };
    vec![
        bent(Code::Authorised, &|_| {}),
        bent(Code::AuthorisedWithConditions, &|office| office.set_status(Status::Conditions)),
        bent(Code::Suspended, &|office| office.set_status(Status::Suspended)),
        bent(Code::Revoked, &|office| office.set_status(Status::Invalid)),
        bent(Code::Expired, &|office| office.certificate.exp = office.now),
        input(Code::Unreadable, &|_| " ".to_owned()),
        bent(Code::NotYetValid, &|office| office.certificate.iat = office.now.plus_seconds(HOUR)),
        bent(Code::KeyCompromised, &|office| office.steal_certificate_key()),
        input(Code::NotIssued, &|office| {
            let mut forger = Office::as_of(office.now);
            forger.certificate.given_name = "Ada".parse().expect("a name");
            forger.text()
        }),
        input(Code::LogBehind, &|office| {
            let mut newer = Office::as_of(office.now);
            newer.certificate.iat = office.status_claims.iat.plus_seconds(1);
            newer.text()
        }),
        bent(Code::LogUnusable, &|office| {
            office.trust_list.keys[2].compromised_at = Some(office.now)
        }),
        bent(Code::KeyNotValid, &|office| office.trust_list.keys[0].not_before = office.now),
        bent(Code::StatusStale, &|office| {
            office.status_claims.iat = office.now.plus_seconds(-2 * DAY)
        }),
        bent(Code::StatusUnusable, &|office| {
            office.trust_list.keys[1].compromised_at = Some(office.now)
        }),
        bent(Code::TrustListExpired, &|office| office.trust_list.exp = office.now),
        bent(Code::TrustListStale, &|office| {
            office.trust_list.iat = office.now.plus_seconds(-101 * DAY)
        }),
        bent(Code::ClockBehind, &|office| {
            (office.status_claims.iat, office.status_claims.exp) =
                (office.now.plus_seconds(HOUR), office.now.plus_seconds(DAY));
        }),
        bent(Code::StatusMissing, &|office| {
            let other = office
                .certificate
                .status
                .status_list
                .uri
                .as_str()
                .replace("/status/1", "/status/2");
            office.certificate.status.status_list.uri = other.try_into().expect("a URI");
        }),
        input(Code::BadSignature, &|office| {
            let text = office.text();
            let last = text.len() - 40;
            let other = if &text[last..=last] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &text[..last], &text[last + 1..])
        }),
        input(Code::UntrustedIssuer, &Office::signed_by_a_stranger),
        bent(Code::UntrustedTitle, &|office| {
            office.certificate.title = "dentist".parse().expect("a title");
        }),
        input(Code::Malformed, &|_| "not a certificate at all".to_owned()),
    ]
}

#[test]
fn every_verdict_is_given_again() {
    let mut seen = Vec::new();
    for (code, office, text) in every_verdict() {
        let filed = Filed::of_input(&office, &text);
        assert_eq!(filed.receipt().code, code);
        filed.gives(code);
        seen.push(code);
    }
    // A newer program understands more than one that is outdated.
    let missing: Vec<_> = Code::ALL.iter().copied().filter(|code| !seen.contains(code)).collect();
    // The case without the leaves of a large log is tested below.
    assert_eq!(missing, [Code::LogMissing, Code::VerifierOutdated]);
}

#[test]
fn a_code_on_paper_is_the_certificate_that_it_encodes() {
    let office = Office::new();
    let (link, text) = (Filed::of_input(&office, &office.link()), Filed::of(&office));
    assert_eq!(link.receipt(), text.receipt());
    link.gives(Code::Authorised);
    // The text of the certificate serves for a scanned link, and the other way round.
    for (jws, files) in [(&link.jws, &text.files), (&text.jws, &link.files)] {
        assert_eq!(replay(jws, files).expect("the same certificate").code(), Code::Authorised);
    }
    // A code that can only be read with another trust list is an input, but not a certificate.
    let mut later = Office::new();
    let link = later.link();
    later.trust_list.keys.remove(0);
    let filed = Filed::of_input(&later, &link);
    assert!(filed.receipt().certificate_sha256.is_none());
    filed.gives(Code::UntrustedIssuer);
}

#[test]
fn ten_publications_later_the_verdict_is_the_same() {
    let mut office = Office::new();
    let filed = Filed::of(&office);
    let mut archive: Vec<(&'static str, Vec<u8>)> = vec![("bundle", canonical(&office.bundle()))];
    for _ in 0..10 {
        office.now = office.now.plus_seconds(DAY);
        office.status_claims.iat = office.status_claims.iat.plus_seconds(DAY);
        office.status_claims.exp = office.status_claims.exp.plus_seconds(DAY);
        office.trust_list.seq += 1;
        office.trust_list.iat = office.now.plus_seconds(-2 * HOUR);
        office.status_claims.trust_list_seq += 1;
        office.set_status(Status::Invalid);
        // Since then the certificate was withdrawn, and its key was stolen.
        office.steal_certificate_key();
        archive.insert(0, ("bundle", canonical(&office.bundle())));
    }
    archive.extend([("roots", canonical(&filed.anchor)), ("input", office.text().into_bytes())]);
    let verdict = replay(&filed.jws, &archive).expect("nothing is missing");
    assert_eq!(
        (verdict.code(), verdict.checked_at()),
        (Code::Authorised, filed.receipt().checked_at)
    );
}

#[test]
fn one_bit_changed_anywhere_and_it_is_refused() {
    let office = Office::new();
    let filed = Filed::of(&office);
    filed.gives(Code::Authorised);
    for part in ["checkpoint", "leaves"] {
        let number = filed.files.iter().position(|(name, _)| *name == part).expect("a part");
        let mut files = filed.files.clone();
        for byte in 0..files[number].1.len() {
            files[number].1[byte] ^= 1;
            let code = codes(replay(&filed.jws, &files));
            // With an altered signature the log cannot be used; with any other change it is not the
            // log of that list.
            assert!(
                code == ["log_missing"] || (part == "checkpoint" && code == ["verdict_differs"]),
                "{part}, byte {byte}: {code:?}"
            );
            files[number].1[byte] ^= 1;
        }
    }
    let bits = |byte: usize| [1u8 << (byte % 8), 0xff];
    let mut found = std::collections::BTreeSet::new();
    for byte in 0..filed.jws.len() {
        for bit in (0..8).map(|bit| 1u8 << bit) {
            let mut changed = filed.jws.clone().into_bytes();
            changed[byte] ^= bit;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            found.extend(codes(replay(&changed, &filed.files)));
        }
    }
    // What is signed in the trust list is found by its hash; its signatures must hold all the same.
    let of_trust_list = ["trust_list_missing", "trust_chain_missing", "signature_invalid"];
    for (part, expected) in [
        ("roots", &["roots_missing"][..]),
        ("trust list", &of_trust_list),
        ("status list", &["status_list_missing"]),
        ("input", &["certificate_missing"]),
    ] {
        let number = filed.files.iter().position(|(name, _)| *name == part).expect("a part");
        let mut files = filed.files.clone();
        // The last character of the input is the `~` after the certificate, which is not part of it.
        for byte in 0..files[number].1.len() - usize::from(part == "input") {
            for bit in bits(byte) {
                files[number].1[byte] ^= bit;
                let found = match replay(&filed.jws, &files) {
                    Err(faults) => faults,
                    // A line of the signatures that is nobody's any more, and enough others.
                    Ok(_) if part == "trust list" => {
                        let found = SignedTrustList::from_json(&files[number].1).expect("a list");
                        let good = office.signed_trust_list(&ROOTS);
                        assert!(found.hash() == good.hash() && !found.signers().eq(good.signers()));
                        vec!["signature_invalid"]
                    }
                    Ok(verdict) => panic!("{part}, byte {byte}: {verdict}"),
                };
                assert!(
                    found.len() == 1 && expected.contains(&found[0]),
                    "{part}, byte {byte}: {found:?}"
                );
                files[number].1[byte] ^= bit;
            }
        }
    }
    for code in
        ["signature_invalid", "not_base64url", "jws_parts", "receipt_key_unknown", "wrong_type"]
    {
        assert!(found.contains(code), "{code} is among {found:?}");
    }
}

/// The list with one more line among its signatures, by a key that nobody knows.
fn with_a_strangers_signature(list: &SignedTrustList) -> SignedTrustList {
    let mut list = list.clone();
    list.add_signature(&key(66)).expect("it signs");
    list
}

#[test]
fn a_trust_list_is_the_same_whoever_adds_a_signature_to_it() {
    let office = Office::new();
    let genuine = Filed::of(&office);
    // A mirror has added a line to what the verifier fetched.
    let mut bundle = office.bundle();
    let list = bundle.trust_lists.last_mut().expect("there is one");
    *list = with_a_strangers_signature(list);
    let anchor = office.anchor();
    let knowledge =
        Knowledge::learn(&bundle, &mut Memory::new(&anchor), &office.policy, office.now)
            .expect("it counts all the same");
    let check = Check {
        input: &office.text(),
        anchor: &anchor,
        knowledge: &knowledge,
        policy: &office.policy,
        now: office.now,
    };
    let receipt = check.decide().receipt(&name(), office.now);
    assert_eq!(receipt, genuine.receipt());
    let verdict = replay(&sign(&receipt), &genuine.files).expect("nothing is missing");
    assert_eq!(verdict.code(), Code::Authorised);

    // And the other way round: the archive kept the mirror's copy.
    let mirrored = [&genuine.without("trust list")[..], &[("bundle", canonical(&bundle))]].concat();
    genuine.gives(Code::Authorised);
    assert_eq!(replay(&genuine.jws, &mirrored).expect("the same list").code(), Code::Authorised);
}

#[test]
fn a_copy_whose_signatures_are_damaged_does_not_stand_for_a_good_one() {
    let filed = Filed::of(&Office::new());
    let good = filed.files.iter().find(|(name, _)| *name == "trust list").expect("a part");
    let list = SignedTrustList::from_json(&good.1).expect("a list");
    let damaged = |byte: u8| {
        let mut value: serde_json::Value = serde_json::from_slice(&good.1).expect("JSON");
        let mut signature = [byte; 64];
        signature[0] = 7;
        let text = URL_SAFE_NO_PAD.encode(signature);
        value["signatures"][0]["signature"] = text.into();
        ("trust list", serde_json::to_vec(&value).expect("JSON"))
    };
    let mut unsigned: serde_json::Value = serde_json::from_slice(&good.1).expect("JSON");
    unsigned["signatures"] = serde_json::json!([]);
    let unsigned = ("trust list", serde_json::to_vec(&unsigned).expect("JSON"));
    assert_eq!(
        SignedTrustList::from_json(&damaged(1).1).expect("its form is right").hash(),
        list.hash()
    );
    let others = filed.without("trust list");
    assert_eq!(
        codes(replay(&filed.jws, &[&others[..], &[damaged(1)]].concat())),
        ["signature_invalid"]
    );
    assert_eq!(
        codes(replay(&filed.jws, &[&others[..], std::slice::from_ref(&unsigned)].concat())),
        ["trust_chain_missing"]
    );
    // In any order, with the good one among them.
    for place in 0..=40 {
        let mut files = filed.without("trust list");
        files.push(unsigned.clone());
        files.extend((0..40).map(damaged));
        files.insert(place, good.clone());
        assert_eq!(replay(&filed.jws, &files).expect("one is good").code(), Code::Authorised);
    }
    // More copies than anybody has are not looked at, which is said.
    let many = [&others[..], &(0..100).map(damaged).collect::<Vec<_>>()].concat();
    assert!(codes(replay(&filed.jws, &many)).contains(&"too_many_trust_lists"));
}

#[test]
fn each_part_that_is_missing_is_named_and_nothing_else() {
    let filed = Filed::of(&Office::new());
    for (part, code) in [
        ("roots", "roots_missing"),
        ("trust list", "trust_list_missing"),
        ("status list", "status_list_missing"),
        ("checkpoint", "log_missing"),
        ("leaves", "log_missing"),
        ("input", "certificate_missing"),
    ] {
        assert_eq!(codes(replay(&filed.jws, &filed.without(part))), [code]);
    }
    let all = codes(replay(&filed.jws, &[]));
    assert_eq!(
        all,
        ["roots_missing", "trust_list_missing", "status_list_missing", "certificate_missing"]
    );
    let mut office = Office::new();
    office.trust_list.keys[1].compromised_at = Some(office.now);
    let unusable = Filed::of(&office);
    assert_eq!(
        codes(replay(&unusable.jws, &unusable.without("status list"))),
        ["status_list_missing"]
    );
    let malformed = Filed::of_input(&office, "12 a");
    assert_eq!(codes(replay(&malformed.jws, &malformed.without("input"))), ["input_missing"]);
}

#[test]
fn roots_that_nobody_vouches_for_do_not_count() {
    let filed = Filed::of(&Office::new());
    let receipt = Receipt::open(&filed.jws, &[hospital()]).expect("our own");
    let mut evidence = Evidence::new(&receipt);
    filed.files.iter().for_each(|(name, file)| offer(&mut evidence, name, file));
    evidence.offer_input(&Office::new().text());
    // Other roots do not help.
    evidence.trust(&TrustAnchor { seq: 2, ..filed.anchor.clone() });
    let faults = evidence.replay().expect_err("nobody compared the fingerprint");
    assert_eq!(faults.iter().map(ReplayFault::code).collect::<Vec<_>>(), ["roots_not_trusted"]);
    evidence.trust(&filed.anchor);
    assert_eq!(evidence.replay().expect("now they do").code(), Code::Authorised);
}

#[test]
fn only_the_hospitals_own_key_counts() {
    let filed = Filed::of(&Office::new());
    for keys in [vec![], vec![key(1).public_key(), key(2).public_key()]] {
        assert_eq!(
            Receipt::open(&filed.jws, &keys).expect_err("another's").code(),
            "receipt_key_unknown"
        );
    }
    assert!(
        Receipt::open(&filed.jws, &[key(1).public_key(), hospital()]).is_ok(),
        "an older key, and this one"
    );
    // What an office signs is not a receipt, and a hospital's signature does not count as an
    // office's.
    let office = Office::new();
    let list = office.signed_status_list();
    let error =
        Receipt::open(list.as_str(), &[key(STATUS_KEY).public_key()]).expect_err("a status list");
    assert_eq!(error.code(), "wrong_type");
    assert_eq!(office.verdict_on(&filed.jws, &office.knowledge()).code(), Code::Malformed);
    for spelling in
        [format!("{} ", filed.jws), format!("{}\n", filed.jws), format!("{}~", filed.jws)]
    {
        assert_eq!(
            Receipt::open(&spelling, &[hospital()]).expect_err("a byte more").code(),
            "not_base64url"
        );
    }
}

/// The office changes its roots twice; the receipt is from after that, and only the first roots
/// were ever pinned.
fn after_two_changes_of_roots() -> (Office, Vec<vernet_common::SignedTrustList>) {
    let mut office = Office::new();
    let mut lists = Vec::new();
    for (seq, old, new) in
        [(8, [100, 101, 102], [103, 104, 105]), (9, [103, 104, 105], [106, 107, 108])]
    {
        office.trust_list.seq = seq;
        office.trust_list.roots =
            Roots { keys: new.map(|seed| key(seed).public_key()).into(), threshold: 2 };
        lists.push(office.signed_trust_list(&[old, new].concat()));
    }
    office.trust_list.seq = 10;
    lists.push(office.signed_trust_list(&[106, 107]));
    (office, lists)
}

#[test]
fn new_roots_are_followed_to_the_trust_list_of_the_receipt() {
    let first = Office::new().anchor();
    let (office, lists) = after_two_changes_of_roots();
    let bundle = vernet_common::Bundle { trust_lists: lists.clone(), ..office.bundle() };
    let knowledge = Knowledge::learn(&bundle, &mut Memory::new(&first), &office.policy, office.now)
        .expect("a chain");
    let text = office.text();
    let check = Check {
        input: &text,
        anchor: &first,
        knowledge: &knowledge,
        policy: &office.policy,
        now: office.now,
    };
    let jws = sign(&check.decide().receipt(&name(), office.now));
    let mut files = vec![("roots", canonical(&first)), ("input", text.clone().into_bytes())];
    files.push(("status list", bundle.status_lists[0].as_str().as_bytes().to_vec()));
    files.extend(log_files(bundle.log.as_ref().expect("every bundle has a log")));
    // In any order, with a damaged copy first, and another office's list between them.
    let mut damaged = canonical(&lists[1]);
    let place = damaged.len() - 20;
    damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
    let mut stranger = Office::new();
    stranger.trust_list.seq = 8;
    files.push(("trust list", damaged));
    files.push(("trust list", canonical(&stranger.signed_trust_list(&[1, 2, 3]))));
    files.extend(lists.iter().rev().map(|list| ("trust list", canonical(list))));
    assert_eq!(replay(&jws, &files).expect("a chain").code(), Code::Authorised);
    for gap in [0, 1] {
        let mut files = files.clone();
        files.retain(|(_, file)| *file != canonical(&lists[gap]));
        assert_eq!(codes(replay(&jws, &files)), ["trust_chain_missing"], "without {gap}");
    }
}

#[test]
fn what_was_seen_later_than_the_lists_that_are_named_has_to_be_shown_if_it_decides() {
    // A newer list was seen and remembered; then the clock is set back, and the old publication is
    // shown again.
    let office = Office::new();
    let mut newer = Office::new();
    newer.status_claims.iat = newer.now.plus_seconds(2 * HOUR);
    newer.status_claims.exp = newer.now.plus_seconds(DAY);
    newer.now = newer.now.plus_seconds(2 * HOUR);
    let mut memory = Memory::new(&office.anchor());
    Knowledge::learn(&newer.bundle(), &mut memory, &office.policy, newer.now)
        .expect("a sound bundle");
    let filed = Filed::learnt(&office, &office.text(), &mut memory.clone());
    let receipt = filed.receipt();
    // The list that is shown is older than the one that was seen, so it cannot be used.
    assert_eq!((receipt.code, receipt.newest), (Code::ClockBehind, newer.status_claims.iat));
    assert_eq!(codes(filed.replay()), ["newest_missing"]);
    let mut files = filed.files.clone();
    files.push(("status list", newer.signed_status_list().as_str().as_bytes().to_vec()));
    assert_eq!(replay(&filed.jws, &files).expect("it is shown").code(), Code::ClockBehind);
    // A list of that instant without a trusted signature does not count.
    let mut files = filed.files.clone();
    let forged = office.signed_status_claims(&newer.status_claims, CERTIFICATE_KEY);
    files.push(("status list", forged.as_str().as_bytes().to_vec()));
    assert_eq!(codes(replay(&filed.jws, &files)), ["newest_missing"]);
    // If it does not affect the verdict, nobody has to keep it.
    let filed = Filed::learnt(&office, "12 a", &mut memory);
    filed.gives(Code::Malformed);
}

#[test]
fn a_list_older_than_one_that_was_seen_is_shown_together_with_that_one() {
    let mut office = Office::new();
    let mut memory = Memory::new(&office.anchor());
    Knowledge::learn(&office.bundle(), &mut memory, &office.policy, office.now)
        .expect("a sound bundle");
    let newer = office.signed_status_list();
    office.status_claims.iat = office.status_claims.iat.plus_seconds(-60);
    let filed = Filed::learnt(&office, &office.text(), &mut memory);
    assert_eq!(filed.receipt().code, Code::StatusUnusable);
    assert_eq!(filed.receipt().cause.expect("a cause").as_str(), "status_list_rolled_back");
    assert_eq!(codes(filed.replay()), ["newest_missing"]);
    let mut files = filed.files.clone();
    files.push(("status list", newer.as_str().as_bytes().to_vec()));
    assert_eq!(replay(&filed.jws, &files).expect("it is shown").code(), Code::StatusUnusable);
}

/// An office with several lists, where a list other than the certificate's own decides.
#[test]
fn a_whole_publication_says_more_than_the_lists_that_are_named() {
    let mut office = Office::new();
    let mut other = office.status_claims.clone();
    other.sub = other.sub.as_str().replace("/status/1", "/status/2").try_into().expect("a URI");
    other.iat = office.now.plus_seconds(HOUR);
    let mut bundle = office.bundle();
    bundle.status_lists.push(office.signed_status_claims(&other, STATUS_KEY));
    let (anchor, text) = (office.anchor(), office.text());
    let receipt = |office: &Office, bundle: &vernet_common::Bundle| {
        let knowledge =
            Knowledge::learn(bundle, &mut Memory::new(&anchor), &office.policy, office.now)
                .expect("sound");
        let check = Check {
            input: &text,
            anchor: &anchor,
            knowledge: &knowledge,
            policy: &office.policy,
            now: office.now,
        };
        check.decide().receipt(&name(), office.now)
    };
    let made = receipt(&office, &bundle);
    assert_eq!(made.code, Code::ClockBehind, "the second list is of the future");
    let common = [("roots", canonical(&anchor)), ("input", text.clone().into_bytes())];
    let with = |file: Vec<u8>| [&common[..], &[("lists", file)]].concat();
    assert_eq!(
        replay(&sign(&made), &with(canonical(&bundle))).expect("all of it").code(),
        Code::ClockBehind
    );
    // A damaged copy, whose second list cannot be used, does not hide a good one.
    let mut damaged = bundle.clone();
    damaged.status_lists[1] = office.signed_status_claims(&other, CERTIFICATE_KEY);
    let both = [&with(canonical(&damaged))[..], &[("lists", canonical(&bundle))]].concat();
    assert_eq!(replay(&sign(&made), &both).expect("one of them").code(), Code::ClockBehind);
    assert_eq!(codes(replay(&sign(&made), &with(canonical(&damaged)))), ["newest_missing"]);
    // If several lists cannot be used, the first is reported.
    office.trust_list.keys[1].compromised_at = Some(office.now);
    bundle.trust_lists = vec![office.signed_trust_list(&[100, 101])];
    bundle.status_lists.reverse();
    let made = receipt(&office, &bundle);
    assert_eq!(made.code, Code::StatusUnusable);
    assert_eq!(
        replay(&sign(&made), &with(canonical(&bundle))).expect("all of it").code(),
        Code::StatusUnusable
    );
}

#[test]
fn a_hospital_that_signs_another_verdict_is_found_out() {
    let office = Office::new();
    let filed = Filed::of(&office);
    let mut suspended = Office::new();
    suspended.set_status(Status::Suspended);
    let suspended = Filed::of(&suspended);
    let lie = |filed: &Filed, lie: &dyn Fn(&mut Receipt)| {
        let mut receipt = filed.receipt();
        lie(&mut receipt);
        codes(replay(&sign(&receipt), &filed.files))
    };
    let differs = ["verdict_differs"];
    assert_eq!(
        lie(&suspended, &|r| (r.code, r.verdict) = (Code::Authorised, Colour::Accepted)),
        differs
    );
    assert_eq!(lie(&filed, &|r| r.code = Code::AuthorisedWithConditions), differs);
    assert_eq!(lie(&filed, &|r| r.checked_at = r.checked_at.plus_seconds(3 * DAY)), differs);
    assert_eq!(lie(&filed, &|r| r.policy.max_status_age = 60), differs);
    assert_eq!(
        lie(&filed, &|r| r.cause = Some("not_json".to_owned().try_into().expect("a code"))),
        differs
    );
    let contradicts = ["receipt_contradicts"];
    assert_eq!(lie(&filed, &|r| r.trust_list.seq = 9), contradicts);
    assert_eq!(
        lie(&filed, &|r| r.office.iss = "https://another.example.no".parse().expect("a URL")),
        contradicts
    );
    let earlier = |r: &mut Receipt, by: i64| {
        let list = r.status_list.as_mut().expect("a list");
        list.iat = list.iat.plus_seconds(-by);
        r.as_of = list.iat;
    };
    assert_eq!(lie(&filed, &|r| earlier(r, 60)), contradicts);
    assert_eq!(
        lie(&filed, &|r| {
            earlier(r, 60);
            r.newest = r.as_of;
        }),
        contradicts
    );
    let uri = |r: &mut Receipt| {
        let list = r.status_list.as_mut().expect("a list");
        list.uri = list.uri.as_str().replace("/status/1", "/status/2").try_into().expect("a URI");
    };
    assert_eq!(lie(&filed, &uri), contradicts);
    // If a list of the day after tomorrow was seen, the clock is behind.
    assert_eq!(lie(&filed, &|r| r.newest = r.newest.plus_seconds(2 * DAY)), differs);
}

#[test]
fn contradictions_are_never_signed() {
    let filed = Filed::of(&Office::new());
    let wrong: [fn(&mut Receipt); 10] = [
        |r| r.verdict = Colour::Refused,
        |r| r.certificate_sha256 = None,
        |r| r.input_sha256 = Some(Sha256Hash::of(b"")),
        |r| r.as_of = r.checked_at,
        |r| r.newest = NumericDate::from_seconds(0).expect("an instant"),
        |r| (r.status_list, r.as_of) = (None, r.checked_at),
        |r| (r.certificate_sha256, r.input_sha256) = (None, Some(Sha256Hash::of(b""))),
        |r| r.defect_sha256 = Some(Sha256Hash::of(b"")),
        |r| (r.code, r.verdict) = (Code::StatusUnusable, Colour::Undetermined),
        |r| (r.code, r.verdict) = (Code::Unreadable, Colour::Undetermined),
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let mut receipt = filed.receipt();
        change(&mut receipt);
        let error =
            Signed::sign(&receipt, Algorithm::EdDsa, &key(HOSPITAL)).expect_err("a contradiction");
        assert_eq!(error.code(), "inconsistent", "{number}");
    }
}

#[test]
fn names_can_be_seen_and_are_not_long() {
    for right in ["A", "Ullevål sykehus", &"å".repeat(100), "東京"] {
        assert!(right.parse::<VerifierName>().is_ok(), "{right}");
    }
    for wrong in
        ["", " ", " a", "a ", "a\nb", "a\u{202e}b", "a\u{200b}b", "\u{1b}[31m", &"å".repeat(101)]
    {
        assert_eq!(wrong.parse::<VerifierName>().expect_err("not a name").code(), "inconsistent");
    }
    for wrong in ["", "A", "a b", &"a".repeat(61)] {
        assert!(
            vernet_verifier::receipt::CauseCode::try_from(wrong.to_owned()).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn the_largest_receipt_fits() {
    let mut office = Office::new();
    let long = format!("https://perfusionist.example.no/{}", "a".repeat(200 - 32 - 22));
    let filed = Filed::of(&office);
    let mut receipt = filed.receipt();
    receipt.verifier = "東".repeat(100).parse().expect("a name");
    receipt.office.iss = long.parse().expect("a URL");
    let uri = format!("{long}/status/127");
    receipt.status_list.as_mut().expect("a list").uri = uri.try_into().expect("a URI");
    receipt.cause = Some("a".repeat(60).try_into().expect("a code"));
    let jws = sign(&receipt);
    assert!(jws.len() < Receipt::MAX_BYTES, "{}", jws.len());
    office.policy = Policy {
        max_status_age_s: i64::MAX,
        max_trust_list_age_s: i64::MAX,
        clock_tolerance_s: 300,
    };
    Filed::of(&office).gives(Code::Authorised);
}

#[test]
fn a_flood_of_trust_lists_is_an_error_and_no_loss() {
    let filed = Filed::of(&Office::new());
    let receipt = Receipt::open(&filed.jws, &[hospital()]).expect("our own");
    let mut evidence = Evidence::new(&receipt);
    let mut office = Office::new();
    for seq in 0..4200 {
        office.trust_list.exp = office.trust_list.exp.plus_seconds(1 + seq);
        evidence.offer(&canonical(&office.signed_trust_list(&[])));
    }
    evidence.trust(&filed.anchor);
    filed.files.iter().for_each(|(_, file)| {
        evidence.offer(file);
    });
    let faults = evidence.replay().expect_err("too many");
    assert!(faults.iter().any(|fault| fault.code() == "too_many_trust_lists"), "{faults:?}");
}

/// Files other than those that the receipt names change nothing, whatever was available when it was
/// made.
#[test]
fn other_files_do_not_matter() {
    let office = Office::new();
    let filed = Filed::of(&office);
    let mut files = filed.files.clone();
    files.insert(0, ("other", b"{}".to_vec()));
    files.insert(0, ("other", vec![0xff; 100]));
    files.insert(0, ("other", Vec::new()));
    files.insert(0, ("other", filed.jws.clone().into_bytes()));
    files.insert(0, ("other", office.signed_by_a_stranger().into_bytes()));
    files.insert(0, ("other", canonical(&TrustAnchor { seq: 3, ..filed.anchor.clone() })));
    assert_eq!(replay(&filed.jws, &files).expect("nothing is missing").code(), Code::Authorised);
}

/// The leaves of a large log are not in a bundle; those of any later log begin with them.
#[test]
fn the_leaves_of_a_large_log_come_from_any_later_one() {
    let mut office = Office::new();
    office.after = (0..1500).map(|n| n.to_string()).collect();
    let filed = Filed::of(&office);
    let bundle = ("bundle", office.bundle().to_json().expect("JSON"));
    let mut files = filed.without("leaves");
    files.push(bundle.clone());
    assert_eq!(codes(replay(&filed.jws, &files)), ["log_missing"]);
    office.after.extend((0..300).map(|n| format!("later {n}")));
    let later = office.log().leaves().iter().flat_map(|leaf| *leaf.as_bytes()).collect();
    files.push(("leaves", later));
    assert_eq!(replay(&filed.jws, &files).expect("the first of them").code(), Code::Authorised);

    // A hospital without the leaves said so, and the repeated check gives the same answer.
    let (anchor, input) = (office.anchor(), office.text());
    let read = vernet_common::Bundle::from_json(&bundle.1).expect("a bundle");
    let knowledge = Knowledge::learn(&read, &mut Memory::new(&anchor), &office.policy, office.now)
        .expect("sound");
    let check = Check {
        input: &input,
        anchor: &anchor,
        knowledge: &knowledge,
        policy: &office.policy,
        now: office.now,
    };
    let receipt = check.decide().receipt(&name(), office.now);
    assert_eq!(receipt.code, Code::LogMissing);
    let files = [("roots", canonical(&anchor)), ("input", input.clone().into_bytes()), bundle];
    assert_eq!(replay(&sign(&receipt), &files).expect("the same").code(), Code::LogMissing);
}
