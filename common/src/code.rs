//! Code lists: the terms of the law and the registers.

use alloc::{format, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{error::Error, id::string_id, latin::is_letter};

/// Category of health personnel, code system 9060 (OID 2.16.578.1.12.4.1.1.9060), or a code of an
/// issuer that is no authority: two capital letters. Which of them an issuer may certify, its trust
/// list says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[A-Z]{2}$", examples("PE")))]
#[serde(try_from = "String", into = "String")]
pub struct Profession([u8; 2]);

impl Profession {
    /// The object identifier of the code system.
    pub const OID: &'static str = "2.16.578.1.12.4.1.1.9060";

    /// What the code system has for a category that is not known.
    pub(crate) const UNKNOWN: Self = Self(*b"XX");

    /// The code.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("only ASCII is let in")
    }
}

impl FromStr for Profession {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let code: Option<[u8; 2]> = text.as_bytes().try_into().ok();
        code.filter(|code| code.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or_else(|| Error::field("profession", text, "two capital letters as in `PE`"))
    }
}

impl fmt::Display for Profession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

string_id!(Profession);

/// A protected title (helsepersonelloven § 74), as certificates spell it: 1 to 64 bytes of small
/// Latin letters, in words with single spaces or hyphens between them. The title in the reader's
/// language is in the trust list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, min_length = 1, max_length = 64, examples("perfusionist")))]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

impl Title {
    /// The longest title in bytes.
    pub const MAX_BYTES: usize = 64;

    /// The title as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn unknown() -> Self {
        Self("unknown".into())
    }
}

impl FromStr for Title {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_word =
            |word: &str| !word.is_empty() && word.chars().all(|c| is_letter(c) && c.is_lowercase());
        if text.len() > Self::MAX_BYTES || !text.split([' ', '-']).all(is_word) {
            return Err(Error::field(
                "title",
                text,
                "1 to 64 bytes of small Latin letters, with single spaces or hyphens between words",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

string_id!(Title);

/// What kind of right was given, code system 7704 (OID 2.16.578.1.12.4.1.1.7704).
///
/// In claims it is the code as a string; in applications and the register it is the word, see
/// [`Kind::word`]. Which of them a profession has, the register knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    schema(
        description = "What kind of right was given, code system 7704 (OID 2.16.578.1.12.4.1.1.7704): `1` authorisation, `17` authorisation with     conditions, `4` licence, `14` temporary service, `2` trainee's licence, `3` student's licence, `18` licence for the first part of a doctor's     specialisation; or `board`, the certificate of a board that is no authority."
    )
)]
pub enum Kind {
    /// Authorisation (*autorisasjon*), without end before the age limit.
    #[serde(rename = "1")]
    Authorisation,
    /// Authorisation with conditions from the start (*autorisasjon med vilkår*).
    #[serde(rename = "17")]
    LimitedAuthorisation,
    /// Licence (*lisens*, helsepersonelloven § 49): time-limited, and perhaps bound to a post.
    #[serde(rename = "4")]
    Licence,
    /// Temporary service of somebody who is established in another state (*midlertidig
    /// tjenesteyting*, helsepersonelloven § 52). It is no licence.
    #[serde(rename = "14")]
    TemporaryService,
    /// Licence for practical training after an exam (*turnuslisens*).
    #[serde(rename = "2")]
    TraineeLicence,
    /// Licence for a student (*studentlisens*).
    #[serde(rename = "3")]
    StudentLicence,
    /// Licence for the first part of a doctor's specialisation (*LIS1-lisens*).
    #[serde(rename = "18")]
    Lis1Licence,
    /// Certificate of a board or a society, which is no authority: it says what its holder has shown,
    /// and gives no right. It has no code in 7704.
    #[serde(rename = "board")]
    BoardCertificate,
}

impl Kind {
    /// The object identifier of the code system.
    pub const OID: &'static str = "2.16.578.1.12.4.1.1.7704";

    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Authorisation,
        Self::LimitedAuthorisation,
        Self::Licence,
        Self::TemporaryService,
        Self::TraineeLicence,
        Self::StudentLicence,
        Self::Lis1Licence,
        Self::BoardCertificate,
    ];

    /// The code in code system 7704.
    pub fn code(self) -> &'static str {
        match self {
            Self::Authorisation => "1",
            Self::LimitedAuthorisation => "17",
            Self::Licence => "4",
            Self::TemporaryService => "14",
            Self::TraineeLicence => "2",
            Self::StudentLicence => "3",
            Self::Lis1Licence => "18",
            Self::BoardCertificate => "board",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorisation => "authorisation",
            Self::LimitedAuthorisation => "limited_authorisation",
            Self::Licence => "licence",
            Self::TemporaryService => "temporary_service",
            Self::TraineeLicence => "trainee_licence",
            Self::StudentLicence => "student_licence",
            Self::Lis1Licence => "lis1_licence",
            Self::BoardCertificate => "board_certificate",
        }
    }

    /// Whether it is granted until a day, and not only until the age limit or the end of a cycle.
    pub fn is_limited_in_time(self) -> bool {
        !matches!(self, Self::Authorisation | Self::LimitedAuthorisation | Self::BoardCertificate)
    }

    /// Conditions apply from the start, whatever the status list says. Other rights can have
    /// conditions too: a licence may be bound to a post. The status list says so.
    pub fn has_conditions(self) -> bool {
        matches!(self, Self::LimitedAuthorisation)
    }
}

/// Why the right was given. Exactly one.
///
/// A new authorisation after a loss (helsepersonelloven § 62) is not among them: its certificate
/// names the basis that the person had before. Otherwise it would tell every reader of the loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A Norwegian exam.
    NorwegianExam,
    /// An exam of a school that the EBCP had accredited on the day of the exam.
    AccreditedSchoolExam,
    /// The transitional clause.
    Transitional,
    /// Recognition of qualifications from another EEA state (directive 2005/36/EC).
    EeaRecognition,
    /// A foreign exam found equivalent.
    EquivalentForeignExam,
    /// The examination of a board or a society.
    BoardExamination,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 6] = [
        Self::NorwegianExam,
        Self::AccreditedSchoolExam,
        Self::Transitional,
        Self::EeaRecognition,
        Self::EquivalentForeignExam,
        Self::BoardExamination,
    ];

    /// The code in claims.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NorwegianExam => "norwegian_exam",
            Self::AccreditedSchoolExam => "accredited_school_exam",
            Self::Transitional => "transitional",
            Self::EeaRecognition => "eea_recognition",
            Self::EquivalentForeignExam => "equivalent_foreign_exam",
            Self::BoardExamination => "board_examination",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn professions_are_two_capital_letters() {
        assert_eq!("PE".parse::<Profession>().expect("a code").as_str(), "PE");
        for wrong in ["", "P", "pe", "PEX", "P1", "ÆØ", "P "] {
            let error = wrong.parse::<Profession>().expect_err(wrong);
            assert_eq!(error.code(), "field_invalid");
        }
    }

    #[test]
    fn titles_are_words_in_small_letters() {
        for title in ["perfusionist", "spesialist i kjeveortopedi", "lis-lege", "bioingeniør"] {
            assert_eq!(title.parse::<Title>().expect(title).as_str(), title);
        }
        for wrong in ["", " a", "a ", "a  b", "a-", "Perfusionist", "a1", "a\u{202e}b", "лекарь"]
        {
            assert_eq!(wrong.parse::<Title>().expect_err(wrong).code(), "field_invalid");
        }
        assert!("å".repeat(33).parse::<Title>().is_err());
    }

    #[test]
    fn the_code_in_claims_is_the_code_of_the_code_system() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a string"), kind.code());
        }
    }
}
