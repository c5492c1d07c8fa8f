//! A test per rule: first the neighbour that the rule allows, then what it refuses. Both begin with an empty register.

use serde_json::json;

use super::*;
use crate::{Rule, RuleError};

type Step = fn(&mut Office) -> Result<(), Error>;

/// The rule, what it is about, a case just inside it and one just outside.
type Case = (Rule, &'static str, Step, Step);

#[test]
fn every_rule_allows_its_neighbour_and_refuses() {
    for (rule, about, allowed, refused) in cases() {
        if let Err(error) = allowed(&mut Office::new()) {
            panic!("{}, {about}: the allowed case was refused: {error}", rule.code());
        }
        let error = refused(&mut Office::new()).expect_err(about);
        assert_eq!(error.code(), rule.code(), "{about}: {error}");
        assert!(matches!(error, Error::Rule(ref error) if error.rule() == rule));
        assert!(error.to_string().contains(rule.law()), "{error}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let tested: Vec<_> = cases().iter().map(|case| case.0).collect();
    for rule in Rule::ALL {
        assert!(tested.contains(rule), "no test for `{}`", rule.code());
    }
}

fn cases() -> Vec<Case> {
    [grant_cases(), person_cases(), decision_cases(), suspension_cases(), appeal_cases()].concat()
}

fn ok<T>(result: Result<T, Error>) -> Result<(), Error> {
    result.map(|_| ())
}

fn old(o: &mut Office, granted: &str, birthdate: &str) -> Result<(), Error> {
    let exam = json!({"school": "Any School", "date": "1999-05-20"});
    ok(o.grant(json!({"granted": granted, "decided": granted, "birthdate": birthdate, "exam": exam})))
}

fn accredited(o: &mut Office, school: &str, date: &str) -> Result<(), Error> {
    let exam = json!({"school": school, "date": date});
    ok(o.grant(json!({"basis": "accredited_school_exam", "exam": exam})))
}

fn transitional(o: &mut Office, decided: &str) -> Result<(), Error> {
    ok(o.grant(json!({"basis": "transitional", "exam": null, "decided": decided, "granted": "2004-06-01"})))
}

fn licence(o: &mut Office, birthdate: &str, granted: &str, valid_to: &str) -> Result<(), Error> {
    let changes = json!({"kind": "licence", "valid_to": valid_to, "birthdate": birthdate, "granted": granted});
    ok(o.grant(changes))
}

fn grant_cases() -> Vec<Case> {
    let fjordheim = "Fjordheim Perfusion School";
    assert_eq!(fjordheim, OfficeData::sample().accreditations.schools[0].school);
    vec![
        (
            Rule::GrantBeforeProfessionExisted,
            "the first day of the profession",
            |o| old(o, "2001-01-01", "1970-01-01"),
            |o| old(o, "2000-12-31", "1970-01-01"),
        ),
        (
            Rule::GrantInFuture,
            "today and tomorrow",
            |o| ok(o.grant(json!({"granted": "2026-01-15"}))),
            |o| ok(o.grant(json!({"granted": "2026-01-16"}))),
        ),
        (
            Rule::GrantInFuture,
            "tomorrow begins at midnight in Oslo, not in UTC",
            |o| {
                o.now = "2026-03-28T23:00:00Z".parse().expect("an instant");
                ok(o.grant(json!({"granted": "2026-03-29"})))
            },
            |o| {
                o.now = "2026-03-28T22:59:59Z".parse().expect("an instant");
                ok(o.grant(json!({"granted": "2026-03-29"})))
            },
        ),
        (
            Rule::DecisionAfterGrant,
            "the day of the grant and the day after",
            |o| ok(o.grant(json!({"decided": "2020-01-01"}))),
            |o| ok(o.grant(json!({"decided": "2020-01-02"}))),
        ),
        (
            Rule::BasisEvidenceMismatch,
            "evidence of another basis",
            |o| ok(o.grant(json!({"basis": "eea_recognition", "exam": null, "recognition": {"state": "SE"}}))),
            |o| {
                let mut application = application(json!({}));
                application.basis = vernet_common::Basis::EeaRecognition;
                ok(o.apply(&application))
            },
        ),
        (
            Rule::ExamAfterDecision,
            "an exam on the day of the decision and the day after",
            |o| ok(o.grant(json!({"exam": {"school": "Any School", "date": "2020-01-01"}}))),
            |o| ok(o.grant(json!({"exam": {"school": "Any School", "date": "2020-01-02"}}))),
        ),
        (
            Rule::SchoolUnknown,
            "a school that the table does not name",
            |o| accredited(o, "Fjordheim Perfusion School", "2010-01-01"),
            |o| accredited(o, "Fjordheim School of Perfusion", "2010-01-01"),
        ),
        (
            Rule::SchoolNotAccreditedOnExamDate,
            "the last day of an accreditation, which was lost before the grant, and the day after",
            |o| accredited(o, "Fjordheim Perfusion School", "2012-08-31"),
            |o| accredited(o, "Fjordheim Perfusion School", "2012-09-01"),
        ),
        (
            Rule::SchoolNotAccreditedOnExamDate,
            "the first day of an accreditation and the day before",
            |o| accredited(o, "Fjordheim Perfusion School", "2014-01-01"),
            |o| accredited(o, "Fjordheim Perfusion School", "2013-12-31"),
        ),
        (
            Rule::TransitionalNotConfigured,
            "a window and none",
            |o| {
                o.data.transitional_window = window("2002-01-01", "2004-01-01");
                transitional(o, "2003-01-01")
            },
            |o| transitional(o, "2003-01-01"),
        ),
        (
            Rule::TransitionalOutsideWindow,
            "the first day of the window and the day before",
            |o| {
                o.data.transitional_window = window("2002-01-01", "2004-01-01");
                transitional(o, "2002-01-01")
            },
            |o| {
                o.data.transitional_window = window("2002-01-01", "2004-01-01");
                transitional(o, "2001-12-31")
            },
        ),
        (
            Rule::TransitionalOutsideWindow,
            "the last day of the window and the day after",
            |o| {
                o.data.transitional_window = window("2002-01-01", "2004-01-01");
                transitional(o, "2003-12-31")
            },
            |o| {
                o.data.transitional_window = window("2002-01-01", "2004-01-01");
                transitional(o, "2004-01-01")
            },
        ),
        (
            Rule::OverAgeLimit,
            "the day before the 80th birthday, and the birthday",
            |o| old(o.on("2026-01-15"), "2026-01-15", "1946-01-16"),
            |o| old(o.on("2026-01-15"), "2026-01-15", "1946-01-15"),
        ),
        (
            Rule::OverAgeLimit,
            "75 on the first day of the new limit, and on the last day of the old one",
            |o| old(o.on("2015-07-01"), "2015-07-01", "1940-07-01"),
            |o| old(o.on("2015-07-01"), "2015-06-30", "1940-06-30"),
        ),
        (
            Rule::LicenceOverAgeLimitLongerThanOneYear,
            "a year over the age limit, and a day more",
            |o| licence(o, "1945-01-01", "2026-01-10", "2027-01-10"),
            |o| licence(o, "1945-01-01", "2026-01-10", "2027-01-11"),
        ),
        (
            Rule::LicenceWithoutEnd,
            "a licence with and without an end",
            |o| licence(o, "1980-01-01", "2026-01-10", "2028-01-10"),
            |o| ok(o.grant(json!({"kind": "licence"}))),
        ),
        (
            Rule::LicenceWithoutEnd,
            "a licence that ends when it begins",
            |o| licence(o, "1980-01-01", "2026-01-15", "2026-01-16"),
            |o| licence(o, "1980-01-01", "2026-01-15", "2026-01-15"),
        ),
        (
            Rule::EndWithoutLicence,
            "an authorisation with an end",
            |o| ok(o.grant(json!({}))),
            |o| ok(o.grant(json!({"valid_to": "2030-01-01"}))),
        ),
        (
            Rule::EndsBeforeIssue,
            "a licence that ends tomorrow, and one that ended today",
            |o| licence(o, "1980-01-01", "2024-01-01", "2026-01-16"),
            |o| licence(o, "1980-01-01", "2024-01-01", "2026-01-15"),
        ),
        (
            Rule::EndsBeforeIssue,
            "who lapsed at 75 does not come back with the new limit",
            |o| old(o.on("2015-06-29"), "2010-01-01", "1940-06-30"),
            |o| old(o.on("2016-01-01"), "2010-01-01", "1940-06-30"),
        ),
        (
            Rule::ConditionsMissing,
            "a limited authorisation",
            |o| ok(o.grant(json!({"kind": "limited_authorisation", "conditions": "2020/1"}))),
            |o| ok(o.grant(json!({"kind": "limited_authorisation"}))),
        ),
        (
            Rule::ConditionsWithoutLimitation,
            "conditions of a bound and an ordinary licence",
            |o| ok(o.grant(json!({"kind": "bound_licence", "valid_to": "2027-01-01", "conditions": "2020/1"}))),
            |o| ok(o.grant(json!({"kind": "licence", "valid_to": "2027-01-01", "conditions": "2020/1"}))),
        ),
    ]
}

/// A new authorisation for the holder of a certificate, from a day on.
fn again(o: &mut Office, number: CertificateNumber, granted: &str) -> Result<(), Error> {
    let basis = json!({"basis": "new_authorisation", "exam": null, "previous_certificate": number.to_string(),
        "decided": granted, "granted": granted});
    ok(o.grant(basis))
}

/// An authorisation of 2020 was revoked on 2022-03-01; asks for another one under a quarantine rule.
fn after_quarantine(o: &mut Office, rule_from: &str, gravest: bool, granted: &str) -> Result<(), Error> {
    let number = o.on("2022-03-01").granted();
    o.did(Event::Revoked { certificate: number, gravest });
    o.data.quarantine = quarantine(rule_from);
    again(o.on("2040-01-01"), number, granted)
}

/// The number of the second certificate of the year.
fn second() -> CertificateNumber {
    "NO-PE-2026-000002".parse().expect("a number")
}

fn temporary(o: &mut Office) -> CertificateNumber {
    let licence = o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"}));
    licence.expect("a licence").claims.certificate_number
}

fn replace(o: &mut Office, number: CertificateNumber) -> Result<(), Error> {
    let today = o.now.civil_date().to_string();
    let previous = number.to_string();
    ok(o.grant(json!({"previous_certificate": previous, "granted": today, "decided": today})))
}

fn person_cases() -> Vec<Case> {
    vec![
        (
            Rule::AlreadyAuthorised,
            "another person, and the same one",
            |o| {
                o.granted();
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
            |o| {
                o.granted();
                ok(o.grant(json!({"hpr_number": "09144889"})))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a live licence is replaced only if it is named",
            |o| {
                let number = temporary(o);
                replace(o, number)
            },
            |o| {
                temporary(o);
                ok(o.grant(json!({})))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a new grant does not undo a suspension of a licence",
            |o| {
                let number = temporary(o);
                o.did(suspended(number, "2026-02-01"));
                replace(o.on("2026-02-01"), number)
            },
            |o| {
                let number = temporary(o);
                o.did(suspended(number, "2026-02-01"));
                replace(o.on("2026-01-31"), number)
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a licence that ended may be followed but not overlapped",
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-02-01"})))
            },
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-01-31"})))
            },
        ),
        (
            Rule::BirthdateDiffers,
            "the same number with another birthdate",
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-02-01"})))
            },
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-02-01", "birthdate": "1980-02-28"})))
            },
        ),
        (
            Rule::HprMerged,
            "the successor of a number, and the number",
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                ok(o.grant(json!({})))
            },
        ),
        (
            Rule::HprUnknown,
            "a number that was never seen",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                ok(o.record(merged("9144901", "9144889")))
            },
        ),
        (
            Rule::MergeCycle,
            "back to where it came from, over two steps",
            |o| {
                o.granted();
                o.did(merged("9144889", "9144900"));
                ok(o.record(merged("9144900", "9144901")))
            },
            |o| {
                o.granted();
                o.did(merged("9144889", "9144900"));
                o.did(merged("9144900", "9144901"));
                ok(o.record(merged("9144901", "9144889")))
            },
        ),
        (
            Rule::MergeCycle,
            "into itself",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144889")))
            },
        ),
        (
            Rule::HprMerged,
            "merged twice",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                o.did(merged("9144889", "9144900"));
                ok(o.record(merged("9144889", "9144901")))
            },
        ),
        (
            Rule::MergeOfTwoAuthorised,
            "two live certificates",
            |o| {
                let number = o.granted();
                o.grant(json!({"hpr_number": "9144900"}))?;
                o.did(waived(number));
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                o.grant(json!({"hpr_number": "9144900"}))?;
                ok(o.record(merged("9144889", "9144900")))
            },
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "an ordinary grant after revocation",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                again(o, number, "2026-01-15")
            },
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                ok(o.grant(json!({"granted": "2026-01-15"})))
            },
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "a suspension before the revocation counts, and one after it",
            |o| {
                let number = o.granted();
                o.dated(revoked(number), "2026-01-15", "2026-02-01")?;
                ok(o.on("2026-01-31").record(suspended(number, "2026-03-01")))
            },
            |o| {
                let number = o.granted();
                o.dated(revoked(number), "2026-01-15", "2026-02-01")?;
                ok(o.on("2026-02-01").record(suspended(number, "2026-03-01")))
            },
        ),
        (
            Rule::WaivedNeedsNewAuthorisation,
            "an ordinary grant after waiver, in spite of an annulled one between",
            |o| {
                let number = o.granted();
                o.did(waived(number));
                again(o, number, "2026-01-15")
            },
            |o| {
                let number = o.granted();
                o.did(waived(number));
                again(o, number, "2026-01-15")?;
                o.did(annulled(second()));
                ok(o.grant(json!({"granted": "2026-01-15"})))
            },
        ),
        (
            Rule::NewAuthorisationWithoutLoss,
            "after waiver, and after the end of a licence",
            |o| {
                let number = temporary(o);
                o.did(waived(number));
                again(o.on("2027-02-01"), number, "2027-02-01")
            },
            |o| {
                let number = temporary(o);
                again(o.on("2027-02-01"), number, "2027-02-01")
            },
        ),
        (
            Rule::QuarantineNotOver,
            "two years, and a day less",
            |o| after_quarantine(o, "2022-03-01", false, "2024-03-01"),
            |o| after_quarantine(o, "2022-03-01", false, "2024-02-29"),
        ),
        (
            Rule::QuarantineNotOver,
            "ten years in the gravest cases, and a day less",
            |o| after_quarantine(o, "2022-03-01", true, "2032-03-01"),
            |o| after_quarantine(o, "2022-03-01", true, "2032-02-29"),
        ),
        (
            Rule::QuarantineNotOver,
            "not for what was decided before the rule",
            |o| after_quarantine(o, "2022-03-02", true, "2022-03-01"),
            |o| after_quarantine(o, "2022-03-01", true, "2022-03-01"),
        ),
        (
            Rule::QuarantineNotOver,
            "a waiver during supervision counts as a revocation",
            |o| {
                o.data.quarantine = quarantine("2020-01-01");
                let number = o.granted();
                o.did(waived(number));
                again(o, number, "2026-01-15")
            },
            |o| {
                o.data.quarantine = quarantine("2020-01-01");
                let number = o.granted();
                o.did(Event::Waived { certificate: number, during_supervision: true });
                again(o, number, "2026-01-15")
            },
        ),
        (
            Rule::PreviousCertificateMismatch,
            "the last loss must be named, not an earlier one",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                let second = second();
                o.did(revoked(second));
                again(o, second, "2026-01-15")
            },
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                o.did(revoked(second()));
                again(o, number, "2026-01-15")
            },
        ),
        (
            Rule::PreviousCertificateMismatch,
            "the licence of another person",
            |o| {
                let number = temporary(o);
                replace(o, number)
            },
            |o| {
                let number = temporary(o);
                let previous = number.to_string();
                ok(o.grant(json!({"hpr_number": "9144900", "previous_certificate": previous})))
            },
        ),
    ]
}

fn decision_cases() -> Vec<Case> {
    vec![
        (
            Rule::AnnulledIsVoid,
            "annulled twice",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                ok(o.record(annulled(number)))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.record(annulled(number)))
            },
        ),
        (
            Rule::AnnulledIsVoid,
            "suspended after it was annulled; after annulment an ordinary grant is possible",
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.grant(json!({})))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.record(suspended(number, "2026-02-01")))
            },
        ),
        (
            Rule::AnnulledFromTheStart,
            "from the grant on, and from today on",
            |o| {
                let number = o.granted();
                ok(o.dated(annulled(number), "2026-01-15", "2020-01-01"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(annulled(number), "2026-01-15", "2026-01-15"))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "nothing is decided after a death, not even for days before",
            |o| {
                let number = o.granted();
                o.dated(revoked(number), "2026-01-01", "2026-01-01")?;
                ok(o.dated(deceased(number), "2026-01-15", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                o.dated(deceased(number), "2026-01-15", "2026-01-10")?;
                ok(o.dated(revoked(number), "2026-01-01", "2026-01-01"))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "a grant to the dead under the new number of a merge",
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                o.did(deceased(number));
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
        ),
        (
            Rule::DeathInFuture,
            "dead today and tomorrow",
            |o| {
                let number = o.granted();
                ok(o.dated(deceased(number), "2026-01-15", "2026-01-15"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(deceased(number), "2026-01-15", "2026-01-16"))
            },
        ),
        (
            Rule::AuthorisationNotInForce,
            "the last day of a licence and the day after",
            |o| {
                let number = temporary(o);
                ok(o.on("2026-12-31").record(revoked(number)))
            },
            |o| {
                let number = temporary(o);
                ok(o.on("2027-01-01").record(revoked(number)))
            },
        ),
        (
            Rule::AuthorisationNotInForce,
            "the first day of an authorisation and the day before",
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2020-01-01", "2020-01-01"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2019-12-31", "2019-12-31"))
            },
        ),
        (
            Rule::DecisionInFuture,
            "decided today and tomorrow",
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-15", "2026-01-16"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-16", "2026-01-16"))
            },
        ),
        (
            Rule::EffectiveBeforeDecided,
            "backdated by a day",
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-10", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                ok(o.dated(revoked(number), "2026-01-10", "2026-01-09"))
            },
        ),
        (
            Rule::ReissueNamesMismatch,
            "a name change with and without a new name",
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::NameChange, Some(("Åse", "Østlyngen"))))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::NameChange, Some(("Åse", "Kjærstad Østlyngen-Bråthen"))))
            },
        ),
        (
            Rule::ReissueNamesMismatch,
            "a lost print with new names",
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::LostPrint, None))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::LostPrint, Some(("Åse", "Østlyngen"))))
            },
        ),
        (
            Rule::ReissueReasonMismatch,
            "after an appeal the print was not just lost",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(reversed(number, decision));
                ok(o.reissue(number, ReissueReason::Appeal, None))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(reversed(number, decision));
                ok(o.reissue(number, ReissueReason::LostPrint, None))
            },
        ),
        (
            Rule::ReissueReasonMismatch,
            "no appeal without one",
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::KeyRotation, None))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::Appeal, None))
            },
        ),
        (
            Rule::LimitationWithoutLength,
            "a limitation of a day and of none",
            |o| {
                let number = o.granted();
                ok(o.record(limited(number, Some("2026-01-16"))))
            },
            |o| {
                let number = o.granted();
                ok(o.record(limited(number, Some("2026-01-15"))))
            },
        ),
        (
            Rule::LimitationOverlaps,
            "one after the other and both at once",
            |o| {
                let number = o.granted();
                o.did(limited(number, None));
                o.on("2026-02-01").did(limitation_lifted(number));
                ok(o.record(limited(number, None)))
            },
            |o| {
                let number = o.granted();
                o.did(limited(number, None));
                ok(o.on("2026-02-01").record(limited(number, None)))
            },
        ),
        (
            Rule::LimitationNotInForce,
            "the last day of a limitation and the day after",
            |o| {
                let number = o.granted();
                o.did(limited(number, Some("2026-02-01")));
                ok(o.on("2026-01-31").record(limitation_lifted(number)))
            },
            |o| {
                let number = o.granted();
                o.did(limited(number, Some("2026-02-01")));
                ok(o.on("2026-02-01").record(limitation_lifted(number)))
            },
        ),
        (
            Rule::AlertNotDue,
            "an alert is sent once",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(Event::Alerted { certificate: number, decision }))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(Event::Alerted { certificate: number, decision });
                ok(o.record(Event::Alerted { certificate: number, decision }))
            },
        ),
    ]
}

fn suspension_cases() -> Vec<Case> {
    vec![
        (
            Rule::SuspensionWithoutLength,
            "a day and none",
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-01-16")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-01-15")))
            },
        ),
        (
            Rule::SuspensionWithoutLength,
            "an extension to a day later and to the same day",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-03-02")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-03-01")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "six months and a day more",
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-07-15")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-07-16")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "six months from the last of August end with February",
            |o| {
                let number = o.granted();
                ok(o.on("2026-08-31").record(suspended(number, "2027-02-28")))
            },
            |o| {
                let number = o.granted();
                ok(o.on("2026-08-31").record(suspended(number, "2027-03-01")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "six more months and a day more",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                ok(o.on("2026-07-14").record(extended(number, "2027-01-15")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                ok(o.on("2026-07-14").record(extended(number, "2027-01-16")))
            },
        ),
        (
            Rule::SuspensionExtendedTwice,
            "extended once and twice",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                o.did(extended(number, "2026-04-01"));
                ok(o.record(extended(number, "2026-05-01")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "on the day on which the other one ends, and the day before",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-03-01").record(suspended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-02-28").record(suspended(number, "2026-04-01")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "before a suspension to come",
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-03-01"), "2026-01-15", "2026-02-01")?;
                ok(o.record(suspended(number, "2026-02-01")))
            },
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-03-01"), "2026-01-15", "2026-02-01")?;
                ok(o.record(suspended(number, "2026-02-02")))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "lifted on the last day and the day after",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-02-28").record(lifted(number)))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-03-01").record(lifted(number)))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "extended on the last day and the day after",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-02-28").record(extended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-03-01").record(extended(number, "2026-04-01")))
            },
        ),
    ]
}

fn appeal_cases() -> Vec<Case> {
    vec![
        (
            Rule::NotReversible,
            "a decision about somebody else",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let other = o.grant(json!({"hpr_number": "9144900"}))?.claims.certificate_number;
                let decision = o.did(revoked(number));
                ok(o.record(reversed(other, decision)))
            },
        ),
        (
            Rule::NotReversible,
            "a lifting is not appealed but followed by a new suspension",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                o.did(lifted(number));
                ok(o.record(suspended(number, "2026-03-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                let decision = o.did(lifted(number));
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::AlreadyReversed,
            "the same decision twice",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(reversed(number, decision));
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::ReversedBeforeDecided,
            "an appeal decided before the decision",
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-10", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-10", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-10", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-09", "2026-01-10"))
            },
        ),
        (
            Rule::EffectiveBeforeDecided,
            "an appeal reaches back to the decision, no further",
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-05", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-15", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-05", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-15", "2026-01-09"))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "an appeal does not put a second live certificate beside a new one",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                o.did(revoked(second()));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::BirthdateDiffers,
            "a merge of two birthdates",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.grant(json!({"hpr_number": "9144900", "birthdate": "1980-03-01"}))?;
                ok(o.record(merged("9144889", "9144900")))
            },
        ),
    ]
}

#[test]
fn messages_read_well() {
    let o = &mut Office::new();
    let error = accredited(o, "Fjordheim Perfusion School", "2013-12-31").expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the exam date is `2013-12-31`, expected a day on which `Fjordheim Perfusion School` was accredited: from \
         `2001-01-01` and before `2012-09-01` or from `2014-01-01` on (helsepersonelloven § 48 a)"
    );
    let error: RuleError = match licence(o, "1945-01-01", "2026-01-10", "2027-01-11").expect_err("refused") {
        Error::Rule(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(
        error.to_string(),
        "`valid_to` is `2027-01-11`, expected `2027-01-10` or earlier over the age limit (helsepersonelloven § 54 second \
         paragraph)"
    );
}
