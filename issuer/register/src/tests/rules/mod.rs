//! A test per rule: first the neighbour that the rule allows, then what it refuses. Both begin with
//! an empty register.

mod appeal;
mod correction;
mod decision;
mod grant;
mod key;
mod loss;
mod measure;
mod officer;
mod person;
mod renewal;
mod suspension;
mod titles;

use serde_json::json;

use super::*;
use crate::rule::{Rule, RuleError};

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
    [
        grant::cases(),
        person::cases(),
        correction::cases(),
        loss::cases(),
        decision::cases(),
        suspension::cases(),
        appeal::cases(),
        measure::cases(),
        key::cases(),
        officer::cases(),
        titles::cases(),
        renewal::cases(),
    ]
    .concat()
}

fn ok<T>(result: Result<T, Error>) -> Result<(), Error> {
    result.map(|_| ())
}

fn old(o: &mut Office, granted: &str, birthdate: &str) -> Result<(), Error> {
    let exam = json!({"school": "Any School", "date": "1999-05-20"});
    ok(o.grant(
        json!({"granted": granted, "decided": granted, "birthdate": birthdate, "exam": exam}),
    ))
}

fn accredited(o: &mut Office, school: &str, date: &str) -> Result<(), Error> {
    let exam = json!({"school": school, "date": date});
    ok(o.grant(json!({"basis": "accredited_school_exam", "exam": exam})))
}

fn licence(o: &mut Office, birthdate: &str, granted: &str, valid_to: &str) -> Result<(), Error> {
    let changes = json!({"kind": "licence", "valid_to": valid_to, "birthdate": birthdate, "granted": granted});
    ok(o.grant(changes))
}

/// A new authorisation for the holder of a certificate, applied for and granted on a day. There are
/// special reasons, so that the quarantine of two years is in nobody's way.
fn again(o: &mut Office, number: CertificateNumber, granted: &str) -> Result<(), Error> {
    anew(
        o,
        number,
        json!({"applied": granted, "decided": granted, "granted": granted, "special_reasons": "2026/8"}),
    )
}

/// A new authorisation for the holder of a certificate.
fn anew(o: &mut Office, number: CertificateNumber, terms: Value) -> Result<(), Error> {
    let mut changes = json!({"basis": "new_authorisation", "exam": null, "previous_certificate": number.to_string()});
    let terms = terms.as_object().expect("an object").clone();
    changes.as_object_mut().expect("an object").extend(terms);
    ok(o.grant(changes))
}

/// The certificates of two numbers, 1001 and 1002, that may be one person.
fn two(o: &mut Office) -> Result<(CertificateNumber, CertificateNumber), Error> {
    let mut grant =
        |hpr| o.grant(json!({"hpr_number": hpr})).map(|issued| issued.claims.certificate_number);
    Ok((grant("1001")?, grant("1002")?))
}

/// The number of the second certificate of the year.
fn second() -> CertificateNumber {
    "NO-PE-2026-000002".parse().expect("a number")
}

fn temporary(o: &mut Office) -> CertificateNumber {
    let licence = o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"}));
    licence.expect("a licence").claims.certificate_number
}

#[test]
fn messages_read_well() {
    let o = &mut Office::new();
    let error = accredited(o, "Fjordheim Perfusion School", "2013-12-31").expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the exam date is `2013-12-31`, expected a day on which `Fjordheim Perfusion School` was accredited: from \
         `2001-01-01` and before `2012-09-01` or from `2014-01-01` on (helsepersonelloven § 48 a, until 2015-06-30 § 48)"
    );
    let error: RuleError =
        match licence(o, "1945-01-01", "2026-01-10", "2027-01-11").expect_err("refused") {
            Error::Rule(error) => error,
            other => panic!("{other}"),
        };
    assert_eq!(
        error.to_string(),
        "`valid_to` is `2027-01-11`, expected `2027-01-10` or earlier over the age limit (lisensforskriften, \
         FOR-2000-12-21-1379)"
    );
}

/// A grant of today that replaces what a certificate is about.
fn replace(o: &mut Office, number: CertificateNumber) -> Result<(), Error> {
    let today = o.now.civil_date().to_string();
    let previous = number.to_string();
    ok(o.grant(json!({"previous_certificate": previous, "granted": today, "decided": today})))
}

#[test]
fn what_is_not_settled_warns_and_refuses_nothing() {
    let doubts = |o: &Office, proposal: &Proposal| -> Vec<&'static str> {
        let doubts = crate::doubts(o.register.state(), proposal, o.now);
        doubts.into_iter().map(|doubt| doubt.code).collect()
    };
    let grant = |changes: Value| Proposal::to_grant(application(changes));
    // A waiver under supervision, and a revocation before 2025.
    for (decided, loss) in [
        ("2026-01-15", Event::Waived { certificate: number(), during_supervision: true }),
        ("2024-12-31", revoked("NO-PE-2024-000001".parse().expect("a number"))),
    ] {
        let o = &mut Office::new();
        let number = o.on(decided).granted();
        o.did(loss);
        let again = |applied: &str| {
            grant(
                json!({"basis": "new_authorisation", "exam": null, "previous_certificate": number.to_string(),
                "applied": applied, "decided": "2028-06-01", "granted": "2028-06-01"}),
            )
        };
        o.on("2028-06-01");
        assert_eq!(doubts(o, &again("2026-02-01")), ["quarantine_unsettled"]);
        assert_eq!(doubts(o, &again("2028-05-01")), [""; 0]);
        ok(o.both(again("2026-02-01"))).expect("it refuses nothing");
    }
    let o = &mut Office::new();
    let british =
        grant(json!({"basis": "eea_recognition", "exam": null, "recognition": {"state": "GB"}}));
    assert_eq!(doubts(o, &british), ["recognition_unconfirmed"]);
    ok(o.both(british)).expect("it refuses nothing");
    let abroad = |more: Value| {
        let mut changes = json!({"basis": "equivalent_foreign_exam", "hpr_number": "9144900"});
        changes
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        grant(changes)
    };
    assert_eq!(doubts(o, &abroad(json!({}))), ["third_country_proof_missing"; 2]);
    assert_eq!(
        doubts(
            o,
            &abroad(json!({"norwegian_language": "B2, 2019", "national_subjects": "2019/3"}))
        ),
        [""; 0]
    );
    ok(o.both(abroad(json!({})))).expect("it refuses nothing");
    let examination = Proposal::of(open_ended(number(), SuspensionGround::Examination));
    assert_eq!(doubts(o, &examination), ["paragraph_unconfirmed"]);
    assert_eq!(doubts(o, &Proposal::of(suspended(number(), "2026-03-01"))), [""; 0]);
}
