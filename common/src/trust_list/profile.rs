//! The constants behind the QR template.

use alloc::{format, string::String};

use serde::{Deserialize, Serialize};

use crate::{
    claims::StatusListUri,
    code::{Profession, Title},
    error::Error,
    id::{CertificateNumber, HttpsUrl},
    jose::Algorithm,
};

/// The constants of an issuer that a QR template leaves out. Immutable: a change needs a new
/// profile with a new number, because printed codes refer to it for as long as the paper lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The profile's number, from 1.
    pub id: u8,
    /// The header's `alg`.
    pub alg: Algorithm,
    /// What every certificate number begins with.
    pub certificate_number_prefix: String,
    /// The claim `iss`.
    pub iss: HttpsUrl,
    /// The claim `profession`.
    pub profession: Profession,
    /// What every status list's URI begins with; its number follows.
    pub status_list_uri_prefix: String,
    /// The claim `title`.
    pub title: Title,
    /// The claim `vct`.
    pub vct: HttpsUrl,
}

impl Profile {
    /// The profile of an issuer's perfusionist certificates.
    ///
    /// # Errors
    ///
    /// [`Error::FieldInvalid`] if `iss` is too long to have a `vct` below it.
    pub fn new(id: u8, alg: Algorithm, iss: HttpsUrl) -> Result<Self, Error> {
        Ok(Self {
            id,
            alg,
            certificate_number_prefix: CertificateNumber::PREFIX.into(),
            profession: Profession::Perfusionist,
            status_list_uri_prefix: format!("{iss}{}", StatusListUri::PATH),
            title: Title::Perfusionist,
            vct: crate::claims::CertificateClaims::vct_of(&iss).parse()?,
            iss,
        })
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.id == 0 || *self != Self::new(self.id, self.alg, self.iss.clone())? {
            return Err(Error::Inconsistent {
                what: "a QR profile's constants do not follow from its `iss`",
            });
        }
        Ok(())
    }
}
