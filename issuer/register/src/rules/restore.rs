//! To take back what was lost with the newest register from the last publication.

use vernet_common::{CertificateClaims, CertificateHash, LogFrontier, NumericDate, Signed};

use crate::{
    error::Error,
    state::index::{MAX_LEAD_S, State},
    statements::restored::Restored,
};

/// Refuses to revoke as lost what was not lost, or is invalid already. That the office issued it need
/// not be checked: its hash is in the log that was published.
pub(super) fn revoke_lost(state: &State, jws: &str) -> Result<(), Error> {
    let slot = state.lost_slot(jws).ok_or_else(|| {
        let claims = Signed::<CertificateClaims>::parse(jws).and_then(|it| it.unverified_claims());
        let known = claims.ok().map(|claims| claims.certificate_number);
        let known = known.filter(|number| state.certificate(*number).is_ok());
        Error::CertificateNotLost { known }
    })?;
    match state.is_lost_revoked(slot) {
        true => Err(Error::LostRevokedBefore),
        false => Ok(()),
    }
}

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
