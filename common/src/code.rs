//! Code lists: the terms of the law and the registers.

use serde::{Deserialize, Serialize};

/// Category of health personnel, code system 9060 (OID 2.16.578.1.12.4.1.1.9060).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Profession {
    /// Perfusionist.
    #[serde(rename = "PE")]
    Perfusionist,
}

impl Profession {
    /// The object identifier of the code system.
    pub const OID: &'static str = "2.16.578.1.12.4.1.1.9060";
}

/// The protected title (helsepersonelloven § 74).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Title {
    /// The title's one spelling in certificates; the reader's language is a matter of display.
    #[serde(rename = "perfusionist")]
    Perfusionist,
}

/// What kind of right was given, code system 7704 (OID 2.16.578.1.12.4.1.1.7704).
///
/// In claims it is the code as a string; in applications and the register it is the word, see
/// [`Kind::word`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    schema(
        description = "What kind of right was given, code system 7704 (OID 2.16.578.1.12.4.1.1.7704): `1` authorisation, `17` authorisation limited     from the start, `4` licence, `14` licence bound to a post or an employer."
    )
)]
pub enum Kind {
    /// Authorisation, without end before the age limit.
    #[serde(rename = "1")]
    Authorisation,
    /// Authorisation that was limited from the start (helsepersonelloven § 59).
    #[serde(rename = "17")]
    LimitedAuthorisation,
    /// Licence: time-limited (helsepersonelloven § 49).
    #[serde(rename = "4")]
    Licence,
    /// Licence bound to a post or an employer.
    #[serde(rename = "14")]
    BoundLicence,
}

impl Kind {
    /// The object identifier of the code system.
    pub const OID: &'static str = "2.16.578.1.12.4.1.1.7704";

    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::Authorisation, Self::LimitedAuthorisation, Self::Licence, Self::BoundLicence];

    /// The code in code system 7704.
    pub fn code(self) -> &'static str {
        match self {
            Self::Authorisation => "1",
            Self::LimitedAuthorisation => "17",
            Self::Licence => "4",
            Self::BoundLicence => "14",
        }
    }

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorisation => "authorisation",
            Self::LimitedAuthorisation => "limited_authorisation",
            Self::Licence => "licence",
            Self::BoundLicence => "bound_licence",
        }
    }

    /// A licence always has an end.
    pub fn is_licence(self) -> bool {
        matches!(self, Self::Licence | Self::BoundLicence)
    }

    /// Conditions apply from the start, whatever the status list says.
    pub fn has_conditions(self) -> bool {
        matches!(self, Self::LimitedAuthorisation | Self::BoundLicence)
    }
}

/// Why the right was given. Exactly one.
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
    /// A new authorisation after revocation or waiver (helsepersonelloven § 62).
    NewAuthorisation,
}

impl Basis {
    /// Every basis, in the order of the numbers that the QR template uses (1 to 6).
    pub const ALL: [Self; 6] = [
        Self::NorwegianExam,
        Self::AccreditedSchoolExam,
        Self::Transitional,
        Self::EeaRecognition,
        Self::EquivalentForeignExam,
        Self::NewAuthorisation,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_in_claims_is_the_code_of_the_code_system() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a string"), kind.code());
        }
    }
}
