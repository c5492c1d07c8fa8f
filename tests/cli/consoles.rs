//! Consoles as processes: two at one register that decide at once, one that is killed, and one that
//! somebody has taken over.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    thread,
    time::{Duration, Instant},
};

use vernet_common::SecretKey;
use vernet_issuer::Office;
use vernet_register::Event;

#[cfg(feature = "postgres")]
use crate::place::{OLA, number};
use crate::{
    at_console::{Answer, AtConsole, ToSign, application},
    place::{Place, today},
    serve::Serving,
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

fn office(place: &Place) -> Office {
    Office::open(&place.path("demo/office")).expect("the register opens and its chain is whole")
}

#[cfg(feature = "postgres")]
/// Proposes a grant at a console. Returns the number of the proposal.
fn propose(browser: &AtConsole<'_>, hpr_number: &str) -> u64 {
    let day = today().to_string();
    let asked = browser.propose("/applications/new", &application(hpr_number, &day), PDF);
    let signed = browser.sign(&asked.expect("it is asked for")).expect("answered");
    recorded(&signed).unwrap_or_else(|| panic!("it is recorded: {signed:?}"))
}

fn recorded(answer: &Answer) -> Option<u64> {
    assert_eq!(answer.status == 200, answer.json()["recorded"].is_u64(), "{answer:?}");
    answer.json()["recorded"].as_u64()
}

#[cfg(feature = "postgres")]
fn suspension(browser: &AtConsole<'_>) -> ToSign {
    let until = today().plus_months(2).to_string();
    let path = format!("/certificate/{}/decide", number());
    let fields = [("act", "suspend"), ("ground", "revocation"), ("until", until.as_str())];
    browser.propose(&path, &fields, PDF).expect("it is asked for")
}

#[cfg(feature = "postgres")]
/// Two officers at two consoles send their signatures at the same moment.
fn at_once(ways: [(&AtConsole<'_>, &ToSign); 2]) -> [Answer; 2] {
    let barrier = std::sync::Barrier::new(2);
    let send = &|(browser, to_sign): (&AtConsole<'_>, &ToSign)| {
        barrier.wait();
        browser.sign(to_sign).expect("answered")
    };
    thread::scope(|scope| {
        ways.map(|way| scope.spawn(move || send(way)))
            .map(|thread| thread.join().expect("it does not panic"))
    })
}

#[cfg(feature = "postgres")]
#[test]
fn of_two_consoles_that_decide_at_once_one_wins_and_the_other_goes_on() {
    let Some(server) = crate::postgres_server::server() else { return };
    let mut place = Place::with_demo();
    crate::postgres::moved(server, &place);
    crate::place::copy_folder(&place.path("demo/office"), &place.path("demo/office-2"));
    // The documents are in a shared folder, as docs/OFFICE.md says.
    let documents = place.path("demo/office/documents");
    fs::create_dir_all(&documents).expect("a folder");
    let shared = place.path("demo/office-2/documents");
    let _ = fs::remove_dir_all(&shared);
    std::os::unix::fs::symlink(&documents, shared).expect("a link");
    let [kari, ola] = place.officers();
    let mona = third_officer(&place, [&kari, &ola]);
    let one = Serving::start(&place, &[]);
    place.set("VERNET_OFFICE", "demo/office-2");
    let other = Serving::start(&place, &[]);
    place.set("VERNET_OFFICE", "demo/office");
    let of_kari = AtConsole::sign_in(&one, &kari).expect("signed in");
    let of_ola = AtConsole::sign_in(&other, &ola).expect("signed in");

    let of_mona = AtConsole::sign_in(&one, &mona).expect("signed in");
    let mut wins = [0, 0];
    for round in 0..12_u32 {
        // Ola and Mona approve the same proposal.
        let hpr = (2_000_000 + round).to_string();
        let seq = propose(&of_kari, &hpr);
        let before = office(&place).register().state().statements().len();
        let there = of_ola.approve(seq).and_then(|answer| of_ola.to_sign(&answer));
        let here = of_mona.approve(seq).and_then(|answer| of_mona.to_sign(&answer));
        let (there, here) = (there.expect("asked for"), here.expect("asked for"));
        let answers = at_once([(&of_mona, &here), (&of_ola, &there)]);
        let done = answers.each_ref().map(recorded);
        let ([Some(_), None] | [None, Some(_)]) = done else { panic!("one wins: {answers:?}") };
        let lost = &answers[usize::from(done[0].is_some())];
        let code = lost.json()["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!((lost.status, code.as_str()), (409, "prepared_overtaken"), "{lost:?}");
        wins[usize::from(done[0].is_none())] += 1;
        // It is granted once. Whoever lost asks again, and is told so.
        let again = match done[0] {
            Some(_) => of_ola.again(&there),
            None => of_mona.again(&here),
        };
        assert!(again.expect_err("decided").to_string().contains("proposal_decided"));
        let office = office(&place);
        let state = office.register().state();
        let since = &state.statements()[before..];
        let granted = since.iter().filter(|one| matches!(one.event, Event::Granted(_))).count();
        assert_eq!(granted, 1, "{since:?}");
        assert!(state.open_proposal(seq).is_err());

        // Different ones: Kari proposes at hers what Ola does at his.
        let (mine, his) = (suspension(&of_kari), suspension(&of_ola));
        let answers = at_once([(&of_kari, &mine), (&of_ola, &his)]);
        let done = answers.each_ref().map(recorded);
        let ([Some(_), None] | [None, Some(_)]) = done else { panic!("one wins: {answers:?}") };
        // The other one goes on: it is shown anew, and recorded.
        let (browser, overtaken) =
            if done[0].is_some() { (&of_ola, &his) } else { (&of_kari, &mine) };
        let again = browser.again(overtaken).expect("shown anew");
        assert_ne!(again.statements, overtaken.statements, "it has another place in the chain");
        let seq = recorded(&browser.sign(&again).expect("answered")).expect("recorded");
        // They are taken back, so that the next round can propose them.
        for seq in [seq, done[0].or(done[1]).expect("one won")] {
            let seq = seq.to_string();
            place
                .issuer(&["reject", &seq, "--reason", "An exercise.", "--officer-key", OLA])
                .done();
        }
    }
    let _ = writeln!(std::io::stderr(), "two consoles: {wins:?} approvals won");
    place.issuer(&["audit"]).done();
    place.publish();
}

/// Mona, whom Kari and Ola bring into office, so that two may approve what Kari proposed.
#[cfg(feature = "postgres")]
fn third_officer(place: &Place, [kari, ola]: [&SecretKey; 2]) -> SecretKey {
    use vernet_common::Signer;
    use vernet_register::{Enrolment, Proposal, Role};
    let (mona, now) = (SecretKey::from_seed(&[77; 32]), crate::place::now());
    let enrolment = Enrolment {
        name: "Mona Lie".parse().expect("a name"),
        key: mona.public_key().into(),
        roles: Role::ALL.into(),
        from: today(),
        until: today().plus_months(6),
    };
    let proposal = Proposal::of(Event::OfficerEnrolled(enrolment.into()));
    let mut office = office(place);
    let seq = office.propose(proposal, &[], kari, now).expect("proposed").seq;
    office.approve(seq, None, (ola, now), &mut vernet_host::random()).expect("approved");
    mona
}

/// How many consoles are killed.
const LIVES: usize = 200;

/// Whatever the console was doing when it was killed: either all of a decision is recorded, or
/// nothing. What it had acknowledged is there, with its documents.
#[test]
fn a_console_that_is_killed_leaves_no_half_decision() {
    let place = Place::with_demo();
    let [kari, ola] = place.officers();
    let mut trial = Trial { place, schedule: 0x5665_726e, ..Trial::default() };
    let began = Instant::now();
    while trial.killed < LIVES {
        trial.life(&kari, &ola);
        trial.check();
    }
    trial.place.issuer(&["audit"]).done();
    trial.place.publish();
    let Trial { killed, acknowledged, whole, nothing, orphans, .. } = trial;
    let _ = writeln!(
        std::io::stderr(),
        "{killed} consoles killed in {:.0} s: {} decisions acknowledged and all there, {whole} recorded without an answer, {nothing} not recorded, {} documents of those left",
        began.elapsed().as_secs_f64(),
        acknowledged.len(),
        orphans.len()
    );
    assert!(orphans.len() <= nothing, "{orphans:?}");
    assert!(whole + nothing > 0 && !acknowledged.is_empty(), "nothing was hit");
}

/// What an officer signed, and what became of it as far as the browser knows.
type Decision = Vec<Vec<u8>>;

struct Trial {
    place: Place,
    schedule: u64,
    killed: usize,
    people: u32,
    /// Decisions by the number of their first statement.
    acknowledged: BTreeMap<u64, Decision>,
    /// The one for which no answer came, if it was being sent.
    unanswered: Option<Decision>,
    whole: usize,
    nothing: usize,
    /// Documents of what was not recorded: the console was killed between the two.
    orphans: BTreeSet<String>,
    /// How long a life usually is, from the first request to the last answer.
    usual: Duration,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            place: Place::empty(),
            schedule: 0,
            killed: 0,
            people: 0,
            acknowledged: BTreeMap::new(),
            unanswered: None,
            whole: 0,
            nothing: 0,
            orphans: BTreeSet::new(),
            usual: Duration::from_millis(400),
        }
    }
}

impl Trial {
    /// Starts a console, has officers propose and approve, and kills it at some moment.
    fn life(&mut self, kari: &SecretKey, ola: &SecretKey) {
        let mut serving = Serving::start(&self.place, &[]);
        let officers = (AtConsole::sign_in(&serving, kari), AtConsole::sign_in(&serving, ola));
        let (of_kari, of_ola) = (officers.0.expect("signed in"), officers.1.expect("signed in"));
        let moment = self.usual.mul_f64(self.random() * 1.3);
        let began = Instant::now();
        let process = &mut serving.process;
        self.people += 1;
        let hpr = (3_000_000 + self.people).to_string();
        thread::scope(|scope| {
            scope.spawn(move || {
                thread::sleep(moment);
                process.kill().expect("one's own child can be killed");
                process.wait().expect("one's own child can be waited for");
            });
            if self.decide(&of_kari, &of_ola, &hpr).is_some() {
                self.usual = (self.usual * 3 + began.elapsed()) / 4;
            }
        });
        self.killed += 1;
    }

    /// Proposes and approves. None as soon as the console does not answer any more.
    fn decide(&mut self, kari: &AtConsole<'_>, ola: &AtConsole<'_>, hpr: &str) -> Option<()> {
        let day = today().to_string();
        let document = [PDF, hpr.as_bytes()].concat();
        let asked = kari.propose("/applications/new", &application(hpr, &day), &document).ok()?;
        let proposed = self.sign(kari, &asked)?;
        let asked = ola.approve(proposed).and_then(|answer| ola.to_sign(&answer)).ok()?;
        self.sign(ola, &asked)?;
        Some(())
    }

    fn sign(&mut self, browser: &AtConsole<'_>, to_sign: &ToSign) -> Option<u64> {
        self.unanswered = Some(to_sign.statements.clone());
        let answer = browser.sign(to_sign).ok()?;
        let seq = recorded(&answer).unwrap_or_else(|| panic!("it is recorded: {answer:?}"));
        self.unanswered = None;
        self.acknowledged.insert(seq, to_sign.statements.clone());
        Some(seq)
    }

    /// Opening the register checks its chain and its signatures.
    fn check(&mut self) {
        let office = office(&self.place);
        let state = office.register().state();
        let written: Vec<Vec<u8>> =
            state.statements().iter().map(|one| one.to_bytes().expect("canonical")).collect();
        for (seq, signed) in &self.acknowledged {
            for one in signed {
                assert!(written.contains(one), "statement {seq} was acknowledged and is lost");
            }
        }
        if let Some(signed) = self.unanswered.take() {
            let there = signed.iter().filter(|one| written.contains(one)).count();
            assert!(there == 0 || there == signed.len(), "{there} of {} statements", signed.len());
            match there {
                0 => self.nothing += 1,
                _ => self.whole += 1,
            }
        }
        // Every document that a statement rests on is there, and whole; nothing else is.
        let (documents, mut known) = (office.documents(), Vec::new());
        for statement in state.statements() {
            let Event::Proposed(proposal) = &statement.event else { continue };
            for document in &proposal.documents {
                documents.check_one(document).expect("the document is whole");
                known.push(document.sha256.to_string());
            }
        }
        let folder = fs::read_dir(self.place.path("demo/office/documents"));
        for file in folder.into_iter().flatten() {
            let name = file.expect("a file").file_name().to_string_lossy().into_owned();
            // A document is written before the statement that names it, and is not whole before it has
            // its name.
            let is_whole = name.len() == 64;
            assert!(is_whole || name.starts_with('.'), "{name}");
            if is_whole && !known.contains(&name) {
                self.orphans.insert(name);
            }
        }
    }

    /// Between 0 and 1.
    fn random(&mut self) -> f64 {
        self.schedule = self.schedule.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.schedule >> 33) as f64 / f64::from(1_u32 << 31)
    }
}
