//! How fast a register is audited, and what each command takes as an office grows: `cargo xtask
//! measure audit_speed [PEOPLE [ROUNDS [YEARS [FOLDER]]]]`.
//!
//! The register resembles that of a real office: it published its lists every hour for some years,
//! then two officers grant everybody an authorisation, one in twenty is limited, one in forty
//! suspended or revoked, some get a new print. The lists are published again after every twenty
//! decisions, as long as there are few people, because making them takes a time that grows with
//! the people. With `ROUNDS` 0 nothing is audited.
//!
//! A command opens the register anew, asks, and forgets it. The register stays in `FOLDER`, and is
//! used again if it is there, so that two programs can be compared on the same one.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use vernet_common::{
    Algorithm, CertificateClaims, CertificateNumber, HttpsUrl, KeyUse, NumericDate, SecretKey,
    Signed, Signer,
};
use vernet_issuer::new_key_pair;
use vernet_register::{
    Application, Decision, Digest, Documents, Error, Event, Excerpt, Issuance, OfficeData,
    Proposal, Register, RegisterLocation, ReissueReason, Statement, Terms,
};
use vernet_tests::founded::founders;

/// The lists are published among the decisions about so many people.
const FEW: u32 = 2000;

fn main() -> Result<()> {
    let argument = |place, otherwise| {
        std::env::args().nth(place).map_or(Ok(otherwise), |number| number.parse::<u32>())
    };
    let (people, rounds, years) = (argument(1, 2000)?, argument(2, 5)?, argument(3, 0)?);
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args_os().nth(4).map_or(temporary.path().to_owned(), PathBuf::from);
    let path = folder.join("register.sqlite");
    let began = Instant::now();
    let mut desk = Desk::open(&path, years)?;
    for person in desk.register.state().certificates().count() as u32..people {
        desk.serve(person)?;
    }
    let statements = desk.register.state().statements().len();
    println!(
        "made {statements} statements about {people} people and {years} years in {:.1} s, {} MB",
        began.elapsed().as_secs_f64(),
        std::fs::metadata(&path)?.len() / 1_000_000
    );
    // Commands do not find the register in memory.
    let none = temporary.path().join("none.sqlite").into();
    desk.register = Register::create(&none)?;

    let mut best = f64::MAX;
    for _ in 0..rounds {
        let began = Instant::now();
        let audited = vernet_register::audit(&path.as_path().into(), None)?;
        best = best.min(began.elapsed().as_secs_f64());
        ensure!(audited.certificates() >= people as usize, "every certificate was checked");
    }
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if rounds > 0 {
        println!(
            "audit: {:.0} statements a second on {workers} processors, best of {rounds}",
            statements as f64 / best
        );
    }
    let began = Instant::now();
    Register::open(&path.as_path().into())?;
    println!("open:  {:.0} statements a second", statements as f64 / began.elapsed().as_secs_f64());
    let mark = temporary.path().join("high-water.json");
    commands(&mut desk, (&path.into(), &mark, &none))
}

/// What each command takes, from opening the register to forgetting it. The best of three, after one
/// that makes the mark of this machine.
fn commands(
    desk: &mut Desk,
    (register, mark, none): (&RegisterLocation, &Path, &RegisterLocation),
) -> Result<()> {
    let mut command = |name: &str, times, work: &mut dyn FnMut(&mut Desk) -> Result<()>| {
        let (mut opened, mut all, mut busy) = (f64::MAX, f64::MAX, f64::MAX);
        for _ in 0..times {
            let (began, before) = (Instant::now(), processors());
            desk.register = Register::open_marked(register, mark)?;
            desk.register.refresh()?;
            opened = opened.min(began.elapsed().as_secs_f64());
            work(desk)?;
            desk.register = Register::open(none)?;
            all = all.min(began.elapsed().as_secs_f64());
            busy = busy.min(processors() - before);
        }
        println!(
            "{name:<9} {all:6.3} s, of it {opened:6.3} s until the register is open; {busy:6.2} s of processors"
        );
        anyhow::Ok(())
    };
    command("first", 1, &mut |_| Ok(()))?;
    let mut middle = None;
    command("history", 3, &mut |desk| {
        let (state, now) = (desk.register.state(), desk.now);
        let people = state.certificates().count();
        let certificate = state.certificates().nth(people / 2).context("a certificate")?;
        let number = certificate.claims.certificate_number;
        middle = Some(number);
        state.history(number)?;
        state.standing(number, now.civil_date(), now)?;
        Ok(())
    })?;
    command("due", 3, &mut |desk| {
        desk.register.state().due(desk.now.civil_date(), 90, desk.now);
        Ok(())
    })?;
    command("list", 3, &mut |desk| {
        let (state, now) = (desk.register.state(), desk.now);
        for certificate in state.certificates() {
            state.standing(certificate.claims.certificate_number, now.civil_date(), now)?;
        }
        Ok(())
    })?;
    command("publish", 3, &mut |desk| desk.publish())?;
    command("grant", 3, &mut |desk| {
        let people = desk.register.state().certificates().count();
        desk.serve(people as u32)
    })?;
    println!("memory: at most {}", memory());
    show(register, mark, middle.context("a certificate")?)
}

/// What `show` takes, which reads an excerpt.
fn show(register: &RegisterLocation, mark: &Path, number: CertificateNumber) -> Result<()> {
    let (began, before) = (Instant::now(), processors());
    for _ in 0..SHOWN {
        let excerpt = Excerpt::open(register, mark, number)?.context("an excerpt is enough")?;
        let now = excerpt.recorded_until();
        excerpt.record().standing(now.civil_date(), now)?;
    }
    let catalogue = std::fs::metadata(mark.with_extension("catalogue"))?.len();
    println!(
        "show      {:6.4} s; {:6.4} s of processors, with a catalogue of {} MB",
        began.elapsed().as_secs_f64() / f64::from(SHOWN),
        (processors() - before) / f64::from(SHOWN),
        catalogue / 1_000_000
    );
    Ok(())
}

/// So many of them, because one is too short for the clock of the processors.
const SHOWN: u32 = 50;

/// The peak memory of this process, as Linux reports it.
fn memory() -> String {
    let peak = || -> Result<String> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(format!("{} MB", line.trim().trim_end_matches(" kB").parse::<u64>()? / 1000))
    };
    peak().unwrap_or_else(|_| "an unknown amount".to_owned())
}

/// The seconds that processors worked for this process, as Linux reports them, which stay the same
/// while others work as well; `NaN` elsewhere.
fn processors() -> f64 {
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let times = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        times.map(|ticks| ticks.parse::<f64>().ok()).sum::<Option<f64>>()
    };
    ticks().map_or(f64::NAN, |ticks| ticks / 100.0)
}

struct Desk {
    register: Register,
    data: OfficeData,
    documents: Documents,
    /// Kari, who proposes, and Ola, who approves.
    officers: [SecretKey; 2],
    certificate_key: SecretKey,
    rng: ChaCha20Rng,
    iss: HttpsUrl,
    now: NumericDate,
    decided: u32,
}

impl Desk {
    /// The office of a register, which is founded if there is none.
    fn open(path: &Path, years: u32) -> Result<Self> {
        let there = path.exists();
        // What comes from this source must be other slots than those given out before.
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let [kari, ola, certificate_key] = [(); 3].map(|()| new_key_pair(&mut rng));
        let mut desk = Self {
            register: if there {
                Register::open(&path.into())?
            } else {
                Register::create(&path.into())?
            },
            data: OfficeData::sample(),
            documents: Documents::new(path.with_file_name("documents")),
            officers: [kari, ola],
            certificate_key,
            rng: ChaCha20Rng::from_seed([if there { 10 } else { 11 }; 32]),
            iss: "https://perfusionist.example.no".parse()?,
            now: "2026-01-15T10:00:00Z".parse()?,
            decided: 0,
        };
        match desk.register.state().recorded_until() {
            Some(last) => desk.now = last,
            None => desk.found(8766 * i64::from(years))?,
        }
        Ok(desk)
    }

    /// Founds the office so many hours ago. It has published its lists every hour since.
    fn found(&mut self, hours: i64) -> Result<()> {
        let today = self.now;
        self.now = today.plus_seconds(-hours * 3600);
        let from = self.now.civil_date().plus_days(-14).to_string();
        let founders = founders(&self.officers, (&from, "2036-01-01"))?;
        self.register.found(&self.iss, founders, &self.officers[0], self.now)?;
        self.register.ensure_status_list(&self.officers[0], self.now, &mut self.rng)?;
        for _ in 0..hours {
            self.publish()?;
        }
        let key = self.certificate_key.public_key();
        let (not_before, not_after) = (today, today.plus_seconds(1000 * 86_400));
        let added = Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before, not_after };
        self.now = today;
        self.register.record(added, &self.officers[0], &Decision::today(today))?;
        Ok(())
    }

    fn publish(&mut self) -> Result<()> {
        self.now = self.now.plus_seconds(3600);
        let sign = &mut |_: &_| Ok::<_, Error>(Digest::GENESIS);
        self.register.publish(1, &self.officers[0], self.now, 60, sign)?;
        Ok(())
    }

    fn serve(&mut self, person: u32) -> Result<()> {
        let today = self.now.civil_date().to_string();
        let application = json!({
            "given_name": "Åse",
            "family_name": "Kjærstad Østlyngen-Bråthen",
            "birthdate": "1984-05-17",
            "hpr_number": (1_000_000 + person).to_string(),
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2010-06-11" },
            "decided": today,
            "granted": today,
        });
        let application = Application::from_json(&serde_json::to_vec(&application)?)?;
        let certificate = self.both(Proposal::to_grant(application))?;
        let certificate = certificate.event.issued().context("a certificate")?.0.certificate_number;
        self.supervise(person, certificate)
    }

    fn supervise(&mut self, person: u32, certificate: CertificateNumber) -> Result<()> {
        let until = self.now.civil_date().plus_days(137);
        let proposal = match person % 40 {
            3 | 23 => Proposal::of(Event::Limited {
                certificate,
                reference: "2026/117".into(),
                until: None,
            }),
            7 => Proposal::of(Event::suspended(certificate, until)),
            11 => Proposal::of(Event::Revoked { certificate, gravest: false }),
            17 => Proposal::to_reissue(certificate, ReissueReason::LostPrint, None),
            _ => return Ok(()),
        };
        self.both(proposal).map(drop)
    }

    fn both(&mut self, proposal: Proposal) -> Result<Statement> {
        let (terms, key) = (
            Terms { data: &self.data, documents: &self.documents, max_age_days: 30 },
            &self.certificate_key,
        );
        let seq = self.register.propose(proposal, &[], &terms, &self.officers[0], self.now)?.seq;
        let sign = |claims: &CertificateClaims| {
            Ok(Signed::sign(claims, Algorithm::EdDsa, key)?.as_str().to_owned())
        };
        let mut sign = |claims: &[CertificateClaims]| -> Result<_, Error> {
            claims.iter().map(sign).collect()
        };
        let mut issuance = Issuance { iss: &self.iss, rng: &mut self.rng, sign: &mut sign };
        let statement =
            self.register.approve(seq, &terms, &self.officers[1], self.now, &mut issuance)?;
        self.decided += 1;
        if self.decided.is_multiple_of(20) && self.decided < FEW {
            self.publish()?;
        }
        Ok(statement)
    }
}
