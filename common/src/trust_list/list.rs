//! What a trust list says.

use alloc::{collections::BTreeSet, format};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    key::{KeyUse, TrustedKey},
    office::{InWords, OfficeDetails},
    profile::Profile,
    roots::Roots,
    title::TrustedTitle,
};
use crate::{
    base64url,
    claims::CertificateClaims,
    document::Entries,
    error::Error,
    id::{HttpsUrl, KeyId},
    jose::{Payload, Signed},
    log::TrustedLog,
    time::NumericDate,
};

/// The trust list's claims. The data model follows ETSI TS 119 602 without claiming to conform:
/// `seq` is its sequence number, `iat` its issue date, `exp` its next update.
///
/// A holder of `Verified<TrustList>` must **also** check `exp` against the clock and `seq` against
/// what was seen before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
    pub keys: Entries<TrustedKey>,
    /// The issued log, and who watches it.
    pub log: TrustedLog,
    /// What people call the office, and whom to call. Added after the first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeDetails>,
    /// The constants behind the QR template, by number.
    pub profiles: Entries<Profile>,
    /// The titles that the issuer may certify. Added after the first version: a list without it
    /// means those of its profiles.
    #[serde(default, skip_serializing_if = "Entries::has_none")]
    pub titles: Entries<TrustedTitle>,
}

impl TrustList {
    /// The key with this id.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnknown`] if the list has no such key, [`Error::NotUnderstood`] if it is of a
    /// kind that this version does not know.
    pub fn key(&self, kid: KeyId) -> Result<&TrustedKey, Error> {
        self.keys.iter().find(|trusted| trusted.key.kid() == kid).ok_or_else(|| {
            self.not_understood(|known| known == kid.as_str())
                .unwrap_or_else(|| Error::KeyUnknown { kid: format!("{kid}") })
        })
    }

    /// The key that is said to have signed a document.
    ///
    /// # Errors
    ///
    /// As [`TrustList::key`]; [`Error::AlgorithmUnsupported`] if the header names another algorithm
    /// than the keys of this version have.
    pub fn signer<T: Payload>(&self, signed: &Signed<T>) -> Result<&TrustedKey, Error> {
        let key = self.key(signed.kid());
        // A newer kind of key has an algorithm of its own.
        if !matches!(key, Err(Error::NotUnderstood { .. })) {
            signed.header().algorithm()?;
        }
        key
    }

    /// What people call somebody with the title of this certificate. None if the list does not say
    /// it, and has the title in a profile only.
    ///
    /// # Errors
    ///
    /// [`Error::TitleUntrusted`] if it is no title that the issuer may certify.
    pub fn title_of(&self, claims: &CertificateClaims) -> Result<Option<&InWords>, Error> {
        if let Some(title) = self.titles.iter().find(|title| title.is_of(claims)) {
            return Ok(Some(&title.names));
        }
        if self.titles.has_none() && self.profiles.iter().any(|profile| profile.is_of_title(claims))
        {
            return Ok(None);
        }
        Err(Error::TitleUntrusted { title: claims.title.as_str().into() })
    }

    /// The certificate key that a QR template names by the first two bytes of its thumbprint.
    pub(crate) fn key_by_hint(&self, hint: [u8; 2]) -> Result<&TrustedKey, Error> {
        self.certificate_keys().find(|trusted| trusted.key.hint() == hint).ok_or_else(|| {
            let hinted = |kid: &str| {
                // Eight characters are six bytes of the thumbprint.
                base64url::decode_array::<6>("`kid`", kid).is_ok_and(|kid| kid[..2] == hint)
            };
            self.not_understood(hinted).unwrap_or_else(|| Error::KeyUnknown {
                kid: format!("{}…", &base64url::encode(&hint)[..2]),
            })
        })
    }

    /// Whether there is no entry that is passed over.
    pub(super) fn knows_all_entries(&self) -> bool {
        [
            self.keys.passed_over().next(),
            self.profiles.passed_over().next(),
            self.roots.keys.passed_over().next(),
            self.log.witnesses.passed_over().next(),
            self.titles.passed_over().next(),
        ]
        .iter()
        .all(Option::is_none)
    }

    /// The error for a key that is in the list, and of a kind that this version does not know.
    fn not_understood(&self, is_it: impl Fn(&str) -> bool) -> Option<Error> {
        let kid = |entry: &Value| {
            entry.pointer("/key/kid")?.as_str().map(alloc::borrow::ToOwned::to_owned)
        };
        let found = self.keys.passed_over().filter_map(kid).find(|kid| is_it(kid))?;
        Some(Error::NotUnderstood {
            what: Self::WHAT,
            found: format!("a kind of key for `{found}`"),
        })
    }

    /// The profile with this number.
    pub(crate) fn profile(&self, id: u8) -> Result<&Profile, Error> {
        let is_it = |entry: &&Value| entry.get("id").and_then(Value::as_u64) == Some(id.into());
        self.profiles.iter().find(|profile| profile.id == id).ok_or_else(|| {
            match self.profiles.passed_over().find(is_it) {
                Some(_) => Error::NotUnderstood {
                    what: Self::WHAT,
                    found: format!("a kind of QR profile as number {id}"),
                },
                None => Error::QrProfileUnknown { found: id },
            }
        })
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
    const ADDED: &'static [&'static str] = &["office", "titles"];

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
                what: "a root key is listed as a working key: roots sign nothing that working keys sign",
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
        self.office.as_ref().map_or(Ok(()), OfficeDetails::check)?;
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
        for (place, title) in self.titles.iter().enumerate() {
            title.check(&self.iss)?;
            let is_double = |other: &TrustedTitle| {
                other.title == title.title
                    || other.vct == title.vct
                    || other.certificate_number_prefix == title.certificate_number_prefix
            };
            if self.titles[..place].iter().any(is_double) {
                return Err(Error::Inconsistent {
                    what: "two titles have the same `title`, `vct` or `certificate_number_prefix`",
                });
            }
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
