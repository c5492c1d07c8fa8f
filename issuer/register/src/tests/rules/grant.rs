//! Rules of the grant itself: dates, basis, age, kind.

use serde_json::json;

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
            |o| {
                ok(o.grant(json!({"basis": "eea_recognition", "exam": null, "recognition": {"state": "SE"}})))
            },
            |o| {
                let mut application = application(json!({}));
                application.basis = Ground::Basis(vernet_common::Basis::EeaRecognition);
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
            Rule::SchoolsInvented,
            "invented schools at an office that is not an example, for what rests on them",
            |o| {
                *o = Office::at("https://perfusjonister.no");
                ok(o.grant(json!({})))
            },
            |o| {
                *o = Office::at("https://perfusjonister.no");
                accredited(o, "Fjordheim Perfusion School", "2010-01-01")
            },
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
            "conditions of a licence and of an authorisation",
            |o| {
                ok(o.grant(
                    json!({"kind": "licence", "valid_to": "2027-01-01", "conditions": "2020/1"}),
                ))
            },
            |o| ok(o.grant(json!({"conditions": "2020/1"}))),
        ),
        (
            Rule::PostWithoutLicence,
            "a licence bound to a post, and one whose decision is not named",
            |o| {
                ok(o.grant(
                    json!({"kind": "licence", "valid_to": "2027-01-01", "bound_to_post": true,
                    "conditions": "2020/1"}),
                ))
            },
            |o| {
                ok(o.grant(
                    json!({"kind": "licence", "valid_to": "2027-01-01", "bound_to_post": true}),
                ))
            },
        ),
        (
            Rule::PostWithoutLicence,
            "an authorisation is bound to no post",
            |o| ok(o.grant(json!({"bound_to_post": false}))),
            |o| {
                ok(o.grant(json!({"kind": "limited_authorisation", "conditions": "2020/1",
                    "bound_to_post": true})))
            },
        ),
        (
            Rule::TemporaryServiceNotIssued,
            "a licence is one, and temporary service is not",
            |o| ok(o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"}))),
            |o| ok(o.grant(json!({"kind": "temporary_service", "valid_to": "2027-01-01"}))),
        ),
        (
            Rule::KindNotOfProfession,
            "perfusionists have no practical training",
            |o| ok(o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"}))),
            |o| ok(o.grant(json!({"kind": "trainee_licence", "valid_to": "2027-01-01"}))),
        ),
        (
            Rule::KindNotOfProfession,
            "nor do they become doctors",
            |o| ok(o.grant(json!({}))),
            |o| ok(o.grant(json!({"kind": "lis1_licence", "valid_to": "2027-01-01"}))),
        ),
        (
            Rule::StateNotRecognised,
            "Switzerland, and a state far away",
            |o| recognised(o, "CH", "2020-01-01"),
            |o| recognised(o, "US", "2020-01-01"),
        ),
        (
            Rule::StateNotRecognised,
            "the scheme for the United Kingdom, and the day before",
            |o| recognised(o, "GB", "2023-12-01"),
            |o| recognised(o, "GB", "2023-11-30"),
        ),
        (
            Rule::StateNotRecognised,
            "the last day of the Nordic agreement, and its end",
            |o| recognised(o, "FO", "2020-01-31"),
            |o| recognised(o, "FO", "2020-02-01"),
        ),
        (
            Rule::ApplicationDateImpossible,
            "applied for on the day of the decision, and the day after",
            |o| ok(o.grant(json!({"applied": "2020-01-01"}))),
            |o| ok(o.grant(json!({"applied": "2020-01-02"}))),
        ),
    ]
}

fn recognised(o: &mut Office, state: &str, decided: &str) -> Result<(), Error> {
    ok(o.grant(json!({"basis": "eea_recognition", "exam": null, "recognition": {"state": state},
        "decided": decided, "granted": decided})))
}

fn transitional(o: &mut Office, decided: &str) -> Result<(), Error> {
    ok(o.grant(
        json!({"basis": "transitional", "exam": null, "decided": decided, "granted": "2004-06-01"}),
    ))
}
