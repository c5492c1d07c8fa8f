//! `sync`: a good update replaces the lists, a bad one never does.

use vernet_common::{Bundle, Signer, Status};

use crate::{
    hospital::{AnotherOffice, Hospital, Run},
    office::{DAY, HOUR, ROOTS, key},
    server::{Server, ok, redirect, response},
};

#[test]
fn lists_are_fetched_from_a_folder_and_from_a_web_server() {
    let mut hospital = Hospital::with_pinned_office();
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "authorised");
    newer(&mut hospital, Status::Suspended);
    let bundle = json(&hospital.office.bundle());
    let server =
        Server::start(
            move |path| if path == "/publication/bundle.json" { ok(&bundle) } else { ok(b"") },
        );
    let report =
        hospital.run(&["sync", &format!("{}/publication/", server.url()), "--json"]).done().json();
    assert_eq!(report["iss"], hospital.office.trust_list.iss.to_string());
    assert_eq!(report["trust_list"]["seq"], hospital.office.trust_list.seq);
    assert_eq!(report["status_lists"][0]["iat"], hospital.office.status_claims.iat.to_string());
    assert_eq!(hospital.verdict_from("certificate.jwt", &[]), "suspended");
    assert_eq!(server.requests(), 1, "one file, the same for everybody");
    hospital.run(&["sync"]).done();
    assert_eq!(server.requests(), 2, "without an argument, from where it was last time");
}

#[test]
fn a_folder_is_found_again_from_another_working_folder() {
    let hospital = Hospital::with_pinned_office();
    std::fs::create_dir(hospital.path("elsewhere")).expect("a new folder can be made");
    let output = hospital
        .command(&["sync"])
        .current_dir(hospital.path("elsewhere"))
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn one_office_in_trouble_does_not_keep_the_others_from_being_fetched() {
    let (hospital, other) = (Hospital::with_pinned_office(), AnotherOffice::new());
    hospital.run(&["sync", "publication"]).done();
    other.pin_at(&hospital);
    hospital.run(&["sync", "another"]).done();
    for gone in ["publication", "another"] {
        let kept =
            std::fs::read(hospital.path(gone).join("bundle.json")).expect("it was published");
        std::fs::remove_file(hospital.path(gone).join("bundle.json")).expect("it was published");
        let run = hospital.run(&["sync", "--json"]);
        assert_eq!(
            (run.code, run.stdout.lines().count()),
            (Some(2), 1),
            "the other one was fetched: {run:?}"
        );
        assert!(run.stderr.contains(gone), "{run:?}");
        hospital.write(&format!("{gone}/bundle.json"), kept);
    }
}

#[test]
fn what_is_kept_of_another_office_and_damaged_stops_no_sync_with_given_roots() {
    let hospital = Hospital::with_pinned_office();
    hospital.write("state/damaged.json", "{");
    hospital.run(&["sync", "publication", "--roots", "roots.json"]).done();
    hospital.run(&["sync", "no-such-folder", "--roots", "roots.json"]).failed("no-such-folder");
}

#[test]
fn nothing_is_fetched_for_roots_that_nobody_pinned() {
    let hospital = Hospital::new();
    hospital.run(&["sync", "publication"]).failed("not pinned");
    hospital.run(&["sync"]).failed("nothing was fetched before");
    assert!(hospital.state().is_empty());
}

#[test]
fn a_redirect_within_the_host_is_followed() {
    let hospital = Hospital::with_pinned_office();
    let bundle = json(&hospital.office.bundle());
    let server = Server::start(move |path| {
        if path == "/new/bundle.json" { ok(&bundle) } else { redirect("/new/bundle.json") }
    });
    hospital.run(&["sync", &server.url()]).done();
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let update = Update::begin();
    let bundle = json(&update.hospital.office.bundle());
    let elsewhere = Server::start(move |_| ok(&bundle));
    let targets = [
        format!("{}/bundle.json", elsewhere.url()),
        format!("//{}/bundle.json", elsewhere.url().trim_start_matches("http://")),
        "file:///etc/passwd".into(),
        "bundle.json".into(),
    ];
    for target in targets {
        update.refused_from(redirect(&target), "redirects");
    }
    assert_eq!(elsewhere.requests(), 0, "the other host hears nothing of it");
}

#[test]
fn a_redirect_without_end_is_given_up() {
    let update = Update::begin();
    update.refused_from(redirect("/bundle.json"), "redirects more than");
    update
        .refused_from(response("302 Found", "Content-Length: 0\r\n", b""), "without saying where");
}

#[test]
fn a_server_in_trouble_changes_nothing() {
    let update = Update::begin();
    let bundle = json(&update.hospital.office.bundle());
    let longer = format!("Content-Length: {}\r\n", bundle.len() + 1);
    let too_much = vec![b' '; Bundle::MAX_BYTES + 1];
    for answer in [
        response("404 Not Found", "Content-Length: 0\r\n", b""),
        response("500 Internal Server Error", "", &bundle),
        response("200 OK", &longer, &bundle),
        response("200 OK", "", &bundle[..bundle.len() / 2]),
        response("204 No Content", "", b""),
        ok(b""),
        ok(b"<html>It works!</html>"),
        ok(b"{}"),
        ok(b"{\"trust_lists\":[],\"status_lists\":[]}"),
        ok(&too_much),
        response("200 OK", "", &[&bundle[..], &too_much].concat()),
        b"garbage\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\n".to_vec(),
        Vec::new(),
    ] {
        update.refused_from(answer, "the lists fetched before are kept");
    }
    let run = update.hospital.run(&["sync", "http://127.0.0.1:1"]);
    update.check_refusal(&run, "the lists fetched before are kept");
    let run = update.hospital.run(&["sync", "no-such-folder"]);
    update.check_refusal(&run, "no-such-folder");
    let first = Hospital::new().run(&["sync", "no-such-folder", "--roots", "roots.json"]);
    first.failed("no-such-folder");
    assert!(!first.stderr.contains("are kept"), "there are none: {first:?}");
}

#[test]
fn an_older_publication_is_refused() {
    let mut update = Update::begin();
    let older = json(&update.hospital.office.bundle());
    newer(&mut update.hospital, Status::Suspended);
    update.hospital.publish();
    update.hospital.run(&["sync", "publication"]).done();
    update.verdict = "suspended";
    update.refused_from(ok(&older), "[status_list_rolled_back]");

    update.hospital.office.trust_list.seq += 1;
    update.hospital.publish();
    update.hospital.run(&["sync", "publication"]).done();
    update.refused_from(ok(&older), "[trust_list_rolled_back]");
    update.hospital.office.trust_list.exp = update.hospital.office.trust_list.exp.plus_seconds(DAY);
    update.refused(&update.hospital.office.bundle(), "[trust_list_forked]");
}

#[test]
fn what_strangers_signed_is_refused() {
    let mut update = Update::begin();
    let office = &mut update.hospital.office;
    let mut bundle = office.bundle();
    bundle.status_lists = vec![office.signed_status_claims(&office.status_claims, 60)];
    let by_nobody = bundle.clone();
    bundle.status_lists =
        vec![office.signed_status_claims(&office.status_claims, crate::office::CERTIFICATE_KEY)];
    let by_another_key = bundle;

    office.trust_list.seq += 1;
    let mut by_one_root = office.bundle();
    by_one_root.trust_lists = vec![office.signed_trust_list(&ROOTS[1..2])];
    office.trust_list.roots.keys = [110, 111, 112].map(|seed| key(seed).public_key()).into();
    let mut by_strangers = office.bundle();
    by_strangers.trust_lists = vec![office.signed_trust_list(&[110, 111, 112])];

    update.refused(&by_nobody, "[key_unknown]");
    update.refused(&by_another_key, "[key_use]");
    update.refused(&by_one_root, "[threshold_not_reached]");
    update.refused(&by_strangers, "[threshold_not_reached]");
}

#[test]
fn lists_that_ran_out_do_not_replace_good_ones() {
    let mut update = Update::begin();
    let office = &mut update.hospital.office;
    office.status_claims.iat = office.now.plus_seconds(-HOUR / 2);
    office.status_claims.exp = office.now.plus_seconds(-60);
    let stale = office.bundle();
    office.status_claims.exp = office.now.plus_seconds(DAY);
    office.trust_list.seq += 1;
    office.trust_list.exp = office.now.plus_seconds(-60);
    let expired = office.bundle();
    update.refused(&stale, "[status_stale]");
    update.refused(&expired, "[trust_list_expired]");
}

#[test]
fn lists_without_the_status_do_not_replace_good_ones() {
    let update = Update::begin();
    update.hospital.run(&["sync", "publication"]).done();
    let mut without = update.hospital.office.bundle();
    without.status_lists.clear();
    update.refused(&without, "[status_missing]");
}

#[test]
fn lists_of_tomorrow_do_not_replace_good_ones() {
    let mut update = Update::begin();
    let office = &mut update.hospital.office;
    office.status_claims.iat = office.now.plus_seconds(DAY);
    office.status_claims.exp = office.now.plus_seconds(2 * DAY);
    let tomorrow = office.bundle();
    update.refused(&tomorrow, "[clock_behind]");
}

/// A hospital with good lists, which a bad update must not touch.
struct Update {
    hospital: Hospital,
    verdict: &'static str,
}

impl Update {
    fn begin() -> Self {
        Self { hospital: Hospital::with_pinned_office(), verdict: "authorised" }
    }

    #[track_caller]
    fn refused(&self, bundle: &Bundle, reason: &str) {
        self.refused_from(ok(&json(bundle)), reason);
    }

    /// Fetches this answer from a server; it must be refused.
    #[track_caller]
    fn refused_from(&self, answer: Vec<u8>, reason: &str) {
        let server = Server::start(move |_| answer.clone());
        let before = self.hospital.state();
        let run = self.hospital.run(&["sync", &server.url()]);
        assert_eq!(self.hospital.state(), before, "nothing is remembered of a bad update");
        self.check_refusal(&run, reason);
    }

    #[track_caller]
    fn check_refusal(&self, run: &Run, reason: &str) {
        run.failed(reason);
        assert_eq!(self.hospital.verdict_from("certificate.jwt", &[]), self.verdict);
        assert_eq!(self.hospital.verdict_from("certificate.url", &[]), self.verdict);
    }
}

/// Publishes again, half an hour later.
fn newer(hospital: &mut Hospital, status: Status) {
    hospital.office.set_status(status);
    hospital.office.status_claims.iat = hospital.office.now.plus_seconds(-HOUR / 2);
}

fn json(bundle: &Bundle) -> Vec<u8> {
    bundle.to_json().expect("a bundle is JSON")
}

/// The lists are good, and the office has missed a publication.
#[test]
fn an_office_that_is_late_is_told_of_while_its_lists_are_still_good() {
    let mut hospital = Hospital::with_pinned_office();
    let synced = hospital.run(&["sync", "publication"]).done();
    assert!(!synced.stderr.contains("office_late"), "{synced:?}");
    let iat = hospital.office.now.plus_seconds(-3 * HOUR);
    hospital.office.status_claims.iat = iat;
    hospital.publish();
    std::fs::remove_dir_all(hospital.path("state")).expect("it is there");
    hospital.pin();
    let report = hospital.run(&["sync", "publication", "--json"]).done();
    assert!(report.stderr.contains("[office_late]"), "{report:?}");
    let report = report.json();
    assert_eq!(report["late_since"], iat.plus_seconds(HOUR).to_string());
    let until = iat.plus_seconds(DAY + 1).to_string();
    assert_eq!(report["good_until"]["at"], until, "the hospital's limit of a day");
    assert_eq!(report["good_until"]["because"], "status_stale");
    let words = hospital.run(&["sync"]).done().stdout;
    assert!(words.contains(&format!("good until {until}")), "{words}");

    let checked = hospital.run(&["check", "certificate.jwt"]).done();
    assert!(checked.stdout.contains("[authorised]"), "{checked:?}");
    assert!(checked.stderr.contains("the office is late: ask it"), "{checked:?}");
    assert!(checked.stderr.contains(&until), "{checked:?}");
}
