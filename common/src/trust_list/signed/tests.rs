use super::*;
use crate::{key::SecretKey, test_support, trust_list::KeyUse};

fn root(n: u8) -> SecretKey {
    SecretKey::from_seed(&[100 + n; 32])
}

fn signed_by(list: &TrustList, signers: &[u8]) -> SignedTrustList {
    let mut signed = SignedTrustList::unsigned(list).expect("a sound list");
    for n in signers {
        signed.add_signature(&root(*n)).expect("signs");
    }
    let json = serde_json::to_vec(&signed).expect("JSON");
    SignedTrustList::from_json(&json).expect("reads what it wrote")
}

#[test]
fn two_of_three_roots_are_needed() {
    let list = test_support::trust_list();
    for (signers, accepted) in
        [(&[0, 1][..], true), (&[0, 2], true), (&[2, 1, 0], true), (&[1], false), (&[], false)]
    {
        let result = list.roots.verify(&signed_by(&list, signers));
        assert_eq!(
            result.as_ref().map(Verified::claims).ok(),
            accepted.then_some(&list),
            "{signers:?}"
        );
        if let Err(error) = result {
            assert_eq!(error.code(), "threshold_not_reached");
        }
    }
}

#[test]
fn one_root_that_signs_twice_counts_once() {
    let list = test_support::trust_list();
    let mut signed = signed_by(&list, &[0]);
    signed.signatures.push(signed.signatures[0].clone());
    assert_eq!(list.roots.verify(&signed).expect_err("one root").code(), "threshold_not_reached");
}

#[test]
fn a_strangers_signature_neither_helps_nor_harms() {
    let list = test_support::trust_list();
    assert!(list.roots.verify(&signed_by(&list, &[0, 77, 1])).is_ok());
    assert_eq!(
        list.roots.verify(&signed_by(&list, &[0, 77])).expect_err("one root").code(),
        "threshold_not_reached"
    );
}

#[test]
fn new_roots_need_the_old_threshold_and_their_own() {
    let old = test_support::trust_list();
    let roots = Roots { keys: [0, 11, 12].map(|n| root(n).public_key()).into(), threshold: 2 };
    let new = TrustList { seq: 2, roots: roots.clone(), ..old.clone() };
    assert!(old.roots.verify(&signed_by(&new, &[0, 1, 11])).is_ok());
    assert!(
        roots.verify(&signed_by(&new, &[0, 1, 11])).is_ok(),
        "and can be read again under the new roots"
    );
    assert_eq!(
        old.roots.verify(&signed_by(&new, &[0, 11, 12])).expect_err("one old root").code(),
        "threshold_not_reached"
    );
    assert_eq!(
        old.roots.verify(&signed_by(&new, &[0, 1])).expect_err("one new root").code(),
        "threshold_not_reached"
    );
}

#[test]
fn a_changed_payload_breaks_the_signatures() {
    let list = test_support::trust_list();
    let mut signed = signed_by(&list, &[0, 1]);
    let evil = TrustList { seq: list.seq + 1, ..list.clone() };
    signed.payload = SignedTrustList::unsigned(&evil).expect("sound").payload;
    assert_eq!(list.roots.verify(&signed).expect_err("changed").code(), "signature_invalid");
}

#[test]
fn lists_that_contradict_themselves_are_neither_signed_nor_read() {
    let good = test_support::trust_list();
    type Change = fn(&mut TrustList);
    let changes: [(&str, Change); 10] = [
        ("exp", |l| l.exp = l.iat),
        ("key twice", |l| l.keys.extend_from_within(..1)),
        ("root as working key", |l| l.keys[0].key = l.roots.keys[0]),
        ("root twice", |l| l.roots.keys[1] = l.roots.keys[0]),
        ("seq 0", |l| l.seq = 0),
        ("seq beyond what JSON can say", |l| l.seq = 1 << 53),
        ("threshold 0", |l| l.roots.threshold = 0),
        ("threshold 4", |l| l.roots.threshold = 4),
        ("profile twice", |l| l.profiles.extend_from_within(..1)),
        ("profile constants", |l| {
            l.profiles[0].status_list_uri_prefix = "https://evil.example/status/".into()
        }),
    ];
    for (name, change) in changes {
        let mut list = good.clone();
        change(&mut list);
        assert_eq!(
            SignedTrustList::unsigned(&list).expect_err(name).code(),
            "inconsistent",
            "{name}"
        );
    }
}

#[test]
fn a_key_signs_what_it_is_for_while_it_is_valid() {
    let mut key = test_support::trust_list().keys[0].clone();
    let at = |seconds| key.not_before.plus_seconds(seconds);
    let (first, before) = (at(0), at(-1));
    assert!(key.check(KeyUse::Certificate, first).is_ok());
    assert_eq!(key.check(KeyUse::Status, first).expect_err("another use").code(), "key_use");
    assert_eq!(
        key.check(KeyUse::Certificate, before).expect_err("too early").code(),
        "key_not_valid_at"
    );
    key.not_after = Some(first.plus_seconds(10));
    assert!(key.check(KeyUse::Certificate, first.plus_seconds(9)).is_ok());
    assert_eq!(
        key.check(KeyUse::Certificate, first.plus_seconds(10)).expect_err("retired").code(),
        "key_not_valid_at"
    );
    // Whatever the certificate says about its own age: a thief can sign with any date.
    key.compromised_at = Some(first.plus_seconds(5));
    assert_eq!(
        key.check(KeyUse::Certificate, first).expect_err("stolen").code(),
        "key_compromised"
    );
}
