//! The office's working keys: public halves in the register, private halves in encrypted files or
//! in tokens.

use std::path::PathBuf;

use rand::CryptoRng;
use vernet_common::{
    KeyId, KeyUse, NumericDate, PublicKey, SecretKey, Signer, TrustList, TrustedKey,
};
use vernet_host::KeyFile;
use vernet_register::{Decision, Event, OfficerSigner};

use super::Office;
use crate::{
    TokenReference,
    credentials::Credentials,
    error::Error,
    key_location::{KeyLocation, MadeKey, NewKey, has_plain_name},
};

/// A working key as the register knows it.
#[derive(Clone, Debug)]
pub struct OfficeKey {
    /// The public half.
    pub key: PublicKey,
    /// What it signs.
    pub r#use: KeyUse,
    /// The first instant at which it may sign.
    pub not_before: NumericDate,
    /// The first instant at which it may no longer sign: as planned, or as retired.
    pub not_after: NumericDate,
    /// Since when it is compromised, if it is.
    pub compromised_at: Option<NumericDate>,
    /// For a compromised certificate key: how many certificates were in the issued log then. Those
    /// among them that it signed stay valid.
    pub log_size: Option<u64>,
}

/// The present state of a working key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// It signs.
    InUse,
    /// It will sign once a trust list that holds it is accepted.
    NotYetTrusted,
    /// It no longer signs; what it signed is valid.
    Retired,
    /// It no longer signs, and what it signed is refused, except certificates that were recorded
    /// before it was stolen.
    Compromised,
}

impl KeyState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InUse => "in_use",
            Self::NotYetTrusted => "not_yet_trusted",
            Self::Retired => "retired",
            Self::Compromised => "compromised",
        }
    }
}

/// A new private key in memory, whose id does not begin with a hyphen.
pub fn new_key_pair(rng: &mut dyn CryptoRng) -> SecretKey {
    loop {
        let key = KeyFile::generate(rng);
        if has_plain_name(&key.public_key()) {
            return key;
        }
    }
}

impl Office {
    /// Every working key that the office ever had, oldest first.
    pub fn keys(&self) -> Vec<OfficeKey> {
        let mut keys: Vec<OfficeKey> = Vec::new();
        for statement in self.register.state().statements() {
            let mut change = |kid: &KeyId, apply: &dyn Fn(&mut OfficeKey)| {
                keys.iter_mut().filter(|known| known.key.kid() == *kid).for_each(apply);
            };
            match &statement.event {
                Event::KeyAdded { r#use, key, not_before, not_after } => keys.push(OfficeKey {
                    key: *key,
                    r#use: *r#use,
                    not_before: *not_before,
                    not_after: *not_after,
                    compromised_at: None,
                    log_size: None,
                }),
                Event::KeyRetired { kid, at } => {
                    change(kid, &|key| key.not_after = key.not_after.min(*at))
                }
                Event::KeyCompromised { kid, since } => change(kid, &|key| {
                    key.compromised_at = earlier(key.compromised_at, Some(*since));
                }),
                Event::Restored(restored) => {
                    for lost in &restored.keys {
                        take_back(&mut keys, lost, statement.recorded_at);
                    }
                }
                _ => {}
            }
        }
        for key in keys.iter_mut().filter(|key| key.r#use == KeyUse::Certificate) {
            key.log_size = self.register.state().log_size_at_compromise(key.key.kid());
        }
        keys
    }

    /// The state of a key at this time.
    ///
    /// # Errors
    ///
    /// As for [`Office::trust_list`].
    pub fn key_state(&self, key: &OfficeKey, now: NumericDate) -> Result<KeyState, Error> {
        if key.compromised_at.is_some() {
            return Ok(KeyState::Compromised);
        }
        if key.not_after <= now {
            return Ok(KeyState::Retired);
        }
        let trusted = self.trust_list()?.is_some_and(|list| may_sign(&list, key, now));
        Ok(if trusted { KeyState::InUse } else { KeyState::NotYetTrusted })
    }

    /// Generates a working key, in a file or in a token, or adopts one from a token, and records it
    /// in the register. It signs once a trust list holds it.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::KeyKnown`] or [`Error::KeyHint`] if an adopted key is known
    /// already or shares its two bytes with another; as for [`NewKey::make`] if the key cannot be
    /// generated or written; as for [`vernet_register::Register::record`] if it cannot be recorded.
    pub fn add_key<'a>(
        &mut self,
        r#use: KeyUse,
        not_after: NumericDate,
        new: impl Into<NewKey<'a>>,
        (officer, now): (&dyn OfficerSigner, NumericDate),
        rng: &mut dyn CryptoRng,
    ) -> Result<MadeKey, Error> {
        let known = self.keys();
        let admit = |key: &PublicKey| admit(key, r#use, &known);
        let made = new.into().make(&|kid, extension| self.key_path(kid, extension), &admit, rng)?;
        self.record(
            Event::KeyAdded { r#use, key: made.public, not_before: now, not_after },
            officer,
            now,
        )?;
        Ok(made)
    }

    /// Plans a key's end. What it signed before remains valid.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::KeyUnknown`] if the office has no such key; otherwise as for
    /// [`vernet_register::Register::record`].
    pub fn retire_key(
        &mut self,
        kid: KeyId,
        at: NumericDate,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<(), Error> {
        self.record(Event::KeyRetired { kid, at }, officer, now)
    }

    /// Records that others may hold a key. Sign and publish a trust list at once.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::KeyUnknown`] if the office has no such key; otherwise as for
    /// [`vernet_register::Register::record`].
    pub fn compromise_key(
        &mut self,
        kid: KeyId,
        since: NumericDate,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<(), Error> {
        self.record(Event::KeyCompromised { kid, since }, officer, now)
    }

    /// Opens the newest key for a use that may sign now by the trust list in force.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`] or [`Error::NoKey`] if there is none; [`Error::KeyFileOfAnother`] if
    /// another key is in its place; as for [`KeyLocation::open`] if it cannot be opened.
    pub fn unlock(
        &self,
        r#use: KeyUse,
        credentials: &dyn Credentials,
        now: NumericDate,
    ) -> Result<Box<dyn Signer + Send>, Error> {
        let expected = self.key_in_use(r#use, now)?;
        let location = self.key_location(expected.kid());
        let signer = location.open(credentials)?;
        // Neither the encryption of a file nor a token prevents someone from putting another key
        // there.
        if signer.public_key() != expected {
            let (found, expected) = (signer.public_key().kid(), expected.kid());
            return Err(Error::KeyFileOfAnother {
                path: location.to_string().into(),
                found,
                expected,
            });
        }
        Ok(signer)
    }

    /// The location of the key that [`Office::unlock`] opens, which shows whether it needs a
    /// passphrase or a PIN.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`] if no trust list is in force; [`Error::NoKey`] if no key may sign
    /// now.
    pub fn location_in_use(&self, r#use: KeyUse, now: NumericDate) -> Result<KeyLocation, Error> {
        Ok(self.key_location(self.key_in_use(r#use, now)?.kid()))
    }

    /// Where the private half of a key is, or should be.
    pub fn key_location(&self, kid: KeyId) -> KeyLocation {
        let reference = self.key_path(kid, TokenReference::EXTENSION);
        if reference.exists() {
            KeyLocation::Reference(reference)
        } else {
            KeyLocation::File(self.key_path(kid, "pem"))
        }
    }

    fn key_path(&self, kid: KeyId, extension: &str) -> PathBuf {
        self.path(Self::KEYS).join(format!("{kid}.{extension}"))
    }

    pub(super) fn key_in_use(&self, r#use: KeyUse, now: NumericDate) -> Result<PublicKey, Error> {
        let list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        let usable = |key: &&OfficeKey| {
            key.r#use == r#use && key.not_after > now && may_sign(&list, key, now)
        };
        let keys = self.keys();
        Ok(keys.iter().rev().find(usable).ok_or(Error::NoKey { r#use: r#use.as_str() })?.key)
    }

    pub(super) fn record(
        &mut self,
        event: Event,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<(), Error> {
        self.register.record(event, officer, &Decision::today(now))?;
        Ok(())
    }
}

/// What a published trust list says of a key that was lost: when it ended, and since when others may
/// hold it. One that the register does not know is retired: its private half may be lost too, and
/// what it signed stays good.
fn take_back(keys: &mut Vec<OfficeKey>, lost: &TrustedKey, now: NumericDate) {
    match keys.iter_mut().find(|known| known.key == lost.key) {
        Some(known) => {
            known.not_after = lost.not_after.map_or(known.not_after, |at| at.min(known.not_after));
            known.compromised_at = earlier(known.compromised_at, lost.compromised_at);
        }
        None => keys.push(OfficeKey {
            key: lost.key,
            r#use: lost.r#use,
            not_before: lost.not_before,
            not_after: lost.not_after.map_or(now, |at| at.min(now)),
            compromised_at: lost.compromised_at,
            log_size: None,
        }),
    }
}

fn earlier(one: Option<NumericDate>, other: Option<NumericDate>) -> Option<NumericDate> {
    one.into_iter().chain(other).min()
}

/// Refuses a known key, and one that shares its hint with another key of the same use: a QR
/// template names a certificate key by these two bytes.
fn admit(key: &PublicKey, r#use: KeyUse, known: &[OfficeKey]) -> Result<(), Error> {
    let kid = key.kid();
    if known.iter().any(|known| known.key.kid() == kid) {
        return Err(vernet_register::Error::KeyKnown { kid }.into());
    }
    match known.iter().find(|known| known.r#use == r#use && known.key.hint() == key.hint()) {
        Some(known) => Err(Error::KeyHint { kid, known: known.key.kid() }),
        None => Ok(()),
    }
}

fn may_sign(list: &TrustList, key: &OfficeKey, now: NumericDate) -> bool {
    key.compromised_at.is_none()
        && list.key(key.key.kid()).is_ok_and(|trusted| trusted.check(key.r#use, now).is_ok())
}
