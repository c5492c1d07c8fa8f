//! The constants behind the QR template.

use alloc::{format, string::String};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    claims::StatusListUri,
    code::{Profession, Title},
    document::{ListEntry, is_newer_code},
    error::Error,
    id::{CertificateNumber, HttpsUrl},
    jose::Algorithm,
};

/// The constants of an issuer that a QR template leaves out. Immutable: a change needs a new
/// profile with a new number, because printed codes refer to it for as long as the paper lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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

impl ListEntry for Profile {
    fn is_newer(profile: &Value) -> bool {
        let prefix = profile.get("certificate_number_prefix").and_then(Value::as_str);
        is_newer_code::<Algorithm>(profile.get("alg"))
            || is_newer_code::<Profession>(profile.get("profession"))
            || is_newer_code::<Title>(profile.get("title"))
            || prefix.is_some_and(|prefix| prefix != CertificateNumber::PREFIX)
    }
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
