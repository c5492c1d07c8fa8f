//! The public key of an officer.

use serde::{Deserialize, Serialize};
use vernet_common::{Algorithm, KeyId, Payload, PublicKey, Signed, from_canonical_json};

use crate::{
    error::Error,
    officer_key::{
        assertion::OfficerSignature,
        passkey::{Jwk, Passkey},
    },
    statements::digest::Digest,
};

/// The key that signs for an officer.
///
/// As JSON it is a JWK (RFC 7517) with its `kid`; a passkey has `credential_id`, `rp_id` and
/// `origin` besides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub enum OfficerPublicKey {
    /// A key in a file or a token, which signs a JWS.
    Ed25519(PublicKey),
    /// A passkey.
    Passkey(Passkey),
}

impl OfficerPublicKey {
    /// Documents of officers say `EdDSA`, whatever the office's certificates say: only this program
    /// reads them, and they never change.
    pub(crate) const ALGORITHM: Algorithm = Algorithm::EdDsa;

    /// The key id.
    pub fn kid(&self) -> KeyId {
        match self {
            Self::Ed25519(key) => key.kid(),
            Self::Passkey(key) => key.kid(),
        }
    }

    /// The passkey, if it is one.
    pub fn passkey(&self) -> Option<&Passkey> {
        match self {
            Self::Ed25519(_) => None,
            Self::Passkey(passkey) => Some(passkey),
        }
    }

    /// Checks that the officer signed this document, and reads it.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::SignatureInvalid`] or [`Error::AssertionInvalid`] if not; the errors
    /// of its form if it is not such a document.
    pub fn verify<T: Payload>(
        &self,
        body: Vec<u8>,
        signature: &OfficerSignature,
    ) -> Result<T, Error> {
        match self {
            Self::Ed25519(key) => {
                if signature.assertion.is_some() {
                    let reason = "it has one, and is no passkey";
                    return Err(Error::AssertionInvalid { kid: key.kid(), reason });
                }
                let signed =
                    Signed::<T>::assemble(Self::ALGORITHM, key.kid(), body, signature.signature)?;
                Ok(signed.verify(key)?.into_claims())
            }
            Self::Passkey(passkey) => {
                passkey.check(Digest::of(&body), signature)?;
                read(&body)
            }
        }
    }
}

impl From<PublicKey> for OfficerPublicKey {
    fn from(key: PublicKey) -> Self {
        Self::Ed25519(key)
    }
}

impl From<OfficerPublicKey> for Jwk {
    fn from(key: OfficerPublicKey) -> Self {
        match key {
            OfficerPublicKey::Passkey(passkey) => passkey.to_jwk(),
            OfficerPublicKey::Ed25519(key) => Jwk::of(&key),
        }
    }
}

impl TryFrom<Jwk> for OfficerPublicKey {
    type Error = Error;
    fn try_from(jwk: Jwk) -> Result<Self, Error> {
        match jwk.is_passkey() {
            true => Ok(Self::Passkey(Passkey::from_jwk(&jwk)?)),
            false => Ok(Self::Ed25519(jwk.ed25519()?)),
        }
    }
}

/// Reads a document whose signature holds.
fn read<T: Payload>(body: &[u8]) -> Result<T, Error> {
    if body.len() > T::MAX_BYTES {
        let (found, expected) = (format!("{} bytes", body.len()), "a shorter document");
        return Err(vernet_common::Error::field(T::WHAT, &found, expected).into());
    }
    let document: T = from_canonical_json(T::WHAT, body)?;
    document.check()?;
    Ok(document)
}
