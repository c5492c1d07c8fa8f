//! The root keys: who must sign a trust list.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{document::Entries, error::Error, id::KeyId, key::PublicKey};

/// A set of root keys and how many of them must sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Roots {
    /// The root keys, each held by a different person. Keys of newer kinds are passed over: their
    /// signatures do not count here.
    pub keys: Entries<PublicKey>,
    /// How many of them must sign.
    pub threshold: u8,
}

impl Roots {
    /// The most root keys that a list may have. Each costs a signature check on every load.
    pub const MAX_KEYS: usize = 16;

    /// Checks that the threshold can be reached, and that no key counts twice.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if a key is listed twice, there are too many keys, or the threshold
    /// is 0 or more than the number of keys.
    pub fn check(&self) -> Result<(), Error> {
        let distinct: BTreeSet<KeyId> = self.keys.iter().map(PublicKey::kid).collect();
        if distinct.len() != self.keys.len() {
            return Err(Error::Inconsistent { what: "a root key is listed twice" });
        }
        if self.threshold == 0
            || usize::from(self.threshold) > self.keys.count()
            || self.keys.count() > Self::MAX_KEYS
        {
            return Err(Error::Inconsistent {
                what: "the threshold of the roots is not from 1 to the number of keys, 16 at most",
            });
        }
        Ok(())
    }
}
