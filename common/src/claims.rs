//! What a certificate says.

mod written;

use alloc::{format, string::String, vec::Vec};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    code::{Basis, Kind, Profession, Title},
    document::newer_code,
    error::Error,
    id::{CertificateNumber, HprNumber, HttpsUrl, NumberPrefix, StatusIndex, StatusListNumber},
    jose::Payload,
    name::{GivenNames, PersonName},
    time::{CivilDate, NumericDate},
};

/// The claims of a certificate: an SD-JWT VC without selective disclosure (`typ` `dc+sd-jwt`).
///
/// The national identity number is never among them. Holding this type does not mean that anybody
/// signed it: for that there is [`Verified`](crate::jose::Verified). A holder of
/// `Verified<CertificateClaims>` must **also** check the validity period, the key's entry in the
/// trust list and the status; `vernet-verifier` does all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    schema(description = "What a certificate says, with the claims as they were signed.")
)]
pub struct CertificateClaims {
    /// The issuer (RFC 7519 section 4.1.1).
    pub iss: HttpsUrl,
    /// The type of credential: `<iss>/types/<type>/1`.
    pub vct: HttpsUrl,
    /// When the certificate was signed.
    pub iat: NumericDate,
    /// The first instant at which it no longer holds: the start of a day in Europe/Oslo, never
    /// past the age limit.
    pub exp: NumericDate,
    /// The number on the paper.
    pub certificate_number: CertificateNumber,
    /// Given names, as in the population register. Somebody with a single name has none.
    #[serde(default, skip_serializing_if = "GivenNames::is_none")]
    pub given_name: GivenNames,
    /// Family name, as in the population register; or the only name of somebody with a single one.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// Health personnel number.
    pub hpr_number: HprNumber,
    /// Category of health personnel.
    pub profession: Profession,
    /// The protected title.
    pub title: Title,
    /// The decision that gave the right.
    pub authorisation: Authorisation,
    /// Where the status is found.
    pub status: StatusClaim,
}

impl CertificateClaims {
    /// Whether these are the claims by which a certificate names its title.
    pub(crate) fn names_title(
        &self,
        prefix: NumberPrefix,
        profession: Profession,
        title: &Title,
        vct: &HttpsUrl,
    ) -> bool {
        self.certificate_number.prefix() == prefix
            && self.profession == profession
            && self.title == *title
            && self.vct == *vct
    }

    /// Both names, as people write them.
    pub fn full_name(&self) -> String {
        self.given_name.with(&self.family_name)
    }

    /// The type of credential that an issuer's certificates for a title have. `name` stands for the
    /// title in addresses: small letters, digits and hyphens.
    pub fn vct_of(iss: &HttpsUrl, name: &str) -> String {
        iss.join(&format!("types/{name}/{VERSION}"))
    }
}

impl Payload for CertificateClaims {
    const TYP: &'static str = "dc+sd-jwt";
    const WHAT: &'static str = "the certificate";
    // Two names of 100 bytes and two URLs of 200, in base64url, with room to spare.
    const MAX_BYTES: usize = 4096;

    fn write(&self) -> Result<Vec<u8>, Error> {
        Ok(self.to_canonical())
    }

    fn read_exact(payload: &[u8]) -> Option<Self> {
        Self::from_canonical(payload)
    }

    fn newer(payload: &Value) -> Option<String> {
        newer_code::<Kind>(payload, "/authorisation/kind")
            .or_else(|| newer_code::<Basis>(payload, "/authorisation/basis"))
            .or_else(|| newer_code::<Profession>(payload, "/profession"))
            .or_else(|| newer_type(payload))
    }

    fn check(&self) -> Result<(), Error> {
        check_type(&self.iss, &self.vct)?;
        if self.status.status_list.uri.issuer() != self.iss.as_str() {
            return Err(Error::Inconsistent {
                what: "`status.status_list.uri` is not below `iss`",
            });
        }
        if self.exp <= self.iat {
            return Err(Error::Inconsistent { what: "`exp` is not after `iat`" });
        }
        if self.authorisation.granted <= self.birthdate {
            return Err(Error::Inconsistent {
                what: "`authorisation.granted` is not after `birthdate`",
            });
        }
        Ok(())
    }
}

/// A type of credential that this version does not know.
fn newer_type(payload: &Value) -> Option<String> {
    let iss: HttpsUrl = payload.get("iss")?.as_str()?.parse().ok()?;
    let vct: HttpsUrl = payload.get("vct")?.as_str()?.parse().ok()?;
    let is_newer = vct.as_str().starts_with(&iss.join("types/")) && check_type(&iss, &vct).is_err();
    is_newer.then(|| format!("`{vct}` as `vct`"))
}

/// The version of the claims.
const VERSION: &str = "1";

/// Whether a type of credential has the form of those that this version knows.
pub(crate) fn check_type(iss: &HttpsUrl, vct: &HttpsUrl) -> Result<(), Error> {
    let name = vct
        .as_str()
        .strip_prefix(&iss.join("types/"))
        .and_then(|rest| rest.strip_suffix(VERSION)?.strip_suffix('/'));
    let is_name = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match name.is_some_and(is_name) {
        true => Ok(()),
        false => Err(Error::Inconsistent { what: "`vct` is not `<iss>/types/<type>/1`" }),
    }
}

/// The decision that gave the right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Authorisation {
    /// What kind of right.
    pub kind: Kind,
    /// Why it was given.
    pub basis: Basis,
    /// From which day on. A new print or a new name keeps this date.
    pub granted: CivilDate,
}

/// The `status` claim (Token Status List section 6.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StatusClaim {
    /// The reference to the list.
    pub status_list: StatusReference,
}

/// A slot in a status list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StatusReference {
    /// The slot.
    pub idx: StatusIndex,
    /// The list.
    pub uri: StatusListUri,
}

/// The URI of a status list, `<iss>/status/<number>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusListUri {
    uri: String,
    number: StatusListNumber,
}

impl StatusListUri {
    /// The list with this number of this issuer.
    pub fn new(iss: &HttpsUrl, number: StatusListNumber) -> Self {
        Self { uri: format!("{iss}{}{number}", Self::PATH), number }
    }

    /// The URI as text.
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// The list's number.
    pub fn number(&self) -> StatusListNumber {
        self.number
    }

    /// The part of the URI that names the issuer.
    pub fn issuer(&self) -> &str {
        self.uri.rsplit_once(Self::PATH).map_or("", |(issuer, _)| issuer)
    }

    pub(crate) const PATH: &'static str = "/status/";
}

impl FromStr for StatusListUri {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let (issuer, number) = text.rsplit_once(Self::PATH)?;
            let uri =
                Self::new(&issuer.parse().ok()?, StatusListNumber::new(number.parse().ok()?).ok()?);
            (uri.uri == text).then_some(uri)
        };
        parse().ok_or_else(|| {
            Error::field("uri", text, "a status list as in `https://issuer.example.no/status/1`")
        })
    }
}

impl TryFrom<String> for StatusListUri {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<StatusListUri> for String {
    fn from(uri: StatusListUri) -> String {
        uri.uri
    }
}

impl fmt::Display for StatusListUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}

impl fmt::Debug for StatusListUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_list_uris_name_issuer_and_number() {
        let uri: StatusListUri = "https://issuer.example.no/status/7".parse().expect("a URI");
        assert_eq!((uri.issuer(), uri.number().number()), ("https://issuer.example.no", 7));
        for wrong in [
            "https://issuer.example.no/status/07",
            "https://issuer.example.no/status/0",
            "https://issuer.example.no/status/128",
        ] {
            assert_eq!(wrong.parse::<StatusListUri>().expect_err(wrong).code(), "field_invalid");
        }
    }
}
