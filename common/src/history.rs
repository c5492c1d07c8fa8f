//! The history: what the office discloses about the past to those who are entitled to it, one entry
//! for each certificate, under one signature.
//!
//! Two times are kept apart. A day belongs to the world: from which day on did something apply? An
//! instant belongs to the register: since when was that known? So the history answers what was true
//! on a day, and what could have been known about it by the end of another.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    canonical::to_canonical_json,
    digest::hash_newtype,
    document::{self, newer_code, only_true},
    error::{Error, check_size},
    id::{HttpsUrl, KeyId},
    jose::{Algorithm, Payload, Signed},
    key::{PublicKey, Signer},
    statement::CertificateHash,
    time::{CivilDate, NumericDate},
};

/// The signed first line of a history (`typ` `vernet-history+jwt`), under a `status` key. The lines
/// after it are bound by their hash, so even a token that can sign only a few kilobytes can sign
/// the history of half a million certificates.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryHead {
    /// How many entries follow.
    pub entries: u32,
    /// Everything that was recorded up to this instant is in it, and nothing later.
    pub iat: NumericDate,
    /// The issuer.
    pub iss: HttpsUrl,
    /// SHA-256 of everything after the first line, in base64url.
    pub sha256: ContentHash,
    /// The number of the trust list that was in force.
    pub trust_list_seq: u64,
}

impl Payload for HistoryHead {
    const TYP: &'static str = "vernet-history+jwt";
    const WHAT: &'static str = "the history";
    // A URL of 200 bytes and four short members, in base64url, with room to spare.
    const MAX_BYTES: usize = 2048;

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

hash_newtype! {
    /// SHA-256 of the lines of a history.
    ContentHash, "the history's hash"
}

impl ContentHash {
    fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }
}

/// The past of the person to whom a certificate was given: no name, no birth date, no reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The SHA-256 of the certificate's JWS. Only somebody who has the certificate can tell whose
    /// entry this is.
    pub certificate: CertificateHash,
    /// What the register said, one record for each change, in the order of recording.
    pub records: Vec<HistoryRecord>,
}

/// All days, as the register knew them from an instant until the next record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// Since when the register said so.
    pub recorded: NumericDate,
    /// The states, each from its first day until the day of the next one. Before the first there
    /// was no authorisation.
    pub states: Vec<HistoryState>,
}

/// The state from a day on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryState {
    /// The first day, in Europe/Oslo.
    pub from: CivilDate,
    /// Whether it follows from another authorisation of the same person than the one that the
    /// certificate belongs to.
    #[serde(default, deserialize_with = "only_true", skip_serializing_if = "core::ops::Not::not")]
    pub other: bool,
    /// The state.
    pub state: PastState,
}

/// The state of a person's authorisations on a day, in the classes of the status list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastState {
    /// In force.
    Authorised,
    /// In force, under conditions.
    WithConditions,
    /// Suspended.
    Suspended,
    /// Not in force: revoked, waived, over, or annulled so that it never was.
    NotAuthorised,
}

impl HistoryEntry {
    /// The longest line. Its length grows with the square of the number of decisions: two hundred
    /// about one person fit.
    const MAX_BYTES: usize = 1 << 20;

    fn read(line: &[u8], iat: NumericDate) -> Result<Self, Error> {
        let kind = document::Kind { newer: Self::newer, ..document::Kind::of(HistoryHead::WHAT) };
        document::read_canonical(&kind, line, |entry: &Self| entry.check(iat))?
            .understood(HistoryHead::WHAT)
    }

    fn newer(entry: &Value) -> Option<String> {
        let count =
            |place: &str| entry.pointer(place).and_then(Value::as_array).map_or(0, Vec::len);
        let of_record = |record: usize| {
            let states = format!("/records/{record}/states");
            (0..count(&states)).find_map(|state| {
                newer_code::<PastState>(entry, &format!("{states}/{state}/state"))
            })
        };
        (0..count("/records")).find_map(of_record)
    }

    /// What was known before an instant; `None` if there was no record of the person yet.
    pub fn known_before(&self, end: NumericDate) -> Option<&HistoryRecord> {
        self.records.iter().rev().find(|record| record.recorded < end)
    }

    /// What is known by everything that was recorded up to the history's `iat`.
    pub fn newest(&self) -> Option<&HistoryRecord> {
        self.records.last()
    }

    /// No record has a day after `iat`: when a suspension will end, or when somebody will reach the
    /// age limit, must not be disclosed in advance, and would reveal a birth date.
    fn check(&self, iat: NumericDate) -> Result<(), Error> {
        let inconsistent = |what| Err(Error::Inconsistent { what });
        if self.records.is_empty() || self.records.iter().any(|record| record.states.is_empty()) {
            return inconsistent("an entry of the history is empty");
        }
        if !self.records.is_sorted_by(|a, b| a.recorded < b.recorded && a.states != b.states) {
            return inconsistent(
                "the records of a history are not in order, or one says what the one before says",
            );
        }
        let states = self.records.iter().map(|record| &record.states);
        let news = |a: &HistoryState, b: &HistoryState| {
            a.from < b.from && (a.state, a.other) != (b.state, b.other)
        };
        if !states.clone().all(|states| states.is_sorted_by(news)) {
            return inconsistent(
                "the states of a history are not in order, or one says what the one before says",
            );
        }
        if states
            .clone()
            .flatten()
            .any(|state| state.other && state.state == PastState::NotAuthorised)
        {
            return inconsistent(
                "a history says by which authorisation somebody was not authorised",
            );
        }
        let today = iat.civil_date();
        if self.records.iter().any(|record| record.recorded > iat)
            || states.flatten().any(|state| state.from > today)
        {
            return inconsistent("a history tells of the time after its `iat`");
        }
        Ok(())
    }
}

impl HistoryRecord {
    /// The state on a day; `None` if it is before the first authorisation.
    pub fn on(&self, day: CivilDate) -> Option<&HistoryState> {
        self.states.iter().rev().find(|state| state.from <= day)
    }
}

/// A history whose signature nobody has checked yet: a signed line, and a line for each
/// certificate.
pub struct SignedHistory {
    bytes: Vec<u8>,
    head: Signed<HistoryHead>,
}

impl SignedHistory {
    /// The largest history that is read: a million and a half certificates with few decisions.
    pub const MAX_BYTES: usize = 256 << 20;

    /// Signs a history as of an instant. The order of the entries does not matter.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if an entry contradicts itself or occurs twice; [`Error::TooLarge`]
    /// if an entry or the history is too large; [`Error::Signer`] if the signer fails.
    pub fn sign(
        (iss, trust_list_seq): (HttpsUrl, u64),
        iat: NumericDate,
        entries: &[HistoryEntry],
        algorithm: Algorithm,
        signer: &dyn Signer,
    ) -> Result<Self, Error> {
        let mut order: Vec<(String, &HistoryEntry)> =
            entries.iter().map(|entry| (entry.certificate.into(), entry)).collect();
        order.sort_by(|(a, _), (b, _)| a.cmp(b));
        if !order.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(Error::Inconsistent { what: "a certificate is in the history twice" });
        }
        let mut content = Vec::new();
        for (_, entry) in order {
            entry.check(iat)?;
            let line = to_canonical_json(HistoryHead::WHAT, entry)?;
            check_size("an entry of the history", line.len(), HistoryEntry::MAX_BYTES)?;
            content.extend(line);
            content.push(b'\n');
        }
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let head = HistoryHead {
            entries: count,
            iat,
            iss,
            sha256: ContentHash::of(&content),
            trust_list_seq,
        };
        let head = Signed::sign(&head, algorithm, signer)?;
        let mut bytes = format!("{}\n", head.as_str()).into_bytes();
        bytes.append(&mut content);
        check_size(HistoryHead::WHAT, bytes.len(), Self::MAX_BYTES)?;
        Ok(Self { bytes, head })
    }

    /// Reads the file of a history. Only the envelope of its first line is checked.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is larger than [`SignedHistory::MAX_BYTES`],
    /// [`Error::Inconsistent`] if it does not begin with a signed line, and those of
    /// [`Signed::parse`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        check_size(HistoryHead::WHAT, bytes.len(), Self::MAX_BYTES)?;
        let end = bytes.iter().take(HistoryHead::MAX_BYTES + 1).position(|byte| *byte == b'\n');
        let head = end.and_then(|end| core::str::from_utf8(&bytes[..end]).ok());
        let head = head
            .ok_or(Error::Inconsistent { what: "the history does not begin with a signed line" })?;
        Ok(Self { head: Signed::parse(head)?, bytes })
    }

    /// The file of the history.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The id of the key that is said to have signed.
    pub fn kid(&self) -> KeyId {
        self.head.kid()
    }

    /// Checks the signature and that the lines are those that were signed.
    ///
    /// The caller must **also** check that the key may sign histories, `iss`, and `trust_list_seq`;
    /// `vernet-verifier` does all of it.
    ///
    /// # Errors
    ///
    /// Those of [`Signed::verify`]; [`Error::HistoryContent`] if the lines are not those that were
    /// signed; [`Error::NotCanonical`] or [`Error::Inconsistent`] if they are malformed, which
    /// under a valid signature means that the issuer itself is faulty.
    pub fn verify(self, key: &PublicKey) -> Result<History, Error> {
        let head = self.head.verify(key)?.into_claims();
        let (bytes, start) = (self.bytes, self.head.as_str().len() + 1);
        if ContentHash::of(&bytes[start..]) != head.sha256 {
            return Err(Error::HistoryContent);
        }
        let lines = History::index(&bytes, start)?;
        if lines.len() != head.entries as usize {
            return Err(Error::Inconsistent {
                what: "the history has another number of entries than it says",
            });
        }
        Ok(History { bytes, head, lines })
    }
}

impl core::fmt::Debug for SignedHistory {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SignedHistory({} bytes by {}, unverified)", self.bytes.len(), self.kid())
    }
}

/// A history whose signature is valid. Its lines are read one by one, on request.
pub struct History {
    bytes: Vec<u8>,
    head: HistoryHead,
    /// Where each line begins. They are sorted by the certificate's hash.
    lines: Vec<u32>,
}

impl History {
    /// The beginning of each line: the hash is in the same place in all of them.
    const BEGINNING: &'static [u8] = br#"{"certificate":""#;
    const HASH_CHARS: usize = 43;

    /// What the first line says.
    pub fn head(&self) -> &HistoryHead {
        &self.head
    }

    /// The entry of a certificate, if it is in this history.
    ///
    /// # Errors
    ///
    /// [`Error::NotUnderstood`] if a newer program wrote the entry and it must be understood;
    /// [`Error::Json`], [`Error::NotCanonical`] or [`Error::Inconsistent`] if the entry is
    /// malformed: then the issuer itself is faulty.
    pub fn entry(&self, certificate: CertificateHash) -> Result<Option<HistoryEntry>, Error> {
        let wanted = String::from(certificate);
        let found = self.lines.binary_search_by(|start| {
            Self::hash_at(&self.bytes, *start as usize).cmp(wanted.as_bytes())
        });
        let Ok(place) = found else { return Ok(None) };
        let start = self.lines[place] as usize;
        let end = self.lines.get(place + 1).map_or(self.bytes.len(), |next| *next as usize) - 1;
        HistoryEntry::read(&self.bytes[start..end], self.head.iat).map(Some)
    }

    fn hash_at(bytes: &[u8], start: usize) -> &[u8] {
        let start = start + Self::BEGINNING.len();
        &bytes[start..start + Self::HASH_CHARS]
    }

    fn index(bytes: &[u8], mut start: usize) -> Result<Vec<u32>, Error> {
        let misshapen = Error::NotCanonical { what: HistoryHead::WHAT };
        let mut lines: Vec<u32> = Vec::new();
        while start < bytes.len() {
            let rest = &bytes[start..bytes.len().min(start + HistoryEntry::MAX_BYTES + 1)];
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                return Err(misshapen);
            };
            if !rest.starts_with(Self::BEGINNING)
                || length < Self::BEGINNING.len() + Self::HASH_CHARS
            {
                return Err(misshapen);
            }
            let before = lines.last().map(|before| Self::hash_at(bytes, *before as usize));
            if before.is_some_and(|before| before >= Self::hash_at(bytes, start)) {
                return Err(Error::Inconsistent {
                    what: "the entries of the history are not in order",
                });
            }
            lines.push(u32::try_from(start).map_err(|_| misshapen.clone())?);
            start += length + 1;
        }
        Ok(lines)
    }
}

impl core::fmt::Debug for History {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "History({:?})", self.head)
    }
}

#[cfg(test)]
mod tests;
