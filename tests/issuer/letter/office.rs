//! An office that prints, at fixed times and from a fixed seed.

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use tempfile::TempDir;
use vernet_common::{
    CertificateNumber, KeyUse, NumericDate, Roots, SecretKey, Signer, TrustAnchor,
};
use vernet_issuer::{
    Error, LetOut, Office, OfficeConfig, Passphrase, ProfessionalStatus, new_key_pair,
};
use vernet_register::{
    Application, Enrolment, Event, OfficeData, Proposal, ReissueReason, Role, Statement,
};

/// Two names as long as any in the population register, 80 bytes each.
pub(crate) const LONG_NAMES: (&str, &str) = (
    "Sigríður Þórdís Guðrún Ragnheiður Aðalheiður Hallgerður Kristín Ásdís Brá Ósk",
    "Ævarsdóttir-Wojciechowska-Kjærstad-Østlyngen-Bråthen-Lundsgård-Þorvaldsdóttir",
);

pub(crate) struct PrintingOffice {
    _folder: TempDir,
    pub(crate) office: Office,
    officers: [SecretKey; 2],
    passphrase: Passphrase,
    rng: ChaCha20Rng,
    pub(crate) now: NumericDate,
}

impl PrintingOffice {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let passphrase =
            Passphrase::from_prompt("letters need no secrets".to_owned()).expect("a passphrase");
        let officers = [1, 2].map(|n| SecretKey::from_seed(&[n; 32]));
        let founders =
            ["Kari Nordmann", "Ola Nordmann"].into_iter().zip(&officers).map(|(name, key)| {
                Enrolment {
                    name: name.parse().expect("a name"),
                    key: key.public_key(),
                    roles: Role::ALL.into(),
                    from: "2026-01-01".parse().expect("a date"),
                    until: "2036-01-01".parse().expect("a date"),
                }
            });
        let now: NumericDate = "2026-11-20T10:00:00Z".parse().expect("an instant");
        let roots = [1, 2].map(|_| new_key_pair(&mut rng));
        let iss: vernet_common::HttpsUrl =
            "https://perfusionist.example.no".parse().expect("a URL");
        let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
        let anchor = TrustAnchor { iss: iss.clone(), roots: public, seq: 1 };
        let config = OfficeConfig::new(iss, "https://verify.example.no/v".parse().expect("a URL"));
        let path = folder.path().join("office");
        let founders = (founders.collect(), &officers[0] as &dyn Signer);
        let office =
            Office::create(&path, &config, &OfficeData::sample(), &anchor, founders, now, &mut rng);
        let mut office = office.expect("a new office");
        for r#use in [KeyUse::Certificate, KeyUse::Status] {
            let end = now.plus_seconds(86_400 * 1000);
            office
                .add_key(r#use, end, &passphrase, (&officers[0], now), &mut rng)
                .expect("a new key");
        }
        let mut list = office.draft_trust_list(None, now).expect("a draft");
        roots.iter().for_each(|root| list.add_signature(root).expect("a root can sign"));
        office.accept_trust_list(&list, &officers[0], now).expect("two roots signed");
        Self { _folder: folder, office, officers, passphrase, rng, now }
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
        let granted = self.settle(Proposal::to_grant(application))?;
        Ok(granted.event.issued().expect("a certificate").0.certificate_number)
    }

    /// Decides something that was decided on a day and counts from it on.
    pub(crate) fn decide(&mut self, on: &str, event: Event) -> u64 {
        let day = Some(on.parse().expect("a date"));
        let proposal = Proposal { decided_on: day, effective_on: day, ..Proposal::of(event) };
        self.settle(proposal).expect("a lawful decision").seq
    }

    /// Two officers: one proposes, the other approves.
    fn settle(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        self.now = self.now.plus_seconds(1);
        let seq = self.office.propose(proposal, &[], &self.officers[0], self.now)?.seq;
        self.office.approve(
            seq,
            Some(&self.passphrase),
            (&self.officers[1], self.now),
            &mut self.rng,
        )
    }

    pub(crate) fn let_out(&self, number: CertificateNumber) -> LetOut {
        self.office.let_out(number, self.now).expect("the certificate is in force")
    }

    pub(crate) fn status(&self, number: CertificateNumber) -> Result<ProfessionalStatus, Error> {
        self.office.professional_status(number, &self.passphrase, self.now)
    }

    pub(crate) fn reissue(&mut self, number: CertificateNumber) -> CertificateNumber {
        let reissued = self
            .settle(Proposal::to_reissue(number, ReissueReason::LostPrint, None))
            .expect("a new print");
        reissued.event.issued().expect("a certificate").0.certificate_number
    }
}
