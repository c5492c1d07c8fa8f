//! `vernet-verifier witness serve`: a witness as C2SP tlog-witness describes it, from the office's
//! side.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc,
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use vernet_common::{AddCheckpoint, Bundle, HttpsUrl, LogTree, SignedCheckpoint, Signer, Witness};

use crate::{
    hospital::Hospital,
    http::{Answer, Connection, request},
    office::{LOG_KEY, Office, ROOTS, key},
    serving::Serving,
};

const PASSPHRASE: [&str; 2] = ["--passphrase-file", "passphrase.txt"];

/// A witness that has pinned the roots of the office, and knows nothing else.
fn witness(name: &str) -> (Hospital, Witness) {
    let hospital = Hospital::new();
    hospital.pin();
    hospital.write("passphrase.txt", "a passphrase for tests\n");
    hospital
        .run(
            &[
                &["keys", "new", "--use", "witness", "--name", name, "--out", "witness.pem"],
                &PASSPHRASE[..],
            ]
            .concat(),
        )
        .done();
    let public = std::fs::read(hospital.path("witness.pub")).expect("it was written");
    (hospital, serde_json::from_slice(&public).expect("a key and a name"))
}

fn serve(hospital: &Hospital) -> Serving {
    let arguments = ["witness", "serve", "--listen", "127.0.0.1:0", "--key", "witness.pem"];
    Serving::of(hospital, &mut hospital.command(&[&arguments, &PASSPHRASE[..]].concat()))
}

fn post(server: &Serving, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let mut connection = Connection::open(server.address);
    connection.send_aside(request("POST", path, &[("Connection", "close")], &body.into()));
    connection.answer().expect("an answer")
}

fn ask(server: &Serving, request: &AddCheckpoint) -> Answer {
    post(server, "/add-checkpoint", request.to_text())
}

/// The office's log with these certificates appended, and the proof from `old_size`.
fn grown(office: &Office, after: &[String], old_size: u64) -> AddCheckpoint {
    let office = Office { after: after.to_vec(), ..Office::as_of(office.now) };
    let log: LogTree = office.log();
    let checkpoint =
        SignedCheckpoint::sign(&office.trust_list.iss, log.head(), &key(LOG_KEY)).expect("signs");
    AddCheckpoint {
        old_size,
        proof: log.consistency(old_size, log.size()).unwrap_or_default(),
        checkpoint,
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn tell_trust_list(server: &Serving, office: &Office) -> u16 {
    post(
        server,
        "/trust-list",
        serde_json::to_vec(&office.signed_trust_list(&ROOTS)).expect("JSON"),
    )
    .status
}

#[test]
fn a_witness_answers_as_the_specification_says() {
    let (hospital, witness) = witness("witness.example.no/w1");
    let (server, office) = (serve(&hospital), &hospital.office);
    let first = grown(office, &[], 0);
    // Only the roots are known: the office sends its trust list, and asks again.
    let answer = ask(&server, &first);
    assert_eq!(answer.status, 403);
    assert!(answer.text().starts_with("trust_list_missing: "), "{answer:?}");
    assert_eq!(tell_trust_list(&server, office), 200);
    assert_eq!(tell_trust_list(&server, office), 200, "the same again");

    let mut checkpoint = first.checkpoint.clone();
    let answer = ask(&server, &first);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(checkpoint.add_cosignature(answer.text(), &witness).expect("it holds").is_some());
    assert!(
        answer.text().starts_with("— witness.example.no/w1 ") && answer.text().ends_with('\n'),
        "{answer:?}"
    );

    let behind = ask(&server, &grown(office, &names(&["a", "b"]), 0));
    assert_eq!((behind.status, behind.text()), (409, "2\n"));
    assert_eq!(behind.header("content-type"), Some("text/x.tlog.size"));
    assert_eq!(ask(&server, &grown(office, &names(&["a", "b"]), 2)).status, 200);
    let ahead = ask(&server, &grown(office, &names(&["a", "b", "c"]), 5));
    assert_eq!((ahead.status, ahead.text()), (409, "4\n"));
    assert_eq!(ask(&server, &grown(office, &names(&["a"]), 4)).status, 400);
    let fork = ask(&server, &grown(office, &names(&["a", "x"]), 4));
    assert_eq!(fork.status, 422);
    assert!(fork.text().starts_with("log_forked: "), "{fork:?}");
    let fork = ask(&server, &grown(office, &names(&["a", "x", "c"]), 4));
    assert_eq!(fork.status, 422);
    assert!(fork.text().starts_with("log_proof: "), "{fork:?}");

    let elsewhere = "https://other.example.no".parse().expect("a URL");
    let other =
        SignedCheckpoint::sign(&elsewhere, office.log().head(), &key(LOG_KEY)).expect("signs");
    assert_eq!(ask(&server, &AddCheckpoint { checkpoint: other, ..first.clone() }).status, 404);
    let stranger = SignedCheckpoint::sign(&office.trust_list.iss, office.log().head(), &key(66))
        .expect("signs");
    assert_eq!(ask(&server, &AddCheckpoint { checkpoint: stranger, ..first.clone() }).status, 403);
    for junk in [&b""[..], b"old 2\n", b"old 02\n\n", b"\xff\xff", &[b'a'; 5000]] {
        assert_eq!(post(&server, "/add-checkpoint", junk).status, 400, "{junk:?}");
    }
    assert_eq!(post(&server, "/add-checkpoint", vec![b'a'; 200_000]).status, 413);
    assert_eq!(post(&server, "/elsewhere", "").status, 404);

    let evidence =
        std::fs::read_dir(hospital.path("state/witness/evidence")).expect("it was kept").count();
    assert_eq!(evidence, 2);
    let alarms = server
        .log()
        .lines()
        .filter(|line| line.contains("\"ERROR\"") && line.contains("ALARM"))
        .count();
    assert_eq!(alarms, 2, "{}", server.log());
    // None of this had any effect.
    assert_eq!(ask(&server, &grown(office, &names(&["a", "b", "c"]), 4)).status, 200);
    // The command line shares its state with the server.
    let arguments = ["witness", "cosign", "--publication", "publication", "--key", "witness.pem"];
    let old = hospital.run(&[&arguments, &PASSPHRASE[..]].concat());
    assert!(old.code == Some(1) && old.stderr.contains("[log_outdated]"), "{old:?}");
}

#[test]
fn monitors_see_what_was_cosigned_last() {
    let (hospital, witness) = witness("witness.example.no/w1");
    let (server, office) = (serve(&hospital), &hospital.office);
    assert_eq!(tell_trust_list(&server, office), 200);
    let origin = SignedCheckpoint::origin(&office.trust_list.iss);
    let hash: String =
        Sha256::digest(origin.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let see = |path: String| {
        let mut connection = Connection::open(server.address);
        connection.send(&request("GET", &path, &[("Connection", "close")], b""));
        connection.answer().expect("an answer")
    };
    let path = format!("/{hash}/checkpoint");
    let answer = see(path.clone());
    assert_eq!(
        (answer.status, answer.text().split(':').next()),
        (404, Some("never_cosigned")),
        "{answer:?}"
    );
    let first = grown(office, &[], 0);
    // Lines of others come with the request, and are not shown.
    let other = format!("{}— x.example.no {}\n", first.to_text(), "AAAA".repeat(810));
    let answer = post(&server, "/add-checkpoint", other);
    assert_eq!(answer.status, 200, "{answer:?}");
    let seen = see(path.clone());
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(seen.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
    assert_eq!(seen.text(), format!("{}{}", first.checkpoint.to_text(), answer.text()));
    let seen = SignedCheckpoint::parse(seen.text()).expect("a checkpoint");
    assert!(
        seen.is_signed_by(&office.trust_list.iss, &key(LOG_KEY).public_key()).expect("it holds")
    );
    assert!(seen.cosigned_at(&witness.name, &witness.key).expect("it holds").is_some());

    let longer = grown(office, &names(&["a"]), 2);
    assert_eq!(ask(&server, &longer).status, 200);
    let seen = SignedCheckpoint::parse(see(path.clone()).text()).expect("a checkpoint");
    assert_eq!(seen.head(), longer.checkpoint.head());
    // What is refused is never shown.
    assert_eq!(ask(&server, &grown(office, &names(&["b"]), 3)).status, 422);
    let seen = SignedCheckpoint::parse(see(path.clone()).text()).expect("a checkpoint");
    assert_eq!(seen.head(), longer.checkpoint.head());

    for unknown in [hash.to_uppercase(), "0".repeat(64), "x".into()] {
        let answer = see(format!("/{unknown}/checkpoint"));
        assert_eq!((answer.status, answer.text().split(':').next()), (404, Some("unknown_log")));
    }
}

#[test]
fn an_empty_log_with_another_root_is_refused_as_the_specification_says() {
    let (hospital, _) = witness("witness.example.no/w1");
    let (server, office) = (serve(&hospital), &hospital.office);
    assert_eq!(tell_trust_list(&server, office), 200);
    let text = format!(
        "{}\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        SignedCheckpoint::origin(&office.trust_list.iss)
    );
    let unsigned = format!("old 0\n\n{text}\n— x.example.no AAAAAAAA\n");
    assert_eq!(post(&server, "/add-checkpoint", unsigned).status, 403);
    let signed = note_by_the_log(&office.trust_list.iss, &text);
    let answer = post(&server, "/add-checkpoint", format!("old 0\n\n{signed}"));
    assert_eq!((answer.status, answer.text().split(':').next()), (422, Some("inconsistent")));
    assert_eq!(ask(&server, &grown(office, &[], 0)).status, 200);
}

/// A note under the log's signature, put together by hand: the library does not sign this.
fn note_by_the_log(iss: &HttpsUrl, text: &str) -> String {
    let name = SignedCheckpoint::origin(iss);
    let id = Sha256::new()
        .chain_update(&name)
        .chain_update([b'\n', 1])
        .chain_update(key(LOG_KEY).public_key().as_bytes())
        .finalize();
    let signature = key(LOG_KEY).sign(text.as_bytes()).expect("it signs");
    let bytes: Vec<u8> = id[..4].iter().chain(&signature).copied().collect();
    format!("{text}\n— {name} {}\n", STANDARD.encode(bytes))
}

#[test]
fn a_witness_learns_new_trust_lists_from_whoever_has_them_and_believes_the_roots_alone() {
    let (mut hospital, _) = witness("witness.example.no/w1");
    let server = serve(&hospital);
    assert_eq!(tell_trust_list(&server, &hospital.office), 200);
    assert_eq!(ask(&server, &grown(&hospital.office, &[], 0)).status, 200);
    // A new log key, in a trust list that nobody has published yet.
    let mut new_key = grown(&hospital.office, &names(&["a"]), 2);
    new_key.checkpoint = SignedCheckpoint::sign(
        &hospital.office.trust_list.iss,
        new_key.checkpoint.head(),
        &key(77),
    )
    .expect("signs");
    assert_eq!(ask(&server, &new_key).status, 403);
    let old = hospital.office.signed_trust_list(&ROOTS);
    let log_key = hospital.office.trust_list.keys.last_mut().expect("there are three");
    log_key.key = vernet_common::Signer::public_key(&key(77));
    hospital.office.trust_list.seq += 1;
    let forged = serde_json::to_vec(&hospital.office.signed_trust_list(&ROOTS[..1])).expect("JSON");
    let answer = post(&server, "/trust-list", forged);
    assert_eq!(
        (answer.status, answer.text().split(':').next()),
        (403, Some("threshold_not_reached"))
    );
    assert_eq!(ask(&server, &new_key).status, 403);
    assert_eq!(tell_trust_list(&server, &hospital.office), 200);
    assert_eq!(ask(&server, &new_key).status, 200);
    // The witness never goes back to the old list.
    let answer = post(&server, "/trust-list", serde_json::to_vec(&old).expect("JSON"));
    assert_eq!(
        (answer.status, answer.text().split(':').next()),
        (403, Some("trust_list_rolled_back"))
    );
    assert_eq!(ask(&server, &grown(&hospital.office, &names(&["a", "b"]), 3)).status, 403);
    // By hand it uses the list that it knows: the published one is older.
    let cosign = ["witness", "cosign", "--publication", "publication", "--key", "witness.pem"];
    let run = hospital.run(&[&cosign, &PASSPHRASE[..]].concat());
    assert!(run.code == Some(1) && run.stderr.contains("[checkpoint_unsigned]"), "{run:?}");
    assert_eq!(post(&server, "/trust-list", "{}").status, 400);
    assert_eq!(post(&server, "/trust-list", vec![b' '; 200_000]).status, 413);
}

#[test]
fn a_hospital_with_a_policy_accepts_what_enough_witnesses_have_cosigned() {
    let [(one, w1), (two, w2), (_three, w3)] = ["w1", "w2", "w3"].map(witness);
    let mut hospital = Hospital::new();
    hospital.office.trust_list.log.threshold = 2;
    hospital.office.trust_list.log.witnesses = [w1.clone(), w2.clone(), w3].into();
    let mut bundle: Bundle = hospital.office.bundle();
    let request = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: bundle.log.as_ref().expect("it is there").checkpoint.clone(),
    };
    let mut seen = Vec::new();
    for (host, witness) in [(&one, &w1), (&two, &w2)] {
        let server = serve(host);
        assert_eq!(tell_trust_list(&server, &hospital.office), 200);
        let answer = ask(&server, &request);
        let log = bundle.log.as_mut().expect("it is there");
        log.checkpoint
            .add_cosignature(answer.text(), witness)
            .expect("it holds")
            .expect("there is one");
        hospital.write_bundle("publication/bundle.json", &bundle);
        seen.push(hospital.verdict("certificate.url"));
    }
    assert_eq!(seen, ["log_unusable", "authorised"]);
}

/// Two logs of the same size, both requested at once, and the process killed at some moment: if one
/// was ever cosigned, the other never is.
#[test]
fn whatever_is_killed_no_two_logs_of_one_size_are_cosigned() {
    const KILLS: u64 = 12;
    let (hospital, _) = witness("witness.example.no/w1");
    let office = &hospital.office;
    let mut cosigned: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    let mut after: Vec<String> = Vec::new();
    let (mut answered, mut size) = (0, 0);
    for round in 0..KILLS {
        let server = serve(&hospital);
        assert!([200, 403].contains(&tell_trust_list(&server, office)));
        let variants: Vec<Vec<String>> = ["a", "b"]
            .iter()
            .map(|name| [&after[..], &[format!("{name}{round}")]].concat())
            .collect();
        let (send, receive) = mpsc::channel();
        for variant in variants.clone() {
            let (send, body, address) =
                (send.clone(), grown(office, &variant, size), server.address);
            thread::spawn(move || {
                let mut connection = Connection::open(address);
                connection.send_aside(request(
                    "POST",
                    "/add-checkpoint",
                    &[("Connection", "close")],
                    body.to_text().as_bytes(),
                ));
                let head = body.checkpoint.head();
                let ok = connection.answer().is_ok_and(|answer| answer.status == 200);
                let _ = send.send((head.size, head.root.to_string(), ok));
            });
        }
        drop(send);
        thread::sleep(Duration::from_micros(round * 700));
        server.kill();
        for (size, root, _) in receive.iter().filter(|(_, _, ok)| *ok) {
            answered += 1;
            cosigned.entry(size).or_default().insert(root);
        }
        let server = serve(&hospital);
        let mut next = None;
        for variant in variants {
            // Whatever the state of the witness: before both, or at one of them.
            for old_size in [size, grown(office, &variant, 0).checkpoint.head().size] {
                let body = grown(office, &variant, old_size);
                if ask(&server, &body).status == 200 {
                    let head = body.checkpoint.head();
                    cosigned.entry(head.size).or_default().insert(head.root.to_string());
                    next = Some((head.size, variant.clone()));
                }
            }
        }
        (size, after) = next.expect("one of the two is the log");
    }
    for (size, roots) in &cosigned {
        assert_eq!(roots.len(), 1, "two logs of {size} certificates were cosigned");
    }
    assert_eq!(cosigned.len() as u64, KILLS);
    eprintln!("{answered} of {KILLS} kills came after an answer");
}
