//! What a trust list says.

use alloc::{collections::BTreeSet, format, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    key::{KeyUse, TrustedKey},
    profile::Profile,
    roots::Roots,
};
use crate::{
    base64url,
    error::Error,
    id::{HttpsUrl, KeyId},
    jose::Payload,
    log::TrustedLog,
    time::NumericDate,
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
    /// The first instant at which it must no longer be used.
    pub exp: NumericDate,
    /// The root keys that must sign the next list. Root keys rotate by a list with other roots
    /// than the one before.
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
    /// [`Error::KeyUnknown`] if the list has no such key.
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

pub(super) fn check_seq(seq: u64) -> Result<(), Error> {
    if !(1..=MAX_SEQ).contains(&seq) {
        return Err(Error::Inconsistent { what: "`seq` is not from 1 to 2^53 - 1" });
    }
    Ok(())
}
