//! The form: what an applicant knows of an application.

use serde::{Deserialize, Serialize};
use vernet_common::{
    Basis, CertificateNumber, CivilDate, EmailAddress, GivenNames, HprNumber, Kind, PersonName,
    Title,
};
use vernet_register::{
    Draft, DraftExam, Exam, Ground, Names, ProtectedTitle, Recognition,
    refuse_national_identity_number,
};
use vernet_text::date;

use crate::error::Error;

/// A form as it was filled in: texts that were not checked.
#[expect(missing_docs, reason = "the fields are those of an `ApplicantForm`")]
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FormDraft {
    pub language: String,
    pub title: String,
    pub kind: String,
    pub basis: String,
    pub given_name: String,
    pub family_name: String,
    pub birthdate: String,
    pub hpr_number: String,
    pub school: String,
    pub exam_date: String,
    pub state: String,
    pub previous_certificate: String,
    pub mail: String,
}

/// A form that was filled in as it must be. Whether the law allows what it asks for is decided by
/// the office.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "FormDraft", into = "FormDraft")]
pub struct ApplicantForm {
    /// The language in which the applicant reads.
    pub language: ApplicantLanguage,
    /// For which title.
    pub title: Title,
    /// Which right.
    pub kind: Kind,
    /// Why.
    pub basis: Ground,
    /// Given names as in the passport. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name as in the passport.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// Health personnel number, of those who have one.
    pub hpr_number: Option<HprNumber>,
    /// The exam, for the bases that rest on one.
    pub exam: Option<Exam>,
    /// The other state, for a recognition.
    pub recognition: Option<Recognition>,
    /// The certificate of the right that was lost, for a new authorisation.
    pub previous_certificate: Option<CertificateNumber>,
    /// Where the office tells that there is something to read.
    pub mail: EmailAddress,
}

/// The languages of the inbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are called so")]
pub enum ApplicantLanguage {
    Nb,
    Nn,
    En,
}

impl ApplicantLanguage {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Nb, Self::Nn, Self::En];

    /// The code of RFC 5646.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nb => "nb",
            Self::Nn => "nn",
            Self::En => "en",
        }
    }
}

/// A step of the form, so that nobody is asked what their application does not need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormStep {
    /// Which right, and why.
    Right,
    /// Who, and where from.
    Person,
}

/// The fields of the first step.
const OF_THE_FIRST_STEP: [&str; 4] = ["language", "title", "kind", "basis"];

/// A field that cannot be accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FormFault {
    /// The field.
    pub field: &'static str,
    /// Why.
    pub fault: Fault,
}

/// Why a field cannot be accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is empty.
    Missing,
    /// It has eleven digits like a national identity number, which nobody here wants to know.
    NationalIdentityNumber,
    /// It is not a name as in a passport.
    NotAName,
    /// It has a letter that the office cannot print.
    NotPrintable,
    /// It is not a day as in `28.02.1990`.
    NotADate,
    /// The day is in the future, or too long ago.
    ImpossibleDate,
    /// It is not a health personnel number.
    NotAnHprNumber,
    /// It is not one line of at most 200 bytes.
    NotALine,
    /// It is not one of the choices.
    NotAChoice,
    /// It is not the number of a certificate.
    NotACertificateNumber,
    /// It is not a mail address.
    NotAMailAddress,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 11] = [
        Self::Missing,
        Self::NationalIdentityNumber,
        Self::NotAName,
        Self::NotPrintable,
        Self::NotADate,
        Self::ImpossibleDate,
        Self::NotAnHprNumber,
        Self::NotALine,
        Self::NotAChoice,
        Self::NotACertificateNumber,
        Self::NotAMailAddress,
    ];

    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NationalIdentityNumber => "national_identity_number",
            Self::NotAName => "not_a_name",
            Self::NotPrintable => "not_printable",
            Self::NotADate => "not_a_date",
            Self::ImpossibleDate => "impossible_date",
            Self::NotAnHprNumber => "not_an_hpr_number",
            Self::NotALine => "not_a_line",
            Self::NotAChoice => "not_a_choice",
            Self::NotACertificateNumber => "not_a_certificate_number",
            Self::NotAMailAddress => "not_a_mail_address",
        }
    }
}

/// What a ground needs besides the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needs {
    /// The school and the day of an exam.
    pub exam: bool,
    /// The state that the qualification is from.
    pub state: bool,
    /// The number of the certificate that was lost.
    pub previous_certificate: bool,
}

impl Needs {
    /// What this ground needs.
    pub fn of(ground: Ground) -> Self {
        let exam = matches!(
            ground,
            Ground::Basis(
                Basis::NorwegianExam | Basis::AccreditedSchoolExam | Basis::EquivalentForeignExam
            )
        );
        Self {
            exam,
            state: ground == Ground::Basis(Basis::EeaRecognition),
            previous_certificate: ground == Ground::NewAuthorisation,
        }
    }
}

/// The kinds of right that people apply for: conditions are for the office to set, and who only
/// visits notifies and does not apply.
pub fn kinds_to_apply_for(row: &ProtectedTitle) -> impl Iterator<Item = Kind> {
    let not = [Kind::LimitedAuthorisation, Kind::TemporaryService];
    row.kinds.iter().copied().filter(move |kind| !not.contains(kind))
}

/// The grounds on which people apply.
pub fn grounds_to_apply_on(row: &ProtectedTitle) -> impl Iterator<Item = Ground> {
    row.bases.iter().copied().map(Ground::Basis).chain([Ground::NewAuthorisation])
}

impl FormDraft {
    /// The names of its fields with their texts.
    pub fn fields(&self) -> [(&'static str, &String); 13] {
        [
            ("language", &self.language),
            ("title", &self.title),
            ("kind", &self.kind),
            ("basis", &self.basis),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("birthdate", &self.birthdate),
            ("hpr_number", &self.hpr_number),
            ("school", &self.school),
            ("exam_date", &self.exam_date),
            ("state", &self.state),
            ("previous_certificate", &self.previous_certificate),
            ("mail", &self.mail),
        ]
    }

    /// The text of a field, by its name.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "language" => &mut self.language,
            "title" => &mut self.title,
            "kind" => &mut self.kind,
            "basis" => &mut self.basis,
            "given_name" => &mut self.given_name,
            "family_name" => &mut self.family_name,
            "birthdate" => &mut self.birthdate,
            "hpr_number" => &mut self.hpr_number,
            "school" => &mut self.school,
            "exam_date" => &mut self.exam_date,
            "state" => &mut self.state,
            "previous_certificate" => &mut self.previous_certificate,
            "mail" => &mut self.mail,
            _ => return None,
        })
    }

    /// The ground that was chosen, if one was.
    pub fn ground(&self) -> Option<Ground> {
        Ground::ALL.into_iter().find(|ground| ground.word() == self.basis)
    }

    /// Every fault of a step, and of the steps before it. `today` bounds the days.
    pub fn faults(&self, step: FormStep, today: CivilDate) -> Vec<FormFault> {
        let mut reading = Reading::of(self, today);
        reading.right();
        match step {
            FormStep::Person => drop(reading.person()),
            FormStep::Right => {
                reading.faults.retain(|fault| OF_THE_FIRST_STEP.contains(&fault.field));
            }
        }
        reading.faults
    }

    /// The form, if nothing in it is wrong.
    ///
    /// # Errors
    ///
    /// Every fault that it has.
    pub fn check(&self, today: CivilDate) -> Result<ApplicantForm, Vec<FormFault>> {
        let mut reading = Reading::of(self, today);
        let right = reading.right();
        let person = reading.person();
        match (right, person) {
            (Some((language, title, kind, basis)), Some(person)) if reading.faults.is_empty() => {
                Ok(ApplicantForm { language, title, kind, basis, ..person })
            }
            _ => Err(reading.faults),
        }
    }
}

/// Reads a form and gathers what is wrong with it.
struct Reading<'a> {
    draft: &'a FormDraft,
    today: CivilDate,
    faults: Vec<FormFault>,
}

impl<'a> Reading<'a> {
    fn of(draft: &'a FormDraft, today: CivilDate) -> Self {
        let mut reading = Self { draft, today, faults: Vec::new() };
        // Before anything else, so that no other fault stands for it.
        for (field, text) in draft.fields() {
            if refuse_national_identity_number(field, text, "").is_err() {
                reading.fault(field, Fault::NationalIdentityNumber);
            }
        }
        reading
    }

    fn fault(&mut self, field: &'static str, fault: Fault) {
        if !self.faults.iter().any(|known| known.field == field) {
            self.faults.push(FormFault { field, fault });
        }
    }

    fn right(&mut self) -> Option<(ApplicantLanguage, Title, Kind, Ground)> {
        let FormDraft { language, title, kind, basis, .. } = self.draft;
        let language =
            self.choice("language", language, &ApplicantLanguage::ALL, |l| l.code().into());
        let rows: Vec<&ProtectedTitle> = ProtectedTitle::shipped().iter().collect();
        let row = self.choice("title", title, &rows, |row| row.title.to_string())?;
        let kinds: Vec<Kind> = kinds_to_apply_for(row).collect();
        let grounds: Vec<Ground> = grounds_to_apply_on(row).collect();
        let kind = self.choice("kind", kind, &kinds, |kind| kind.word().into());
        let ground = self.choice("basis", basis, &grounds, |ground| ground.word().into());
        Some((language?, row.title.clone(), kind?, ground?))
    }

    /// The person, with the right left to the caller.
    fn person(&mut self) -> Option<ApplicantForm> {
        let draft = self.draft;
        let needs = Needs::of(draft.ground()?);
        let names = self.names();
        let birthdate = self.day("birthdate", &draft.birthdate);
        let exam = match needs.exam {
            true => self.exam().map(Some),
            false => Some(None),
        };
        let recognition = match needs.state {
            true => self.state().map(Some),
            false => Some(None),
        };
        let previous_certificate = match needs.previous_certificate {
            true => self
                .parsed(
                    "previous_certificate",
                    &draft.previous_certificate,
                    Fault::NotACertificateNumber,
                )
                .map(Some),
            false => Some(None),
        };
        let hpr_number = match draft.hpr_number.trim() {
            "" => Some(None),
            number => self.parsed("hpr_number", number, Fault::NotAnHprNumber).map(Some),
        };
        let mail = self.parsed("mail", &draft.mail, Fault::NotAMailAddress);
        let Names { given_name, family_name } = names?;
        Some(ApplicantForm {
            language: ApplicantLanguage::Nb,
            title: ProtectedTitle::first().title.clone(),
            kind: Kind::Authorisation,
            basis: draft.ground()?,
            given_name,
            family_name,
            birthdate: birthdate?,
            hpr_number: hpr_number?,
            exam: exam?,
            recognition: recognition?,
            previous_certificate: previous_certificate?,
            mail: mail?,
        })
    }

    fn names(&mut self) -> Option<Names> {
        let (given, family) = (self.draft.given_name.trim(), self.draft.family_name.trim());
        if family.is_empty() {
            self.fault("family_name", Fault::Missing);
            return None;
        }
        Names::parse(given, family)
            .map_err(|error| match error {
                vernet_register::Error::NameNotPrintable { field, .. } => {
                    self.fault(field, Fault::NotPrintable);
                }
                vernet_register::Error::Common(vernet_common::Error::FieldInvalid {
                    field,
                    ..
                }) => self.fault(field, Fault::NotAName),
                _ => self.fault("family_name", Fault::NotAName),
            })
            .ok()
    }

    fn exam(&mut self) -> Option<Exam> {
        let school = self.line("school", &self.draft.school);
        let date = self.day("exam_date", &self.draft.exam_date);
        Some(Exam { school: school?, date: date? })
    }

    fn state(&mut self) -> Option<Recognition> {
        let state = self.draft.state.trim();
        match EEA_STATES.contains(&state) {
            true => Some(Recognition { state: state.to_owned() }),
            false => {
                let fault = if state.is_empty() { Fault::Missing } else { Fault::NotAChoice };
                self.fault("state", fault);
                None
            }
        }
    }

    /// A day that is not in the future, of somebody who may be alive.
    fn day(&mut self, field: &'static str, text: &str) -> Option<CivilDate> {
        if text.trim().is_empty() {
            self.fault(field, Fault::Missing);
            return None;
        }
        let Some(day) = date(text) else {
            self.fault(field, Fault::NotADate);
            return None;
        };
        if day > self.today || day < self.today.plus_years(-120) {
            self.fault(field, Fault::ImpossibleDate);
            return None;
        }
        Some(day)
    }

    fn line(&mut self, field: &'static str, text: &str) -> Option<String> {
        use unicode_normalization::UnicodeNormalization;
        let text: String = text.trim().nfc().collect();
        let is_line = text.len() <= 200
            && !text.chars().any(|c| c.is_control() || vernet_text::is_invisible(c));
        if text.is_empty() || !is_line {
            self.fault(field, if text.is_empty() { Fault::Missing } else { Fault::NotALine });
            return None;
        }
        Some(text)
    }

    fn parsed<T: std::str::FromStr>(
        &mut self,
        field: &'static str,
        text: &str,
        fault: Fault,
    ) -> Option<T> {
        let text = text.trim();
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(field, if text.is_empty() { Fault::Missing } else { fault });
        }
        parsed
    }

    fn choice<T: Copy>(
        &mut self,
        field: &'static str,
        text: &str,
        of: &[T],
        word: impl Fn(&T) -> String,
    ) -> Option<T> {
        let chosen = of.iter().copied().find(|one| word(one) == text);
        if chosen.is_none() {
            self.fault(field, if text.is_empty() { Fault::Missing } else { Fault::NotAChoice });
        }
        chosen
    }
}

/// The other states of the EEA and Switzerland, whose qualifications directive 2005/36/EC is about,
/// as ISO 3166-1 alpha-2.
pub const EEA_STATES: [&str; 30] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl ApplicantForm {
    /// The application for the office to decide, as `propose grant` reads it: applied for on a day,
    /// decided and granted on others. Somebody without a health personnel number gets one before
    /// it can be granted: the officer enters it.
    pub fn to_draft(&self, applied: CivilDate, decided: CivilDate, granted: CivilDate) -> Draft {
        Draft {
            given_name: self.given_name.to_string(),
            family_name: self.family_name.clone().into(),
            birthdate: self.birthdate.to_string(),
            hpr_number: self.hpr_number.map(|number| number.to_string()).unwrap_or_default(),
            title: (self.title != ProtectedTitle::first().title).then(|| self.title.to_string()),
            kind: self.kind.word().into(),
            basis: self.basis.word().into(),
            exam: self
                .exam
                .as_ref()
                .map(|exam| DraftExam { school: exam.school.clone(), date: exam.date.to_string() }),
            recognition: self.recognition.clone(),
            norwegian_language: None,
            national_subjects: None,
            previous_certificate: self.previous_certificate.map(|number| number.to_string()),
            applied: Some(applied.to_string()),
            special_reasons: None,
            // English is not one of the forms of Norwegian that the office writes letters in.
            language: match self.language {
                ApplicantLanguage::Nb | ApplicantLanguage::Nn => Some(self.language.code().into()),
                ApplicantLanguage::En => None,
            },
            decided: decided.to_string(),
            granted: granted.to_string(),
            valid_to: None,
            cycle_ends: None,
            conditions: None,
            bound_to_post: false,
        }
    }
}

impl From<ApplicantForm> for FormDraft {
    fn from(form: ApplicantForm) -> Self {
        let (school, exam_date) =
            form.exam.map(|exam| (exam.school, exam.date.to_string())).unwrap_or_default();
        Self {
            language: form.language.code().into(),
            title: form.title.to_string(),
            kind: form.kind.word().into(),
            basis: form.basis.word().into(),
            given_name: form.given_name.to_string(),
            family_name: form.family_name.into(),
            birthdate: form.birthdate.to_string(),
            hpr_number: form.hpr_number.map(|number| number.to_string()).unwrap_or_default(),
            school,
            exam_date,
            state: form.recognition.map(|recognition| recognition.state).unwrap_or_default(),
            previous_certificate: form
                .previous_certificate
                .map(|number| number.to_string())
                .unwrap_or_default(),
            mail: form.mail.into(),
        }
    }
}

/// As the office reads it: the inbox may have been taken over, so everything is checked again. That
/// no day was in the future was asked on the day on which it was sent.
impl TryFrom<FormDraft> for ApplicantForm {
    type Error = Error;
    fn try_from(draft: FormDraft) -> Result<Self, Error> {
        let latest = [date(&draft.birthdate), date(&draft.exam_date)].into_iter().flatten().max();
        let today = latest.unwrap_or(CivilDate::new(2001, 1, 1)?);
        draft.check(today).map_err(|faults| match faults.first() {
            Some(FormFault { field, fault }) => Error::Form { field, fault: fault.code() },
            None => Error::Malformed { found: "its form" },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> CivilDate {
        "2026-12-01".parse().expect("a day")
    }

    fn draft() -> FormDraft {
        FormDraft {
            language: "nn".into(),
            title: "perfusionist".into(),
            kind: "authorisation".into(),
            basis: "accredited_school_exam".into(),
            given_name: " Ingrid Sofie ".into(),
            family_name: "Hætta Ødegård".into(),
            birthdate: "28.02.1990".into(),
            hpr_number: "9144900".into(),
            school: "Fjordheim Perfusion School".into(),
            exam_date: "2014-06-11".into(),
            mail: "ingrid@example.no".into(),
            ..FormDraft::default()
        }
    }

    fn with(field: &str, text: &str) -> FormDraft {
        let mut draft = draft();
        text.clone_into(draft.field_mut(field).expect("a field"));
        draft
    }

    fn faults(draft: &FormDraft) -> Vec<(&'static str, &'static str)> {
        let faults = draft.check(today()).err().unwrap_or_default();
        faults.iter().map(|fault| (fault.field, fault.fault.code())).collect()
    }

    #[test]
    fn a_form_becomes_the_application_that_officers_decide() {
        let form = draft().check(today()).expect("nothing is wrong");
        let day = |text: &str| text.parse::<CivilDate>().expect("a day");
        let draft = form.to_draft(today(), day("2026-12-02"), day("2026-12-03"));
        let json = serde_json::to_vec(&draft).expect("JSON");
        let application = vernet_register::Application::from_json(&json).expect("an application");
        assert_eq!(application.given_name.as_str(), "Ingrid Sofie");
        assert_eq!(application.birthdate, day("1990-02-28"));
        assert_eq!(application.applied, Some(today()));
        assert_eq!(application.language.map(|language| language.code()), Some("nn"));
        assert_eq!(application.exam.expect("an exam").date, day("2014-06-11"));
    }

    #[test]
    fn a_form_comes_back_as_it_was() {
        let form = draft().check(today()).expect("nothing is wrong");
        let json = serde_json::to_string(&form).expect("JSON");
        assert_eq!(serde_json::from_str::<ApplicantForm>(&json).expect("a form"), form);
        let wrong = json.replace("ingrid@example.no", "nobody");
        let error = serde_json::from_str::<ApplicantForm>(&wrong).expect_err("no address");
        assert!(error.to_string().contains("`mail`"), "{error}");
    }

    #[test]
    fn each_fault_names_its_field() {
        for (field, text, fault) in [
            ("language", "sv", "not_a_choice"),
            ("title", "doctor of everything", "not_a_choice"),
            ("title", "", "missing"),
            ("kind", "limited_authorisation", "not_a_choice"),
            ("basis", "", "missing"),
            ("basis", "board_examination", "not_a_choice"),
            ("family_name", "", "missing"),
            ("family_name", "Dahl2", "not_a_name"),
            ("given_name", "-", "not_a_name"),
            ("given_name", "A\u{347}se", "not_printable"),
            ("birthdate", "", "missing"),
            ("birthdate", "02/28/1990", "not_a_date"),
            ("birthdate", "2026-12-02", "impossible_date"),
            ("birthdate", "1905-01-01", "impossible_date"),
            ("hpr_number", "A", "not_an_hpr_number"),
            ("hpr_number", "28029012345", "national_identity_number"),
            ("family_name", "280290 12345", "national_identity_number"),
            ("school", "", "missing"),
            ("school", "two\nlines", "not_a_line"),
            ("exam_date", "soon", "not_a_date"),
            ("mail", "", "missing"),
            ("mail", "ingrid", "not_a_mail_address"),
            ("mail", "a@example.no\r\nBcc: b@example.no", "not_a_mail_address"),
        ] {
            let faults = faults(&with(field, text));
            assert!(faults.contains(&(field, fault)), "{field} {text:?}: {faults:?}");
        }
        assert!(faults(&with("hpr_number", "")).is_empty(), "not everybody has one yet");
        assert!(faults(&with("given_name", "")).is_empty(), "somebody with a single name");
    }

    #[test]
    fn each_ground_asks_for_its_own_evidence() {
        let row = ProtectedTitle::first();
        for ground in grounds_to_apply_on(row) {
            let mut bare = with("basis", ground.word());
            for field in ["school", "exam_date", "state", "previous_certificate"] {
                bare.field_mut(field).expect("a field").clear();
            }
            let asked: Vec<_> = faults(&bare).iter().map(|(field, _)| *field).collect();
            let needs = Needs::of(ground);
            assert_eq!(asked.contains(&"school"), needs.exam, "{ground:?}");
            assert_eq!(asked.contains(&"state"), needs.state, "{ground:?}");
            assert_eq!(asked.contains(&"previous_certificate"), needs.previous_certificate);
            bare.school = "Fjordheim Perfusion School".into();
            bare.exam_date = "11.6.2014".into();
            bare.state = "SE".into();
            bare.previous_certificate = "NO-PE-2016-000001".into();
            let form = bare.check(today()).expect("all that is asked for");
            let draft = form.to_draft(today(), today(), today());
            let json = serde_json::to_vec(&draft).expect("JSON");
            vernet_register::Application::from_json(&json)
                .expect("what was not asked is not there");
        }
    }

    #[test]
    fn the_first_step_asks_for_nothing_of_the_second() {
        let first = FormDraft {
            language: "nb".into(),
            title: "perfusionist".into(),
            kind: "licence".into(),
            basis: "eea_recognition".into(),
            ..FormDraft::default()
        };
        assert!(first.faults(FormStep::Right, today()).is_empty());
        let fields: Vec<_> =
            first.faults(FormStep::Person, today()).iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["family_name", "birthdate", "state", "mail"]);
    }
}
