//! Several people with certificates of one office. The roster tests get all their certificates from
//! here.

use vernet_common::{
    Algorithm, CertificateClaims, CertificateNumber, CivilDate, HprNumber, Signed, Status,
    StatusIndex,
};

use crate::office::{CERTIFICATE_KEY, Office, issue, key};

/// A person with a certificate. The number distinguishes people, certificates and slots of the
/// status list.
#[derive(Clone)]
pub struct Person {
    pub claims: CertificateClaims,
}

pub fn person(office: &Office, number: u32, given_name: &str, family_name: &str) -> Person {
    let mut claims = office.certificate.clone();
    claims.certificate_number =
        CertificateNumber::new(claims.certificate_number.prefix(), 2026, number).expect("a number");
    claims.given_name = given_name.parse().expect("a name");
    claims.family_name = family_name.parse().expect("a name");
    claims.hpr_number = HprNumber::new(9_000_000 + number).expect("a number");
    claims.status.status_list.idx = StatusIndex::new(number).expect("inside");
    Person { claims }
}

impl Person {
    /// The same person's next certificate.
    pub fn reissued(&self, number: u32) -> Self {
        let mut again = self.clone();
        let prefix = again.claims.certificate_number.prefix();
        again.claims.certificate_number =
            CertificateNumber::new(prefix, 2026, number).expect("a number");
        again.claims.status.status_list.idx = StatusIndex::new(number).expect("inside");
        again
    }

    pub fn expiring(mut self, on: &str) -> Self {
        self.claims.exp = on.parse::<CivilDate>().expect("a date").start();
        self
    }

    pub fn has_status(&self, office: &mut Office, status: Status) {
        office.statuses.insert(self.claims.status.status_list.idx.index(), status);
    }

    pub fn text(&self) -> String {
        self.signed_by(CERTIFICATE_KEY)
    }

    pub fn signed_by(&self, seed: u8) -> String {
        let signer = key(seed);
        let signed = Signed::sign(&self.claims, Algorithm::EdDsa, &signer).expect("signs");
        if seed == CERTIFICATE_KEY {
            issue(signed.as_str());
        }
        format!("{}~", signed.as_str())
    }
}
