//! The decisions about an authorisation that exists: each is checked against what the register
//! knows now.

use std::fmt;

use vernet_common::{CertificateNumber, CivilDate, HprNumber, KeyId, NumericDate};

use super::{
    event::Event,
    fold::{Authorisation, Fold},
    standing::Standing,
    suspend::{confirm, extend, lift, suspend},
};
use crate::{
    Error,
    law::EndReason,
    officer::line,
    rule::{Rule, RuleError},
};

/// When it was decided, and from when on it counts.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// The day of the decision.
    pub decided_on: CivilDate,
    /// The first day on which it counts; usually the day of the decision. Of a death it is the day
    /// of death.
    pub effective_on: Option<CivilDate>,
    /// The time at which it is recorded.
    pub now: NumericDate,
}

impl Decision {
    /// Decided today, and counting from today on.
    pub fn today(now: NumericDate) -> Self {
        Self { decided_on: now.civil_date(), effective_on: None, now }
    }
}

/// Checks an event against the rules and tells from when on it counts.
///
/// `effective_on` may be earlier than `decided_on` only for a death, an annulment (which acts from
/// the grant on) and a reversal (which may act from where the reversed decision did).
pub(crate) fn decide(
    fold: &Fold,
    event: Event,
    decision: &Decision,
) -> Result<(CivilDate, Event), Error> {
    let now = decision.now;
    not_in_future(decision.decided_on, now.civil_date())?;
    let effective_on = effective_on(fold, &event, decision)?;
    let subject = event.certificate().map(|number| fold.authorisation(number)).transpose()?;
    if let Some(authorisation) = subject
        && !matches!(event, Event::Alerted { .. })
    {
        not_dead(fold, authorisation.hpr, now)?;
    }
    match &event {
        Event::Suspended { certificate, until, unapproved_until } => {
            suspend(fold, *certificate, (effective_on, *until), *unapproved_until, now)?;
        }
        Event::Confirmed { decision, .. } => confirm(fold, fold.emergency(*decision)?, now)?,
        Event::Extended { certificate, until } => {
            extend(fold, *certificate, (effective_on, *until), decision)?
        }
        Event::Lifted { certificate } => lift(fold, *certificate, effective_on, now)?,
        Event::Limited { certificate, reference, until } => {
            limit(fold, *certificate, effective_on, *until, now)?;
            let reference = line("reference", reference)?;
            return Ok((
                effective_on,
                Event::Limited { certificate: *certificate, reference, until: *until },
            ));
        }
        Event::LimitationLifted { certificate } => {
            lift_limitation(fold, *certificate, effective_on, now)?
        }
        Event::Revoked { certificate, .. } | Event::Waived { certificate, .. } => {
            in_force(fold, fold.authorisation(*certificate)?, effective_on, now)?;
        }
        Event::Annulled { certificate } => {
            if fold.standing(*certificate, effective_on, now)? == Standing::Annulled {
                return Err(
                    RuleError::new(Rule::AnnulledIsVoid, "annulled", "one that is not").into()
                );
            }
        }
        Event::Deceased { certificate } => die(fold, *certificate, effective_on, now.civil_date())?,
        Event::Merged { from, into } => merge(fold, *from, *into, now)?,
        Event::Reversed { certificate, decision: seq } => {
            not_after(Rule::ReversalInFuture, effective_on, now.civil_date())?;
            reverse(fold, *certificate, *seq, decision.decided_on, now)?;
        }
        Event::Alerted { certificate, decision } => alerted(fold, *certificate, *decision)?,
        Event::KeyAdded { key, .. } => {
            let kid = key.kid();
            if key_begins(fold, kid).is_some() || fold.officers().key(kid).is_ok() {
                return Err(Error::KeyKnown { kid });
            }
        }
        Event::KeyRetired { kid, at } => retire(fold, *kid, *at, now)?,
        Event::KeyCompromised { kid, since } => {
            key_begins(fold, *kid).ok_or(Error::KeyUnknown { kid: *kid })?;
            not_after(Rule::KeyCompromisedInFuture, *since, now)?;
        }
        Event::TrustListSigned { seq: found, .. } => {
            let signed = fold.statements().iter().filter_map(|statement| match statement.event {
                Event::TrustListSigned { seq, .. } => Some(seq),
                _ => None,
            });
            if let Some(known) = signed.max().filter(|known| found <= known) {
                return Err(
                    vernet_common::Error::TrustListRolledBack { found: *found, known }.into()
                );
            }
        }
        Event::OfficerEnrolled(enrolment) => {
            fold.officers().check_enrolment(enrolment)?;
            if key_begins(fold, enrolment.key.kid()).is_some() {
                return Err(Error::KeyKnown { kid: enrolment.key.kid() });
            }
        }
        Event::OfficerEnded { kid } => fold.officers().check_end(*kid, now.civil_date())?,
        Event::Founded(_)
        | Event::Proposed(_)
        | Event::Rejected { .. }
        | Event::Granted(_)
        | Event::Reissued(_)
        | Event::Completed { .. }
        | Event::Published { .. }
        | Event::HistoryMade { .. }
        | Event::StatusListOpened { .. } => return Err(Error::NotByHand { event: event.name() }),
    }
    Ok((effective_on, event))
}

pub(crate) fn not_in_future(decided_on: CivilDate, today: CivilDate) -> Result<(), RuleError> {
    not_after(Rule::DecisionInFuture, decided_on, today)
}

fn not_after<T: PartialOrd + fmt::Display>(
    rule: Rule,
    found: T,
    latest: T,
) -> Result<(), RuleError> {
    if found > latest {
        return Err(RuleError::new(rule, found, format!("`{latest}` or earlier")));
    }
    Ok(())
}

/// Refuses a second live right of the person beside this one.
pub(crate) fn no_other_live(
    fold: &Fold,
    authorisation: &Authorisation,
    now: NumericDate,
) -> Result<(), RuleError> {
    let live = fold.rights_of_person(authorisation.hpr, now).into_iter().find(|other| {
        other.grant != authorisation.grant
            && fold.standing_of(other, now.civil_date(), now).is_live()
    });
    match live.and_then(|other| other.certificates.last()) {
        Some((other, _)) => {
            let expected = format!("nobody with a live certificate: end `{other}` first");
            Err(RuleError::new(Rule::AlreadyAuthorised, authorisation.hpr, expected))
        }
        None => Ok(()),
    }
}

/// Nothing is decided about the dead, whatever day it would count from.
pub(crate) fn not_dead(fold: &Fold, hpr: HprNumber, now: NumericDate) -> Result<(), RuleError> {
    match fold.death(hpr, now) {
        Some(death) => {
            let found = format!("deceased on {}", death.effective_on);
            Err(RuleError::new(Rule::DeceasedIsFinal, found, "somebody who lives"))
        }
        None => Ok(()),
    }
}

/// Refuses an authorisation that on a day is neither in force nor suspended.
pub(crate) fn in_force(
    fold: &Fold,
    authorisation: &Authorisation,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), RuleError> {
    let standing = fold.standing_of(authorisation, on, now);
    let (rule, expected) = match standing {
        Standing::Authorised | Standing::WithConditions { .. } | Standing::Suspended { .. } => {
            return Ok(());
        }
        Standing::Ended { reason: EndReason::Revoked, .. } => {
            (Rule::RevokedNeedsNewAuthorisation, "a new authorisation")
        }
        Standing::Ended { reason: EndReason::Waived, .. } => {
            (Rule::WaivedNeedsNewAuthorisation, "a new authorisation")
        }
        Standing::Annulled => (Rule::AnnulledIsVoid, "one that is not"),
        Standing::Deceased { .. } => (Rule::DeceasedIsFinal, "somebody who lives"),
        Standing::NotYet | Standing::Ended { .. } | Standing::Lapsed { .. } => {
            return Err(RuleError::new(
                Rule::AuthorisationNotInForce,
                standing.code(),
                format!("in force on `{on}`"),
            ));
        }
    };
    Err(RuleError::new(rule, standing.code(), expected))
}

fn effective_on(fold: &Fold, event: &Event, decision: &Decision) -> Result<CivilDate, Error> {
    let decided_on = decision.decided_on;
    let earliest = match event {
        Event::Annulled { certificate } => {
            let granted = fold.right(fold.authorisation(*certificate)?).granted;
            return match decision.effective_on {
                Some(day) if day != granted => {
                    let expected = format!("`{granted}`, the grant date");
                    Err(RuleError::new(Rule::AnnulledFromTheStart, day, expected).into())
                }
                _ => Ok(granted),
            };
        }
        Event::Deceased { .. } => return Ok(decision.effective_on.unwrap_or(decided_on)),
        Event::Reversed { decision: seq, .. } => {
            let reversed = fold.statement(*seq)?;
            // An annulment that falls was never there either.
            if matches!(reversed.event, Event::Annulled { .. }) {
                return Ok(reversed.effective_on);
            }
            decided_on.min(reversed.effective_on)
        }
        _ => decided_on,
    };
    let day = decision.effective_on.unwrap_or(decided_on);
    if day < earliest {
        return Err(RuleError::new(
            Rule::EffectiveBeforeDecided,
            day,
            format!("`{earliest}` or later"),
        )
        .into());
    }
    Ok(day)
}

fn limit(
    fold: &Fold,
    number: CertificateNumber,
    from: CivilDate,
    until: Option<CivilDate>,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = fold.authorisation(number)?;
    in_force(fold, authorisation, from, now)?;
    if let Some(until) = until.filter(|until| *until <= from) {
        let expected = format!("a day after `{from}`, the effective date");
        return Err(RuleError::new(Rule::LimitationWithoutLength, until, expected).into());
    }
    let before = |a: CivilDate, b: Option<CivilDate>| b.is_none_or(|b| a < b);
    let other = fold.limitations(authorisation, from, now).into_iter().find(|other| {
        before(other.from, other.until) && before(other.from, until) && before(from, other.until)
    });
    match other {
        Some(other) => {
            let expected = format!("none beside `{}`: lift it on `{from}` first", other.reference);
            Err(RuleError::new(Rule::LimitationOverlaps, from, expected).into())
        }
        None => Ok(()),
    }
}

fn lift_limitation(
    fold: &Fold,
    number: CertificateNumber,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = fold.authorisation(number)?;
    in_force(fold, authorisation, on, now)?;
    if fold.limitations(authorisation, on, now).iter().any(|limitation| limitation.covers(on)) {
        return Ok(());
    }
    let found = fold.standing_of(authorisation, on, now);
    let expected =
        format!("one with a limitation decided later than the grant and in force on `{on}`");
    Err(RuleError::new(Rule::LimitationNotInForce, found.code(), expected).into())
}

fn die(
    fold: &Fold,
    number: CertificateNumber,
    on: CivilDate,
    today: CivilDate,
) -> Result<(), Error> {
    not_after(Rule::DeathInFuture, on, today)?;
    let birthdate = fold.grant(number)?.application.birthdate;
    if on < birthdate {
        let expected = format!("`{birthdate}`, the birthdate, or later");
        return Err(RuleError::new(Rule::DeathBeforeBirth, on, expected).into());
    }
    Ok(())
}

/// Rule 10.
fn merge(fold: &Fold, from: HprNumber, into: HprNumber, now: NumericDate) -> Result<(), Error> {
    if fold.numbers_of_person(from, now).contains(&into) && fold.successor(into, now) == from {
        let expected = format!("a number that does not lead to `{from}` itself");
        return Err(RuleError::new(Rule::MergeCycle, into, expected).into());
    }
    for number in [from, into] {
        let successor = fold.successor(number, now);
        if successor != number {
            return Err(RuleError::new(
                Rule::HprMerged,
                number,
                format!("its successor `{successor}`"),
            )
            .into());
        }
        // A death counts under every number, so a merge with a dead person would end the right of a
        // living one.
        not_dead(fold, number, now)?;
    }
    let (old, new) = (fold.rights_of_person(from, now), fold.rights_of_person(into, now));
    let Some(right) = old.first() else {
        return Err(RuleError::new(Rule::HprUnknown, from, "a number in the register").into());
    };
    let birthdate = |right: &Authorisation| fold.granted(right).application.birthdate;
    if let Some(other) = new.first().filter(|other| birthdate(other) != birthdate(right)) {
        let expected = format!("`{}`, as registered with `{into}`", birthdate(other));
        return Err(RuleError::new(Rule::BirthdateDiffers, birthdate(right), expected).into());
    }
    let today = now.civil_date();
    let live = |rights: &[&Authorisation]| {
        rights.iter().any(|right| fold.standing_of(right, today, now).is_live())
    };
    if live(&old) && live(&new) {
        let found = format!("{from} into {into}");
        let expected = "at most one of them with a live certificate: end the other one first";
        return Err(RuleError::new(Rule::MergeOfTwoAuthorised, found, expected).into());
    }
    Ok(())
}

/// Rule 12.
fn reverse(
    fold: &Fold,
    number: CertificateNumber,
    seq: u64,
    decided_on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let reversed = fold.statement(seq)?;
    let same = reversed.event.certificate().map(|other| fold.authorisation(other)).transpose()?;
    let same = same.is_some_and(|same| {
        fold.authorisation(number).is_ok_and(|right| right.grant == same.grant)
    });
    let reversible = matches!(
        reversed.event,
        Event::Suspended { .. }
            | Event::Extended { .. }
            | Event::Limited { .. }
            | Event::Revoked { .. }
            | Event::Waived { .. }
            | Event::Annulled { .. }
    );
    if !reversible || !same {
        let found = format!("{seq}, `{}`", reversed.event.name());
        let expected = format!(
            "a suspension, extension, limitation, revocation, waiver or annulment about `{number}`"
        );
        return Err(RuleError::new(Rule::NotReversible, found, expected).into());
    }
    if let Some(reversal) = fold.reversal(seq, now) {
        let found = format!("{seq}, reversed by {}", reversal.seq);
        return Err(RuleError::new(Rule::AlreadyReversed, found, "one that stands").into());
    }
    if decided_on < reversed.decided_on {
        let expected = format!("`{}`, when it was decided, or later", reversed.decided_on);
        return Err(RuleError::new(Rule::ReversedBeforeDecided, decided_on, expected).into());
    }
    // The decision may have been followed by a new grant, which the appeal must not put beside the
    // old one.
    if super::standing::ends(&reversed.event).is_some() {
        no_other_live(fold, fold.authorisation(number)?, now)?;
    }
    Ok(())
}

/// Rule 13.
fn alerted(fold: &Fold, number: CertificateNumber, seq: u64) -> Result<(), Error> {
    let decision = fold.statement(seq)?;
    let about = decision.event.certificate().map(|other| fold.authorisation(other)).transpose()?;
    let same = about.is_some_and(|about| {
        fold.authorisation(number).is_ok_and(|right| right.grant == about.grant)
    });
    if !same || !super::due::is_alerted(&decision.event) || fold.was_alerted(seq) {
        let found = format!("{seq}, `{}`", decision.event.name());
        let expected = format!(
            "a suspension, extension, limitation or revocation of `{number}`, not alerted yet"
        );
        return Err(RuleError::new(Rule::AlertNotDue, found, expected).into());
    }
    Ok(())
}

fn retire(fold: &Fold, kid: KeyId, at: NumericDate, now: NumericDate) -> Result<(), Error> {
    let begins = key_begins(fold, kid).ok_or(Error::KeyUnknown { kid })?;
    if at < now {
        return Err(RuleError::new(Rule::KeyRetiredInPast, at, format!("`{now}` or later")).into());
    }
    if at <= begins {
        let expected = format!("a time after `{begins}`, when the key begins");
        return Err(RuleError::new(Rule::KeyRetiredBeforeItBegan, at, expected).into());
    }
    Ok(())
}

/// From when on a key may sign, if the register knows it.
fn key_begins(fold: &Fold, kid: KeyId) -> Option<NumericDate> {
    match fold.key_added(kid)?.event {
        Event::KeyAdded { not_before, .. } => Some(not_before),
        _ => None,
    }
}
