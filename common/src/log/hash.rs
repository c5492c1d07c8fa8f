//! The hashes of the tree, and its head.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{digest::hash_newtype, error::Error, id::StatusIndex};

hash_newtype! {
    /// A hash in the tree: of a leaf, of a node, or of the whole.
    LogHash, "a hash of the log"
}

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
}

/// What a log holds: how many leaves, and the root over them. It identifies the whole content, but
/// does not say who vouches for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
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

    /// Checks that a log can have this size, and that a log of size 0 has the root of the empty
    /// log.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if one of these does not hold.
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
