//! Sealing: only who has the private key reads it, and nobody changes it or uses it for another
//! receipt. HPKE (RFC 9180) in base mode, with X25519, HKDF-SHA256 and AES-256-GCM.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal_with_rng,
};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{code::ReceiptId, error::Error};

type Kem = X25519HkdfSha256;

/// What a sealed file begins with.
const MAGIC: &[u8; 16] = b"vernet-sealed-1\n";

/// The bytes of a key, also of an encapsulated one.
const KEY: usize = 32;

/// By how much a sealed file is longer than its content: with the tag.
#[cfg(any(feature = "files", test))]
pub(crate) const OVERHEAD: usize = MAGIC.len() + KEY + 16;

/// What something is sealed for. What was sealed for one purpose does not open for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// From an applicant, to the office.
    Submission,
    /// From the office, to an applicant.
    Answer,
    /// What the office keeps of its own answers.
    Copy,
}

impl Purpose {
    fn info(self) -> &'static [u8] {
        match self {
            Self::Submission => b"vernet inbox 1, to the office",
            Self::Answer => b"vernet inbox 1, to the applicant",
            Self::Copy => b"vernet inbox 1, of the office for itself",
        }
    }
}

/// A public key to which something is sealed. As JSON it is base64url.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealKey([u8; KEY]);

impl SealKey {
    /// Seals something for the one who has the private key.
    ///
    /// # Errors
    ///
    /// [`Error::NotSealed`] if the key is not one to which anything can be sealed.
    pub fn seal<R: CryptoRng>(
        &self,
        purpose: Purpose,
        receipt: &ReceiptId,
        plain: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        let unusable = |_| Error::NotSealed { found: "nothing can be sealed to this key" };
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0).map_err(unusable)?;
        let (encapsulated, ciphertext) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
            &OpModeS::Base,
            &key,
            purpose.info(),
            plain,
            receipt.as_bytes(),
            rng,
        )
        .map_err(unusable)?;
        Ok([&MAGIC[..], &encapsulated.to_bytes(), &ciphertext].concat())
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", String::from(*self))
    }
}

impl From<SealKey> for String {
    fn from(key: SealKey) -> Self {
        URL_SAFE_NO_PAD.encode(key.0)
    }
}

impl TryFrom<String> for SealKey {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Self(bytes.ok_or(vernet_common::Error::NotBase64url { what: "a key to seal to" })?))
    }
}

/// A private key that opens what was sealed. Wiped when dropped.
pub struct OpenKey(<Kem as hpke::Kem>::PrivateKey);

impl OpenKey {
    /// The key that follows from a secret of 32 bytes (RFC 9180 section 7.1.3).
    pub(crate) fn derive(secret: &[u8; 32]) -> Self {
        Self(Kem::derive_keypair(secret).0)
    }

    /// Its public half.
    pub fn public(&self) -> SealKey {
        SealKey(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// Opens something that was sealed to this key, for this purpose and this receipt.
    ///
    /// # Errors
    ///
    /// [`Error::NotSealed`] if the bytes are no sealed file; [`Error::DoesNotOpen`] if it was sealed
    /// for somebody or something else, or was changed.
    pub fn open(
        &self,
        purpose: Purpose,
        receipt: &ReceiptId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let rest = sealed
            .strip_prefix(MAGIC)
            .ok_or(Error::NotSealed { found: "it does not begin like one" })?;
        let (encapsulated, ciphertext) =
            rest.split_at_checked(KEY).ok_or(Error::NotSealed { found: "it is cut off" })?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated)
            .map_err(|_| Error::NotSealed { found: "its key is malformed" })?;
        single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            purpose.info(),
            ciphertext,
            receipt.as_bytes(),
        )
        .map(Zeroizing::new)
        .map_err(|_| Error::DoesNotOpen)
    }
}

impl fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenKey(of {:?})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;
    use crate::code::ReceiptCode;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(7)
    }

    fn receipt(seed: u64) -> ReceiptId {
        ReceiptCode::generate(&mut ChaCha20Rng::seed_from_u64(seed)).id()
    }

    #[test]
    fn what_is_sealed_opens_for_its_receiver_purpose_and_receipt_only() {
        let (key, other) = (OpenKey::derive(&[1; 32]), OpenKey::derive(&[2; 32]));
        let plain = b"the diploma of Ingrid";
        let sealed = key
            .public()
            .seal(Purpose::Submission, &receipt(1), plain, &mut rng())
            .expect("it is sealed");
        assert_eq!(sealed.len(), plain.len() + OVERHEAD);
        assert!(!sealed.windows(6).any(|part| part == b"Ingrid"));
        let open = |key: &OpenKey, purpose, receipt: &ReceiptId| {
            key.open(purpose, receipt, &sealed).map(|plain| plain.to_vec()).map_err(|e| e.code())
        };
        assert_eq!(open(&key, Purpose::Submission, &receipt(1)), Ok(plain.to_vec()));
        for wrong in [
            open(&other, Purpose::Submission, &receipt(1)),
            open(&key, Purpose::Answer, &receipt(1)),
            open(&key, Purpose::Copy, &receipt(1)),
            open(&key, Purpose::Submission, &receipt(2)),
        ] {
            assert_eq!(wrong, Err("sealed_for_another"));
        }
    }

    #[test]
    fn no_byte_of_a_sealed_file_can_be_changed() {
        let key = OpenKey::derive(&[1; 32]);
        let sealed = key
            .public()
            .seal(Purpose::Answer, &receipt(1), b"granted", &mut rng())
            .expect("sealed");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key.open(Purpose::Answer, &receipt(1), &changed).is_err(), "{place}");
        }
        for length in 0..sealed.len() {
            assert!(key.open(Purpose::Answer, &receipt(1), &sealed[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn the_same_content_is_sealed_differently_each_time() {
        let key = OpenKey::derive(&[1; 32]).public();
        let mut rng = rng();
        let mut seal = || key.seal(Purpose::Answer, &receipt(1), b"x", &mut rng).expect("sealed");
        assert_ne!(seal(), seal());
    }

    #[test]
    fn nothing_is_sealed_to_a_key_that_everybody_could_open() {
        let error = SealKey([0; 32])
            .seal(Purpose::Answer, &receipt(1), b"x", &mut rng())
            .expect_err("a point of small order");
        assert_eq!(error.code(), "sealed_malformed");
    }

    #[test]
    fn a_key_has_one_spelling() {
        let key = OpenKey::derive(&[1; 32]).public();
        let text = String::from(key);
        assert_eq!(SealKey::try_from(text.clone()).expect("its text"), key);
        for wrong in [String::new(), format!("{text}="), text[1..].to_owned()] {
            assert_eq!(SealKey::try_from(wrong).expect_err("wrong").code(), "not_base64url");
        }
    }
}
