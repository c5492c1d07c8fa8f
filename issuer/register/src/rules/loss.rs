//! What a person lost by revocation or waiver, under any of their numbers, and what follows from it
//! (rule 8).

use vernet_common::{Basis, CertificateNumber, CivilDate, NumericDate};

use crate::{
    application::{Application, basis_word},
    law::EndReason,
    office_data::{OfficeData, Quarantine},
    rule::{Rule, RuleError},
    rules::common::previous_mismatch,
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
    statements::{event::Event, statement::Statement},
};

/// A revocation or waiver that was not reversed.
pub(crate) struct Loss<'a> {
    decision: &'a Statement,
    right: &'a Authorisation,
    reason: EndReason,
    gravity: Gravity,
    /// Whether a new authorisation was granted since.
    pub(crate) answered: bool,
}

#[derive(Clone, Copy)]
enum Gravity {
    None,
    Ordinary,
    Gravest,
}

impl Loss<'_> {
    /// A sort key: greater for a later loss.
    pub(super) fn last(&self) -> (CivilDate, u64) {
        (self.decision.effective_on, self.decision.seq)
    }

    /// The first day after the quarantine; none if there is no quarantine.
    fn quarantine_over(&self, quarantine: &Quarantine) -> Option<CivilDate> {
        let years = match self.gravity {
            Gravity::None => return None,
            Gravity::Ordinary => quarantine.years,
            Gravity::Gravest => quarantine.gravest_years,
        };
        let applies = self.decision.decided_on >= quarantine.effective_from;
        applies.then(|| self.decision.effective_on.plus_years(years))
    }
}

/// Every loss of these rights of a person that was not reversed. That includes a second loss of the
/// same right, one that has not taken effect yet, and one of a right that was annulled afterwards.
pub(super) fn losses<'a>(
    state: &'a State,
    rights: &[&'a Authorisation],
    now: NumericDate,
) -> Vec<Loss<'a>> {
    let today = now.civil_date();
    let mut losses = Vec::new();
    for &right in rights {
        for decision in state.counting(right, today, now) {
            let (reason, gravity) = match decision.event {
                Event::Revoked { gravest: true, .. } => (EndReason::Revoked, Gravity::Gravest),
                Event::Revoked { gravest: false, .. } => (EndReason::Revoked, Gravity::Ordinary),
                Event::Waived { during_supervision: true, .. } => {
                    (EndReason::Waived, Gravity::Ordinary)
                }
                Event::Waived { during_supervision: false, .. } => {
                    (EndReason::Waived, Gravity::None)
                }
                _ => continue,
            };
            let answered = rights.iter().any(|later| answers(state, later, right, decision, now));
            losses.push(Loss { decision, right, reason, gravity, answered });
        }
    }
    losses
}

/// Whether a right is a new authorisation that was granted when the loss of another one was known.
/// An annulled one does not count.
fn answers(
    state: &State,
    later: &Authorisation,
    lost: &Authorisation,
    loss: &Statement,
    now: NumericDate,
) -> bool {
    let grant = state.at(later.grant);
    state.right(later).basis == Basis::NewAuthorisation
        && loss.seq < grant.seq
        && state.standing_of(later, now.civil_date(), now) != Standing::Annulled
        && state
            .rights_of_person(later.hpr, grant.recorded_at)
            .iter()
            .any(|right| right.grant == lost.grant)
}

/// Refuses to give back a lost right other than by a new authorisation.
pub(super) fn check_loss(
    application: &Application,
    previous: Option<&Authorisation>,
    loss: &Loss<'_>,
) -> Result<(), RuleError> {
    if application.basis != Basis::NewAuthorisation {
        let rule = match loss.reason {
            EndReason::Revoked => Rule::RevokedNeedsNewAuthorisation,
            _ => Rule::WaivedNeedsNewAuthorisation,
        };
        let basis = basis_word(application.basis);
        let found = format!("{} from {} on", loss.reason.word(), loss.decision.effective_on);
        return Err(RuleError::new(
            rule,
            found,
            format!("the basis `new_authorisation` instead of `{basis}`"),
        ));
    }
    if previous.is_none_or(|previous| previous.grant != loss.right.grant) {
        let number = |(number, _): &(CertificateNumber, usize)| number.to_string();
        let lost = loss.right.certificates.last().map_or(String::new(), number);
        return Err(previous_mismatch(
            application,
            &format!("`{lost}`, the one that was lost last"),
        ));
    }
    Ok(())
}

/// Refuses a grant before the last of all quarantines is over.
pub(super) fn check_quarantine(
    office: &OfficeData,
    application: &Application,
    losses: &[Loss<'_>],
) -> Result<(), RuleError> {
    let Some(quarantine) = &office.quarantine else { return Ok(()) };
    match losses.iter().filter_map(|loss| loss.quarantine_over(quarantine)).max() {
        Some(over) if application.granted < over => Err(RuleError::new(
            Rule::QuarantineNotOver,
            application.granted,
            format!("`{over}` or later"),
        )),
        _ => Ok(()),
    }
}
