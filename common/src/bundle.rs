//! The bundle: all that offline verification needs, in one file.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{Error, Signed, SignedTrustList, StatusListClaims, error::check_size};

/// Trust lists and status lists in one file. Each part is signed by itself; the bundle is only a carrier.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The trust lists, oldest first: those that brought new root keys, and last the current one. Whoever pinned the roots of long
    /// ago follows them to today's.
    pub trust_lists: Vec<SignedTrustList>,
    /// The status lists, in compact serialisation.
    #[serde(with = "compact")]
    pub status_lists: Vec<Signed<StatusListClaims>>,
}

impl Bundle {
    /// The longest bundle that is read: 127 status lists of the largest size and some trust lists fit into it.
    pub const MAX_BYTES: usize = 12 << 20;
    /// The most trust lists: a change of the root keys every year for a lifetime. Each costs as many signature checks as there are roots.
    pub const MAX_TRUST_LISTS: usize = 80;
    /// The most status lists: there are no more numbers.
    pub const MAX_STATUS_LISTS: usize = 127;

    /// Reads a bundle. Only the envelopes of its parts are looked at.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::Inconsistent`], [`Error::NotCanonical`], or [`Error::Json`], also if the envelope of a part is broken.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        check_size("the bundle", bytes.len(), Self::MAX_BYTES)?;
        let bundle: Self = crate::canonical::from_json("the bundle", bytes)?;
        if bundle.trust_lists.len() > Self::MAX_TRUST_LISTS || bundle.status_lists.len() > Self::MAX_STATUS_LISTS {
            return Err(Error::Inconsistent { what: "the bundle holds more than 80 trust lists or 127 status lists" });
        }
        Ok(bundle)
    }

    /// The JSON of the bundle, without white space.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] if a part cannot be written.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        crate::to_canonical_json("the bundle", self)
    }
}

mod compact {
    use super::{Signed, StatusListClaims, String, Vec};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

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
