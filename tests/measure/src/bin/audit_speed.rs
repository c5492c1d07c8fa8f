//! How many statements per second the audit checks: `cargo xtask measure audit_speed [PEOPLE
//! [ROUNDS]]`.
//!
//! The register resembles that of a real office: two officers grant everybody an authorisation, one
//! in twenty is limited, one in forty suspended or revoked, some get a new print, and the lists are
//! published after every twenty decisions.

use std::{path::Path, time::Instant};

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
    Application, Decision, Digest, Documents, Error, Event, Issuance, OfficeData, Proposal,
    Register, ReissueReason, Statement, Terms,
};
use vernet_tests::founded::founders;

fn main() -> Result<()> {
    let people = std::env::args().nth(1).map_or(Ok(2000), |people| people.parse())?;
    let rounds = std::env::args().nth(2).map_or(Ok(5), |rounds| rounds.parse::<u32>())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("register.sqlite");
    let began = Instant::now();
    let mut desk = Desk::found(&path)?;
    for person in 0..people {
        desk.serve(person)?;
    }
    let statements = desk.register.state().statements().len();
    println!(
        "made {statements} statements about {people} people in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    drop(desk);

    let mut best = f64::MAX;
    for _ in 0..rounds {
        let began = Instant::now();
        let audited = vernet_register::audit(&path.as_path().into(), None)?;
        best = best.min(began.elapsed().as_secs_f64());
        ensure!(audited.certificates() >= people as usize, "every certificate was checked");
    }
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "audit: {:.0} statements a second on {workers} processors, best of {rounds}",
        statements as f64 / best
    );
    let began = Instant::now();
    Register::open(&path.as_path().into())?;
    println!("open:  {:.0} statements a second", statements as f64 / began.elapsed().as_secs_f64());
    Ok(())
}

struct Desk {
    register: Register,
    data: OfficeData,
    documents: Documents,
    kari: SecretKey,
    ola: SecretKey,
    certificate_key: SecretKey,
    rng: ChaCha20Rng,
    iss: HttpsUrl,
    now: NumericDate,
    decided: u32,
}

impl Desk {
    fn found(path: &Path) -> Result<Self> {
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let [kari, ola, certificate_key] = [(); 3].map(|()| new_key_pair(&mut rng));
        let iss: HttpsUrl = "https://perfusionist.example.no".parse()?;
        let now: NumericDate = "2026-01-15T10:00:00Z".parse()?;
        let officers = [kari, ola];
        let founders = founders(&officers, ("2026-01-01", "2036-01-01"))?;
        let [kari, ola] = officers;
        let mut register = Register::create(&path.into())?;
        register.found(&iss, founders, &kari, now)?;
        let (key, not_after) = (certificate_key.public_key(), now.plus_seconds(1000 * 86_400));
        let added = Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before: now, not_after };
        register.record(added, &kari, &Decision::today(now))?;
        let documents = Documents::new(path.with_file_name("documents"));
        let data = OfficeData::sample();
        Ok(Self {
            register,
            data,
            documents,
            kari,
            ola,
            certificate_key,
            rng,
            iss,
            now,
            decided: 0,
        })
    }

    fn serve(&mut self, person: u32) -> Result<()> {
        let application = json!({
            "given_name": "Åse",
            "family_name": "Kjærstad Østlyngen-Bråthen",
            "birthdate": "1984-05-17",
            "hpr_number": (1_000_000 + person).to_string(),
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2010-06-11" },
            "decided": "2026-01-15",
            "granted": "2026-01-15",
        });
        let application = Application::from_json(&serde_json::to_vec(&application)?)?;
        let certificate = self.both(Proposal::to_grant(application))?;
        let certificate = certificate.event.issued().context("a certificate")?.0.certificate_number;
        self.supervise(person, certificate)
    }

    fn supervise(&mut self, person: u32, certificate: CertificateNumber) -> Result<()> {
        let until = "2026-06-01".parse()?;
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
        let seq = self.register.propose(proposal, &[], &terms, &self.kari, self.now)?.seq;
        let sign = |claims: &CertificateClaims| {
            Ok(Signed::sign(claims, Algorithm::EdDsa, key)?.as_str().to_owned())
        };
        let mut sign = |claims: &[CertificateClaims]| -> Result<_, Error> {
            claims.iter().map(sign).collect()
        };
        let mut issuance = Issuance { iss: &self.iss, rng: &mut self.rng, sign: &mut sign };
        let statement = self.register.approve(seq, &terms, &self.ola, self.now, &mut issuance)?;
        self.decided += 1;
        if self.decided.is_multiple_of(20) {
            self.now = self.now.plus_seconds(3600);
            self.register
                .publish(1, &self.kari, self.now, 60, &mut |_| Ok::<_, Error>(Digest::GENESIS))?;
        }
        Ok(statement)
    }
}
