//! The decisions about a suspension: to suspend, to confirm, to extend, to lift.

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    law::{self, SuspensionGround},
    phrase,
    rule::{Rule, RuleError},
    rules::common::{Decision, has_length, in_force},
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
    suspended: &Suspended<'_>,
    from: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = state.authorisation(suspended.certificate)?;
    in_force(state, authorisation, from, now)?;
    if let Some(end) = suspended.unapproved_until {
        emergency(state, authorisation, from, end, now)?;
    }
    check_terms(suspended, from)?;
    let others = state.suspensions(authorisation, from, now);
    // Two officers decide anew what was lost with the register; one alone does not end what waits for
    // two.
    let stays = |other: &&Suspension| !other.restored || suspended.unapproved_until.is_some();
    no_other_suspension(others.iter().filter(stays), from, suspended.until)?;
    match suspended.until {
        Some(until) => not_for_ever(&state.suspensions(authorisation, from, now), from, until),
        None => Ok(()),
    }
}

/// What a suspension says.
pub(crate) struct Suspended<'a> {
    pub(crate) certificate: CertificateNumber,
    pub(crate) ground: SuspensionGround,
    pub(crate) until: Option<CivilDate>,
    pub(crate) unapproved_until: Option<CivilDate>,
    pub(crate) limits: Option<&'a str>,
}

impl<'a> Suspended<'a> {
    /// What an event says, if it is a suspension.
    pub(crate) fn of(event: &'a Event) -> Option<Self> {
        match event {
            Event::Suspended { certificate, until, ground, limits, unapproved_until } => {
                Some(Self {
                    certificate: *certificate,
                    ground: *ground,
                    until: *until,
                    unapproved_until: *unapproved_until,
                    limits: limits.as_deref(),
                })
            }
            _ => None,
        }
    }
}

/// Checks a suspension by itself: has it the end that the law gives it, and may it be limited?
pub(crate) fn check_terms(suspended: &Suspended<'_>, from: CivilDate) -> Result<(), RuleError> {
    let Suspended { ground, until, limits, .. } = *suspended;
    if let Some(limits) = limits {
        let row = law::on(&law::LIMITED_SUSPENSION, from);
        if row.is_none() || ground != SuspensionGround::Revocation {
            let since = law::LIMITED_SUSPENSION[0].from();
            let expected = phrase!(
                "a full one: only those under § 58 from `{since}` on can be limited",
                since
            );
            return Err(RuleError::new(Rule::SuspensionCannotBeLimited, limits, expected));
        }
    }
    match (suspension_term(ground, from), until) {
        (Some(term), Some(until)) => {
            has_length(Rule::SuspensionWithoutLength, from, Some(until))?;
            let latest = from.plus_months(term.months);
            if until > latest {
                let expected = phrase!("`{latest}` or earlier", latest);
                return Err(RuleError::new(Rule::SuspensionTooLong, until, expected));
            }
            Ok(())
        }
        (None, None) => Ok(()),
        (Some(_), None) => {
            let expected = phrase!(
                "the first day after a suspension under {ground}",
                ground = ground.paragraph()
            );
            Err(RuleError::new(Rule::SuspensionEndMismatch, phrase!("missing"), expected))
        }
        (None, Some(until)) => {
            let expected = phrase!(
                "none: a suspension under {ground} ends by a decision",
                ground = ground.paragraph()
            );
            Err(RuleError::new(Rule::SuspensionEndMismatch, until, expected))
        }
    }
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
        let expected =
            phrase!("after `{from}`, the effective date, and `{latest}` or earlier", from, latest);
        return Err(RuleError::new(Rule::EmergencyTooLong, end, expected));
    }
    let unconfirmed = |decision: &&Statement| {
        matches!(decision.event, Event::Suspended { unapproved_until: Some(_), .. })
            && !state.is_confirmed(decision.seq, now)
    };
    match state.counting(authorisation, from, now).find(unconfirmed) {
        Some(other) => {
            let found = phrase!(
                "the second after statement {other}, which nobody confirmed",
                other = other.seq
            );
            Err(RuleError::new(
                Rule::EmergencyRepeated,
                found,
                phrase!("a proposal that another officer approves"),
            ))
        }
        None => Ok(()),
    }
}

/// Another officer confirms a suspension that is still in force. It then lasts until its own end.
pub(crate) fn confirm(state: &State, decision: &Statement, now: NumericDate) -> Result<(), Error> {
    let today = now.civil_date();
    let Event::Suspended { certificate, until: Some(until), unapproved_until: Some(end), .. } =
        decision.event
    else {
        return Err(Error::ProposalUnknown { seq: decision.seq });
    };
    let authorisation = state.authorisation(certificate)?;
    in_force(state, authorisation, today, now)?;
    let suspensions = state.suspensions(authorisation, today, now);
    let from = decision.effective_on;
    let stands = |other: &Suspension| other.unapproved == Some(decision.seq) && !other.lifted;
    if today >= end || !suspensions.iter().any(stands) {
        let expected = phrase!("a suspension that still holds: propose an ordinary one");
        return Err(RuleError::new(
            Rule::EmergencyOver,
            phrase!("over since {end}", end),
            expected,
        )
        .into());
    }
    let others: Vec<_> =
        suspensions.into_iter().filter(|other| !stands(other) && !other.restored).collect();
    if let Some(other) = others.iter().find(|other| overlap(other, from, Some(until))) {
        return Err(overlapping(other, from, Some(until)).into());
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
    let (Some(end), Some(term)) = (current.until, suspension_term(current.ground, current.from))
    else {
        let found = phrase!("under {ground}, without an end", ground = current.ground.paragraph());
        let expected = phrase!("one that has an end");
        return Err(RuleError::new(Rule::SuspensionEndMismatch, found, expected).into());
    };
    // A lifted suspension is over, whatever days the extension names.
    if current.lifted {
        let found = phrase!("lifted from {end} on", end);
        return Err(RuleError::new(
            Rule::SuspensionNotInForce,
            found,
            phrase!("a suspension that was not lifted"),
        )
        .into());
    }
    if current.unapproved.is_some() {
        let expected = phrase!("one that another officer confirmed");
        return Err(RuleError::new(
            Rule::SuspensionNotInForce,
            phrase!("a suspension in an emergency"),
            expected,
        )
        .into());
    }
    if !current.covers(decision.decided_on) {
        return Err(not_suspended(decision.decided_on).into());
    }
    if current.extensions.len() >= term.extensions {
        let found = phrase!("{current} to {end}, extended before", current = current.from, end);
        return Err(RuleError::new(
            Rule::SuspensionExtendedTwice,
            found,
            phrase!("one that was not extended"),
        )
        .into());
    }
    if until <= end {
        let expected = phrase!("a day after `{end}`, the present end", end);
        return Err(RuleError::new(Rule::SuspensionWithoutLength, until, expected).into());
    }
    let latest = end.plus_months(term.extension_months);
    if until > latest {
        return Err(RuleError::new(
            Rule::SuspensionTooLong,
            until,
            phrase!("`{latest}` or earlier", latest),
        )
        .into());
    }
    no_other_suspension(state.suspensions(authorisation, end, now).iter(), end, Some(until))?;
    not_for_ever(&suspensions, current.from, until)
}

/// Limits consecutive suspensions under § 58: those with at most one day between them count as one,
/// and together last no longer than one suspension with its extensions.
fn not_for_ever(others: &[Suspension], from: CivilDate, until: CivilDate) -> Result<(), Error> {
    // For how long a right rested because a decision was lost, nobody decided.
    let of_this_kind = others
        .iter()
        .filter(|other| other.ground == SuspensionGround::Revocation && !other.restored);
    let others: Vec<_> =
        of_this_kind.filter_map(|other| Some((other.from, other.until?))).collect();
    let (mut first, mut end) = (from, until);
    let grows = |&&(from, until): &&(CivilDate, CivilDate), first: CivilDate, end: CivilDate| {
        let touches = from <= end.plus_days(1) && first <= until.plus_days(1);
        from < until && touches && (from < first || end < until)
    };
    while let Some((from, until)) = others.iter().find(|other| grows(other, first, end)) {
        (first, end) = (first.min(*from), end.max(*until));
    }
    let Some(term) = suspension_term(SuspensionGround::Revocation, first) else { return Ok(()) };
    let latest = (0..term.extensions).fold(first.plus_months(term.months), |latest, _| {
        latest.plus_months(term.extension_months)
    });
    if end > latest {
        let expected = phrase!(
            "`{latest}` or earlier: what follows on a suspension within a day counts from `{first}` on",
            latest,
            first
        );
        return Err(RuleError::new(Rule::SuspensionTooLong, end, expected).into());
    }
    Ok(())
}

fn no_other_suspension<'a>(
    mut others: impl Iterator<Item = &'a Suspension>,
    from: CivilDate,
    until: Option<CivilDate>,
) -> Result<(), RuleError> {
    match others.find(|other| overlap(other, from, until)) {
        Some(other) => Err(overlapping(other, from, until)),
        None => Ok(()),
    }
}

/// A suspension that was lifted on its first day covers none.
fn overlap(other: &Suspension, from: CivilDate, until: Option<CivilDate>) -> bool {
    let before = |a: CivilDate, b: Option<CivilDate>| b.is_none_or(|b| a < b);
    !other.is_empty() && before(other.from, until) && before(from, other.until)
}

fn overlapping(other: &Suspension, from: CivilDate, until: Option<CivilDate>) -> RuleError {
    let period = |from: CivilDate, until: Option<CivilDate>| match until {
        Some(until) => phrase!("{from} to {until}", from, until),
        None => phrase!("{from} on", from),
    };
    let expected = match other.until {
        Some(until) => {
            phrase!(
                "none during the other one, from `{other}` and before `{until}`",
                other = other.from,
                until
            )
        }
        None => phrase!("none beside the one from `{other}` on: lift it first", other = other.from),
    };
    RuleError::new(Rule::SuspensionOverlaps, period(from, until), expected)
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
    RuleError::new(
        Rule::SuspensionNotInForce,
        phrase!("not suspended"),
        phrase!("suspended on `{on}`", on),
    )
}

/// How long a suspension may last; none if it has no end of its own.
fn suspension_term(
    ground: SuspensionGround,
    from: CivilDate,
) -> Option<&'static law::SuspensionTerm> {
    let row = law::on(ground.term(), from);
    let row = row.expect(
        "the law on suspensions is as old as the profession, before which nothing is in force",
    );
    row.value.as_ref()
}
