//! Private keys as files: encrypted PKCS#8 in PEM (RFC 5958, RFC 8018, RFC 8410), which `openssl pkey` reads too.
//!
//! The file says in clear which key it holds, before the PEM block, where RFC 7468 section 2 allows a text and openssl skips it:
//!
//! ```text
//! kid: kPrK_qmx
//! -----BEGIN ENCRYPTED PRIVATE KEY-----
//! ```
//!
//! That answers "which file is it?" without the passphrase, and it finds damage: the encryption (AES-256-CBC, the best that both PKCS#5
//! and openssl know) has no integrity, so a flipped bit would otherwise give *another* key that nobody trusts, found out when the
//! certificates signed with it are refused. Whoever can write to the file can still put any key of theirs there: **also check** that the
//! key id is the one that the trust list names.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use pkcs8::{
    AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef,
    SecretDocument,
    der::{self, Decode, asn1::OctetStringRef, pem},
    pkcs5::{
        self, EncryptionScheme,
        pbes2::{self, Kdf, Salt, ScryptParams},
    },
};
use rand::CryptoRng;
use vernet_common::{KeyId, SecretKey, Signer};
use zeroize::Zeroizing;

use crate::files::{FileError, write_new_secret};

/// id-Ed25519 (RFC 8410 section 3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The largest key file: ours have under 500 bytes, and a text before the block may be of any reasonable length.
const MAX_FILE: u64 = 16 << 10;

/// The largest passphrase file of which the first line is read.
const MAX_PASSPHRASE_FILE: u64 = 4 << 10;

/// Characters of a passphrase for a new key. Four random words have more; scrypt makes each guess cost 0.2 s, so 12 characters that
/// somebody thought up are the least that withstands a thief with a few hundred machines.
const MIN_PASSPHRASE: usize = 12;

/// The cost of scrypt for new keys: N = 2^14, r = 8, p = 5. OWASP's Password Storage Cheat Sheet lists it as equal to its first choice, N = 2^17
/// with p = 1, but it takes 16 MiB instead of 128: openssl refuses to read a key that takes more than 32 MiB.
const SCRYPT_COST: u64 = 1 << 14;
const SCRYPT_BLOCK: u16 = 8;
const SCRYPT_PARALLEL: u16 = 5;

/// The most memory that the parameters in a file may ask for: that of OWASP's first choice, N = 2^17 and r = 8. A file may say 2^63.
const MAX_SCRYPT_MEMORY: u64 = 128 << 20;

/// The largest r and p: with each at most this, the second buffer of scrypt stays under 128 KiB.
const MAX_SCRYPT_FACTOR: u16 = 32;

/// The most work, N * r * p: four times OWASP's choice, about two seconds.
const MAX_SCRYPT_WORK: u64 = 1 << 22;

/// The most rounds of PBKDF2: OWASP asks for 600,000, and this many take some seconds.
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

/// Why a key file cannot be written or read, or a passphrase is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file exists. Keys are never overwritten.
    #[error("the key file `{path}` exists already and is not overwritten", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("the key file was not written: {source}")]
    NotWritten {
        /// Why.
        source: FileError,
    },
    /// The file cannot be read.
    #[error("cannot read the key file `{path}`: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// What is in the file is not the key that was once written.
    #[error("the key file is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: &'static str,
    },
    /// The file holds the key in clear. Anybody who saw the file has the key: encrypting it now does not help.
    #[error("the private key is not encrypted, found a `{found}` block, expected `ENCRYPTED PRIVATE KEY`")]
    NotEncrypted {
        /// The label of the PEM block.
        found: String,
    },
    /// The file holds something else, for instance a certificate or a public key.
    #[error("the file holds a `{found}` block, expected `ENCRYPTED PRIVATE KEY`")]
    NotAKey {
        /// The label of the PEM block.
        found: String,
    },
    /// The key is for another algorithm.
    #[error("the private key is for the algorithm `{found}`, expected Ed25519 (`1.3.101.112`)")]
    NotEd25519 {
        /// The algorithm's object identifier.
        found: ObjectIdentifier,
    },
    /// The file is encrypted in a way that this program does not support, mostly because it is obsolete.
    #[error("the encryption of the key file is not supported, expected PBES2 with scrypt or PBKDF2 (SHA-2), and AES")]
    EncryptionUnsupported,
    /// The file's parameters ask for more memory or time than any honest one.
    #[error("the key file asks for {what}, at most {limit} is allowed")]
    CostTooHigh {
        /// What it asks for.
        what: String,
        /// What is allowed.
        limit: String,
    },
    /// The passphrase does not open the file, or the encrypted part is damaged, which looks the same.
    #[error("the passphrase is wrong, or the encrypted part of the key file is damaged")]
    PassphraseWrong,
    /// The passphrase is too short for a new key.
    #[error("the passphrase has {found} characters, at least {minimum} are needed for a new key")]
    PassphraseTooShort {
        /// Characters found.
        found: usize,
        /// Characters needed.
        minimum: usize,
    },
    /// There is no passphrase where it was said to be.
    #[error("there is no passphrase in {origin}")]
    PassphraseMissing {
        /// The file or environment variable.
        origin: String,
    },
    /// The passphrase cannot be read from where it was said to be.
    #[error("cannot read the passphrase from {origin}: {source}")]
    PassphraseUnreadable {
        /// The file or environment variable.
        origin: String,
        /// Why.
        source: io::Error,
    },
}

impl KeyFileError {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "key_file_exists",
            Self::NotWritten { .. } => "key_file_not_written",
            Self::Unreadable { .. } => "key_file_unreadable",
            Self::Damaged { .. } => "key_file_damaged",
            Self::NotEncrypted { .. } => "key_not_encrypted",
            Self::NotAKey { .. } => "key_file_not_a_key",
            Self::NotEd25519 { .. } => "key_not_ed25519",
            Self::EncryptionUnsupported => "key_encryption_unsupported",
            Self::CostTooHigh { .. } => "key_cost_too_high",
            Self::PassphraseWrong => "passphrase_wrong",
            Self::PassphraseTooShort { .. } => "passphrase_too_short",
            Self::PassphraseMissing { .. } => "passphrase_missing",
            Self::PassphraseUnreadable { .. } => "passphrase_unreadable",
        }
    }
}

/// A passphrase: wiped when dropped, never shown, never empty.
///
/// It is used byte for byte as it was typed, without Unicode normalisation, because openssl does none either.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase that somebody typed at a prompt, without the line's end.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseMissing`] if it is empty.
    pub fn from_prompt(typed: impl Into<Zeroizing<String>>) -> Result<Self, KeyFileError> {
        Self::not_empty(typed.into(), || "the answer".to_owned())
    }

    /// The first line of a file, without the line's end. **Also check** [`is_readable_by_others`](crate::is_readable_by_others), and warn.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseUnreadable`], [`KeyFileError::PassphraseMissing`] if the line is empty.
    pub fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        let origin = || format!("the file `{}`", path.display());
        let text = read_text(path, MAX_PASSPHRASE_FILE)
            .map_err(|source| KeyFileError::PassphraseUnreadable { origin: origin(), source })?;
        Self::not_empty(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()), origin)
    }

    /// The value of an environment variable. Other processes of the same user can read it.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseMissing`], [`KeyFileError::PassphraseUnreadable`] if it is not UTF-8.
    pub fn from_env(variable: &str) -> Result<Self, KeyFileError> {
        let origin = || format!("the environment variable `{variable}`");
        match std::env::var(variable) {
            Ok(value) => Self::not_empty(Zeroizing::new(value), origin),
            Err(std::env::VarError::NotPresent) => Err(KeyFileError::PassphraseMissing { origin: origin() }),
            Err(std::env::VarError::NotUnicode(_)) => Err(KeyFileError::PassphraseUnreadable {
                origin: origin(),
                source: io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
            }),
        }
    }

    /// Refuses a passphrase that is too short for a new key. Existing keys are opened with whatever they were encrypted with.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseTooShort`].
    pub fn check_for_new_key(&self) -> Result<(), KeyFileError> {
        let found = self.0.chars().count();
        if found < MIN_PASSPHRASE {
            return Err(KeyFileError::PassphraseTooShort { found, minimum: MIN_PASSPHRASE });
        }
        Ok(())
    }

    fn not_empty(text: Zeroizing<String>, origin: impl FnOnce() -> String) -> Result<Self, KeyFileError> {
        if text.is_empty() {
            return Err(KeyFileError::PassphraseMissing { origin: origin() });
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// An encrypted private key as it is in its file. Opening it needs the passphrase: [`KeyFile::decrypt`].
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

    /// Encrypts a key and writes it to a new file with the permissions 0600. The file is decrypted again before it is written.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Exists`], [`KeyFileError::NotWritten`], [`KeyFileError::PassphraseTooShort`].
    pub fn write_new<R: CryptoRng + ?Sized>(
        path: &Path,
        key: &SecretKey,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<(), KeyFileError> {
        let file = Self::encrypt(key, passphrase, rng)?;
        if file.decrypt(passphrase)?.public_key() != key.public_key() {
            return Err(KeyFileError::Damaged { reason: "it does not give back the key that was encrypted" });
        }
        write_new_secret(path, file.as_pem().as_bytes()).map_err(|source| match source {
            FileError::Exists { path } => KeyFileError::Exists { path },
            source => KeyFileError::NotWritten { source },
        })
    }

    /// Reads a file and decrypts its key.
    ///
    /// # Errors
    ///
    /// Those of [`KeyFile::open`] and [`KeyFile::decrypt`].
    pub fn read(path: &Path, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
        Self::open(path)?.decrypt(passphrase)
    }

    /// Reads a file without decrypting it: what is wrong with it is known before anybody is asked for a passphrase.
    ///
    /// # Errors
    ///
    /// All of [`KeyFileError`] but those that need the passphrase.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        let text =
            read_text(path, MAX_FILE).map_err(|source| KeyFileError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Encrypts a key. The same generator state gives the same bytes, so that examples can be regenerated; for a real key the generator must
    /// be the system's.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseTooShort`].
    pub fn encrypt<R: CryptoRng + ?Sized>(
        key: &SecretKey,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<Self, KeyFileError> {
        passphrase.check_for_new_key()?;
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut salt);
        rng.fill_bytes(&mut iv);
        let document = encrypt(key, passphrase, &salt, iv).expect("all lengths and parameters are constants that fit");
        let kid = key.public_key().kid();
        let block = document.to_pem(ENCRYPTED, LineEnding::LF).expect("the label is valid and the text is short");
        let pem = format!("{KID}{kid}\n{}", block.as_str());
        Ok(Self { kid: Some(kid), document, pem })
    }

    /// The key id, if the file states it in clear. Files of openssl do not. Nothing guarantees that it is true before [`KeyFile::decrypt`] has compared it.
    pub fn kid(&self) -> Option<KeyId> {
        self.kid
    }

    /// The text of the file.
    pub fn as_pem(&self) -> &str {
        &self.pem
    }

    /// Decrypts the key. A wrong passphrase gives an error, never a wrong key: 16 bytes that are the same for all keys would have to come out
    /// right by chance.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::PassphraseWrong`], [`KeyFileError::Damaged`], [`KeyFileError::NotEd25519`].
    pub fn decrypt(&self, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
        let encrypted = decode(&self.document)?;
        let plain = encrypted.decrypt(passphrase.0.as_bytes()).map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::DecryptFailed) | pkcs8::Error::Asn1(_) => {
                KeyFileError::PassphraseWrong
            }
            pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::AlgorithmParametersInvalid { .. }) => {
                KeyFileError::Damaged { reason: "the parameters of its encryption contradict each other" }
            }
            _ => KeyFileError::EncryptionUnsupported,
        })?;
        let key = secret_key(plain.as_bytes())?;
        if self.kid.is_some_and(|kid| kid != key.public_key().kid()) {
            return Err(KeyFileError::Damaged { reason: "its key is not the one that its `kid` line names" });
        }
        Ok(key)
    }

    fn parse(text: &str) -> Result<Self, KeyFileError> {
        let begin = text.find("-----BEGIN ").ok_or(KeyFileError::Damaged { reason: "it has no PEM block" })?;
        let (before, block) = text.split_at(begin);
        let label = pem::decode_label(block.as_bytes())
            .map_err(|_| KeyFileError::Damaged { reason: "its PEM block is not complete" })?;
        match label {
            ENCRYPTED => {}
            // `EC PRIVATE KEY` and the like may be encrypted in openssl's old way, which is as good as not: one round of MD5.
            _ if label.ends_with("PRIVATE KEY") => return Err(KeyFileError::NotEncrypted { found: label.to_owned() }),
            _ => return Err(KeyFileError::NotAKey { found: label.to_owned() }),
        }
        let kid = match before.lines().find_map(|line| line.strip_prefix(KID)) {
            Some(kid) => Some(
                kid.trim_end()
                    .parse()
                    .map_err(|_| KeyFileError::Damaged { reason: "its `kid` line is not a key id" })?,
            ),
            None => None,
        };
        let (_, document) = SecretDocument::from_pem(block)
            .map_err(|_| KeyFileError::Damaged { reason: "its PEM block is not valid base64 of one DER value" })?;
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
    passphrase: &Passphrase,
    salt: &[u8],
    iv: [u8; 16],
) -> Result<SecretDocument, pkcs8::Error> {
    // CurvePrivateKey (RFC 8410 section 7): an OCTET STRING of 32 bytes inside of the OCTET STRING of PKCS#8.
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
    PrivateKeyInfoRef::new(AlgorithmIdentifierRef { oid: ED25519, parameters: None }, OctetStringRef::new(&inner[..])?)
        .encrypt_with_params(parameters, passphrase.0.as_bytes())
}

fn decode(document: &SecretDocument) -> Result<EncryptedPrivateKeyInfoRef<'_>, KeyFileError> {
    EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|error| match error.kind() {
        der::ErrorKind::OidUnknown { .. } => KeyFileError::EncryptionUnsupported,
        _ => KeyFileError::Damaged { reason: "it is not an `EncryptedPrivateKeyInfo` of PKCS#8" },
    })
}

/// Refuses parameters that would take all memory or time, or that make the library panic (N = 0), before they are used.
fn check_cost(encrypted: &EncryptedPrivateKeyInfoRef<'_>) -> Result<(), KeyFileError> {
    let EncryptionScheme::Pbes2(parameters) = &encrypted.encryption_algorithm else {
        return Err(KeyFileError::EncryptionUnsupported);
    };
    let impossible = KeyFileError::Damaged { reason: "the parameters of its encryption are impossible" };
    match &parameters.kdf {
        Kdf::Scrypt(scrypt) => {
            let (cost, block, parallel) = (scrypt.cost_parameter, scrypt.block_size, scrypt.parallelization);
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
                return Err(KeyFileError::CostTooHigh { what, limit: MAX_PBKDF2_ROUNDS.to_string() });
            }
        }
        _ => return Err(KeyFileError::EncryptionUnsupported),
    }
    let is_cbc = !matches!(
        parameters.encryption,
        pbes2::EncryptionScheme::Aes128Gcm { .. } | pbes2::EncryptionScheme::Aes256Gcm { .. }
    );
    let length = encrypted.encrypted_data.as_bytes().len();
    // Only whole blocks can come out of CBC, whatever the passphrase.
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
        return Err(KeyFileError::Damaged { reason: "it has parameters, which Ed25519 must not have" });
    }
    let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes())
        .ok()
        .and_then(|seed| <&[u8; 32]>::try_from(seed.as_bytes()).ok())
        .ok_or(KeyFileError::Damaged { reason: "its private key does not have 32 bytes" })?;
    let key = SecretKey::from_seed(seed);
    if let Some(stated) = info.public_key
        && stated.as_bytes() != Some(key.public_key().as_bytes())
    {
        return Err(KeyFileError::Damaged { reason: "its public key does not belong to its private key" });
    }
    Ok(key)
}

/// The text of a file that is not longer than `limit` bytes.
fn read_text(path: &Path, limit: u64) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(limit + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::der::asn1::BitStringRef;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;
    use std::{fs, process::Command};

    const WORDS: &str = "blåbær og tyttebær";

    fn passphrase() -> Passphrase {
        Passphrase::from_prompt(WORDS.to_owned()).expect("not empty")
    }

    fn key() -> SecretKey {
        SecretKey::from_seed(&[7; 32])
    }

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(1)
    }

    fn encrypted() -> KeyFile {
        KeyFile::encrypt(&key(), &passphrase(), &mut rng()).expect("a long passphrase")
    }

    /// A file with the given plain structure under cheap encryption.
    fn file_of(plain: &PrivateKeyInfoRef<'_>) -> KeyFile {
        let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1, b"saltsalt", [0; 16]).expect("fits");
        let document = plain.encrypt_with_params(parameters, WORDS).expect("fits");
        KeyFile::parse(&document.to_pem(ENCRYPTED, LineEnding::LF).expect("fits")).expect("a key file")
    }

    fn file_with_kdf(kdf: Kdf) -> Result<KeyFile, KeyFileError> {
        let parameters = pbes2::Parameters { kdf, encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] } };
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: parameters.into(),
            encrypted_data: OctetStringRef::new(&[0; 64]).expect("fits"),
        };
        let document = SecretDocument::try_from(info).expect("fits");
        KeyFile::parse(&document.to_pem(ENCRYPTED, LineEnding::LF).expect("fits"))
    }

    #[test]
    fn a_written_key_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("certificate.pem");
        let key = KeyFile::generate(&mut rng());
        KeyFile::write_new(&path, &key, &passphrase(), &mut rng()).expect("written");
        assert_eq!(KeyFile::open(&path).expect("readable").kid(), Some(key.public_key().kid()));
        assert_eq!(*KeyFile::read(&path, &passphrase()).expect("readable").seed(), *key.seed());
        let before = fs::read(&path).expect("there");
        let error = KeyFile::write_new(&path, &key, &passphrase(), &mut rng()).expect_err("exists");
        assert_eq!(error.code(), "key_file_exists");
        assert_eq!(fs::read(&path).expect("there"), before);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn the_same_generator_gives_the_same_bytes() {
        assert_eq!(encrypted().as_pem(), encrypted().as_pem());
        let other = KeyFile::encrypt(&key(), &passphrase(), &mut ChaCha20Rng::seed_from_u64(2)).expect("fits");
        assert_ne!(encrypted().as_pem(), other.as_pem());
    }

    #[test]
    fn a_wrong_passphrase_is_told_from_a_damaged_file() {
        let file = encrypted();
        let wrong = Passphrase::from_prompt("multer og tyttebær".to_owned()).expect("not empty");
        assert_eq!(file.decrypt(&wrong).expect_err("wrong").code(), "passphrase_wrong");

        let pem = file.as_pem();
        let lines: Vec<_> = pem.lines().collect();
        let without_line = |skip: usize| {
            let rest: Vec<_> = lines.iter().enumerate().filter(|(i, _)| *i != skip).map(|(_, line)| *line).collect();
            rest.join("\n") + "\n"
        };
        for damaged in [
            String::new(),
            pem[..pem.len() / 2].to_owned(),
            without_line(1),
            without_line(2),
            without_line(lines.len() - 2),
            without_line(lines.len() - 1),
            pem.replace("kid: ", "kid: x"),
        ] {
            assert_eq!(KeyFile::parse(&damaged).expect_err("damaged").code(), "key_file_damaged", "{damaged}");
        }
    }

    #[test]
    fn a_flipped_bit_never_gives_another_key() {
        let file = encrypted();
        let encrypted_part = file.document.as_bytes().len() - 64;
        let mut codes = Vec::new();
        // One bit in each of the four blocks; padding hides none of them.
        for block in 0..4 {
            let mut der = file.document.as_bytes().to_vec();
            der[encrypted_part + 16 * block + 5] ^= 1;
            let document = SecretDocument::try_from(der.as_slice()).expect("still DER");
            let damaged = KeyFile { kid: file.kid, document, pem: String::new() };
            codes.push(damaged.decrypt(&passphrase()).expect_err("damaged").code());
        }
        assert!(codes.contains(&"key_file_damaged"), "{codes:?}");
    }

    #[test]
    fn keys_in_clear_and_other_files_are_refused() {
        let plain = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----\n";
        assert_eq!(KeyFile::parse(plain).expect_err("in clear").code(), "key_not_encrypted");
        let rsa = plain.replace("PRIVATE", "RSA PRIVATE");
        assert_eq!(KeyFile::parse(&rsa).expect_err("in clear").code(), "key_not_encrypted");
        let public = plain.replace("PRIVATE", "PUBLIC");
        assert_eq!(KeyFile::parse(&public).expect_err("public").code(), "key_file_not_a_key");
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(KeyFile::open(folder.path()).expect_err("a folder").code(), "key_file_unreadable");
        let large = folder.path().join("large");
        fs::write(&large, "x".repeat(20_000)).expect("written");
        assert_eq!(KeyFile::open(&large).expect_err("too large").code(), "key_file_unreadable");
    }

    #[test]
    fn version_2_is_read_if_its_public_key_fits() {
        let mut inner = [7; 34];
        inner[..2].copy_from_slice(&[4, 32]);
        let algorithm = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
        let mut info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner).expect("fits"));
        assert_eq!(*file_of(&info).decrypt(&passphrase()).expect("version 1").seed(), [7; 32]);
        let public = *key().public_key().as_bytes();
        info.public_key = Some(BitStringRef::from_bytes(&public).expect("fits"));
        assert_eq!(*file_of(&info).decrypt(&passphrase()).expect("version 2").seed(), [7; 32]);
        let other = [1; 32];
        info.public_key = Some(BitStringRef::from_bytes(&other).expect("fits"));
        assert_eq!(file_of(&info).decrypt(&passphrase()).expect_err("another key").code(), "key_file_damaged");
    }

    #[test]
    fn other_algorithms_and_lengths_are_refused() {
        let mut inner = [7; 34];
        inner[..2].copy_from_slice(&[4, 32]);
        let x25519 = AlgorithmIdentifierRef { oid: ObjectIdentifier::new_unwrap("1.3.101.110"), parameters: None };
        let file = file_of(&PrivateKeyInfoRef::new(x25519, OctetStringRef::new(&inner).expect("fits")));
        assert_eq!(file.decrypt(&passphrase()).expect_err("X25519").code(), "key_not_ed25519");
        let ed25519 = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
        let file = file_of(&PrivateKeyInfoRef::new(ed25519, OctetStringRef::new(&inner[2..]).expect("fits")));
        assert_eq!(file.decrypt(&passphrase()).expect_err("not wrapped").code(), "key_file_damaged");
    }

    #[test]
    fn parameters_that_would_exhaust_the_machine_are_refused_unused() {
        let scrypt = |cost_parameter, block_size, parallelization| {
            let salt = Salt::new(b"saltsalt").expect("fits");
            file_with_kdf(Kdf::Scrypt(ScryptParams {
                salt,
                cost_parameter,
                block_size,
                parallelization,
                key_length: None,
            }))
            .map(|_| ())
            .map_err(|e| e.code())
        };
        assert_eq!(scrypt(1 << 17, 8, 1), Ok(()), "OWASP's first choice");
        for (n, r, p) in [(1 << 18, 8, 1), (1 << 63, 8, 1), (2, u16::MAX, u16::MAX), (2, 1, 64), (1 << 17, 8, 8)] {
            assert_eq!(scrypt(n, r, p), Err("key_cost_too_high"), "{n} {r} {p}");
        }
        for (n, r, p) in [(0, 8, 1), (1, 8, 1), (1000, 8, 1), (16, 0, 1), (16, 8, 0)] {
            assert_eq!(scrypt(n, r, p), Err("key_file_damaged"), "{n} {r} {p}");
        }
        let pbkdf2 = |rounds| {
            let parameters = pbes2::Pbkdf2Params::hmac_sha256(rounds, b"saltsalt").expect("fits");
            file_with_kdf(Kdf::Pbkdf2(parameters)).map(|_| ()).map_err(|e| e.code())
        };
        assert_eq!(pbkdf2(600_000), Ok(()));
        assert_eq!(pbkdf2(100_000_000), Err("key_cost_too_high"));
        assert_eq!(pbkdf2(0), Err("key_file_damaged"));
    }

    #[test]
    fn passphrases_are_long_enough_and_never_shown() {
        let short = Passphrase::from_prompt("ærlighet11".to_owned()).expect("not empty");
        let error = KeyFile::encrypt(&key(), &short, &mut rng()).expect_err("10 characters");
        assert_eq!((error.code(), error.to_string().contains("ærlig")), ("passphrase_too_short", false));
        assert_eq!(Passphrase::from_prompt(String::new()).expect_err("empty").code(), "passphrase_missing");
        assert_eq!(format!("{short:?}"), "Passphrase(…)");
        assert!(!format!("{:?}", encrypted()).contains("BEGIN"));
    }

    #[test]
    fn a_passphrase_file_gives_its_first_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("passphrase");
        for content in [WORDS.to_owned(), format!("{WORDS}\n"), format!("{WORDS}\r\n"), format!("{WORDS}\nsecond\n")] {
            fs::write(&path, content).expect("written");
            assert_eq!(*Passphrase::from_file(&path).expect("read").0, WORDS);
        }
        fs::write(&path, "\nsecond").expect("written");
        assert_eq!(Passphrase::from_file(&path).expect_err("empty").code(), "passphrase_missing");
        fs::write(&path, [0xff, 0xfe]).expect("written");
        assert_eq!(Passphrase::from_file(&path).expect_err("not UTF-8").code(), "passphrase_unreadable");
        assert_eq!(Passphrase::from_env("VERNET_NO_SUCH_VARIABLE").expect_err("not set").code(), "passphrase_missing");
        // Set by cargo for every test.
        assert!(Passphrase::from_env("CARGO_MANIFEST_DIR").is_ok());
    }

    /// Runs openssl with the passphrase in `VERNET_TEST`. `None` if there is no openssl, which only a developer's machine may lack.
    fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
        match Command::new("openssl").args(arguments).env("VERNET_TEST", WORDS).output() {
            Ok(output) => {
                assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
                Some(output.stdout)
            }
            Err(error) => {
                assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "openssl is needed in CI: {error}");
                eprintln!("skipped: cannot run openssl: {error}");
                None
            }
        }
    }

    #[test]
    fn openssl_reads_our_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.pem");
        KeyFile::write_new(&path, &key(), &passphrase(), &mut rng()).expect("written");
        let file = path.to_str().expect("UTF-8");
        let arguments = ["pkey", "-in", file, "-passin", "env:VERNET_TEST", "-pubout", "-outform", "DER"];
        if let Some(public) = openssl(&arguments) {
            // SubjectPublicKeyInfo (RFC 8410 section 4): 12 bytes and the key.
            assert_eq!(public[12..], *key().public_key().as_bytes());
        }
    }

    #[test]
    fn we_read_the_files_of_openssl() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).into_os_string().into_string().expect("UTF-8");
        let (plain, pbkdf2, scrypt) = (path("plain"), path("pbkdf2"), path("scrypt"));
        let secret = "env:VERNET_TEST";
        if openssl(&["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", secret, "-out", &pbkdf2]).is_none() {
            return;
        }
        openssl(&["pkey", "-in", &pbkdf2, "-passin", secret, "-out", &plain]);
        openssl(&["pkcs8", "-topk8", "-scrypt", "-in", &plain, "-passout", secret, "-out", &scrypt]);
        let public = openssl(&["pkey", "-in", &plain, "-pubout", "-outform", "DER"]).expect("openssl is there");
        for file in [pbkdf2, scrypt] {
            let read = KeyFile::read(Path::new(&file), &passphrase()).expect("readable");
            assert_eq!(*read.public_key().as_bytes(), public[12..], "{file}");
        }
        assert_eq!(KeyFile::open(Path::new(&plain)).expect_err("in clear").code(), "key_not_encrypted");
    }
}
