//! What a receipt says.

use alloc::{borrow::ToOwned, format, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vernet_common::{
    CertificateHash, Error, HttpsUrl, NumericDate, Payload, Sha256Hash, StatusListUri,
};

use crate::{code::Code, colour::Colour, policy::Policy};

/// The claims of a receipt (`typ` `vernet-receipt+jwt`), signed by the verifier's own key:
/// `docs/FORMAT.md` section 24.
///
/// It contains no name, number or birth date: it names the certificate by its hash, and those who
/// are allowed to keep the certificate file it beside the receipt. It is the signer's own
/// statement. Not the signature but [`Evidence::replay`](super::Evidence::replay) shows that the
/// verdict was right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The instant of which the answer is true.
    pub as_of: NumericDate,
    /// The particular fault behind the code, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseCode>,
    /// The certificate that was shown, if what was shown could be read as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<CertificateHash>,
    /// The time for which the check was made.
    pub checked_at: NumericDate,
    /// What was found.
    pub code: Code,
    /// The status list whose fault is the cause of `status_unusable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defect_sha256: Option<Sha256Hash>,
    /// When the receipt was signed, by the signer's clock.
    pub iat: NumericDate,
    /// What was shown, if it could not be read as a certificate: SHA-256 of its text without white
    /// space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_sha256: Option<Sha256Hash>,
    /// The newest instant at which anything was signed that the verifier had seen.
    pub newest: NumericDate,
    /// Whose certificates were verified, under which roots.
    pub office: NamedOffice,
    /// How old knowledge was allowed to be.
    pub policy: ReceiptPolicy,
    /// The status list that was consulted, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_list: Option<NamedStatusList>,
    /// The trust list in force.
    pub trust_list: NamedTrustList,
    /// The colour of the answer. It follows from `code`.
    pub verdict: Colour,
    /// Who states it.
    pub verifier: VerifierName,
}

/// An office and its roots.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedOffice {
    /// The issuer.
    pub iss: HttpsUrl,
    /// The fingerprint of its `roots.json`.
    pub roots_sha256: Sha256Hash,
}

/// A trust list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedTrustList {
    /// Its number.
    pub seq: u64,
    /// The hash of its payload: signatures that somebody added do not make it another list.
    pub sha256: Sha256Hash,
}

/// A status list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedStatusList {
    /// When it was signed.
    pub iat: NumericDate,
    /// The hash of its JWS.
    pub sha256: Sha256Hash,
    /// Its URI.
    pub uri: StatusListUri,
}

/// The [`Policy`] of the check, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiptPolicy {
    /// [`Policy::clock_tolerance_s`].
    pub clock_tolerance: u32,
    /// [`Policy::max_status_age_s`].
    pub max_status_age: u32,
    /// [`Policy::max_trust_list_age_s`].
    pub max_trust_list_age: u32,
}

/// A policy beyond 136 years is written as one of 136 years.
impl From<Policy> for ReceiptPolicy {
    fn from(policy: Policy) -> Self {
        let seconds = |seconds: i64| u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
        Self {
            clock_tolerance: seconds(policy.clock_tolerance_s),
            max_status_age: seconds(policy.max_status_age_s),
            max_trust_list_age: seconds(policy.max_trust_list_age_s),
        }
    }
}

impl From<ReceiptPolicy> for Policy {
    fn from(policy: ReceiptPolicy) -> Self {
        Self {
            clock_tolerance_s: policy.clock_tolerance.into(),
            max_status_age_s: policy.max_status_age.into(),
            max_trust_list_age_s: policy.max_trust_list_age.into(),
        }
    }
}

impl Payload for Receipt {
    const TYP: &'static str = "vernet-receipt+jwt";
    const WHAT: &'static str = "the receipt";
    // Two URLs of 200 bytes, a name of 400 and 800 of everything else, in base64url.
    const MAX_BYTES: usize = 4096;

    fn newer(payload: &Value) -> Option<String> {
        let code = payload.get("code")?;
        let is_code = CauseCode::try_from(code.as_str()?.to_owned()).is_ok();
        (is_code && Code::deserialize(code).is_err()).then(|| format!("{code} as `code`"))
    }

    fn check(&self) -> Result<(), Error> {
        let inconsistent = |what| Err(Error::Inconsistent { what });
        if self.verdict != self.code.colour() {
            return inconsistent("the receipt's `verdict` is not the colour of its `code`");
        }
        if self.certificate_sha256.is_some() == self.input_sha256.is_some() {
            return inconsistent(
                "a receipt names either a certificate or what could not be read as one",
            );
        }
        if self.as_of != self.status_list.as_ref().map_or(self.checked_at, |list| list.iat) {
            return inconsistent(
                "the receipt's `as_of` is neither that of its status list nor the time of the check",
            );
        }
        if self.status_list.as_ref().is_some_and(|list| list.iat > self.newest) {
            return inconsistent(
                "the receipt's status list is newer than the newest that was seen",
            );
        }
        if self.verdict == Colour::Accepted
            && (self.status_list.is_none() || self.certificate_sha256.is_none())
        {
            return inconsistent(
                "a receipt of acceptance names its certificate and its status list",
            );
        }
        if self.defect_sha256.is_some() != (self.code == Code::StatusUnusable) {
            return inconsistent(
                "a receipt names a status list that cannot be used if that is what it says",
            );
        }
        if self.code == Code::Unreadable && self.certificate_sha256.is_some() {
            return inconsistent("a receipt of what could not be read names no certificate");
        }
        if self.code == Code::VerifierOutdated {
            return inconsistent("there is no receipt of what a program did not understand");
        }
        Ok(())
    }
}

/// The code of a cause, as in section 14 of `docs/FORMAT.md`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CauseCode(String);

impl CauseCode {
    /// The code of one of our own errors, which always has the right form.
    pub(super) fn of(code: &'static str) -> Self {
        Self(code.to_owned())
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CauseCode {
    type Error = Error;
    fn try_from(code: String) -> Result<Self, Error> {
        let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        match (1..=60).contains(&code.len()) && code.bytes().all(is_code) {
            true => Ok(Self(code)),
            false => Err(Error::Inconsistent {
                what: "`cause` is not 1 to 60 lower-case letters, digits and `_`",
            }),
        }
    }
}

impl From<CauseCode> for String {
    fn from(code: CauseCode) -> Self {
        code.0
    }
}

/// What a verifier calls itself, for people: `Ullevål sykehus, hjerteavdelingen`. Its key says who
/// it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifierName(String);

impl VerifierName {
    const MAX_CHARS: usize = 100;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VerifierName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let unseen = |c: char| {
            c.is_control()
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let fits = (1..=Self::MAX_CHARS).contains(&text.chars().count())
            && text.trim() == text
            && !text.contains(unseen);
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(Error::Inconsistent {
                what: "the name of a verifier has 1 to 100 characters that can be seen, without space at its ends",
            }),
        }
    }
}

impl TryFrom<String> for VerifierName {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<VerifierName> for String {
    fn from(name: VerifierName) -> Self {
        name.0
    }
}

impl fmt::Display for VerifierName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For a person: what is stated, by whom, about what.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            as_of,
            checked_at,
            code,
            iat,
            newest: _,
            office,
            status_list,
            trust_list,
            verifier,
            ..
        } = self;
        let about = match (&self.certificate_sha256, &self.input_sha256) {
            (Some(hash), _) => format!("certificate {}", String::from(*hash)),
            (None, Some(hash)) => format!("an input that is no certificate, {hash}"),
            (None, None) => String::new(),
        };
        writeln!(f, "{verifier} stated on {iat}: {code}")?;
        writeln!(f, "  {about}")?;
        writeln!(f, "  checked for {checked_at}, as of {as_of}")?;
        write!(
            f,
            "  {}, roots {}, trust list {}",
            office.iss,
            Hex(office.roots_sha256),
            trust_list.seq
        )?;
        if let Some(list) = status_list {
            write!(f, "\n  status list {} of {}", list.uri.as_str(), list.iat)?;
        }
        Ok(())
    }
}

/// Fingerprints are compared by people, who read them in hexadecimal.
pub(super) struct Hex(pub(super) Sha256Hash);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
