//! An office for the tests: a register, two officers who may do everything, a key, a seeded random
//! source, and a clock that is set by hand.
//!
//! All of this is compiled twice: as `tests` the registers lie in temporary files, as
//! `tests_on_postgres` in data bases of a real server. Where there is no server, the second ones
//! say so and use files as well.

mod appointments;
mod audit;
mod bulk;
#[cfg(all(unix, feature = "postgres"))]
mod connections;
mod copy;
mod correction;
mod described;
mod dispatch;
mod due;
mod excerpt;
mod figures;
mod high_water;
mod incoming;
mod log;
mod naive;
mod namesakes;
mod officers;
mod passkeys;
mod person;
mod place;
mod reconcile;
mod restore;
mod rules;
mod state;
mod store;
mod told;

use place::Place;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use vernet_common::{
    Algorithm, CertificateClaims, CertificateNumber, CivilDate, HttpsUrl, NumericDate, SecretKey,
    Signed, Signer, Status,
};

use crate::{
    application::{Application, Ground, Names},
    decisions::propose_approve::Terms,
    error::Error,
    law::SuspensionGround,
    office_data::{OfficeData, TransitionalWindow},
    officer_key::signer::OfficerSigner,
    rules::common::Decision,
    state::standing::Standing,
    statements::{
        correction::Correction,
        enrolment::{Enrolment, Role},
        event::{Event, Founders, Notice, ReissueReason},
        proposal::Proposal,
        statement::Statement,
    },
    store::{documents::Documents, issuance::Issuance, register::Register},
    titles::ProtectedTitle,
};

struct Office {
    place: Place,
    register: Register,
    rng: ChaCha20Rng,
    data: OfficeData,
    now: NumericDate,
}

fn day(text: &str) -> CivilDate {
    text.parse().expect("a date")
}

/// 11:00 UTC, which is the same day in Oslo in summer and winter.
fn noon(text: &str) -> NumericDate {
    day(text).start().plus_seconds(12 * 3600)
}

fn iss() -> HttpsUrl {
    "https://perfusionist.example.no".parse().expect("a URL")
}

fn sign(claims: &CertificateClaims) -> Result<String, Error> {
    let key = SecretKey::from_seed(&[1; 32]);
    Ok(Signed::sign(claims, Algorithm::EdDsa, &key)?.as_str().into())
}

/// An application that the law allows from 2020-01-01 on, with some members replaced; `null`
/// removes one.
fn application(changes: Value) -> Application {
    let mut value = json!({
        "given_name": "Åse", "family_name": "Kjærstad Østlyngen-Bråthen", "birthdate": "1980-02-29",
        "hpr_number": "9144889", "kind": "authorisation", "basis": "norwegian_exam",
        "exam": {"school": "Any School", "date": "2019-05-20"},
        "decided": "2020-01-01", "granted": "2020-01-01",
    });
    let members = value.as_object_mut().expect("an object");
    for (name, member) in changes.as_object().expect("an object") {
        match member {
            Value::Null => drop(members.remove(name)),
            member => drop(members.insert(name.clone(), member.clone())),
        }
    }
    Application::from_json(value.to_string().as_bytes()).expect("an application")
}

/// Two officers: one proposes, the other one approves.
fn kari() -> SecretKey {
    SecretKey::from_seed(&[21; 32])
}

fn ola() -> SecretKey {
    SecretKey::from_seed(&[22; 32])
}

fn enrolment(name: &str, key: &SecretKey, roles: &[Role]) -> Enrolment {
    Enrolment {
        name: name.parse().expect("a name"),
        key: key.public_key().into(),
        roles: roles.iter().copied().collect(),
        from: day("2001-01-01"),
        until: day("2101-01-01"),
    }
}

fn founders() -> Vec<Enrolment> {
    vec![
        enrolment("Kari Nordmann", &kari(), &Role::ALL),
        enrolment("Ola Nordmann", &ola(), &Role::ALL),
    ]
}

/// A certificate that was given out.
#[derive(Debug)]
struct Issued {
    seq: u64,
    claims: CertificateClaims,
}

impl From<Statement> for Issued {
    fn from(statement: Statement) -> Self {
        let (claims, _) = statement.event.issued().expect("a certificate");
        Self { seq: statement.seq, claims: claims.clone() }
    }
}

/// What a register needs to approve anything.
struct Desk<'a> {
    register: &'a mut Register,
    rng: &'a mut dyn rand::CryptoRng,
    sign: &'a mut dyn FnMut(&CertificateClaims) -> Result<String, Error>,
    data: &'a OfficeData,
    documents: Documents,
    now: NumericDate,
}

impl Desk<'_> {
    fn propose(
        &mut self,
        proposal: Proposal,
        officer: &dyn OfficerSigner,
    ) -> Result<Statement, Error> {
        let terms = Terms { data: self.data, documents: &self.documents, max_age_days: 30 };
        self.register.propose(proposal, &[], &terms, officer, self.now)
    }

    fn approve(&mut self, seq: u64, officer: &dyn OfficerSigner) -> Result<Statement, Error> {
        let terms = Terms { data: self.data, documents: &self.documents, max_age_days: 30 };
        let mut sign = |claims: &[CertificateClaims]| claims.iter().map(&mut *self.sign).collect();
        let mut issuance = Issuance { iss: &iss(), rng: self.rng, sign: &mut sign };
        self.register.approve(seq, &terms, officer, self.now, &mut issuance)
    }

    fn both(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        let proposed = self.propose(proposal, &kari())?;
        self.approve(proposed.seq, &ola())
    }
}

impl Office {
    fn new() -> Self {
        Self::of(Vec::new())
    }

    /// An office for these titles.
    fn of(titles: Vec<ProtectedTitle>) -> Self {
        Self::founded_at(&iss(), titles)
    }

    /// An office with this URL.
    fn at(iss: &str) -> Self {
        Self::founded_at(&iss.parse().expect("a URL"), Vec::new())
    }

    fn founded_at(iss: &HttpsUrl, titles: Vec<ProtectedTitle>) -> Self {
        let place = Place::empty();
        let mut register = Register::create(&place.register()).expect("a register");
        let founders = Founders { officers: founders(), titles, roots: None };
        register.found(iss, founders, &kari(), noon("2001-01-01")).expect("founded");
        let rng = ChaCha20Rng::from_seed([5; 32]);
        Self { place, register, rng, data: OfficeData::sample(), now: noon("2026-01-15") }
    }

    fn on(&mut self, day: &str) -> &mut Self {
        self.now = noon(day);
        self
    }

    /// Does something with what it takes to decide, signing certificates with `sign`.
    fn with<R>(
        &mut self,
        sign: &mut dyn FnMut(&CertificateClaims) -> Result<String, Error>,
        work: impl FnOnce(&mut Desk<'_>) -> R,
    ) -> R {
        let documents = Documents::new(self.place.folder.path().join("documents"));
        let (register, rng, data, now) = (&mut self.register, &mut self.rng, &self.data, self.now);
        let done = work(&mut Desk { register, rng, sign, data, documents, now });
        self.check_due();
        done
    }

    /// What is due is found without asking about everybody, whatever was recorded before.
    fn check_due(&self) {
        let state = self.register.state();
        let known_at = state.recorded_until().map_or(self.now, |last| last.max(self.now));
        let today = known_at.civil_date();
        for later in [0, 1, 20, 100, 400, 2000] {
            let on = today.plus_days(later);
            for days in [0, 30, 400] {
                let due = state.due(on, days, known_at);
                assert_eq!(due, state.due_of_everybody(on, days, known_at), "{on}, {days} days");
            }
        }
    }

    fn propose(
        &mut self,
        proposal: Proposal,
        officer: &dyn OfficerSigner,
    ) -> Result<Statement, Error> {
        self.with(&mut sign, |desk| desk.propose(proposal, officer))
    }

    fn approve(&mut self, seq: u64, officer: &dyn OfficerSigner) -> Result<Statement, Error> {
        self.with(&mut sign, |desk| desk.approve(seq, officer))
    }

    fn both(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        self.with(&mut sign, |desk| desk.both(proposal))
    }

    fn grant(&mut self, changes: Value) -> Result<Issued, Error> {
        self.apply(&application(changes))
    }

    fn apply(&mut self, application: &Application) -> Result<Issued, Error> {
        self.both(Proposal::to_grant(application.clone())).map(Issued::from)
    }

    /// The number of an ordinary certificate.
    fn granted(&mut self) -> CertificateNumber {
        self.grant(json!({})).expect("a grant").claims.certificate_number
    }

    fn reissue(
        &mut self,
        number: CertificateNumber,
        reason: ReissueReason,
        names: Option<(&str, &str)>,
    ) -> Result<CertificateNumber, Error> {
        let names = names.map(|(given, family)| Names::parse(given, family).expect("names"));
        let issued = self.both(Proposal::to_reissue(number, reason, names)).map(Issued::from)?;
        Ok(issued.claims.certificate_number)
    }

    /// Records an event that was decided today and counts from today on: by two officers, or by one
    /// if that is enough.
    fn record(&mut self, event: Event) -> Result<Statement, Error> {
        let decided_on = self.now.civil_date();
        self.decision(event, decided_on, None)
    }

    fn dated(
        &mut self,
        event: Event,
        decided_on: &str,
        effective_on: &str,
    ) -> Result<Statement, Error> {
        self.decision(event, day(decided_on), Some(day(effective_on)))
    }

    fn decision(
        &mut self,
        event: Event,
        decided_on: CivilDate,
        effective_on: Option<CivilDate>,
    ) -> Result<Statement, Error> {
        let decision = Decision { decided_on, effective_on, now: self.now };
        let done = match self.register.record(event.clone(), &kari(), &decision) {
            Err(Error::NeedsTwo { .. }) => self.both(Proposal {
                decided_on: Some(decided_on),
                effective_on,
                ..Proposal::of(event)
            }),
            done => done,
        };
        self.check_due();
        done
    }

    /// Records an event that the rules allow.
    fn did(&mut self, event: Event) -> u64 {
        self.record(event).expect("an allowed event").seq
    }

    fn standing(&self, number: CertificateNumber, on: &str, known_at: &str) -> Standing {
        self.register.state().standing(number, day(on), noon(known_at)).expect("a certificate")
    }

    fn code(&self, number: CertificateNumber, on: &str, known_at: &str) -> &'static str {
        self.standing(number, on, known_at).code()
    }

    /// The status as it would be published now.
    fn status(&self, number: CertificateNumber) -> Status {
        let status =
            self.register.state().certificate_status(number, self.now.civil_date(), self.now);
        status.expect("a certificate")
    }
}

/// What a program that knows no rules can write, with a key that is an officer's.
struct Forger<'a> {
    key: &'a SecretKey,
    name: &'a str,
}

impl Forger<'_> {
    /// The next statement, of today.
    fn statement(
        &self,
        state: &crate::State,
        now: NumericDate,
        event: Event,
        approves: Option<u64>,
    ) -> Statement {
        Statement {
            seq: state.statements().len() as u64 + 1,
            prev: state.head(),
            recorded_at: now,
            officer: self.name.parse().expect("a name"),
            kid: self.key.public_key().kid(),
            decided_on: now.civil_date(),
            effective_on: now.civil_date(),
            approves: approves
                .map(|seq| crate::Approves { seq, sha256: state.hash(seq).expect("a hash") }),
            event,
        }
    }

    /// Signs it, whatever it says, and puts it into the data base.
    fn insert(&self, o: &Office, event: Event, approves: Option<u64>) {
        let statement = self.statement(o.register.state(), o.now, event, approves);
        let body = String::from_utf8(statement.to_bytes().expect("JSON")).expect("UTF-8");
        // The bytes that a statement's signature is over, see docs/FORMAT.md: the header follows
        // from the key.
        let unsigned = Signed::<Statement>::assemble(
            Algorithm::EdDsa,
            statement.kid,
            body.clone().into_bytes(),
            [0; 64],
        );
        let unsigned = unsigned.expect("small enough");
        let input = unsigned.as_str().rsplit_once('.').expect("a signature").0.to_owned();
        let signature = self.key.sign(input.as_bytes()).expect("signs");
        let mut raw = o.place.raw();
        let (hash, signature) =
            (raw.bytes(crate::Digest::of(body.as_bytes()).as_bytes()), raw.bytes(&signature));
        let values =
            format!("{}, {hash}, {signature}, '{}'", statement.seq, body.replace('\'', "''"));
        raw.execute(&format!(
            "INSERT INTO statement (seq, hash, signature, body) VALUES ({values})"
        ))
        .expect("forged");
    }
}

fn suspended(certificate: CertificateNumber, until: &str) -> Event {
    Event::suspended(certificate, day(until))
}

fn extended(certificate: CertificateNumber, until: &str) -> Event {
    Event::Extended { certificate, until: day(until) }
}

fn lifted(certificate: CertificateNumber) -> Event {
    Event::Lifted { certificate }
}

fn limited(certificate: CertificateNumber, until: Option<&str>) -> Event {
    Event::Limited { certificate, reference: "2026/117".into(), until: until.map(day) }
}

fn limitation_lifted(certificate: CertificateNumber) -> Event {
    Event::LimitationLifted { certificate }
}

fn revoked(certificate: CertificateNumber) -> Event {
    Event::Revoked { certificate, gravest: false }
}

fn waived(certificate: CertificateNumber) -> Event {
    Event::Waived { certificate, during_supervision: false }
}

fn annulled(certificate: CertificateNumber) -> Event {
    Event::Annulled { certificate }
}

fn deceased(certificate: CertificateNumber) -> Event {
    Event::Deceased { certificate }
}

fn instructed(certificate: CertificateNumber, until: Option<&str>) -> Event {
    Event::Instructed { certificate, reference: "2026/56".into(), until: until.map(day) }
}

fn banned(certificate: CertificateNumber, until: Option<&str>) -> Event {
    Event::Banned { certificate, reference: "2026/57".into(), until: until.map(day) }
}

/// A suspension until something has been done.
fn open_ended(certificate: CertificateNumber, ground: SuspensionGround) -> Event {
    Event::Suspended { certificate, until: None, ground, limits: None, unapproved_until: None }
}

/// A suspension within whose limits the holder works.
fn within_limits(certificate: CertificateNumber, until: &str) -> Event {
    Event::Suspended {
        certificate,
        until: Some(day(until)),
        ground: SuspensionGround::Revocation,
        limits: Some("2026/58".into()),
        unapproved_until: None,
    }
}

/// The decision on an appeal, with a milder one.
fn replaced(certificate: CertificateNumber, decision: u64, milder: Event) -> Event {
    Event::Reversed { certificate, decision, instead: Some(Box::new(milder)) }
}

/// The number of the first certificate of 2026.
fn number() -> CertificateNumber {
    "NO-PE-2026-000001".parse().expect("a number")
}

fn reversed(certificate: CertificateNumber, decision: u64) -> Event {
    Event::Reversed { certificate, decision, instead: None }
}

fn merged(from: &str, into: &str) -> Event {
    Event::Merged { from: from.parse().expect("a number"), into: into.parse().expect("a number") }
}

fn retracted(statement: u64) -> Event {
    Event::Retracted { statement }
}

fn corrected(certificate: CertificateNumber, change: impl FnOnce(&mut Correction)) -> Event {
    let mut correction = Correction::of(certificate);
    change(&mut correction);
    Event::Corrected(Box::new(correction))
}

/// As [`corrected`], the date of birth.
fn born(certificate: CertificateNumber, birthdate: &str) -> Event {
    corrected(certificate, |c| c.birthdate = Some(day(birthdate)))
}

/// As [`corrected`], the number.
fn numbered(certificate: CertificateNumber, hpr: &str) -> Event {
    corrected(certificate, |c| c.hpr_number = Some(hpr.parse().expect("a number")))
}

fn window(from: &str, to: &str) -> Option<TransitionalWindow> {
    Some(TransitionalWindow { from: day(from), to: day(to), source: "invented".into() })
}
