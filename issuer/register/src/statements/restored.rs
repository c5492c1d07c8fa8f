//! What an office takes back from its last publication, after the newest register was lost and an
//! old backup took its place.

use serde::{Deserialize, Serialize};
use vernet_common::{
    CertificateHash, LogHead, NumericDate, Status, StatusIndex, StatusListNumber, TrustedKey,
};

use crate::{
    error::Error,
    statements::{digest::Digest, event::list_number},
};

/// What a publication says and the register does not know any more.
///
/// Of a lost certificate only its hash is known: a publication does not say whose it is, nor its
/// number, nor its slot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    /// The issued log of the register, which goes on from here.
    pub before: LogHead,
    /// The issued log that was published.
    pub log: LogHead,
    /// The certificates in the published log that the register does not hold, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "hashes")]
    pub certificates: Vec<CertificateHash>,
    /// The published status lists that the register did not sign as far as it knows, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<RestoredList>,
    /// The trust lists that were signed since the backup, as far as they were published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trust_lists: Vec<RestoredTrustList>,
    /// The office's keys of which the published trust list says more than the register: keys that
    /// were added since the backup, or that ended or were stolen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<TrustedKey>,
}

/// A published status list, and what in it the register does not explain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoredList {
    /// Its number.
    #[serde(with = "list_number")]
    pub list: StatusListNumber,
    /// Its `iat`.
    pub iat: NumericDate,
    /// The trust list that it names.
    pub trust_list_seq: u64,
    /// The hash of the payload that was signed.
    pub sha256: Digest,
    /// The slots whose status is worse than the register says, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "slots")]
    pub slots: Vec<(StatusIndex, Status)>,
}

/// A trust list that the root keys signed since the backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoredTrustList {
    /// Its number.
    pub seq: u64,
    /// The hash of its bytes.
    pub sha256: Digest,
}

impl Restored {
    /// The most lost certificates: 1.4 MB of a statement.
    pub const MAX_CERTIFICATES: usize = 32_768;

    /// The most slots of all lists together: 0.35 MB of a statement.
    pub const MAX_SLOTS: usize = 65_536;

    /// Checks its size and its order, so that it has one spelling.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let slots = self.lists.iter().map(|list| list.slots.len()).sum();
        for (what, found, limit) in [
            ("certificates", self.certificates.len(), Self::MAX_CERTIFICATES),
            ("slots of status lists", slots, Self::MAX_SLOTS),
        ] {
            if found > limit {
                return Err(Error::RestoreTooLarge { what, found, limit });
            }
        }
        let ascending = self.lists.is_sorted_by(|one, next| one.list < next.list)
            && self.trust_lists.is_sorted_by(|one, next| one.seq < next.seq)
            && self
                .lists
                .iter()
                .all(|list| list.slots.is_sorted_by(|(one, _), (next, _)| one < next));
        let valid =
            self.lists.iter().flat_map(|list| &list.slots).any(|(_, s)| *s == Status::Valid);
        if !ascending || valid {
            let expected = "lists, slots and trust lists in order, and no slot that is valid";
            return Err(vernet_common::Error::field("restored", "another form", expected).into());
        }
        Ok(())
    }

    /// Whether it takes nothing back.
    pub(crate) fn is_empty(&self) -> bool {
        self.certificates.is_empty()
            && self.lists.is_empty()
            && self.trust_lists.is_empty()
            && self.keys.is_empty()
    }
}

/// Hashes, one after the other, as one base64url: half the size of a list of texts.
mod hashes {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vernet_common::CertificateHash;

    pub(super) fn serialize<S: Serializer>(
        hashes: &[CertificateHash],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<CertificateHash>, D::Error> {
        let bytes =
            URL_SAFE_NO_PAD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        match bytes.as_chunks::<32>() {
            (hashes, []) => Ok(hashes.iter().copied().map(CertificateHash::from).collect()),
            _ => Err(D::Error::custom("expected hashes of 32 bytes each")),
        }
    }
}

/// Slots with their statuses as one base64url: four bytes each, big-endian, the index times four
/// plus the status.
mod slots {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vernet_common::{Status, StatusIndex};

    pub(super) fn serialize<S: Serializer>(
        slots: &[(StatusIndex, Status)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let word = |(index, status): &(StatusIndex, Status)| {
            (index.index() << 2 | u32::from(*status as u8)).to_be_bytes()
        };
        let bytes: Vec<u8> = slots.iter().flat_map(word).collect();
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(StatusIndex, Status)>, D::Error> {
        let bytes =
            URL_SAFE_NO_PAD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        let (words, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(D::Error::custom("expected slots of 4 bytes each"));
        }
        let slot = |word: &[u8; 4]| {
            let word = u32::from_be_bytes(*word);
            let status = [Status::Valid, Status::Invalid, Status::Suspended, Status::Conditions]
                [(word & 3) as usize];
            Ok((StatusIndex::new(word >> 2).map_err(D::Error::custom)?, status))
        };
        words.iter().map(slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(index: u32, status: Status) -> (StatusIndex, Status) {
        (StatusIndex::new(index).expect("a slot"), status)
    }

    fn restored() -> Restored {
        let list = RestoredList {
            list: StatusListNumber::new(3).expect("a number"),
            iat: NumericDate::from_seconds(1_800_000_000).expect("a time"),
            trust_list_seq: 7,
            sha256: Digest::from([9; 32]),
            slots: vec![
                slot(0, Status::Invalid),
                slot(5, Status::Suspended),
                slot(131_071, Status::Conditions),
            ],
        };
        Restored {
            before: LogHead::empty(),
            log: LogHead::empty(),
            certificates: vec![CertificateHash::from([1; 32]), CertificateHash::from([2; 32])],
            lists: vec![list],
            trust_lists: Vec::new(),
            keys: Vec::new(),
        }
    }

    #[test]
    fn it_is_written_compactly_and_read_again() {
        let restored = restored();
        let json = serde_json::to_value(&restored).expect("JSON");
        // By hand: 1, 22 and 524287 as words of four bytes.
        assert_eq!(json["lists"][0]["slots"], "AAAAAQAAABYAB___");
        assert_eq!(json["certificates"].as_str().map(str::len), Some(86));
        assert_eq!(serde_json::from_value::<Restored>(json.clone()).expect("its own"), restored);
        for (path, wrong) in [
            ("/certificates", "AAAA"),
            ("/lists/0/slots", "AAAA"),
            ("/lists/0/slots", "____fw"),
            ("/lists/0/slots", "_____w"),
            ("/lists/0/slots", "not base64url"),
        ] {
            let mut changed = json.clone();
            *changed.pointer_mut(path).expect("a member") = wrong.into();
            assert!(serde_json::from_value::<Restored>(changed).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_has_one_order_and_a_largest_size() {
        restored().check().expect("in order");
        let code = |change: fn(&mut Restored)| {
            let mut changed = restored();
            change(&mut changed);
            changed.check().expect_err("refused").code()
        };
        assert_eq!(code(|r| r.lists[0].slots.swap(0, 1)), "field_invalid");
        assert_eq!(code(|r| r.lists[0].slots[0].1 = Status::Valid), "field_invalid");
        assert_eq!(code(|r| r.lists.push(r.lists[0].clone())), "field_invalid");
        let many = |r: &mut Restored| {
            r.certificates = vec![r.certificates[0]; Restored::MAX_CERTIFICATES + 1];
        };
        assert_eq!(code(many), "restore_too_large");
        let slots = |r: &mut Restored| {
            r.lists[0].slots = vec![r.lists[0].slots[0]; Restored::MAX_SLOTS + 1];
        };
        assert_eq!(code(slots), "restore_too_large");
    }
}
