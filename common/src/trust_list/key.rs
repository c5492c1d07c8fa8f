//! A working key of the issuer, and which of its signatures count.

use alloc::format;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    document::{ListEntry, is_newer_code},
    error::Error,
    key::PublicKey,
    time::NumericDate,
};

/// A working key of the issuer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// The one thing it may sign. Granting and supervising are different bodies, so their keys are
    /// different keys.
    pub r#use: KeyUse,
    /// The first instant at which it may sign.
    pub not_before: NumericDate,
    /// The first instant at which it may no longer sign, if it is retired. What it signed before
    /// stays valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<NumericDate>,
    /// Since when a thief may hold the key. A thief can sign with any date, so the signature alone
    /// then proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_at: Option<NumericDate>,
    /// For a compromised certificate key: how many certificates the log held when only the office
    /// had the key. Of the certificates that the key signed, those among them are genuine,
    /// whatever a thief signs; no other is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_size: Option<u64>,
}

impl ListEntry for TrustedKey {
    fn is_newer(entry: &Value) -> bool {
        is_newer_code::<KeyUse>(entry.get("use"))
            || entry.get("key").is_some_and(PublicKey::is_newer)
    }
}

impl TrustedKey {
    /// Checks that the key may have signed this kind of document at this time.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUse`] if the key is for another kind, [`Error::KeyCompromised`] if a thief may
    /// hold it, [`Error::KeyNotValidAt`] if it was not valid at that time.
    pub fn check(&self, expected: KeyUse, signed_at: NumericDate) -> Result<(), Error> {
        self.check_use(expected)?;
        self.check_not_compromised(None)?;
        self.check_time(signed_at)
    }

    /// Checks that the key may have signed this certificate at this time, assuming that it is not
    /// stolen: [`TrustedKey::check_not_compromised`] must follow, once the certificate's place in
    /// the log is known.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUse`] if the key is for another kind, [`Error::KeyNotValidAt`] if it was not
    /// valid at that time.
    pub fn check_unless_compromised(
        &self,
        expected: KeyUse,
        signed_at: NumericDate,
    ) -> Result<(), Error> {
        self.check_use(expected)?;
        self.check_time(signed_at)
    }

    /// Checks that only the office can have signed the certificate at this place in the log, or a
    /// document that has no place there.
    ///
    /// # Errors
    ///
    /// [`Error::KeyCompromised`] if a thief may have signed it.
    pub fn check_not_compromised(&self, place: Option<u64>) -> Result<(), Error> {
        match self.compromised_at {
            Some(since)
                if place.is_none_or(|place| self.log_size.is_none_or(|size| place >= size)) =>
            {
                let (kid, since) = (format!("{}", self.key.kid()), format!("{since}"));
                Err(Error::KeyCompromised { kid, since })
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
            let (kid, at) = (format!("{}", self.key.kid()), format!("{signed_at}"));
            return Err(Error::KeyNotValidAt { kid, at });
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
    /// The name, as in the trust list.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Status => "status",
            Self::Log => "log",
        }
    }
}
