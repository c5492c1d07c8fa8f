//! What was written wrongly of a person: a date of birth, a number, names, a death, a merge.

use vernet_common::{CivilDate, HprNumber, NumericDate};

use crate::{
    application::Application,
    error::Error,
    phrase,
    rule::{Rule, RuleError},
    rules::common::not_dead,
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
    statements::{correction::Correction, event::Event},
};

/// The youngest age at an exam or a grant, in years. No law says so: it finds slips of the pen.
const YOUNGEST: i16 = 16;

/// The greatest age at a grant, in years, for the same reason.
const OLDEST: i16 = 110;

/// Refuses an age that nobody has who passes an exam, or to whom a right is granted.
pub(super) fn check_ages(application: &Application, birthdate: CivilDate) -> Result<(), RuleError> {
    let exam = application.exam.as_ref().map(|exam| ("exam", exam.date));
    for (what, day) in exam.into_iter().chain([("grant", application.granted)]) {
        let (youngest, oldest) = (birthdate.plus_years(YOUNGEST), birthdate.plus_years(OLDEST));
        if day < youngest || oldest <= day {
            let expected = phrase!(
                "a date from which somebody is at least {youngest} and under {oldest} years old on `{day}`, the day of the {what}",
                youngest = YOUNGEST,
                oldest = OLDEST,
                day,
                what
            );
            return Err(RuleError::new(Rule::AgeImpossible, birthdate, expected));
        }
    }
    Ok(())
}

/// Checks that what is corrected was wrong, and that what is written instead can be right.
pub(super) fn correct(
    state: &State,
    correction: &Correction,
    now: NumericDate,
) -> Result<(), Error> {
    let authorisation = state.authorisation(correction.certificate)?;
    if state.is_annulled(authorisation, now) {
        return Err(RuleError::new(
            Rule::AnnulledIsVoid,
            phrase!("annulled"),
            phrase!("one that is not"),
        )
        .into());
    }
    check_changes(state, authorisation, correction, now)?;
    let before = state.hpr_of(authorisation, now);
    if let Some(birthdate) = correction.birthdate {
        for right in state.rights_of_person(before, now) {
            check_ages(&state.granted(right).application, birthdate)?;
        }
    }
    match correction.hpr_number {
        Some(hpr) => move_to(state, authorisation, hpr, correction, now),
        None => Ok(()),
    }
}

fn check_changes(
    state: &State,
    authorisation: &Authorisation,
    correction: &Correction,
    now: NumericDate,
) -> Result<(), RuleError> {
    let known = state.particulars_of(authorisation, now);
    let Correction { birthdate, hpr_number, names, .. } = correction;
    let same = [
        birthdate.filter(|day| *day == known.birthdate).map(|day| day.to_string()),
        hpr_number
            .filter(|hpr| *hpr == state.hpr_of(authorisation, now))
            .map(|hpr| hpr.to_string()),
        names
            .as_ref()
            .filter(|names| {
                (&names.given_name, &names.family_name) == (known.given_name, known.family_name)
            })
            .map(|names| names.given_name.with(&names.family_name)),
    ];
    let expected = phrase!("a date of birth, a number or names that differ from what is known");
    if let Some(found) = same.into_iter().flatten().next() {
        return Err(RuleError::new(Rule::CorrectionChangesNothing, found, expected));
    }
    match (birthdate, hpr_number, names) {
        (None, None, None) => {
            Err(RuleError::new(Rule::CorrectionChangesNothing, phrase!("nothing"), expected))
        }
        _ => Ok(()),
    }
}

/// Checks that a right can be that of the person with another number.
fn move_to(
    state: &State,
    authorisation: &Authorisation,
    hpr: HprNumber,
    correction: &Correction,
    now: NumericDate,
) -> Result<(), Error> {
    let successor = state.successor(hpr, now);
    if successor != hpr {
        let expected = phrase!("its successor `{successor}`", successor);
        return Err(RuleError::new(Rule::HprMerged, hpr, expected).into());
    }
    not_dead(state, hpr, now)?;
    let birthdate = correction.birthdate.unwrap_or(state.birthdate_of(authorisation, now));
    let others = rights_of_same_birth(state, (hpr, birthdate), now)?;
    let live = |right: &Authorisation| state.standing_of(right, now.civil_date(), now).is_live();
    let title = state.title_of(authorisation);
    let beside = others.into_iter().find(|other| {
        other.grant != authorisation.grant && state.title_of(other) == title && live(other)
    });
    match beside.and_then(|other| other.certificates.last()).filter(|_| live(authorisation)) {
        Some((other, _)) => {
            let expected =
                phrase!("a number without a live certificate: end `{other}` first", other);
            Err(RuleError::new(Rule::AlreadyAuthorised, hpr, expected).into())
        }
        None => Ok(()),
    }
}

/// The rights under a number, which must be those of somebody born on that day.
///
/// A right of somebody born on another day that was annulled binds nobody: it was a mistake. One of
/// the same day still counts, so that nobody escapes a loss by an annulment.
pub(super) fn rights_of_same_birth(
    state: &State,
    (hpr, birthdate): (HprNumber, CivilDate),
    now: NumericDate,
) -> Result<Vec<&Authorisation>, RuleError> {
    let mut rights = state.rights_of_person(hpr, now);
    let of_same_birth = |right: &Authorisation| state.birthdate_of(right, now) == birthdate;
    rights.retain(|right| of_same_birth(right) || !state.is_annulled(right, now));
    match rights.iter().find(|right| !of_same_birth(right)) {
        Some(other) => {
            let known = state.birthdate_of(other, now);
            let expected = phrase!(
                "`{known}`, as registered with `{hpr}`: if that is wrong, correct it first with `vernet-issuer propose correct`",
                known,
                hpr
            );
            Err(RuleError::new(Rule::BirthdateDiffers, birthdate, expected))
        }
        None => Ok(rights),
    }
}

/// Checks that a statement is a death or a merge that stands.
pub(super) fn retract(state: &State, seq: u64, now: NumericDate) -> Result<(), Error> {
    let retracted = state.statement(seq)?;
    if !matches!(retracted.event, Event::Deceased { .. } | Event::Merged { .. }) {
        let found = phrase!("{seq}, `{event}`", seq, event = retracted.event.name());
        let expected = phrase!("the number of a death or of a merge in `history`");
        return Err(RuleError::new(Rule::NotRetractable, found, expected).into());
    }
    match state.retraction(seq, now) {
        Some(before) => {
            let found = phrase!("{seq}, retracted by {before}", seq, before = before.seq);
            Err(RuleError::new(Rule::NotRetractable, found, phrase!("one that stands")).into())
        }
        None => Ok(()),
    }
}

impl State {
    /// Whether a right was annulled, as far as is known.
    pub(super) fn is_annulled(&self, authorisation: &Authorisation, now: NumericDate) -> bool {
        self.standing_of(authorisation, now.civil_date(), now) == Standing::Annulled
    }
}
