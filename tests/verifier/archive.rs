//! Answers about the past from old publications.

use vernet_common::{Bundle, CivilDate, NumericDate, Signer, Status, StatusListClaims};
use vernet_verifier::{
    Code, Colour,
    past::{ArchiveCheck, HistoryVerdict, PastAnswer, PastCode, Question, Which},
};

use crate::{
    office::{DAY, HOUR, Office, STATUS_KEY, at, key},
    past::{day, on},
};

/// An office, and what it published in the past year.
struct Archive {
    office: Office,
    bundles: Vec<Bundle>,
}

impl Archive {
    /// The certificate was signed on 2026-03-01 at noon.
    fn new() -> Self {
        let mut office = Office::new();
        office.certificate.iat = at("2026-03-01T11:00:00Z");
        Self { office, bundles: Vec::new() }
    }

    fn published(&mut self, iat: &str, status: Status) -> &mut Self {
        self.published_by(iat, status, STATUS_KEY)
    }

    fn published_by(&mut self, iat: &str, status: Status, seed: u8) -> &mut Self {
        let iat = at(iat);
        let mut old = Office::as_of(iat);
        old.certificate = self.office.certificate.clone();
        old.set_status(status);
        let claims = old
            .signed_status_list()
            .verify(&key(STATUS_KEY).public_key())
            .expect("ours")
            .into_claims();
        let claims = StatusListClaims { iat, exp: iat.plus_seconds(72 * HOUR), ..claims };
        let status_lists = vec![old.signed_status_claims(&claims, seed)];
        self.bundles.push(Bundle { status_lists, ..old.bundle() });
        self
    }

    fn ask(&self, question: Question) -> HistoryVerdict {
        self.ask_at(question, self.office.now)
    }

    fn ask_at(&self, question: Question, now: NumericDate) -> HistoryVerdict {
        let knowledge = self.office.knowledge();
        let text = self.office.text();
        let verdict = |bundles: &mut dyn Iterator<Item = &Bundle>| {
            let mut check =
                ArchiveCheck::new(&text, &knowledge, question, &self.office.policy, now);
            bundles.for_each(|bundle| check.look_at(&knowledge.read_old_publication(bundle)));
            check.verdict()
        };
        let (there, back) =
            (verdict(&mut self.bundles.iter()), verdict(&mut self.bundles.iter().rev()));
        assert_eq!(
            (there.truth(), there.known()),
            (back.truth(), back.known()),
            "the order must not matter"
        );
        there
    }

    #[track_caller]
    fn code(&self, question: Question) -> String {
        self.ask(question).code().to_string()
    }

    fn defect(&self) -> &'static str {
        let publication = self.office.knowledge().read_old_publication(&self.bundles[0]);
        assert_eq!(publication.iat(), None);
        publication.defects()[0].code()
    }
}

fn known(on: &str, known_on: &str) -> Question {
    Question { on: day(on), known_on: Some(day(known_on)) }
}

#[test]
fn a_day_is_answered_by_the_last_publication_of_that_day() {
    let mut archive = Archive::new();
    archive
        .published("2026-05-01T08:00:00Z", Status::Valid)
        .published("2026-05-01T21:59:59Z", Status::Suspended)
        .published("2026-05-01T22:00:00Z", Status::Conditions)
        .published("2026-05-03T10:00:00Z", Status::Valid);
    let verdict = archive.ask(on("2026-05-01"));
    let answer = |code, iat| PastAnswer {
        code,
        as_known_at: Some(at(iat)),
        authorisation: Some(Which::This),
    };
    assert_eq!(
        verdict.truth(),
        answer(PastCode::WasSuspended, "2026-05-01T21:59:59Z"),
        "until midnight in Oslo"
    );
    let verdict = archive.ask(on("2026-05-02"));
    assert_eq!(
        verdict.truth(),
        answer(PastCode::WasAuthorisedWithConditions, "2026-05-01T22:00:00Z")
    );
    assert_eq!(archive.code(on("2026-05-03")), "was_authorised");
    assert!(
        verdict
            .to_string()
            .contains("from an old publication: what was decided later is not in it")
    );
}

#[test]
fn both_days_on_which_the_clocks_change_are_whole() {
    let mut archive = Archive::new();
    archive
        .published("2026-03-28T22:59:59Z", Status::Valid)
        .published("2026-03-28T23:00:00Z", Status::Suspended)
        .published("2026-03-29T22:00:00Z", Status::Valid)
        .published("2026-10-24T21:59:59Z", Status::Valid)
        .published("2026-10-25T22:59:59Z", Status::Suspended)
        .published("2026-10-25T23:00:00Z", Status::Valid);
    for (day, code) in [
        ("2026-03-28", "was_authorised"),
        ("2026-03-29", "was_suspended"),
        ("2026-03-30", "was_authorised"),
        ("2026-10-24", "was_authorised"),
        ("2026-10-25", "was_suspended"),
        ("2026-10-26", "was_authorised"),
    ] {
        assert_eq!(archive.code(on(day)), code, "{day}");
    }
}

#[test]
fn where_the_archive_does_not_reach_nothing_is_known() {
    let mut archive = Archive::new();
    assert_eq!(archive.code(on("2026-05-01")), "archive_empty");
    archive
        .published("2026-05-01T10:00:00Z", Status::Valid)
        .published("2026-05-03T10:00:00Z", Status::Valid);
    for (day, code) in [
        ("2026-04-30", "before_archive"),
        ("2026-05-02", "archive_gap"),
        ("2026-05-04", "after_archive"),
        ("2030-01-01", "after_archive"),
        ("2026-02-28", "before_certificate"),
        ("2010-06-01", "before_certificate"),
    ] {
        let verdict = archive.ask(on(day));
        assert_eq!(
            (verdict.code().to_string().as_str(), verdict.colour()),
            (code, Colour::Undetermined),
            "{day}"
        );
    }
}

#[test]
fn before_a_certificate_was_signed_its_slot_was_nobodys() {
    let mut archive = Archive::new();
    archive
        .published("2026-02-28T10:00:00Z", Status::Invalid)
        .published("2026-03-01T10:59:59Z", Status::Suspended)
        .published("2026-03-03T10:00:00Z", Status::Valid);
    assert_eq!(archive.code(on("2026-02-28")), "before_certificate");
    assert_eq!(
        archive.code(on("2026-03-01")),
        "archive_gap",
        "a publication of that day, a second too early"
    );
    assert_eq!(
        archive.code(on("2026-03-03")),
        "was_authorised",
        "what stood there before means nothing"
    );
    archive.published("2026-03-01T11:00:00Z", Status::Valid);
    assert_eq!(archive.code(on("2026-03-01")), "was_authorised");
}

#[test]
fn what_was_withdrawn_for_good_stays_so_over_a_gap() {
    let mut archive = Archive::new();
    archive
        .published("2026-05-01T10:00:00Z", Status::Valid)
        .published("2026-05-03T10:00:00Z", Status::Invalid);
    assert_eq!(archive.code(on("2026-05-01")), "was_authorised");
    assert_eq!(
        archive.code(on("2026-05-02")),
        "archive_gap",
        "it may have been withdrawn, or not yet"
    );
    for day in ["2026-05-03", "2026-05-04", "2026-11-01"] {
        let verdict = archive.ask(on(day));
        assert_eq!(
            (verdict.code(), verdict.colour()),
            (PastCode::WasWithdrawn, Colour::Refused),
            "{day}"
        );
        // It may just have been replaced by another print.
        assert_eq!(verdict.truth().authorisation, None);
    }
}

#[test]
fn a_certificate_that_had_run_out_was_not_in_force() {
    let mut archive = Archive::new();
    archive.office.certificate.exp = "2026-05-02".parse::<CivilDate>().expect("a day").start();
    archive
        .published("2026-05-01T10:00:00Z", Status::Valid)
        .published("2026-05-02T10:00:00Z", Status::Valid);
    assert_eq!(archive.code(on("2026-05-01")), "was_authorised");
    assert_eq!(archive.code(on("2026-05-02")), "was_expired");
}

#[test]
fn what_was_known_is_answered_for_the_same_day_only() {
    let mut archive = Archive::new();
    archive
        .published("2026-05-01T10:00:00Z", Status::Valid)
        .published("2026-05-02T10:00:00Z", Status::Valid);
    let verdict = archive.ask(known("2026-05-01", "2026-05-01"));
    assert_eq!((verdict.code(), verdict.known()), (PastCode::WasAuthorised, Some(verdict.truth())));
    for other in ["2026-04-30", "2026-05-02"] {
        let verdict = archive.ask(known("2026-05-01", other));
        assert_eq!(
            (verdict.code(), verdict.colour()),
            (PastCode::KnownNeedsHistory, Colour::Undetermined)
        );
        assert_eq!(verdict.truth().code, PastCode::WasAuthorised);
    }
}

#[test]
fn two_lists_of_one_instant_that_contradict_each_other_answer_nothing() {
    let mut archive = Archive::new();
    archive
        .published("2026-05-01T10:00:00Z", Status::Valid)
        .published("2026-05-01T10:00:00Z", Status::Suspended);
    assert_eq!(archive.code(on("2026-05-01")), "archive_contradicts");
    assert_eq!(archive.ask(on("2026-05-01")).colour(), Colour::Undetermined);
    let mut archive = Archive::new();
    archive
        .published("2026-05-01T10:00:00Z", Status::Valid)
        .published("2026-05-01T10:00:00Z", Status::Valid);
    assert_eq!(archive.code(on("2026-05-01")), "was_authorised", "the same one twice");
}

#[test]
fn a_publication_counts_under_the_trust_list_of_today() {
    let mut archive = Archive::new();
    archive.published("2026-05-01T10:00:00Z", Status::Valid);
    // The key has been retired since: what it signed stays good.
    let retired = archive.office.now.plus_seconds(-HOUR);
    archive.office.trust_list.keys[1].not_after = Some(retired);
    archive.office.status_claims.iat = retired.plus_seconds(-1);
    assert_eq!(archive.code(on("2026-05-01")), "was_authorised");
    // A current key, without which there would be no current log.
    archive.office.use_status_key(STATUS_KEY + 40);
    archive.office.trust_list.keys[1].not_after = Some(at("2026-04-01T00:00:00Z"));
    assert_eq!(
        (archive.defect(), archive.code(on("2026-05-01")).as_str()),
        ("key_not_valid_at", "archive_empty")
    );
    archive.office.trust_list.keys[1].not_after = None;
    archive.office.trust_list.keys[1].compromised_at = Some(archive.office.now);
    assert_eq!(
        (archive.defect(), archive.code(on("2026-05-01")).as_str()),
        ("key_compromised", "archive_empty")
    );
    archive.office.trust_list.keys[1].compromised_at = None;
    for (seed, code) in [(1, "key_use"), (66, "key_unknown")] {
        archive.bundles.clear();
        archive.published_by("2026-05-01T10:00:00Z", Status::Valid, seed);
        assert_eq!(
            (archive.defect(), archive.code(on("2026-05-01")).as_str()),
            (code, "archive_empty")
        );
    }
    archive.bundles.clear();
    archive.published("2026-05-01T10:00:00Z", Status::Valid);
    archive.office.trust_list.seq = 6;
    archive.office.status_claims.trust_list_seq = 6;
    assert_eq!(
        (archive.defect(), archive.code(on("2026-05-01")).as_str()),
        ("trust_list_outdated", "archive_empty")
    );
}

#[test]
fn what_we_know_now_must_be_current() {
    let mut archive = Archive::new();
    archive.published("2026-05-01T10:00:00Z", Status::Valid);
    let late = archive.office.trust_list.exp;
    let verdict = archive.ask_at(known("2026-05-01", "2026-05-01"), late);
    assert_eq!(
        (verdict.code(), verdict.colour()),
        (PastCode::Now(Code::TrustListExpired), Colour::Undetermined)
    );
    let early = archive.office.now.plus_seconds(-10 * DAY);
    assert_eq!(archive.ask_at(on("2026-05-01"), early).code(), PastCode::Now(Code::ClockBehind));
    // A list of this day, dated in the future.
    archive.published("2026-11-22T10:05:01Z", Status::Valid);
    assert_eq!(archive.code(on("2026-11-22")), "clock_behind");
    archive.office.certificate.given_name = "Ada".parse().expect("a name");
    archive.office.steal_certificate_key();
    let verdict = archive.ask(on("2026-05-01"));
    assert_eq!(
        (verdict.code(), verdict.colour()),
        (PastCode::Now(Code::KeyCompromised), Colour::Refused)
    );
    assert!(verdict.certificate().is_none() && verdict.cause().is_some());
}
