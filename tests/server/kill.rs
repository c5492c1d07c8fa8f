//! SIGKILL during refreshes, a hundred times: the server never starts from a damaged state, and
//! never goes back to older lists.

use std::{
    io::Write,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use vernet_common::{Bundle, NumericDate, Status, StatusListClaims};

use crate::{
    hospital::Hospital,
    office::{HOUR, Office},
    publisher::{Publisher, json, ok, response},
    serving::{Serving, until},
};

const KILLS: usize = 100;

/// The schedule is the same each time; what a kill hits is not, because machines differ.
const SEED: u64 = 0x7665_726e_6574;

#[test]
fn whatever_is_killed_it_starts_again_and_knows_no_less() {
    let began = Instant::now();
    let mut trial = Trial::begin();
    (0..KILLS).for_each(|number| {
        if number % 20 == 0 {
            trial.measure();
        }
        trial.round();
    });
    trial.settle();
    // Not captured: these are the figures that the issue asks for.
    let _ = writeln!(
        std::io::stderr(),
        "{}, in {:.1} s",
        trial.figures(),
        began.elapsed().as_secs_f64()
    );
    assert!(
        trial.newer > KILLS / 10,
        "some refreshes must have been through before the kill: {}",
        trial.figures()
    );
    assert!(
        trial.lost > KILLS / 20,
        "some kills must have come before the end of a refresh: {}",
        trial.figures()
    );
}

struct Trial {
    hospital: Hospital,
    publisher: Publisher,
    gate: Arc<Gate>,
    schedule: Schedule,
    link: String,
    /// How long the latest uninterrupted refresh took.
    usual: Duration,
    /// The newest list that any process has ever served.
    newest: Option<NumericDate>,
    killed_at_start: usize,
    /// Rounds in which the process was seen to use a newer list.
    newer: usize,
    /// Rounds in which the process was killed before that.
    lost: usize,
}

impl Trial {
    fn begin() -> Self {
        let hospital = Hospital::new();
        let (publisher, gate) = (Publisher::down(), Arc::new(Gate::default()));
        let (mut press, waiting) = (Press::new(hospital.office.now), Arc::clone(&gate));
        publisher.answer_by(move || {
            waiting.pass();
            press.next()
        });
        Self {
            link: hospital.office.link(),
            hospital,
            publisher,
            gate,
            schedule: Schedule(SEED),
            usual: Duration::ZERO,
            newest: None,
            killed_at_start: 0,
            newer: 0,
            lost: 0,
        }
    }

    /// Starts the server, lets it refresh, and kills it at a moment.
    fn round(&mut self) {
        self.gate.close();
        let server = self.start();
        if self.schedule.below(5) == 0 {
            self.gate.open();
            thread::sleep(Duration::from_micros(self.schedule.below(50_000)));
            server.kill();
            self.killed_at_start += 1;
            return self.check_state();
        }
        // The office has not answered yet: the server now serves the stored lists.
        self.look(&server);
        let kept = self.newest;
        self.gate.wait_for_visitor();
        let moment = Instant::now() + self.schedule.moment(self.usual * 2);
        self.gate.open();
        while Instant::now() < moment {
            self.look(&server);
        }
        server.kill();
        if self.newest > kept {
            self.newer += 1
        } else {
            self.lost += 1
        }
        self.check_state();
    }

    fn start(&self) -> Serving {
        // It asks once, at the start.
        Serving::from(&self.hospital, &self.publisher.url(), &["--refresh", "3600"])
    }

    /// Checks that the served lists are whole, and not older than any that were served before.
    fn look(&mut self, server: &Serving) {
        let answer = server.get("/v1/publication/bundle.json");
        if answer.status == 503 {
            return assert_eq!(self.newest, None, "what was served before is gone");
        }
        let iat = iat_of(&Bundle::from_json(&answer.body).expect("what is served is whole"));
        assert!(Some(iat) >= self.newest, "{iat} is served, after {:?}", self.newest);
        self.newest = Some(iat);
        let code = server.code(&self.link);
        // It may have loaded the next list in between, but there is only one.
        let expected = [iat, iat.plus_seconds(1)]
            .map(|iat| if is_suspended(iat) { "suspended" } else { "authorised" });
        assert!(expected.contains(&code.as_str()), "{code}");
    }

    /// Checks that after a kill the files of the state are whole, and at least as new as what was
    /// served.
    fn check_state(&self) {
        for (name, bytes) in
            self.hospital.state().into_iter().filter(|(name, _)| name.ends_with(".json"))
        {
            let entry: Value =
                serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let synced = entry.get("synced").filter(|synced| !synced.is_null());
            let kept = synced.map(|synced| {
                let bundle = serde_json::to_vec(&synced["bundle"]).expect("JSON");
                iat_of(&Bundle::from_json(&bundle).expect("what is kept is whole"))
            });
            assert!(kept >= self.newest, "{kept:?} is kept, {:?} was served", self.newest);
        }
    }

    /// Runs a refresh without a kill, to measure how long it takes on this machine now.
    fn measure(&mut self) {
        self.gate.close();
        let server = self.start();
        self.look(&server);
        self.gate.wait_for_visitor();
        let began = Instant::now();
        self.gate.open();
        until("it has refreshed", || {
            ["updated", "unchanged", "failed"].iter().any(|outcome| server.refreshes(outcome) > 0)
        });
        self.usual = began.elapsed();
        self.look(&server);
    }

    /// Checks that at the end a newer list is used, whatever happened before.
    fn settle(&mut self) {
        let kept = self.newest;
        let newer = (0..20).any(|_| {
            self.measure();
            self.newest > kept
        });
        assert!(newer, "twenty attempts, and no newer list");
    }

    fn figures(&self) -> String {
        format!(
            "seed {SEED:#x}: {KILLS} kills, {} of them while starting, {} before a newer list was served, {} after; the office was asked {} times",
            self.killed_at_start,
            self.lost,
            self.newer,
            self.publisher.requests()
        )
    }
}

fn iat_of(bundle: &Bundle) -> NumericDate {
    let list = bundle.status_lists.first().expect("there is one status list");
    let claims: StatusListClaims =
        serde_json::from_slice(list.unverified_payload()).expect("its claims are JSON");
    claims.iat
}

/// Whether the office suspends the holder in this list: it changes with every list.
fn is_suspended(iat: NumericDate) -> bool {
    iat.seconds_since(first_of_1970()) % 2 == 1
}

fn first_of_1970() -> NumericDate {
    NumericDate::from_seconds(0).expect("it is a time")
}

/// The office, which publishes a newer list at each request, or answers with something else.
struct Press {
    office: Office,
    schedule: Schedule,
    last: Option<Bundle>,
}

impl Press {
    fn new(now: NumericDate) -> Self {
        let mut office = Office::as_of(now);
        office.status_claims.iat = now.plus_seconds(-20 * HOUR);
        Self { office, schedule: Schedule(SEED + 1), last: None }
    }

    fn next(&mut self) -> Vec<u8> {
        let older = self.last.as_ref().map(json);
        match (self.schedule.below(8), older) {
            (0, _) => Vec::new(),
            (1, Some(older)) => response("200 OK", "", &older[..older.len() / 2]),
            (2, Some(older)) => ok(&older),
            (3, _) => {
                let mut forged = self.office.bundle();
                let mut claims = self.office.status_claims.clone();
                claims.iat = claims.iat.plus_seconds(HOUR);
                forged.status_lists = vec![self.office.signed_status_claims(&claims, 60)];
                ok(&json(&forged))
            }
            _ => {
                let claims = &mut self.office.status_claims;
                claims.iat = claims.iat.plus_seconds(1);
                let status =
                    if is_suspended(claims.iat) { Status::Suspended } else { Status::Valid };
                self.office.set_status(status);
                let bundle = self.office.bundle();
                let answer = ok(&json(&bundle));
                self.last = Some(bundle);
                answer
            }
        }
    }
}

/// Holds the office's answers back until the test wants them.
#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_open: bool,
    waiting: usize,
}

impl Gate {
    fn set(&self, is_open: bool) {
        self.state.lock().expect("nobody panics while holding it").is_open = is_open;
        self.changed.notify_all();
    }

    fn open(&self) {
        self.set(true);
    }

    fn close(&self) {
        self.set(false);
    }

    fn pass(&self) {
        let mut state = self.state.lock().expect("nobody panics while holding it");
        state.waiting += 1;
        self.changed.notify_all();
        state = self
            .changed
            .wait_while(state, |state| !state.is_open)
            .expect("nobody panics while holding it");
        state.waiting -= 1;
    }

    fn wait_for_visitor(&self) {
        let state = self.state.lock().expect("nobody panics while holding it");
        let bound = Duration::from_secs(30);
        let waited = self.changed.wait_timeout_while(state, bound, |state| state.waiting == 0);
        let (_state, waited) = waited.expect("nobody panics while holding it");
        assert!(!waited.timed_out(), "the server does not refresh");
    }
}

/// Numbers that look random, the same in each run (a linear congruential generator, Knuth's
/// constants).
struct Schedule(u64);

impl Schedule {
    fn moment(&mut self, within: Duration) -> Duration {
        Duration::from_micros(
            self.below(u64::try_from(within.as_micros()).unwrap_or(u64::MAX).max(1)),
        )
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
