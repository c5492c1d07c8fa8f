//! What a witness cosigns, and what it refuses.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use vernet_common::{AddCheckpoint, LogTree, SignedCheckpoint, Signer, Witness};
use vernet_verifier::witness::{WitnessRefusal, WitnessedLog};

use crate::office::{DAY, HOUR, LOG_KEY, Office, STATUS_KEY, key};

/// A log of this many certificates, of which the one at `other` differs from the usual one.
fn log(size: usize, other: Option<usize>) -> LogTree {
    let leaf = |n: usize| [n as u8, u8::from(Some(n) == other)];
    (0..size).map(|n| vernet_common::LogHash::of_leaf(&leaf(n))).collect()
}

fn ask(office: &Office, log: &LogTree, old_size: u64) -> AddCheckpoint {
    let checkpoint =
        SignedCheckpoint::sign(&office.trust_list.iss, log.head(), &key(LOG_KEY)).expect("signs");
    AddCheckpoint {
        old_size,
        proof: log.consistency(old_size, log.size()).unwrap_or_default(),
        checkpoint,
    }
}

/// The witness's answer, as code and HTTP status; its state must not change unless it cosigns.
fn answer(
    office: &Office,
    seen: &mut WitnessedLog,
    request: &AddCheckpoint,
) -> Result<(), (&'static str, u16)> {
    let before = seen.clone();
    let added = seen.add(request, &office.trust_list, &office.policy, office.now);
    match added {
        Ok(()) => assert_eq!(seen.head(), request.checkpoint.head()),
        Err(_) => assert_eq!(*seen, before),
    }
    added.map_err(|refusal| (refusal.code(), refusal.status()))
}

#[test]
fn a_log_that_grows_is_cosigned_at_every_size_and_again_at_the_same() {
    let (office, mut seen) = (Office::new(), WitnessedLog::default());
    for size in [0, 1, 2, 3, 7, 8, 9, 20] {
        for _ in 0..2 {
            let request = ask(&office, &log(size, None), seen.head().size);
            assert_eq!(answer(&office, &mut seen, &request), Ok(()), "{size}");
        }
    }
}

#[test]
fn every_refusal_has_the_status_of_the_specification() {
    let (mut office, mut seen) = (Office::new(), WitnessedLog::default());
    let first = ask(&office, &log(5, None), 0);
    assert_eq!(answer(&office, &mut seen, &first), Ok(()));
    let good = ask(&office, &log(8, None), 5);
    let mut refused =
        |request: &AddCheckpoint| answer(&office, &mut seen, request).expect_err("refused");

    assert_eq!(refused(&ask(&office, &log(4, None), 5)), ("old_size", 400));
    assert_eq!(refused(&ask(&office, &log(8, None), 4)), ("witness_conflict", 409));
    assert_eq!(refused(&ask(&office, &log(8, None), 0)), ("witness_conflict", 409));
    assert_eq!(refused(&ask(&office, &log(5, Some(2)), 5)), ("log_forked", 422));
    assert_eq!(
        refused(&ask(&office, &log(8, Some(2)), 5)),
        ("log_proof", 422),
        "a fork, with the proof of its own past"
    );
    assert_eq!(refused(&AddCheckpoint { proof: Vec::new(), ..good.clone() }), ("log_proof", 422));
    let long =
        AddCheckpoint { proof: [good.proof.clone(), good.proof.clone()].concat(), ..good.clone() };
    assert_eq!(refused(&long), ("log_proof", 422));
    let same = AddCheckpoint { proof: good.proof.clone(), ..ask(&office, &log(5, None), 5) };
    assert_eq!(refused(&same), ("log_proof", 422), "there is nothing to prove");

    let signed = |seed| {
        SignedCheckpoint::sign(&office.trust_list.iss, log(8, None).head(), &key(seed))
            .expect("signs")
    };
    for seed in [STATUS_KEY, 66] {
        let stranger = AddCheckpoint { checkpoint: signed(seed), ..good.clone() };
        assert_eq!(refused(&stranger), ("checkpoint_unsigned", 403));
    }
    let bent = good.to_text().replacen("\n8\n", "\n9\n", 1);
    assert_eq!(
        refused(&AddCheckpoint::parse(&bent).expect("well formed")),
        ("signature_invalid", 403)
    );
    let elsewhere = SignedCheckpoint::sign(
        &"https://other.example.no".parse().expect("a URL"),
        log(8, None).head(),
        &key(3),
    );
    let elsewhere = AddCheckpoint { checkpoint: elsewhere.expect("signs"), ..good.clone() };
    assert_eq!(refused(&elsewhere), ("checkpoint_origin", 403));

    // None of this had any effect.
    office.now = office.now.plus_seconds(HOUR);
    assert_eq!(answer(&office, &mut seen, &good), Ok(()));
    office.now = office.now.plus_seconds(-HOUR);
    let next = ask(&office, &log(9, None), 8);
    assert_eq!(answer(&office, &mut seen, &next), Err(("clock_behind", 500)));
    office.now = office.trust_list.exp;
    assert_eq!(answer(&office, &mut seen, &next), Err(("trust_list_expired", 403)));
}

#[test]
fn a_proof_for_a_log_that_was_never_cosigned_must_be_empty() {
    let (office, mut seen) = (Office::new(), WitnessedLog::default());
    let request = AddCheckpoint {
        proof: log(8, None).consistency(5, 8).expect("inside"),
        ..ask(&office, &log(8, None), 0)
    };
    assert_eq!(answer(&office, &mut seen, &request), Err(("log_proof", 422)));
}

#[test]
fn an_empty_log_has_the_root_of_an_empty_log() {
    let (office, mut seen) = (Office::new(), WitnessedLog::default());
    let honest = ask(&office, &log(0, None), 0).to_text();
    let root = honest.lines().nth(4).expect("a root").to_owned();
    let text = honest.replace(&root, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let forged = AddCheckpoint::parse(&text).expect("its form is right");
    assert_eq!(answer(&office, &mut seen, &forged), Err(("signature_invalid", 403)));
    // Signed by the log's own key, which the library does not do.
    let (_, note) = text.split_once("\n\n").expect("a checkpoint");
    let (body, _) = note.split_once("\n\n").expect("a signature");
    let signature = key(LOG_KEY).sign(format!("{body}\n").as_bytes()).expect("it signs");
    let signed = office_note(&office, &format!("{body}\n"), &signature);
    let forged = AddCheckpoint::parse(&format!("old 0\n\n{signed}")).expect("its form is right");
    assert_eq!(answer(&office, &mut seen, &forged), Err(("inconsistent", 422)));
    assert_eq!(answer(&office, &mut seen, &ask(&office, &log(0, None), 0)), Ok(()));
}

/// A signed note, put together by hand (C2SP signed-note).
fn office_note(office: &Office, text: &str, signature: &[u8]) -> String {
    let name = SignedCheckpoint::origin(&office.trust_list.iss);
    let id = Sha256::new()
        .chain_update(&name)
        .chain_update([b'\n', 1])
        .chain_update(key(LOG_KEY).public_key().as_bytes())
        .finalize();
    let bytes: Vec<u8> = id[..4].iter().chain(signature).copied().collect();
    format!("{text}\n— {name} {}\n", STANDARD.encode(bytes))
}

#[test]
fn lines_by_others_are_passed_over_whatever_kind_of_key_made_them() {
    let (office, mut seen) = (Office::new(), WitnessedLog::default());
    let honest = ask(&office, &log(5, None), 0);
    let line = |name: &str, length: usize| {
        let bytes: Vec<u8> = (0..length).map(|n| n as u8).collect();
        format!("— {name} {}\n", STANDARD.encode(bytes))
    };
    // ML-DSA-44 cosignatures of 4 + 8 + 2420 bytes, sixteen of them; a kind that nobody knows; and
    // lines that share the name of the log's own key.
    let name = SignedCheckpoint::origin(&office.trust_list.iss);
    let mut others: String =
        (0..16).map(|n| line(&format!("witness.example.no/w{n}"), 2432)).collect();
    others += &line("elsewhere", 5);
    others += &line(&name, 68);
    others += &line(&name, 2432);
    let request = format!("{}{others}", honest.to_text());
    let request = AddCheckpoint::parse(&request).expect("lines of other keys are no fault");
    assert_eq!(answer(&office, &mut seen, &request), Ok(()));

    // The same in a witness's answer.
    let witness =
        Witness { key: key(11).public_key(), name: "w.example.no".parse().expect("a name") };
    let mut cosigned = honest.checkpoint.clone();
    cosigned.cosign(&witness.name, &key(11), office.now).expect("it signs");
    let lines = cosigned.cosignatures(&witness.name, &witness.key);
    let mut checkpoint = honest.checkpoint.clone();
    let answer = format!("{}{others}{}{lines}", line("w.example.no", 2432), line("x", 76));
    assert_eq!(checkpoint.add_cosignature(&answer, &witness).expect("it holds"), Some(office.now));

    // And what a witness shows to monitors has none of them.
    let mut shown = request.checkpoint.clone();
    shown.cosign(&witness.name, &key(11), office.now).expect("it signs");
    let shown = shown.without_others(
        [&key(LOG_KEY).public_key(), &key(66).public_key()],
        &witness.name,
        &witness.key,
    );
    assert_eq!(shown.to_text(), checkpoint.to_text());
}

#[test]
fn what_the_roots_pinned_is_as_good_as_seen() {
    let (mut office, mut seen) = (Office::new(), WitnessedLog::default());
    (office.trust_list.log.root, office.trust_list.log.size) = (log(5, Some(1)).head().root, 5);
    let request = ask(&office, &log(5, None), 0);
    assert_eq!(answer(&office, &mut seen, &request), Err(("log_forked", 422)));
}

#[test]
fn a_log_key_counts_while_the_roots_say_so() {
    let (mut office, mut seen) = (Office::new(), WitnessedLog::default());
    let request = ask(&office, &log(5, None), 0);
    let log_key =
        office.trust_list.keys.iter().position(|trusted| trusted.key == key(LOG_KEY).public_key());
    let log_key = log_key.expect("it is listed");
    let honest = office.trust_list.keys[log_key].clone();
    office.trust_list.keys[log_key].compromised_at = Some(office.now.plus_seconds(-DAY));
    assert_eq!(answer(&office, &mut seen, &request), Err(("checkpoint_unsigned", 403)));
    office.trust_list.keys[log_key] = honest.clone();
    office.trust_list.keys[log_key].not_after = Some(office.now);
    assert_eq!(answer(&office, &mut seen, &request), Err(("checkpoint_unsigned", 403)));
    // A minute ahead of our clock.
    office.trust_list.keys[log_key] = honest;
    office.trust_list.keys[log_key].not_before = office.now.plus_seconds(60);
    assert_eq!(answer(&office, &mut seen, &request), Ok(()));
}

#[test]
fn only_what_may_be_a_fork_is_suspicious() {
    let clock = WitnessRefusal::ClockBehind { now: Office::new().now, known: Office::new().now };
    assert!(!clock.is_suspicious() && WitnessRefusal::Forked { size: 5 }.is_suspicious());
}
