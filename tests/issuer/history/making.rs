//! Who can make a history, where it may be stored, and what it may be about.

use std::{fs, os::unix::fs::PermissionsExt};

use vernet_common::{CertificateNumber, CivilDate, SecretKey, Signer, Status};
use vernet_issuer::{Error, Office};
use vernet_register::{Digest, Enrolment, Event, Proposal, Role};
use vernet_verifier::{
    Code, Policy,
    past::{PastCode, Question, was_authorised},
};

use crate::office::{LivingOffice, day};

const NOW: &str = "2026-11-22T10:00:00Z";

/// Two people: one suspended for the next weeks, one without any decisions.
fn office() -> LivingOffice {
    let mut office = LivingOffice::founded("2026-11-01T10:00:00Z");
    office.live("2026-11-02T10:00:00Z ase grant hpr=9144889 born=1980-02-29");
    office.live("2026-11-02T10:00:01Z bo grant hpr=9144900 born=1984-05-17");
    office.live("2026-11-10T10:00:00Z ase suspend from=2026-11-12 until=2026-12-24");
    office.at(NOW).publish();
    office
}

fn of(office: &LivingOffice, person: &str) -> CertificateNumber {
    office.people[person][0]
}

/// The code of the answer that a history in a file gives for a certificate on a day.
fn asked(office: &LivingOffice, file: &str, person: &str, on: &str) -> PastCode {
    let knowledge = office.knowledge();
    let history = knowledge.read_history(office.read_history(file)).expect("the office's own");
    let question = Question { on: day(on), known_on: None };
    was_authorised(
        &office.jws(of(office, person)),
        &history,
        &knowledge,
        question,
        &Policy::default(),
        office.founded.now,
    )
    .code()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.expect_err("an error").code()
}

fn statements(office: &LivingOffice) -> usize {
    office.founded.office.register().state().statements().len()
}

#[test]
fn a_history_is_of_all_or_of_those_that_were_asked_for() {
    let mut office = office();
    let all = office.make_history(&[], "all").expect("a history");
    assert_eq!((all.certificates, all.iat), (2, office.founded.now.plus_seconds(-1)));
    assert_eq!(asked(&office, "all", "ase", "2026-11-11"), PastCode::WasAuthorised);
    assert_eq!(asked(&office, "all", "ase", "2026-11-12"), PastCode::WasSuspended);
    assert_eq!(asked(&office, "all", "bo", "2026-11-12"), PastCode::WasAuthorised);
    let (ase, bo) = (of(&office, "ase"), of(&office, "bo"));
    let some = office.make_history(&[bo, bo], "some").expect("a history");
    assert_eq!(
        (some.certificates, some.bytes),
        (1, fs::read(office.path("some")).expect("written").len())
    );
    assert_eq!(asked(&office, "some", "bo", "2026-11-12"), PastCode::WasAuthorised);
    assert_eq!(asked(&office, "some", "ase", "2026-11-12"), PastCode::NotInHistory);
    let unknown = "NO-PE-2026-000777".parse().expect("a number");
    assert_eq!(code(office.make_history(&[ase, unknown], "unknown")), "not_found");
    assert_eq!(code(office.make_history(&vec![ase; 10_001], "many")), "history_of_too_many");
    assert!(!office.path("unknown").exists() && !office.path("many").exists());
}

#[test]
fn it_is_recorded_who_had_it_made_and_about_whom() {
    let mut office = office();
    let bo = of(&office, "bo");
    let made = office.make_history(&[bo], "some").expect("a history");
    let bytes = fs::read(office.path("some")).expect("written");
    let last =
        office.founded.office.register().state().statements().last().expect("a statement").clone();
    assert_eq!(
        (last.officer.as_str(), last.event),
        (
            "Kari Nordmann",
            Event::HistoryMade {
                iat: office.founded.now.plus_seconds(-1),
                certificates: vec![bo],
                entries: 1,
                sha256: Digest::of(&bytes),
                to: Some("A hospital".to_owned()),
            }
        )
    );
    assert_eq!(made.sha256, Digest::of(&bytes));
    office.make_history(&[], "all").expect("a history");
    let audited = Office::audit(&office.path("office"), None).expect("a sound register");
    assert_eq!(audited.state().statements().len(), statements(&office));
}

#[test]
fn it_takes_an_officer_who_supervises() {
    let mut office = office();
    let cron = SecretKey::from_seed(&[33; 32]);
    let enrolment = |role| Enrolment {
        name: "Cron".parse().expect("a name"),
        key: cron.public_key().into(),
        roles: [role].into(),
        from: day("2026-11-01"),
        until: day("2027-11-01"),
    };
    for (role, expected) in [
        (Role::Publish, Some("role_missing")),
        (Role::Grant, Some("role_missing")),
        (Role::Supervise, None),
    ] {
        office
            .founded
            .settle(Proposal::of(Event::OfficerEnrolled(Box::new(enrolment(role)))))
            .expect("enrolled");
        let (out, by) = (
            office.path(role.word()),
            (&cron as &dyn vernet_register::OfficerSigner, office.founded.now),
        );
        let made = office.founded.office.write_history(
            &[],
            (&out, None),
            &office.founded.passphrase,
            by,
            &mut |_, _| {},
        );
        assert_eq!(made.err().map(|error| error.code()), expected, "{}", role.word());
        assert_eq!(out.exists(), expected.is_none());
    }
}

#[test]
fn it_never_lies_in_a_publication() {
    let mut office = office();
    fs::create_dir(office.path("publication/status/deep")).expect("a folder");
    std::os::unix::fs::symlink(office.path("publication"), office.path("innocent"))
        .expect("a link");
    let before = statements(&office);
    for place in [
        "publication/history",
        "publication/status/history",
        "publication/status/deep/history",
        "innocent/history",
    ] {
        assert_eq!(code(office.make_history(&[], place)), "inside_publication", "{place}");
        assert!(!office.path(place).exists(), "{place}");
    }
    assert_eq!(code(office.make_history(&[], "nowhere/history")), "io");
    fs::write(office.path("there"), "something").expect("written");
    assert_eq!(code(office.make_history(&[], "there")), "file_exists");
    assert_eq!(fs::read(office.path("there")).expect("still there"), b"something");
    assert_eq!(statements(&office), before, "nothing was made");
    // If somebody puts one there by hand, nothing is published.
    office.make_history(&[], "history").expect("a history");
    fs::copy(office.path("history"), office.path("publication/history")).expect("copied");
    let by = (
        &office.founded.officers[0] as &dyn vernet_register::OfficerSigner,
        office.founded.now.plus_seconds(60),
    );
    let published = office.founded.office.publish(
        &office.folder.path().join("publication"),
        &office.founded.passphrase,
        by,
        &mut |_, _| {},
    );
    assert_eq!(code(published), "folder_not_ours");
}

#[test]
fn nobody_else_can_read_it_and_it_says_no_more_than_it_must() {
    let mut office = office();
    office.make_history(&[], "history").expect("a history");
    let path = office.path("history");
    assert_eq!(fs::metadata(&path).expect("written").permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).expect("ASCII");
    let (head, lines) = text.split_once('\n').expect("a head and lines");
    assert!(head.starts_with("eyJ"));
    for secret in [
        "Kjærstad",
        "1980",
        "1984",
        "9144889",
        "9144900",
        "NO-PE",
        "2060-02-29",
        "2026-12-24",
        "decided",
        "reference",
    ] {
        assert!(!lines.contains(secret), "{secret} in {lines}");
    }
}

#[test]
fn a_key_that_is_stolen_or_a_trust_list_that_ran_out_makes_none() {
    let mut office = office();
    let exp = office.founded.office.trust_list().expect("readable").expect("in force").exp;
    let now = std::mem::replace(&mut office.founded.now, exp);
    assert_eq!(code(office.make_history(&[], "late")), "trust_list_expired");
    office.founded.now = now;
    let [certificate, status] = [0, 1].map(|place| office.founded.office.keys()[place].key.kid());
    // Between the two grants: certificates that were in the log before the theft stay good.
    let since = "2026-11-02T10:00:01Z".parse().expect("a time");
    office
        .founded
        .office
        .compromise_key(certificate, since, &office.founded.officers[0], now)
        .expect("recorded");
    office.founded.now = now.plus_seconds(60);
    office.renew_trust_list();
    office.publish();
    office.make_history(&[], "history").expect("others have a right to theirs");
    assert_eq!(asked(&office, "history", "ase", "2026-11-11"), PastCode::WasAuthorised);
    assert_eq!(asked(&office, "history", "bo", "2026-11-12"), PastCode::Now(Code::KeyCompromised));
    office
        .founded
        .office
        .compromise_key(status, now, &office.founded.officers[0], office.founded.now)
        .expect("recorded");
    office.renew_trust_list();
    assert_eq!(code(office.make_history(&[], "stolen")), "no_key");
}

/// Somebody decides on another machine while the history is being verified. If the decision falls
/// within the time that the history covers, the history is made again; if it is later, the history
/// stays as it is.
#[test]
fn what_is_decided_meanwhile_is_in_it_or_later() {
    for (late, verified, expected) in
        [(-1, 4, PastCode::WasSuspended), (0, 2, PastCode::WasAuthorised)]
    {
        decided_meanwhile(late, verified, expected);
    }
}

fn decided_meanwhile(late: i64, verified: usize, expected: PastCode) {
    let mut office = office();
    office.founded.now = office.founded.now.plus_seconds(60);
    let bo = of(&office, "bo");
    let (path, now, officers) =
        (office.path("office"), office.founded.now, [1, 2].map(|n| SecretKey::from_seed(&[n; 32])));
    let mut decided = 0;
    let (out, by) =
        (office.path("history"), (&officers[0] as &dyn vernet_register::OfficerSigner, now));
    let mut meanwhile = |_: usize, _: usize| {
        if decided == 0 {
            let mut other = Office::open(&path).expect("the same office");
            let until: CivilDate = day("2026-12-01");
            let event = Event::Suspended {
                certificate: bo,
                until: Some(until),
                ground: vernet_register::SuspensionGround::Revocation,
                limits: None,
                unapproved_until: Some(day("2026-11-25")),
            };
            let decision = vernet_register::Decision::today(now.plus_seconds(late));
            other.register_mut().record(event, &officers[1], &decision).expect("an emergency");
        }
        decided += 1;
    };
    office
        .founded
        .office
        .write_history(&[], (&out, None), &office.founded.passphrase, by, &mut meanwhile)
        .expect("a history");
    assert_eq!(decided, verified, "two certificates, once or twice");
    assert_eq!(asked(&office, "history", "bo", "2026-11-22"), expected);
    let status =
        office.founded.office.register().state().certificate_status(bo, now.civil_date(), now);
    assert_eq!(status.expect("a certificate"), Status::Suspended);
}
