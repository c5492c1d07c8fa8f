//! The office that is made for a drill and thrown away.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use getrandom::{SysRng, rand_core::UnwrapErr};
use tempfile::TempDir;
use vernet_common::{
    Bundle, KeyId, KeyUse, NumericDate, Roots, SecretKey, SignedTrustList, Signer, TrustAnchor,
    TrustList, Witness, WitnessName,
};
use vernet_host::{hex, random};
use vernet_issuer::{KeyState, Office, OfficeConfig, Passphrase, new_key_pair};
use vernet_register::{
    Documents, Enrolment, Event, OfficeData, OfficerSigner, Proposal, ReissueReason, Role,
};

pub(super) struct DrillOffice {
    folder: TempDir,
    pub(super) office: Office,
    pub(super) anchor: TrustAnchor,
    pub(super) passphrase: Passphrase,
    /// Everybody's certificate, as the link in the printed code.
    pub(super) paper: Vec<String>,
    /// The certificate of somebody who is suspended.
    pub(super) suspended: String,
    roots: [SecretKey; 3],
    officer: SecretKey,
    rng: UnwrapErr<SysRng>,
}

impl DrillOffice {
    /// An office with the settings of another one, new keys, and made-up people.
    pub(super) fn found(config: &OfficeConfig, people: usize, now: NumericDate) -> Result<Self> {
        let folder = tempfile::tempdir().context("making a folder for the drill")?;
        let mut rng = random();
        let roots = [(); 3].map(|()| new_key_pair(&mut rng));
        let [officer, second] = [(); 2].map(|()| new_key_pair(&mut rng));
        let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
        let anchor = TrustAnchor { iss: config.iss.clone(), roots: public, seq: 1 };
        // Its register is a file, wherever that of the real office is stored.
        let config = OfficeConfig { register: None, ..config.clone() };
        let founders = (founders(&officer, &second, now)?, &officer as &dyn OfficerSigner);
        let at = folder.path().join("office");
        let office =
            Office::create(&at, &config, &OfficeData::sample(), &anchor, founders, now, &mut rng)?;
        let passphrase = hex(&*new_key_pair(&mut rng).seed());
        let passphrase = Passphrase::from_prompt(passphrase)?;
        let (paper, suspended) = (Vec::new(), String::new());
        let mut drill =
            Self { folder, office, anchor, passphrase, paper, suspended, roots, officer, rng };
        drill.add_keys(now)?;
        drill.new_trust_list(now)?;
        drill.grant(people, &second, now)?;
        Ok(drill)
    }

    fn add_keys(&mut self, now: NumericDate) -> Result<()> {
        for r#use in [KeyUse::Certificate, KeyUse::Status, KeyUse::Log] {
            let by = (&self.officer as &dyn OfficerSigner, now);
            self.office.add_key(
                r#use,
                now.plus_seconds(365 * 86_400),
                &self.passphrase,
                by,
                &mut self.rng,
            )?;
        }
        Ok(())
    }

    fn new_trust_list(&mut self, now: NumericDate) -> Result<()> {
        let mut list = self.office.draft_trust_list(None, now)?;
        self.roots.iter().take(2).try_for_each(|root| list.add_signature(root))?;
        self.office.accept_trust_list(&list, &self.officer, now)?;
        Ok(())
    }

    /// Grants everybody an authorisation, by two officers, and prints the certificates; suspends
    /// one more person.
    fn grant(&mut self, people: usize, second: &SecretKey, now: NumericDate) -> Result<()> {
        let file = self.folder.path().join("people.csv");
        std::fs::write(&file, table(people + 1)?)?;
        let (proposed, _) = self.office.propose_import(
            (&Documents::read(&file)?, false),
            &[],
            &self.officer,
            now,
        )?;
        let mut bulk = self.office.begin_bulk(proposed.seq, &self.passphrase, (second, now))?;
        while self.office.bulk_step(&mut bulk, (second, now), &mut self.rng)?.is_none() {}
        let releases = self.office.releases()?;
        let numbers: Vec<_> = releases.newest().collect();
        let paper =
            numbers.iter().map(|number| Ok(releases.release(*number, now)?.link().to_owned()));
        self.paper = paper.collect::<Result<_>>()?;
        ensure!(self.paper.len() == people + 1, "the drill's office did not grant everybody");
        let (last, certificate) =
            self.paper.pop().zip(numbers.last().copied()).context("it granted somebody")?;
        self.suspended = last;
        let until = now.civil_date().plus_months(1);
        let event = Event::suspended(certificate, until);
        let seq = self.office.propose(Proposal::of(event), &[], &self.officer, now)?.seq;
        self.office.approve(seq, None, (second, now), &mut self.rng)?;
        Ok(())
    }

    /// Publishes, and returns the bundle that a hospital fetches.
    pub(super) fn publish(&mut self, now: NumericDate) -> Result<Bundle> {
        let out = self.folder.path().join("publication");
        self.office.publish(&out, &self.passphrase, (&self.officer, now), &mut |_, _| {})?;
        Ok(Bundle::from_json(&std::fs::read(out.join("bundle.json"))?)?)
    }

    /// Records the theft of these keys, makes new ones, and puts a trust list in force that says
    /// so. Returns how many certificates must be signed again.
    pub(super) fn recover(
        &mut self,
        stolen: &[KeyId],
        since: NumericDate,
        now: NumericDate,
    ) -> Result<usize> {
        for kid in stolen {
            self.office.compromise_key(*kid, since, &self.officer, now)?;
        }
        self.add_keys(now)?;
        self.new_trust_list(now)?;
        for key in self.office.keys() {
            let expected = if stolen.contains(&key.key.kid()) {
                KeyState::Compromised
            } else {
                KeyState::InUse
            };
            ensure!(
                self.office.key_state(&key, now)? == expected,
                "the drill expected another state of a key"
            );
        }
        let register = self.office.register();
        Ok(stolen
            .iter()
            .map(|kid| register.certificates_of_key(*kid, ReissueReason::KeyRotation, now).count())
            .sum())
    }

    /// The same publication as if the roots had asked for a witness, with the witness's signature.
    pub(super) fn watched(&self, honest: &Bundle, now: NumericDate) -> Result<Bundle> {
        let witness = new_key_pair(&mut random());
        let name: WitnessName = "witness.example.no".parse()?;
        let mut list: TrustList =
            self.office.trust_list()?.context("the drill's office has a trust list")?;
        list.log.threshold = 1;
        list.log.witnesses = [Witness { key: witness.public_key(), name: name.clone() }].into();
        let mut signed = SignedTrustList::unsigned(&list)?;
        self.roots.iter().take(2).try_for_each(|root| signed.add_signature(root))?;
        let mut bundle = honest.clone();
        bundle.trust_lists = vec![signed];
        let log = bundle.log.as_mut().context("a publication has a log")?;
        log.checkpoint.cosign(&name, &witness, now)?;
        Ok(bundle)
    }
}

fn founders(kari: &SecretKey, ola: &SecretKey, now: NumericDate) -> Result<Vec<Enrolment>> {
    let founder = |(name, key): (&str, &SecretKey)| -> Result<Enrolment> {
        let (from, until) = (now.civil_date(), now.civil_date().plus_years(1));
        Ok(Enrolment {
            name: name.parse()?,
            key: key.public_key().into(),
            roles: Role::ALL.into(),
            from,
            until,
        })
    };
    [("Kari Nordmann", kari), ("Ola Nordmann", ola)].into_iter().map(founder).collect()
}

/// Made-up people. The health personnel register does not assign their numbers.
fn table(people: usize) -> Result<String> {
    const NAMES: [(&str, &str); 5] = [
        ("Åse", "Kjærstad"),
        ("Máhtte", "Sárá"),
        ("Ingrid", "Dahl"),
        ("Bjørn", "Aas"),
        ("Marie", "Østby"),
    ];
    let mut csv = String::from(
        "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n",
    );
    for (person, (given_name, family_name)) in NAMES.iter().cycle().take(people).enumerate() {
        let (hpr, day) = (1_000_001 + person, 1 + person % 28);
        writeln!(
            csv,
            "{hpr},{given_name},{family_name},1984-05-{day:02},authorisation,norwegian_exam,2012-07-01,A made-up school,2012-06-11"
        )?;
    }
    Ok(csv)
}
