//! The titles that an issuer may certify.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::office::InWords;
use crate::{
    claims::{CertificateClaims, check_type},
    code::{Profession, Title},
    document::{ListEntry, is_newer_code},
    error::Error,
    id::{HttpsUrl, NumberPrefix},
};

/// A title that an issuer may certify. Whoever holds its certificate keys can sign a certificate for
/// any title; what counts is what the roots have signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustedTitle {
    /// What the certificate numbers begin with.
    pub certificate_number_prefix: NumberPrefix,
    /// What people call somebody with that title.
    pub names: InWords,
    /// The claim `profession`.
    pub profession: Profession,
    /// The claim `title`.
    pub title: Title,
    /// The claim `vct`.
    pub vct: HttpsUrl,
}

impl ListEntry for TrustedTitle {
    fn is_newer(title: &Value) -> bool {
        names_newer_title(title)
    }
}

/// Whether an entry is about a title in a form that this version does not know.
pub(super) fn names_newer_title(entry: &Value) -> bool {
    is_newer_code::<Profession>(entry.get("profession"))
        || is_newer_code::<NumberPrefix>(entry.get("certificate_number_prefix"))
}

impl TrustedTitle {
    /// The title of an issuer's certificates of this type.
    ///
    /// # Errors
    ///
    /// [`Error::FieldInvalid`] if `iss` is too long to have a type below it, [`Error::Inconsistent`]
    /// if `type_name` has other characters.
    pub fn new(
        iss: &HttpsUrl,
        type_name: &str,
        certificate_number_prefix: NumberPrefix,
        profession: Profession,
        title: Title,
        names: InWords,
    ) -> Result<Self, Error> {
        let vct = CertificateClaims::vct_of(iss, type_name).parse()?;
        check_type(iss, &vct)?;
        Ok(Self { certificate_number_prefix, names, profession, title, vct })
    }

    /// Whether a certificate is for this title.
    pub(super) fn is_of(&self, claims: &CertificateClaims) -> bool {
        let Self { certificate_number_prefix: prefix, profession, title, vct, .. } = self;
        claims.names_title(*prefix, *profession, title, vct)
    }

    pub(super) fn check(&self, iss: &HttpsUrl) -> Result<(), Error> {
        self.names.check()?;
        check_type(iss, &self.vct)
    }
}
