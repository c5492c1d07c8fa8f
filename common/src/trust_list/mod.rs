//! The trust list: which keys count, for what, and since when not any more. Signed by the office's
//! root keys, kept offline.

mod roots;

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

pub use roots::{Roots, SignedTrustList, TrustAnchor};
use serde::{Deserialize, Serialize};

use crate::{
    Algorithm, CertificateNumber, Error, HttpsUrl, KeyId, NumericDate, Profession, PublicKey,
    StatusListUri, Title, TrustedLog, base64url, jose::Payload,
};

/// The trust list's claims. The data model follows ETSI TS 119 602 without claiming to conform:
/// `seq` is its sequence number, `iat` its issue date, `exp` its next update.
///
/// A holder of `Verified<TrustList>` must **also** check `exp` against the clock and `seq` against
/// what was seen before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustList {
    /// The issuer whose keys these are.
    pub iss: HttpsUrl,
    /// Grows by at least one with every list.
    pub seq: u64,
    /// When the list was made.
    pub iat: NumericDate,
    /// The first instant at which it must not be used any more.
    pub exp: NumericDate,
    /// The root keys that must sign the next list. A list with other roots than the one before is
    /// how root keys rotate.
    pub roots: Roots,
    /// The issuer's working keys, past and present.
    pub keys: Vec<TrustedKey>,
    /// The issued log, and who watches it.
    pub log: TrustedLog,
    /// The constants behind the QR template, by number.
    pub profiles: Vec<Profile>,
}

impl TrustList {
    /// The key with this id.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnknown`].
    pub fn key(&self, kid: KeyId) -> Result<&TrustedKey, Error> {
        self.keys
            .iter()
            .find(|trusted| trusted.key.kid() == kid)
            .ok_or_else(|| Error::KeyUnknown { kid: format!("{kid}") })
    }

    /// The certificate key that a QR template names by the first two bytes of its thumbprint.
    pub(crate) fn key_by_hint(&self, hint: [u8; 2]) -> Result<&TrustedKey, Error> {
        self.certificate_keys().find(|trusted| trusted.key.hint() == hint).ok_or_else(|| {
            Error::KeyUnknown { kid: format!("{}…", &base64url::encode(&hint)[..2]) }
        })
    }

    /// The profile with this number.
    pub(crate) fn profile(&self, id: u8) -> Result<&Profile, Error> {
        self.profiles
            .iter()
            .find(|profile| profile.id == id)
            .ok_or(Error::QrProfileUnknown { found: id })
    }

    fn certificate_keys(&self) -> impl Iterator<Item = &TrustedKey> {
        self.keys.iter().filter(|trusted| trusted.r#use == KeyUse::Certificate)
    }
}

impl Payload for TrustList {
    const TYP: &'static str = "vernet-trust-list";
    const WHAT: &'static str = "the trust list";
    // Some 300 keys: a change of every working key each year for a century.
    const MAX_BYTES: usize = 128 * 1024;

    fn check(&self) -> Result<(), Error> {
        self.roots.check()?;
        check_seq(self.seq)?;
        if self.exp <= self.iat {
            return Err(Error::Inconsistent { what: "`exp` is not after `iat`" });
        }
        let keys: BTreeSet<KeyId> = self.keys.iter().map(|trusted| trusted.key.kid()).collect();
        if keys.len() != self.keys.len() {
            return Err(Error::Inconsistent {
                what: "a key is listed twice, so its use is ambiguous",
            });
        }
        if self.roots.keys.iter().any(|root| keys.contains(&root.kid())) {
            return Err(Error::Inconsistent {
                what: "a root key is listed as a working key: roots sign trust lists and nothing else",
            });
        }
        let hints: BTreeSet<[u8; 2]> =
            self.certificate_keys().map(|trusted| trusted.key.hint()).collect();
        if hints.len() != self.certificate_keys().count() {
            return Err(Error::Inconsistent {
                what: "two certificate keys share the first two bytes of their thumbprints",
            });
        }
        if self
            .keys
            .iter()
            .any(|trusted| trusted.not_after.is_some_and(|end| end <= trusted.not_before))
        {
            return Err(Error::Inconsistent {
                what: "a key's `not_after` is not after its `not_before`",
            });
        }
        for trusted in &self.keys {
            let expected = trusted.r#use == KeyUse::Certificate && trusted.compromised_at.is_some();
            if trusted.log_size.is_some() != expected
                || trusted.log_size.is_some_and(|size| size > self.log.size)
            {
                return Err(Error::Inconsistent {
                    what: "`log_size` goes with compromised certificate keys and no others, and is at most the size of the log",
                });
            }
        }
        self.log.check()?;
        let is_working_or_root =
            |kid| keys.contains(&kid) || self.roots.keys.iter().any(|root| root.kid() == kid);
        if self.log.witnesses.iter().any(|witness| is_working_or_root(witness.key.kid())) {
            return Err(Error::Inconsistent {
                what: "a witness's key is a key of the office: nobody is their own witness",
            });
        }
        let profiles: BTreeSet<u8> = self.profiles.iter().map(|profile| profile.id).collect();
        if profiles.len() != self.profiles.len() {
            return Err(Error::Inconsistent { what: "a profile number is listed twice" });
        }
        self.profiles.iter().try_for_each(Profile::check)
    }
}

/// RFC 8785 writes numbers as JavaScript does, which is exact up to here.
const MAX_SEQ: u64 = (1 << 53) - 1;

fn check_seq(seq: u64) -> Result<(), Error> {
    if !(1..=MAX_SEQ).contains(&seq) {
        return Err(Error::Inconsistent { what: "`seq` is not from 1 to 2^53 - 1" });
    }
    Ok(())
}

/// A working key of the issuer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// The one thing it may sign. Granting and supervising are different bodies, so their keys are
    /// different keys.
    pub r#use: KeyUse,
    /// The first instant at which it may sign.
    pub not_before: NumericDate,
    /// The first instant at which it may not sign any more, if it is retired. What it signed
    /// before stays good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<NumericDate>,
    /// Since when somebody else may hold it. A thief writes any date he likes, so from then on the
    /// signature alone proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_at: Option<NumericDate>,
    /// For a compromised certificate key: how many certificates the log held when only the office
    /// had the key. Those that it signed among them are genuine, whatever a thief signs; no
    /// other is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_size: Option<u64>,
}

impl TrustedKey {
    /// Checks that the key may have signed this kind of document at this time.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUse`], [`Error::KeyCompromised`] or [`Error::KeyNotValidAt`].
    pub fn check(&self, expected: KeyUse, signed_at: NumericDate) -> Result<(), Error> {
        self.check_use(expected)?;
        self.check_not_compromised(None)?;
        self.check_time(signed_at)
    }

    /// Checks that the key may have signed this certificate at this time, if nobody else holds the
    /// key: [`TrustedKey::check_not_compromised`] must follow, once the certificate's place in
    /// the log is known.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUse`] or [`Error::KeyNotValidAt`].
    pub fn check_unless_compromised(
        &self,
        expected: KeyUse,
        signed_at: NumericDate,
    ) -> Result<(), Error> {
        self.check_use(expected)?;
        self.check_time(signed_at)
    }

    /// Checks that nobody but the office can have signed the certificate at this place in the log,
    /// or a document that has none.
    ///
    /// # Errors
    ///
    /// [`Error::KeyCompromised`].
    pub fn check_not_compromised(&self, place: Option<u64>) -> Result<(), Error> {
        match self.compromised_at {
            Some(since)
                if place.is_none_or(|place| self.log_size.is_none_or(|size| place >= size)) =>
            {
                Err(Error::KeyCompromised { kid: format!("{}", self.key.kid()), since })
            }
            _ => Ok(()),
        }
    }

    fn check_use(&self, expected: KeyUse) -> Result<(), Error> {
        if self.r#use != expected {
            let kid = format!("{}", self.key.kid());
            return Err(Error::KeyUse {
                kid,
                found: self.r#use.as_str(),
                expected: expected.as_str(),
            });
        }
        Ok(())
    }

    fn check_time(&self, signed_at: NumericDate) -> Result<(), Error> {
        if signed_at < self.not_before || self.not_after.is_some_and(|end| signed_at >= end) {
            return Err(Error::KeyNotValidAt { kid: format!("{}", self.key.kid()), at: signed_at });
        }
        Ok(())
    }
}

/// What a working key may sign.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Certificates: the granting authority.
    Certificate,
    /// Status lists: the supervisory authority.
    Status,
    /// Checkpoints of the issued log.
    Log,
}

impl KeyUse {
    /// The word for it, as in the trust list.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Status => "status",
            Self::Log => "log",
        }
    }
}

/// The constants of an issuer that a QR template leaves out. Immutable: a change is a new profile
/// with a new number, because printed codes refer to it for as long as paper lasts.
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
            vct: crate::CertificateClaims::vct_of(&iss).parse()?,
            iss,
        })
    }

    fn check(&self) -> Result<(), Error> {
        if self.id == 0 || *self != Self::new(self.id, self.alg, self.iss.clone())? {
            return Err(Error::Inconsistent {
                what: "a QR profile's constants do not follow from its `iss`",
            });
        }
        Ok(())
    }
}
