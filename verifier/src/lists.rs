//! Reads a bundle: first the lists and what is signed about the log, then the leaves of the log,
//! which may come from elsewhere.

use alloc::{collections::BTreeMap, string::ToString, vec::Vec};

use vernet_common::{
    Bundle, BundledLog, Error, KeyUse, LogHash, Sha256Hash, Signed, SignedTrustList,
    StatusListClaims, StatusListUri, TrustList, Verified,
};

use crate::{
    knowledge::{Knowledge, OfficeBeside, StatusKnowledge},
    log::{AwaitedLog, KnownLog, LogFault, Naming, SeenLog, read_head, read_leaves},
    memory::{Memory, follow},
};

/// The lists of a bundle, each under a valid signature. Of the log, everything but the leaves has
/// been checked.
#[derive(Debug)]
pub(crate) struct VerifiedLists {
    /// What there is to remember, before the leaves are known.
    learnt: Memory,
    trust_list: Verified<TrustList>,
    status_lists: BTreeMap<StatusListUri, StatusKnowledge>,
    defects: Vec<Error>,
    first_defect_sha256: Option<Sha256Hash>,
    /// The list that names the log, or why the log cannot be used.
    log: Result<Naming, Option<Error>>,
}

impl VerifiedLists {
    /// Reads a bundle against this memory.
    pub(crate) fn read(bundle: &Bundle, memory: &Memory) -> Result<Self, Error> {
        let mut learnt = memory.clone();
        let trust_list = follow(&bundle.trust_lists, &mut learnt)?;
        let mut status_lists = BTreeMap::new();
        let mut defects = Vec::new();
        let mut first_defect_sha256 = None;
        let mut names = Vec::new();
        for (place, signed) in bundle.status_lists.iter().enumerate() {
            match read_status_list(signed, trust_list.claims(), &learnt) {
                Ok((uri, list)) => {
                    learnt.see_status_list(uri.clone(), list.iat);
                    names.push(Naming {
                        log: list.log,
                        iat: list.iat,
                        trust_list_seq: list.trust_list_seq,
                        place,
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
        let log = read_head(bundle.log.as_ref(), trust_list.claims(), &names, learnt.log());
        let log = without_alarm(log)?;
        Ok(Self { learnt, trust_list, status_lists, defects, first_defect_sha256, log })
    }

    /// Whether only the leaves are missing to judge the log. If the log would be rejected anyway,
    /// its size may be forged, and nothing should be fetched.
    pub(crate) fn want_leaves(&self) -> bool {
        self.log.is_ok()
    }

    /// The knowledge from these lists, and what to remember. `bundle` is the one that was read; the
    /// leaves of its log may have been added since. If they are still missing, `kept` are those of
    /// the log that was seen before.
    pub(crate) fn finish(
        self,
        bundle: &Bundle,
        kept: &[LogHash],
    ) -> Result<(Knowledge, Memory), Error> {
        let Self { mut learnt, trust_list, status_lists, defects, first_defect_sha256, log } = self;
        let mut awaited = None;
        let log = match (log, &bundle.log) {
            (Ok(naming), Some(BundledLog { checkpoint, leaves: Some(leaves) })) => {
                let list = bundle.status_lists.get(naming.place).map_or("", Signed::as_str);
                without_alarm(read_leaves(
                    checkpoint,
                    leaves,
                    (&naming, list),
                    trust_list.claims(),
                    learnt.log(),
                ))?
                .map(|(log, seen)| {
                    learnt.see_log(seen);
                    log
                })
            }
            (Ok(naming), _) => {
                let earlier = read_earlier(kept, trust_list.claims(), learnt.log());
                awaited = Some(AwaitedLog { head: naming.log, earlier });
                Err(Some(Error::LogLeavesMissing { size: naming.log.size }))
            }
            (Err(cause), _) => Err(cause),
        };
        let newest_iat = learnt.newest_iat().unwrap_or(trust_list.claims().iat);
        let trust_list_sha256 =
            bundle.trust_lists.last().map_or(Sha256Hash::of(b""), SignedTrustList::hash);
        let knowledge = Knowledge {
            office: OfficeBeside::of(trust_list.claims()),
            trust_list,
            status_lists,
            defects,
            log,
            awaited,
            newest_iat,
            trust_list_sha256,
            first_defect_sha256,
        };
        Ok((knowledge, learnt))
    }
}

/// The log that was seen last, from its leaves that are kept. Everything that is checked of a new
/// log is checked of it again, by the trust list of today.
fn read_earlier(
    kept: &[LogHash],
    trust_list: &TrustList,
    seen: Option<&SeenLog>,
) -> Option<KnownLog> {
    let seen = seen.filter(|seen| seen.counts(trust_list))?;
    let list = Signed::<StatusListClaims>::parse(seen.status_list()).ok()?;
    let list_claims = authenticate_status_list(&list, trust_list).ok()?;
    list_claims.understood().ok()?;
    let claims = list_claims.into_claims();
    let StatusListClaims { log, iat, trust_list_seq, .. } = claims;
    let naming = Naming { log, iat, trust_list_seq, place: 0 };
    let leaves = kept.get(..usize::try_from(log.size).ok()?)?;
    let bundled = BundledLog { checkpoint: seen.checkpoint().clone(), leaves: None };
    let naming = read_head(Some(&bundled), trust_list, &[naming], Some(seen)).ok()?;
    let list = (&naming, seen.status_list());
    let read = read_leaves(&bundled.checkpoint, leaves, list, trust_list, Some(seen));
    read.ok().map(|(log, _)| log)
}

/// An alarm about the log refuses the whole bundle; a log that is missing does not.
fn without_alarm<T>(log: Result<T, LogFault>) -> Result<Result<T, Option<Error>>, Error> {
    match log {
        Ok(log) => Ok(Ok(log)),
        Err(LogFault::Missing(cause)) => Ok(Err(cause)),
        Err(LogFault::Alarm(error)) => Err(error),
    }
}

fn read_status_list(
    signed: &Signed<StatusListClaims>,
    trust_list: &TrustList,
    memory: &Memory,
) -> Result<(StatusListUri, StatusKnowledge), Error> {
    let verified = authenticate_status_list(signed, trust_list)?;
    let not_understood = verified.understood().err();
    let claims = verified.into_claims();
    if let Some(known) = memory.status_list_iat(&claims.sub).filter(|known| claims.iat < *known) {
        return Err(Error::StatusListRolledBack {
            uri: claims.sub.into(),
            found: claims.iat.to_string(),
            known: known.to_string(),
        });
    }
    let sha256 = Sha256Hash::of(signed.as_str().as_bytes());
    let statuses = claims.statuses()?;
    let StatusListClaims { iat, exp, log, trust_list_seq, ttl, .. } = claims;
    let list =
        StatusKnowledge { statuses, iat, exp, sha256, log, trust_list_seq, ttl, not_understood };
    Ok((claims.sub, list))
}

/// The claims of a status list of any age, if a key of the trust list was allowed to sign it at
/// that time. The caller must **also** ask whether they are understood.
pub(crate) fn authenticate_status_list(
    signed: &Signed<StatusListClaims>,
    trust_list: &TrustList,
) -> Result<Verified<StatusListClaims>, Error> {
    let key = trust_list.signer(signed)?;
    let verified = signed.verify_in_part(&key.key)?;
    let claims = verified.claims();
    key.check(KeyUse::Status, claims.iat)?;
    if claims.sub.issuer() != trust_list.iss.as_str() {
        let expected = StatusListUri::new(&trust_list.iss, claims.sub.number());
        return Err(Error::StatusListSubject {
            found: claims.sub.clone().into(),
            expected: expected.into(),
        });
    }
    if claims.trust_list_seq > trust_list.seq {
        return Err(Error::TrustListOutdated {
            found: trust_list.seq,
            expected: claims.trust_list_seq,
        });
    }
    Ok(verified)
}
