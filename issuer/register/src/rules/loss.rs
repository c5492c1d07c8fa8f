//! What a person lost by revocation or waiver, under any of their numbers, and what follows from it
//! (rule 8).

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    application::{Application, Ground},
    law::{self, EndReason},
    phrase,
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

    /// The first day after the quarantine; none if there is no quarantine. It counts from the
    /// decision, whenever that took effect.
    fn quarantine(&self) -> Option<Quarantine> {
        let decided_on = self.decision.decided_on;
        let row = law::on(&law::QUARANTINE, decided_on);
        // Whether the rule holds for earlier decisions, too, is not settled, nor is whether it holds
        // for a waiver.
        let is_settled = row.is_some() && self.reason == EndReason::Revoked;
        let terms = &row.or(law::QUARANTINE.first())?.value;
        let gravest = match self.gravity {
            Gravity::None => return None,
            Gravity::Ordinary => false,
            Gravity::Gravest => true,
        };
        Some(Quarantine { over: terms.over(decided_on, gravest), gravest, is_settled })
    }
}

/// The time in which a person who lost a right cannot apply for another one.
struct Quarantine {
    /// The first day after it.
    over: CivilDate,
    /// There are no special reasons in the gravest cases.
    gravest: bool,
    /// Whether the law is clear. If not, it warns, and never refuses.
    is_settled: bool,
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
            let (reason, gravity) = match *decision.event.effect() {
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
    state.granted(later).application.basis == Ground::NewAuthorisation
        && loss.seq < grant.seq
        && state.standing_of(later, now.civil_date(), now) != Standing::Annulled
        && state
            .rights_of_person(state.hpr_of(later, grant.recorded_at), grant.recorded_at)
            .iter()
            .any(|right| right.grant == lost.grant)
}

/// Refuses to give back a lost right other than by a new authorisation.
pub(super) fn check_loss(
    application: &Application,
    previous: Option<&Authorisation>,
    loss: &Loss<'_>,
) -> Result<(), RuleError> {
    if application.basis != Ground::NewAuthorisation {
        let rule = match loss.reason {
            EndReason::Revoked => Rule::RevokedNeedsNewAuthorisation,
            _ => Rule::WaivedNeedsNewAuthorisation,
        };
        let basis = application.basis.word();
        let found = phrase!(
            "{reason} from {effective_on} on",
            reason = loss.reason.word(),
            effective_on = loss.decision.effective_on
        );
        return Err(RuleError::new(
            rule,
            found,
            phrase!("the basis `new_authorisation` instead of `{basis}`", basis),
        ));
    }
    if previous.is_none_or(|previous| previous.grant != loss.right.grant) {
        let number = |(number, _): &(CertificateNumber, usize)| number.to_string();
        let lost = loss.right.certificates.last().map_or(String::new(), number);
        return Err(previous_mismatch(
            application,
            phrase!("`{lost}`, the one that was lost last", lost),
        ));
    }
    Ok(())
}

/// Refuses an application that was made before the last of all quarantines was over.
pub(super) fn check_quarantine(
    application: &Application,
    losses: &[Loss<'_>],
) -> Result<(), RuleError> {
    // A loss that was answered by a new authorisation bars nothing any more.
    let unanswered = || losses.iter().filter(|loss| !loss.answered);
    let settled = || unanswered().filter_map(Loss::quarantine).filter(|q| q.is_settled);
    let last = settled().map(|quarantine| quarantine.over).max();
    let Some(applied) = application.applied else {
        return last.map_or(Ok(()), |last| {
            let expected = phrase!("the day of the application, `{last}` or later", last);
            Err(RuleError::new(Rule::ApplicationDateMissing, phrase!("missing"), expected))
        });
    };
    let is_excused = application.special_reasons.is_some();
    match settled()
        .filter(|q| q.gravest || !is_excused)
        .map(|q| q.over)
        .max()
        .filter(|over| applied < *over)
    {
        Some(over) => Err(RuleError::new(
            Rule::QuarantineNotOver,
            applied,
            phrase!("`{over}` or later", over),
        )),
        None => Ok(()),
    }
}

/// Until when a quarantine would bar the application if the law were so, which is not settled.
pub(super) fn unsettled_quarantine(
    application: &Application,
    losses: &[Loss<'_>],
) -> Option<CivilDate> {
    let unanswered = losses.iter().filter(|loss| !loss.answered);
    let unsettled = unanswered.filter_map(Loss::quarantine).filter(|q| !q.is_settled);
    let over = unsettled.map(|quarantine| quarantine.over).max()?;
    (application.applied.unwrap_or(application.decided) < over).then_some(over)
}
