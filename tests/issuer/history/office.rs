//! An office that lives through the table: events at fixed times, from a fixed seed.

use std::{collections::BTreeMap, path::PathBuf};

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use tempfile::TempDir;
use vernet_common::{
    Bundle, CertificateNumber, CivilDate, KeyUse, NumericDate, Roots, SecretKey, SignedHistory,
    Signer, TrustAnchor,
};
use vernet_issuer::{Error, MadeHistory, Office, OfficeConfig, Passphrase};
use vernet_register::{
    Application, Enrolment, Event, Names, OfficeData, Proposal, ReissueReason, Role, Statement,
};
use vernet_verifier::{Knowledge, Memory, Policy};

pub(crate) struct LivingOffice {
    pub(crate) folder: TempDir,
    pub(crate) office: Office,
    pub(crate) officers: [SecretKey; 2],
    roots: [SecretKey; 2],
    pub(crate) passphrase: Passphrase,
    rng: ChaCha20Rng,
    pub(crate) now: NumericDate,
    /// When the newest trust list was made.
    trusted: NumericDate,
    /// Each person's certificates, in order.
    pub(crate) people: BTreeMap<String, Vec<CertificateNumber>>,
    /// The number of each person's last decision that can be reversed.
    decisions: BTreeMap<String, u64>,
}

const DAY: i64 = 86_400;

pub(crate) fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

impl LivingOffice {
    pub(crate) fn founded(at: &str) -> Self {
        let now: NumericDate = at.parse().expect("an instant");
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let mut rng = ChaCha20Rng::from_seed([22; 32]);
        let passphrase =
            Passphrase::from_prompt("nothing here is secret".to_owned()).expect("a passphrase");
        let [kari, ola] = [1, 2].map(|n| SecretKey::from_seed(&[n; 32]));
        let founder = |name: &str, key: &SecretKey| Enrolment {
            name: name.parse().expect("a name"),
            key: key.public_key(),
            roles: Role::ALL.into(),
            from: day("2001-01-01"),
            until: day("2101-01-01"),
        };
        let founders = vec![founder("Kari Nordmann", &kari), founder("Ola Nordmann", &ola)];
        let roots = [11, 12].map(|n| SecretKey::from_seed(&[n; 32]));
        let iss: vernet_common::HttpsUrl =
            "https://perfusionist.example.no".parse().expect("a URL");
        let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
        let anchor = TrustAnchor { iss: iss.clone(), roots: public, seq: 1 };
        let config = OfficeConfig::new(iss, "https://verify.example.no/v".parse().expect("a URL"));
        let path = folder.path().join("office");
        let by = (founders, &kari as &dyn Signer);
        let mut office =
            Office::create(&path, &config, &OfficeData::sample(), &anchor, by, now, &mut rng)
                .expect("a new office");
        for r#use in [KeyUse::Certificate, KeyUse::Status, KeyUse::Log] {
            let end = now.plus_seconds(40 * 365 * DAY);
            office.add_key(r#use, end, &passphrase, (&kari, now), &mut rng).expect("a new key");
        }
        let (people, decisions, officers) = (BTreeMap::new(), BTreeMap::new(), [kari, ola]);
        let mut living = Self {
            folder,
            office,
            officers,
            roots,
            passphrase,
            rng,
            now,
            trusted: now,
            people,
            decisions,
        };
        living.renew_trust_list();
        living
    }

    pub(crate) fn at(&mut self, instant: &str) -> &mut Self {
        self.now = instant.parse().expect("an instant");
        if self.now.seconds_since(self.trusted) > 80 * DAY {
            self.renew_trust_list();
        }
        self
    }

    pub(crate) fn renew_trust_list(&mut self) {
        let mut list = self.office.draft_trust_list(None, self.now).expect("a draft");
        self.roots.iter().for_each(|root| list.add_signature(root).expect("a root can sign"));
        self.office
            .accept_trust_list(&list, &self.officers[0], self.now)
            .expect("two roots signed");
        self.trusted = self.now;
    }

    /// One line of the table, without its first word.
    pub(crate) fn live(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("too short: {line}"));
        let (instant, person, what) = (word(), word(), word());
        let settings: BTreeMap<&str, &str> = words
            .map(|word| word.split_once('=').unwrap_or_else(|| panic!("no `=`: {line}")))
            .collect();
        self.at(instant);
        let date = |name: &str| settings.get(name).map(|text| day(text));
        let until = || date("until").unwrap_or_else(|| panic!("no `until`: {line}"));
        let newest = self.people.get(person).and_then(|all| all.last()).copied();
        let certificate = || newest.unwrap_or_else(|| panic!("nobody yet: {line}"));
        let event = match what {
            "grant" | "grant_again" => {
                let previous = (what == "grant_again").then(certificate);
                let proposal = Proposal::to_grant(self.application(&settings, previous));
                return self.issue(person, proposal);
            }
            "reissue" => {
                let (reason, names) = match settings["because"] {
                    "appeal" => (ReissueReason::Appeal, None),
                    "name_change" => (
                        ReissueReason::NameChange,
                        Some(Names::parse("Åse", "Nilsen").expect("names")),
                    ),
                    "lost_print" => (ReissueReason::LostPrint, None),
                    other => panic!("no reason `{other}`: {line}"),
                };
                return self.issue(person, Proposal::to_reissue(certificate(), reason, names));
            }
            "suspend" => Event::Suspended {
                certificate: certificate(),
                until: until(),
                unapproved_until: None,
            },
            "extend" => Event::Extended { certificate: certificate(), until: until() },
            "lift" => Event::Lifted { certificate: certificate() },
            "limit" => Event::Limited {
                certificate: certificate(),
                reference: "2013/117".to_owned(),
                until: date("until"),
            },
            "lift_limitation" => Event::LimitationLifted { certificate: certificate() },
            "revoke" => Event::Revoked { certificate: certificate(), gravest: false },
            "waive" => Event::Waived { certificate: certificate(), during_supervision: false },
            "annul" => Event::Annulled { certificate: certificate() },
            "die" => Event::Deceased { certificate: certificate() },
            "reverse" => {
                Event::Reversed { certificate: certificate(), decision: self.decisions[person] }
            }
            "merge" => {
                let number = |person: &str| {
                    let certificate =
                        self.office.register().state().certificate(self.people[person][0]);
                    certificate.expect("a certificate").claims.hpr_number
                };
                Event::Merged { from: number(person), into: number(settings["into"]) }
            }
            other => panic!("no event `{other}`: {line}"),
        };
        let (decided_on, effective_on) = (date("decided"), date("from"));
        let done = self.settle(Proposal { decided_on, effective_on, ..Proposal::of(event) });
        let done = done.unwrap_or_else(|error| panic!("{error}: {line}"));
        self.decisions.insert(person.to_owned(), done.seq);
    }

    fn application(
        &self,
        settings: &BTreeMap<&str, &str>,
        previous: Option<CertificateNumber>,
    ) -> Application {
        let today = self.now.civil_date();
        let mut application = json!({
            "given_name": "Åse",
            "family_name": "Kjærstad",
            "birthdate": settings["born"],
            "hpr_number": settings["hpr"],
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2001-06-11" },
            "decided": today,
            "granted": today,
        });
        if let Some(previous) = previous {
            application["basis"] = json!("new_authorisation");
            application["previous_certificate"] = json!(previous);
            application.as_object_mut().expect("an object").remove("exam");
        }
        Application::from_json(application.to_string().as_bytes()).expect("an application")
    }

    fn issue(&mut self, person: &str, proposal: Proposal) {
        let issued = self.settle(proposal).unwrap_or_else(|error| panic!("{person}: {error}"));
        let number = issued.event.issued().expect("a certificate").0.certificate_number;
        self.people.entry(person.to_owned()).or_default().push(number);
    }

    /// Two officers: one proposes, the other one approves.
    pub(crate) fn settle(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        let seq = self.office.propose(proposal, &[], &self.officers[0], self.now)?.seq;
        self.office.approve(
            seq,
            Some(&self.passphrase),
            (&self.officers[1], self.now),
            &mut self.rng,
        )
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn make_history(
        &mut self,
        of: &[CertificateNumber],
        name: &str,
    ) -> Result<MadeHistory, Error> {
        let (out, by) = (self.path(name), (&self.officers[0] as &dyn Signer, self.now));
        self.office.write_history(of, &out, &self.passphrase, by, &mut |_, _| {})
    }

    pub(crate) fn read_history(&self, name: &str) -> SignedHistory {
        SignedHistory::from_bytes(std::fs::read(self.path(name)).expect("it was written"))
            .expect("an envelope")
    }

    pub(crate) fn publish(&mut self) {
        let (out, by) = (self.path("publication"), (&self.officers[0] as &dyn Signer, self.now));
        self.office.publish(&out, &self.passphrase, by, &mut |_, _| {}).expect("a publication");
    }

    /// What a hospital knows that has pinned the roots and fetched the last publication.
    pub(crate) fn knowledge(&self) -> Knowledge {
        let json = std::fs::read(self.path("publication/bundle.json")).expect("it was published");
        let bundle = Bundle::from_json(&json).expect("a bundle");
        let mut memory = Memory::new(&self.office.anchor().expect("the anchor"));
        Knowledge::learn(&bundle, &mut memory, &Policy::default(), self.now)
            .expect("the office's own")
    }

    pub(crate) fn jws(&self, number: CertificateNumber) -> String {
        self.office.register().state().certificate(number).expect("a certificate").jws.to_owned()
    }
}
