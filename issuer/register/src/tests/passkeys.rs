//! Officers who sign with passkeys, in a browser.

use std::cell::Cell;

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use vernet_common::{PublicKey, SecretKey, Signer as _};

use super::*;
use crate::{
    Assertion, Elsewhere, Given, OfficerPublicKey, OfficerSignature, Passkey,
    statements::digest::Digest,
};

const ORIGIN: &str = "https://console.office.example.no";
const RP_ID: &str = "office.example.no";

/// A security key, as far as a signature is concerned, and the browser in front of it. Each member
/// can be bent.
struct Authenticator {
    key: Key,
    credential_id: Vec<u8>,
    count: Cell<u32>,
    r#type: &'static str,
    origin: &'static str,
    rp_id: &'static str,
    flags: u8,
    more: Value,
}

enum Key {
    P256(Box<SigningKey>),
    Ed25519(Box<SecretKey>),
}

impl Authenticator {
    fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).expect("a key");
        Self::with(Key::P256(key.into()))
    }

    fn with(key: Key) -> Self {
        Self {
            key,
            credential_id: vec![7; 16],
            count: Cell::new(1),
            r#type: "webauthn.get",
            origin: ORIGIN,
            rp_id: RP_ID,
            // Present and verified.
            flags: 0b101,
            // Browsers append such a member now and then.
            more: json!({"other_keys_can_be_added_here": "do not compare clientDataJSON against a template"}),
        }
    }

    /// As `getPublicKey()` returns it.
    fn spki(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
                [unhex(head), key.verifying_key().to_sec1_point(false).as_bytes().to_vec()].concat()
            }
            Key::Ed25519(key) => {
                [unhex("302a300506032b6570032100"), key.public_key().as_bytes().to_vec()].concat()
            }
        }
    }

    fn passkey(&self) -> Passkey {
        Passkey::new(&self.spki(), self.credential_id.clone(), RP_ID, ORIGIN).expect("a passkey")
    }

    fn public(&self) -> OfficerPublicKey {
        OfficerPublicKey::Passkey(self.passkey())
    }

    /// What `navigator.credentials.get()` returns: authenticator data, client data, signature.
    fn get(&self, challenge: Digest) -> OfficerSignature {
        let challenge = base64url(challenge.as_bytes());
        let mut client_data = json!({
            "type": self.r#type, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        let more = self.more.as_object().expect("an object").clone();
        client_data.as_object_mut().expect("an object").extend(more);
        let client_data = client_data.to_string().into_bytes();
        let mut data = Sha256::digest(self.rp_id).to_vec();
        data.push(self.flags);
        data.extend(self.count.get().to_be_bytes());
        if self.count.get() > 0 {
            self.count.set(self.count.get() + 1);
        }
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = match &self.key {
            Key::P256(key) => {
                let signature: Signature = key.sign(&signed);
                self.passkey().signature(signature.to_der().as_bytes()).expect("a signature")
            }
            Key::Ed25519(key) => {
                let signature = key.sign(&signed).expect("signs");
                self.passkey().signature(&signature).expect("a signature")
            }
        };
        let assertion = Assertion { authenticator_data: data, client_data, place: None };
        OfficerSignature { signature, assertion: Some(assertion) }
    }

    /// Touched once for all of these statements.
    fn sign(&self, statements: &[Vec<u8>]) -> Vec<(Digest, OfficerSignature)> {
        let hashes: Vec<Digest> = statements.iter().map(|bytes| Digest::of(bytes)).collect();
        let signed = self.get(Assertion::challenge(&hashes));
        let each = signed.assertion.expect("a passkey").for_each(&hashes);
        let signature = signed.signature;
        let each = each
            .into_iter()
            .map(|assertion| OfficerSignature { signature, assertion: Some(assertion) });
        hashes.into_iter().zip(each).collect()
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("a byte")).collect()
}

fn base64url(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// An office whose officer Mona Lie has a passkey.
fn office_with(mona: &Authenticator) -> Office {
    let mut o = super::audit::founded();
    o.on("2026-01-15");
    let enrolment = Enrolment {
        key: mona.public(),
        from: day("2026-01-01"),
        ..enrolment("Mona Lie", &kari(), &[Role::Grant, Role::Supervise])
    };
    o.both(Proposal::of(Event::OfficerEnrolled(enrolment.into()))).expect("enrolled");
    o
}

/// Does something that Mona signs in her browser: first it is seen what there is to sign.
fn in_browser(
    o: &mut Office,
    mona: &Authenticator,
    work: impl Fn(&mut Office, &dyn OfficerSigner) -> Result<Statement, Error>,
) -> Result<Statement, Error> {
    let (rng, before) = (o.rng.clone(), o.register.state().head());
    let elsewhere = Elsewhere::new(mona.public());
    match work(o, &elsewhere) {
        Err(Error::SignatureAwaited) => {}
        other => return other,
    }
    assert_eq!(o.register.state().head(), before, "nothing is recorded before she has signed");
    o.rng = rng;
    let given = Given::new(mona.public(), mona.sign(&elsewhere.into_statements()));
    work(o, &given)
}

fn propose_grant(o: &mut Office, by: &dyn OfficerSigner) -> Result<Statement, Error> {
    o.propose(Proposal::to_grant(application(json!({}))), by)
}

#[test]
fn passkeys_files_and_tokens_decide_together() {
    for mona in [
        Authenticator::new(31),
        Authenticator::with(Key::Ed25519(SecretKey::from_seed(&[32; 32]).into())),
    ] {
        let o = &mut office_with(&mona);
        // She proposes, and somebody with a key file approves.
        let proposed = in_browser(o, &mona, propose_grant).expect("proposed");
        assert_eq!(proposed.officer.as_str(), "Mona Lie");
        let granted = o.approve(proposed.seq, &ola()).expect("approved");
        // The other way round.
        let number = granted.event.issued().expect("a certificate").0.certificate_number;
        let proposal = Proposal::of(suspended(number, "2026-03-01"));
        let proposed = o.propose(proposal, &kari()).expect("proposed");
        let suspension =
            in_browser(o, &mona, |o, by| o.approve(proposed.seq, by)).expect("approved");
        assert_eq!(suspension.approves.map(|first| first.seq), Some(proposed.seq));
        let again = Register::open(&o.place.register()).expect("a register");
        assert_eq!(again.state().statements(), o.register.state().statements());
        let audited = crate::audit(&o.place.register(), None).expect("in order");
        assert_eq!(audited.state().head(), o.register.state().head());
    }
}

#[test]
fn she_may_not_approve_what_she_proposed_by_another_key() {
    let mona = Authenticator::new(31);
    let o = &mut office_with(&mona);
    let second = Enrolment {
        from: day("2026-01-01"),
        ..enrolment("Mona Lie", &SecretKey::from_seed(&[33; 32]), &[Role::Grant])
    };
    o.both(Proposal::of(Event::OfficerEnrolled(second.into()))).expect("enrolled");
    let proposed = in_browser(o, &mona, propose_grant).expect("proposed");
    let by_file = o.approve(proposed.seq, &SecretKey::from_seed(&[33; 32]));
    assert_eq!(by_file.expect_err("the same person").code(), "same_officer");
    let by_passkey = in_browser(o, &mona, |o, by| o.approve(proposed.seq, by));
    assert_eq!(by_passkey.expect_err("the same person").code(), "same_officer");
}

/// The first grant opens a status list as well: two statements, and one touch.
#[test]
fn one_touch_signs_all_statements_of_a_decision() {
    let mona = Authenticator::new(31);
    let o = &mut office_with(&mona);
    let proposed = propose_grant(o, &kari()).expect("proposed");
    let before = o.register.state().statements().len();
    in_browser(o, &mona, |o, by| o.approve(proposed.seq, by)).expect("approved");
    assert_eq!(o.register.state().statements().len(), before + 2);
    assert_eq!(mona.count.get(), 2, "touched once");
    crate::audit(&o.place.register(), None).expect("in order");
}

/// The signatures of one touch do not stand for another statement, nor in another order.
#[test]
fn what_was_signed_together_stays_in_its_place() {
    let mona = Authenticator::new(31);
    let passkey = mona.passkey();
    let statements: Vec<Vec<u8>> = (0..5).map(|n| vec![n; 9]).collect();
    let signed = mona.sign(&statements);
    for (hash, signature) in &signed {
        passkey.check(*hash, signature).expect("hers");
        let of_another = signed.iter().filter(|(other, _)| other != hash);
        for (other, _) in of_another {
            let error = passkey.check(*other, signature).expect_err("another statement");
            assert_eq!(error.code(), "assertion_invalid");
        }
    }
    let mut alone = signed[0].clone();
    alone.1.assertion.as_mut().expect("a passkey").place = None;
    assert!(passkey.check(alone.0, &alone.1).is_err());
}

#[test]
fn what_changed_meanwhile_is_not_recorded() {
    let mona = Authenticator::new(31);
    let o = &mut office_with(&mona);
    let elsewhere = Elsewhere::new(mona.public());
    assert_eq!(propose_grant(o, &elsewhere).expect_err("awaited").code(), "signature_awaited");
    let signatures = mona.sign(&elsewhere.into_statements());
    // Meanwhile somebody else decides something.
    o.propose(Proposal::to_grant(application(json!({"hpr_number": "9144900"}))), &kari())
        .expect("proposed");
    let error = propose_grant(o, &Given::new(mona.public(), signatures)).expect_err("overtaken");
    assert_eq!(error.code(), "prepared_overtaken");
}

/// An assertion that was bent, with what is said of it.
fn bent() -> Vec<(&'static str, Authenticator)> {
    let with = |bend: &dyn Fn(&mut Authenticator)| {
        let mut mona = Authenticator::new(31);
        bend(&mut mona);
        mona
    };
    vec![
        ("not for a signature", with(&|mona| mona.r#type = "webauthn.create")),
        (
            "on another page",
            with(&|mona| mona.origin = "https://console.office.example.no.evil.example"),
        ),
        ("on another page", with(&|mona| mona.origin = "http://console.office.example.no")),
        ("on another page", with(&|mona| mona.origin = "https://office.example.no")),
        ("another relying party", with(&|mona| mona.rp_id = "example.no")),
        ("nobody was present", with(&|mona| mona.flags = 0b100)),
        ("not verified", with(&|mona| mona.flags = 0b001)),
        ("a page within another", with(&|mona| mona.more = json!({"crossOrigin": true}))),
        ("a page within another", with(&|mona| mona.more = json!({"topOrigin": ORIGIN}))),
        ("about something else", with(&|mona| mona.more = json!({"challenge": "AA"}))),
        ("not those of a browser", with(&|mona| mona.more = json!({"challenge": 7}))),
        ("longer than", with(&|mona| mona.more = json!({"more": "x".repeat(5000)}))),
    ]
}

#[test]
fn what_an_authenticator_says_has_to_be_right() {
    for (said, mona) in bent() {
        let o = &mut office_with(&mona);
        let error = in_browser(o, &mona, propose_grant).expect_err(said);
        assert_eq!(error.code(), "assertion_invalid", "{said}");
        assert!(error.to_string().contains(said), "{said}: {error}");
    }
}

#[test]
fn only_the_enrolled_passkey_counts() {
    let (mona, thief) = (Authenticator::new(31), Authenticator::new(66));
    let o = &mut office_with(&mona);
    let elsewhere = Elsewhere::new(mona.public());
    propose_grant(o, &elsewhere).expect_err("awaited");
    let statements = elsewhere.into_statements();
    let refused = |o: &mut Office, signatures| {
        let error = propose_grant(o, &Given::new(mona.public(), signatures));
        error.expect_err("not hers").code()
    };
    assert_eq!(refused(o, thief.sign(&statements)), "signature_invalid");
    let mut bare = mona.sign(&statements);
    bare[0].1.assertion = None;
    assert_eq!(refused(o, bare), "assertion_invalid");
    let mut cut = mona.sign(&statements);
    cut[0].1.assertion.as_mut().expect("one").authenticator_data.truncate(36);
    assert_eq!(refused(o, cut), "assertion_invalid");
    // ECDSA has two signatures for everything; only one is recorded.
    let mut other = mona.sign(&statements);
    let signature = Signature::from_slice(&other[0].1.signature).expect("a signature");
    let (r, s) = signature.split_scalars();
    let twin = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).expect("a signature");
    other[0].1.signature = twin.to_bytes().into();
    assert_eq!(refused(o, other), "signature_invalid");
    // A key in a file makes no assertions.
    let by_file = OfficerPublicKey::from(kari().public_key());
    let signed = mona.sign(&statements).remove(0).1;
    let error = by_file.verify::<Statement>(statements[0].clone(), &signed);
    assert_eq!(error.expect_err("no passkey").code(), "assertion_invalid");
}

#[test]
fn a_copied_passkey_is_noticed_by_its_count() {
    let mona = Authenticator::new(31);
    let o = &mut office_with(&mona);
    in_browser(o, &mona, propose_grant).expect("proposed");
    let again = |o: &mut Office, by: &dyn OfficerSigner| {
        o.propose(Proposal::to_grant(application(json!({"hpr_number": "9144900"}))), by)
    };
    // The copy is as far as the original was before, or as that is now.
    for count in [0, 1] {
        mona.count.set(count);
        let error = in_browser(o, &mona, again).expect_err("a copy");
        assert_eq!(error.code(), "assertion_invalid");
        assert!(error.to_string().contains("may have been copied"), "{error}");
    }
    // Also whoever opens the register anew knows how far it was.
    o.register = Register::open(&o.place.register()).expect("a register");
    mona.count.set(1);
    assert!(in_browser(o, &mona, again).is_err());
    mona.count.set(2);
    in_browser(o, &mona, again).expect("the original");
}

/// Passkeys of phones and computers do not count.
#[test]
fn a_passkey_that_never_counts_signs_as_often_as_it_likes() {
    let mona = Authenticator::new(31);
    mona.count.set(0);
    let o = &mut office_with(&mona);
    for hpr in ["9144889", "9144900"] {
        let proposal = Proposal::to_grant(application(json!({"hpr_number": hpr})));
        in_browser(o, &mona, |o, by| o.propose(proposal.clone(), by)).expect("proposed");
    }
}

#[test]
fn a_changed_assertion_is_found() {
    let mona = Authenticator::new(31);
    let o = &mut office_with(&mona);
    let seq = in_browser(o, &mona, propose_grant).expect("proposed").seq;
    let signed = {
        let statement = o.register.state().statement(seq).expect("it").to_bytes().expect("JSON");
        mona.sign(&[statement]).remove(0).1
    };
    let mut raw = o.place.raw().without_protection();
    let changes = [
        ("signature_invalid", OfficerSignature { signature: [1; 64], ..signed.clone() }),
        ("assertion_invalid", OfficerSignature { assertion: None, ..signed.clone() }),
    ];
    for (code, change) in changes {
        let bytes = raw.bytes(&change.to_bytes());
        raw.execute(&format!("UPDATE statement SET signature = {bytes} WHERE seq = {seq}"))
            .expect("changed");
        let opened = Register::open(&o.place.register()).expect_err("changed");
        let audited = crate::audit(&o.place.register(), None).expect_err("changed");
        assert_eq!((opened.code(), audited.code()), (code, code));
    }
    let torn = raw.bytes(&[&signed.to_bytes()[..], b"}"].concat());
    raw.execute(&format!("UPDATE statement SET signature = {torn} WHERE seq = {seq}"))
        .expect("changed");
    let error = Register::open(&o.place.register()).expect_err("changed");
    assert!(error.to_string().contains("is no assertion"), "{error}");
}

#[test]
fn a_passkey_is_enrolled_for_one_page() {
    let spki = Authenticator::new(31).spki();
    let made = |rp_id: &str, origin: &str| Passkey::new(&spki, vec![1], rp_id, origin);
    for (rp_id, origin) in [
        ("office.example.no", "https://office.example.no"),
        ("office.example.no", "https://console.office.example.no:8443"),
        ("localhost", "http://localhost:8480"),
    ] {
        assert!(made(rp_id, origin).is_ok(), "{rp_id} {origin}");
    }
    for (rp_id, origin, field) in [
        ("office.example.no", "http://office.example.no", "origin"),
        ("office.example.no", "https://office.example.no/", "origin"),
        ("office.example.no", "https://Office.example.no", "origin"),
        ("office.example.no", "https://office.example.no:0443", "origin"),
        ("office.example.no", "https://me@office.example.no", "origin"),
        ("localhost", "http://localhost.example.no", "origin"),
        ("ffice.example.no", "https://office.example.no", "rp_id"),
        ("", "https://office.example.no", "rp_id"),
        ("console.office.example.no", "https://office.example.no", "rp_id"),
    ] {
        let error = made(rp_id, origin).expect_err(origin).to_string();
        assert!(error.contains(field), "{rp_id} {origin}: {error}");
    }
}

#[test]
fn a_key_is_the_same_as_json() {
    let ed25519 = Authenticator::with(Key::Ed25519(SecretKey::from_seed(&[32; 32]).into()));
    for key in [Authenticator::new(31).public(), ed25519.public(), kari().public_key().into()] {
        let json = serde_json::to_string(&key).expect("JSON");
        assert_eq!(serde_json::from_str::<OfficerPublicKey>(&json).expect("a key"), key, "{json}");
    }
    // The form of keys in files is as it was.
    let file: PublicKey = kari().public_key();
    let json = serde_json::to_value(OfficerPublicKey::from(file)).expect("JSON");
    assert_eq!(json, serde_json::to_value(file).expect("JSON"));
    let good = serde_json::to_value(Authenticator::new(31).public()).expect("JSON");
    let bad = |member: &str, value: Value| {
        let mut json = good.clone();
        json[member] = value;
        serde_json::from_value::<OfficerPublicKey>(json).expect_err(member).to_string()
    };
    assert!(bad("x", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).contains("not a point"));
    assert!(bad("kid", json!("AAAAAAAA")).contains("thumbprint"));
    assert!(bad("crv", json!("P-384")).contains("P-256 or Ed25519"));
    assert!(bad("credential_id", json!("")).contains("1 to 1023 bytes"));
    assert!(bad("credential_id", Value::Null).contains("must have"));
    assert!(bad("alg", json!("ES256")).contains("unknown field"));
}
