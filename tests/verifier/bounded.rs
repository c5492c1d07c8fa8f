//! Messages about what others wrote quote a little of it, however much there is. Whoever is between
//! the office and a hospital could otherwise fill its log.

use serde_json::Value;
use vernet_common::{
    AddCheckpoint, Bundle, CertificateClaims, Error, QrPayload, Signed, SignedCheckpoint,
    SignedHistory, SignedTrustList, StatusListClaims, StatusStatement, TrustAnchor,
};
use vernet_verifier::{Input, Knowledge, Memory, Policy, receipt::Receipt};

use crate::office::{Office, ROOTS};

/// More than any document may have, in one name or value.
const LONG: usize = 1 << 20;

/// A message is at most some lines of a terminal.
const MOST: usize = 1000;

#[track_caller]
fn is_bounded<T>(what: &str, outcome: Result<T, impl std::error::Error>) {
    let Err(error) = outcome else { return };
    let mut link: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = link {
        let length = error.to_string().chars().count();
        assert!(
            length <= MOST,
            "{what}: a message of {length} characters: {:.300}",
            error.to_string()
        );
        link = error.source();
    }
}

/// The document with each of its texts replaced by this one, and with a member of this name in each
/// of its objects, one after the other.
fn variants(document: &Value, text: &str) -> Vec<Value> {
    let mut pointers = Vec::new();
    collect(document, String::new(), &mut pointers);
    let mut variants = Vec::new();
    for pointer in pointers {
        let mut changed = document.clone();
        match changed.pointer_mut(&pointer).expect("it was found there") {
            Value::Object(members) => drop(members.insert(text.to_owned(), 1.into())),
            value => *value = text.into(),
        }
        variants.push(changed);
    }
    variants
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                collect(value, format!("{pointer}/{name}"), pointers);
            }
        }
        // The others are like the first.
        Value::Array(values) => {
            if let Some(first) = values.first() {
                collect(first, format!("{pointer}/0"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

#[test]
fn whatever_is_in_a_file_the_message_about_it_is_short() {
    let office = Office::new();
    let value = |json: Vec<u8>| serde_json::from_slice::<Value>(&json).expect("JSON");
    let json = |list: &SignedTrustList| serde_json::to_vec(list).expect("JSON");
    let bundle = value(office.bundle().to_json().expect("JSON"));
    let trust_list = value(json(&office.signed_trust_list(&ROOTS)));
    let roots = value(serde_json::to_vec(&office.anchor()).expect("JSON"));
    for (text, most) in [("A", LONG), ("\u{1b}", LONG), ("å", 2000), ("A", 300)] {
        let text = text.repeat(most);
        for (place, document) in variants(&bundle, &text).into_iter().enumerate() {
            let bytes = serde_json::to_vec(&document).expect("JSON");
            is_bounded(&format!("bundle, {place}"), Bundle::from_json(&bytes));
        }
        for document in variants(&trust_list, &text) {
            let bytes = serde_json::to_vec(&document).expect("JSON");
            is_bounded("trust list", SignedTrustList::from_json(&bytes));
        }
        for document in variants(&roots, &text) {
            let bytes = serde_json::to_vec(&document).expect("JSON");
            is_bounded("roots", TrustAnchor::from_json(&bytes));
        }
        for text in [text.clone(), format!("eyJ{text}"), format!("{{\"{text}\":1}}")] {
            is_bounded("bundle", Bundle::from_json(text.as_bytes()));
            is_bounded("certificate", Signed::<CertificateClaims>::parse(&text));
            is_bounded("status list", Signed::<StatusListClaims>::parse(&text));
            is_bounded("statement", Signed::<StatusStatement>::parse(&text));
            is_bounded("receipt", Signed::<Receipt>::parse(&text));
            is_bounded("history", SignedHistory::from_bytes(text.clone().into_bytes()));
            is_bounded("digits", QrPayload::from_digits(&text));
            is_bounded("input", Input::parse(&text));
            is_bounded("checkpoint", SignedCheckpoint::parse(&text));
            is_bounded("request", AddCheckpoint::parse(&text));
        }
    }
}

#[test]
fn whatever_is_in_a_header_or_behind_a_signature_the_message_about_it_is_short() {
    let office = Office::new();
    let list = office.signed_status_list();
    let [_, payload, signature] = list.as_str().split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let long = "A".repeat(100_000);
    let kid = list.kid();
    for header in [
        format!(r#"{{"alg":"{long}","kid":"{kid}","typ":"statuslist+jwt"}}"#),
        format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"{long}"}}"#),
        format!(r#"{{"alg":"EdDSA","kid":"{long}","typ":"statuslist+jwt"}}"#),
        format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"statuslist+jwt","{long}":1}}"#),
    ] {
        let jws = format!("{}.{payload}.{signature}", base64url(header.as_bytes()));
        let outcome = Signed::<StatusListClaims>::parse(&jws);
        assert!(outcome.is_err());
        is_bounded(&header[..40], outcome);
    }

    // The first line of a checkpoint may be as long as the checkpoint.
    let mut bundle = office.bundle();
    let log = bundle.log.as_mut().expect("every bundle has a log");
    let text = log.checkpoint.to_text();
    let (_, rest) = text.split_once('\n').expect("lines");
    log.checkpoint =
        SignedCheckpoint::parse(&format!("{}\n{rest}", "A".repeat(60_000))).expect("a checkpoint");
    let knowledge = Knowledge::learn(
        &bundle,
        &mut Memory::new(&office.anchor()),
        &Policy::default(),
        office.now,
    )
    .expect("the lists are sound");
    let cause = knowledge.log().expect_err("another log").cloned().expect("there is a reason");
    assert_eq!(cause.code(), "checkpoint_origin");
    is_bounded("checkpoint", Err::<(), Error>(cause));
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}
