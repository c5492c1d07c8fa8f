//! Appeals (helsepersonelloven § 68): a decision is stayed while one runs, then it stands, falls, or
//! is replaced by a milder one.

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    phrase,
    prose::Phrase,
    rule::{Rule, RuleError},
    rules::{
        common::{has_length, no_other_live},
        suspension::{Suspended, check_terms},
    },
    state::{index::State, standing::ends},
    statements::{event::Event, statement::Statement},
};

/// Rule 12.
pub(super) fn reverse(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    decided_on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let reversible =
        phrase!("a suspension, extension, limitation, instruction, ban, revocation or annulment");
    let reversed = decision(state, number, seq, (Rule::NotReversible, reversible), |event| {
        event.is_appealable() || matches!(event, Event::Annulled { .. })
    })?;
    stands(state, reversed, now)?;
    not_before(reversed, decided_on)?;
    gives_back_alone(state, number, reversed, now)
}

/// Checks that an appeal replaces a decision by a milder one, about the same authorisation.
pub(super) fn check_milder(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    milder: &Event,
) -> Result<(), Error> {
    let reversed = state.statement(seq)?;
    let before = severity(reversed.event.effect());
    let is_milder = severity(milder).zip(before).is_some_and(|(milder, before)| milder < before);
    if !is_milder || !is_about(state, milder, number)? {
        let expected = phrase!(
            "one about `{number}` that is milder than `{effect}`",
            number,
            effect = reversed.event.effect().name()
        );
        return Err(RuleError::new(Rule::NotMilder, milder.name(), expected).into());
    }
    let from = reversed.effective_on;
    match milder {
        Event::Suspended { unapproved_until: Some(_), .. } => {
            let expected = phrase!("a suspension that needs no confirmation");
            Err(RuleError::new(Rule::NotMilder, phrase!("an emergency"), expected).into())
        }
        Event::Limited { until, .. } => {
            Ok(has_length(Rule::LimitationWithoutLength, from, *until)?)
        }
        Event::Instructed { until, .. } => {
            Ok(has_length(Rule::InstructionWithoutLength, from, *until)?)
        }
        event => match Suspended::of(event) {
            Some(suspended) => Ok(check_terms(&suspended, from)?),
            None => Ok(()),
        },
    }
}

/// How much a decision takes from the holder; none for what is no reaction.
fn severity(event: &Event) -> Option<u8> {
    match event {
        Event::Instructed { .. } => Some(1),
        Event::Suspended { limits: Some(_), .. } => Some(2),
        Event::Limited { .. } => Some(3),
        Event::Suspended { .. } => Some(4),
        Event::Revoked { gravest: false, .. } => Some(5),
        Event::Revoked { gravest: true, .. } => Some(6),
        _ => None,
    }
}

/// The appeal was dismissed.
pub(super) fn uphold(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    decided_on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    not_before(appealable(state, number, seq, now)?, decided_on)?;
    if let Some(upheld) = state.upheld(seq, now) {
        let found = phrase!("{seq}, upheld by {upheld}", seq, upheld = upheld.seq);
        return Err(
            RuleError::new(Rule::NotAppealable, found, phrase!("one whose appeal runs")).into()
        );
    }
    Ok(())
}

/// A decision does not apply while the appeal runs.
pub(super) fn stay(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let decision = appealable(state, number, seq, now)?;
    if on < decision.effective_on {
        let expected = phrase!(
            "`{effective_on}`, when it takes effect, or later",
            effective_on = decision.effective_on
        );
        return Err(RuleError::new(Rule::NotAppealable, on, expected).into());
    }
    if state.stays(seq, now).any(|stay| stay.until.is_none_or(|until| on < until)) {
        return Err(RuleError::new(Rule::StayedAlready, seq, phrase!("one that applies")).into());
    }
    gives_back_alone(state, number, decision, now)
}

/// A decision that was stayed applies again.
pub(super) fn end_stay(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    appealable(state, number, seq, now)?;
    match state.stays(seq, now).find(|stay| stay.until.is_none()) {
        Some(stay) if stay.from <= on => Ok(()),
        Some(stay) => {
            let expected = phrase!("`{stay}`, when the stay began, or later", stay = stay.from);
            Err(RuleError::new(Rule::NotStayed, on, expected).into())
        }
        None => {
            Err(RuleError::new(Rule::NotStayed, seq, phrase!("a decision that is stayed")).into())
        }
    }
}

/// The decision that an appeal is about, which stands.
fn appealable(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    now: NumericDate,
) -> Result<&Statement, Error> {
    let appealable = phrase!("a suspension, extension, limitation, instruction, ban or revocation");
    let rule = (Rule::NotAppealable, appealable);
    let decision = decision(state, number, seq, rule, Event::is_appealable)?;
    stands(state, decision, now)?;
    Ok(decision)
}

/// The decision about an authorisation with this number, if it is one of some kinds, which the rule
/// has in words.
fn decision(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    (rule, kinds): (Rule, Phrase),
    is_one: impl Fn(&Event) -> bool,
) -> Result<&Statement, Error> {
    let decision = state.statement(seq)?;
    if !is_one(&decision.event) || !is_about(state, &decision.event, number)? {
        let found = phrase!("{seq}, `{event}`", seq, event = decision.event.name());
        return Err(RuleError::new(
            rule,
            found,
            phrase!("{kinds} about `{number}`", kinds, number),
        )
        .into());
    }
    Ok(decision)
}

/// Refuses a decision that was reversed before.
fn stands(state: &State, decision: &Statement, now: NumericDate) -> Result<(), RuleError> {
    let seq = decision.seq;
    state.reversal(seq, now).map_or(Ok(()), |reversal| {
        let found = phrase!("{seq}, reversed by {reversal}", seq, reversal = reversal.seq);
        Err(RuleError::new(Rule::AlreadyReversed, found, phrase!("one that stands")))
    })
}

/// Refuses to decide on an appeal before the decision that it is about.
fn not_before(decision: &Statement, decided_on: CivilDate) -> Result<(), RuleError> {
    if decided_on < decision.decided_on {
        let expected = phrase!(
            "`{decided_on}`, when it was decided, or later",
            decided_on = decision.decided_on
        );
        return Err(RuleError::new(Rule::ReversedBeforeDecided, decided_on, expected));
    }
    Ok(())
}

/// There may have been a new grant since: what an appeal or a stay gives back must not be live
/// beside it.
fn gives_back_alone(
    state: &State,
    number: CertificateNumber,
    decision: &Statement,
    now: NumericDate,
) -> Result<(), Error> {
    if ends(decision.event.effect()).is_some() {
        no_other_live(state, state.authorisation(number)?, now)?;
    }
    Ok(())
}

/// Whether an event is about the authorisation that this certificate belongs to.
pub(super) fn is_about(
    state: &State,
    event: &Event,
    number: CertificateNumber,
) -> Result<bool, Error> {
    let subject = event.certificate().map(|other| state.authorisation(other)).transpose()?;
    Ok(subject.is_some_and(|subject| {
        state.authorisation(number).is_ok_and(|right| right.grant == subject.grant)
    }))
}
