//! The office's working keys: public halves in the register, private halves in encrypted files.

use std::path::PathBuf;

use rand::CryptoRng;
use vernet_common::{KeyId, KeyUse, NumericDate, PublicKey, SecretKey, Signer, TrustList};

use super::Office;
use crate::{Decision, Error, Event, KeyFile, Passphrase};

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
    /// Since when it is compromised.
    pub compromised_at: Option<NumericDate>,
}

/// What a working key is good for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// It signs.
    InUse,
    /// It will sign once a trust list that holds it is accepted.
    NotYetTrusted,
    /// It signs no more; what it signed is good.
    Retired,
    /// It signs no more, and what it signed is refused.
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

/// A fresh private key, whose id does not begin with a hyphen: on a command line `keys compromised -hK3x…` would ask for help instead.
pub fn new_key_pair(rng: &mut dyn CryptoRng) -> SecretKey {
    loop {
        let key = KeyFile::generate(rng);
        if !key.public_key().kid().as_str().starts_with('-') {
            return key;
        }
    }
}

impl Office {
    /// Every working key that the office ever had, oldest first.
    pub fn keys(&self) -> Vec<OfficeKey> {
        let mut keys: Vec<OfficeKey> = Vec::new();
        for statement in self.register.fold().statements() {
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
                }),
                Event::KeyRetired { kid, at } => change(kid, &|key| key.not_after = key.not_after.min(*at)),
                Event::KeyCompromised { kid, since } => change(kid, &|key| {
                    key.compromised_at = Some(key.compromised_at.map_or(*since, |known| known.min(*since)));
                }),
                _ => {}
            }
        }
        keys
    }

    /// What a key is good for at this time.
    ///
    /// # Errors
    ///
    /// What reading the trust list finds.
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

    /// Makes a working key, writes its encrypted file, and enters it in the register. It signs once a trust list holds it.
    ///
    /// # Errors
    ///
    /// What the file or the register refuses.
    pub fn add_key(
        &mut self,
        r#use: KeyUse,
        not_after: NumericDate,
        passphrase: &Passphrase,
        (officer, now): (&dyn Signer, NumericDate),
        rng: &mut dyn CryptoRng,
    ) -> Result<KeyId, Error> {
        // A QR template names a certificate key by two bytes, so no two of them may share those.
        let hints: Vec<_> = self.keys().iter().filter(|key| key.r#use == r#use).map(|key| key.key.hint()).collect();
        let secret = loop {
            let candidate = new_key_pair(rng);
            if !hints.contains(&candidate.public_key().hint()) {
                break candidate;
            }
        };
        let key = secret.public_key();
        KeyFile::write_new(&self.key_path(key.kid()), &secret, passphrase, rng)?;
        self.record(Event::KeyAdded { r#use, key, not_before: now, not_after }, officer, now)?;
        Ok(key.kid())
    }

    /// Plans a key's end. What it signed before remains good.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnknown`]; what the register refuses.
    pub fn retire_key(
        &mut self,
        kid: KeyId,
        at: NumericDate,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<(), Error> {
        self.record(Event::KeyRetired { kid, at }, officer, now)
    }

    /// Records that somebody else may hold a key. Sign and publish a trust list at once.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnknown`]; what the register refuses.
    pub fn compromise_key(
        &mut self,
        kid: KeyId,
        since: NumericDate,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<(), Error> {
        self.record(Event::KeyCompromised { kid, since }, officer, now)
    }

    /// Opens the newest key for a use that the trust list in force lets sign now.
    ///
    /// # Errors
    ///
    /// [`Error::NoKey`] if there is none, [`Error::KeyFileOfAnother`]; what the file refuses.
    pub fn unlock(&self, r#use: KeyUse, passphrase: &Passphrase, now: NumericDate) -> Result<Box<dyn Signer>, Error> {
        let list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        let usable = |key: &&OfficeKey| key.r#use == r#use && key.not_after > now && may_sign(&list, key, now);
        let keys = self.keys();
        let newest = keys.iter().rev().find(usable).ok_or(Error::NoKey { r#use: r#use.as_str() })?;
        let path = self.key_path(newest.key.kid());
        let secret = KeyFile::read(&path, passphrase)?;
        // The encryption has no integrity: somebody may have put another key there.
        if secret.public_key() != newest.key {
            return Err(Error::KeyFileOfAnother { path, found: secret.public_key().kid(), expected: newest.key.kid() });
        }
        Ok(Box::new(secret))
    }

    /// Where the private half of a key lies.
    pub fn key_path(&self, kid: KeyId) -> PathBuf {
        self.path(Self::KEYS).join(format!("{kid}.pem"))
    }

    pub(super) fn record(&mut self, event: Event, officer: &dyn Signer, now: NumericDate) -> Result<(), Error> {
        self.register.record(event, officer, &Decision::today(now)).map(drop)
    }
}

fn may_sign(list: &TrustList, key: &OfficeKey, now: NumericDate) -> bool {
    key.compromised_at.is_none() && list.key(key.key.kid()).is_ok_and(|trusted| trusted.check(key.r#use, now).is_ok())
}
