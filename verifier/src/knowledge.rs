//! What a verifier knows: the trust list, the status lists and the issued log, each under a
//! signature that held, and the memory of the newest ever seen.

use alloc::{collections::BTreeMap, string::ToString, vec::Vec};

use serde::{Deserialize, Serialize};
use vernet_common::{
    Bundle, Error, HttpsUrl, KeyUse, LogHead, LogTree, NumericDate, Profile, Roots, Sha256Hash,
    Signed, SignedTrustList, StatusList, StatusListClaims, StatusListUri, TrustAnchor, TrustList,
    Verified,
};

use crate::{
    Policy,
    log::{KnownLog, LogFault, Naming, SeenLog, read_log},
};

/// The newest that was ever seen of an issuer, so that nothing older is believed afterwards.
///
/// It begins with the roots that a person pinned, and moves only forward. Keep it: without it a
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
    /// The memory of somebody who has seen nothing yet and trusts these roots.
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

    /// The newest issued log that was seen.
    pub(crate) fn log(&self) -> Option<&SeenLog> {
        self.log.as_ref()
    }

    /// Takes over what was learnt, except what is dated after `latest`.
    fn move_forward(&mut self, learnt: Self, latest: NumericDate) {
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

    /// The newest instant at which anything was signed: the clock of the world is at least this
    /// late.
    fn newest_iat(&self) -> Option<NumericDate> {
        self.status_lists
            .values()
            .copied()
            .chain(self.trust_list.as_ref().map(|seen| seen.newest_iat))
            .max()
    }
}

/// The trust list, the status lists and the issued log of one issuer, as of one bundle. Nothing in
/// it is older than what the memory had seen.
#[derive(Debug)]
pub struct Knowledge {
    trust_list: Verified<TrustList>,
    status_lists: BTreeMap<StatusListUri, StatusKnowledge>,
    /// Status lists that were offered and cannot be used.
    defects: Vec<Error>,
    /// The issued log, or why there is none that can be used.
    log: Result<KnownLog, Option<Error>>,
    newest_iat: NumericDate,
    /// What a receipt names.
    pub(crate) trust_list_sha256: Sha256Hash,
    pub(crate) first_defect_sha256: Option<Sha256Hash>,
}

/// One status list, inflated.
#[derive(Debug)]
pub(crate) struct StatusKnowledge {
    pub(crate) statuses: StatusList,
    pub(crate) iat: NumericDate,
    pub(crate) exp: NumericDate,
    pub(crate) sha256: Sha256Hash,
    pub(crate) log: LogHead,
    trust_list_seq: u64,
    ttl: u32,
}

/// Which status list is known, and of when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownStatusList<'a> {
    /// The list.
    pub uri: &'a StatusListUri,
    /// When it was signed.
    pub iat: NumericDate,
    /// The first instant at which it does not count any more.
    pub exp: NumericDate,
    /// After how many seconds its office expects to be asked for a newer one.
    pub ttl: u32,
}

impl Knowledge {
    /// Reads a bundle. `memory` moves forward to what was learnt; it is unchanged if there is an
    /// error.
    ///
    /// What is dated after `now`, by more than the policy's tolerance, is used but not remembered.
    /// Should the office's clock be wrong for an hour, or a thief of the status key sign a list
    /// of the far future, verdicts are `clock_behind` as long as that list is the newest, and
    /// honest lists count again afterwards.
    ///
    /// A log that cannot be used does not spoil the lists: every verdict that would need it is
    /// undetermined, with the reason. But two logs that were signed by this office and
    /// contradict each other are an error that refuses the whole bundle, and an alarm: keep
    /// [`LogEvidence`](crate::LogEvidence).
    ///
    /// A status list that cannot be used does not spoil the others: certificates that need it get
    /// an undetermined verdict with the reason. Whether the lists are too old is decided by
    /// [`verify`](crate::verify), not here.
    ///
    /// # Errors
    ///
    /// [`Error::ThresholdNotReached`] or [`Error::SignatureInvalid`] if the pinned roots did not
    /// sign, [`Error::TrustListIssuer`], [`Error::TrustListRolledBack`],
    /// [`Error::TrustListForked`], [`Error::ProfileChanged`], or what is wrong with the trust list
    /// itself; [`Error::LogForked`] or [`Error::LogShrunk`].
    pub fn learn(
        bundle: &Bundle,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Self, Error> {
        let mut learnt = memory.clone();
        let trust_list = follow(&bundle.trust_lists, &mut learnt)?;
        let mut status_lists = BTreeMap::new();
        let mut defects = Vec::new();
        let mut first_defect_sha256 = None;
        let mut names = Vec::new();
        for signed in &bundle.status_lists {
            match read_status_list(signed, trust_list.claims(), &learnt) {
                Ok((uri, list)) => {
                    learnt.status_lists.insert(uri.clone(), list.iat);
                    names.push(Naming {
                        log: list.log,
                        iat: list.iat,
                        trust_list_seq: list.trust_list_seq,
                        list: signed,
                    });
                    status_lists.insert(uri, list);
                }
                Err(error) => {
                    first_defect_sha256
                        .get_or_insert_with(|| Sha256Hash::of(signed.as_str().as_bytes()));
                    defects.push(error);
                }
            }
        }
        let log =
            match read_log(bundle.log.as_ref(), trust_list.claims(), &names, learnt.log.as_ref()) {
                Ok((log, seen)) => {
                    learnt.log = Some(seen);
                    Ok(log)
                }
                Err(LogFault::Missing(cause)) => Err(cause),
                Err(LogFault::Alarm(error)) => return Err(error),
            };
        let newest_iat = learnt.newest_iat().unwrap_or(trust_list.claims().iat);
        memory.move_forward(learnt, now.plus_seconds(policy.clock_tolerance_s));
        let trust_list_sha256 =
            bundle.trust_lists.last().map_or(Sha256Hash::of(b""), SignedTrustList::hash);
        Ok(Self {
            trust_list,
            status_lists,
            defects,
            log,
            newest_iat,
            trust_list_sha256,
            first_defect_sha256,
        })
    }

    /// The trust list in force.
    pub fn trust_list(&self) -> &TrustList {
        self.trust_list.claims()
    }

    /// Every status list that can be used.
    pub fn status_lists(&self) -> impl Iterator<Item = KnownStatusList<'_>> {
        self.status_lists.iter().map(|(uri, list)| KnownStatusList {
            uri,
            iat: list.iat,
            exp: list.exp,
            ttl: list.ttl,
        })
    }

    /// The log that each status list names.
    pub(crate) fn named_logs(&self) -> impl Iterator<Item = LogHead> {
        self.status_lists.values().map(|list| list.log)
    }

    /// When to ask for news: as soon as the first of the status lists says so by its `ttl`, and
    /// before it runs out in any case.
    pub fn next_update(&self) -> NumericDate {
        let asks =
            |list: KnownStatusList<'_>| list.iat.plus_seconds(i64::from(list.ttl)).min(list.exp);
        self.status_lists().map(asks).min().unwrap_or(self.newest_iat).min(self.trust_list().exp)
    }

    /// Why status lists that were offered cannot be used.
    pub fn defects(&self) -> &[Error] {
        &self.defects
    }

    /// The newest instant at which anything was signed, by this bundle or by one seen before.
    pub fn newest_iat(&self) -> NumericDate {
        self.newest_iat
    }

    /// Takes a receipt's word for the newest instant, to find out whether anything depends on it.
    pub(crate) fn believe_newest(&mut self, newest: NumericDate) {
        self.newest_iat = self.newest_iat.max(newest);
    }

    /// What the issued log held, if it can be used.
    ///
    /// # Errors
    ///
    /// Why it cannot; nothing if there is none.
    pub fn log(&self) -> Result<LogHead, Option<&Error>> {
        self.log.as_ref().map(KnownLog::head).map_err(Option::as_ref)
    }

    /// The same with a log that nobody has signed yet: for **the office itself**, which has the
    /// certificates and checks what it is about to let out. Whoever only reads what an office
    /// publishes has no use for it, because nothing vouches for these leaves but the caller.
    #[must_use]
    pub fn with_own_log(self, log: &LogTree, as_of: NumericDate) -> Self {
        Self { log: Ok(KnownLog::new(log.head(), as_of, log.leaves())), ..self }
    }

    pub(crate) fn known_log(&self) -> Option<&KnownLog> {
        self.log.as_ref().ok()
    }

    pub(crate) fn status_list(&self, uri: &StatusListUri) -> Option<&StatusKnowledge> {
        self.status_lists.get(uri)
    }
}

/// Follows the trust lists from the remembered roots to the last one, which is the list in force.
fn follow(lists: &[SignedTrustList], memory: &mut Memory) -> Result<Verified<TrustList>, Error> {
    let Some((last, earlier)) = lists.split_last() else {
        return Err(Error::Inconsistent { what: "the bundle holds no trust list" });
    };
    for signed in earlier {
        match memory.roots.verify(signed) {
            Ok(list) if list.claims().seq >= memory.least_seq() => remember(signed, &list, memory)?,
            // Lists from before our roots were pinned, or that we have followed already. Should one
            // have been needed, the last list will not verify.
            Ok(_) | Err(Error::ThresholdNotReached { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let list = memory.roots.verify(last)?;
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
    let payload_sha256 = signed.payload_hash();
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
        Some(SeenTrustList { seq: *seq, newest_iat, payload_sha256, profiles: profiles.clone() });
    Ok(())
}

fn read_status_list(
    signed: &Signed<StatusListClaims>,
    trust_list: &TrustList,
    memory: &Memory,
) -> Result<(StatusListUri, StatusKnowledge), Error> {
    let claims = authenticate_status_list(signed, trust_list)?;
    if let Some(known) = memory.status_lists.get(&claims.sub).filter(|known| claims.iat < **known) {
        return Err(Error::StatusListRolledBack {
            uri: claims.sub.into(),
            found: claims.iat.to_string(),
            known: known.to_string(),
        });
    }
    let sha256 = Sha256Hash::of(signed.as_str().as_bytes());
    let statuses = claims.statuses()?;
    let StatusListClaims { iat, exp, log, trust_list_seq, ttl, .. } = claims;
    let list = StatusKnowledge { statuses, iat, exp, sha256, log, trust_list_seq, ttl };
    Ok((claims.sub, list))
}

/// What a status list says, of whatever age, if a key of the trust list could sign it then.
pub(crate) fn authenticate_status_list(
    signed: &Signed<StatusListClaims>,
    trust_list: &TrustList,
) -> Result<StatusListClaims, Error> {
    let key = trust_list.key(signed.kid())?;
    let claims = signed.verify(&key.key)?.into_claims();
    key.check(KeyUse::Status, claims.iat)?;
    if claims.sub.issuer() != trust_list.iss.as_str() {
        let expected = StatusListUri::new(&trust_list.iss, claims.sub.number());
        return Err(Error::StatusListSubject {
            found: claims.sub.into(),
            expected: expected.into(),
        });
    }
    if claims.trust_list_seq > trust_list.seq {
        return Err(Error::TrustListOutdated {
            found: trust_list.seq,
            expected: claims.trust_list_seq,
        });
    }
    Ok(claims)
}
