//! An office that prints letters, at fixed times and from a fixed seed.

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use tempfile::TempDir;
use vernet_common::{CertificateNumber, KeyUse, SecretKey};
use vernet_issuer::{Error, ProfessionalStatus, Release, new_key_pair};
use vernet_register::{Application, Event, Proposal, ReissueReason, Statement};
use vernet_tests::founded::{FoundedOffice, Founding};

/// Two names of the greatest length in the population register, 80 bytes each.
pub(crate) const LONG_NAMES: (&str, &str) = (
    "Sigríður Þórdís Guðrún Ragnheiður Aðalheiður Hallgerður Kristín Ásdís Brá Ósk",
    "Ævarsdóttir-Wojciechowska-Kjærstad-Østlyngen-Bråthen-Lundsgård-Þorvaldsdóttir",
);

pub(crate) struct PrintingOffice {
    _folder: TempDir,
    pub(crate) founded: FoundedOffice,
}

impl PrintingOffice {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let roots = [(); 2].map(|()| new_key_pair(&mut rng));
        let founding = Founding {
            officers: [1, 2].map(|n| SecretKey::from_seed(&[n; 32])),
            roots: roots.into(),
            signatures: 2,
            // It never publishes.
            keys: &[KeyUse::Certificate, KeyUse::Status],
            rng,
            ..Founding::at("2026-11-20T10:00:00Z", 9)
        };
        let founded = founding.found(&folder.path().join("office")).expect("a new office");
        Self { _folder: folder, founded }
    }

    /// Grants the usual authorisation, except for the given members.
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

    /// Records a decision that was made on this day and takes effect on it.
    pub(crate) fn decide(&mut self, on: &str, event: Event) -> u64 {
        let day = Some(on.parse().expect("a date"));
        let proposal = Proposal { decided_on: day, effective_on: day, ..Proposal::of(event) };
        self.settle(proposal).expect("a lawful decision").seq
    }

    fn settle(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        self.founded.now = self.founded.now.plus_seconds(1);
        self.founded.settle(proposal)
    }

    pub(crate) fn release(&self, number: CertificateNumber) -> Release {
        self.founded.office.release(number, self.founded.now).expect("the certificate is in force")
    }

    pub(crate) fn status(&self, number: CertificateNumber) -> Result<ProfessionalStatus, Error> {
        let FoundedOffice { office, passphrase, now, .. } = &self.founded;
        office.professional_status(number, passphrase, *now)
    }

    pub(crate) fn reissue(&mut self, number: CertificateNumber) -> CertificateNumber {
        let reissued = self
            .settle(Proposal::to_reissue(number, ReissueReason::LostPrint, None))
            .expect("a new print");
        reissued.event.issued().expect("a certificate").0.certificate_number
    }
}
