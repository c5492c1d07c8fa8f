//! An office of the issuer's library, founded from fixed seeds and ready for use: two officers, who
//! decide together, keys, and a trust list.

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use vernet_common::{
    CivilDate, HttpsUrl, KeyUse, NumericDate, Roots, SecretKey, Signer, TrustAnchor, TrustList,
};
use vernet_issuer::{Error, Office, OfficeConfig, Passphrase};
use vernet_register::{
    Enrolment, Founders, OfficeData, OfficerSigner, Proposal, ProtectedTitle, Role, Statement,
};

pub const ISS: &str = "https://perfusionist.example.no";
/// The verification page of its certificates.
pub const PAGE: &str = "https://verify.example.no/v";

/// The office in words. The numbers are of a range that Ofcom keeps free for films and examples.
const OFFICE: &str = r#"{
    "name": { "nb": "Eksempeldirektoratet", "en": "Example Directorate of Health" },
    "contacts": [
        {
            "phone": "+441632960001",
            "when": { "nb": "mandag til fredag 8–16", "en": "Monday to Friday, 8 to 16" }
        },
        {
            "phone": "+441632960002",
            "when": { "nb": "hele døgnet, alle dager", "en": "day and night, every day" },
            "always": true
        }
    ]
}"#;

/// Two officers who may do everything, Kari and Ola, in office between two days.
///
/// # Errors
/// If `from` or `until` is not a date.
pub fn founders(
    officers: &[SecretKey; 2],
    (from, until): (&str, &str),
) -> Result<Vec<Enrolment>, vernet_common::Error> {
    let (from, until): (CivilDate, CivilDate) = (from.parse()?, until.parse()?);
    let founder = |(name, key): (&str, &SecretKey)| {
        Ok(Enrolment {
            name: name.parse().expect("it is a name"),
            key: key.public_key().into(),
            roles: Role::ALL.into(),
            from,
            until,
        })
    };
    ["Kari Nordmann", "Ola Nordmann"].into_iter().zip(officers).map(founder).collect()
}

/// What an office is founded with.
pub struct Founding<'a> {
    pub iss: &'a str,
    /// The titles that it certifies; that of perfusionists if there are none.
    pub titles: Vec<ProtectedTitle>,
    pub now: NumericDate,
    /// Both sign decisions for as long as the office exists; Kari founds it.
    pub officers: [SecretKey; 2],
    /// The officers' first and last day, as text.
    pub in_office: (&'a str, &'a str),
    /// The root keys, which hospitals pin. Two signatures are needed.
    pub roots: Vec<SecretKey>,
    /// How many of them sign its trust lists: the first ones.
    pub signatures: usize,
    pub keys: &'a [KeyUse],
    /// When the keys end.
    pub keys_end: NumericDate,
    pub passphrase: Passphrase,
    pub rng: ChaCha20Rng,
}

impl Founding<'_> {
    /// Derives everything from one seed: three roots that all sign, and keys for a thousand days.
    pub fn at(now: &str, seed: u8) -> Self {
        let now: NumericDate = now.parse().expect("an instant");
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let officers = [(); 2].map(|()| vernet_issuer::new_key_pair(&mut rng));
        let roots = [(); 3].map(|()| vernet_issuer::new_key_pair(&mut rng));
        Self {
            iss: ISS,
            titles: Vec::new(),
            now,
            officers,
            in_office: ("2026-01-01", "2036-01-01"),
            roots: roots.into(),
            signatures: 3,
            keys: &[KeyUse::Certificate, KeyUse::Status, KeyUse::Log],
            keys_end: now.plus_seconds(86_400 * 1000),
            passphrase: Passphrase::from_prompt("tests need no secrets".to_owned())
                .expect("a passphrase"),
            rng,
        }
    }

    /// Founds the office in a new folder.
    ///
    /// # Errors
    /// If a folder or file cannot be created, or if a rule forbids a step, for instance because the
    /// officers are not in office now.
    pub fn found(self, folder: &Path) -> Result<FoundedOffice, Error> {
        let Self { now, officers, titles, keys, keys_end, passphrase, mut rng, .. } = self;
        let iss: HttpsUrl = self.iss.parse()?;
        let root_keys = self.roots.iter().map(Signer::public_key).collect();
        let roots = Roots { keys: root_keys, threshold: 2 };
        let anchor = TrustAnchor { iss: iss.clone(), roots, seq: 1 };
        let office = Some(serde_json::from_str(OFFICE).expect("a constant"));
        let config = OfficeConfig { office, ..OfficeConfig::new(iss, PAGE.parse()?) };
        let founders =
            Founders { officers: founders(&officers, self.in_office)?, titles, roots: None };
        let by = (founders, &officers[0] as &dyn OfficerSigner);
        let mut office =
            Office::create(folder, &config, &OfficeData::sample(), &anchor, by, now, &mut rng)?;
        for r#use in keys {
            office.add_key(*r#use, keys_end, &passphrase, (&officers[0], now), &mut rng)?;
        }
        let mut founded = FoundedOffice {
            office,
            officers,
            roots: self.roots,
            signatures: self.signatures,
            passphrase,
            rng,
            now,
        };
        founded.renew_trust_list()?;
        Ok(founded)
    }
}

/// The office at the time [`FoundedOffice::now`].
pub struct FoundedOffice {
    pub office: Office,
    pub officers: [SecretKey; 2],
    pub roots: Vec<SecretKey>,
    signatures: usize,
    pub passphrase: Passphrase,
    pub rng: ChaCha20Rng,
    pub now: NumericDate,
}

impl FoundedOffice {
    /// Drafts the next trust list, has the roots sign it, and puts it into force.
    ///
    /// # Errors
    /// If the list cannot be drafted now, if too few roots sign it, or if it cannot be stored.
    pub fn renew_trust_list(&mut self) -> Result<TrustList, Error> {
        let mut list = self.office.draft_trust_list(None, self.now)?;
        self.roots.iter().take(self.signatures).try_for_each(|root| list.add_signature(root))?;
        self.office.accept_trust_list(&list, &self.officers[0], self.now)
    }

    /// Lets Kari propose and Ola approve.
    ///
    /// # Errors
    /// If a rule forbids the proposal or its approval, or if it cannot be recorded.
    pub fn settle(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        let [kari, ola] = &self.officers;
        let seq = self.office.propose(proposal, &[], kari, self.now)?.seq;
        self.office.approve(seq, Some(&self.passphrase), (ola, self.now), &mut self.rng)
    }
}
