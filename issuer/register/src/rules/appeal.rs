//! Appeals (helsepersonelloven § 68): a decision is stayed while one runs, then it stands, falls, or
//! is replaced by a milder one.

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    rule::{Rule, RuleError},
    rules::{
        common::no_other_live,
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
    let reversed = state.statement(seq)?;
    let is_reversible =
        reversed.event.is_appealable() || matches!(reversed.event, Event::Annulled { .. });
    if !is_reversible || !is_about(state, reversed, number)? {
        let found = format!("{seq}, `{}`", reversed.event.name());
        let expected = format!(
            "a suspension, extension, limitation, instruction, ban, revocation or annulment about `{number}`"
        );
        return Err(RuleError::new(Rule::NotReversible, found, expected).into());
    }
    if let Some(reversal) = state.reversal(seq, now) {
        let found = format!("{seq}, reversed by {}", reversal.seq);
        return Err(RuleError::new(Rule::AlreadyReversed, found, "one that stands").into());
    }
    if decided_on < reversed.decided_on {
        let expected = format!("`{}`, when it was decided, or later", reversed.decided_on);
        return Err(RuleError::new(Rule::ReversedBeforeDecided, decided_on, expected).into());
    }
    // There may have been a new grant since. The appeal must not make the old right live beside it.
    if ends(reversed.event.effect()).is_some() {
        no_other_live(state, state.authorisation(number)?, now)?;
    }
    Ok(())
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
    let same = milder.certificate().map(|other| state.authorisation(other)).transpose()?;
    let is_same = same.is_some_and(|same| {
        state.authorisation(number).is_ok_and(|right| right.grant == same.grant)
    });
    if !is_milder || !is_same {
        let expected = format!(
            "one about `{number}` that is milder than `{}`",
            reversed.event.effect().name()
        );
        return Err(RuleError::new(Rule::NotMilder, milder.name(), expected).into());
    }
    let from = reversed.effective_on;
    match milder {
        Event::Suspended { unapproved_until: Some(_), .. } => {
            let expected = "a suspension that needs no confirmation";
            Err(RuleError::new(Rule::NotMilder, "an emergency", expected).into())
        }
        Event::Limited { until: Some(until), .. } if *until <= from => {
            let expected = format!("a day after `{from}`, the effective date");
            Err(RuleError::new(Rule::LimitationWithoutLength, until, expected).into())
        }
        Event::Instructed { until: Some(until), .. } if *until <= from => {
            let expected = format!("a day after `{from}`, the effective date");
            Err(RuleError::new(Rule::InstructionWithoutLength, until, expected).into())
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
    let decision = appealable(state, number, seq, now)?;
    if decided_on < decision.decided_on {
        let expected = format!("`{}`, when it was decided, or later", decision.decided_on);
        return Err(RuleError::new(Rule::ReversedBeforeDecided, decided_on, expected).into());
    }
    if let Some(upheld) = state.upheld(seq, now) {
        let found = format!("{seq}, upheld by {}", upheld.seq);
        return Err(RuleError::new(Rule::NotAppealable, found, "one whose appeal runs").into());
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
        let expected = format!("`{}`, when it takes effect, or later", decision.effective_on);
        return Err(RuleError::new(Rule::NotAppealable, on, expected).into());
    }
    if state.stays(seq, now).any(|stay| stay.until.is_none_or(|until| on < until)) {
        return Err(RuleError::new(Rule::StayedAlready, seq, "one that applies").into());
    }
    // What was given back by a stay must not be live beside a new grant.
    if ends(decision.event.effect()).is_some() {
        no_other_live(state, state.authorisation(number)?, now)?;
    }
    Ok(())
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
            let expected = format!("`{}`, when the stay began, or later", stay.from);
            Err(RuleError::new(Rule::NotStayed, on, expected).into())
        }
        None => Err(RuleError::new(Rule::NotStayed, seq, "a decision that is stayed").into()),
    }
}

/// The decision that an appeal is about, which stands.
fn appealable(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    now: NumericDate,
) -> Result<&Statement, Error> {
    let decision = state.statement(seq)?;
    if !decision.event.is_appealable() || !is_about(state, decision, number)? {
        let found = format!("{seq}, `{}`", decision.event.name());
        let expected = format!(
            "a suspension, extension, limitation, instruction, ban or revocation about `{number}`"
        );
        return Err(RuleError::new(Rule::NotAppealable, found, expected).into());
    }
    if let Some(reversal) = state.reversal(seq, now) {
        let found = format!("{seq}, reversed by {}", reversal.seq);
        return Err(RuleError::new(Rule::AlreadyReversed, found, "one that stands").into());
    }
    Ok(decision)
}

/// Whether a statement is about the authorisation that this certificate belongs to.
pub(super) fn is_about(
    state: &State,
    statement: &Statement,
    number: CertificateNumber,
) -> Result<bool, Error> {
    let subject =
        statement.event.certificate().map(|other| state.authorisation(other)).transpose()?;
    Ok(subject.is_some_and(|subject| {
        state.authorisation(number).is_ok_and(|right| right.grant == subject.grant)
    }))
}
