//! What an authenticator returns when a person uses a passkey (Web Authentication Level 3, section
//! 6.3.3), and how it stands beside a statement.
//!
//! A person touches the key once, and may sign several statements by that: those of one step of an
//! import. Then the challenge is the root of a Merkle tree over the hashes of the statements (RFC
//! 9162 section 2.1), and each has the path from its leaf to the root.

use serde::{Deserialize, Serialize};
use vernet_common::{LogHash, LogHead, LogTree, SignatureBytes};

use crate::{officer_key::base64url, statements::digest::Digest};

/// What an authenticator signed, and what it signed with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assertion {
    /// The authenticator data: for whom, how the person was verified, the signature counter.
    pub authenticator_data: Vec<u8>,
    /// The client data, as the browser wrote them: JSON with challenge and origin.
    pub client_data: Vec<u8>,
    /// The place among several statements that were signed together.
    pub place: Option<Place>,
}

/// The place of a statement among those that were signed together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Which one, from 0.
    pub index: u32,
    /// How many there are.
    pub of: u32,
    /// The sibling hashes on the path from the leaf up to the root.
    pub path: Vec<Digest>,
}

/// A signature of an officer: 64 bytes and, of a passkey, what it was made over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfficerSignature {
    /// R and S of Ed25519 (RFC 8032 section 5.1.6), or r and s of ECDSA.
    pub signature: SignatureBytes,
    /// None of a key in a file or a token, which signs a JWS.
    pub assertion: Option<Assertion>,
}

impl Assertion {
    /// The most bytes of authenticator data, and of client data. An authenticator may append
    /// extensions, and a browser members; both take some hundreds.
    pub(super) const MAX_BYTES: usize = 4096;

    /// What the authenticator has to be asked to sign, for it to sign all of these: the hash of a
    /// single statement itself.
    pub fn challenge(hashes: &[Digest]) -> Digest {
        match hashes {
            [one] => *one,
            several => Digest::from(*tree(several).head().root.as_bytes()),
        }
    }

    /// The same assertion for each of the statements that were signed together.
    pub fn for_each(self, hashes: &[Digest]) -> Vec<Self> {
        if hashes.len() == 1 {
            return vec![self];
        }
        let tree = tree(hashes);
        let place = |index: u32| Place {
            index,
            of: u32::try_from(hashes.len()).unwrap_or(u32::MAX),
            path: tree
                .inclusion(index.into(), tree.size())
                .unwrap_or_default()
                .into_iter()
                .map(|hash| Digest::from(*hash.as_bytes()))
                .collect(),
        };
        (0..)
            .zip(hashes)
            .map(|(index, _)| Self { place: Some(place(index)), ..self.clone() })
            .collect()
    }

    /// Whether a challenge stands for a statement.
    pub(super) fn covers(&self, challenge: Digest, statement: Digest) -> bool {
        let Some(Place { index, of, path }) = &self.place else { return challenge == statement };
        let path: Vec<_> = path.iter().map(|hash| LogHash::from(*hash.as_bytes())).collect();
        let head = LogHead { root: LogHash::from(*challenge.as_bytes()), size: (*of).into() };
        *of > 1 && head.check_inclusion(&leaf(&statement), (*index).into(), &path).is_ok()
    }

    /// Whether it can follow on one with this count. An authenticator that counts does so at each
    /// touch; one that is behind was copied. Statements that were signed together have one count.
    pub(crate) fn follows(&self, count: u32) -> bool {
        let is_further = self.place.as_ref().is_some_and(|place| place.index > 0);
        match self.count() {
            0 => count == 0,
            now => now > count || now == count && is_further,
        }
    }

    /// How often the authenticator has signed, by its own count; 0 if it does not count.
    pub(crate) fn count(&self) -> u32 {
        let bytes = self.authenticator_data.get(33..37).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_be_bytes)
    }
}

impl OfficerSignature {
    /// As it is stored: the 64 bytes and, of a passkey, the assertion as JSON.
    #[cfg(feature = "storage")]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signature.to_vec();
        if let Some(Assertion { authenticator_data, client_data, place }) = &self.assertion {
            let stored = Stored {
                authenticator_data: base64url::encode(authenticator_data),
                client_data: base64url::encode(client_data),
                place: place.clone(),
            };
            serde_json::to_writer(&mut bytes, &stored).expect("texts and numbers are JSON");
        }
        bytes
    }

    /// Reads what is stored. Anybody who can write to the database can have written it.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, &'static str> {
        let Some((signature, assertion)) = bytes.split_first_chunk() else {
            return Err("its signature does not have 64 bytes");
        };
        if assertion.is_empty() {
            return Ok(Self { signature: *signature, assertion: None });
        }
        let unreadable = "what follows on its signature is no assertion";
        let stored: Stored = serde_json::from_slice(assertion).map_err(|_| unreadable)?;
        let decode = |text: &str| base64url::decode("", text).map_err(|_| unreadable);
        let assertion = Assertion {
            authenticator_data: decode(&stored.authenticator_data)?,
            client_data: decode(&stored.client_data)?,
            place: stored.place,
        };
        Ok(Self { signature: *signature, assertion: Some(assertion) })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    authenticator_data: String,
    client_data: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

fn tree(hashes: &[Digest]) -> LogTree {
    hashes.iter().map(leaf).collect()
}

fn leaf(hash: &Digest) -> LogHash {
    LogHash::of_leaf(hash.as_bytes())
}
