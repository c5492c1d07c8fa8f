//! The checkpoint: what the log holds, signed (C2SP tlog-checkpoint).

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    hash::{LogHash, LogHead},
    note::{Note, SignatureType, lines_of},
    witness::{Witness, WitnessName},
};
use crate::{
    error::Error,
    id::HttpsUrl,
    key::{PublicKey, SignatureBytes, Signer},
    quote::quoted,
    time::NumericDate,
};

/// A checkpoint with its signatures, none of them checked.
///
/// ```text
/// perfusionist.example.no/log
/// 50
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — perfusionist.example.no/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
/// ```
///
/// The caller must **also** check that the log's key signed ([`SignedCheckpoint::is_signed_by`]),
/// and that a status list names the same head: a checkpoint has no time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignedCheckpoint {
    note: Note,
    head: LogHead,
}

impl SignedCheckpoint {
    /// The longest checkpoint that is read.
    pub const MAX_BYTES: usize = Note::MAX_BYTES;

    /// The name of an issuer's log: the URL of its files without the scheme. It is the first line
    /// of the checkpoint, and the name of the log's key.
    pub fn origin(iss: &HttpsUrl) -> String {
        let url = iss.as_str();
        format!("{}/log", url.strip_prefix("https://").unwrap_or(url))
    }

    /// Reads a checkpoint. Only its form is checked.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is longer than [`SignedCheckpoint::MAX_BYTES`],
    /// [`Error::CheckpointInvalid`] if it is not a signed note of three lines,
    /// [`Error::Inconsistent`] if no log can have this size and root.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let checkpoint = Self::parse_any(text)?;
        checkpoint.head.check()?;
        Ok(checkpoint)
    }

    /// As [`SignedCheckpoint::parse`], but whether a log can have this size and root is left to the
    /// caller: [`LogHead::check`].
    pub(super) fn parse_any(text: &str) -> Result<Self, Error> {
        let note = Note::parse(text)?;
        let invalid = |reason| Error::CheckpointInvalid { reason };
        let lines: Vec<&str> = note.text.split_terminator('\n').collect();
        // The specification allows a log to add lines, but recommends against it. Nobody would
        // audit their content.
        let [origin, size, root] = lines[..] else {
            return Err(invalid("other than three lines of text"));
        };
        if origin.is_empty() {
            return Err(invalid("no origin"));
        }
        let size = read_size(size).ok_or_else(|| invalid("the second line is not a size"))?;
        let root = read_hash(root).ok_or_else(|| invalid("the third line is not a hash"))?;
        Ok(Self { note, head: LogHead { root, size } })
    }

    /// Signs a checkpoint under the log's key. A log must never sign two that contradict each
    /// other: the caller must have kept what was signed before.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if no log can have this size and root; [`Error::Signer`] if the
    /// signer fails.
    pub fn sign(iss: &HttpsUrl, head: LogHead, signer: &dyn Signer) -> Result<Self, Error> {
        head.check()?;
        let origin = Self::origin(iss);
        let text = format!("{origin}\n{}\n{}\n", head.size, write_hash(&head.root));
        let signature = signer.sign(text.as_bytes())?;
        let mut note = Note { text, signatures: Vec::new() };
        note.add(&origin, SignatureType::Ed25519, &signer.public_key(), signature.into());
        Ok(Self { note, head })
    }

    /// What the log holds according to the checkpoint, unverified.
    pub fn head(&self) -> LogHead {
        self.head
    }

    /// The log that it claims to belong to.
    pub fn claimed_origin(&self) -> &str {
        self.note.text.split('\n').next().unwrap_or_default()
    }

    /// The note, as it is published.
    pub fn to_text(&self) -> String {
        self.note.to_text()
    }

    /// Whether this key signed it for the log of `iss`.
    ///
    /// # Errors
    ///
    /// [`Error::CheckpointOrigin`] if it is another log's. [`Error::SignatureInvalid`] if a line by
    /// this key is not valid: then the note must be refused, whoever else signed it.
    pub fn is_signed_by(&self, iss: &HttpsUrl, key: &PublicKey) -> Result<bool, Error> {
        let origin = Self::origin(iss);
        if self.claimed_origin() != origin {
            return Err(Error::CheckpointOrigin {
                found: quoted(self.claimed_origin(), 250),
                expected: origin,
            });
        }
        let mut signed = false;
        for line in self.note.by(&origin, SignatureType::Ed25519, key) {
            let signature =
                SignatureBytes::try_from(&line.bytes[..]).map_err(|_| not_holding(key))?;
            key.verify(self.note.text.as_bytes(), &signature)?;
            signed = true;
        }
        Ok(signed)
    }

    /// Adds a witness's cosignature, or replaces it: as of `at`, this is the longest log of that
    /// name that the witness has seen, and it only grew.
    ///
    /// # Errors
    ///
    /// [`Error::Signer`] if the signer fails.
    pub fn cosign(
        &mut self,
        name: &WitnessName,
        signer: &dyn Signer,
        at: NumericDate,
    ) -> Result<(), Error> {
        let signature = signer.sign(&self.cosigned(at.seconds() as u64))?;
        let bytes = (at.seconds() as u64).to_be_bytes().into_iter().chain(signature).collect();
        self.note.add(name.as_str(), SignatureType::Cosignature, &signer.public_key(), bytes);
        Ok(())
    }

    /// When a witness cosigned it, if it did.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if a line by this witness is not valid.
    pub fn cosigned_at(
        &self,
        name: &WitnessName,
        key: &PublicKey,
    ) -> Result<Option<NumericDate>, Error> {
        let mut newest = None;
        for line in self.note.by(name.as_str(), SignatureType::Cosignature, key) {
            let (time, signature) =
                line.bytes.split_first_chunk::<8>().ok_or_else(|| not_holding(key))?;
            let signature = SignatureBytes::try_from(signature).map_err(|_| not_holding(key))?;
            let seconds = u64::from_be_bytes(*time);
            let at = i64::try_from(seconds)
                .ok()
                .and_then(|seconds| NumericDate::from_seconds(seconds).ok());
            let at = at.ok_or_else(|| not_holding(key))?;
            key.verify(&self.cosigned(seconds), &signature)?;
            newest = newest.max(Some(at));
        }
        Ok(newest)
    }

    /// The lines with this witness's cosignatures: the answer of a witness.
    pub fn cosignatures(&self, name: &WitnessName, key: &PublicKey) -> String {
        lines_of(self.note.by(name.as_str(), SignatureType::Cosignature, key))
    }

    /// The same checkpoint without the lines of anybody else than this witness and these keys of the
    /// log. Anybody can add lines to a checkpoint.
    #[must_use]
    pub fn without_others<'a>(
        &self,
        log_keys: impl IntoIterator<Item = &'a PublicKey>,
        name: &WitnessName,
        key: &PublicKey,
    ) -> Self {
        let origin = self.claimed_origin();
        let of_log =
            log_keys.into_iter().flat_map(|key| self.note.by(origin, SignatureType::Ed25519, key));
        let of_witness = self.note.by(name.as_str(), SignatureType::Cosignature, key);
        let signatures = of_log.chain(of_witness).cloned().collect();
        Self { note: Note { text: self.note.text.clone(), signatures }, head: self.head }
    }

    /// Adds the newest cosignature of this witness from such lines, and returns its time; `None` if
    /// there is none. Lines by others are ignored, because anybody may have written them.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if the lines are too long, [`Error::CheckpointInvalid`] if they are not
    /// signatures; [`Error::SignatureInvalid`] if one by this witness is not valid for this
    /// checkpoint. Nothing is added then.
    pub fn add_cosignature(
        &mut self,
        lines: &str,
        witness: &Witness,
    ) -> Result<Option<NumericDate>, Error> {
        let note = Note::parse(&format!("{}\n{lines}", self.note.text))?;
        if note.text != self.note.text {
            return Err(Error::CheckpointInvalid { reason: "more than lines with signatures" });
        }
        let answer = Self { note, head: self.head };
        let Some(newest) = answer.cosigned_at(&witness.name, &witness.key)? else {
            return Ok(None);
        };
        let time = (newest.seconds() as u64).to_be_bytes();
        for line in answer.note.by(witness.name.as_str(), SignatureType::Cosignature, &witness.key)
        {
            if line.bytes.starts_with(&time) {
                let bytes = line.bytes.clone();
                self.note.add(
                    witness.name.as_str(),
                    SignatureType::Cosignature,
                    &witness.key,
                    bytes,
                );
            }
        }
        Ok(Some(newest))
    }

    /// What a witness signs (C2SP tlog-cosignature, the Ed25519 message).
    fn cosigned(&self, seconds: u64) -> Vec<u8> {
        format!("cosignature/v1\ntime {seconds}\n{}", self.note.text).into_bytes()
    }
}

/// A number of leaves, in its only spelling.
pub(super) fn read_size(text: &str) -> Option<u64> {
    let canonical =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| canonical)
}

pub(super) fn read_hash(text: &str) -> Option<LogHash> {
    Some(<[u8; 32]>::try_from(STANDARD.decode(text).ok()?).ok()?.into())
}

pub(super) fn write_hash(hash: &LogHash) -> String {
    STANDARD.encode(hash.as_bytes())
}

fn not_holding(key: &PublicKey) -> Error {
    Error::SignatureInvalid { kid: format!("{}", key.kid()) }
}

impl fmt::Debug for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SignedCheckpoint({} leaves of {}, unverified)",
            self.head.size,
            self.claimed_origin()
        )
    }
}

impl TryFrom<String> for SignedCheckpoint {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<SignedCheckpoint> for String {
    fn from(checkpoint: SignedCheckpoint) -> String {
        checkpoint.to_text()
    }
}
