//! Newer lists: good ones replace the old ones, bad ones never do, and the server requests only the
//! lists.

use serde_json::json;
use vernet_common::{
    Bundle, HttpsUrl, Signer, Status, StatusListClaims, StatusListNumber, StatusListUri,
};

use crate::{
    hospital::{Hospital, now},
    office::{CERTIFICATE_KEY, DAY, HOUR, Office, key, title},
    publisher::{Publisher, json as bytes, ok, response},
    serving::{Serving, until},
};

const EVERY_SECOND: [&str; 2] = ["--refresh", "1"];

/// Publishes again, half an hour later.
fn newer(hospital: &mut Hospital, status: Status) {
    hospital.office.set_status(status);
    hospital.office.status_claims.iat = hospital.office.now.plus_seconds(-HOUR / 2);
}

#[test]
fn it_starts_without_the_office_and_is_ready_when_the_office_is() {
    let hospital = Hospital::new();
    let publisher = Publisher::down();
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    let text = hospital.office.text();
    for _ in 0..2 {
        let answer = server.get("/readyz");
        answer.problem("not_ready");
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
        server.get("/v1/publication/bundle.json").problem("not_ready");
        assert_eq!(server.get("/healthz").text(), "ok\n");
        assert_eq!(server.metric("vernet_ready"), 0);
        let verdict = server.post("text/plain", &text).verdict();
        assert_eq!(
            (&verdict["verdict"], &verdict["code"]),
            (&"undetermined".into(), &"status_missing".into())
        );
        assert_eq!(
            server.code("Kari Nordmann"),
            "malformed",
            "what is no certificate needs no lists"
        );
        server.wait_for_refresh("failed");
    }
    publisher.publish(&hospital.office.bundle());
    until("it is ready", || server.get("/readyz").status == 200);
    assert_eq!((server.get("/readyz").text(), server.metric("vernet_ready")), ("ready\n", 1));
    assert_eq!(server.code(&text), "authorised");
}

#[test]
fn a_suspension_is_known_within_one_refresh() {
    let mut hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    let link = hospital.office.link();
    until("the lists are there", || server.code(&link) == "authorised");
    newer(&mut hospital, Status::Suspended);
    let before = publisher.requests();
    publisher.publish(&hospital.office.bundle());
    until("it is suspended", || server.code(&link) == "suspended");
    assert!(
        publisher.requests() - before <= 2,
        "at the first refresh that began after the publication"
    );
    assert_eq!(server.refreshes("updated"), 2);
    assert_eq!(server.refreshes("failed"), 0);
    let age = server.metric("vernet_status_age_seconds");
    assert!((1800..1900).contains(&age), "{age}");
}

#[test]
fn while_the_office_is_down_the_last_good_lists_serve_until_they_run_out() {
    let mut hospital = Hospital::new();
    hospital.office.status_claims.exp = now().plus_seconds(10);
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    let link = hospital.office.link();
    until("the lists are there", || server.code(&link) == "authorised");
    publisher.answer(Vec::new());
    server.wait_for_refresh("failed");
    let verdict = server.post("text/plain", &link).verdict();
    // On a slow machine they may have expired by now.
    if now() < hospital.office.status_claims.exp {
        assert_eq!(verdict["code"], "authorised");
        assert_eq!(server.get("/readyz").status, 200);
    }
    until("the lists have run out", || server.code(&link) == "status_stale");
    server.get("/readyz").problem("not_ready");
    assert_eq!(server.get("/v1/publication/bundle.json").body, bytes(&hospital.office.bundle()));
    server.wait_for_refresh("failed");
    assert_eq!(server.code(&link), "status_stale");
    hospital.office.status_claims.iat = hospital.office.now.plus_seconds(-HOUR / 2);
    hospital.office.status_claims.exp = hospital.office.now.plus_seconds(DAY);
    publisher.publish(&hospital.office.bundle());
    until("the office is back", || server.code(&link) == "authorised");
}

#[test]
fn what_was_fetched_serves_after_a_restart_without_the_office() {
    let mut hospital = Hospital::new();
    newer(&mut hospital, Status::Suspended);
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &[]);
    until("the lists are there", || server.refreshes("updated") == 1);
    server.kill();
    publisher.answer(Vec::new());
    let server = Serving::from(&hospital, &publisher.url(), &[]);
    assert_eq!(server.code(&hospital.office.link()), "suspended", "from the first moment on");
    let server = Serving::run(&hospital, &["--roots", "roots.json"]);
    assert_eq!(server.code(&hospital.office.link()), "suspended", "the source is remembered too");
}

/// Two programs with one state folder: one must not contradict what the other has learnt.
#[test]
fn lists_that_another_program_has_fetched_count_too() {
    let mut hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    let link = hospital.office.link();
    until("the lists are there", || server.code(&link) == "authorised");
    newer(&mut hospital, Status::Suspended);
    hospital.publish();
    hospital.run(&["sync", "publication", "--roots", "roots.json"]).done();
    until("it has heard of it", || server.code(&link) == "suspended");
    assert_eq!(server.get("/v1/publication/bundle.json").body, bytes(&hospital.office.bundle()));
}

#[test]
fn bad_updates_never_replace_good_ones() {
    let mut hospital = Hospital::new();
    let older = hospital.office.bundle();
    let link = hospital.office.link();
    newer(&mut hospital, Status::Suspended);
    hospital.office.trust_list.seq += 1;
    let good = hospital.office.bundle();
    let elsewhere = Publisher::of(&good);
    let bad = bad_answers(&mut hospital, &older, &good, &elsewhere);

    let publisher = Publisher::of(&good);
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    until("the lists are there", || server.code(&link) == "suspended");
    let state = hospital.state();
    let mut failures = 0;
    for (what, reason, answer) in bad {
        let before = publisher.requests();
        publisher.answer(answer);
        until(what, || publisher.requests() > before && server.refreshes("failed") > failures);
        failures = server.refreshes("failed");
        // Only the last line: earlier reasons belong to earlier answers.
        let last = server
            .log_lines()
            .into_iter()
            .rfind(|line| line["failures"].is_number())
            .expect("it is logged");
        assert_eq!(last["level"], "WARN");
        assert!(
            last["error"].as_str().is_some_and(|error| error.contains(reason)),
            "{what}: {last}"
        );
        assert_eq!(server.code(&link), "suspended", "{what}");
        assert_eq!(server.get("/v1/publication/bundle.json").body, bytes(&good), "{what}");
    }
    assert_eq!(hospital.state(), state, "nothing is remembered of a bad update");
    assert_eq!(elsewhere.requests(), 0, "the other host hears nothing of it");
    publisher.publish(&good);
    server.wait_for_refresh("unchanged");
    assert_eq!(server.code(&link), "suspended");
}

/// For each bad answer: its name, what the log says about it, and the bytes of the answer.
fn bad_answers(
    hospital: &mut Hospital,
    older: &Bundle,
    good: &Bundle,
    elsewhere: &Publisher,
) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let office = &mut hospital.office;
    let with_status = |claims: &StatusListClaims, seed: u8| Bundle {
        status_lists: vec![office.signed_status_claims(claims, seed)],
        trust_lists: good.trust_lists.clone(),
        log: good.log.clone(),
    };
    let by_nobody = with_status(&office.status_claims, 60);
    let by_another_key = with_status(&office.status_claims, CERTIFICATE_KEY);
    let mut claims = office.status_claims.clone();
    (claims.iat, claims.exp) = (office.now.plus_seconds(DAY), office.now.plus_seconds(2 * DAY));
    let of_tomorrow = with_status(&claims, crate::office::STATUS_KEY);
    (claims.iat, claims.exp) = (office.now.plus_seconds(-HOUR / 4), office.now.plus_seconds(-60));
    let run_out = with_status(&claims, crate::office::STATUS_KEY);
    let mut claims = serde_json::to_value(&office.status_claims).expect("JSON");
    claims["status_list"]["lst"] = include_str!("../verifier/bomb.txt").trim().into();
    let bomb = serde_json::from_value(claims)
        .map(|claims| with_status(&claims, crate::office::STATUS_KEY));
    let rolled_back = Bundle { status_lists: older.status_lists.clone(), ..good.clone() };
    let trust_rolled_back = Bundle { trust_lists: older.trust_lists.clone(), ..good.clone() };
    let without = Bundle { status_lists: Vec::new(), ..good.clone() };
    let strangers = [110, 111, 112];
    office.trust_list.seq += 1;
    let by_one_root =
        Bundle { trust_lists: vec![office.signed_trust_list(&[100])], ..good.clone() };
    office.trust_list.roots.keys = strangers.map(|seed| key(seed).public_key()).into();
    let by_strangers =
        Bundle { trust_lists: vec![office.signed_trust_list(&strangers)], ..good.clone() };

    let whole = bytes(good);
    let longer = format!("Content-Length: {}\r\n", whole.len() + 1);
    let too_much = vec![b' '; 13_000_000];
    let redirect = format!("Location: {}/bundle.json\r\nContent-Length: 0\r\n", elsewhere.url());
    let mut answers = vec![
        ("the server hangs up", "bundle.json", Vec::new()),
        ("an error of the server", "500", response("500 Internal Server Error", "", &whole)),
        ("half a file", "not the expected JSON", response("200 OK", "", &whole[..whole.len() / 2])),
        ("a file that is cut off", "bundle.json", response("200 OK", &longer, &whole)),
        ("not JSON", "not the expected JSON", ok(b"<html>It works!</html>")),
        ("13 MB", "bundle.json", response("200 OK", "", &[&whole[..], &too_much].concat())),
        ("a redirect elsewhere", "another host", response("302 Found", &redirect, b"")),
    ];
    answers.extend(
        [
            ("signed by nobody", "key_unknown", by_nobody),
            ("signed with a certificate key", "key_use", by_another_key),
            ("a list of tomorrow", "clock_behind", of_tomorrow),
            ("a list that has run out", "status_stale", run_out),
            (
                "a list that inflates",
                "status_list_inflates",
                bomb.expect("the bomb is packed in base64url"),
            ),
            ("an older status list", "status_list_rolled_back", rolled_back),
            ("an older trust list", "trust_list_rolled_back", trust_rolled_back),
            ("no status list", "status_missing", without),
            ("one root of three", "threshold_not_reached", by_one_root),
            ("other roots", "threshold_not_reached", by_strangers),
        ]
        .map(|(what, reason, bundle)| (what, reason, ok(&bytes(&bundle)))),
    );
    answers
}

#[test]
fn the_office_is_asked_for_its_lists_and_hears_of_no_certificate() {
    let mut hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    until("the lists are there", || server.get("/readyz").status == 200);
    let mut ask = |server: &Serving| {
        hospital.office.certificate = Office::as_of(hospital.office.now).certificate;
        server.code(&hospital.office.text());
        server.code(&hospital.office.link());
        server.code(&hospital.office.signed_by_a_stranger());
        let line = json!(hospital.office.text()).to_string();
        server.ask(
            "POST",
            "/v1/verify/batch",
            &[("Content-Type", "application/x-ndjson")],
            line.as_bytes(),
        );
        server.get("/v1/publication/bundle.json");
        server.get("/v1/publication/status/1");
        let elsewhere: HttpsUrl = "https://elsewhere.example.no".parse().expect("a URL");
        hospital.office.certificate.vct = title(&elsewhere).vct;
        let list = StatusListUri::new(&elsewhere, StatusListNumber::new(1).expect("a number"));
        hospital.office.certificate.status.status_list.uri = list;
        hospital.office.certificate.iss = elsewhere;
        assert_eq!(server.code(&hospital.office.text()), "untrusted_issuer");
    };
    ask(&server);
    server.wait_for_refresh("unchanged");
    ask(&server);
    let heads = publisher.heads();
    assert!(heads.len() >= 3, "{heads:?}");
    assert_eq!(heads[0][0], "GET /publication/bundle.json HTTP/1.1");
    let same = |head: &Vec<String>| *head == heads[0];
    assert!(heads.iter().all(same), "each request is the same, to the last header: {heads:?}");
}

/// All three working keys are in the wrong hands, and the hospital gets a log that contradicts the
/// earlier one.
#[test]
fn a_forked_log_is_an_alarm_until_somebody_deals_with_it() {
    let mut hospital = Hospital::new();
    hospital.office.after = vec!["third".into()];
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    until("the lists are there", || server.get("/readyz").status == 200);
    assert!(server.get("/metrics").text().contains("vernet_log_size 3"));
    assert!(server.get("/metrics").text().contains("vernet_log_alarm 0"));
    let link = hospital.office.link();
    let kept = hospital.office.status_claims.iat.to_string();
    hospital.office.status_claims.iat = hospital.office.status_claims.iat.plus_seconds(60);
    hospital.office.after = vec!["another third".into()];
    publisher.publish(&hospital.office.bundle());
    until("the alarm", || server.get("/readyz").status == 503);
    server.get("/readyz").problem("log_alarm");
    assert!(server.get("/metrics").text().contains("vernet_log_alarm 1"));
    let verdict = server.post("text/plain", &link).verdict();
    assert_eq!(
        (&verdict["code"], verdict["as_of"].as_str()),
        (&"authorised".into(), Some(&*kept)),
        "the good lists stay"
    );
    // It is logged a moment after the evidence is there.
    until("the alarm is logged", || {
        let lines = server.log_lines();
        lines.iter().any(|line| line["message"] == "ALARM" && line["level"] == "ERROR")
    });
    assert_eq!(hospital.evidence().len(), 1);
    // The office's own log is back; the evidence stays, and so does the alarm.
    hospital.office.after = vec!["third".into()];
    hospital.office.status_claims.iat = hospital.office.status_claims.iat.plus_seconds(60);
    publisher.publish(&hospital.office.bundle());
    let newer = hospital.office.status_claims.iat.to_string();
    until("newer lists", || server.post("text/plain", &link).verdict()["as_of"] == *newer);
    server.get("/readyz").problem("log_alarm");
    std::fs::remove_file(&hospital.evidence()[0]).expect("it is there");
    until("somebody took it away", || server.get("/readyz").status == 200);
}

#[test]
fn without_an_office_it_says_how_to_pin_one() {
    let hospital = Hospital::new();
    let run = hospital.run(&["serve", "--listen", "127.0.0.1:0", "--publication", "publication"]);
    run.failed("no root keys are pinned: run `vernet-verifier trust add roots.json`, or give `--roots roots.json`");
    hospital.pin();
    let run = hospital.run(&["serve", "--listen", "127.0.0.1:0"]);
    run.failed("it is not known where the lists are: give `--publication URL`");
    let server = Serving::run(&hospital, &["--publication", "publication"]);
    until("the lists are there", || server.code(&hospital.office.link()) == "authorised");
}

/// Lists that cannot be stored are not used either: after a restart, older ones would be taken for
/// new.
#[test]
fn lists_that_cannot_be_kept_do_not_count() {
    let hospital = Hospital::new();
    // A file in place of the folder also stops a superuser, as whom tests may run.
    hospital.write("state", "");
    let server = Serving::start(&hospital, &EVERY_SECOND);
    server.wait_for_refresh("failed");
    server.get("/readyz").problem("not_ready");
    assert_eq!(server.code(&hospital.office.link()), "status_missing");
    let last = server
        .log_lines()
        .into_iter()
        .rfind(|line| line["failures"].is_number())
        .expect("it is logged");
    assert!(last["error"].as_str().is_some_and(|error| error.contains("locking")), "{last}");
    std::fs::remove_file(hospital.path("state")).expect("it is there");
    until("the folder can be made", || server.code(&hospital.office.link()) == "authorised");
}

#[test]
fn a_damaged_state_is_named_and_not_guessed_at() {
    let hospital = Hospital::with_pinned_office();
    let (name, whole) =
        hospital.state().into_iter().find(|(name, _)| name.ends_with(".json")).expect("it is kept");
    hospital.write(&format!("state/{name}"), &whole[..whole.len() / 2]);
    let run = hospital.run(&["serve", "--listen", "127.0.0.1:0"]);
    run.failed("if it is damaged, remove it and pin the roots again");
}

/// Case of a year: the office's publisher stood still over a weekend, and nobody noticed before the
/// lists had run out.
#[test]
fn an_office_that_is_late_is_seen_while_its_lists_are_still_good() {
    let mut hospital = Hospital::new();
    let publisher = Publisher::of(&hospital.office.bundle());
    let server = Serving::from(&hospital, &publisher.url(), &EVERY_SECOND);
    until("the lists are there", || server.refreshes("updated") == 1);
    let late = || [server.metric("vernet_late"), server.metric(&of_office(&hospital))];
    assert_eq!(late(), [0, 0]);
    drop(server);

    let iat = hospital.office.now.plus_seconds(-3 * HOUR);
    hospital.office.status_claims.iat = iat;
    let other = Hospital::new();
    publisher.publish(&hospital.office.bundle());
    let server = Serving::from(&other, &publisher.url(), &EVERY_SECOND);
    until("the lists are there", || server.refreshes("updated") == 1);
    until("it is late", || server.metric("vernet_late") == 1);
    assert_eq!(server.metric(&of_office(&hospital)), 1);
    let ready = server.get("/readyz");
    let due = iat.plus_seconds(HOUR);
    assert_eq!(ready.status, 200, "the lists are good");
    assert_eq!(
        ready.text(),
        format!("ready, but the office is late: newer lists have been due since {due}\n")
    );
    // Whoever cannot be reached is not said to be late: that is another metric.
    publisher.answer(Vec::new());
    server.wait_for_refresh("failed");
    until("it is not said any more", || server.metric("vernet_late") == 0);
}

fn of_office(hospital: &Hospital) -> String {
    format!("vernet_office_late{{office=\"{}\"}}", hospital.office.trust_list.iss)
}
