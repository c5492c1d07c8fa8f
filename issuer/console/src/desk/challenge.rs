//! What officers sign to sign in is made up by the server, once each. Nothing is kept for those that
//! were only asked for, so that nobody can fill the memory: a challenge proves itself by a code under a
//! key of this process.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::Sha256;
use vernet_common::NumericDate;
use vernet_host::random;

/// How long a challenge is good: somebody looks for the key file, and types a passphrase.
const MAX_AGE_S: i64 = 10 * 60;

const RANDOM: usize = 16;

/// The challenges of a process.
pub(super) struct Challenges {
    key: [u8; 32],
    /// Those that somebody signed in by, until they are too old.
    used: Mutex<BTreeMap<String, NumericDate>>,
}

impl Default for Challenges {
    fn default() -> Self {
        let mut key = [0; 32];
        random().fill_bytes(&mut key);
        Self { key, used: Mutex::default() }
    }
}

impl Challenges {
    /// A new one, made up at this instant.
    pub(super) fn new_at(&self, iat: NumericDate) -> String {
        let mut bytes = [0; RANDOM];
        random().fill_bytes(&mut bytes);
        let code = self.code(&bytes, iat).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([&bytes[..], &code[..]].concat())
    }

    /// Whether this process made it up at this instant, which is not too long ago.
    pub(super) fn knows(&self, nonce: &str, iat: NumericDate, now: NumericDate) -> bool {
        let age = now.seconds_since(iat);
        let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let Some((random, code)) = bytes.split_at_checked(RANDOM) else { return false };
        (0..MAX_AGE_S).contains(&age) && self.code(random, iat).verify_slice(code).is_ok()
    }

    /// Uses it up. `false` if it was used before.
    pub(super) fn use_up(&self, nonce: &str, iat: NumericDate, now: NumericDate) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, iat| now.seconds_since(*iat) < MAX_AGE_S);
        used.insert(nonce.to_owned(), iat).is_none()
    }

    fn code(&self, random: &[u8], iat: NumericDate) -> Hmac<Sha256> {
        let mut code =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length will do");
        code.update(random);
        code.update(&iat.seconds().to_be_bytes());
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_good_once_for_a_while_and_in_one_process() {
        let at = |seconds| NumericDate::from_seconds(1_795_000_000 + seconds).expect("a time");
        let challenges = Challenges::default();
        let nonce = challenges.new_at(at(0));
        assert!(challenges.knows(&nonce, at(0), at(MAX_AGE_S - 1)));
        assert!(!challenges.knows(&nonce, at(0), at(MAX_AGE_S)), "too old");
        assert!(!challenges.knows(&nonce, at(1), at(1)), "of another time");
        assert!(!challenges.knows(&nonce, at(0), at(-1)), "of the future");
        assert!(!challenges.knows(&Challenges::default().new_at(at(0)), at(0), at(1)), "foreign");
        for wrong in ["", "x", &nonce[1..], "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!challenges.knows(wrong, at(0), at(1)), "{wrong}");
        }
        assert!(challenges.use_up(&nonce, at(0), at(1)));
        assert!(!challenges.use_up(&nonce, at(0), at(1)), "twice");
    }
}
