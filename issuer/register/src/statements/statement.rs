//! One entry of the register: what is written, what is hashed, and what an officer signs.

use serde::{Deserialize, Serialize};
use vernet_common::{
    CivilDate, KeyId, NumericDate, Payload, from_canonical_json, to_canonical_json,
};

use crate::{
    error::Error,
    officer::Officer,
    officer_key::{assertion::OfficerSignature, public::OfficerPublicKey},
    statements::{digest::Digest, event::Event},
};

/// One statement of the register: what was decided or done, by whom, and when it was recorded, was
/// decided and takes effect.
///
/// Its bytes are canonical JSON (RFC 8785), and its hash is their SHA-256. They are the payload of
/// a JWS under the officer's own key, whose header follows from `kid`; a passkey signs the hash. The
/// signature is stored with them.
///
/// Because each statement carries the hash of the one before, a signature also vouches for
/// everything that the officer could see when signing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The number of the statement, from 1, without gaps.
    pub seq: u64,
    /// The hash of the previous statement; [`Digest::GENESIS`] in the first.
    pub prev: Digest,
    /// When it was recorded. Never earlier than the previous statement.
    pub recorded_at: NumericDate,
    /// Who wrote it, by name.
    pub officer: Officer,
    /// Who wrote it: the key that signed it.
    pub kid: KeyId,
    /// The day of the decision.
    pub decided_on: CivilDate,
    /// The first day on which it takes effect.
    pub effective_on: CivilDate,
    /// The statement of the first officer, if this one approves it. Thus the second of two
    /// signatures covers both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approves: Option<Approves>,
    /// What happened.
    pub event: Event,
}

/// The day of a decision, and the first day on which it takes effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Dates {
    pub(crate) decided_on: CivilDate,
    pub(crate) effective_on: CivilDate,
}

impl Dates {
    /// Decided on this day, with effect from it.
    pub(crate) fn on(day: CivilDate) -> Self {
        Self { decided_on: day, effective_on: day }
    }
}

/// The statement of another officer that is approved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approves {
    /// Its number.
    pub seq: u64,
    /// The hash of its bytes.
    pub sha256: Digest,
}

impl Statement {
    /// The days on which what it decides begins or ends. Nothing changes by itself on any other
    /// day.
    pub(crate) fn days(&self) -> impl Iterator<Item = CivilDate> {
        [Some(self.effective_on)].into_iter().chain(self.event.ends()).flatten()
    }

    /// The canonical bytes.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::Json`], which no statement causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        Ok(to_canonical_json(Self::WHAT, self)?)
    }

    /// Reads canonical bytes and nothing else. Does not check a signature.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::Json`] if the bytes are not a statement;
    /// [`vernet_common::Error::NotCanonical`] if they are not canonical JSON.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Ok(from_canonical_json(Self::WHAT, bytes)?)
    }

    /// Reads a text that was read with all checks before, and is the same by its hash. What was
    /// applied for stays as text until somebody asks for it.
    #[cfg(feature = "storage")]
    pub(crate) fn from_checked(text: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct WithoutEvent {
            seq: u64,
            prev: Digest,
            recorded_at: NumericDate,
            officer: Officer,
            kid: KeyId,
            decided_on: CivilDate,
            effective_on: CivilDate,
            approves: Option<Approves>,
        }
        let json = |source| vernet_common::Error::json(Self::WHAT, source);
        // Canonical JSON: the members are in alphabetical order, and no text contains a quotation
        // mark that is not escaped. Nobody's words are before the event, and no `kid` after that.
        let event = text.find(r#","event":{"#).zip(text.rfind(r#","kid":""#));
        let Some((begin, end)) = event.filter(|(begin, end)| begin < end) else {
            return Ok(serde_json::from_str(text).map_err(json)?);
        };
        let rest = [&text[..begin], &text[end..]].concat();
        let rest: WithoutEvent = serde_json::from_str(&rest).map_err(json)?;
        let event = Event::from_checked(&text[begin + r#","event":"#.len()..end]).map_err(json)?;
        let WithoutEvent { seq, prev, recorded_at, officer, kid, .. } = rest;
        let WithoutEvent { decided_on, effective_on, approves, .. } = rest;
        Ok(Self { seq, prev, recorded_at, officer, kid, decided_on, effective_on, approves, event })
    }
}

impl Payload for Statement {
    const TYP: &'static str = "vernet-statement+jwt";
    const WHAT: &'static str = "the statement";
    // What is taken back from a publication needs most of it, at the most: 1.8 MB, and a third more
    // in base64url. Anything else takes some ten kB.
    const MAX_BYTES: usize = 3 << 20;
    // A program that passed over something in a register would compute another state.
    const EXACT: bool = true;

    /// Checks the texts that officers write. An officer with a modified program could write lines
    /// that another officer's screen shows as if the program had written them.
    fn check(&self) -> Result<(), vernet_common::Error> {
        self.event.check_words().map_err(|error| match error {
            Error::Common(error) => error,
            other => vernet_common::Error::FieldInvalid {
                field: "statement",
                found: other.to_string(),
                expected: "what an officer could have entered".into(),
            },
        })
    }
}

/// A statement whose signature is not checked yet. It gives access only to the id of the key said
/// to have signed it.
pub(crate) struct Unverified {
    kid: KeyId,
    body: Vec<u8>,
    signature: OfficerSignature,
}

impl Unverified {
    pub(crate) fn new(body: Vec<u8>, signature: OfficerSignature) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Header {
            kid: KeyId,
        }
        let json = |source| vernet_common::Error::json(Statement::WHAT, source);
        let Header { kid } = serde_json::from_slice(&body).map_err(json)?;
        Ok(Self { kid, body, signature })
    }

    pub(crate) fn kid(&self) -> KeyId {
        self.kid
    }

    /// Checks the signature and only then reads the statement.
    pub(crate) fn verify(self, key: &OfficerPublicKey) -> Result<Statement, Error> {
        key.verify(self.body, &self.signature)
    }

    /// Verifies the first statement, which holds the keys of the founders, including the one that
    /// signed it. Whether they are the right founders is for the office to check, which has pinned
    /// the hash of this statement.
    pub(crate) fn verify_founding(self) -> Result<Statement, Error> {
        match Statement::from_bytes(&self.body)?.event {
            Event::Founded(_) => self.verify_by_own_key(Error::NotFounded),
            _ => Err(Error::NotFounded),
        }
    }

    /// Verifies a statement by somebody whom no earlier one enrolled: an appointment holds the keys
    /// of the appointed, including the one that signed it. Whether the roots appointed them is
    /// checked when it enters the state.
    pub(crate) fn verify_appointment(self) -> Result<Statement, Error> {
        let kid = self.kid;
        match Statement::from_bytes(&self.body).map(|statement| statement.event) {
            Ok(Event::Appointed(_)) => self.verify_by_own_key(Error::NotAppointed { kid }),
            _ => Err(Error::OfficerUnknown { kid }),
        }
    }

    fn verify_by_own_key(self, unknown: Error) -> Result<Statement, Error> {
        let brought = Statement::from_bytes(&self.body)?.event.brings()?;
        let key = brought.iter().map(|officer| &officer.key).find(|key| key.kid() == self.kid);
        self.verify(key.ok_or(unknown)?)
    }
}
