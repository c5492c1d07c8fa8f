//! What can be recorded of papers that were printed or sent.

use std::collections::BTreeSet;

use vernet_common::CivilDate;

use crate::{
    error::Error,
    phrase,
    prose::Phrase,
    rule::{Rule, RuleError},
    state::index::State,
    statements::dispatch::{Dispatched, Paper},
};

/// A paper is about something that is in the register, and no older than that.
pub(super) fn dispatch(state: &State, papers: &Dispatched, on: CivilDate) -> Result<(), Error> {
    papers.check_words()?;
    let (numbers, count) = (&papers.certificates, papers.certificates.len());
    let refused = |field, found: String, expected: &'static str| {
        Err(vernet_common::Error::field(field, &found, expected).into())
    };
    let is_about_decision = papers.what == Paper::DecisionLetter;
    match papers.decision {
        Some(seq) if is_about_decision => {
            if count > 0 {
                let expected = "none: a letter about a decision is named by its decision";
                return refused("certificates", format!("{count} certificates"), expected);
            }
            let Some(told) = state.told(seq)?.filter(|told| told.statement.seq == seq) else {
                let expected =
                    "a decision of this office about a person, of which there is a letter";
                return refused("decision", seq.to_string(), expected);
            };
            not_before(on, told.statement.recorded_at.civil_date(), phrase!("decision {seq}", seq))
        }
        Some(seq) => {
            refused("decision", seq.to_string(), "none, except for a letter about a decision")
        }
        None if is_about_decision => {
            refused("decision", "nothing".to_owned(), "the number of the decision")
        }
        None => {
            let distinct: BTreeSet<_> = numbers.iter().collect();
            if !(1..=Dispatched::MOST).contains(&count) || distinct.len() != count {
                let expected = "1 to 10,000 certificates, each once";
                let found = format!("{count} certificates, {} different", distinct.len());
                return refused("certificates", found, expected);
            }
            numbers.iter().try_for_each(|number| {
                let made = state.certificate(*number)?.statement.recorded_at.civil_date();
                not_before(on, made, phrase!("certificate {number}", number))
            })
        }
    }
}

fn not_before(on: CivilDate, made: CivilDate, what: Phrase) -> Result<(), Error> {
    if on < made {
        let expected = phrase!("`{made}`, the day of {what}, or later", made, what);
        return Err(RuleError::new(Rule::DispatchedBeforeMade, on, expected).into());
    }
    Ok(())
}
