//! The issued log: is it the office's, does it continue what was seen before, and is a certificate
//! in it?

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use vernet_common::{
    BundledLog, Error, KeyUse, LogFrontier, LogHash, LogHead, NumericDate, Signed,
    SignedCheckpoint, StatusListClaims, TrustList, TrustedKey,
};

use crate::policy::Policy;

/// The newest log that was ever seen, with the status list that dates it: what a later log must
/// continue, and one half of the evidence if it does not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenLog {
    checkpoint: SignedCheckpoint,
    /// A status list that names it, as a compact JWS.
    status_list: String,
    /// When that list was signed.
    pub(crate) iat: NumericDate,
}

impl SeenLog {
    pub(crate) fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The status list that names it, as a compact JWS.
    pub(crate) fn status_list(&self) -> &str {
        &self.status_list
    }

    /// Whether the office, and not a thief, signed this log: of the two keys behind it, that of the
    /// status list and that of the checkpoint, at least one is not listed as compromised.
    pub(crate) fn counts(&self, trust_list: &TrustList) -> bool {
        let is_stolen = |trusted: &TrustedKey| trusted.compromised_at.is_some();
        let list = Signed::<StatusListClaims>::parse(&self.status_list);
        let list_key = list.and_then(|list| trust_list.key(list.kid()));
        if !list_key.is_ok_and(is_stolen) {
            return true;
        }
        let signed = |trusted: &&TrustedKey| {
            trusted.r#use == KeyUse::Log
                && self
                    .checkpoint
                    .is_signed_by(&trust_list.iss, &trusted.key)
                    .is_ok_and(|signed| signed)
        };
        let mut log_keys = trust_list.keys.iter().filter(signed).peekable();
        log_keys.peek().is_none() || !log_keys.all(is_stolen)
    }
}

/// A log that is accepted: signed, dated, whole, and the continuation of everything that was seen
/// before.
#[derive(Debug)]
pub(crate) struct KnownLog {
    head: LogHead,
    /// When the newest list was signed that names it. Every certificate up to then is in it.
    iat: NumericDate,
    /// Every leaf with its place, sorted by leaf.
    places: Vec<(LogHash, u32)>,
}

impl KnownLog {
    pub(crate) fn new(head: LogHead, iat: NumericDate, leaves: &[LogHash]) -> Self {
        let mut places: Vec<(LogHash, u32)> = leaves.iter().copied().zip(0..).collect();
        places.sort_unstable();
        Self { head, iat, places }
    }

    pub(crate) fn head(&self) -> LogHead {
        self.head
    }

    pub(crate) fn iat(&self) -> NumericDate {
        self.iat
    }

    /// Where a leaf is in the log.
    pub(crate) fn place(&self, leaf: &LogHash) -> Option<u64> {
        let first = self.places.partition_point(|(other, _)| other < leaf);
        self.places
            .get(first)
            .filter(|(other, _)| other == leaf)
            .map(|(_, place)| u64::from(*place))
    }
}

/// A log that is signed, dated and no shorter than it must be, but whose leaves are not at hand yet.
#[derive(Debug)]
pub(crate) struct AwaitedLog {
    pub(crate) head: LogHead,
    /// The log that it must continue, whole: what is in that one is in this one too.
    pub(crate) earlier: Option<KnownLog>,
}

impl AwaitedLog {
    /// The earlier log, for as long as the status list counts that dates it. An office that shows
    /// different logs to different people can withhold its leaves that long, and no longer.
    pub(crate) fn earlier(&self, policy: &Policy, now: NumericDate) -> Option<&KnownLog> {
        let counts = |log: &&KnownLog| now.seconds_since(log.iat) <= policy.max_status_age_s;
        self.earlier.as_ref().filter(counts)
    }
}

/// Which log a status list names, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming {
    pub(crate) log: LogHead,
    pub(crate) iat: NumericDate,
    pub(crate) trust_list_seq: u64,
    /// Where the list is in the bundle.
    pub(crate) place: usize,
}

/// Why there is no log that can be used.
pub(crate) enum LogFault {
    /// It is missing or faulty, which proves nothing.
    Missing(Option<Error>),
    /// The office itself signed two logs that contradict each other.
    Alarm(Error),
}

impl From<Error> for LogFault {
    fn from(error: Error) -> Self {
        Self::Missing(Some(error))
    }
}

/// Reads what is signed about the log of a bundle, all but its leaves. `names` are the logs that
/// the bundle's status lists name, of those that can be used; the one that counts is returned.
///
/// Only what both the log's key and a status key have signed can raise the alarm: anybody may have
/// made everything else.
pub(crate) fn read_head(
    bundled: Option<&BundledLog>,
    trust_list: &TrustList,
    names: &[Naming],
    seen: Option<&SeenLog>,
) -> Result<Naming, LogFault> {
    let BundledLog { checkpoint, .. } = bundled.ok_or(LogFault::Missing(None))?;
    let head = checkpoint.head();
    let naming = names.iter().filter(|naming| naming.log == head).max_by_key(|naming| naming.iat);
    let naming = naming.ok_or_else(|| match names.first() {
        Some(other) => Error::LogMismatch { found: head.size, expected: other.log.size },
        None => Error::LogUnnamed { size: head.size },
    })?;
    check_signature(checkpoint, trust_list, naming.iat)?;
    check_size(head, naming, trust_list, that_counts(seen, trust_list))?;
    Ok(*naming)
}

/// Reads the leaves of a log that [`read_head`] has found good. `list` is the status list that
/// names it.
pub(crate) fn read_leaves(
    checkpoint: &SignedCheckpoint,
    leaves: &[LogHash],
    (naming, list): (&Naming, &str),
    trust_list: &TrustList,
    seen: Option<&SeenLog>,
) -> Result<(KnownLog, SeenLog), LogFault> {
    let (head, seen) = (checkpoint.head(), that_counts(seen, trust_list));
    check_leaves(leaves, head, trust_list, seen)?;
    trust_list.log.check_witnesses(checkpoint)?;
    let now_seen =
        SeenLog { checkpoint: checkpoint.clone(), status_list: list.into(), iat: naming.iat };
    let newest = seen.filter(|seen| seen.iat > naming.iat).cloned().unwrap_or(now_seen);
    Ok((KnownLog::new(head, naming.iat, leaves), newest))
}

/// The log that was seen, unless a thief signed it. Otherwise a verifier that was shown a thief's
/// log could never return to the office's, nor learn that the keys are stolen.
fn that_counts<'a>(seen: Option<&'a SeenLog>, trust_list: &TrustList) -> Option<&'a SeenLog> {
    seen.filter(|seen| seen.counts(trust_list))
}

/// Is it signed by a log key that was valid when the status list was signed?
fn check_signature(
    checkpoint: &SignedCheckpoint,
    trust_list: &TrustList,
    at: NumericDate,
) -> Result<(), Error> {
    let mut signed = false;
    for trusted in trust_list.keys.iter().filter(|trusted| trusted.check(KeyUse::Log, at).is_ok()) {
        signed |= checkpoint.is_signed_by(&trust_list.iss, &trusted.key)?;
    }
    if signed { Ok(()) } else { Err(Error::CheckpointUnsigned) }
}

/// Is it as long as it must be? Of two logs the one under the later list is the longer one.
fn check_size(
    head: LogHead,
    naming: &Naming,
    trust_list: &TrustList,
    seen: Option<&SeenLog>,
) -> Result<(), LogFault> {
    let pinned = trust_list.log.head();
    // That two logs of one size differ is visible without their leaves.
    let differs = |known: LogHead| known.size == head.size && known != head;
    if differs(pinned) || seen.is_some_and(|seen| differs(seen.checkpoint.head())) {
        return Err(LogFault::Alarm(Error::LogForked { found: head.size, known: head.size }));
    }
    if head.size < pinned.size {
        // Lists that are older than the trust list may name a shorter log than it pins. Lists of
        // its own time may not.
        let (found, known) = (head.size, pinned.size);
        return Err(if naming.trust_list_seq < trust_list.seq {
            Error::LogOutdated { found, expected: known }.into()
        } else {
            LogFault::Alarm(Error::LogShrunk { found, known })
        });
    }
    let Some(seen) = seen else { return Ok(()) };
    let known = seen.checkpoint.head();
    if head.size < known.size {
        let (found, known) = (head.size, known.size);
        return Err(if naming.iat < seen.iat {
            Error::LogOutdated { found, expected: known }.into()
        } else {
            LogFault::Alarm(Error::LogShrunk { found, known })
        });
    }
    if head.size > known.size && naming.iat < seen.iat {
        return Err(LogFault::Alarm(Error::LogShrunk { found: known.size, known: head.size }));
    }
    Ok(())
}

/// Do the leaves give the root, and the roots that were signed before?
fn check_leaves(
    leaves: &[LogHash],
    head: LogHead,
    trust_list: &TrustList,
    seen: Option<&SeenLog>,
) -> Result<(), LogFault> {
    let earlier: Vec<LogHead> =
        [Some(trust_list.log.head()), seen.map(|seen| seen.checkpoint.head())]
            .into_iter()
            .flatten()
            .collect();
    let mut forked = None;
    let mut frontier = LogFrontier::new();
    let mut pass = |frontier: &LogFrontier| {
        for known in earlier
            .iter()
            .filter(|known| known.size == frontier.size() && **known != frontier.head())
        {
            forked = Some(Error::LogForked { found: head.size, known: known.size });
        }
    };
    pass(&frontier);
    for leaf in leaves {
        frontier.push(*leaf);
        pass(&frontier);
    }
    if frontier.head() != head {
        return Err(Error::LogRoot.into());
    }
    forked.map_or(Ok(()), |error| Err(LogFault::Alarm(error)))
}
