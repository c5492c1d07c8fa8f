//! Checks that several rules share.

use std::fmt;

use vernet_common::{CivilDate, HprNumber, NumericDate};

use crate::{
    application::Application,
    law::EndReason,
    phrase,
    prose::{Phrase, ToPhrase},
    rule::{Rule, RuleError},
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
};

/// When something was decided, and from when it takes effect.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// The day of the decision.
    pub decided_on: CivilDate,
    /// The first day on which it takes effect; usually the day of the decision. For a death it is
    /// the day of death.
    pub effective_on: Option<CivilDate>,
    /// The time at which it is recorded.
    pub now: NumericDate,
}

impl Decision {
    /// Decided today, with effect from today.
    pub fn today(now: NumericDate) -> Self {
        Self { decided_on: now.civil_date(), effective_on: None, now }
    }
}

pub(super) fn not_in_future(decided_on: CivilDate, today: CivilDate) -> Result<(), RuleError> {
    not_after(Rule::DecisionInFuture, decided_on, today)
}

pub(super) fn not_after<T: PartialOrd + fmt::Display>(
    rule: Rule,
    found: T,
    latest: T,
) -> Result<(), RuleError> {
    if found > latest {
        return Err(RuleError::new(rule, found, phrase!("`{latest}` or earlier", latest)));
    }
    Ok(())
}

/// Refuses what ends before it has begun.
pub(super) fn has_length(
    rule: Rule,
    from: CivilDate,
    until: Option<CivilDate>,
) -> Result<(), RuleError> {
    match until {
        Some(until) if until <= from => {
            let expected = phrase!("a day after `{from}`, the effective date", from);
            Err(RuleError::new(rule, until, expected))
        }
        _ => Ok(()),
    }
}

/// Refuses if the person has another live right for the same title.
pub(super) fn no_other_live(
    state: &State,
    authorisation: &Authorisation,
    now: NumericDate,
) -> Result<(), RuleError> {
    let title = state.title_of(authorisation);
    let hpr = state.hpr_of(authorisation, now);
    let live = state.rights_of_title(hpr, title, now).into_iter().find(|other| {
        other.grant != authorisation.grant
            && state.standing_of(other, now.civil_date(), now).is_live()
    });
    match live.and_then(|other| other.certificates.last()) {
        Some((other, _)) => {
            let expected = phrase!("nobody with a live certificate: end `{other}` first", other);
            Err(RuleError::new(Rule::AlreadyAuthorised, hpr, expected))
        }
        None => Ok(()),
    }
}

/// Refuses any decision about a dead person, whatever its effective date.
pub(super) fn not_dead(state: &State, hpr: HprNumber, now: NumericDate) -> Result<(), RuleError> {
    match state.death(hpr, now) {
        Some(death) => {
            let found = phrase!("deceased on {effective_on}", effective_on = death.effective_on);
            Err(RuleError::new(Rule::DeceasedIsFinal, found, phrase!("somebody who lives")))
        }
        None => Ok(()),
    }
}

/// Refuses an authorisation that is neither in force nor suspended on a day.
pub(super) fn in_force(
    state: &State,
    authorisation: &Authorisation,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), RuleError> {
    let standing = state.standing_of(authorisation, on, now);
    let (rule, expected) = match standing {
        Standing::Authorised | Standing::WithConditions { .. } | Standing::Suspended { .. } => {
            return Ok(());
        }
        Standing::Ended { reason: EndReason::Revoked, .. } => {
            (Rule::RevokedNeedsNewAuthorisation, phrase!("a new authorisation"))
        }
        Standing::Ended { reason: EndReason::Waived, .. } => {
            (Rule::WaivedNeedsNewAuthorisation, phrase!("a new authorisation"))
        }
        Standing::Annulled => (Rule::AnnulledIsVoid, phrase!("one that is not")),
        Standing::Deceased { .. } => (Rule::DeceasedIsFinal, phrase!("somebody who lives")),
        Standing::NotYet | Standing::Ended { .. } | Standing::Lapsed { .. } => {
            return Err(RuleError::new(
                Rule::AuthorisationNotInForce,
                standing.code(),
                phrase!("in force on `{on}`", on),
            ));
        }
    };
    Err(RuleError::new(rule, standing.code(), expected))
}

pub(super) fn previous_mismatch(application: &Application, expected: Phrase) -> RuleError {
    let found =
        application.previous_certificate.map_or_else(|| phrase!("none"), |number| number.said());
    RuleError::new(Rule::PreviousCertificateMismatch, found, expected)
}
