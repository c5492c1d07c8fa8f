//! Who is told of decisions (helsepersonelloven § 66).

use vernet_common::{CertificateNumber, NumericDate};

use crate::{
    error::Error,
    phrase,
    rule::{Rule, RuleError},
    rules::appeal::is_about,
    state::index::State,
    statements::event::Notice,
};

/// Rule 13.
pub(super) fn notify(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    notice: Notice,
    now: NumericDate,
) -> Result<(), Error> {
    let decision = state.statement(seq)?;
    let is_due = decision.event.is_notified()
        && is_about(state, &decision.event, number)?
        && (notice.begun_by().is_none() || state.end_of(decision, now).is_some());
    if !is_due || state.notified(seq, notice).is_some() {
        let found = phrase!("{seq}, `{event}`", seq, event = decision.event.name());
        let expected = match notice.begun_by() {
            Some(_) => phrase!(
                "a reaction about `{number}` that ended, and whose end nobody was told of yet",
                number
            ),
            None => phrase!(
                "a reaction about `{number}` or a waiver that they were not told of yet",
                number
            ),
        };
        return Err(RuleError::new(Rule::NoticeNotDue, found, expected).into());
    }
    Ok(())
}
