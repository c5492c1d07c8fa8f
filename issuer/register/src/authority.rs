//! Who may make which statement: alone, or as the second of two officers.
//!
//! Checked for every statement, when it is written and when a machine first reads it, so a statement
//! without authority never enters the state, whoever wrote it into the database. For statements of one
//! officer alone, this also checks the rules; for those that two officers agreed on, the audit
//! does.

use vernet_common::{CivilDate, KeyId, NumericDate};

use crate::{
    application::{Application, Ground},
    error::Error,
    rules::{
        appoint::{appoint, check_founding_roots},
        common::Decision,
        decide::decide,
    },
    state::{index::State, officers::Officers},
    statements::{
        appointment::Appointed,
        enrolment::Role,
        event::{Event, Founded, signing_key},
        proposal::{Act, Proposal},
        statement::{Approves, Statement},
    },
    titles::Titles,
};

/// How many officers an event takes, and in which roles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    /// One officer in one of these roles.
    One(&'static [Role]),
    /// Two different officers, each in one of these roles.
    Two(&'static [Role]),
}

/// Which roles an event needs; `None` if that depends on another statement.
pub(crate) fn needs(event: &Event) -> Option<Needs> {
    use Role::{Administer, Grant, Publish, Supervise};
    Some(match event {
        Event::Granted(granted) => Needs::Two(roles_to_grant(&granted.application)),
        Event::Refused(refused) => Needs::Two(roles_to_grant(&refused.application)),
        Event::Reissued(_) | Event::Completed { .. } | Event::Annulled { .. } => {
            Needs::Two(&[Grant])
        }
        // In an emergency, until another officer confirms it.
        Event::Suspended { unapproved_until: Some(_), .. } => Needs::One(&[Supervise]),
        Event::Suspended { .. }
        | Event::Confirmed { .. }
        | Event::Extended { .. }
        | Event::Lifted { .. }
        | Event::Limited { .. }
        | Event::LimitationLifted { .. }
        | Event::Instructed { .. }
        | Event::InstructionEnded { .. }
        | Event::Banned { .. }
        | Event::BanEnded { .. }
        | Event::Revoked { .. }
        | Event::Waived { .. }
        | Event::Stayed { .. }
        | Event::StayEnded { .. }
        | Event::Reversed { .. }
        | Event::Upheld { .. }
        | Event::LostRevoked { .. } => Needs::Two(&[Supervise]),
        // Whichever authority learns of it first.
        Event::Deceased { .. } | Event::Merged { .. } | Event::Retracted { .. } => {
            Needs::Two(&[Grant, Supervise])
        }
        // Two, because what is deleted could have been evidence.
        Event::Corrected(_) | Event::DocumentDeleted { .. } => Needs::Two(&[Grant, Supervise]),
        Event::OfficerEnrolled(_)
        | Event::TitleEntered(_)
        | Event::RootsPinned { .. }
        | Event::Restored(_) => Needs::Two(&[Administer]),
        Event::Notified { .. } | Event::HistoryMade { .. } => Needs::One(&[Supervise]),
        // Whoever granted prints, and whoever supervises sends what was decided.
        Event::Dispatched(_) => Needs::One(&[Grant, Supervise]),
        Event::Published { .. } => Needs::One(&[Publish]),
        // An administrator opens the first one with the office; a later one is opened by the grant
        // that found no free slot.
        Event::StatusListOpened { .. } => Needs::One(&[Grant, Supervise, Administer]),
        Event::OfficerEnded { .. }
        | Event::KeyAdded { .. }
        | Event::KeyRetired { .. }
        | Event::KeyCompromised { .. }
        | Event::TrustListSigned { .. } => Needs::One(&[Administer]),
        Event::Proposed(proposal) => Needs::One(roles(proposal)?),
        // The roots appoint.
        Event::Founded(_) | Event::Appointed(_) | Event::Rejected { .. } => return None,
    })
}

/// Which roles an event needs if one officer records it without another: also what otherwise takes
/// two, if the officer takes back their own.
pub(crate) fn needs_alone(
    state: &State,
    event: &Event,
    kid: KeyId,
    on: CivilDate,
) -> Option<Needs> {
    match takes_back(state, event, kid, on) {
        true => Some(Needs::One(&[Role::Supervise])),
        false => needs(event),
    }
}

/// Whether an officer takes back what nobody else has decided: on that day there is no suspension but
/// their own, made in an emergency, that no other officer has confirmed.
fn takes_back(state: &State, event: &Event, kid: KeyId, on: CivilDate) -> bool {
    let Event::Lifted { certificate } = event else { return false };
    let (Ok(authorisation), Ok(officer)) =
        (state.authorisation(*certificate), state.officers().key(kid))
    else {
        return false;
    };
    let Some(now) = state.recorded_until() else { return false };
    let own = |seq: u64| state.statement(seq).is_ok_and(|by| by.officer == *officer.name());
    let suspensions = state.suspensions(authorisation, on, now);
    let mut in_force = suspensions.iter().filter(|suspension| suspension.covers(on)).peekable();
    in_force.peek().is_some() && in_force.all(|suspension| suspension.unapproved.is_some_and(own))
}

/// Whether a proposal, or a suspension in an emergency, waits for this officer: another one made it, and
/// this one has a role that may approve it. Whether the rules allow it is another question.
pub fn waits_for(state: &State, made: &Statement, kid: KeyId, on: CivilDate) -> bool {
    let needed = match &made.event {
        Event::Proposed(proposal) => roles(proposal),
        Event::Suspended { unapproved_until: Some(_), .. } => Some(&[Role::Supervise][..]),
        _ => None,
    };
    let officers = state.officers();
    !officers.same_person(kid, made.kid)
        && needed.is_some_and(|roles| officers.in_role(kid, on, roles).is_ok())
}

/// The roles that may propose, approve and reject; `None` if it cannot be proposed.
pub(crate) fn roles(proposal: &Proposal) -> Option<&'static [Role]> {
    match &proposal.act {
        Act::Grant { application } => Some(roles_to_grant(application)),
        Act::Reissue { .. } | Act::Import { .. } | Act::ReissueAll { .. } => Some(&[Role::Grant]),
        Act::Decide { event } => match &**event {
            // A proposal never holds a certificate, and a confirmation is itself the second
            // signature.
            Event::Granted(_)
            | Event::Reissued(_)
            | Event::Completed { .. }
            | Event::Confirmed { .. } => None,
            event => match needs(event)? {
                Needs::Two(roles) => Some(roles),
                Needs::One(_) => None,
            },
        },
    }
}

/// Who decides on an application: after a revocation or waiver it is the supervisory authority
/// (helsepersonelloven § 62).
fn roles_to_grant(application: &Application) -> &'static [Role] {
    match application.basis {
        Ground::NewAuthorisation => &[Role::Supervise],
        Ground::Basis(_) => &[Role::Grant],
    }
}

/// Checks that the officer who signed a statement may make it as the next one.
pub(crate) fn authorise(state: &State, statement: &Statement) -> Result<(), Error> {
    check_officers(state, statement)?;
    match (&statement.event, &statement.approves) {
        // No second officer looked at it, so without this check nothing would bind an officer who
        // uses a modified program.
        (event, None) if !matches!(event, Event::Founded(_)) => check_rules(state, statement),
        _ => Ok(()),
    }
}

/// Checks only the officers, for an event that was checked against the rules already.
pub(crate) fn check_officers(state: &State, statement: &Statement) -> Result<(), Error> {
    if let Event::Founded(founded) = &statement.event {
        return authorise_founding(state, founded, statement);
    }
    if let Event::Appointed(appointed) = &statement.event {
        return authorise_appointment(state, appointed, statement);
    }
    let today = statement.recorded_at.civil_date();
    let officer = state.officers().in_office(statement.kid, today)?;
    if officer.name != statement.officer {
        return Err(Error::OfficerName {
            found: statement.officer.clone().into(),
            expected: officer.name.clone().into(),
        });
    }
    let needs = match &statement.event {
        Event::Rejected { proposal, .. } => {
            let roles = roles(state.open_proposal(*proposal)?.1);
            Needs::One(roles.ok_or(Error::ProposalUnknown { seq: *proposal })?)
        }
        event => match statement.approves {
            Some(_) => needs(event),
            None => needs_alone(state, event, statement.kid, statement.effective_on),
        }
        .ok_or(Error::NeedsTwo { event: event.name() })?,
    };
    match (needs, &statement.approves) {
        (Needs::One(roles), None) => {
            state.officers().in_role(statement.kid, today, roles).map(drop)
        }
        (Needs::Two(roles), Some(approves)) => authorise_second(state, statement, approves, roles),
        (Needs::Two(_), None) => Err(Error::NeedsTwo { event: statement.event.name() }),
        (Needs::One(_), Some(approves)) => Err(Error::ApprovalMismatch {
            seq: approves.seq,
            reason: "the event is one officer's alone",
        }),
    }
}

/// Checks that the rules allow the event, with its days.
pub(crate) fn check_rules(state: &State, statement: &Statement) -> Result<(), Error> {
    let Statement { decided_on, effective_on, recorded_at: now, .. } = *statement;
    let today = now.civil_date();
    let differ = |expected: String| Error::DatesDiffer { decided_on, effective_on, expected };
    match &statement.event {
        // `Proposal::differs` compares their days with those of the application and the proposal.
        Event::Granted(_) | Event::Reissued(_) => Ok(()),
        Event::Founded(_)
        | Event::Appointed(_)
        | Event::Proposed(_)
        | Event::Rejected { .. }
        | Event::Completed { .. }
        | Event::Published { .. }
        | Event::HistoryMade { .. }
        | Event::StatusListOpened { .. } => {
            if (decided_on, effective_on) == (today, today) {
                return Ok(());
            }
            Err(differ(format!("both to be `{today}`, when it was recorded")))
        }
        event => {
            let decision = Decision { decided_on, effective_on: Some(effective_on), now };
            let decided = decide(state, event.clone(), &decision)?;
            let expected = decided.dates.effective_on;
            if expected != effective_on {
                return Err(differ(format!("to count from `{expected}` on")));
            }
            if decided.event != *event {
                let seq = statement.approves.map_or(statement.seq, |approves| approves.seq);
                return Err(Error::ApprovalMismatch {
                    seq,
                    reason: "it is not written as the rules write it",
                });
            }
            Ok(())
        }
    }
}

fn authorise_founding(
    state: &State,
    founded: &Founded,
    statement: &Statement,
) -> Result<(), Error> {
    let today = statement.recorded_at.civil_date();
    let signer = founded.officers.iter().find(|officer| officer.key.kid() == statement.kid);
    let signed = signer.is_some_and(|signer| signer.name == statement.officer);
    if !state.statements().is_empty() || !signed || statement.approves.is_some() {
        return Err(Error::NotFounded);
    }
    Titles::founded_with(&founded.titles)?;
    let roots = founded.roots.as_ref();
    roots.map_or(Ok(()), |roots| check_founding_roots(roots, &founded.officers))?;
    Officers::check_founders(&founded.officers, today)
}

/// An appointment takes no second officer, because there may be none: enough of the pinned roots
/// signed it. Whoever records it is one of the appointed, and must be in office by it that day.
fn authorise_appointment(
    state: &State,
    appointed: &Appointed,
    statement: &Statement,
) -> Result<(), Error> {
    let appointment = appoint(state, &appointed.appointment, statement.recorded_at)?;
    if let Some(approves) = statement.approves {
        let reason = "an appointment takes no other officer";
        return Err(Error::ApprovalMismatch { seq: approves.seq, reason });
    }
    let (kid, today) = (statement.kid, statement.recorded_at.civil_date());
    let signer = appointment.officers.iter().find(|officer| officer.key.kid() == kid);
    let signer = signer.filter(|officer| officer.covers(today));
    let signer = signer.ok_or(Error::NotAppointed { kid })?;
    if signer.name != statement.officer {
        return Err(Error::OfficerName {
            found: statement.officer.clone().into(),
            expected: signer.name.clone().into(),
        });
    }
    Ok(())
}

/// Checks the second signature: over what was proposed and nothing else, by another person, while
/// both officers are in office.
fn authorise_second(
    state: &State,
    statement: &Statement,
    approves: &Approves,
    roles: &[Role],
) -> Result<(), Error> {
    let (seq, today) = (approves.seq, statement.recorded_at.civil_date());
    let mismatch = |reason| Err(Error::ApprovalMismatch { seq, reason });
    let first = match &statement.event {
        Event::Confirmed { certificate, decision } => {
            let suspension = state.emergency(*decision)?;
            if *decision != seq || suspension.event.certificate() != Some(*certificate) {
                return mismatch("it is not about the suspension that it confirms");
            }
            suspension
        }
        _ => {
            let (first, proposal) = state.open_proposal(seq)?;
            if let Some(reason) = proposal.differs(statement) {
                return mismatch(reason);
            }
            if let (Act::Reissue { certificate, .. }, Event::Reissued(reissued)) =
                (&proposal.act, &statement.event)
                && state.current_certificate(*certificate)?.claims.certificate_number
                    != reissued.previous
            {
                return mismatch(
                    "it supersedes another certificate than the newest one of the authorisation",
                );
            }
            not_overtaken(state, first.seq, proposal)?;
            if let Some(reason) = not_a_part(state, first.seq, proposal, &statement.event) {
                return mismatch(reason);
            }
            first
        }
    };
    if state.hash(seq) != Some(approves.sha256) {
        return mismatch("it names another hash");
    }
    two_officers(state, statement.kid, first, roles, today)
}

/// "The suspension in force" must be the one that the first officer knew of, and so must the roots. Otherwise the second
/// officer could keep a proposal to lift one suspension and use it to lift the next one alone.
pub(crate) fn not_overtaken(state: &State, seq: u64, proposal: &Proposal) -> Result<(), Error> {
    let Act::Decide { event } = &proposal.act else { return Ok(()) };
    if matches!(**event, Event::RootsPinned { .. }) {
        let mut since = state.statements().iter().skip_while(|later| later.seq <= seq);
        let later = since.find(|later| later.event.changes_roots());
        return later.map_or(Ok(()), |later| Err(Error::ProposalOvertaken { seq, by: later.seq }));
    }
    let overtakes = |later: &Event| match (&**event, later) {
        (Event::Lifted { .. } | Event::Extended { .. }, later) => matches!(
            later,
            Event::Suspended { .. }
                | Event::Extended { .. }
                | Event::Lifted { .. }
                | Event::Reversed { .. }
        ),
        (Event::LimitationLifted { .. }, later) => {
            matches!(
                later,
                Event::Limited { .. } | Event::LimitationLifted { .. } | Event::Reversed { .. }
            )
        }
        _ => false,
    };
    let Some(right) = event.certificate().and_then(|number| state.authorisation(number).ok())
    else {
        return Ok(());
    };
    let later = right
        .decisions
        .iter()
        .map(|position| state.at(*position))
        .find(|later| later.seq > seq && overtakes(&later.event));
    let restored = || state.restored_after(right, seq).filter(|_| ends_a_reaction(event));
    match later.map(|later| later.seq).or_else(restored) {
        Some(by) => Err(Error::ProposalOvertaken { seq, by }),
        None => Ok(()),
    }
}

fn ends_a_reaction(event: &Event) -> bool {
    matches!(event, Event::Lifted { .. } | Event::Extended { .. } | Event::LimitationLifted { .. })
}

/// Why a statement is neither a part nor the completion of a proposal about many; `None` if it is.
fn not_a_part(state: &State, seq: u64, proposal: &Proposal, event: &Event) -> Option<&'static str> {
    match (&proposal.act, event) {
        (Act::Import { .. }, Event::Granted(granted)) => {
            let index = granted.import.as_ref().map(|row| u64::from(row.index));
            index.filter(|index| state.is_part(seq, *index)).map(|_| "its row was granted before")
        }
        (Act::ReissueAll { of_key, .. }, Event::Reissued(reissued)) => {
            let newest = state.current_certificate(reissued.previous).ok();
            let newest =
                newest.filter(|newest| newest.claims.certificate_number == reissued.previous);
            let before = newest.and_then(|newest| signing_key(newest.jws));
            match (before == Some(*of_key), signing_key(&reissued.jws) == Some(*of_key)) {
                (false, _) => Some(
                    "it supersedes a certificate that is not the newest or that another key signed",
                ),
                (true, true) => Some("it is signed by the key that is to be replaced"),
                (true, false) => None,
            }
        }
        (_, Event::Completed { certificates }) if *certificates != state.parts_of(seq) => {
            Some("it says another number of certificates than were signed")
        }
        _ => None,
    }
}

/// Checks that the officer who proposed something could propose it today.
#[cfg(feature = "storage")]
pub(crate) fn may_still_propose(
    state: &State,
    proposed: &Statement,
    proposal: &Proposal,
    now: NumericDate,
) -> Result<(), Error> {
    let roles = roles(proposal).ok_or(Error::ProposalUnknown { seq: proposed.seq })?;
    still_in_role(state, proposed, roles, now.civil_date())
}

/// Checks that the officer who suspended in an emergency could do so today.
#[cfg(feature = "storage")]
pub(crate) fn may_still_suspend(
    state: &State,
    suspension: &Statement,
    now: NumericDate,
) -> Result<(), Error> {
    still_in_role(state, suspension, &[Role::Supervise], now.civil_date())
}

/// The first of two officers may have left office since.
fn still_in_role(
    state: &State,
    first: &Statement,
    roles: &[Role],
    today: CivilDate,
) -> Result<(), Error> {
    state.officers().in_role(first.kid, today, roles).map(drop)
}

/// Checks that the officer with this key may approve the proposal now, before anything is read or
/// signed for it.
pub(crate) fn may_approve(
    state: &State,
    kid: KeyId,
    proposed: &Statement,
    proposal: &Proposal,
    now: NumericDate,
) -> Result<(), Error> {
    let roles = roles(proposal).ok_or(Error::ProposalUnknown { seq: proposed.seq })?;
    two_officers(state, kid, proposed, roles, now.civil_date())
}

fn two_officers(
    state: &State,
    second: KeyId,
    first: &Statement,
    roles: &[Role],
    today: CivilDate,
) -> Result<(), Error> {
    let officers = state.officers();
    let officer = officers.in_role(second, today, roles)?;
    if officers.same_person(first.kid, second) {
        return Err(Error::SameOfficer { officer: officer.name.clone().into(), seq: first.seq });
    }
    still_in_role(state, first, roles, today)
}
