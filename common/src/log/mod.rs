//! The issued log: an append-only Merkle tree over every certificate that an office ever signed
//! (RFC 9162 section 2.1, the same tree as RFC 6962's), its checkpoint (C2SP tlog-checkpoint, a
//! signed note) and its tiles (C2SP tlog-tiles).
//!
//! The hashing and the notes are our own code. Of the crates that do it, `tlog_tiles` and
//! `signed_note` are the best kept; they need the standard library, and bring a second
//! `ed25519-dalek`, a second `sha2` and `url` with them, into the page as well.

mod add_checkpoint;
mod checkpoint;
mod note;
mod tile;
mod tree;
mod witness;

use alloc::string::String;
use core::fmt;

pub use add_checkpoint::AddCheckpoint;
pub use checkpoint::SignedCheckpoint;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
pub use tile::Tile;
pub use tree::{LogFrontier, LogTree};
pub use witness::{TrustedLog, Witness, WitnessName};

use crate::{Error, StatusIndex, base64url};

/// A hash in the tree: of a leaf, of a node, or of the whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogHash([u8; 32]);

impl LogHash {
    /// The root of a log with nothing in it: SHA-256 of nothing.
    pub fn of_nothing() -> Self {
        Self(Sha256::digest(b"").into())
    }

    /// The hash of a leaf: SHA-256 of `0x00` and the entry.
    pub fn of_leaf(entry: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
    }

    /// The hash of a node: SHA-256 of `0x01` and what is below it. The first byte keeps leaves and
    /// nodes apart.
    pub(crate) fn of_node(left: &Self, right: &Self) -> Self {
        Self(
            Sha256::new()
                .chain_update([1])
                .chain_update(left.0)
                .chain_update(right.0)
                .finalize()
                .into(),
        )
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for LogHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for LogHash {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Ok(Self(base64url::decode_array("a hash of the log", &text)?))
    }
}

impl From<LogHash> for String {
    fn from(hash: LogHash) -> String {
        base64url::encode(&hash.0)
    }
}

/// As base64url, as it stands in JSON.
impl fmt::Display for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for LogHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a log holds: how many leaves, and the root over them. Says all about the content, and
/// nothing about who vouches for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    /// The root.
    pub root: LogHash,
    /// The number of leaves.
    pub size: u64,
}

impl LogHead {
    /// The most leaves: each certificate has its own slot in one of 127 status lists.
    pub const MAX_SIZE: u64 = 127 * StatusIndex::COUNT as u64;

    /// The log with nothing in it.
    pub fn empty() -> Self {
        Self { root: LogHash::of_nothing(), size: 0 }
    }

    /// Checks that the size is one that a log can have, and that an empty log is the empty log.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`].
    pub fn check(&self) -> Result<(), Error> {
        if self.size > Self::MAX_SIZE {
            return Err(Error::Inconsistent {
                what: "the log holds more leaves than there are slots in status lists",
            });
        }
        if self.size == 0 && *self != Self::empty() {
            return Err(Error::Inconsistent {
                what: "the log is empty, and its root is not that of an empty log",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
