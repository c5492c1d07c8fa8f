//! An office from its founding on, at fixed times.

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use tempfile::TempDir;
use vernet_common::{
    CertificateNumber, CivilDate, KeyUse, NumericDate, Roots, SecretKey, Signer, TrustAnchor,
};
use vernet_host::{KeyFile, Passphrase};
use vernet_register::{
    Application, Digest, Enrolment, Event, OfficeData, OfficerSigner, Proposal, ReissueReason,
    Role, Statement,
};
use vernet_verifier::Code;

use super::{KeyState, Office, OfficeConfig};
use crate::error::Error;

const ISS: &str = "https://perfusionist.example.no";
const DAY: i64 = 86_400;

pub(super) struct House {
    pub(super) folder: TempDir,
    pub(super) office: Office,
    roots: [SecretKey; 3],
    pub(super) officer: SecretKey,
    pub(super) second: SecretKey,
    pub(super) passphrase: Passphrase,
    rng: ChaCha20Rng,
    pub(super) now: NumericDate,
}

fn anchor(roots: &[SecretKey]) -> TrustAnchor {
    let keys = roots.iter().map(Signer::public_key).collect();
    TrustAnchor { iss: ISS.parse().expect("a URL"), roots: Roots { keys, threshold: 2 }, seq: 1 }
}

fn founders(kari: &SecretKey, ola: &SecretKey) -> Vec<Enrolment> {
    let founder = |name: &str, key: &SecretKey| Enrolment {
        name: name.parse().expect("a name"),
        key: key.public_key().into(),
        roles: Role::ALL.into(),
        from: "2026-11-22".parse().expect("a day"),
        until: "2036-11-22".parse().expect("a day"),
    };
    vec![founder("Kari Nordmann", kari), founder("Ola Nordmann", ola)]
}

impl House {
    /// An office without keys and without a trust list.
    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let roots = [1, 2, 3].map(|n| SecretKey::from_seed(&[n; 32]));
        let (officer, second) = (SecretKey::from_seed(&[21; 32]), SecretKey::from_seed(&[22; 32]));
        let now = "2026-11-22T10:00:00Z".parse().expect("an instant");
        let config = OfficeConfig::new(
            ISS.parse().expect("a URL"),
            "https://verify.example.no/v".parse().expect("a URL"),
        );
        let path = folder.path().join("office");
        let office = Office::create(
            &path,
            &config,
            &OfficeData::sample(),
            &anchor(&roots),
            (founders(&officer, &second), &officer),
            now,
            &mut rng,
        );
        let passphrase =
            Passphrase::from_prompt("correct horse battery".to_owned()).expect("a passphrase");
        Self {
            folder,
            office: office.expect("a new office"),
            roots,
            officer,
            second,
            passphrase,
            rng,
            now,
        }
    }

    /// An office that can grant and publish.
    pub(super) fn founded() -> Self {
        let mut house = Self::empty();
        house.add_key(KeyUse::Certificate);
        house.add_key(KeyUse::Status);
        house.add_key(KeyUse::Log);
        house.new_trust_list(&[0, 2]).expect("two roots signed");
        house
    }

    pub(super) fn add_key(&mut self, r#use: KeyUse) -> vernet_common::KeyId {
        let end = self.now.plus_seconds(1000 * DAY);
        let made = self.office.add_key(
            r#use,
            end,
            &self.passphrase,
            (&self.officer, self.now),
            &mut self.rng,
        );
        made.expect("a new key").public.kid()
    }

    pub(super) fn new_trust_list(
        &mut self,
        roots: &[usize],
    ) -> Result<vernet_common::TrustList, Error> {
        let mut list = self.office.draft_trust_list(None, self.now)?;
        roots.iter().try_for_each(|root| list.add_signature(&self.roots[*root]))?;
        self.office.accept_trust_list(&list, &self.officer, self.now)
    }

    /// The same, with a draft that was changed on the way.
    pub(super) fn sign_and_accept(
        &mut self,
        draft: vernet_common::SignedTrustList,
        change: impl FnOnce(&mut vernet_common::TrustList),
    ) -> Result<vernet_common::TrustList, Error> {
        let mut claims = draft.unverified_claims()?;
        change(&mut claims);
        let mut list = vernet_common::SignedTrustList::unsigned(&claims)?;
        self.roots[..2].iter().try_for_each(|root| list.add_signature(root))?;
        self.office.accept_trust_list(&list, &self.officer, self.now)
    }

    pub(super) fn grant(&mut self, hpr_number: &str) -> Result<CertificateNumber, Error> {
        let hpr_number = hpr_number.parse().expect("a number");
        let application = Application {
            hpr_number,
            ..graduate("norwegian_exam", "A made-up school of perfusion")
        };
        self.both(Proposal::to_grant(application)).map(|statement| number(&statement))
    }

    /// A grant from a day on to somebody who was born on another.
    pub(super) fn grant_from(
        &mut self,
        granted: CivilDate,
        hpr_number: &str,
        birthdate: CivilDate,
    ) -> Result<CertificateNumber, Error> {
        let hpr_number = hpr_number.parse().expect("a number");
        let graduate = graduate("norwegian_exam", "A made-up school of perfusion");
        let application =
            Application { hpr_number, birthdate, decided: granted, granted, ..graduate };
        self.both(Proposal::to_grant(application)).map(|statement| number(&statement))
    }

    /// One officer proposes, the other one approves.
    pub(super) fn both(&mut self, proposal: Proposal) -> Result<Statement, Error> {
        let seq = self.office.propose(proposal, &[], &self.officer, self.now)?.seq;
        self.office.approve(seq, Some(&self.passphrase), (&self.second, self.now), &mut self.rng)
    }

    pub(super) fn publish(&mut self) -> Result<super::Published, Error> {
        let out = self.folder.path().join("publication");
        self.office.publish(&out, &self.passphrase, (&self.officer, self.now), &mut |_, _| {})
    }

    /// The office as it is now, in another folder: yesterday's backup.
    pub(super) fn backup(&self) -> Office {
        let (from, to) = (self.folder.path().join("office"), self.folder.path().join("backup"));
        for folder in ["", "keys", "trust-list"] {
            std::fs::create_dir(to.join(folder)).expect("a new folder");
            for entry in std::fs::read_dir(from.join(folder))
                .expect("a folder")
                .map(|entry| entry.expect("an entry"))
            {
                if entry.path().is_file()
                    && !entry.file_name().to_string_lossy().starts_with("register")
                {
                    std::fs::copy(entry.path(), to.join(folder).join(entry.file_name()))
                        .expect("a copy");
                }
            }
        }
        let register =
            rusqlite::Connection::open(from.join("register.sqlite")).expect("the register");
        let copy = to.join("register.sqlite");
        register.execute("VACUUM INTO ?1", [copy.to_str().expect("a path")]).expect("a copy");
        Office::open(&to).expect("an office")
    }

    pub(super) fn record(&mut self, event: Event) {
        self.both(Proposal::of(event)).expect("a lawful decision");
    }
}

/// Somebody who passed the exam of a school.
pub(super) fn graduate(basis: &str, school: &str) -> Application {
    let application = json!({
        "given_name": "Åse",
        "family_name": "Østby",
        "birthdate": "1984-05-17",
        "hpr_number": "9144889",
        "kind": "authorisation",
        "basis": basis,
        "exam": { "school": school, "date": "2010-06-11" },
        "decided": "2026-11-20",
        "granted": "2026-11-20",
    });
    Application::from_json(application.to_string().as_bytes()).expect("an application")
}

pub(super) fn number(statement: &Statement) -> CertificateNumber {
    statement.event.issued().expect("a certificate").0.certificate_number
}

pub(super) fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.expect_err("an error").code()
}

#[test]
fn an_office_is_founded_with_its_own_roots_and_only_once() {
    let mut house = House::empty();
    let (config, data) = (house.office.config().clone(), OfficeData::sample());
    let mut create = |name: &str, anchor: &TrustAnchor| {
        let path = house.folder.path().join(name);
        let founders =
            (founders(&house.officer, &house.second), &house.officer as &dyn OfficerSigner);
        Office::create(&path, &config, &data, anchor, founders, house.now, &mut house.rng)
    };
    assert_eq!(code(create("office", &anchor(&house.roots))), "file_exists");
    let mut other = anchor(&house.roots);
    other.iss = "https://other.example.no".parse().expect("a URL");
    assert_eq!(code(create("second", &other)), "roots_of_another");
    assert!(create("second", &anchor(&house.roots)).is_ok());
    assert_eq!(code(Office::open(&house.folder.path().join("third"))), "no_office");
}

#[test]
fn settings_that_verifiers_would_refuse_are_refused_first() {
    let house = House::empty();
    let file = house.folder.path().join("office/office.json");
    let good = std::fs::read_to_string(&file).expect("the settings");
    for (from, to) in [
        ("\"trust_list_days\": 90", "\"trust_list_days\": 101"),
        ("\"trust_list_days\": 90", "\"trust_list_days\": 0"),
        ("\"status_list_hours\": 72", "\"status_list_hours\": 337"),
        ("\"status_list_ttl_s\": 3600", "\"status_list_ttl_s\": 259201"),
        ("\"proposal_days\": 30", "\"proposal_days\": 0"),
        ("\"emergency_days\": 7", "\"emergency_days\": 0"),
        ("\"emergency_days\": 7", "\"emergency_days\": 32"),
    ] {
        let bent = good.replace(from, to);
        assert_ne!(bent, good, "{from}");
        std::fs::write(&file, bent).expect("written");
        assert_eq!(
            code(Office::open(&house.folder.path().join("office"))),
            "field_invalid",
            "{to}"
        );
    }
    std::fs::write(&file, good.replace('{', "{\"surprise\": 1,")).expect("written");
    assert_eq!(code(Office::open(&house.folder.path().join("office"))), "not_json");
}

#[test]
fn nothing_is_signed_without_a_trust_list_that_knows_the_key() {
    let mut house = House::empty();
    house.add_key(KeyUse::Certificate);
    assert_eq!(code(house.grant("9144889")), "no_trust_list");
    assert_eq!(code(house.publish()), "no_trust_list");
    house.new_trust_list(&[0, 1]).expect("two roots signed");
    assert!(house.grant("9144889").is_ok());
    assert_eq!(code(house.publish()), "no_key", "there is no status key");
    house.add_key(KeyUse::Status);
    assert_eq!(code(house.publish()), "no_key", "it is in no trust list yet");
    house.new_trust_list(&[1, 2]).expect("two roots signed");
    assert_eq!(code(house.publish()), "no_key", "there is no log key");
    house.add_key(KeyUse::Log);
    house.new_trust_list(&[0, 2]).expect("two roots signed");
    assert!(house.publish().is_ok());
}

#[test]
fn a_trust_list_takes_two_roots_and_its_turn() {
    let mut house = House::founded();
    assert_eq!(code(house.new_trust_list(&[1])), "threshold_not_reached");
    let mut early = house.office.draft_trust_list(None, house.now).expect("a draft");
    house.new_trust_list(&[0, 1]).expect("two roots signed");
    house.roots[..2].iter().try_for_each(|root| early.add_signature(root)).expect("signs");
    assert_eq!(
        code(house.office.accept_trust_list(&early, &house.officer, house.now)),
        "trust_list_sequence"
    );
    let before = house.now.plus_seconds(-1);
    assert_eq!(code(house.office.draft_trust_list(None, before)), "clock_behind");
}

#[test]
fn new_roots_are_taken_over_and_the_old_ones_sign_no_more() {
    let mut house = House::founded();
    let new = [11, 12, 13].map(|n| SecretKey::from_seed(&[n; 32]));
    let mut list =
        house.office.draft_trust_list(Some(anchor(&new).roots), house.now).expect("a draft");
    [&house.roots[0], &house.roots[1], &new[0], &new[2]]
        .iter()
        .try_for_each(|root| list.add_signature(*root))
        .expect("signs");
    house
        .office
        .accept_trust_list(&list, &house.officer, house.now)
        .expect("old and new roots signed");
    let anchor = house.office.anchor().expect("the anchor");
    assert_eq!((anchor.roots.keys[0], anchor.seq), (new[0].public_key(), 2));
    assert_eq!(code(house.new_trust_list(&[0, 1])), "threshold_not_reached");
    house.roots = new;
    house.new_trust_list(&[0, 1]).expect("the new roots signed");
    house.publish().expect("a publication");
}

#[test]
fn an_expired_trust_list_stops_the_publication_and_is_announced_before() {
    let mut house = House::founded();
    let exp = house.office.trust_list().expect("readable").expect("in force").exp;
    let announced = |house: &House| {
        let outlook = house.office.outlook(30, house.now).expect("an outlook");
        outlook.reminders.iter().any(|reminder| reminder.code == "trust_list_expires")
    };
    assert!(!announced(&house), "90 days before");
    house.now = exp.plus_seconds(-30 * DAY);
    assert!(announced(&house));
    house.now = exp.plus_seconds(-1);
    assert!(house.publish().is_ok());
    house.now = exp;
    assert_eq!(code(house.publish()), "trust_list_expired");
    assert!(announced(&house));
}

#[test]
fn a_status_list_never_goes_back_in_time() {
    let mut house = House::founded();
    house.now = house.now.plus_seconds(7200);
    let first = house.publish().expect("a publication");
    let second = house.publish().expect("another one in the same second");
    assert_eq!((first.iat, second.iat), (house.now, house.now.plus_seconds(1)));
    house.now = house.now.plus_seconds(-3600);
    assert_eq!(code(house.publish()), "clock_behind");
}

#[test]
fn a_key_file_that_holds_another_key_is_not_used() {
    let mut house = House::founded();
    let trusted = house.office.keys()[0].key.kid();
    let crate::KeyLocation::File(path) = house.office.key_location(trusted) else {
        panic!("a key in a file")
    };
    std::fs::remove_file(&path).expect("removed");
    KeyFile::write_new(&path, &SecretKey::from_seed(&[99; 32]), &house.passphrase, &mut house.rng)
        .expect("another key");
    assert_eq!(code(house.grant("9144889")), "key_file_of_another");
}

#[test]
fn what_the_verifier_would_refuse_is_not_let_out() {
    let mut house = House::founded();
    let number = house.grant("9144889").expect("a grant");
    assert!(house.office.release(number, house.now).is_ok());
    let kid = house.office.keys()[0].key.kid();
    house.office.compromise_key(kid, house.now, &house.officer, house.now).expect("recorded");
    assert!(house.office.release(number, house.now).is_ok(), "no trust list says so yet");
    assert_eq!(
        house.office.key_state(&house.office.keys()[0], house.now).expect("readable"),
        KeyState::Compromised
    );
    house.new_trust_list(&[0, 1]).expect("two roots signed");
    let error = house.office.release(number, house.now).expect_err("a compromised key");
    assert!(matches!(error, Error::SelfCheck { found: Code::KeyCompromised, .. }), "{error}");
    assert_eq!(code(house.grant("9144900")), "no_key");
    house.publish().expect("hospitals must learn of it");
}

#[test]
fn what_is_withdrawn_is_not_printed_again() {
    let mut house = House::founded();
    let first = house.grant("9144889").expect("a grant");
    let reissue = Proposal::to_reissue(first, ReissueReason::LostPrint, None);
    let second = number(&house.both(reissue).expect("a new print"));
    assert_eq!(code(house.office.release(first, house.now)), "withdrawn");
    assert!(house.office.release(second, house.now).is_ok());
    house.record(Event::Revoked { certificate: second, gravest: false });
    assert_eq!(code(house.office.release(second, house.now)), "withdrawn");
}

#[test]
fn certificate_keys_never_share_what_a_qr_code_names_them_by() {
    let mut house = House::founded();
    let hints: std::collections::BTreeSet<_> =
        (0..4).map(|_| house.add_key(KeyUse::Certificate)).collect();
    assert_eq!(hints.len(), 4);
    house.new_trust_list(&[0, 1]).expect("the list would refuse two keys with one hint");
}

#[test]
fn a_clock_set_back_across_midnight_never_leaves_a_revocation_out() {
    let mut house = House::founded();
    house.now = "2026-11-23T22:59:58Z".parse().expect("two seconds before midnight in Oslo");
    let before_midnight = house.now;
    let number = house.grant("9144889").expect("a grant");
    house.now = before_midnight.plus_seconds(4);
    assert_ne!(house.now.civil_date(), before_midnight.civil_date());
    house.record(Event::Revoked { certificate: number, gravest: false });
    // Looked at the clock a moment too early: the revocation of the new day is in the list.
    let revoked_at = std::mem::replace(&mut house.now, before_midnight);
    let published = house.publish().expect("a publication");
    assert!(published.iat >= revoked_at);
    let json =
        std::fs::read(house.folder.path().join("publication/bundle.json")).expect("published");
    let bundle = vernet_common::Bundle::from_json(&json).expect("a bundle");
    let mut memory = vernet_verifier::Memory::new(&anchor(&house.roots));
    let policy = vernet_verifier::Policy::default();
    let known =
        vernet_verifier::Knowledge::learn(&bundle, &mut memory, &policy, revoked_at).expect("ours");
    let jws = house.office.register().state().certificate(number).expect("granted").jws;
    assert_eq!(vernet_verifier::verify(jws, &known, &policy, revoked_at).code(), Code::Revoked);
    // Really set back: nothing is published.
    house.now = before_midnight.plus_seconds(-3600);
    assert_eq!(code(house.publish()), "clock_behind");
}

#[test]
fn a_set_back_clock_is_refused_even_before_the_first_publication() {
    let mut house = House::founded();
    house.grant("9144889").expect("a grant");
    house.now = house.now.plus_seconds(3600);
    let number = house.grant("9144900").expect("a grant");
    house.record(Event::Revoked { certificate: number, gravest: false });
    house.now = house.now.plus_seconds(-3600);
    assert_eq!(code(house.publish()), "clock_behind");
    assert!(!house.folder.path().join("publication").exists());
}

#[test]
fn a_trust_list_of_old_keys_or_of_the_past_is_not_accepted() {
    let mut house = House::founded();
    let draft = |house: &House| {
        let mut list = house.office.draft_trust_list(None, house.now).expect("a draft");
        house.roots[..2].iter().try_for_each(|root| list.add_signature(root)).expect("signs");
        list
    };
    let outdated = |house: &House| {
        let outlook = house.office.outlook(0, house.now).expect("an outlook");
        outlook.reminders.iter().any(|reminder| reminder.code == "trust_list_outdated")
    };
    let early = draft(&house);
    assert!(!outdated(&house));
    let kid = house.office.keys()[0].key.kid();
    house.office.compromise_key(kid, house.now, &house.officer, house.now).expect("recorded");
    assert!(outdated(&house));
    assert_eq!(
        code(house.office.accept_trust_list(&early, &house.officer, house.now)),
        "trust_list_outdated"
    );
    let late = draft(&house);
    let exp = late.unverified_claims().expect("claims").exp;
    assert_eq!(
        code(house.office.accept_trust_list(&late, &house.officer, exp)),
        "trust_list_expired"
    );
    house.office.accept_trust_list(&late, &house.officer, house.now).expect("in time");
    assert!(!outdated(&house));
}

#[test]
fn the_first_trust_list_has_the_roots_of_the_office() {
    let house = House::empty();
    let other = anchor(&[11, 12, 13].map(|n| SecretKey::from_seed(&[n; 32]))).roots;
    assert_eq!(
        code(house.office.draft_trust_list(Some(other), house.now)),
        "roots_before_trust_list"
    );
}

#[test]
fn an_old_copy_of_the_register_does_not_replace_a_newer_publication() {
    let mut house = House::founded();
    house.publish().expect("a publication");
    let (file, copy) = (
        house.folder.path().join("office/register.sqlite"),
        house.folder.path().join("copy.sqlite"),
    );
    let backup = rusqlite::Connection::open(&file).expect("the register");
    backup.execute("VACUUM INTO ?1", [copy.to_str().expect("a path")]).expect("a copy");
    drop(backup);
    house.now = house.now.plus_seconds(3600);
    house.publish().expect("another publication");
    let bundle = house.folder.path().join("publication/bundle.json");
    let newest = std::fs::read(&bundle).expect("published");

    let old = House::empty();
    house.office.register = old.office.register;
    for more in ["-wal", "-shm"] {
        let _ =
            std::fs::remove_file(house.folder.path().join(format!("office/register.sqlite{more}")));
    }
    std::fs::rename(&copy, &file).expect("restored");
    let open = |house: &House| Office::open(&house.folder.path().join("office"));
    let error =
        open(&house).expect_err("an old register, on the machine that has seen the newer one");
    assert_eq!(error.code(), "register_behind");
    // A machine that has not seen it notices by what lies there.
    std::fs::remove_file(house.folder.path().join("office/high-water.json")).expect("a mark");
    house.office = open(&house).expect("an office");
    house.now = house.now.plus_seconds(3600);
    let error = house.publish().expect_err("an old register");
    assert_eq!(error.code(), "register_behind_publication");
    assert!(error.to_string().contains("Restore the newest register"), "{error}");
    assert_eq!(std::fs::read(&bundle).expect("still there"), newest);
    // Another folder, and what is not the office's own, is no reason to refuse.
    std::fs::write(&bundle, "{}").expect("written");
    house.publish().expect("nothing of ours lies there");
}

#[test]
fn a_clock_far_ahead_is_doubted() {
    let mut house = House::founded();
    let limit = house.now.plus_seconds(31 * DAY);
    assert!(house.office.check_clock(limit).is_ok());
    assert_eq!(code(house.office.check_clock(limit.plus_seconds(1))), "clock_ahead");
    house.now = house.now.plus_seconds(DAY);
    house.publish().expect("a publication");
    assert!(house.office.check_clock(limit.plus_seconds(DAY)).is_ok(), "publications count too");
}

#[test]
fn nothing_of_others_is_lost_with_a_publication() {
    let mut house = House::founded();
    house.publish().expect("a publication");
    let file = house.folder.path().join("publication/index.html");
    std::fs::write(&file, "mine").expect("written");
    let error = house.publish().expect_err("somebody else's file");
    assert_eq!(error.code(), "folder_not_ours");
    assert!(error.to_string().contains("index.html"), "{error}");
    assert!(file.exists());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look_into_an_office() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::empty();
    let mode = |name: &str| {
        let path = house.folder.path().join(name);
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    };
    assert_eq!((mode("office"), mode("office/register.sqlite")), (0o700, 0o600));
}

#[test]
fn no_key_id_can_be_taken_for_an_option() {
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let kids = (0..400).map(|_| super::new_key_pair(&mut rng).public_key().kid().to_string());
    // One in 64 would.
    assert!(kids.into_iter().all(|kid| !kid.starts_with('-')));
}

#[test]
fn a_register_that_others_founded_is_found() {
    let house = House::founded();
    let (path, folder) = (house.folder.path().join("office"), house.folder.path());
    let thief = SecretKey::from_seed(&[66; 32]);
    let config = house.office.config().clone();
    assert_ne!(config.founded, Digest::GENESIS);
    let other = founders(&thief, &SecretKey::from_seed(&[67; 32]));
    let (data, mut rng) = (OfficeData::sample(), ChaCha20Rng::from_seed([4; 32]));
    Office::create(
        &folder.join("other"),
        &config,
        &data,
        &anchor(&house.roots),
        (other, &thief),
        house.now,
        &mut rng,
    )
    .expect("another office");
    drop(house.office);
    for name in ["register.sqlite", "register.sqlite-wal", "register.sqlite-shm"] {
        let _ = std::fs::remove_file(path.join(name));
        let _ = std::fs::copy(folder.join("other").join(name), path.join(name));
    }
    assert_eq!(code(Office::open(&path)), "register_behind", "this machine has seen more");
    std::fs::remove_file(path.join("high-water.json")).expect("a mark");
    assert_eq!(code(Office::open(&path)), "founders_differ");
}

#[test]
fn an_approval_that_signs_needs_the_passphrase_and_the_others_do_not() {
    let mut house = House::founded();
    let number = house.grant("9144889").expect("a grant");
    let (officer, second, now) = (&house.officer, &house.second, house.now);
    let suspended = Event::suspended(number, "2027-01-01".parse().expect("a day"));
    let seq =
        house.office.propose(Proposal::of(suspended), &[], officer, now).expect("proposed").seq;
    house.office.approve(seq, None, (second, now), &mut house.rng).expect("no key is needed");
    let reissue = Proposal::to_reissue(number, ReissueReason::LostPrint, None);
    let seq = house.office.propose(reissue, &[], officer, now).expect("proposed").seq;
    let refused = house.office.approve(seq, None, (second, now), &mut house.rng);
    assert_eq!(code(refused), "credentials_needed");
    house
        .office
        .approve(seq, Some(&house.passphrase), (second, now), &mut house.rng)
        .expect("approved");
}

#[test]
fn a_review_shows_what_was_before_and_what_stands_against_it() {
    let mut house = House::founded();
    let number = house.grant("9144889").expect("a grant");
    house.record(Event::Limited { certificate: number, reference: "2026/1".into(), until: None });
    let file = house.folder.path().join("decision.txt");
    std::fs::write(&file, "why").expect("written");
    let lift = Proposal::of(Event::LimitationLifted { certificate: number });
    let seq = house.office.propose(lift, &[file], &house.officer, house.now).expect("proposed").seq;
    let names = |office: &Office| -> Vec<&'static str> {
        let review = office.review(seq, house.now).expect("open");
        assert_eq!(review.certificate, Some(number));
        review.history.iter().map(|statement| statement.event.name()).collect()
    };
    assert_eq!(names(&house.office), ["granted", "limited"]);
    let review = house.office.review(seq, house.now).expect("open");
    assert!(review.refused.is_none() && review.documents[0].fault.is_none());
    std::fs::write(&review.documents[0].path, "other").expect("written");
    let review = house.office.review(seq, house.now).expect("open");
    assert_eq!(review.documents[0].fault.as_ref().map(Error::code), Some("document_changed"));
    let (seq, path) = (seq, review.documents[0].path.clone());
    std::fs::write(path, "why").expect("written");
    house.record(Event::Revoked { certificate: number, gravest: false });
    let review = house.office.review(seq, house.now).expect("open");
    assert_eq!(review.refused.as_ref().map(Error::code), Some("revoked_needs_new_authorisation"));
    assert_eq!(review.differences[0].registered, "revoked");
    assert_eq!(code(house.office.review(seq + 1, house.now).map(drop)), "proposal_decided");
    assert_eq!(code(house.office.review(1, house.now).map(drop)), "proposal_unknown");
}

/// Whoever consents sees whether somebody new comes, or somebody who is there gets one more key.
#[test]
fn a_review_shows_whose_key_is_enrolled() {
    let mut house = House::empty();
    let mut keys = |name: &str| {
        let (key, mut enrolments) =
            (SecretKey::from_seed(&[77; 32]), founders(&house.officer, &house.second));
        let mut new = enrolments.remove(0);
        (new.name, new.key) = (name.parse().expect("a name"), key.public_key().into());
        let proposal = Proposal::of(Event::OfficerEnrolled(Box::new(new)));
        let seq =
            house.office.propose(proposal, &[], &house.officer, house.now).expect("proposed").seq;
        let differences = house.office.review(seq, house.now).expect("a review").differences;
        let keys = differences.into_iter().find(|one| one.what == "keys").expect("of the officer");
        assert_eq!(keys.proposed, key.public_key().kid().to_string());
        keys.registered
    };
    assert_eq!(keys("Per Hansen"), "nobody of that name");
    assert_eq!(keys("Ola Nordmann"), house.second.public_key().kid().to_string());
}

impl House {
    /// Enters schools into the office's data, as anybody can who works in the folder.
    fn enter_schools(&mut self, schools: serde_json::Value) {
        let file = self.folder.path().join("office/data.json");
        let data = json!({ "accreditations": { "schools": schools } });
        std::fs::write(file, data.to_string()).expect("written");
        self.office = Office::open(&self.folder.path().join("office")).expect("an office");
    }
}

/// One officer enters a school, has a graduate of it approved by a colleague, and takes the school
/// out again.
#[test]
fn a_school_that_was_entered_for_the_occasion_is_seen_and_kept() {
    let mut house = House::founded();
    house.grant("9144900").expect("an ordinary grant");
    let school =
        |school: &str| json!({ "school": school, "from": "2000-01-01", "source": "a letter" });
    let application = graduate("accredited_school_exam", "School of the Day");
    let grant = || Proposal::to_grant(application.clone());
    let refused = house.office.propose(grant(), &[], &house.officer, house.now);
    assert_eq!(code(refused), "school_unknown");

    house.enter_schools(json!([school("School of the Day")]));
    let seq = house
        .office
        .propose(grant(), &[], &house.officer, house.now)
        .expect("the rules allow it")
        .seq;
    let review = house.office.review(seq, house.now).expect("a review");
    let changed = review
        .differences
        .iter()
        .find(|one| one.what == "office_data")
        .expect("other data than before");
    assert!(changed.registered.contains("of proposal "), "{changed:?}");
    assert_eq!(review.documents[0].document.name, "data.json");
    assert!(review.refused.is_none());

    // It is gone again, or another one, when the colleague approves.
    let approve = |house: &mut House| {
        house.office.approve(
            seq,
            Some(&house.passphrase),
            (&house.second, house.now),
            &mut house.rng,
        )
    };
    house.enter_schools(json!([school("School of the Day"), school("Another one")]));
    assert_eq!(code(approve(&mut house)), "office_data_changed");
    let refused = house.office.review(seq, house.now).expect("a review").refused;
    assert_eq!(refused.expect("other data").code(), "office_data_changed");
    house.enter_schools(json!([school("School of the Day")]));
    approve(&mut house).expect("two officers agreed, and had the same table before them");

    // Whoever looks back sees by which table it was decided, whatever it says today.
    house.enter_schools(json!([]));
    let folder = house.folder.path().join("office");
    assert!(Office::audit(&folder, None).is_ok());
    let Event::Proposed(proposal) =
        &house.office.register().state().statement(seq).expect("it").event
    else {
        panic!("a proposal");
    };
    let kept = house.office.documents().path(&proposal.documents[0]);
    assert!(std::fs::read_to_string(&kept).expect("kept").contains("School of the Day"));
    std::fs::remove_file(kept).expect("an intruder can");
    assert_eq!(code(Office::audit(&folder, None)), "document_missing");
}

/// A first officer's program that leaves the office's data out, or signs data that does not have
/// the school.
#[test]
fn a_grant_without_the_data_that_it_rests_on_is_not_approved() {
    let mut house = House::founded();
    let application = graduate("norwegian_exam", "A made-up school of perfusion");
    let (data, documents) = (house.office.data().clone(), house.office.documents());
    let terms = vernet_register::Terms { data: &data, documents: &documents, max_age_days: 30 };
    let register = house.office.register_mut();
    let proposed =
        register.propose(Proposal::to_grant(application), &[], &terms, &house.officer, house.now);
    let seq = proposed.expect("the register knows nothing of the office's folder").seq;
    let approved = house.office.approve(
        seq,
        Some(&house.passphrase),
        (&house.second, house.now),
        &mut house.rng,
    );
    assert_eq!(code(approved), "document_missing");

    // Two officers whose programs asked other data than they signed.
    let mut house = House::founded();
    let school =
        json!({ "school": "School of the Day", "from": "2000-01-01", "source": "a letter" });
    let asked = json!({ "accreditations": { "schools": [school] } }).to_string();
    house.office.data = OfficeData::from_json(asked.as_bytes()).expect("data");
    let application = graduate("accredited_school_exam", "School of the Day");
    house.both(Proposal::to_grant(application)).expect("granted");
    assert_eq!(code(Office::audit(&house.folder.path().join("office"), None)), "school_unknown");
}

#[test]
fn an_emergency_is_reviewed_and_due_until_it_is_confirmed() {
    let mut house = House::founded();
    let number = house.grant("9144889").expect("a grant");
    let until = "2027-03-01".parse().expect("a day");
    let seq = house
        .office
        .suspend_in_emergency((number, until), &house.officer, house.now)
        .expect("suspended")
        .seq;
    let due = |house: &House| {
        let outlook = house.office.outlook(30, house.now).expect("an outlook");
        let unapproved = |due: &&vernet_register::Due| {
            matches!(due.what, vernet_register::DueKind::EmergencyEnds { .. })
        };
        outlook.due.iter().find(unapproved).map(|due| due.on.to_string())
    };
    assert_eq!(due(&house).as_deref(), Some("2026-11-29"), "seven days");
    let review = house.office.review(seq, house.now).expect("to be confirmed");
    assert!(
        review.proposal.is_none() && review.refused.is_none() && review.certificate == Some(number)
    );
    house.office.approve(seq, None, (&house.second, house.now), &mut house.rng).expect("confirmed");
    assert_eq!(due(&house), None);
    assert_eq!(code(house.office.review(seq, house.now).map(drop)), "proposal_decided");
}

#[test]
fn the_end_of_an_officers_period_is_announced() {
    let mut house = House::founded();
    let announced = |house: &House| {
        let outlook = house.office.outlook(30, house.now).expect("an outlook");
        outlook.reminders.iter().filter(|reminder| reminder.code == "officer_ends").count()
    };
    assert_eq!(announced(&house), 0);
    house.now = "2036-11-01T10:00:00Z".parse().expect("an instant");
    assert_eq!(announced(&house), 2);
}

#[test]
fn an_office_is_told_early_that_too_few_officers_will_be_left() {
    let mut house = House::founded();
    let found = |house: &House, code: &str| {
        let outlook = house.office.outlook(30, house.now).expect("an outlook");
        let mut found = outlook.reminders.into_iter().filter(|reminder| reminder.code == code);
        (found.next(), found.count()).0
    };
    let few = found(&house, "administrators_few").expect("two founders");
    assert_eq!(
        few.subject.text(),
        "two people in office as administrator, Kari Nordmann, Ola Nordmann"
    );
    assert_eq!(found(&house, "roots_not_pinned"), None, "they were pinned at the founding");
    assert_eq!(found(&house, "roots_differ"), None);
    assert_eq!(found(&house, "periods_end"), None);
    house.now = "2036-08-23T10:00:00Z".parse().expect("an instant");
    assert_eq!(found(&house, "periods_end"), None, "91 days before");
    house.now = "2036-08-24T10:00:00Z".parse().expect("an instant");
    let end = found(&house, "periods_end").expect("90 days before");
    assert_eq!(
        (end.subject.text().as_str(), end.at.civil_date().to_string().as_str()),
        (
            "from this day on too few officers grant, supervise, publish, administer: the periods of Kari Nordmann, Ola Nordmann end",
            "2036-11-22"
        )
    );
    // A third administrator, for longer: only the other two roles of hers are short then.
    let mut new = founders(&house.officer, &house.second).remove(0);
    (new.name, new.key) =
        ("Siri Haug".parse().expect("a name"), SecretKey::from_seed(&[77; 32]).public_key().into());
    new.until = "2038-01-01".parse().expect("a day");
    house.both(Proposal::of(Event::OfficerEnrolled(Box::new(new)))).expect("enrolled");
    assert_eq!(found(&house, "administrators_few"), None);
    let end = found(&house, "periods_end").expect("one is too few");
    assert!(end.subject.text().contains("grant, supervise, administer:"), "{}", end.subject.text());
    // After that day.
    house.now = "2036-11-22T10:00:00Z".parse().expect("an instant");
    let few = found(&house, "administrators_few").expect("one");
    assert_eq!(few.subject.text(), "one person in office as administrator, Siri Haug");
    assert!(few.action.contains("officers appoint draft"), "{}", few.action);
    house.now = "2038-01-01T10:00:00Z".parse().expect("an instant");
    let few = found(&house, "administrators_few").expect("none");
    assert_eq!(few.subject.text(), "nobody in office as administrator");
}
