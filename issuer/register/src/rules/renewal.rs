//! The renewal of a title for another cycle: what was counted against what its row asks for.

use std::{collections::BTreeMap, ops::Range};

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    phrase,
    prose::Phrase,
    rule::{Rule, RuleError},
    state::index::{Authorisation, State},
    statements::event::Count,
    titles::{Minimum, Renewal},
};

/// What a renewal asks for of a kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CountsAsked {
    /// What is counted, in a word: `clinical`.
    pub category: String,
    /// The years in which it is counted.
    pub years: Range<i16>,
    /// The least in each of them.
    pub per_year: u32,
    /// The least in all of them.
    pub per_cycle: u32,
}

impl State {
    /// What a renewal of the certificate's title asks for now; nothing if the title has no cycle.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn counts_asked(
        &self,
        number: CertificateNumber,
        now: NumericDate,
    ) -> Result<Vec<CountsAsked>, Error> {
        let authorisation = self.authorisation(number)?;
        let end = self.cycle_end(authorisation, now);
        let Some((renewal, end)) = self.row_of(authorisation)?.renewal.as_ref().zip(end) else {
            return Ok(Vec::new());
        };
        let asked = renewal.minimums.iter().map(|minimum| CountsAsked {
            category: minimum.category.clone(),
            years: minimum.years(renewal, end),
            per_year: minimum.per_year,
            per_cycle: minimum.per_cycle,
        });
        Ok(asked.collect())
    }
}

/// The first day after the cycle for which a right is renewed now.
///
/// # Errors
///
/// [`Rule::RenewalMismatch`] if the title is not renewed, or something else was counted;
/// [`Rule::RenewalTooEarly`], [`Rule::RenewalTooLate`]; [`Rule::RenewalTooLittle`] with all that is
/// missing, in numbers.
pub(super) fn renewed_until(
    state: &State,
    authorisation: &Authorisation,
    counts: &[Count],
    now: NumericDate,
) -> Result<CivilDate, Error> {
    let row = state.row_of(authorisation)?;
    let Some(renewal) = &row.renewal else {
        let expected = phrase!("none: `{title}` has no cycle", title = row.title);
        return Err(RuleError::new(Rule::RenewalMismatch, phrase!("a renewal"), expected).into());
    };
    let end = state.cycle_end(authorisation, now).unwrap_or(now.civil_date());
    let today = now.civil_date();
    let opens = end.plus_years(-1);
    if today < opens {
        let expected = phrase!("one from `{opens}` on: the cycle ends before `{end}`", opens, end);
        return Err(RuleError::new(Rule::RenewalTooEarly, today, expected).into());
    }
    let over = renewal.is_over(end);
    if over <= today {
        let expected = phrase!("one before `{over}`; now it takes a new grant", over);
        return Err(RuleError::new(Rule::RenewalTooLate, today, expected).into());
    }
    check_counts(renewal, end, counts)?;
    Ok(renewal.next_end(end))
}

fn check_counts(renewal: &Renewal, end: CivilDate, counts: &[Count]) -> Result<(), RuleError> {
    let mut known = BTreeMap::new();
    for count in counts {
        let Count { category, year, count } = count;
        let asked = renewal.minimums.iter().find(|minimum| minimum.category == *category);
        if asked.is_none_or(|minimum| !minimum.years(renewal, end).contains(year)) {
            let found = phrase!("{category} in {year}", category, year);
            return Err(RuleError::new(Rule::RenewalMismatch, found, asked_for(renewal, end)));
        }
        if known.insert((&**category, *year), *count).is_some() {
            let found = phrase!("{category} in {year} twice", category, year);
            return Err(RuleError::new(Rule::RenewalMismatch, found, phrase!("each once")));
        }
    }
    let missing: Vec<Phrase> = renewal
        .minimums
        .iter()
        .flat_map(|minimum| missing(minimum, minimum.years(renewal, end), &known))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            let found = Phrase::Joined("; ", missing);
            Err(RuleError::new(Rule::RenewalTooLittle, found, asked_for(renewal, end)))
        }
    }
}

/// What is missing of a minimum, in numbers.
fn missing(
    minimum: &Minimum,
    years: std::ops::Range<i16>,
    known: &BTreeMap<(&str, i16), u32>,
) -> Vec<Phrase> {
    let Minimum { category, per_year, per_cycle, .. } = minimum;
    let of = |year: i16| known.get(&(&**category, year)).copied().unwrap_or(0);
    let total: u64 = years.clone().map(|year| u64::from(of(year))).sum();
    let short =
        |count: u64, least: u32| u64::from(least).checked_sub(count).filter(|short| *short > 0);
    let in_year = years.filter_map(|year| {
        let short = short(u64::from(of(year)), *per_year)?;
        Some(phrase!(
            "{short} {category} missing in {year}, of {per_year}",
            short,
            category,
            year,
            per_year
        ))
    });
    let in_all = short(total, *per_cycle).map(|short| {
        phrase!("{short} {category} missing in all, of {per_cycle}", short, category, per_cycle)
    });
    in_year.chain(in_all).collect()
}

fn asked_for(renewal: &Renewal, end: CivilDate) -> Phrase {
    let each = renewal.minimums.iter().map(|minimum| {
        let years = minimum.years(renewal, end);
        phrase!(
            "{per_year} {category} in each year from {start} to {end} and {per_cycle} in all",
            per_year = minimum.per_year,
            category = minimum.category,
            start = years.start,
            end = years.end - 1,
            per_cycle = minimum.per_cycle
        )
    });
    Phrase::Joined(", ", each.collect())
}
