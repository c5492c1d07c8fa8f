//! The inbox key: the office opens with it what applicants send, and signs with it what it answers.
//! One key file as any other; the inbox on the internet has the public half only.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vernet_common::{PublicKey, SecretKey, Signer};
use zeroize::Zeroizing;

use crate::{
    error::Error,
    seal::{OpenKey, SealKey},
};

/// The private key, at the office only.
pub struct InboxKey {
    secret: SecretKey,
}

/// The public half, as the inbox has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxPublicKey {
    /// Answers are signed with it.
    pub key: PublicKey,
    /// Submissions are sealed to it.
    pub seal: SealKey,
}

impl InboxKey {
    /// The inbox key with this secret.
    pub fn new(secret: SecretKey) -> Self {
        Self { secret }
    }

    /// Its public half.
    pub fn public(&self) -> InboxPublicKey {
        InboxPublicKey { key: self.secret.public_key(), seal: self.open_key().public() }
    }

    /// Opens what applicants send. A key of its own that follows from the secret: a signature is
    /// never made with what opens, nor the other way round.
    pub fn open_key(&self) -> OpenKey {
        let mut hash = Sha256::new();
        hash.update("vernet inbox 1, the key of an office\n");
        hash.update(self.secret.seed().as_slice());
        OpenKey::derive(&Zeroizing::new(hash.finalize().into()))
    }

    /// Signs answers.
    pub(crate) fn signer(&self) -> &dyn Signer {
        &self.secret
    }
}

impl InboxPublicKey {
    /// Reads the file of the public half.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::Json`] if it is not such a file.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(&vernet_text::to_utf8(json))
            .map_err(|source| vernet_common::Error::json("the public inbox key", source).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_half_is_a_file_of_its_own_and_tells_nothing() {
        let key = InboxKey::new(SecretKey::from_seed(&[7; 32]));
        let json = serde_json::to_vec(&key.public()).expect("JSON");
        assert_eq!(InboxPublicKey::from_json(&json).expect("its file"), key.public());
        let plain_key = serde_json::to_vec(&key.public().key).expect("JSON");
        assert!(InboxPublicKey::from_json(&plain_key).is_err(), "an officer's `.pub` file");
        // What signs is not what opens.
        assert_ne!(OpenKey::derive(&key.secret.seed()).public(), key.public().seal);
    }
}
