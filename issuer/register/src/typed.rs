//! An application as it is typed into a form: fields by name, days as people write them.

use std::collections::BTreeMap;

use vernet_common::{Basis, CivilDate, HttpsUrl, Kind};

use crate::{
    application::{Application, Draft, DraftExam, Ground, Recognition},
    error::Error,
    office_data::OfficeData,
    phrase,
    rule::{Rule, RuleError},
    rules::grant::check_application,
    titles::ProtectedTitle,
};

/// What was typed, by the names of the fields.
pub type Typed = BTreeMap<String, String>;

/// What is wrong with what was typed so far.
#[derive(Debug)]
pub struct Finding {
    /// The field of the form; empty if it is about no field alone.
    pub field: &'static str,
    /// What is wrong with it.
    pub error: Error,
}

const DAYS: [&str; 6] = ["birthdate", "exam_date", "applied", "decided", "granted", "valid_to"];

/// The application that was typed into a form.
///
/// # Errors
///
/// As for [`Application::from_json`], each with the name of the field.
pub fn typed_application(typed: &Typed) -> Result<Application, Error> {
    let application: Application = draft(typed)?.try_into()?;
    crate::application::check_names(&application.given_name, &application.family_name)?;
    Ok(application)
}

fn draft(typed: &Typed) -> Result<Draft, Error> {
    let text = |name: &str| typed.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let owned = |name: &str| text(name).map(ToOwned::to_owned);
    let or_empty = |name: &str| owned(name).unwrap_or_default();
    let day = |name: &'static str| -> Result<Option<String>, Error> {
        Ok(read_day(typed, name)?.map(|day| day.to_string()))
    };
    let exam = match text("exam_school") {
        Some(school) => Some(DraftExam {
            school: school.to_owned(),
            date: day("exam_date")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Draft {
        // One name alone is the family name.
        given_name: or_empty("given_name"),
        family_name: or_empty("family_name"),
        birthdate: day("birthdate")?.unwrap_or_default(),
        hpr_number: or_empty("hpr_number"),
        title: owned("title"),
        kind: or_empty("kind"),
        basis: or_empty("basis"),
        exam,
        recognition: owned("recognition_state").map(|state| Recognition { state }),
        norwegian_language: owned("norwegian_language"),
        national_subjects: owned("national_subjects"),
        previous_certificate: owned("previous_certificate"),
        applied: day("applied")?,
        special_reasons: owned("special_reasons"),
        language: owned("language"),
        decided: day("decided")?.unwrap_or_default(),
        granted: day("granted")?.unwrap_or_default(),
        valid_to: day("valid_to")?,
        cycle_ends: None,
        conditions: owned("conditions"),
        bound_to_post: text("bound_to_post").is_some(),
    })
}

/// A day as people write it in Norway, if one was typed.
fn read_day(typed: &Typed, name: &'static str) -> Result<Option<CivilDate>, Error> {
    let text = typed.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(None) };
    let found = vernet_text::date(text).map(Some);
    let expected = "a day, as in `31.12.2026`";
    found.ok_or_else(|| vernet_common::Error::field(name, text, expected).into())
}

/// What is wrong with what was typed so far, whoever the person is: what is not typed yet is no
/// fault, and stands for something that breaks no rule.
pub fn findings(
    titles: &[ProtectedTitle],
    office: (&OfficeData, &HttpsUrl),
    typed: &Typed,
    today: CivilDate,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut left = typed.clone();
    for name in DAYS {
        if let Err(error) = read_day(typed, name) {
            findings.push(Finding { field: name, error });
            left.remove(name);
        }
    }
    // What cannot be read hides nothing else that is wrong.
    loop {
        let (complete, is_typed) = completed(&left, today);
        let found = match typed_application(&complete) {
            Ok(application) => {
                let checked = check(titles, office, &application, today).into_iter();
                findings.extend(checked.filter_map(|error| finding(error.into(), &is_typed)));
                return findings;
            }
            Err(error) => finding(error, &is_typed),
        };
        let Some(found) = found else { return findings };
        let field = found.field;
        findings.push(found);
        if left.remove(field).is_none() {
            return findings;
        }
    }
}

fn check(
    titles: &[ProtectedTitle],
    office: (&OfficeData, &HttpsUrl),
    application: &Application,
    today: CivilDate,
) -> Vec<RuleError> {
    match titles.iter().find(|row| row.title == application.title) {
        Some(row) => check_application(row, office, application, today),
        None => vec![RuleError::new(Rule::TitleUnknown, &application.title, phrase!("none"))],
    }
}

/// What was typed, completed by what breaks no rule; and which fields were typed.
fn completed(typed: &Typed, today: CivilDate) -> (Typed, impl Fn(&str) -> bool + use<>) {
    let mut complete: Typed = typed.clone();
    complete.retain(|_, text| !text.trim().is_empty());
    let known = complete.clone();
    let mut put = |name: &str, text: String| {
        complete.entry(name.to_owned()).or_insert(text);
    };
    let decided = read_day(&known, "decided").ok().flatten();
    let granted = read_day(&known, "granted").ok().flatten();
    let decided = decided.or(granted).unwrap_or(today);
    put("decided", decided.to_string());
    put("granted", granted.unwrap_or(decided).to_string());
    put("birthdate", decided.plus_years(-40).to_string());
    // The evidence of the basis, as long as none is typed.
    let is_known = |name: &str| known.contains_key(name);
    let has_exam = is_known("exam_school") || is_known("exam_date");
    let basis = known.get("basis").map_or("norwegian_exam", |text| text.trim());
    let (exam, recognition) = match basis {
        "norwegian_exam" | "accredited_school_exam" | "equivalent_foreign_exam" => {
            (!is_known("recognition_state"), false)
        }
        "eea_recognition" => (false, !has_exam),
        _ => (false, false),
    };
    if exam || has_exam {
        put("exam_school", "N".to_owned());
        put("exam_date", decided.to_string());
    }
    if recognition {
        put("recognition_state", "SE".to_owned());
    }
    if basis == Ground::NewAuthorisation.word() {
        put("previous_certificate", "NO-PE-2001-000001".to_owned());
    }
    put("family_name", "N".to_owned());
    put("hpr_number", "1".to_owned());
    put("kind", Kind::Authorisation.word().to_owned());
    put("basis", Ground::Basis(Basis::NorwegianExam).word().to_owned());
    (complete, move |name: &str| known.contains_key(name))
}

/// With the field that it is about; none if it is only that something was not typed yet.
fn finding(error: Error, is_typed: &impl Fn(&str) -> bool) -> Option<Finding> {
    let field = match &error {
        Error::Rule(refused) => refused.rule().field()?,
        Error::Common(vernet_common::Error::FieldInvalid { field, .. })
        | Error::NationalIdentityNumber { field, .. }
        | Error::NameNotPrintable { field, .. } => match *field {
            "exam.school" => "exam_school",
            "exam.date" => "exam_date",
            "recognition.state" => "recognition_state",
            field => field,
        },
        _ => "",
    };
    // The evidence is missing as long as it is not typed, and wrong once something else is.
    let evidence = ["exam_school", "recognition_state", "previous_certificate"];
    let is_there = match &error {
        Error::Rule(refused) if refused.rule() == Rule::BasisEvidenceMismatch => evidence
            .iter()
            .chain(&["norwegian_language", "national_subjects"])
            .any(|one| is_typed(one)),
        Error::Rule(refused) => {
            let is_about_missing =
                matches!(refused.rule(), Rule::LicenceWithoutEnd | Rule::ConditionsMissing);
            is_typed(field) || is_about_missing && is_typed("kind") && is_typed("decided")
        }
        _ => field.is_empty() || is_typed(field),
    };
    is_there.then_some(Finding { field, error })
}

impl Rule {
    /// The field of an application's form that the rule is about; none if it is about something
    /// else.
    fn field(self) -> Option<&'static str> {
        Some(match self {
            Self::GrantBeforeProfessionExisted | Self::GrantInFuture | Self::ClosedToGrants => {
                "granted"
            }
            Self::DecisionAfterGrant | Self::TransitionalOutsideWindow => "decided",
            Self::ExamAfterDecision | Self::SchoolNotAccreditedOnExamDate => "exam_date",
            Self::SchoolUnknown | Self::SchoolsInvented => "exam_school",
            Self::AgeImpossible => "birthdate",
            Self::BasisEvidenceMismatch
            | Self::BasisNotOfProfession
            | Self::TransitionalNotConfigured => "basis",
            Self::OverAgeLimit | Self::TemporaryServiceNotIssued | Self::KindNotOfProfession => {
                "kind"
            }
            Self::LicenceOverAgeLimitLongerThanOneYear
            | Self::LicenceWithoutEnd
            | Self::EndWithoutLicence => "valid_to",
            Self::ConditionsMissing | Self::ConditionsWithoutLimitation => "conditions",
            Self::PostWithoutLicence => "bound_to_post",
            Self::StateNotRecognised => "recognition_state",
            Self::ApplicationDateImpossible => "applied",
            Self::TitleUnknown => "title",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(fields: &[(&str, &str)]) -> Vec<(&'static str, &'static str)> {
        let typed = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let iss: HttpsUrl = "https://perfusionist.example.no".parse().expect("a URL");
        let today = "2026-12-01".parse().expect("a day");
        let titles = [ProtectedTitle::first().clone()];
        let found = findings(&titles, (&OfficeData::sample(), &iss), &typed.collect(), today);
        found.iter().map(|one| (one.field, one.error.code())).collect()
    }

    #[test]
    fn what_is_not_typed_yet_is_no_fault() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[("family_name", "Ødegård"), ("basis", "eea_recognition")]), []);
        assert_eq!(found(&[("kind", "licence")]), []);
    }

    #[test]
    fn each_field_that_is_wrong_is_named() {
        for (fields, expected) in [
            (&[("birthdate", "31.2.1990")][..], ("birthdate", "field_invalid")),
            (&[("hpr_number", "x")], ("hpr_number", "field_invalid")),
            (&[("granted", "2.12.2026")], ("granted", "grant_in_future")),
            (
                &[("decided", "1.12.2026"), ("granted", "30.11.2026")],
                ("decided", "decision_after_grant"),
            ),
            (
                &[
                    ("basis", "accredited_school_exam"),
                    ("exam_school", "Nowhere"),
                    ("exam_date", "1.6.2014"),
                ],
                ("exam_school", "school_unknown"),
            ),
            (
                &[("birthdate", "1.1.2015"), ("granted", "1.12.2026")],
                ("birthdate", "age_impossible"),
            ),
            (&[("kind", "licence"), ("decided", "1.12.2026")], ("valid_to", "licence_without_end")),
            (
                &[("basis", "eea_recognition"), ("exam_school", "X"), ("exam_date", "1.6.2014")],
                ("basis", "basis_evidence_mismatch"),
            ),
        ] {
            assert!(found(fields).contains(&expected), "{fields:?}: {:?}", found(fields));
        }
    }

    #[test]
    fn missing_evidence_hides_nothing_else() {
        for basis in ["norwegian_exam", "eea_recognition", "new_authorisation", "transitional"] {
            let found = found(&[("basis", basis), ("granted", "2.12.2026")]);
            assert!(found.contains(&("granted", "grant_in_future")), "{basis}: {found:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_hides_nothing_else() {
        let found = found(&[
            ("birthdate", "31.2.1990"),
            ("hpr_number", "x"),
            ("granted", "2.12.2026"),
            ("given_name", "<b>"),
        ]);
        for expected in [
            ("birthdate", "field_invalid"),
            ("hpr_number", "field_invalid"),
            ("given_name", "field_invalid"),
            ("granted", "grant_in_future"),
        ] {
            assert!(found.contains(&expected), "{found:?}");
        }
    }

    #[test]
    fn several_are_told_at_once() {
        let found = found(&[
            ("granted", "2.12.2026"),
            ("birthdate", "1.1.2020"),
            ("kind", "authorisation"),
            ("valid_to", "1.1.2028"),
        ]);
        let codes: Vec<_> = found.iter().map(|(_, code)| *code).collect();
        for code in ["grant_in_future", "age_impossible", "end_without_licence"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
    }
}
