//! A mirror that is slow on purpose: it may delay the leaves of a large log, and nothing else.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
};

use vernet_common::Status;

use crate::{
    hospital::Hospital,
    publisher::{Publisher, ok, response},
    serving::{Serving, until},
};

/// A mirror of the folder `publication`.
struct Mirror {
    publisher: Publisher,
    /// Whether tiles are withheld: none is answered before this is sent something.
    withholds: Arc<AtomicBool>,
    release: Sender<()>,
}

impl Mirror {
    fn of(hospital: &Hospital) -> Self {
        let publisher = Publisher::down();
        let withholds = Arc::new(AtomicBool::new(false));
        let (release, released) = channel();
        let (folder, silent) = (hospital.path("publication"), Arc::clone(&withholds));
        publisher.answer_each_by(move |path| {
            if path.contains("/tile/") && silent.load(Ordering::SeqCst) {
                // Nobody releases it any more when the test is over.
                let _ = released.recv();
                return response("503 Service Unavailable", "Content-Length: 0\r\n", b"");
            }
            let file: PathBuf = folder.join(path.trim_start_matches("/publication/"));
            match fs::read(file) {
                Ok(bytes) => ok(&bytes),
                Err(_) => response("404 Not Found", "Content-Length: 0\r\n", b""),
            }
        });
        Self { publisher, withholds, release }
    }

    fn withhold(&self, withholds: bool) {
        self.withholds.store(withholds, Ordering::SeqCst);
    }

    /// Ends the request for a tile that is being withheld, without the tile; and the one that follows
    /// it, for the full tile that may have taken its place.
    fn refuse_one(&self) {
        (0..2).for_each(|_| self.release.send(()).expect("the mirror is there"));
    }

    fn tiles_asked(&self) -> usize {
        let is_tile = |head: &&Vec<String>| head[0].contains("/tile/");
        self.publisher.heads().iter().filter(is_tile).count()
    }
}

/// A hospital whose office has issued so many certificates that their hashes travel in tiles.
fn large() -> Hospital {
    let mut hospital = Hospital::new();
    hospital.office.after = (0..1500).map(|n| n.to_string()).collect();
    hospital.publish_with_tiles();
    hospital
}

/// Publishes again, a minute later, with one more certificate of somebody else in the log.
fn publish_more(hospital: &mut Hospital) {
    hospital.office.status_claims.iat = hospital.office.status_claims.iat.plus_seconds(60);
    let count = hospital.office.after.len();
    hospital.office.after.push(format!("another, {count}"));
    hospital.publish_with_tiles();
}

const EVERY_SECOND: [&str; 2] = ["--refresh", "1"];

#[test]
fn a_mirror_that_withholds_tiles_hides_no_revocation() {
    let mut hospital = large();
    let mirror = Mirror::of(&hospital);
    let server = Serving::from(&hospital, &mirror.publisher.url(), &EVERY_SECOND);
    let link = hospital.office.link();
    until("the lists are there", || server.code(&link) == "authorised");
    assert_eq!(server.metric("vernet_log_size"), 1502);

    // Newer lists, and a mirror that is silent about the log: who was in the log before is judged by
    // the newest status list.
    mirror.withhold(true);
    publish_more(&mut hospital);
    let as_of = hospital.office.status_claims.iat.to_string();
    until("the newer status list counts", || {
        server.post("text/plain", &link).verdict()["as_of"] == *as_of
    });
    assert_eq!(server.code(&link), "authorised");
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(server.metric("vernet_log_size"), 1502);
    assert_eq!(server.metric("vernet_log_awaited"), 1);
    // What is in the new part of the log only is not known, and not guessed at.
    let new = {
        let mut office = crate::office::Office::as_of(hospital.office.now);
        office.certificate.certificate_number = "NO-PE-2026-000124".parse().expect("a number");
        office.certificate.iat = hospital.office.status_claims.iat.plus_seconds(-1);
        office.text()
    };
    assert_eq!(server.code(&new), "log_missing");

    // The mirror fails, and is silent again: what it may delay are the leaves.
    publish_more(&mut hospital);
    hospital.office.set_status(Status::Suspended);
    publish_more(&mut hospital);
    mirror.refuse_one();
    until("the suspension is known", || server.code(&link) == "suspended");
    hospital.office.set_status(Status::Invalid);
    publish_more(&mut hospital);
    mirror.refuse_one();
    until("the revocation is known", || server.code(&link) == "revoked");
    assert_eq!(server.refreshes("updated"), 1, "no refresh was complete");

    // After a restart, with the mirror still silent.
    server.kill();
    mirror.refuse_one();
    let server = Serving::from(&hospital, &mirror.publisher.url(), &EVERY_SECOND);
    assert_eq!(server.code(&link), "revoked", "from the first moment on");
    assert_eq!(server.metric("vernet_log_size"), 1502);

    mirror.withhold(false);
    mirror.refuse_one();
    until("the log is whole", || server.metric("vernet_log_awaited") == 0);
    assert_eq!(server.metric("vernet_log_size"), 1506);
    assert_eq!(server.code(&link), "revoked");
}

#[test]
fn sync_knows_of_a_revocation_before_it_has_the_leaves() {
    let mut hospital = large();
    hospital.pin();
    let mirror = Mirror::of(&hospital);
    hospital.run(&["sync", &mirror.publisher.url()]).done();
    let code = |hospital: &Hospital| {
        hospital.run(&["check", "--json", "certificate.jwt"]).json()["code"].clone()
    };
    assert_eq!(code(&hospital), "authorised");
    mirror.withhold(true);
    publish_more(&mut hospital);
    mirror.refuse_one();
    let run = hospital.run(&["sync"]);
    run.failed("the new trust list and status lists are in use");
    assert_eq!(code(&hospital), "authorised", "it was in the log before");

    hospital.office.set_status(Status::Invalid);
    publish_more(&mut hospital);
    let mut syncing = hospital.command(&["sync"]).spawn().expect("it starts");
    until("the revocation is known", || code(&hospital) == "revoked");
    assert!(syncing.try_wait().expect("one's own child").is_none(), "it still waits for the tile");
    syncing.kill().expect("one's own child can be killed");
    syncing.wait().expect("one's own child can be waited for");
    assert!(mirror.tiles_asked() > 6);
}

/// The leaves that were in the bundle are those of the log before.
#[test]
fn an_office_whose_log_outgrows_the_bundle_is_no_exception() {
    let mut hospital = Hospital::new();
    hospital.office.after = (0..1022).map(|n| n.to_string()).collect();
    hospital.publish_with_tiles();
    let mirror = Mirror::of(&hospital);
    let server = Serving::from(&hospital, &mirror.publisher.url(), &EVERY_SECOND);
    let link = hospital.office.link();
    until("the lists are there", || server.code(&link) == "authorised");
    assert_eq!((server.metric("vernet_log_size"), mirror.tiles_asked()), (1024, 0));
    mirror.withhold(true);
    publish_more(&mut hospital);
    let as_of = hospital.office.status_claims.iat.to_string();
    until("the newer status list counts", || {
        server.post("text/plain", &link).verdict()["as_of"] == *as_of
    });
    assert_eq!(server.code(&link), "authorised");
    server.kill();
    mirror.refuse_one();
    let server = Serving::from(&hospital, &mirror.publisher.url(), &EVERY_SECOND);
    assert_eq!(server.code(&link), "authorised", "after a restart, too");
    mirror.withhold(false);
    mirror.refuse_one();
    until("the log is whole", || server.metric("vernet_log_size") == 1025);
}

#[test]
fn told_to_end_during_a_refresh_it_ends() {
    let hospital = Hospital::new();
    let publisher = Publisher::down();
    let (_never, silent) = channel::<()>();
    publisher.answer_by(move || {
        let _ = silent.recv();
        Vec::new()
    });
    let server = Serving::from(&hospital, &publisher.url(), &[]);
    until("it asks the office", || publisher.requests() == 1);
    server.terminate();
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("\"ended\""), "{log}");
}
