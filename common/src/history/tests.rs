use super::*;
use crate::{claims::CertificateClaims, key::SecretKey, test_support};

fn iat() -> NumericDate {
    "2027-01-01T12:00:00Z".parse().expect("an instant")
}

fn hash(n: u8) -> CertificateHash {
    let mut claims = test_support::claims();
    claims.given_name = format!("A{}", char::from(b'a' + n)).parse().expect("a name");
    let signed: Signed<CertificateClaims> =
        Signed::sign(&claims, Algorithm::EdDsa, &test_support::certificate_key())
            .expect("consistent");
    CertificateHash::of(&signed)
}

fn state(from: &str, state: PastState) -> HistoryState {
    HistoryState { from: from.parse().expect("a day"), other: false, state }
}

fn entry(n: u8) -> HistoryEntry {
    use PastState::{Authorised, NotAuthorised, Suspended};
    let first = vec![state("2010-06-01", Authorised)];
    let then = vec![
        state("2010-06-01", Authorised),
        state("2026-02-01", Suspended),
        state("2026-03-01", NotAuthorised),
    ];
    let record = |recorded: &str, states| HistoryRecord {
        recorded: recorded.parse().expect("an instant"),
        states,
    };
    let records =
        alloc::vec![record("2025-01-01T12:00:00Z", first), record("2026-02-02T12:00:00Z", then)];
    HistoryEntry { certificate: hash(n), records }
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

fn sign(entries: &[HistoryEntry]) -> Result<SignedHistory, Error> {
    let iss = test_support::claims().iss;
    SignedHistory::sign((iss, 7), iat(), entries, Algorithm::EdDsa, &key())
}

fn reread(bytes: &[u8]) -> Result<History, Error> {
    SignedHistory::from_bytes(bytes.to_vec())?.verify(&key().public_key())
}

use alloc::vec;

#[test]
fn every_entry_is_found_by_its_certificate_and_no_other() {
    let entries: Vec<_> = (0..20).map(entry).collect();
    let history = reread(sign(&entries).expect("consistent").as_bytes()).expect("it holds");
    assert_eq!(
        (history.head().entries, history.head().trust_list_seq, history.head().iat),
        (20, 7, iat())
    );
    for wanted in &entries {
        assert_eq!(history.entry(wanted.certificate).expect("well formed").as_ref(), Some(wanted));
    }
    assert_eq!(history.entry(hash(21)).expect("well formed"), None);
    let none = reread(sign(&[]).expect("consistent").as_bytes()).expect("it holds");
    assert_eq!(none.entry(hash(0)).expect("well formed"), None);
}

#[test]
fn a_line_says_no_more_than_it_must() {
    let signed = sign(&[entry(0)]).expect("consistent");
    let text = core::str::from_utf8(signed.as_bytes()).expect("ASCII");
    let hash = String::from(hash(0));
    assert_eq!(
        text.split_once('\n').expect("two lines").1,
        format!(
            r#"{{"certificate":"{hash}","records":[{{"recorded":1735732800,"states":[{{"from":"2010-06-01","state":"authorised"}}]}},{{"recorded":1770033600,"states":[{{"from":"2010-06-01","state":"authorised"}},{{"from":"2026-02-01","state":"suspended"}},{{"from":"2026-03-01","state":"not_authorised"}}]}}]}}
"#
        )
    );
}

#[test]
fn days_are_half_open_and_what_is_recorded_counts_from_its_second_on() {
    let entry = entry(0);
    let newest = entry.newest().expect("a record");
    let on = |day: &str| newest.on(day.parse().expect("a day")).map(|state| state.state);
    assert_eq!(on("2010-05-31"), None);
    assert_eq!(on("2010-06-01"), Some(PastState::Authorised));
    assert_eq!(on("2026-01-31"), Some(PastState::Authorised));
    assert_eq!(on("2026-02-01"), Some(PastState::Suspended));
    assert_eq!(on("2026-02-28"), Some(PastState::Suspended));
    assert_eq!(on("2026-03-01"), Some(PastState::NotAuthorised));
    assert_eq!(on("2099-01-01"), Some(PastState::NotAuthorised));
    let known = |end: &str| {
        entry.known_before(end.parse().expect("an instant")).map(|record| record.states.len())
    };
    assert_eq!(known("2025-01-01T12:00:00Z"), None);
    assert_eq!(known("2025-01-01T12:00:01Z"), Some(1));
    assert_eq!(known("2026-02-02T12:00:00Z"), Some(1));
    assert_eq!(known("2026-02-02T12:00:01Z"), Some(3));
}

#[test]
fn a_byte_that_is_changed_anywhere_is_noticed() {
    let bytes = sign(&[entry(0), entry(1)]).expect("consistent").as_bytes().to_vec();
    for place in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[place] ^= 1;
        assert!(reread(&bent).is_err(), "byte {place}");
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').expect("a line");
    assert_eq!(
        reread(&bytes[..end + 1]).expect_err("the lines are gone").code(),
        "history_content"
    );
    assert_eq!(reread(&bytes[..end]).expect_err("no line").code(), "inconsistent");
    assert_eq!(
        reread(&[&bytes[..], b"\n"].concat()).expect_err("a line more").code(),
        "history_content"
    );
    let other = SignedHistory::from_bytes(bytes)
        .expect("an envelope")
        .verify(&SecretKey::from_seed(&[9; 32]).public_key());
    assert_eq!(other.expect_err("another key").code(), "signature_invalid");
}

#[test]
fn what_cannot_be_is_never_signed() {
    type Change = fn(&mut HistoryEntry);
    let wrong: [(&str, Change); 10] = [
        ("no record", |e| e.records.clear()),
        ("no state", |e| e.records[0].states.clear()),
        ("records not in order", |e| e.records.reverse()),
        ("two records at once", |e| e.records[1].recorded = e.records[0].recorded),
        ("a record that says nothing new", |e| e.records[1].states = e.records[0].states.clone()),
        ("states not in order", |e| e.records[1].states.reverse()),
        ("a state that says nothing new", |e| e.records[1].states[1].state = PastState::Authorised),
        ("not authorised by another", |e| e.records[1].states[2].other = true),
        ("a day after the end", |e| {
            e.records[1].states[2].from = "2027-01-02".parse().expect("a day")
        }),
        ("recorded after the end", |e| e.records[1].recorded = iat().plus_seconds(1)),
    ];
    for (what, change) in wrong {
        let mut bent = entry(0);
        change(&mut bent);
        assert_eq!(sign(&[bent]).expect_err(what).code(), "inconsistent", "{what}");
    }
    assert_eq!(sign(&[entry(0), entry(0)]).expect_err("twice").code(), "inconsistent");
}

/// What a faulty office might sign: the same lines in another form, correctly hashed.
#[test]
fn lines_have_one_form_and_one_order_even_under_a_valid_signature() {
    let good = sign(&[entry(0), entry(1)]).expect("consistent");
    let lines: Vec<&str> =
        core::str::from_utf8(good.as_bytes()).expect("ASCII").lines().skip(1).collect();
    let asked = |content: &str, entries| {
        let head = HistoryHead {
            entries,
            iat: iat(),
            iss: test_support::claims().iss,
            sha256: ContentHash::of(content.as_bytes()),
            trust_list_seq: 7,
        };
        let head = Signed::sign(&head, Algorithm::EdDsa, &key()).expect("consistent");
        let history = reread(format!("{}\n{content}", head.as_str()).as_bytes())?;
        history.entry(hash(0)).and(history.entry(hash(1)))
    };
    let (a, b) = (lines[0], lines[1]);
    assert!(asked(&format!("{a}\n{b}\n"), 2).is_ok());
    let later = a.replacen(",\"records\"", ",\"later\":1,\"records\"", 1);
    assert!(asked(&format!("{later}\n{b}\n"), 2).is_ok(), "it is passed over");
    for (content, entries, code) in [
        (format!("{a}\n{b}\n"), 3, "inconsistent"),
        (format!("{b}\n{a}\n"), 2, "inconsistent"),
        (format!("{a}\n{a}\n"), 2, "inconsistent"),
        (format!("{a}\n{b}"), 2, "not_canonical"),
        (format!("{a}\n\n{b}\n"), 3, "not_canonical"),
        (format!("{{\"certificate\":\"\n{b}\n"), 2, "not_canonical"),
        (format!("{}\n{b}\n", a.replacen(",\"records\"", ", \"records\"", 1)), 2, "not_canonical"),
        (
            format!("{}\n{b}\n", a.replacen("{\"from\"", "{\"name\":\"Åse\",\"from\"", 1)),
            2,
            "not_canonical",
        ),
        (
            format!(
                "{}\n{b}\n",
                a.replacen("\"state\":\"auth", "\"other\":false,\"state\":\"auth", 1)
            ),
            2,
            "not_json",
        ),
        // What a newer office writes.
        (
            format!("{}\n{b}\n", a.replacen(":\"authorised\"", ":\"on_leave\"", 1)),
            2,
            "not_understood",
        ),
        (
            format!(
                "{}\n{b}\n",
                a.replacen(",\"records\"", ",\"crit\":[\"later\"],\"later\":1,\"records\"", 1)
            ),
            2,
            "not_understood",
        ),
    ] {
        let error = asked(&content, entries).expect_err(&content);
        assert_eq!(error.code(), code, "{content}");
    }
}
