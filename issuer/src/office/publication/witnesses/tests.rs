//! Witnesses over HTTP, honest ones and others, and what the office makes of their answers.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread,
};

use vernet_common::{SecretKey, Signer};
use vernet_verifier::{
    Code, Knowledge, Memory, Policy, verify,
    witness::{WitnessRefusal, WitnessedLog},
};

use super::*;
use crate::{
    LogWitnesses, OfficeWitness,
    office::{
        publication::Published,
        tests::{House, code},
    },
};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn name(seed: u8) -> WitnessName {
    format!("witness.example.no/w{seed}").parse().expect("a name")
}

fn known(seed: u8, url: Option<String>) -> OfficeWitness {
    OfficeWitness { key: key(seed).public_key(), name: name(seed), url }
}

/// A server that answers as it is told, with a status and a body.
fn serve(mut answer: impl FnMut(&str, &str) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/vernet/", listener.local_addr().expect("it is bound"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let head: Vec<String> = stream
                .by_ref()
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let length = head.iter().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()
            });
            let mut body = vec![0; length.expect("it has a length")];
            stream.read_exact(&mut body).expect("all of it");
            let path = head[0].split(' ').nth(1).expect("a path").to_owned();
            let (status, body) = answer(&path, &String::from_utf8(body).expect("UTF-8"));
            let head = format!(
                "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            // Who asked may have had enough.
            let _ = stream.get_mut().write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

/// What `vernet-verifier witness serve` does, with the same checks. It knows nothing of the office
/// but what it is sent.
fn honest(seed: u8, now: NumericDate) -> OfficeWitness {
    let (mut log, mut trust_list) = (WitnessedLog::default(), None);
    let answer = move |path: &str, body: &str| {
        if path == "/vernet/trust-list" {
            let list = SignedTrustList::from_json(body.as_bytes()).expect("a trust list");
            trust_list = Some(list.unverified_claims().expect("readable"));
            return (200, String::new());
        }
        assert_eq!(path, "/vernet/add-checkpoint");
        let request = AddCheckpoint::parse(body).expect("a request");
        let Some(trust_list) = &trust_list else { return (403, "trust_list_missing".into()) };
        match log.add(&request, trust_list, &Policy::default(), now) {
            Ok(()) => (200, cosignature(seed, &request.checkpoint, now)),
            Err(WitnessRefusal::Conflict { known, .. }) => (409, format!("{known}\n")),
            Err(refusal) => (refusal.status(), refusal.to_string()),
        }
    };
    known(seed, Some(serve(answer)))
}

fn cosignature(seed: u8, checkpoint: &SignedCheckpoint, now: NumericDate) -> String {
    let mut checkpoint = checkpoint.clone();
    checkpoint.cosign(&name(seed), &key(seed), now).expect("signs");
    checkpoint.cosignatures(&name(seed), &key(seed).public_key())
}

impl House {
    /// An office whose roots demand so many of these witnesses.
    fn watched(threshold: u8, of: impl FnOnce(NumericDate) -> Vec<OfficeWitness>) -> Self {
        let mut house = Self::founded();
        house.office.config.witnesses = LogWitnesses { threshold, of: of(house.now) };
        house.new_trust_list(&[0, 2]).expect("two roots signed");
        house.grant("9144889").expect("a grant");
        house
    }

    fn publish_watched(&mut self) -> Result<Published, Error> {
        self.now = self.now.plus_seconds(60);
        let out = self.folder.path().join("publication");
        self.office.publish(&out, &self.passphrase, (&self.officer, self.now), &mut |_, _| {})
    }

    fn bundle(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("publication/bundle.json")).unwrap_or_default()
    }

    /// What a hospital says of every certificate, by what is published.
    fn verdicts(&self) -> Vec<Code> {
        let bundle = Bundle::from_json(&self.bundle()).expect("a bundle");
        let anchor = self.office.anchor().expect("roots");
        let known =
            Knowledge::learn(&bundle, &mut Memory::new(&anchor), &Policy::default(), self.now)
                .expect("believed");
        let verdict = |jws| verify(jws, &known, &Policy::default(), self.now).code();
        self.office
            .register()
            .state()
            .certificates()
            .map(|certificate| verdict(certificate.jws))
            .collect()
    }

    /// The log as it is now, and what the witnesses say of it.
    fn ask(&self) -> Result<Vec<WitnessAnswer>, Error> {
        let log_key = self.office.unlock(KeyUse::Log, &self.passphrase, self.now).expect("the key");
        let head = self.office.register().state().log().head();
        let mut checkpoint =
            SignedCheckpoint::sign(&self.office.config.iss, head, &*log_key).expect("signs");
        let trust_list = self.office.trust_list().expect("readable").expect("in force");
        self.office.collect_cosignatures(&mut checkpoint, &trust_list)
    }

    /// The trouble with the only witness.
    fn trouble(&self) -> (&'static str, bool) {
        let answers = self.ask().expect("nothing is demanded");
        let trouble = answers[0].trouble.as_ref().expect("there is trouble");
        assert_eq!(answers[0].cosigned_at, None, "{trouble}");
        (trouble.code(), trouble.is_alarm())
    }
}

fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("it is bound"))
}

#[test]
fn what_enough_witnesses_have_seen_is_published_and_accepted_and_nothing_else_is() {
    let mut house =
        House::watched(2, |now| vec![honest(11, now), known(12, Some(nobody())), honest(13, now)]);
    let published = house.publish_watched().expect("two of three");
    let troubles: Vec<_> =
        published.witnesses.iter().map(|w| w.trouble.as_ref().map(WitnessTrouble::code)).collect();
    assert_eq!(troubles, [None, Some("witness_unreachable"), None]);
    assert_eq!(house.verdicts(), [Code::Authorised]);
    // The log grows: they are sent the proof from where they are.
    house.grant("9144900").expect("a grant");
    house.publish_watched().expect("two of three");
    assert_eq!(house.verdicts(), [Code::Authorised, Code::Authorised]);

    // Three of three: the roots have the last word, and what is published stays.
    house.office.config.witnesses.threshold = 3;
    house.new_trust_list(&[0, 2]).expect("two roots signed");
    let before = house.bundle();
    let error = house.publish_watched().expect_err("one is out of reach");
    assert_eq!(error.code(), "witnesses_missing");
    let text = error.to_string();
    assert!(text.starts_with("2 of the witnesses cosigned the log, 3 are needed: "), "{text}");
    assert!(
        text.contains("w11` cosigned; ") && text.contains("w12`: it cannot be reached: "),
        "{text}"
    );
    assert_eq!(house.bundle(), before);
}

#[test]
fn while_no_witness_answers_a_log_that_they_have_seen_is_published_and_a_longer_one_is_not() {
    let mut house = House::watched(1, |now| {
        let mut first = true;
        let answer = move |_: &str, body: &str| {
            let request = AddCheckpoint::parse(body).expect("a request");
            let up = std::mem::take(&mut first);
            if up {
                (200, cosignature(11, &request.checkpoint, now))
            } else {
                (500, "out of order".into())
            }
        };
        vec![known(11, Some(serve(answer)))]
    });
    house.publish_watched().expect("cosigned");
    let published = house.publish_watched().expect("the cosignature of before still holds");
    assert_eq!(
        published.witnesses[0].trouble.as_ref().map(WitnessTrouble::code),
        Some("witness_unexpected")
    );
    assert!(published.witnesses[0].cosigned_at.is_some_and(|at| at < house.now));
    assert_eq!(house.verdicts(), [Code::Authorised]);
    house.now = house.now.plus_seconds(60);
    house.grant("9144900").expect("a grant");
    assert_eq!(code(house.publish_watched()), "witnesses_missing");
    assert_eq!(house.verdicts(), [Code::Authorised, Code::LogBehind]);
}

#[test]
fn a_witness_without_a_network_is_brought_the_log_and_its_cosignature_is_brought_back() {
    let mut house = House::watched(1, |_| vec![known(11, None)]);
    let error = house.publish_watched().expect_err("nobody was asked");
    assert!(error.to_string().contains("it has no URL"), "{error}");
    let folder = house.folder.path().join("for witnesses");
    house.office.prepare_for_witnesses(&folder, &house.passphrase, house.now).expect("prepared");
    let bundle =
        Bundle::from_json(&fs::read(folder.join(BUNDLE)).expect("a file")).expect("a bundle");
    let log = bundle.log.expect("a log");
    let [tile] = Tile::leaves(0, log.checkpoint.head().size).collect::<Vec<_>>()[..] else {
        panic!("one tile")
    };
    let leaves = fs::read(folder.join(LOG).join(tile.path()))
        .expect("what the bundle of a large log does not hold");
    assert_eq!(leaves, log.leaves.expect("few")[0].as_bytes());
    let prepared = log.checkpoint;
    let lines = cosignature(11, &prepared, house.now);
    house
        .office
        .keep_cosignatures(&format!("{}\n", cosignature(66, &prepared, house.now).trim_end()))
        .expect("kept");
    house.office.keep_cosignatures(lines.trim_end()).expect("kept");
    house.publish_watched().expect("cosigned");
    assert_eq!(house.verdicts(), [Code::Authorised]);
    // One certificate later it is a cosignature of another log.
    house.grant("9144900").expect("a grant");
    house.office.keep_cosignatures(&lines).expect("kept");
    assert_eq!(code(house.publish_watched()), "witnesses_missing");
}

#[test]
fn every_answer_that_is_no_cosignature_is_told_apart() {
    type Answer = fn(&AddCheckpoint) -> (u16, String);
    let replayed: Answer = |_| {
        let elsewhere = SignedCheckpoint::sign(
            &"https://other.example.no".parse().expect("a URL"),
            LogHead::empty(),
            &key(3),
        );
        (
            200,
            cosignature(
                11,
                &elsewhere.expect("signs"),
                NumericDate::from_seconds(1_795_000_000).expect("an instant"),
            ),
        )
    };
    let cases: [(&str, bool, Answer); 15] = [
        ("witness_ahead", true, |_| (409, "7\n".into())),
        ("witness_forked", true, |_| (409, "2\n".into())),
        ("witness_forked", true, |request| match request.old_size {
            2 => (422, "log_forked".into()),
            _ => (409, "2\n".into()),
        }),
        ("witness_not_continued", true, |_| (422, "log_proof".into())),
        ("witness_refused", true, |_| (403, "checkpoint_unsigned".into())),
        ("signature_invalid", false, replayed),
        ("checkpoint_invalid", false, |_| (200, String::new())),
        ("checkpoint_invalid", false, |_| (200, "<html>\n".into())),
        ("witness_unexpected", false, |request| {
            (
                200,
                cosignature(
                    66,
                    &request.checkpoint,
                    NumericDate::from_seconds(0).expect("an instant"),
                ),
            )
        }),
        ("witness_unexpected", false, |_| (409, "many\n".into())),
        ("witness_unexpected", false, |request| {
            (409, format!("{}\n", u64::from(request.old_size == 0)))
        }),
        ("witness_unexpected", false, |_| (301, String::new())),
        ("witness_unexpected", false, |_| (404, "unknown_log".into())),
        ("witness_unexpected", false, |_| (503, "busy".into())),
        ("witness_unreachable", false, |_| (200, "a".repeat(100_000))),
    ];
    let mut house = House::watched(0, |_| vec![known(11, None)]);
    house.grant("9144900").expect("a second certificate");
    assert_eq!(house.trouble(), ("witness_no_url", false));
    for (code, alarm, answer) in cases {
        let answer = move |path: &str, body: &str| match path {
            "/vernet/trust-list" => (404, String::new()),
            _ => answer(&AddCheckpoint::parse(body).expect("a request")),
        };
        house.office.config.witnesses.of[0].url = Some(serve(answer));
        assert_eq!(house.trouble(), (code, alarm));
    }
}

#[test]
fn the_settings_name_witnesses_that_can_be() {
    let mut house = House::founded();
    let folder = house.folder.path().join("office");
    let mut set = |threshold, url: &str| {
        house.office.config.witnesses =
            LogWitnesses { threshold, of: vec![known(11, Some(url.into())), known(12, None)] };
        let json = serde_json::to_vec(&house.office.config).expect("JSON");
        fs::write(folder.join("office.json"), json).expect("it can be written");
        Office::open(&folder).map(drop)
    };
    for wrong in [
        "",
        "witness.example.no",
        "ftp://witness.example.no",
        "/add-checkpoint",
        "https://w.example.no/?a",
    ] {
        assert_eq!(code(set(1, wrong)), "field_invalid", "{wrong}");
    }
    assert_eq!(code(set(3, "https://witness.example.no")), "field_invalid");
    set(2, "https://witness.example.no").expect("they can be");
    let office = Office::open(&folder).expect("an office");
    let draft = office
        .draft_trust_list(None, house.now)
        .expect("a draft")
        .unverified_claims()
        .expect("readable");
    let names: Vec<_> = draft.log.witnesses.iter().map(|witness| witness.name.as_str()).collect();
    assert_eq!(
        (draft.log.threshold, names),
        (2, vec!["witness.example.no/w11", "witness.example.no/w12"])
    );
}
