//! The constants behind the QR template.

use alloc::{format, string::String};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::title::{TrustedTitle, names_newer_title};
use crate::{
    claims::{CertificateClaims, StatusListUri, check_type},
    code::{Profession, Title},
    document::{ListEntry, is_newer_code},
    error::Error,
    id::{HttpsUrl, NumberPrefix},
    jose::Algorithm,
};

/// The constants of an issuer's certificates for a title, which a QR template leaves out. Immutable:
/// a change needs a new profile with a new number, because printed codes refer to it for as long as
/// the paper lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    /// The profile's number, from 1.
    pub id: u8,
    /// The header's `alg`.
    pub alg: Algorithm,
    /// What every certificate number begins with.
    pub certificate_number_prefix: NumberPrefix,
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
        is_newer_code::<Algorithm>(profile.get("alg")) || names_newer_title(profile)
    }
}

impl Profile {
    /// The profile of an issuer's certificates for a title.
    pub fn new(id: u8, alg: Algorithm, iss: HttpsUrl, title: &TrustedTitle) -> Self {
        Self {
            id,
            alg,
            certificate_number_prefix: title.certificate_number_prefix,
            profession: title.profession,
            status_list_uri_prefix: status_list_uri_prefix(&iss),
            title: title.title.clone(),
            vct: title.vct.clone(),
            iss,
        }
    }

    /// The profile of an issuer and a title that are not known.
    pub(crate) fn of_nobody(id: u8) -> Result<Self, Error> {
        let iss: HttpsUrl = "https://unknown.invalid".parse()?;
        Ok(Self {
            id,
            alg: Algorithm::default(),
            certificate_number_prefix: NumberPrefix::UNKNOWN,
            profession: Profession::UNKNOWN,
            status_list_uri_prefix: status_list_uri_prefix(&iss),
            title: Title::unknown(),
            vct: CertificateClaims::vct_of(&iss, "unknown").parse()?,
            iss,
        })
    }

    /// Whether these are the constants of a certificate.
    pub(crate) fn is_of(&self, claims: &CertificateClaims) -> bool {
        self.iss == claims.iss && self.is_of_title(claims)
    }

    pub(super) fn is_of_title(&self, claims: &CertificateClaims) -> bool {
        let Self { certificate_number_prefix: prefix, profession, title, vct, .. } = self;
        claims.names_title(*prefix, *profession, title, vct)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.id == 0 || self.status_list_uri_prefix != status_list_uri_prefix(&self.iss) {
            return Err(Error::Inconsistent {
                what: "a QR profile's number is 0, or its constants do not follow from its `iss`",
            });
        }
        check_type(&self.iss, &self.vct)
    }
}

fn status_list_uri_prefix(iss: &HttpsUrl) -> String {
    format!("{iss}{}", StatusListUri::PATH)
}
