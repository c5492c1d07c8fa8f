//! An office that prints, at fixed times and from a fixed seed.

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use tempfile::TempDir;
use vernet_common::{CertificateNumber, KeyUse, NumericDate, Roots, Signer, TrustAnchor};
use vernet_issuer::{
    Application, Decision, Error, Event, LetOut, Office, OfficeConfig, OfficeData, Officer, Passphrase,
    ProfessionalStatus, new_key_pair,
};

/// Two names as long as any in the population register, 80 bytes each.
pub(crate) const LONG_NAMES: (&str, &str) = (
    "Sigríður Þórdís Guðrún Ragnheiður Aðalheiður Hallgerður Kristín Ásdís Brá Ósk",
    "Ævarsdóttir-Wojciechowska-Kjærstad-Østlyngen-Bråthen-Lundsgård-Þorvaldsdóttir",
);

pub(crate) struct PrintingOffice {
    _folder: TempDir,
    pub(crate) office: Office,
    officer: Officer,
    passphrase: Passphrase,
    rng: ChaCha20Rng,
    pub(crate) now: NumericDate,
}

impl PrintingOffice {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let passphrase = Passphrase::from_prompt("letters need no secrets".to_owned()).expect("a passphrase");
        let officer: Officer = "Kari Nordmann".to_owned().try_into().expect("an officer");
        let now: NumericDate = "2026-11-20T10:00:00Z".parse().expect("an instant");
        let roots = [1, 2].map(|_| new_key_pair(&mut rng));
        let iss: vernet_common::HttpsUrl = "https://perfusionist.example.no".parse().expect("a URL");
        let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
        let anchor = TrustAnchor { iss: iss.clone(), roots: public, seq: 1 };
        let config = OfficeConfig::new(iss, "https://verify.example.no/v".parse().expect("a URL"));
        let path = folder.path().join("office");
        let office = Office::create(&path, &config, &OfficeData::sample(), &anchor, &officer, now, &mut rng);
        let mut office = office.expect("a new office");
        for r#use in [KeyUse::Certificate, KeyUse::Status] {
            let end = now.plus_seconds(86_400 * 1000);
            office.add_key(r#use, end, &passphrase, (&officer, now), &mut rng).expect("a new key");
        }
        let mut list = office.draft_trust_list(None, now).expect("a draft");
        roots.iter().for_each(|root| list.add_signature(root).expect("a root can sign"));
        office.accept_trust_list(&list, &officer, now).expect("two roots signed");
        Self { _folder: folder, office, officer, passphrase, rng, now }
    }

    /// Grants the usual authorisation, but for the members given.
    pub(crate) fn grant(&mut self, members: &[(&str, Value)]) -> Result<CertificateNumber, Error> {
        let mut application = json!({
            "given_name": "Máhtte Ánde",
            "family_name": "Sárá-Ŋuoŋŋuid",
            "birthdate": "1984-05-17",
            "hpr_number": "9144889",
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2010-06-11" },
            "decided": "2010-07-01",
            "granted": "2010-07-01",
        });
        for (name, member) in members {
            application[*name] = member.clone();
        }
        let application = Application::from_json(&serde_json::to_vec(&application).expect("JSON"))?;
        let issued = self.office.grant(&application, &self.officer, &self.passphrase, self.now, &mut self.rng)?;
        Ok(issued.claims.certificate_number)
    }

    /// Records what was decided on a day and counts from it on.
    pub(crate) fn decide(&mut self, on: &str, event: Event) -> u64 {
        let day = on.parse().expect("a date");
        self.now = self.now.plus_seconds(1);
        let (officer, now) = (self.officer.clone(), self.now);
        let decision = Decision { officer, decided_on: day, effective_on: Some(day), now };
        self.office.register_mut().record(event, &decision).expect("a lawful decision").seq
    }

    pub(crate) fn let_out(&self, number: CertificateNumber) -> LetOut {
        self.office.let_out(number, self.now).expect("the certificate is in force")
    }

    pub(crate) fn status(&self, number: CertificateNumber) -> Result<ProfessionalStatus, Error> {
        self.office.professional_status(number, &self.passphrase, self.now)
    }

    pub(crate) fn reissue(&mut self, number: CertificateNumber) -> CertificateNumber {
        let what = (number, vernet_issuer::ReissueReason::LostPrint, None);
        let who = (&self.officer, self.now.civil_date());
        let issued = self.office.reissue(what, who, &self.passphrase, self.now, &mut self.rng);
        issued.expect("a new print").claims.certificate_number
    }
}
