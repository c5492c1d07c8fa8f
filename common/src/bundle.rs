//! The bundle: everything that offline verification needs, in one file.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    document,
    error::{Error, check_size},
    jose::Signed,
    log::{LogHash, SignedCheckpoint},
    status_list::StatusListClaims,
    trust_list::SignedTrustList,
};

/// Trust lists, status lists and the issued log in one file. Each part has its own signature; the
/// bundle is only a container.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bundle {
    /// The trust lists, oldest first: those that brought new root keys, and last the current one.
    /// A verifier that pinned old roots follows them to today's.
    pub trust_lists: Vec<SignedTrustList>,
    /// The status lists, in compact serialisation.
    #[serde(with = "compact")]
    pub status_lists: Vec<Signed<StatusListClaims>>,
    /// The issued log. Every bundle that is read has one; it is `None` where only trust lists
    /// matter.
    #[serde(deserialize_with = "required", skip_serializing_if = "Option::is_none")]
    pub log: Option<BundledLog>,
}

/// The issued log in a bundle: the checkpoint, and the leaves while they are few.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BundledLog {
    /// What the log holds, signed.
    pub checkpoint: SignedCheckpoint,
    /// The hashes of all leaves, in order. Those of a large log are not in the file: a reader that
    /// needs them fetches the tiles of the log, and stores the leaves here.
    #[serde(default, skip_serializing_if = "stays_outside", with = "leaves")]
    pub leaves: Option<Vec<LogHash>>,
}

impl BundledLog {
    /// The most leaves that a bundle contains: 44 kB in base64url.
    pub const MAX_LEAVES: u64 = 1024;

    /// Whether the bundle's file contains the leaves of a log of this size.
    pub fn travels_in_bundle(size: u64) -> bool {
        size <= Self::MAX_LEAVES
    }

    fn check(&self) -> Result<(), Error> {
        let size = self.checkpoint.head().size;
        let expected = Self::travels_in_bundle(size).then_some(size);
        if self.leaves.as_ref().map(|leaves| leaves.len() as u64) != expected {
            return Err(Error::Inconsistent {
                what: "the bundle holds other than as many leaves of the log as the checkpoint says, or those of a log of more than 1024",
            });
        }
        Ok(())
    }
}

impl Bundle {
    /// The longest bundle that is read: 127 status lists of the largest size, some trust lists and
    /// the leaves of a log fit into it.
    pub const MAX_BYTES: usize = 12 << 20;
    /// The most trust lists: a change of the root keys every year for a lifetime. Each costs as
    /// many signature checks as there are roots.
    pub const MAX_TRUST_LISTS: usize = 80;
    /// The most status lists: there are no more numbers.
    pub const MAX_STATUS_LISTS: usize = 127;

    /// Reads a bundle. Only the envelopes of its parts are checked.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is larger than [`Bundle::MAX_BYTES`], [`Error::Inconsistent`] if
    /// it has too many lists or the wrong number of leaves, [`Error::NotUnderstood`] if a newer
    /// program wrote it and it must be understood, [`Error::NotCanonical`] or [`Error::Json`] if it
    /// is not the expected JSON or the envelope of a part is malformed.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "the bundle";
        check_size(WHAT, bytes.len(), Self::MAX_BYTES)?;
        let bundle: Self =
            document::read_json(&document::Kind::of(WHAT), bytes)?.understood(WHAT)?;
        if bundle.trust_lists.len() > Self::MAX_TRUST_LISTS
            || bundle.status_lists.len() > Self::MAX_STATUS_LISTS
        {
            return Err(Error::Inconsistent {
                what: "the bundle holds more than 80 trust lists or 127 status lists",
            });
        }
        bundle.log.iter().try_for_each(BundledLog::check)?;
        Ok(bundle)
    }

    /// The JSON of the bundle, without white space. The leaves of a large log are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] if a part cannot be written.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        crate::canonical::to_canonical_json("the bundle", self)
    }

    /// The leaves that the bundle's file leaves out, because they are too many for it: whoever
    /// keeps the file keeps them beside it. `None` if there are none.
    pub fn leaves_outside(&self) -> Option<&[LogHash]> {
        let leaves = self.log.as_ref()?.leaves.as_deref()?;
        (!BundledLog::travels_in_bundle(leaves.len() as u64)).then_some(leaves)
    }

    /// How many leaves must be fetched in addition to the bundle before certificates can be judged,
    /// if the log is too large for it.
    pub fn leaves_to_fetch(&self) -> Option<u64> {
        let log = self.log.as_ref().filter(|log| log.leaves.is_none())?;
        Some(log.checkpoint.head().size)
    }
}

fn required<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BundledLog>, D::Error> {
    BundledLog::deserialize(deserializer).map(Some)
}

#[expect(clippy::ref_option, reason = "serde passes the field as it is")]
fn stays_outside(leaves: &Option<Vec<LogHash>>) -> bool {
    leaves.as_ref().is_none_or(|leaves| !BundledLog::travels_in_bundle(leaves.len() as u64))
}

mod compact {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::{Signed, StatusListClaims, String, Vec};

    pub(super) fn serialize<S: Serializer>(
        lists: &[Signed<StatusListClaims>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(lists.iter().map(Signed::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Signed<StatusListClaims>>, D::Error> {
        let texts: Vec<String> = Vec::deserialize(deserializer)?;
        texts.iter().map(|text| Signed::parse(text).map_err(D::Error::custom)).collect()
    }
}

/// All leaves, one after the other, as one base64url.
mod leaves {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::{LogHash, String, Vec};
    use crate::{base64url, error::Error};

    #[expect(clippy::ref_option, reason = "serde passes the field as it is")]
    pub(super) fn serialize<S: Serializer>(
        leaves: &Option<Vec<LogHash>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes: Option<Vec<u8>> =
            leaves.as_ref().map(|leaves| leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect());
        bytes.map(|bytes| base64url::encode(&bytes)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<LogHash>>, D::Error> {
        const WHAT: &str = "the leaves of the log";
        let bytes = base64url::decode(WHAT, &String::deserialize(deserializer)?)
            .map_err(D::Error::custom)?;
        let (leaves, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(D::Error::custom(Error::NotBase64url { what: WHAT }));
        }
        Ok(Some(leaves.iter().map(|leaf| LogHash::from(*leaf)).collect()))
    }
}
