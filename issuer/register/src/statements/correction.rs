//! Corrections: what the register says of a person, and was written wrongly.

use serde::{Deserialize, Serialize};
use vernet_common::{CertificateNumber, CivilDate, HprNumber};

use crate::application::Names;

/// What was written wrongly of a person, as it is right. What was known before stays in the
/// register, with the time at which it was known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// A certificate of the person.
    pub certificate: CertificateNumber,
    /// The date of birth. It counts for all rights of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<CivilDate>,
    /// The health personnel number. It counts for the right of this certificate alone, because the
    /// wrong number may be another person's, with rights of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hpr_number: Option<HprNumber>,
    /// The names. They count for all rights of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
}

impl Correction {
    /// A correction of nothing yet.
    pub fn of(certificate: CertificateNumber) -> Self {
        Self { certificate, birthdate: None, hpr_number: None, names: None }
    }
}
