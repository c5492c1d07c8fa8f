//! Private keys as files: encrypted PKCS#8 in PEM (RFC 5958, RFC 8018, RFC 8410), which `openssl
//! pkey` reads too.
//!
//! The file states in clear text which key it holds, before the PEM block, where RFC 7468 section 2
//! allows text and openssl skips it:
//!
//! ```text
//! kid: kPrK_qmx
//! -----BEGIN ENCRYPTED PRIVATE KEY-----
//! ```
//!
//! That answers "which file is it?" without the passphrase, and it finds damage: the encryption
//! (AES-256-CBC, the best that both PKCS#5 and openssl support) has no integrity protection, so a
//! flipped bit would otherwise give *another* key that nobody trusts, which would only be noticed
//! when the certificates signed with it are refused. An attacker who can write to the file can
//! still put another key there: **also check** that the key id is the one that the trust list
//! names.

#[cfg(feature = "files")]
mod disk;
mod error;

use std::fmt;

pub use error::KeyFileError;
use pkcs8::{
    AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier,
    PrivateKeyInfoRef, SecretDocument,
    der::{self, Decode, asn1::OctetStringRef, pem},
    pkcs5::{
        self, EncryptionScheme,
        pbes2::{self, Kdf, Salt, ScryptParams},
    },
};
use rand::CryptoRng;
use vernet_common::{KeyId, SecretKey, Signer, quoted};
use zeroize::Zeroizing;

use crate::secret::Passphrase;

/// id-Ed25519 (RFC 8410 section 3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The cost of scrypt for new keys: N = 2^14, r = 8, p = 5. OWASP's Password Storage Cheat Sheet
/// lists it as equal to its first choice, N = 2^17 with p = 1, but it takes 16 MiB instead of 128:
/// openssl refuses to read a key that needs more than 32 MiB.
const SCRYPT_COST: u64 = 1 << 14;
const SCRYPT_BLOCK: u16 = 8;
const SCRYPT_PARALLEL: u16 = 5;

/// The most memory that the parameters in a file may ask for: that of OWASP's first choice, N =
/// 2^17 and r = 8. A file may say 2^63.
const MAX_SCRYPT_MEMORY: u64 = 128 << 20;

/// The largest r and p: with each at most this, the second buffer of scrypt stays under 128 KiB.
const MAX_SCRYPT_FACTOR: u16 = 32;

/// The most work, N * r * p: four times OWASP's choice, about two seconds.
const MAX_SCRYPT_WORK: u64 = 1 << 22;

/// The most rounds of PBKDF2: OWASP asks for 600,000, and this many take some seconds.
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

/// An encrypted private key as it is in its file. Opening it needs the passphrase:
/// [`KeyFile::decrypt`].
pub struct KeyFile {
    kid: Option<KeyId>,
    document: SecretDocument,
    pem: String,
}

impl KeyFile {
    /// A new private key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> SecretKey {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        SecretKey::from_seed(&seed)
    }

    /// Encrypts a key. The same generator state gives the same bytes, so that examples can be
    /// regenerated; a real key needs the system's generator.
    ///
    /// # Errors
    ///
    /// [`SecretError::TooShort`](crate::SecretError::TooShort) if the passphrase is too short.
    pub fn encrypt<R: CryptoRng + ?Sized>(
        key: &SecretKey,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<Self, KeyFileError> {
        passphrase.check_for_new_key()?;
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut salt);
        rng.fill_bytes(&mut iv);
        let document = encrypt(key, passphrase.for_new_key().as_bytes(), &salt, iv)
            .expect("all lengths and parameters are constants that fit");
        let kid = key.public_key().kid();
        let block = document
            .to_pem(ENCRYPTED, LineEnding::LF)
            .expect("the label is valid and the text is short");
        let pem = format!("{KID}{kid}\n{}", block.as_str());
        Ok(Self { kid: Some(kid), document, pem })
    }

    /// The key id, if the file states it in clear text. Files made by openssl do not. It is
    /// unverified until [`KeyFile::decrypt`] compares it.
    pub fn kid(&self) -> Option<KeyId> {
        self.kid
    }

    /// The text of the file.
    pub fn as_pem(&self) -> &str {
        &self.pem
    }

    /// Decrypts the key, with whichever Unicode spelling of the passphrase opens it. A wrong passphrase gives an error, never a wrong key: 16 bytes that are
    /// the same for all keys would have to come out right by chance.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseWrong`] if the passphrase does not open the file,
    /// [`KeyFileError::Damaged`] if the content is inconsistent or its key is not the one that the
    /// file names, [`KeyFileError::NotEd25519`] if the key is for another algorithm,
    /// [`KeyFileError::EncryptionUnsupported`] if the encryption is not supported.
    pub fn decrypt(&self, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
        let mut outcome = Err(KeyFileError::PassphraseWrong);
        for spelling in passphrase.spellings() {
            outcome = self.decrypt_with(spelling.as_bytes());
            if !matches!(outcome, Err(KeyFileError::PassphraseWrong)) {
                break;
            }
        }
        outcome
    }

    fn decrypt_with(&self, passphrase: &[u8]) -> Result<SecretKey, KeyFileError> {
        let encrypted = decode(&self.document)?;
        let plain = encrypted.decrypt(passphrase).map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::DecryptFailed)
            | pkcs8::Error::Asn1(_) => KeyFileError::PassphraseWrong,
            pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::AlgorithmParametersInvalid {
                ..
            }) => KeyFileError::Damaged {
                reason: "the parameters of its encryption contradict each other",
            },
            _ => KeyFileError::EncryptionUnsupported,
        })?;
        let key = secret_key(plain.as_bytes())?;
        if self.kid.is_some_and(|kid| kid != key.public_key().kid()) {
            return Err(KeyFileError::Damaged {
                reason: "its key is not the one that its `kid` line names",
            });
        }
        Ok(key)
    }

    /// Reads the text of a file without decrypting it.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Damaged`] if the text is not a complete key file,
    /// [`KeyFileError::NotEncrypted`] or [`KeyFileError::NotAKey`] if it holds something other than
    /// an encrypted key, [`KeyFileError::EncryptionUnsupported`] or [`KeyFileError::CostTooHigh`]
    /// if the parameters of the encryption are not accepted.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let begin = text
            .find("-----BEGIN ")
            .ok_or(KeyFileError::Damaged { reason: "it has no PEM block" })?;
        let (before, block) = text.split_at(begin);
        let label = pem::decode_label(block.as_bytes())
            .map_err(|_| KeyFileError::Damaged { reason: "its PEM block is not complete" })?;
        match label {
            ENCRYPTED => {}
            // `EC PRIVATE KEY` and similar blocks may be encrypted in openssl's old way, which
            // protects nothing: one round of MD5.
            _ if label.ends_with("PRIVATE KEY") => {
                return Err(KeyFileError::NotEncrypted { found: quoted(label, 80) });
            }
            _ => return Err(KeyFileError::NotAKey { found: quoted(label, 80) }),
        }
        let kid =
            match before.lines().find_map(|line| line.strip_prefix(KID)) {
                Some(kid) => Some(kid.trim_end().parse().map_err(|_| KeyFileError::Damaged {
                    reason: "its `kid` line is not a key id",
                })?),
                None => None,
            };
        let (_, document) = SecretDocument::from_pem(block).map_err(|_| KeyFileError::Damaged {
            reason: "its PEM block is not valid base64 of one DER value",
        })?;
        let file = Self { kid, document, pem: text.to_owned() };
        check_cost(&decode(&file.document)?)?;
        Ok(file)
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The line before the PEM block that names the key.
const KID: &str = "kid: ";

fn encrypt(
    key: &SecretKey,
    passphrase: &[u8],
    salt: &[u8],
    iv: [u8; 16],
) -> Result<SecretDocument, pkcs8::Error> {
    // CurvePrivateKey (RFC 8410 section 7): an OCTET STRING of 32 bytes inside the OCTET STRING of
    // PKCS#8.
    let mut inner = Zeroizing::new([0; 34]);
    inner[..2].copy_from_slice(&[0x04, 0x20]);
    inner[2..].copy_from_slice(&*key.seed());
    let parameters = pbes2::Parameters {
        kdf: Kdf::Scrypt(ScryptParams {
            salt: Salt::new(salt)?,
            cost_parameter: SCRYPT_COST,
            block_size: SCRYPT_BLOCK,
            parallelization: SCRYPT_PARALLEL,
            key_length: None,
        }),
        encryption: pbes2::EncryptionScheme::Aes256Cbc { iv },
    };
    // Version 1, without the public key: openssl before 3.5 does not read version 2.
    PrivateKeyInfoRef::new(
        AlgorithmIdentifierRef { oid: ED25519, parameters: None },
        OctetStringRef::new(&inner[..])?,
    )
    .encrypt_with_params(parameters, passphrase)
}

fn decode(document: &SecretDocument) -> Result<EncryptedPrivateKeyInfoRef<'_>, KeyFileError> {
    EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|error| match error.kind() {
        der::ErrorKind::OidUnknown { .. } => KeyFileError::EncryptionUnsupported,
        _ => KeyFileError::Damaged { reason: "it is not an `EncryptedPrivateKeyInfo` of PKCS#8" },
    })
}

/// Refuses parameters that would exhaust memory or time, or that make the library panic (N = 0),
/// before they are used.
fn check_cost(encrypted: &EncryptedPrivateKeyInfoRef<'_>) -> Result<(), KeyFileError> {
    let EncryptionScheme::Pbes2(parameters) = &encrypted.encryption_algorithm else {
        return Err(KeyFileError::EncryptionUnsupported);
    };
    let impossible =
        KeyFileError::Damaged { reason: "the parameters of its encryption are impossible" };
    match &parameters.kdf {
        Kdf::Scrypt(scrypt) => {
            let (cost, block, parallel) =
                (scrypt.cost_parameter, scrypt.block_size, scrypt.parallelization);
            if cost < 2 || !cost.is_power_of_two() || block == 0 || parallel == 0 {
                return Err(impossible);
            }
            let (r, p) = (u64::from(block), u64::from(parallel));
            // Saturating: more than u64 is more than the limit.
            if cost.saturating_mul(128 * r) > MAX_SCRYPT_MEMORY
                || block.max(parallel) > MAX_SCRYPT_FACTOR
                || cost.saturating_mul(r * p) > MAX_SCRYPT_WORK
            {
                let what = format!("scrypt with N = {cost}, r = {r}, p = {p}");
                let limit = format!(
                    "{} MiB and N * r * p = {MAX_SCRYPT_WORK}, with r and p of {MAX_SCRYPT_FACTOR}",
                    MAX_SCRYPT_MEMORY >> 20
                );
                return Err(KeyFileError::CostTooHigh { what, limit });
            }
        }
        Kdf::Pbkdf2(pbkdf2) => {
            if pbkdf2.iteration_count == 0 {
                return Err(impossible);
            }
            if pbkdf2.iteration_count > MAX_PBKDF2_ROUNDS {
                let what = format!("{} rounds of PBKDF2", pbkdf2.iteration_count);
                return Err(KeyFileError::CostTooHigh {
                    what,
                    limit: MAX_PBKDF2_ROUNDS.to_string(),
                });
            }
        }
        _ => return Err(KeyFileError::EncryptionUnsupported),
    }
    let is_cbc = !matches!(
        parameters.encryption,
        pbes2::EncryptionScheme::Aes128Gcm { .. } | pbes2::EncryptionScheme::Aes256Gcm { .. }
    );
    let length = encrypted.encrypted_data.as_bytes().len();
    // CBC produces only whole blocks, whatever the passphrase.
    if is_cbc && (length == 0 || !length.is_multiple_of(16)) {
        return Err(KeyFileError::Damaged { reason: "the encrypted part is cut off" });
    }
    Ok(())
}

/// The key in a decrypted PKCS#8 structure of version 1 or 2.
fn secret_key(plain: &[u8]) -> Result<SecretKey, KeyFileError> {
    // CBC has no integrity: about one wrong passphrase in 256 gets this far, with random bytes.
    let info = PrivateKeyInfoRef::from_der(plain).map_err(|_| KeyFileError::PassphraseWrong)?;
    if info.algorithm.oid != ED25519 {
        return Err(KeyFileError::NotEd25519 { found: info.algorithm.oid });
    }
    if info.algorithm.parameters.is_some() {
        return Err(KeyFileError::Damaged {
            reason: "it has parameters, which Ed25519 must not have",
        });
    }
    let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes())
        .ok()
        .and_then(|seed| <&[u8; 32]>::try_from(seed.as_bytes()).ok())
        .ok_or(KeyFileError::Damaged { reason: "its private key does not have 32 bytes" })?;
    let key = SecretKey::from_seed(seed);
    if let Some(stated) = info.public_key
        && stated.as_bytes() != Some(key.public_key().as_bytes())
    {
        return Err(KeyFileError::Damaged {
            reason: "its public key does not belong to its private key",
        });
    }
    Ok(key)
}

#[cfg(all(test, feature = "files"))]
mod tests;
