//! What the roots say about the log: how it began, and who must have seen it.

use alloc::{collections::BTreeSet, string::String, vec::Vec};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    LogHash, LogHead, SignedCheckpoint,
    note::{SignatureType, verifier_key},
};
use crate::{Error, KeyId, PublicKey};

/// The log, as the trust list vouches for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedLog {
    /// The root when the trust list was made.
    pub root: LogHash,
    /// The number of leaves then. Every log that is believed under this list begins with these
    /// leaves.
    pub size: u64,
    /// How many of the witnesses must have cosigned a checkpoint before it counts.
    pub threshold: u8,
    /// Who watches the log.
    pub witnesses: Vec<Witness>,
}

impl TrustedLog {
    /// The most witnesses: each costs a signature check.
    pub const MAX_WITNESSES: usize = 16;

    /// A log that nobody witnesses.
    pub fn new(LogHead { root, size }: LogHead) -> Self {
        Self { root, size, threshold: 0, witnesses: Vec::new() }
    }

    /// What the log held when the trust list was made.
    pub fn head(&self) -> LogHead {
        LogHead { root: self.root, size: self.size }
    }

    /// Checks that enough of the witnesses cosigned.
    ///
    /// # Errors
    ///
    /// [`Error::WitnessesMissing`]; [`Error::SignatureInvalid`] if a line by one of them does not
    /// hold.
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
        if usize::from(self.threshold) > self.witnesses.len()
            || self.witnesses.len() > Self::MAX_WITNESSES
        {
            return Err(Error::Inconsistent {
                what: "more witnesses must sign than there are, or there are more than 16",
            });
        }
        Ok(())
    }
}

/// Somebody who has seen the log grow, and signs what was seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// The key, which signs cosignatures and nothing else.
    pub key: PublicKey,
    /// The name in the lines of its cosignatures.
    pub name: WitnessName,
}

impl Witness {
    /// The key as other software of transparency logs is configured with it: a `vkey` line (C2SP
    /// signed-note, tlog-cosignature).
    pub fn verifier_key(&self) -> String {
        verifier_key(self.name.as_str(), SignatureType::Cosignature, &self.key)
    }
}

/// The name of a witness: a URL without a scheme, `witness.example.no/w1`. From 1 to 100 letters,
/// digits and `.` `-` `_` `~` `:` `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WitnessName(String);

impl WitnessName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WitnessName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_~:/".contains(&b);
        if !(1..=100).contains(&text.len()) || !text.bytes().all(allowed) {
            let expected =
                "a name as in `witness.example.no/w1`, of 1 to 100 letters, digits and `.-_~:/`";
            return Err(Error::field("name", text, expected));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for WitnessName {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<WitnessName> for String {
    fn from(name: WitnessName) -> String {
        name.0
    }
}

impl fmt::Display for WitnessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WitnessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
