//! What other states are informed of about a person's past: the reactions, without reasons.

use vernet_common::{CertificateNumber, CivilDate, NumericDate, Reaction, ReactionKind};

use crate::{error::Error, law::EndReason, state::index::State};

impl State {
    /// The reactions against every authorisation that the holder of a certificate ever had, in
    /// order of their first days, as known at an instant: suspensions, limitations, revocations and
    /// waivers that had begun by a day and were not reversed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn reactions(
        &self,
        number: CertificateNumber,
        on: CivilDate,
        now: NumericDate,
    ) -> Result<Vec<Reaction>, Error> {
        let hpr = self.certificate(number)?.claims.hpr_number;
        let mut reactions = Vec::new();
        for right in self.rights_of_person(hpr, now) {
            let ending = self.ending(right, on, now);
            // Suspensions and limitations end with the authorisation.
            let end = ending.map(|(decision, _)| decision.effective_on);
            let first = |until: Option<CivilDate>| until.into_iter().chain(end).min();
            // What was lost is told for as long as nobody has decided anew; then that is.
            let suspensions = self.suspensions(right, on, now).into_iter();
            let suspensions = suspensions.filter(|s| !s.restored || s.covers(on));
            let suspensions = suspensions.map(|s| {
                // A limited suspension limits the right, as a limitation does.
                let kind = match s.limits {
                    Some(_) => ReactionKind::Limitation,
                    None => ReactionKind::Suspension,
                };
                (kind, s.from, first(s.until))
            });
            let limitations = self.limitations(right, on, now).into_iter();
            let limitations = limitations.filter(|l| !l.restored || l.covers(on));
            let limitations =
                limitations.map(|l| (ReactionKind::Limitation, l.from, first(l.until)));
            let ended = ending.and_then(|(decision, reason)| match reason {
                EndReason::Revoked => Some((ReactionKind::Revocation, decision.effective_on, None)),
                EndReason::Waived => Some((ReactionKind::Waiver, decision.effective_on, None)),
                // Annulled, or replaced by another authorisation.
                EndReason::Annulled | EndReason::Ended => None,
            });
            let of_right = suspensions.chain(limitations).chain(ended);
            // A reaction that was lifted on its first day, or has not begun, had no effect.
            let had_effect = of_right
                .filter(|(_, from, until)| *from <= on && until.is_none_or(|until| *from < until));
            reactions.extend(had_effect.map(|(kind, from, until)| Reaction { kind, from, until }));
        }
        reactions.sort_by_key(|reaction| reaction.from);
        Ok(reactions)
    }
}
