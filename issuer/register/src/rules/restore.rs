//! To take back what was lost with the newest register from the last publication.

use vernet_common::{CertificateHash, LogFrontier, NumericDate};

use crate::{
    error::Error,
    state::index::{MAX_LEAD_S, State},
    statements::restored::Restored,
};

/// Checks that what is taken back belongs to this register and follows on it.
///
/// Whether the publication says it is not for the register to know: the office checks that, before
/// it proposes and before it approves.
pub(super) fn restore(state: &State, restored: &Restored, now: NumericDate) -> Result<(), Error> {
    restored.check()?;
    if restored.is_empty() {
        return Err(Error::NothingLost);
    }
    let log = state.log();
    let published = restored.log;
    let forked = Error::RestoreForked { found: log.head().size, published: published.size };
    let mut whole = LogFrontier::new();
    log.tree().leaves().iter().for_each(|leaf| whole.push(*leaf));
    restored.certificates.iter().map(CertificateHash::leaf).for_each(|leaf| whole.push(leaf));
    let follows = match restored.certificates.is_empty() {
        true => log.tree().head_at(published.size) == Some(published),
        false => whole.head() == published,
    };
    if restored.before != log.head() || !follows {
        return Err(forked);
    }
    // Later lists must be dated after it.
    match restored.lists.iter().map(|list| list.iat).max() {
        Some(known) if known.seconds_since(now) > MAX_LEAD_S => {
            Err(Error::ClockBehind { found: now, what: "the publication", known })
        }
        _ => Ok(()),
    }
}
