//! The status list: IETF Token Status List (draft-ietf-oauth-status-list), two bits per
//! certificate.

use alloc::{string::String, vec, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    base64url,
    claims::StatusListUri,
    deflate::{self, Format, InflateError},
    error::Error,
    id::StatusIndex,
    jose::Payload,
    log::LogHead,
    time::NumericDate,
};

/// The status of a certificate in the list (Token Status List section 7.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Status {
    /// In force.
    Valid = 0,
    /// Withdrawn for good: revoked, waived, annulled, replaced. Final: such a slot never changes
    /// again.
    Invalid = 1,
    /// Suspended: may come into force again.
    Suspended = 2,
    /// In force, but conditions apply (the value that the draft leaves to the application).
    Conditions = 3,
}

impl Status {
    fn from_bits(bits: u8) -> Self {
        match bits & 0b11 {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            _ => Self::Conditions,
        }
    }
}

/// One status for each of 131,072 slots, packed in 32,768 bytes.
///
/// Slots that no certificate uses are filled too, so the list does not reveal how many certificates
/// there are.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    packed: Vec<u8>,
}

impl StatusList {
    /// Bits per status.
    pub const BITS: u8 = 2;
    /// The size of the packed list. It must match exactly: a shorter list would hide revocations,
    /// and a longer one is not ours.
    pub const BYTES: usize = StatusIndex::COUNT as usize * Self::BITS as usize / 8;

    /// A list of valid slots.
    pub fn new() -> Self {
        Self { packed: vec![0; Self::BYTES] }
    }

    /// The status of a slot.
    pub fn get(&self, index: StatusIndex) -> Status {
        Status::from_bits(entry(&self.packed, Self::BITS, index.index()))
    }

    /// Sets the status of a slot.
    pub fn set(&mut self, index: StatusIndex, status: Status) {
        let shift = index.index() % 4 * 2;
        let byte = &mut self.packed[index.index() as usize / 4];
        *byte = *byte & !(0b11 << shift) | (status as u8) << shift;
    }

    /// The packed list before compression: the same bytes, whatever compressor is used.
    pub fn as_bytes(&self) -> &[u8] {
        &self.packed
    }

    /// The `lst` of this list: zlib, then base64url.
    pub fn encode(&self) -> String {
        base64url::encode(&deflate::compress(Format::Zlib, &self.packed))
    }

    /// Reads an `lst`.
    fn decode(lst: &str) -> Result<Self, Error> {
        let packed = inflate(&base64url::decode("`lst`", lst)?, Self::BYTES)?;
        if packed.len() != Self::BYTES {
            return Err(Error::StatusListSize { found: packed.len(), expected: Self::BYTES });
        }
        Ok(Self { packed })
    }
}

impl Default for StatusList {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for StatusList {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "StatusList({} slots)", StatusIndex::COUNT)
    }
}

/// The claims of a status list token (Token Status List section 5.1).
///
/// A holder of `Verified<StatusListClaims>` must **also** check that `sub` is the list that was
/// asked for, that the key was for status lists, and how old `iat` is; `vernet-verifier` does all
/// of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatusListClaims {
    /// The first instant at which the list must no longer be used. Required here, optional in the
    /// draft: a list without an end could be replayed for ever.
    pub exp: NumericDate,
    /// When the list was signed.
    pub iat: NumericDate,
    /// The issued log, as it was when the list was signed: every certificate with an `iat` up to
    /// that of the list is in it. A claim of our own. It gives the log a time, and binds the keys
    /// of both: a thief of only one of them cannot show anybody another log.
    pub log: LogHead,
    /// The list.
    pub status_list: EncodedStatusList,
    /// The list's own URI.
    pub sub: StatusListUri,
    /// The number of the trust list that was in force. A claim of our own: an attacker who holds
    /// back the trust list that marks a key as stolen must hold back all later status lists too,
    /// which is noticed within a day.
    pub trust_list_seq: u64,
    /// After how many seconds to ask for a newer one.
    pub ttl: u32,
}

impl StatusListClaims {
    /// Inflates the list.
    ///
    /// # Errors
    ///
    /// [`Error::StatusListBits`] if it does not have two bits per status, [`Error::NotBase64url`]
    /// or [`Error::StatusListCompression`] if it is not one zlib stream in base64url,
    /// [`Error::StatusListInflates`] or [`Error::StatusListSize`] if it inflates to another size
    /// than [`StatusList::BYTES`].
    pub fn statuses(&self) -> Result<StatusList, Error> {
        if self.status_list.bits != StatusList::BITS {
            return Err(Error::StatusListBits { found: self.status_list.bits, expected: "2" });
        }
        StatusList::decode(&self.status_list.lst)
    }
}

/// The `status_list` member: how many bits per status, and the compressed list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EncodedStatusList {
    /// Bits per status.
    pub bits: u8,
    /// The list, zlib-compressed, base64url.
    pub lst: String,
}

impl From<&StatusList> for EncodedStatusList {
    fn from(list: &StatusList) -> Self {
        Self { bits: StatusList::BITS, lst: list.encode() }
    }
}

impl Payload for StatusListClaims {
    const TYP: &'static str = "statuslist+jwt";
    const WHAT: &'static str = "the status list";
    // 32,768 bytes that zlib cannot shrink are 43,706 characters of base64url, and again 4/3 of
    // that in the JWS.
    const MAX_BYTES: usize = 64 * 1024;

    fn check(&self) -> Result<(), Error> {
        if self.exp <= self.iat {
            return Err(Error::Inconsistent { what: "`exp` is not after `iat`" });
        }
        self.log.check()
    }
}

/// Looks a status up in any list of the draft, of 1, 2, 4 or 8 bits, that inflates to at most 1
/// MiB, as the draft's own test vectors need.
///
/// Certificates use [`StatusListClaims::statuses`], which requires the one size that this system
/// publishes.
///
/// # Errors
///
/// As [`StatusListClaims::statuses`], and [`Error::StatusIndexOutOfRange`] if the list has no slot
/// `index`.
pub fn look_up(encoded: &EncodedStatusList, index: u32) -> Result<u8, Error> {
    const LIMIT: usize = 1 << 20;
    let bits = encoded.bits;
    if !matches!(bits, 1 | 2 | 4 | 8) {
        return Err(Error::StatusListBits { found: bits, expected: "1, 2, 4 or 8" });
    }
    let packed = inflate(&base64url::decode("`lst`", &encoded.lst)?, LIMIT)?;
    let size = (packed.len() * 8 / usize::from(bits)) as u32;
    if index >= size {
        return Err(Error::StatusIndexOutOfRange { index, size });
    }
    Ok(entry(&packed, bits, index))
}

/// Entries are packed from the least significant bit of each byte (Token Status List section 4.1).
fn entry(packed: &[u8], bits: u8, index: u32) -> u8 {
    let per_byte = 8 / u32::from(bits);
    let shift = index % per_byte * u32::from(bits);
    (packed[(index / per_byte) as usize] >> shift) & ((1u16 << bits) - 1) as u8
}

fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    deflate::inflate(Format::Zlib, bytes, limit).map_err(|error| match error {
        InflateError::TooLarge => Error::StatusListInflates { limit },
        InflateError::NotOneStream => Error::StatusListCompression,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drafts_example_of_two_bits() {
        let list = EncodedStatusList { bits: 2, lst: "eNo76fITAAPfAgc".into() };
        let statuses: Vec<u8> =
            (0..12).map(|index| look_up(&list, index).expect("inside")).collect();
        assert_eq!(statuses, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
        assert_eq!(look_up(&list, 12).expect_err("outside").code(), "status_index_out_of_range");
    }

    #[test]
    fn every_slot_keeps_its_own_status() {
        let mut list = StatusList::new();
        let index = |index| StatusIndex::new(index).expect("inside");
        list.set(index(0), Status::Invalid);
        list.set(index(1), Status::Suspended);
        list.set(index(131_071), Status::Conditions);
        list.set(index(1), Status::Valid);
        let read = StatusList::decode(&list.encode()).expect("decodes");
        assert_eq!(read, list);
        assert_eq!(
            [0, 1, 2, 131_070, 131_071].map(|i| read.get(index(i))),
            [Status::Invalid, Status::Valid, Status::Valid, Status::Valid, Status::Conditions]
        );
    }

    #[test]
    fn a_list_that_is_cut_short_or_too_long_is_refused_not_padded() {
        let list = |size| base64url::encode(&deflate::compress(Format::Zlib, &vec![0; size]));
        assert_eq!(
            StatusList::decode(&list(StatusList::BYTES - 1)).expect_err("short").code(),
            "status_list_size"
        );
        assert_eq!(
            StatusList::decode(&list(StatusList::BYTES + 1)).expect_err("long").code(),
            "status_list_inflates"
        );
        assert_eq!(
            StatusList::decode(&list(100 << 20)).expect_err("a bomb").code(),
            "status_list_inflates"
        );
    }

    #[test]
    fn a_list_without_an_end_is_refused_because_it_could_be_replayed_for_ever() {
        let read = |json: &str| {
            crate::canonical::from_canonical_json::<StatusListClaims>(
                "the status list",
                json.as_bytes(),
            )
        };
        let list = r#""iat":1795000000,"log":{"root":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","size":0},"status_list":{"bits":2,"lst":"eNo76fITAAPfAgc"},"sub":"https://a.no/status/1","trust_list_seq":1,"ttl":1}"#;
        assert!(read(&alloc::format!(r#"{{"exp":1795000001,{list}"#)).is_ok());
        assert_eq!(read(&alloc::format!("{{{list}")).expect_err("no end").code(), "not_json");
        let ended = read(&alloc::format!(r#"{{"exp":1795000000,{list}"#)).expect("the right form");
        assert_eq!(ended.check().expect_err("over when it began").code(), "inconsistent");
    }

    #[test]
    fn a_list_that_zlib_cannot_shrink_still_fits_its_envelope() {
        use sha2::{Digest, Sha256};
        let mut list = StatusList::new();
        for (n, chunk) in list.packed.chunks_mut(32).enumerate() {
            chunk.copy_from_slice(&Sha256::digest(n.to_be_bytes()));
        }
        let encoded = list.encode();
        assert_eq!(StatusList::decode(&encoded).expect("decodes"), list);
        assert!(encoded.len() * 4 / 3 + 1000 < StatusListClaims::MAX_BYTES);
    }
}
