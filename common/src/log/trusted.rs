//! What the roots state about the log: how it began, and who must have witnessed it.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    checkpoint::SignedCheckpoint,
    hash::{LogHash, LogHead},
    witness::Witness,
};
use crate::{document::Entries, error::Error, id::KeyId};

/// The log as the trust list confirms it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustedLog {
    /// The root when the trust list was made.
    pub root: LogHash,
    /// The number of leaves then. Every log that is accepted under this list begins with these
    /// leaves.
    pub size: u64,
    /// How many of the witnesses must have cosigned a checkpoint before it counts.
    pub threshold: u8,
    /// Who watches the log. Witnesses with keys of newer kinds are passed over, and count as if
    /// they had not cosigned.
    pub witnesses: Entries<Witness>,
}

impl TrustedLog {
    /// The most witnesses: each costs a signature check.
    pub const MAX_WITNESSES: usize = 16;

    /// A log that nobody witnesses.
    pub fn new(LogHead { root, size }: LogHead) -> Self {
        Self { root, size, threshold: 0, witnesses: [].into() }
    }

    /// What the log held when the trust list was made.
    pub fn head(&self) -> LogHead {
        LogHead { root: self.root, size: self.size }
    }

    /// Checks that enough of the witnesses cosigned.
    ///
    /// # Errors
    ///
    /// [`Error::WitnessesMissing`] if fewer cosigned than the threshold;
    /// [`Error::SignatureInvalid`] if a line by one of them is not valid.
    pub fn check_witnesses(&self, checkpoint: &SignedCheckpoint) -> Result<(), Error> {
        let mut found = 0;
        for witness in &self.witnesses {
            found += usize::from(checkpoint.cosigned_at(&witness.name, &witness.key)?.is_some());
        }
        if found < usize::from(self.threshold) {
            return Err(Error::WitnessesMissing { found, threshold: self.threshold });
        }
        Ok(())
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.head().check()?;
        let keys: BTreeSet<KeyId> =
            self.witnesses.iter().map(|witness| witness.key.kid()).collect();
        let names: BTreeSet<&str> =
            self.witnesses.iter().map(|witness| witness.name.as_str()).collect();
        if keys.len() != self.witnesses.len() || names.len() != self.witnesses.len() {
            return Err(Error::Inconsistent { what: "a witness is listed twice" });
        }
        if usize::from(self.threshold) > self.witnesses.count()
            || self.witnesses.count() > Self::MAX_WITNESSES
        {
            return Err(Error::Inconsistent {
                what: "more witnesses must sign than there are, or there are more than 16",
            });
        }
        Ok(())
    }
}
