//! What a case officer enters to have a right granted.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use vernet_common::{
    Basis, CertificateNumber, CivilDate, GivenNames, HprNumber, Kind, PersonName, Title,
};
use vernet_text::{to_utf8, with_plain_hyphens};

use crate::{
    error::Error,
    officer::{line, refuse_national_identity_number},
    phrase,
    printable::is_printable,
    prose::{Phrase, ToPhrase},
    rule::{Rule, RuleError},
    titles::ProtectedTitle,
};

/// An application as the case officer decided it: who is granted which right, why, and from which
/// day.
///
/// Reading it checks each field, and that the evidence is that of exactly one basis. Whether the
/// law allows the grant is checked when it is granted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Application {
    /// Given names, in Unicode normalisation form C. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name, in Unicode normalisation form C.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// Health personnel number.
    pub hpr_number: HprNumber,
    /// For which title: that of perfusionists, if the file names none.
    pub title: Title,
    /// Which right.
    pub kind: Kind,
    /// Why, with the evidence.
    pub basis: Ground,
    /// The exam, for the bases that rest on one.
    pub exam: Option<Exam>,
    /// The other state's recognition, for [`Basis::EeaRecognition`].
    pub recognition: Option<Recognition>,
    /// A reference to the proof of Norwegian at level B2, after an exam in a third country.
    pub norwegian_language: Option<String>,
    /// A reference to the proof of the course in national subjects, after an exam in a third
    /// country.
    pub national_subjects: Option<String>,
    /// The certificate of the right that was lost, for [`Ground::NewAuthorisation`]; or of the live
    /// licence or limited authorisation that this grant replaces.
    pub previous_certificate: Option<CertificateNumber>,
    /// The day on which the application was made. Whether a quarantine was over depends on it.
    pub applied: Option<CivilDate>,
    /// A reference to the decision that there are special reasons to shorten the quarantine.
    pub special_reasons: Option<String>,
    /// The form of Norwegian that the person chose to be written to in.
    pub language: Option<WrittenNorwegian>,
    /// The day of the decision.
    pub decided: CivilDate,
    /// The first day of the right.
    pub granted: CivilDate,
    /// The first day on which a licence is no longer valid.
    pub valid_to: Option<CivilDate>,
    /// For a title that must be renewed, and was before it came into this register: the first day
    /// after the cycle that it is in.
    pub cycle_ends: Option<CivilDate>,
    /// A reference to the decision with the conditions, if there are any. Never the conditions
    /// themselves or their reason.
    pub conditions: Option<String>,
    /// Whether the licence is bound to a post (helsepersonelloven § 49 third paragraph), which is a
    /// condition.
    pub bound_to_post: bool,
}

/// Why a right is granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// What the certificate will name.
    Basis(Basis),
    /// A new authorisation after revocation or waiver (helsepersonelloven § 62). Only the register
    /// knows: the certificate names the basis of the right that was lost.
    NewAuthorisation,
}

impl Ground {
    /// Every ground.
    pub const ALL: [Self; 7] = [
        Self::Basis(Basis::NorwegianExam),
        Self::Basis(Basis::AccreditedSchoolExam),
        Self::Basis(Basis::Transitional),
        Self::Basis(Basis::EeaRecognition),
        Self::Basis(Basis::EquivalentForeignExam),
        Self::Basis(Basis::BoardExamination),
        Self::NewAuthorisation,
    ];

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Basis(basis) => basis_word(basis),
            Self::NewAuthorisation => "new_authorisation",
        }
    }
}

/// The two written forms of Norwegian (språklova §§ 14, 15 and 17).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WrittenNorwegian {
    /// Bokmål.
    Bokmal,
    /// Nynorsk.
    Nynorsk,
}

impl WrittenNorwegian {
    /// The code of RFC 5646.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bokmal => "nb",
            Self::Nynorsk => "nn",
        }
    }
}

/// An exam.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exam {
    /// The school, as the table of accreditations writes it.
    pub school: String,
    /// The day of the exam.
    pub date: CivilDate,
}

/// A recognition of qualifications under directive 2005/36/EC.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognition {
    /// The state where the qualification was obtained, as ISO 3166-1 alpha-2.
    pub state: String,
}

impl Application {
    /// The longest file that is read: a hundred times the usual size.
    const MAX_BYTES: usize = 64 * 1024;

    /// Reads an application.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::TooLarge`] if the file is over 64 KiB;
    /// [`vernet_common::Error::Json`] if it is not JSON with these fields and no others;
    /// [`vernet_common::Error::FieldInvalid`] if a field does not have the form of its type;
    /// [`Error::NationalIdentityNumber`] if a field holds such a number;
    /// [`Error::NameNotPrintable`] if the letter cannot show a name;
    /// [`Rule::BasisEvidenceMismatch`] if the evidence is not that of the basis.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let (what, found, limit) = ("the application", json.len(), Self::MAX_BYTES);
        if found > limit {
            return Err(vernet_common::Error::TooLarge { what, found, limit }.into());
        }
        let draft: Draft = serde_json::from_slice(&to_utf8(json))
            .map_err(|source| vernet_common::Error::json(what, source))?;
        let application: Self = draft.try_into()?;
        check_names(&application.given_name, &application.family_name)?;
        Ok(application)
    }

    /// Rule 2: exactly one basis, with its evidence and no other.
    pub(crate) fn check_evidence(&self) -> Result<(), RuleError> {
        let (exam, recognition, previous) =
            (self.exam.is_some(), self.recognition.is_some(), self.previous_certificate.is_some());
        let third_country = self.norwegian_language.is_some() || self.national_subjects.is_some();
        let (expected, fits) = match self.basis {
            Ground::Basis(
                Basis::NorwegianExam | Basis::AccreditedSchoolExam | Basis::EquivalentForeignExam,
            ) => (phrase!("`exam` and no `recognition`"), exam && !recognition),
            // What a board examined is in its own records.
            Ground::Basis(Basis::Transitional | Basis::BoardExamination) => {
                (phrase!("neither `exam` nor `recognition`"), !exam && !recognition)
            }
            Ground::Basis(Basis::EeaRecognition) => {
                (phrase!("`recognition` and no `exam`"), recognition && !exam)
            }
            Ground::NewAuthorisation => (
                phrase!("`previous_certificate` and neither `exam` nor `recognition`"),
                previous && !exam && !recognition,
            ),
        };
        if third_country && self.basis != Ground::Basis(Basis::EquivalentForeignExam) {
            return Err(RuleError::new(
                Rule::BasisEvidenceMismatch,
                Phrase::Joined(
                    " or ",
                    vec!["norwegian_language".said(), "national_subjects".said()],
                ),
                phrase!(
                    "`equivalent_foreign_exam` for that evidence, not `{basis}`",
                    basis = self.basis.word()
                ),
            ));
        }
        if fits {
            return Ok(());
        }
        let present: Vec<_> =
            [(exam, "exam"), (recognition, "recognition"), (previous, "previous_certificate")]
                .into_iter()
                .filter_map(|(present, name)| present.then_some(name.said()))
                .collect();
        let found = match present.is_empty() {
            true => phrase!("none"),
            false => Phrase::Joined(" and ", present),
        };
        let basis = self.basis.word();
        Err(RuleError::new(
            Rule::BasisEvidenceMismatch,
            found,
            phrase!("{expected} for the basis `{basis}`", expected, basis),
        ))
    }
}

/// A person's names after a change of name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Given names, in Unicode normalisation form C. Somebody with a single name has none.
    #[serde(default, skip_serializing_if = "GivenNames::is_none")]
    pub given_name: GivenNames,
    /// Family name, in Unicode normalisation form C.
    pub family_name: PersonName,
}

impl Names {
    /// Reads names as an officer types them. An empty given name is none: the family name is then
    /// the person's only one.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::FieldInvalid`] if a text is not a name; [`Error::NameNotPrintable`]
    /// if the letter cannot show it.
    pub fn parse(given_name: &str, family_name: &str) -> Result<Self, Error> {
        let names = Self {
            given_name: name("given_name", given_name)?,
            family_name: family(given_name, family_name)?,
        };
        check_names(&names.given_name, &names.family_name)?;
        Ok(names)
    }
}

/// Refuses names that cannot be printed, because the letter's font lacks a glyph for one of their
/// letters or marks.
///
/// Only for names that are about to enter the register. Names in the register are never checked
/// again, because another font must not make them unreadable.
///
/// # Errors
///
/// [`Error::NameNotPrintable`] if the font has no glyph for a character of a name.
pub fn check_names(given_name: &GivenNames, family_name: &PersonName) -> Result<(), Error> {
    let names = [("given_name", given_name.as_str()), ("family_name", family_name.as_str())];
    let missing = names.into_iter().find_map(|(field, name)| {
        name.chars().find(|c| !is_printable(*c)).map(|missing| (field, missing))
    });
    missing.map_or(Ok(()), |(field, missing)| Err(Error::NameNotPrintable { field, missing }))
}

/// The word for a basis in files and on the command line.
pub(crate) fn basis_word(basis: Basis) -> &'static str {
    match basis {
        Basis::NorwegianExam => "norwegian_exam",
        Basis::AccreditedSchoolExam => "accredited_school_exam",
        Basis::Transitional => "transitional",
        Basis::EeaRecognition => "eea_recognition",
        Basis::EquivalentForeignExam => "equivalent_foreign_exam",
        Basis::BoardExamination => "board_examination",
    }
}

/// The application as written in the file. Its fields are strings, so that an error can name the
/// field and quote what was found.
#[expect(missing_docs, reason = "the fields are those of an application")]
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given_name: String,
    pub family_name: String,
    pub birthdate: String,
    pub hpr_number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub kind: String,
    pub basis: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exam: Option<DraftExam>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognition: Option<Recognition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub norwegian_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_subjects: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_reasons: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    pub decided: String,
    pub granted: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_ends: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound_to_post: bool,
}

/// An exam as written in the file.
#[expect(missing_docs, reason = "the fields are those of an exam")]
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftExam {
    pub school: String,
    pub date: String,
}

impl Draft {
    /// Refuses a national identity number in any field, for instance from a shifted column. This
    /// comes first, because other checks quote what they find.
    fn refuse_national_identity_numbers(&self) -> Result<(), Error> {
        let date = "a date as in `2010-06-30`";
        let name = "a name";
        let word = "one of its words";
        let optional = [
            ("title", self.title.as_ref(), "a title as in `perfusionist`"),
            ("exam.school", self.exam.as_ref().map(|exam| &exam.school), "the name of a school"),
            ("exam.date", self.exam.as_ref().map(|exam| &exam.date), date),
            (
                "recognition.state",
                self.recognition.as_ref().map(|recognition| &recognition.state),
                "two capital letters",
            ),
            ("norwegian_language", self.norwegian_language.as_ref(), "a reference to the proof"),
            ("national_subjects", self.national_subjects.as_ref(), "a reference to the proof"),
            ("previous_certificate", self.previous_certificate.as_ref(), "a certificate number"),
            ("applied", self.applied.as_ref(), date),
            ("special_reasons", self.special_reasons.as_ref(), "a reference to a decision"),
            ("language", self.language.as_ref(), word),
            ("valid_to", self.valid_to.as_ref(), date),
            ("cycle_ends", self.cycle_ends.as_ref(), date),
            ("conditions", self.conditions.as_ref(), "a reference to a decision"),
        ];
        let fields = [
            ("hpr_number", &self.hpr_number, "a health personnel number of 1 to 9 digits"),
            ("given_name", &self.given_name, name),
            ("family_name", &self.family_name, name),
            ("birthdate", &self.birthdate, date),
            ("kind", &self.kind, word),
            ("basis", &self.basis, word),
            ("decided", &self.decided, date),
            ("granted", &self.granted, date),
        ];
        let given =
            optional.into_iter().filter_map(|(name, text, expected)| Some((name, text?, expected)));
        let mut all = fields.into_iter().chain(given);
        all.try_for_each(|(name, text, expected)| {
            refuse_national_identity_number(name, text, expected)
        })
    }
}

impl TryFrom<Draft> for Application {
    type Error = Error;
    fn try_from(draft: Draft) -> Result<Self, Error> {
        draft.refuse_national_identity_numbers()?;
        let exam = |exam: DraftExam| -> Result<Exam, Error> {
            Ok(Exam {
                school: line("exam.school", &exam.school)?,
                date: parse("exam.date", &exam.date)?,
            })
        };
        let reference = |name, text: Option<String>| -> Result<Option<String>, Error> {
            text.map(|text| line(name, &text)).transpose()
        };
        let application = Self {
            given_name: name("given_name", &draft.given_name)?,
            family_name: family(&draft.given_name, &draft.family_name)?,
            birthdate: parse("birthdate", &draft.birthdate)?,
            hpr_number: parse("hpr_number", &draft.hpr_number)?,
            title: match &draft.title {
                Some(title) => parse("title", title)?,
                None => ProtectedTitle::first().title.clone(),
            },
            kind: kind(&draft.kind)?,
            basis: basis(&draft.basis)?,
            exam: draft.exam.map(exam).transpose()?,
            recognition: draft.recognition.map(recognition).transpose()?,
            previous_certificate: draft
                .previous_certificate
                .map(|text| parse("previous_certificate", &text))
                .transpose()?,
            norwegian_language: reference("norwegian_language", draft.norwegian_language)?,
            national_subjects: reference("national_subjects", draft.national_subjects)?,
            applied: draft.applied.map(|text| parse("applied", &text)).transpose()?,
            special_reasons: reference("special_reasons", draft.special_reasons)?,
            language: draft.language.as_deref().map(written_norwegian).transpose()?,
            decided: parse("decided", &draft.decided)?,
            granted: parse("granted", &draft.granted)?,
            valid_to: draft.valid_to.map(|text| parse("valid_to", &text)).transpose()?,
            cycle_ends: draft.cycle_ends.map(|text| parse("cycle_ends", &text)).transpose()?,
            conditions: reference("conditions", draft.conditions)?,
            bound_to_post: draft.bound_to_post,
        };
        application.check_evidence()?;
        Ok(application)
    }
}

impl From<Application> for Draft {
    fn from(application: Application) -> Self {
        Self {
            given_name: application.given_name.to_string(),
            family_name: application.family_name.into(),
            birthdate: application.birthdate.into(),
            hpr_number: application.hpr_number.into(),
            title: (application.title != ProtectedTitle::first().title)
                .then(|| application.title.into()),
            kind: application.kind.word().into(),
            basis: application.basis.word().into(),
            exam: application
                .exam
                .map(|exam| DraftExam { school: exam.school, date: exam.date.into() }),
            recognition: application.recognition,
            norwegian_language: application.norwegian_language,
            national_subjects: application.national_subjects,
            previous_certificate: application.previous_certificate.map(Into::into),
            applied: application.applied.map(Into::into),
            special_reasons: application.special_reasons,
            language: application.language.map(|language| language.code().into()),
            decided: application.decided.into(),
            granted: application.granted.into(),
            valid_to: application.valid_to.map(Into::into),
            cycle_ends: application.cycle_ends.map(Into::into),
            conditions: application.conditions,
            bound_to_post: application.bound_to_post,
        }
    }
}

/// Parses a field, and names the field in the error.
///
/// # Errors
///
/// [`vernet_common::Error::FieldInvalid`], with the name of the field, if the text does not have
/// the form of the type; any other error of the type unchanged.
pub fn parse<T: std::str::FromStr<Err = vernet_common::Error>>(
    name: &'static str,
    text: &str,
) -> Result<T, Error> {
    text.parse().map_err(|error| match error {
        vernet_common::Error::FieldInvalid { found, expected, .. } => {
            vernet_common::Error::FieldInvalid { field: name, found, expected }.into()
        }
        other => other.into(),
    })
}

/// Parses a name in Unicode normalisation form C with plain hyphens, so that a letter and its mark,
/// and a double name, have one spelling, however they were typed.
fn name<T: std::str::FromStr<Err = vernet_common::Error>>(
    field: &'static str,
    text: &str,
) -> Result<T, Error> {
    parse(field, &with_plain_hyphens(text).nfc().collect::<String>())
}

/// Parses a family name. Passports carry a single name there, and an officer may not know that.
fn family(given_name: &str, text: &str) -> Result<PersonName, Error> {
    if text.is_empty() && !given_name.is_empty() {
        let expected = "the name of somebody who has a single one, and no `given_name` then";
        return Err(vernet_common::Error::field("family_name", text, expected).into());
    }
    name("family_name", text)
}

fn kind(text: &str) -> Result<Kind, Error> {
    let expected =
        "`authorisation`, `limited_authorisation`, `licence` or another kind of the title";
    Kind::ALL
        .into_iter()
        .find(|kind| kind.word() == text)
        .ok_or_else(|| vernet_common::Error::field("kind", text, expected).into())
}

fn basis(text: &str) -> Result<Ground, Error> {
    let expected = "`norwegian_exam`, `accredited_school_exam`, `transitional`, `eea_recognition`, `equivalent_foreign_exam`, \
                    `board_examination` or `new_authorisation`";
    Ground::ALL
        .into_iter()
        .find(|ground| ground.word() == text)
        .ok_or_else(|| vernet_common::Error::field("basis", text, expected).into())
}

fn written_norwegian(text: &str) -> Result<WrittenNorwegian, Error> {
    [WrittenNorwegian::Bokmal, WrittenNorwegian::Nynorsk]
        .into_iter()
        .find(|language| language.code() == text)
        .ok_or_else(|| vernet_common::Error::field("language", text, "`nb` or `nn`").into())
}

fn recognition(recognition: Recognition) -> Result<Recognition, Error> {
    let state = &recognition.state;
    if state.len() != 2 || !state.bytes().all(|b| b.is_ascii_uppercase()) || state == "NO" {
        return Err(vernet_common::Error::field(
            "recognition.state",
            state,
            "another state's two capital letters as in ISO 3166-1",
        )
        .into());
    }
    Ok(recognition)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn value() -> Value {
        json!({
            "given_name": "Åse", "family_name": "Kjærstad Østlyngen-Bråthen", "birthdate": "1980-02-29",
            "hpr_number": "009144889", "kind": "authorisation", "basis": "accredited_school_exam",
            "exam": {"school": "Fjordheim Perfusion School", "date": "2010-05-20"},
            "decided": "2010-05-30", "granted": "2010-06-01",
        })
    }

    fn read(value: &Value) -> Result<Application, Error> {
        Application::from_json(value.to_string().as_bytes())
    }

    fn with(name: &str, member: Value) -> Value {
        let mut value = value();
        value[name] = member;
        value
    }

    #[test]
    fn an_application_comes_back_as_it_was() {
        let application = read(&value()).expect("an application");
        assert_eq!(application.hpr_number.to_string(), "9144889");
        let again = serde_json::to_vec(&application).expect("JSON");
        assert_eq!(Application::from_json(&again).expect("an application"), application);
    }

    #[test]
    fn names_are_normalised_at_entry() {
        let application = read(&with("given_name", json!("A\u{30a}se"))).expect("an application");
        assert_eq!(application.given_name.as_str(), "Åse");
        for typed in
            ["Anne–Marie", "Anne\u{2011}Marie", "An\u{ad}ne\u{2212}Marie", "Anne-Marie\u{200b}"]
        {
            let application = read(&with("given_name", json!(typed))).expect("an application");
            assert_eq!(application.given_name.as_str(), "Anne-Marie", "{typed:?}");
        }
    }

    #[test]
    fn an_application_is_read_whichever_editor_saved_it() {
        let json = value().to_string();
        let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let plain = Application::from_json(json.as_bytes()).expect("an application");
        for bytes in [
            format!("\u{feff}{json}").into_bytes(),
            wide.clone(),
            [b"\xff\xfe", &wide[..]].concat(),
        ] {
            assert_eq!(Application::from_json(&bytes).expect("an application"), plain);
        }
        let error = Application::from_json(b"{\"given_name\":\"\xc5se\"}").expect_err("Latin-1");
        assert_eq!(error.code(), "not_json");
    }

    #[test]
    fn somebody_may_have_a_single_name_as_in_a_passport() {
        let mut single = with("family_name", json!("Suharto"));
        single["given_name"] = json!("");
        let empty = read(&single).expect("an application");
        single.as_object_mut().expect("an object").remove("given_name");
        let application = read(&single).expect("an application");
        assert_eq!(empty, application);
        assert_eq!(application.given_name.with(&application.family_name), "Suharto");
        let stored = serde_json::to_value(&application).expect("JSON");
        assert_eq!(stored.get("given_name"), None);
        let error = read(&with("family_name", json!(""))).expect_err("in the other field");
        assert!(
            error.to_string().contains(
                "`family_name` is ``, expected the name of somebody who has a single one"
            ),
            "{error}"
        );
        let error = read(&with("given_name", json!("-"))).expect_err("a dash");
        assert!(error.to_string().contains("nothing for somebody with a single name"), "{error}");
        assert!(Names::parse("", "Suharto").is_ok() && Names::parse("Suharto", "").is_err());
    }

    #[test]
    fn a_name_that_cannot_be_printed_is_refused_at_entry_and_not_in_the_register() {
        for (given_name, code) in [("A\u{347}se", "name_not_printable"), ("灌流", "field_invalid")]
        {
            let error = read(&with("given_name", json!(given_name))).expect_err(given_name);
            assert_eq!(error.code(), code);
            assert_eq!(Names::parse(given_name, "Dahl").expect_err(given_name).code(), code);
        }
        assert!(Names::parse("Čáhppes Ŋ", "Łucja-Þór").is_ok());
        // What was entered under another font stays readable.
        let stored = with("given_name", json!("A\u{347}se"));
        assert!(serde_json::from_value::<Application>(stored).is_ok());
    }

    #[test]
    fn a_person_chooses_how_to_be_written_to() {
        let chosen = read(&with("language", json!("nn"))).expect("an application").language;
        assert_eq!(chosen.map(WrittenNorwegian::code), Some("nn"));
        assert_eq!(read(&value()).expect("an application").language, None);
        let error = read(&with("language", json!("sv"))).expect_err("a form of Norwegian");
        assert_eq!(error.code(), "field_invalid");
    }

    #[test]
    fn errors_name_the_field() {
        for (name, member, code) in [
            ("given_name", json!("Åse2"), "field_invalid"),
            ("birthdate", json!("1980-02-30"), "field_invalid"),
            ("granted", json!("01.06.2010"), "field_invalid"),
            ("kind", json!("1"), "field_invalid"),
            ("basis", json!("exam"), "field_invalid"),
            ("conditions", json!("two\nlines"), "field_invalid"),
            ("previous_certificate", json!("123"), "field_invalid"),
            ("reason", json!("x"), "not_json"),
        ] {
            let error = read(&with(name, member)).expect_err(name);
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
    }

    #[test]
    fn a_national_identity_number_is_refused_and_not_repeated() {
        for (name, text) in [
            ("hpr_number", "01018012345"),
            ("hpr_number", "010180 12345"),
            ("birthdate", "01018012345"),
            ("given_name", "Åse 010180-12345"),
            ("family_name", "01018012345"),
            ("granted", "010180 12345"),
            ("valid_to", "01018012345"),
            ("kind", "01018012345"),
            ("previous_certificate", "01018012345"),
            ("conditions", "decision about 01018012345"),
            ("conditions", "010180-12345"),
            ("conditions", "01.01.80 123 45"),
            ("conditions", "01.01.80 - 12345."),
            ("conditions", "010180\u{2013}12345"),
            ("conditions", "010180\u{200b}12345"),
        ] {
            let error = read(&with(name, json!(text))).expect_err(name);
            assert_eq!(error.code(), "national_identity_number");
            assert!(
                error.to_string().contains(&format!("`{name}`"))
                    && !error.to_string().contains("12345"),
                "{error}"
            );
        }
        for allowed in
            ["case 202612345678, document 2", "2026/117-3", "2026-12345/67", "2026.1234-56"]
        {
            assert!(read(&with("conditions", json!(allowed))).is_ok(), "{allowed}");
        }
    }

    #[test]
    fn the_evidence_must_be_that_of_the_basis() {
        let exam = json!({"school": "Fjordheim Perfusion School", "date": "2010-05-20"});
        let (state, number) = (json!({"state": "SE"}), json!("NO-PE-2026-000001"));
        for basis in Ground::ALL {
            for evidence in 0..8_u8 {
                let mut value = with("basis", json!(basis.word()));
                value.as_object_mut().expect("an object").remove("exam");
                for (bit, name, member) in [
                    (1, "exam", &exam),
                    (2, "recognition", &state),
                    (4, "previous_certificate", &number),
                ] {
                    if evidence & bit != 0 {
                        value[name] = member.clone();
                    }
                }
                let allowed: &[u8] = match basis {
                    Ground::Basis(Basis::Transitional | Basis::BoardExamination) => &[0, 4],
                    Ground::Basis(Basis::EeaRecognition) => &[2, 6],
                    Ground::Basis(_) => &[1, 5],
                    Ground::NewAuthorisation => &[4],
                };
                let code = read(&value).err().map(|error| error.code());
                let expected = (!allowed.contains(&evidence)).then_some("basis_evidence_mismatch");
                assert_eq!(code, expected, "{basis:?} {evidence}");
            }
        }
    }
}
