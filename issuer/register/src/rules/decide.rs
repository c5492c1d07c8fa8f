//! The decisions about an existing authorisation: each is checked against what the register knows
//! now.

use vernet_common::{CertificateNumber, CivilDate, HprNumber, KeyId, NumericDate};

use crate::{
    error::Error,
    officer::{is_line, line},
    phrase,
    rule::{Rule, RuleError},
    rules::{
        appeal::{check_milder, end_stay, reverse, stay, uphold},
        appoint::{check_officer_key, check_roots, follow},
        common::{Decision, has_length, in_force, not_after, not_dead, not_in_future},
        correction::{correct, retract, rights_of_same_birth},
        dispatch::dispatch,
        document,
        measure::{ban, end_ban, end_instruction, instruct},
        notice::notify,
        restore::{restore, revoke_lost},
        suspension::{Suspended, confirm, extend, lift, suspend},
    },
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
    statements::{event::Event, statement::Dates},
    titles::ReactionName,
};

/// The name under which a title lists what an event decides; none if every title has it.
fn reaction(event: &Event) -> Option<ReactionName> {
    match event.effect() {
        Event::Suspended { .. } => Some(ReactionName::Suspended),
        Event::Limited { .. } => Some(ReactionName::Limited),
        Event::Instructed { .. } => Some(ReactionName::Instructed),
        Event::Banned { .. } => Some(ReactionName::Banned),
        Event::Revoked { .. } => Some(ReactionName::Revoked),
        Event::Waived { .. } => Some(ReactionName::Waived),
        _ => None,
    }
}

/// An event that the rules allow, as it is to be recorded in the register.
pub(crate) struct Decided {
    pub(crate) dates: Dates,
    pub(crate) event: Event,
}

/// Checks an event against the rules and determines when it takes effect.
///
/// `effective_on` may be earlier than `decided_on` only for a death, an annulment (which takes
/// effect from the grant) and a reversal (which may take effect from the same day as the reversed
/// decision).
pub(crate) fn decide(state: &State, event: Event, decision: &Decision) -> Result<Decided, Error> {
    let now = decision.now;
    not_in_future(decision.decided_on, now.civil_date())?;
    let effective_on = effective_on(state, &event, decision)?;
    let dates = Dates { decided_on: decision.decided_on, effective_on };
    let subject = event.certificate().map(|number| state.authorisation(number)).transpose()?;
    if let Some(authorisation) = subject
        && !matches!(event, Event::Notified { .. })
    {
        not_dead(state, state.hpr_of(authorisation, now), now)?;
    }
    if let Some(authorisation) = subject {
        let row = state.row_of(authorisation)?;
        if reaction(&event).is_some_and(|name| !row.reactions.contains(&name)) {
            let expected =
                phrase!("what can be decided about the title `{title}`", title = row.title);
            let found = event.effect().name();
            return Err(RuleError::new(Rule::ReactionNotOfTitle, found, expected).into());
        }
    }
    match &event {
        Event::Suspended { limits, .. } => {
            if let Some(limits) = limits {
                is_line("limits", limits)?;
            }
            if let Some(suspended) = Suspended::of(&event) {
                suspend(state, &suspended, effective_on, now)?;
            }
        }
        Event::Confirmed { decision, .. } => confirm(state, state.emergency(*decision)?, now)?,
        Event::Extended { certificate, until } => {
            extend(state, *certificate, effective_on, *until, decision)?
        }
        Event::Lifted { certificate } => lift(state, *certificate, effective_on, now)?,
        Event::Limited { certificate, reference, until } => {
            limit(state, *certificate, effective_on, *until, now)?;
            let reference = line("reference", reference)?;
            let event = Event::Limited { certificate: *certificate, reference, until: *until };
            return Ok(Decided { dates, event });
        }
        Event::LimitationLifted { certificate } => {
            lift_limitation(state, *certificate, effective_on, now)?
        }
        Event::Revoked { certificate, .. } | Event::Waived { certificate, .. } => {
            in_force(state, state.authorisation(*certificate)?, effective_on, now)?;
        }
        Event::Annulled { certificate } => {
            if state.standing(*certificate, effective_on, now)? == Standing::Annulled {
                return Err(RuleError::new(
                    Rule::AnnulledIsVoid,
                    phrase!("annulled"),
                    phrase!("one that is not"),
                )
                .into());
            }
        }
        Event::Deceased { certificate } => die(state, *certificate, effective_on, now)?,
        Event::Merged { from, into } => merge(state, *from, *into, now)?,
        Event::Corrected(correction) => correct(state, correction, now)?,
        Event::Retracted { statement } => retract(state, *statement, now)?,
        Event::Instructed { certificate, until, .. } => {
            instruct(state, *certificate, effective_on, *until, now)?;
        }
        Event::InstructionEnded { certificate, decision } => {
            end_instruction(state, *certificate, *decision, effective_on, now)?;
        }
        Event::Banned { certificate, until, .. } => {
            ban(state, *certificate, effective_on, *until, now)?;
        }
        Event::BanEnded { certificate, decision } => {
            end_ban(state, *certificate, *decision, effective_on, now)?;
        }
        Event::Stayed { certificate, decision } => {
            stay(state, *certificate, *decision, effective_on, now)?;
        }
        Event::StayEnded { certificate, decision } => {
            end_stay(state, *certificate, *decision, effective_on, now)?;
        }
        Event::Reversed { certificate, decision: seq, instead } => {
            not_after(Rule::ReversalInFuture, effective_on, now.civil_date())?;
            reverse(state, *certificate, *seq, decision.decided_on, now)?;
            if let Some(milder) = instead {
                milder.check_words()?;
                check_milder(state, *certificate, *seq, milder)?;
            }
        }
        Event::Upheld { certificate, decision: seq } => {
            uphold(state, *certificate, *seq, decision.decided_on, now)?;
        }
        Event::Notified { certificate, decision, notice, .. } => {
            notify(state, *certificate, *decision, *notice, now)?;
        }
        Event::DocumentDeleted { sha256, reason } => {
            is_line("reason", reason)?;
            document::delete(state, *sha256)?;
        }
        Event::Dispatched(papers) => dispatch(state, papers, effective_on)?,
        Event::Refused(refused) => {
            is_line("reason", &refused.reason)?;
            refused.application.check_evidence()?;
        }
        Event::KeyAdded { key, .. } => {
            let kid = key.kid();
            if state.key_begins(kid).is_some() || state.officers().key(kid).is_ok() {
                return Err(Error::KeyKnown { kid });
            }
        }
        Event::KeyRetired { kid, at } => retire(state, *kid, *at, now)?,
        Event::KeyCompromised { kid, since } => {
            state.key_begins(*kid).ok_or(Error::KeyUnknown { kid: *kid })?;
            not_after(Rule::KeyCompromisedInFuture, *since, now)?;
        }
        Event::TrustListSigned { seq: found, iat, exp, sha256, list } => {
            if let Some(list) = list {
                follow(state, list, (*found, *iat, *exp), *sha256)?;
            }
            let signed = state.trust_lists().map(|(_, seq, _)| seq);
            if let Some(known) = signed.max().filter(|known| found <= known) {
                return Err(
                    vernet_common::Error::TrustListRolledBack { found: *found, known }.into()
                );
            }
        }
        Event::OfficerEnrolled(enrolment) => {
            state.officers().check_enrolment(enrolment)?;
            check_officer_key(state, enrolment)?;
        }
        Event::RootsPinned { roots } => check_roots(state, roots)?,
        Event::TitleEntered(row) => state.titles().check_entry(row)?,
        Event::Restored(restored) => restore(state, restored, now)?,
        Event::LostRevoked { jws } => revoke_lost(state, jws)?,
        Event::OfficerEnded { kid } => {
            let roots_appoint = state.pinned_roots().is_some();
            state.officers().check_end(*kid, roots_appoint, now.civil_date())?;
        }
        Event::Founded(_)
        | Event::Appointed(_)
        | Event::Proposed(_)
        | Event::Rejected { .. }
        | Event::Granted(_)
        | Event::Reissued(_)
        | Event::Completed { .. }
        | Event::Published { .. }
        | Event::HistoryMade { .. }
        | Event::StatusListOpened { .. } => return Err(Error::NotByHand { event: event.name() }),
    }
    Ok(Decided { dates, event })
}

fn effective_on(state: &State, event: &Event, decision: &Decision) -> Result<CivilDate, Error> {
    let decided_on = decision.decided_on;
    let earliest = match event {
        Event::Annulled { certificate } => {
            let granted = state.right(state.authorisation(*certificate)?).granted;
            return match decision.effective_on {
                Some(day) if day != granted => {
                    let expected = phrase!("`{granted}`, the grant date", granted);
                    Err(RuleError::new(Rule::AnnulledFromTheStart, day, expected).into())
                }
                _ => Ok(granted),
            };
        }
        Event::Deceased { .. } => return Ok(decision.effective_on.unwrap_or(decided_on)),
        // What never was has no effect on any day.
        Event::Retracted { statement } => return Ok(state.statement(*statement)?.effective_on),
        Event::Reversed { decision: seq, instead, .. } => {
            let reversed = state.statement(*seq)?;
            // A reversed annulment never took effect either, and a milder decision takes the place
            // of the other one from the same day.
            if matches!(reversed.event, Event::Annulled { .. }) || instead.is_some() {
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
            phrase!("`{earliest}` or later", earliest),
        )
        .into());
    }
    Ok(day)
}

fn limit(
    state: &State,
    number: CertificateNumber,
    from: CivilDate,
    until: Option<CivilDate>,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = state.authorisation(number)?;
    in_force(state, authorisation, from, now)?;
    has_length(Rule::LimitationWithoutLength, from, until)?;
    let before = |a: CivilDate, b: Option<CivilDate>| b.is_none_or(|b| a < b);
    // One that was lost ends with this one: it is decided anew.
    let other = state.limitations(authorisation, from, now).into_iter().find(|other| {
        !other.restored
            && before(other.from, other.until)
            && before(other.from, until)
            && before(from, other.until)
    });
    match other {
        Some(other) => {
            let expected = phrase!(
                "none beside `{reference}`: lift it on `{from}` first",
                reference = other.reference,
                from
            );
            Err(RuleError::new(Rule::LimitationOverlaps, from, expected).into())
        }
        None => Ok(()),
    }
}

fn lift_limitation(
    state: &State,
    number: CertificateNumber,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = state.authorisation(number)?;
    in_force(state, authorisation, on, now)?;
    if state.limitations(authorisation, on, now).iter().any(|limitation| limitation.covers(on)) {
        return Ok(());
    }
    let found = state.standing_of(authorisation, on, now);
    let expected =
        phrase!("one with a limitation decided later than the grant and in force on `{on}`", on);
    Err(RuleError::new(Rule::LimitationNotInForce, found.code(), expected).into())
}

fn die(
    state: &State,
    number: CertificateNumber,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    not_after(Rule::DeathInFuture, on, now.civil_date())?;
    let birthdate = state.birthdate_of(state.authorisation(number)?, now);
    if on < birthdate {
        let expected = phrase!("`{birthdate}`, the birthdate, or later", birthdate);
        return Err(RuleError::new(Rule::DeathBeforeBirth, on, expected).into());
    }
    Ok(())
}

/// Rule 10.
fn merge(state: &State, from: HprNumber, into: HprNumber, now: NumericDate) -> Result<(), Error> {
    if state.numbers_of_person(from, now).contains(&into) && state.successor(into, now) == from {
        let expected = phrase!("a number that does not lead to `{from}` itself", from);
        return Err(RuleError::new(Rule::MergeCycle, into, expected).into());
    }
    for number in [from, into] {
        let successor = state.successor(number, now);
        if successor != number {
            return Err(RuleError::new(
                Rule::HprMerged,
                number,
                phrase!("its successor `{successor}`", successor),
            )
            .into());
        }
        // A death counts under every number of a person, so a merge with a dead person would end
        // the right of a living one.
        not_dead(state, number, now)?;
    }
    let old = state.rights_of_person(from, now);
    // Those that were annulled say nothing of the person, unless there are no others.
    let of_person = old.iter().find(|right| !state.is_annulled(right, now)).or(old.first());
    let Some(right) = of_person else {
        return Err(
            RuleError::new(Rule::HprUnknown, from, phrase!("a number in the register")).into()
        );
    };
    let birthdate = state.birthdate_of(right, now);
    let new = rights_of_same_birth(state, (into, birthdate), now)?;
    let today = now.civil_date();
    let live = |right: &&&Authorisation| state.standing_of(right, today, now).is_live();
    let in_both = |right: &Authorisation| {
        let title = state.title_of(right);
        new.iter().filter(live).any(|other| state.title_of(other) == title)
    };
    if old.iter().filter(live).any(|right| in_both(right)) {
        let found = phrase!("{from} into {into}", from, into);
        let expected =
            phrase!("at most one of them with a live certificate: end the other one first");
        return Err(RuleError::new(Rule::MergeOfTwoAuthorised, found, expected).into());
    }
    Ok(())
}

fn retire(state: &State, kid: KeyId, at: NumericDate, now: NumericDate) -> Result<(), Error> {
    let begins = state.key_begins(kid).ok_or(Error::KeyUnknown { kid })?;
    if at < now {
        return Err(
            RuleError::new(Rule::KeyRetiredInPast, at, phrase!("`{now}` or later", now)).into()
        );
    }
    if at <= begins {
        let expected = phrase!("a time after `{begins}`, when the key begins", begins);
        return Err(RuleError::new(Rule::KeyRetiredBeforeItBegan, at, expected).into());
    }
    Ok(())
}
