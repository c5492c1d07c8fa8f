//! An office that goes through the table: events at fixed times, from a fixed seed.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::json;
use tempfile::TempDir;
use vernet_common::{Bundle, CertificateNumber, CivilDate, NumericDate, SecretKey, SignedHistory};
use vernet_issuer::{Error, MadeHistory};
use vernet_register::{Application, Event, Names, Proposal, ReissueReason};
use vernet_tests::founded::{FoundedOffice, Founding};
use vernet_verifier::{Knowledge, Memory, Policy};

pub(crate) struct LivingOffice {
    pub(crate) folder: TempDir,
    pub(crate) founded: FoundedOffice,
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
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let founding = Founding::at(at, 22);
        let founding = Founding {
            officers: [1, 2].map(|n| SecretKey::from_seed(&[n; 32])),
            in_office: ("2001-01-01", "2101-01-01"),
            roots: [11, 12].map(|n| SecretKey::from_seed(&[n; 32])).into(),
            signatures: 2,
            keys_end: founding.now.plus_seconds(40 * 365 * DAY),
            ..founding
        };
        let founded = founding.found(&folder.path().join("office")).expect("a new office");
        let (people, decisions) = (BTreeMap::new(), BTreeMap::new());
        Self { folder, trusted: founded.now, founded, people, decisions }
    }

    pub(crate) fn at(&mut self, instant: &str) -> &mut Self {
        self.founded.now = instant.parse().expect("an instant");
        if self.founded.now.seconds_since(self.trusted) > 80 * DAY {
            self.renew_trust_list();
        }
        self
    }

    pub(crate) fn renew_trust_list(&mut self) {
        self.founded.renew_trust_list().expect("two roots signed");
        self.trusted = self.founded.now;
    }

    /// Carries out one line of the table, without its first word.
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
            "suspend" => Event::suspended(certificate(), until()),
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
            "reverse" => Event::Reversed {
                certificate: certificate(),
                decision: self.decisions[person],
                instead: None,
            },
            "merge" => {
                let number = |person: &str| {
                    let certificate =
                        self.founded.office.register().state().certificate(self.people[person][0]);
                    certificate.expect("a certificate").claims.hpr_number
                };
                Event::Merged { from: number(person), into: number(settings["into"]) }
            }
            other => panic!("no event `{other}`: {line}"),
        };
        let (decided_on, effective_on) = (date("decided"), date("from"));
        let done =
            self.founded.settle(Proposal { decided_on, effective_on, ..Proposal::of(event) });
        let done = done.unwrap_or_else(|error| panic!("{error}: {line}"));
        self.decisions.insert(person.to_owned(), done.seq);
    }

    fn application(
        &self,
        settings: &BTreeMap<&str, &str>,
        previous: Option<CertificateNumber>,
    ) -> Application {
        let today = self.founded.now.civil_date();
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
        let issued =
            self.founded.settle(proposal).unwrap_or_else(|error| panic!("{person}: {error}"));
        let number = issued.event.issued().expect("a certificate").0.certificate_number;
        self.people.entry(person.to_owned()).or_default().push(number);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn make_history(
        &mut self,
        of: &[CertificateNumber],
        name: &str,
    ) -> Result<MadeHistory, Error> {
        let (out, by) = (
            self.path(name),
            (&self.founded.officers[0] as &dyn vernet_register::OfficerSigner, self.founded.now),
        );
        self.founded.office.write_history(
            of,
            (&out, Some("A hospital")),
            &self.founded.passphrase,
            by,
            &mut |_, _| {},
        )
    }

    pub(crate) fn read_history(&self, name: &str) -> SignedHistory {
        SignedHistory::from_bytes(std::fs::read(self.path(name)).expect("it was written"))
            .expect("an envelope")
    }

    pub(crate) fn publish(&mut self) {
        let (out, by) = (
            self.path("publication"),
            (&self.founded.officers[0] as &dyn vernet_register::OfficerSigner, self.founded.now),
        );
        self.founded
            .office
            .publish(&out, &self.founded.passphrase, by, &mut |_, _| {})
            .expect("a publication");
    }

    /// The knowledge of a hospital that has pinned the roots and fetched the last publication.
    pub(crate) fn knowledge(&self) -> Knowledge {
        let json = std::fs::read(self.path("publication/bundle.json")).expect("it was published");
        let bundle = Bundle::from_json(&json).expect("a bundle");
        let mut memory = Memory::new(&self.founded.office.anchor().expect("the anchor"));
        Knowledge::learn(&bundle, &mut memory, &Policy::default(), self.founded.now)
            .expect("the office's own")
    }

    pub(crate) fn jws(&self, number: CertificateNumber) -> String {
        self.founded
            .office
            .register()
            .state()
            .certificate(number)
            .expect("a certificate")
            .jws
            .to_owned()
    }
}
