//! What a verifier has seen, so that nothing older is believed afterwards.

use alloc::{collections::BTreeMap, vec::Vec};

use serde::{Deserialize, Serialize};
use vernet_common::{
    Error, HttpsUrl, NumericDate, Profile, Roots, SignedTrustList, StatusListUri, TrustAnchor,
    TrustList, Verified,
};

use crate::log::SeenLog;

/// The newest state of an issuer that was ever seen, so that nothing older is believed afterwards.
///
/// It begins with the roots that a person pinned, and only moves forward. Keep it: without it a
/// thief of yesterday's files can show them as today's, until they expire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The issuer whose roots were pinned.
    iss: HttpsUrl,
    /// The least number that a trust list may have.
    least_seq: u64,
    /// The roots that must sign the next trust list.
    roots: Roots,
    /// The newest trust list.
    trust_list: Option<SeenTrustList>,
    /// The newest `iat` of each status list.
    status_lists: BTreeMap<StatusListUri, NumericDate>,
    /// The newest issued log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<SeenLog>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenTrustList {
    seq: u64,
    /// The newest `iat` of this list and those before it.
    newest_iat: NumericDate,
    payload_sha256: [u8; 32],
    profiles: Vec<Profile>,
}

impl Memory {
    /// A memory that trusts these roots and has seen nothing yet.
    pub fn new(anchor: &TrustAnchor) -> Self {
        Self {
            iss: anchor.iss.clone(),
            least_seq: anchor.seq,
            roots: anchor.roots.clone(),
            trust_list: None,
            status_lists: BTreeMap::new(),
            log: None,
        }
    }

    /// The issuer whose roots were pinned.
    pub(crate) fn iss(&self) -> &HttpsUrl {
        &self.iss
    }

    /// Every status list that was ever seen.
    pub fn status_lists(&self) -> impl Iterator<Item = &StatusListUri> {
        self.status_lists.keys()
    }

    /// When a status list was last signed.
    pub(crate) fn status_list_iat(&self, uri: &StatusListUri) -> Option<NumericDate> {
        self.status_lists.get(uri).copied()
    }

    /// Takes note of a status list that was found good.
    pub(crate) fn see_status_list(&mut self, uri: StatusListUri, iat: NumericDate) {
        self.status_lists.insert(uri, iat);
    }

    /// Takes note of a log that was found good.
    pub(crate) fn see_log(&mut self, log: SeenLog) {
        self.log = Some(log);
    }

    /// The newest issued log that was seen.
    pub(crate) fn log(&self) -> Option<&SeenLog> {
        self.log.as_ref()
    }

    /// Takes over what was learnt, except what is dated after `latest`.
    pub(crate) fn move_forward(&mut self, learnt: Self, latest: NumericDate) {
        if learnt.trust_list.as_ref().is_some_and(|seen| seen.newest_iat <= latest) {
            (self.roots, self.trust_list) = (learnt.roots, learnt.trust_list);
        }
        self.status_lists.extend(learnt.status_lists.into_iter().filter(|(_, iat)| *iat <= latest));
        self.log = learnt.log.filter(|log| log.iat <= latest).or(self.log.take());
    }

    /// The least number that the next trust list may have.
    fn least_seq(&self) -> u64 {
        self.trust_list.as_ref().map_or(self.least_seq, |seen| seen.seq)
    }

    /// The newest instant at which anything was signed: it cannot be earlier now.
    pub(crate) fn newest_iat(&self) -> Option<NumericDate> {
        self.status_lists
            .values()
            .copied()
            .chain(self.trust_list.as_ref().map(|seen| seen.newest_iat))
            .max()
    }
}

/// Follows the trust lists from the remembered roots to the last one, which is the list in force. A
/// list that a newer program wrote is followed too: whether it is understood counts when something
/// is to be accepted by it.
pub(crate) fn follow(
    lists: &[SignedTrustList],
    memory: &mut Memory,
) -> Result<Verified<TrustList>, Error> {
    let Some((last, earlier)) = lists.split_last() else {
        return Err(Error::Inconsistent { what: "the bundle holds no trust list" });
    };
    for signed in earlier {
        match memory.roots.verify_in_part(signed) {
            Ok(list) if list.claims().seq >= memory.least_seq() => remember(signed, &list, memory)?,
            // Lists from before our roots were pinned, or that we have followed already. If one was
            // needed, the last list does not verify.
            Ok(_) | Err(Error::ThresholdNotReached { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let list = memory.roots.verify_in_part(last)?;
    remember(last, &list, memory)?;
    Ok(list)
}

/// Moves the memory forward to a list, or says why it cannot.
fn remember(
    signed: &SignedTrustList,
    list: &Verified<TrustList>,
    memory: &mut Memory,
) -> Result<(), Error> {
    let TrustList { iss, seq, iat, roots, profiles, .. } = list.claims();
    let payload_sha256 = *signed.hash().as_bytes();
    if *iss != memory.iss {
        let (found, expected) = (iss.clone().into(), memory.iss.clone().into());
        return Err(Error::TrustListIssuer { found, expected });
    }
    if *seq < memory.least_seq() {
        return Err(Error::TrustListRolledBack { found: *seq, known: memory.least_seq() });
    }
    if let Some(seen) = &memory.trust_list {
        if *seq == seen.seq && payload_sha256 != seen.payload_sha256 {
            return Err(Error::TrustListForked { seq: *seq });
        }
        if let Some(changed) = seen.profiles.iter().find(|profile| !profiles.contains(profile)) {
            return Err(Error::ProfileChanged { id: changed.id });
        }
    }
    memory.roots = roots.clone();
    let newest_iat = memory.trust_list.as_ref().map_or(*iat, |seen| seen.newest_iat.max(*iat));
    memory.trust_list =
        Some(SeenTrustList { seq: *seq, newest_iat, payload_sha256, profiles: profiles.to_vec() });
    Ok(())
}
