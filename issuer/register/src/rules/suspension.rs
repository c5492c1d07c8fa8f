//! The decisions about a suspension: to suspend, to confirm, to extend, to lift.

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    law,
    rule::{Rule, RuleError},
    rules::common::{Decision, in_force},
    state::{
        index::{Authorisation, State},
        standing::Suspension,
    },
    statements::{event::Event, statement::Statement},
};

/// The longest that one officer can suspend alone, whatever the office's settings say.
pub const MAX_EMERGENCY_DAYS: i32 = 31;

pub(crate) fn suspend(
    state: &State,
    number: CertificateNumber,
    from: CivilDate,
    until: CivilDate,
    unapproved_until: Option<CivilDate>,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = state.authorisation(number)?;
    in_force(state, authorisation, from, now)?;
    if let Some(end) = unapproved_until {
        emergency(state, authorisation, from, end, now)?;
    }
    if until <= from {
        let expected = format!("a day after `{from}`, the effective date");
        return Err(RuleError::new(Rule::SuspensionWithoutLength, until, expected).into());
    }
    let latest = from.plus_months(suspension_term(from).months);
    if until > latest {
        return Err(RuleError::new(
            Rule::SuspensionTooLong,
            until,
            format!("`{latest}` or earlier"),
        )
        .into());
    }
    no_other_suspension(state, authorisation, from, until, now)?;
    not_for_ever(&state.suspensions(authorisation, from, now), from, until)
}

/// Limits a suspension by one officer alone to a short time and to one at a time: an officer who
/// could start a new one each week would need nobody's consent.
fn emergency(
    state: &State,
    authorisation: &Authorisation,
    from: CivilDate,
    end: CivilDate,
    now: NumericDate,
) -> Result<(), RuleError> {
    let latest = now.civil_date().plus_days(MAX_EMERGENCY_DAYS);
    if end <= from || end > latest {
        let expected = format!("after `{from}`, the effective date, and `{latest}` or earlier");
        return Err(RuleError::new(Rule::EmergencyTooLong, end, expected));
    }
    let unconfirmed = |decision: &&Statement| {
        matches!(decision.event, Event::Suspended { unapproved_until: Some(_), .. })
            && !state.is_confirmed(decision.seq, now)
    };
    match state.counting(authorisation, from, now).find(unconfirmed) {
        Some(other) => {
            let found = format!("the second after statement {}, which nobody confirmed", other.seq);
            Err(RuleError::new(
                Rule::EmergencyRepeated,
                found,
                "a proposal that another officer approves",
            ))
        }
        None => Ok(()),
    }
}

/// Another officer confirms a suspension that is still in force. It then lasts until its own end.
pub(crate) fn confirm(state: &State, decision: &Statement, now: NumericDate) -> Result<(), Error> {
    let today = now.civil_date();
    let Event::Suspended { certificate, until, unapproved_until: Some(end) } = decision.event
    else {
        return Err(Error::ProposalUnknown { seq: decision.seq });
    };
    let authorisation = state.authorisation(certificate)?;
    in_force(state, authorisation, today, now)?;
    let suspensions = state.suspensions(authorisation, today, now);
    let from = decision.effective_on;
    let stands = |other: &Suspension| other.unapproved == Some(decision.seq) && !other.lifted;
    if today >= end || !suspensions.iter().any(stands) {
        let expected = "a suspension that still holds: propose an ordinary one";
        return Err(
            RuleError::new(Rule::EmergencyOver, format!("over since {end}"), expected).into()
        );
    }
    let others: Vec<_> = suspensions.into_iter().filter(|other| !stands(other)).collect();
    if let Some(other) = others.iter().find(|other| overlap(other, from, until)) {
        return Err(overlapping(other, from, until).into());
    }
    not_for_ever(&others, from, until)
}

pub(crate) fn extend(
    state: &State,
    number: CertificateNumber,
    on: CivilDate,
    until: CivilDate,
    decision: &Decision,
) -> Result<(), Error> {
    let now = decision.now;
    let authorisation = state.authorisation(number)?;
    in_force(state, authorisation, on, now)?;
    let suspensions = state.suspensions(authorisation, on, now);
    let current = suspensions
        .iter()
        .find(|suspension| suspension.covers(on))
        .ok_or_else(|| not_suspended(on))?;
    // A lifted suspension is over, whatever days the extension names.
    if current.lifted {
        let found = format!("lifted from {} on", current.until);
        return Err(RuleError::new(
            Rule::SuspensionNotInForce,
            found,
            "a suspension that was not lifted",
        )
        .into());
    }
    if current.unapproved.is_some() {
        let expected = "one that another officer confirmed";
        return Err(RuleError::new(
            Rule::SuspensionNotInForce,
            "a suspension in an emergency",
            expected,
        )
        .into());
    }
    if !current.covers(decision.decided_on) {
        return Err(not_suspended(decision.decided_on).into());
    }
    let term = suspension_term(current.from);
    if current.extensions >= term.extensions {
        let found = format!("{} to {}, extended before", current.from, current.until);
        return Err(RuleError::new(
            Rule::SuspensionExtendedTwice,
            found,
            "one that was not extended",
        )
        .into());
    }
    if until <= current.until {
        let expected = format!("a day after `{}`, the present end", current.until);
        return Err(RuleError::new(Rule::SuspensionWithoutLength, until, expected).into());
    }
    let latest = current.until.plus_months(term.extension_months);
    if until > latest {
        return Err(RuleError::new(
            Rule::SuspensionTooLong,
            until,
            format!("`{latest}` or earlier"),
        )
        .into());
    }
    no_other_suspension(state, authorisation, current.until, until, now)?;
    not_for_ever(&suspensions, current.from, until)
}

/// Limits consecutive suspensions: those with at most one day between them count as one, and
/// together last no longer than one suspension with its extensions.
fn not_for_ever(others: &[Suspension], from: CivilDate, until: CivilDate) -> Result<(), Error> {
    let (mut first, mut end) = (from, until);
    let grows = |other: &&Suspension, first: CivilDate, end: CivilDate| {
        let touches = other.from <= end.plus_days(1) && first <= other.until.plus_days(1);
        other.from < other.until && touches && (other.from < first || end < other.until)
    };
    while let Some(other) = others.iter().find(|other| grows(other, first, end)) {
        (first, end) = (first.min(other.from), end.max(other.until));
    }
    let term = suspension_term(first);
    let latest = (0..term.extensions).fold(first.plus_months(term.months), |latest, _| {
        latest.plus_months(term.extension_months)
    });
    if end > latest {
        let expected = format!(
            "`{latest}` or earlier: what follows on a suspension within a day counts from `{first}` on"
        );
        return Err(RuleError::new(Rule::SuspensionTooLong, end, expected).into());
    }
    Ok(())
}

fn no_other_suspension(
    state: &State,
    authorisation: &Authorisation,
    from: CivilDate,
    until: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let suspensions = state.suspensions(authorisation, from, now);
    match suspensions.iter().find(|other| overlap(other, from, until)) {
        Some(other) => Err(overlapping(other, from, until).into()),
        None => Ok(()),
    }
}

/// A suspension that was lifted on its first day covers none.
fn overlap(other: &Suspension, from: CivilDate, until: CivilDate) -> bool {
    other.from < other.until && other.from < until && from < other.until
}

fn overlapping(other: &Suspension, from: CivilDate, until: CivilDate) -> RuleError {
    let expected =
        format!("none during the other one, from `{}` and before `{}`", other.from, other.until);
    RuleError::new(Rule::SuspensionOverlaps, format!("{from} to {until}"), expected)
}

pub(crate) fn lift(
    state: &State,
    number: CertificateNumber,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = state.authorisation(number)?;
    in_force(state, authorisation, on, now)?;
    let suspensions = state.suspensions(authorisation, on, now);
    if !suspensions.iter().any(|suspension| suspension.covers(on)) {
        return Err(not_suspended(on).into());
    }
    Ok(())
}

fn not_suspended(on: CivilDate) -> RuleError {
    RuleError::new(Rule::SuspensionNotInForce, "not suspended", format!("suspended on `{on}`"))
}

fn suspension_term(from: CivilDate) -> &'static law::SuspensionTerm {
    let row = law::on(&law::SUSPENSION, from);
    &row.expect(
        "the law on suspensions is as old as the profession, before which nothing is in force",
    )
    .value
}
