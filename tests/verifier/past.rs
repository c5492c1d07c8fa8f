//! Answers about the past from a history whose keys, entries and times can all be altered.

use vernet_common::{
    Algorithm, CertificateHash, CivilDate, Error, HistoryEntry, HistoryRecord, HistoryState, Kind,
    NumericDate, PastState, Signed, SignedHistory,
};
use vernet_verifier::{
    Code, Colour, Knowledge,
    past::{HistoryVerdict, PastCode, PastSource, Question, Which, was_authorised},
};

use crate::office::{CERTIFICATE_KEY, DAY, HOUR, LOG_KEY, Office, STATUS_KEY, at, key};

pub(crate) fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

pub(crate) fn on(on: &str) -> Question {
    Question { on: day(on), known_on: None }
}

fn known(on: &str, known_on: &str) -> Question {
    Question { on: day(on), known_on: Some(day(known_on)) }
}

fn state(from: &str, state: PastState) -> HistoryState {
    HistoryState { from: day(from), other: false, state }
}

/// Authorised on 2010-06-01, suspended in 2019 for two months, which was recorded late; with
/// another authorisation before.
fn entry(office: &Office) -> HistoryEntry {
    use PastState::{Authorised, NotAuthorised, Suspended};
    let before = [
        HistoryState { other: true, ..state("2002-01-01", Authorised) },
        state("2005-01-01", NotAuthorised),
        state("2010-06-01", Authorised),
    ];
    let late = [state("2019-03-01", Suspended), state("2019-05-01", Authorised)];
    let record = |recorded: &str, states: &[HistoryState]| HistoryRecord {
        recorded: at(recorded),
        states: states.into(),
    };
    HistoryEntry {
        certificate: CertificateHash::of(&office.signed_certificate()),
        records: vec![
            record("2010-06-01T10:00:00Z", &before),
            record("2019-06-15T10:00:00Z", &[&before[..], &late].concat()),
        ],
    }
}

struct Past {
    office: Office,
    entries: Vec<HistoryEntry>,
    iat: NumericDate,
    trust_list_seq: u64,
    signer: u8,
}

impl Past {
    fn new() -> Self {
        Self::of(Office::new())
    }

    fn of(office: Office) -> Self {
        let (entries, iat) = (vec![entry(&office)], office.now.plus_seconds(-HOUR));
        Self { office, entries, iat, trust_list_seq: 7, signer: STATUS_KEY }
    }

    fn signed(&self) -> SignedHistory {
        let of = (self.office.trust_list.iss.clone(), self.trust_list_seq);
        SignedHistory::sign(of, self.iat, &self.entries, Algorithm::EdDsa, &key(self.signer))
            .expect("consistent")
    }

    fn refused(&self) -> &'static str {
        let error =
            self.office.knowledge().read_history(self.signed()).expect_err("it must be refused");
        error.code()
    }

    fn ask_about(&self, input: &str, question: Question) -> HistoryVerdict {
        let knowledge = self.office.knowledge();
        let history = knowledge.read_history(self.signed()).expect("the office's own");
        was_authorised(input, &history, &knowledge, question, &self.office.policy, self.office.now)
    }

    /// The answer, which must be the same for the text and for the QR code.
    fn ask(&self, question: Question) -> HistoryVerdict {
        let [text, link] =
            [self.office.text(), self.office.link()].map(|input| self.ask_about(&input, question));
        assert_eq!((text.truth(), text.known()), (link.truth(), link.known()));
        link
    }

    #[track_caller]
    fn code(&self, question: Question) -> String {
        self.ask(question).code().to_string()
    }
}

#[test]
fn days_are_answered_by_the_states_of_the_newest_record() {
    let past = Past::new();
    for (day, code, which) in [
        ("2001-12-31", "was_not_yet_authorised", None),
        ("2002-01-01", "was_authorised", Some(Which::Another)),
        ("2004-12-31", "was_authorised", Some(Which::Another)),
        ("2005-01-01", "was_not_authorised", None),
        ("2010-05-31", "was_not_authorised", None),
        ("2010-06-01", "was_authorised", Some(Which::This)),
        ("2019-02-28", "was_authorised", Some(Which::This)),
        ("2019-03-01", "was_suspended", Some(Which::This)),
        ("2019-04-30", "was_suspended", Some(Which::This)),
        ("2019-05-01", "was_authorised", Some(Which::This)),
        ("2026-11-22", "was_authorised", Some(Which::This)),
    ] {
        let verdict = past.ask(on(day));
        assert_eq!(
            (verdict.code().to_string().as_str(), verdict.truth().authorisation),
            (code, which),
            "{day}"
        );
        assert_eq!((verdict.truth().as_known_at, verdict.known()), (Some(past.iat), None), "{day}");
        assert!(verdict.certificate().is_some() && verdict.cause().is_none());
    }
}

#[test]
fn what_was_known_is_told_from_what_is_true() {
    let past = Past::new();
    let verdict = past.ask(known("2019-03-15", "2019-06-14"));
    assert_eq!((verdict.code(), verdict.colour()), (PastCode::WasAuthorised, Colour::Accepted));
    assert_eq!(verdict.truth().code, PastCode::WasSuspended);
    // The last second of that day in Oslo, in summer.
    assert_eq!(verdict.answer().as_known_at, Some(at("2019-06-14T21:59:59Z")));
    let verdict = past.ask(known("2019-03-15", "2019-06-15"));
    assert_eq!(
        (verdict.code(), verdict.truth().code),
        (PastCode::WasSuspended, PastCode::WasSuspended)
    );
    let winter = past.ask(known("2019-03-15", "2019-12-24"));
    assert_eq!(winter.answer().as_known_at, Some(at("2019-12-24T22:59:59Z")));
    let verdict = past.ask(known("2019-03-15", "2010-05-31"));
    assert_eq!(
        (verdict.code(), verdict.colour()),
        (PastCode::NotRecordedThen, Colour::Undetermined)
    );
    assert_eq!(verdict.truth().code, PastCode::WasSuspended);
    assert_eq!(past.code(known("2001-01-01", "2010-06-01")), "was_not_yet_authorised");
}

#[test]
fn the_end_of_a_day_of_knowing_is_midnight_in_oslo() {
    let mut past = Past::new();
    // On 2019-03-31 clocks go forward, on 2019-10-27 they go back.
    for (recorded, day_before, same_day) in [
        ("2019-03-30T23:00:00Z", "2019-03-30", "2019-03-31"),
        ("2019-03-31T21:59:59Z", "2019-03-30", "2019-03-31"),
        ("2019-03-31T22:00:00Z", "2019-03-31", "2019-04-01"),
        ("2019-10-26T22:00:00Z", "2019-10-26", "2019-10-27"),
        ("2019-10-27T22:59:59Z", "2019-10-26", "2019-10-27"),
        ("2019-10-27T23:00:00Z", "2019-10-27", "2019-10-28"),
        ("2020-02-28T22:59:59Z", "2020-02-27", "2020-02-28"),
        ("2020-02-28T23:00:00Z", "2020-02-28", "2020-02-29"),
        ("2020-02-29T23:00:00Z", "2020-02-29", "2020-03-01"),
        ("2019-12-31T23:00:00Z", "2019-12-31", "2020-01-01"),
    ] {
        past.entries[0].records[1].recorded = at(recorded);
        assert_eq!(past.code(known("2019-03-15", day_before)), "was_authorised", "{recorded}");
        assert_eq!(past.code(known("2019-03-15", same_day)), "was_suspended", "{recorded}");
    }
}

#[test]
fn nothing_is_said_beyond_the_end_of_a_history() {
    let mut past = Past::new();
    // Half past midnight in Oslo, the day before in UTC.
    past.iat = at("2026-11-21T23:30:00Z");
    assert_eq!(past.code(on("2026-11-22")), "was_authorised");
    assert_eq!(past.code(on("2026-11-23")), "after_history");
    assert_eq!(past.code(known("2026-11-23", "2019-01-01")), "after_history");
    assert_eq!(past.code(known("2019-03-15", "2026-11-21")), "was_suspended");
    assert_eq!(past.code(known("2019-03-15", "2026-11-22")), "known_after_history");
    past.iat = past.iat.plus_seconds(-3600);
    assert_eq!(past.code(on("2026-11-22")), "after_history");
    assert_eq!(past.code(known("2019-03-15", "2026-11-21")), "known_after_history");
    assert_eq!(past.ask(on("2026-11-22")).colour(), Colour::Undetermined);
}

#[test]
fn a_certificate_answers_for_the_past_though_it_has_run_out_or_is_withdrawn_or_was_signed_later() {
    let mut past = Past::new();
    past.office.certificate.exp = past.office.now.plus_seconds(-HOUR);
    past.office.set_status(vernet_common::Status::Invalid);
    past.entries = vec![entry(&past.office)];
    assert_eq!(past.office.verdict().code(), Code::Expired);
    assert_eq!(past.code(on("2011-01-01")), "was_authorised");
    // Its key has been retired since.
    past.office.trust_list.keys[0].not_after = Some(past.office.now.plus_seconds(-HOUR));
    past.office.trust_list.keys[1].not_after = Some(past.office.now.plus_seconds(-HOUR / 2));
    past.office.status_claims.iat = past.office.now.plus_seconds(-HOUR);
    assert_eq!(past.code(on("2011-01-01")), "was_authorised");
}

#[test]
fn a_kind_that_always_has_conditions_had_them_then() {
    let mut office = Office::new();
    office.certificate.authorisation.kind = Kind::LimitedAuthorisation;
    let past = Past::of(office);
    assert_eq!(past.code(on("2011-01-01")), "was_authorised_with_conditions");
    assert_eq!(past.code(on("2003-01-01")), "was_authorised", "under the other authorisation");
    let mut past = Past::new();
    past.entries[0].records[1].states[2].state = PastState::WithConditions;
    assert_eq!(past.code(on("2011-01-01")), "was_authorised_with_conditions");
}

#[test]
fn a_certificate_that_is_not_in_the_history_is_not_known() {
    let mut past = Past::new();
    past.office.certificate.given_name = "Ada".parse().expect("a name");
    let verdict = past.ask(on("2011-01-01"));
    assert_eq!((verdict.code(), verdict.colour()), (PastCode::NotInHistory, Colour::Undetermined));
    assert!(verdict.certificate().is_some(), "the signature held");
    assert_eq!(past.code(known("2011-01-01", "2012-01-01")), "not_in_history");
}

#[test]
fn a_certificate_that_is_none_gets_no_answer() {
    let past = Past::new();
    let question = known("2011-01-01", "2012-01-01");
    for (input, code, colour) in [
        (past.office.signed_by_a_stranger(), "untrusted_issuer", Colour::Refused),
        ("hello".to_owned(), "malformed", Colour::Refused),
        (past.office.text().replacen('.', "", 1), "malformed", Colour::Refused),
    ] {
        let verdict = past.ask_about(&input, question);
        assert_eq!((verdict.code().to_string().as_str(), verdict.colour()), (code, colour));
        assert_eq!((verdict.truth().code, verdict.certificate()), (verdict.code(), None));
    }
    let forged = Signed::sign(&past.office.certificate, Algorithm::EdDsa, &key(CERTIFICATE_KEY))
        .expect("signs");
    let (head, signature) = forged.as_str().rsplit_once('.').expect("three parts");
    let bent =
        format!("{head}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    assert_eq!(past.ask_about(&bent, question).code(), PastCode::Now(Code::BadSignature));
}

#[test]
fn a_stolen_certificate_key_answers_nothing() {
    let mut past = Past::new();
    past.office.steal_certificate_key();
    let verdict = past.ask_about(&past.office.text(), on("2011-01-01"));
    assert_eq!(
        (verdict.code(), verdict.colour()),
        (PastCode::Now(Code::KeyCompromised), Colour::Refused)
    );
    assert_eq!(verdict.cause().map(vernet_verifier::InputError::code), Some("key_compromised"));
}

#[test]
fn what_we_know_now_must_be_current() {
    let mut past = Past::new();
    let late = past.office.trust_list.exp;
    let ask = |past: &Past, now| {
        let knowledge = past.office.knowledge();
        let history = knowledge.read_history(past.signed()).expect("the office's own");
        let verdict = was_authorised(
            &past.office.text(),
            &history,
            &knowledge,
            on("2011-01-01"),
            &past.office.policy,
            now,
        );
        assert_eq!(verdict.colour(), Colour::Undetermined);
        verdict.code().to_string()
    };
    assert_eq!(ask(&past, late), "trust_list_expired");
    past.office.trust_list.exp = late.plus_seconds(100 * DAY);
    assert_eq!(ask(&past, late.plus_seconds(30 * DAY)), "trust_list_stale");
    assert_eq!(ask(&past, past.office.now.plus_seconds(-2 * HOUR)), "clock_behind");
    past.iat = past.office.now.plus_seconds(301);
    assert_eq!(ask(&past, past.office.now), "clock_behind", "a history of the future");
    past.iat = past.office.now.plus_seconds(300);
    assert_eq!(past.code(on("2011-01-01")), "was_authorised", "clocks may differ a little");
}

#[test]
fn only_a_status_key_that_is_trusted_makes_a_history() {
    let mut past = Past::new();
    for (signer, code) in [(CERTIFICATE_KEY, "key_use"), (LOG_KEY, "key_use"), (66, "key_unknown")]
    {
        past.signer = signer;
        assert_eq!(past.refused(), code);
    }
    past.signer = STATUS_KEY;
    past.trust_list_seq = 8;
    assert_eq!(past.refused(), "trust_list_outdated", "somebody holds the newer trust list back");
    past.trust_list_seq = 7;
    past.iat = past.office.now.plus_seconds(-366 * DAY);
    past.entries[0].records[1].states.truncate(4);
    assert_eq!(past.refused(), "key_not_valid_at");
    let mut past = Past::new();
    let signed = SignedHistory::sign(
        ("https://other.example.no".parse().expect("a URL"), 7),
        past.iat,
        &past.entries,
        Algorithm::EdDsa,
        &key(STATUS_KEY),
    );
    let error: Error = past
        .office
        .knowledge()
        .read_history(signed.expect("consistent"))
        .expect_err("another issuer");
    assert_eq!(error.code(), "history_issuer");
    past.office.trust_list.keys[1].compromised_at = Some(past.office.now);
    let bundle = vernet_common::Bundle { status_lists: vec![], ..past.office.bundle() };
    let knowledge: Knowledge = past.office.learn(&bundle).expect("a trust list");
    assert_eq!(
        knowledge.read_history(past.signed()).expect_err("a stolen key").code(),
        "key_compromised"
    );
}

/// Stable API: what a program reads.
#[test]
fn the_object_says_what_was_true_and_what_was_known() {
    let past = Past::new();
    let object = serde_json::to_value(past.ask(known("2019-03-15", "2019-06-14"))).expect("JSON");
    let certificate = object["certificate"]["certificate_number"].clone();
    assert_eq!(certificate, "NO-PE-2026-000123");
    let mut object = object;
    object["certificate"] = serde_json::Value::Null;
    assert_eq!(
        object,
        serde_json::json!({
            "verdict": "accepted",
            "code": "was_authorised",
            "on": "2019-03-15",
            "known_on": "2019-06-14",
            "true": {
                "verdict": "refused",
                "code": "was_suspended",
                "as_known_at": "2026-11-22T09:00:00Z",
                "authorisation": "this",
            },
            "known": {
                "verdict": "accepted",
                "code": "was_authorised",
                "as_known_at": "2019-06-14T21:59:59Z",
                "authorisation": "this",
            },
            "source": "history",
            "checked_at": "2026-11-22T10:00:00Z",
            "certificate": null,
            "cause": null,
            "advice": "compare name and birth date with those of the person that is asked about",
        })
    );
    let object = serde_json::to_value(past.ask(on("2003-01-01"))).expect("JSON");
    assert_eq!(
        (&object["known"], &object["known_on"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(object["true"]["authorisation"], "another");
}

#[test]
fn people_are_told_both_answers_and_nothing_that_was_not_asked() {
    let past = Past::new();
    assert_eq!(
        past.ask(known("2019-03-15", "2019-06-14")).to_string(),
        "✔ WAS AUTHORISED on 2019-03-15  [was_authorised]\n  \
         Åse Kjærstad Østlyngen-Bråthen, born 1980-02-29, HPR number 9144889\n  \
         perfusionist, certificate NO-PE-2026-000123\n  \
         issued by https://perfusionist.example.no\n  \
         by what was known at the end of 2019-06-14, recorded up to 2019-06-14T21:59:59Z\n  \
         by what is known now: was_suspended, recorded up to 2026-11-22T09:00:00Z\n  \
         from the office's signed history\n  \
         → compare name and birth date with those of the person that is asked about"
    );
    assert_eq!(
        past.ask(on("2003-01-01")).to_string(),
        "✔ WAS AUTHORISED on 2003-01-01  [was_authorised]\n  \
         Åse Kjærstad Østlyngen-Bråthen, born 1980-02-29, HPR number 9144889\n  \
         perfusionist, certificate NO-PE-2026-000123\n  \
         issued by https://perfusionist.example.no\n  \
         by what is known now, recorded up to 2026-11-22T09:00:00Z, by another authorisation of the same person\n  \
         from the office's signed history\n  \
         → compare name and birth date with those of the person that is asked about"
    );
}

#[test]
fn every_code_has_a_name_of_its_own_a_colour_and_an_advice() {
    let names: std::collections::BTreeSet<_> =
        PastCode::ALL.iter().map(PastCode::to_string).collect();
    assert_eq!(names.len(), PastCode::ALL.len());
    let of_now: Vec<_> = Code::ALL.iter().map(Code::to_string).collect();
    assert!(names.iter().all(|name| !of_now.contains(name)));
    for code in PastCode::ALL.iter().copied() {
        assert!(!code.advice().is_empty());
        let sign = match code.colour() {
            Colour::Accepted => "✔ WAS AUTHORISED",
            Colour::Refused => "✘ WAS NOT AUTHORISED",
            Colour::Undetermined => "? NOT KNOWN",
        };
        assert!(code.headline().starts_with(sign), "{code}");
    }
    // That a certificate is accepted today is not an answer about the past.
    for code in Code::ALL.iter().copied() {
        assert_ne!(PastCode::Now(code).colour(), Colour::Accepted, "{code}");
    }
    assert_eq!(PastCode::Now(Code::KeyCompromised).headline(), "✘ NO ANSWER FOR THIS CERTIFICATE");
    assert_eq!(serde_json::to_value(PastSource::Archive).expect("JSON"), "archive");
}
