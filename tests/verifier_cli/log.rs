//! The issued log at a hospital: large logs are fetched tile by tile, and two contradictory logs
//! raise an alarm.

use std::fs;

use vernet_common::{Bundle, SignedCheckpoint, Tile};

use crate::{
    hospital::{FILES, Hospital},
    server::{Server, ok, response},
};

/// A hospital whose office has issued this many certificates besides its own and an earlier one.
fn large(others: usize) -> Hospital {
    let mut hospital = Hospital::new();
    hospital.office.after = (0..others).map(|n| n.to_string()).collect();
    hospital.publish_with_tiles();
    hospital
}

fn later(hospital: &mut Hospital) {
    hospital.office.status_claims.iat = hospital.office.status_claims.iat.plus_seconds(60);
}

#[test]
fn the_leaves_of_a_large_log_lie_beside_the_bundle() {
    let hospital = large(1500);
    assert_eq!(hospital.verdict("certificate.jwt"), "authorised");
    let bundle = ["--roots", "roots.json", "--bundle", "publication/bundle.json"];
    assert_eq!(hospital.verdict_from("certificate.jwt", &bundle), "authorised");
    // Only the bundle was copied: the answer is not known.
    let alone = Hospital::new();
    fs::copy(hospital.path("publication/bundle.json"), alone.path("publication/bundle.json"))
        .expect("copied");
    fs::copy(hospital.path("certificate.jwt"), alone.path("certificate.jwt")).expect("copied");
    let run = alone.run(&[&["check", "--json", "certificate.jwt"][..], &FILES].concat());
    let verdict = run.json();
    assert_eq!(
        (&verdict["code"], &verdict["cause"]["code"]),
        (&"log_missing".into(), &"log_leaves_missing".into())
    );
    assert_eq!((run.code, &verdict["certificate"]), (Some(1), &serde_json::Value::Null));
    // A tile is missing or damaged: this is reported, and nothing is assumed.
    let tile = hospital.path("publication/log/tile/0/003");
    let mut content = fs::read(&tile).expect("it was published");
    content[5] ^= 1;
    fs::write(&tile, &content).expect("it can be written");
    assert_eq!(hospital.verdict("certificate.jwt"), "log_unusable");
    fs::write(&tile, &content[..100]).expect("it can be written");
    let run = hospital.run(&[&["check", "certificate.jwt"][..], &FILES].concat());
    assert!(
        run.stdout.contains("[log_missing]") && run.stderr.contains("has 100 bytes, expected 8192"),
        "{run:?}"
    );
    fs::remove_file(&tile).expect("it can be removed");
    let run = hospital.run(&[&["check", "certificate.jwt"][..], &FILES].concat());
    assert!(run.stdout.contains("[log_missing]") && run.stderr.contains("003"), "{run:?}");
}

#[test]
fn sync_fetches_only_the_tiles_that_are_new_and_the_same_for_everybody() {
    let mut hospital = large(1500);
    hospital.pin();
    let folder = hospital.path("publication");
    let server = Server::start(move |path| {
        let file = fs::read(folder.join(path.trim_start_matches("/publication/")));
        file.map_or_else(|_| response("404 Not Found", "", b""), |bytes| ok(&bytes))
    });
    let url = format!("{}/publication", server.url());
    let report = hospital.run(&["sync", &url, "--json"]).done().json();
    assert_eq!(report["log"]["size"], 1502);
    assert_eq!(server.requests(), 1 + 6, "the bundle, five full tiles and a partial one");
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised", "without a network");

    hospital.office.after.push("one more".into());
    later(&mut hospital);
    hospital.publish_with_tiles();
    hospital.run(&["sync"]).done();
    assert_eq!(server.requests(), 7 + 2, "the bundle and the last tile");
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
    hospital.run(&["sync"]).done();

    // The stored leaves are damaged: they are fetched again.
    let leaves = hospital
        .state()
        .into_iter()
        .find(|(name, _)| name.ends_with(".leaves"))
        .expect("the leaves are kept");
    assert_eq!(leaves.1.len(), 1503 * 32);
    let mut damaged = leaves.1.clone();
    damaged[7] ^= 1;
    hospital.write(&format!("state/{}", leaves.0), &damaged);
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "log_unusable");
    hospital.run(&["sync"]).done();
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
    assert!(hospital.state().contains(&leaves), "as they were");

    // If a tile is missing, the new status list counts all the same, for who was in the log before;
    // the tiles that came are kept.
    hospital.office.after.extend((0..200).map(|n| format!("more {n}")));
    later(&mut hospital);
    hospital.publish_with_tiles();
    fs::remove_file(hospital.path("publication/log/tile/0/006.p/167")).expect("it was published");
    let run = hospital.run(&["sync"]);
    run.failed("006.p/167");
    assert!(run.stderr.contains("the new trust list and status lists are in use"), "{run:?}");
    let kept =
        |(name, content): &(String, Vec<u8>)| name.ends_with(".leaves").then_some(content.len());
    assert_eq!(hospital.state().iter().find_map(kept), Some(6 * 256 * 32));
    let verdict = hospital.run(&["check", "--json", "certificate.jwt"]).json();
    let as_of = hospital.office.status_claims.iat.to_string();
    assert_eq!((&verdict["code"], &verdict["as_of"]), (&"authorised".into(), &as_of.into()));
    // The log has grown meanwhile, and the full tile has replaced the partial one.
    let full = Tile::leaves(6 * 256, 7 * 256).next().expect("a tile");
    let mut log = hospital.office.log();
    (0..200u8).for_each(|n| log.push(vernet_common::LogHash::of_leaf(&[n])));
    let content = full.content(&log).expect("it reaches so far");
    hospital.write("publication/log/tile/0/006", content);
    hospital.run(&["sync"]).done();
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
}

#[test]
fn nothing_is_fetched_for_a_checkpoint_that_anybody_could_have_made() {
    let hospital = large(1500);
    hospital.pin();
    let mut bundle = hospital.office.bundle();
    let log = bundle.log.as_mut().expect("a log");
    let head = log.checkpoint.head();
    let stranger = crate::office::key(66);
    log.checkpoint =
        SignedCheckpoint::sign(&hospital.office.trust_list.iss, head, &stranger).expect("signs");
    let json = bundle.to_json().expect("JSON");
    let server = Server::start(move |_| ok(&json));
    hospital.run(&["sync", &server.url()]).failed("[checkpoint_unsigned]");
    assert_eq!(server.requests(), 1);
}

#[test]
fn two_logs_are_an_alarm_with_evidence_that_is_never_overwritten() {
    let mut hospital = Hospital::new();
    hospital.office.after = vec!["third".into()];
    hospital.publish();
    hospital.pin();
    hospital.run(&["sync", "publication"]).done();
    let good = (hospital.state(), hospital.office.bundle());

    hospital.office.after = vec!["another third".into()];
    later(&mut hospital);
    hospital.publish();
    for _ in 0..2 {
        let run = hospital.run(&["sync"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(
            run.stderr.contains("[log_forked]")
                && run.stderr.contains("ALARM: the evidence is in `"),
            "{run:?}"
        );
        assert_eq!(hospital.evidence().len(), 1, "kept once");
    }
    assert_eq!(hospital.state(), good.0, "the good lists are as they were");
    let first = fs::read(&hospital.evidence()[0]).expect("the evidence");
    let evidence: serde_json::Value = serde_json::from_slice(&first).expect("JSON");
    assert_eq!(evidence["code"], "log_forked");
    let known = good.1.log.expect("a log").checkpoint.to_text();
    assert_eq!(evidence["known"]["checkpoint"], known);
    assert_eq!(evidence["known"]["status_list"], good.1.status_lists[0].as_str());
    let shown =
        Bundle::from_json(evidence["found"].to_string().as_bytes()).expect("the whole bundle");
    assert_eq!(shown, hospital.office.bundle());

    // `check` notices it too, in a publication that somebody hands over, and another contradiction
    // gets another file.
    hospital.office.after.clear();
    later(&mut hospital);
    hospital.publish();
    let run = hospital.run(&["check", "certificate.jwt", "--publication", "publication"]);
    assert!(run.code == Some(2) && run.stderr.contains("[log_shrunk]"), "{run:?}");
    assert_eq!(hospital.evidence().len(), 2);
    assert!(
        hospital.evidence().iter().any(|file| fs::read(file).expect("a file") == first),
        "as it was"
    );

    // Until somebody has dealt with it, every run warns; the earlier lists still count.
    let run = hospital.run(&["check", "certificate.jwt"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        run.stderr.matches("ALARM: `https://perfusionist.example.no` signed two logs").count(),
        2,
        "{run:?}"
    );
    hospital
        .evidence()
        .iter()
        .for_each(|file| fs::remove_file(file).expect("it can be taken away"));
    assert!(!hospital.run(&["check", "certificate.jwt"]).stderr.contains("ALARM"));
}

#[test]
fn a_forgery_under_the_stolen_key_shows_nobody_s_name() {
    let mut hospital = Hospital::new();
    let honest = hospital.office.certificate.given_name.clone();
    hospital.office.certificate.given_name = "Ada".parse().expect("a name");
    hospital.write("forged.jwt", hospital.office.text());
    let run = hospital.run(&[&["check", "forged.jwt"][..], &FILES].concat());
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout.contains("NOT VALID NOW  [not_issued]") && !run.stdout.contains("Ada"),
        "{run:?}"
    );
    let run = hospital.run(&[&["check", "certificate.jwt"][..], &FILES].concat());
    assert!(run.stdout.contains(honest.as_str()), "{run:?}");
}

#[test]
fn inspect_shows_a_bundle_and_its_log() {
    let hospital = Hospital::new();
    let object = hospital.run(&["inspect", "--json", "publication/bundle.json"]).done().json();
    let content = &object["content"];
    let head = hospital.office.log().head();
    assert_eq!(content["form"], "bundle");
    assert_eq!(
        (&content["log"]["size"], &content["log"]["leaves"]),
        (&head.size.into(), &head.size.into())
    );
    assert_eq!(content["log"]["root"], head.root.to_string());
    assert_eq!(content["log"]["origin"], "perfusionist.example.no/log");
    assert_eq!(content["status_lists"][0]["log"]["size"], head.size);
    assert_eq!(content["trust_lists"][0]["log"]["threshold"], 0);
    assert!(
        hospital
            .run(&["inspect", "publication/bundle.json"])
            .done()
            .stdout
            .starts_with("UNVERIFIED")
    );
    hospital.write("checkpoint", hospital.office.bundled_log().checkpoint.to_text());
    let object = hospital.run(&["inspect", "--json", "checkpoint"]).done().json();
    assert_eq!(
        (&object["content"]["form"], &object["content"]["size"]),
        (&"checkpoint".into(), &head.size.into())
    );
}
