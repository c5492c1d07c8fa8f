//! The people whom the register knows, each of them once.

use std::collections::BTreeMap;

use vernet_common::{CivilDate, HprNumber, NumericDate, Title};

use crate::state::{
    index::{Authorisation, State},
    standing::Standing,
};

impl State {
    /// Everybody who ever had a right, by the person's present number, with all their rights in
    /// order of granting, as known at an instant. Two numbers that were merged are one person, and a
    /// number that was corrected counts as it is right.
    pub(crate) fn people(&self, known_at: NumericDate) -> BTreeMap<HprNumber, Vec<&Authorisation>> {
        let mut people: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let rights = self.authorisations.iter();
        for right in rights.filter(|right| self.at(right.grant).recorded_at <= known_at) {
            let person = self.successor(self.hpr_of(right, known_at), known_at);
            people.entry(person).or_default().push(right);
        }
        people
    }

    /// The right that says what a person with these rights for one title is on a day, with its
    /// standing. Of several live ones, which are there only before two numbers turned out to be one
    /// person, the stricter one counts, as in a history. Of none the newest one.
    pub(crate) fn leading<'a>(
        &self,
        rights: &[&'a Authorisation],
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<(&'a Authorisation, Standing)> {
        let standings = rights.iter().map(|right| (*right, self.standing_of(right, on, known_at)));
        standings
            .enumerate()
            .max_by_key(|(place, (_, standing))| (weight(standing), *place))
            .map(|(_, found)| found)
    }

    /// The rights of one person by their titles.
    pub(crate) fn by_title<'a>(
        &self,
        rights: &[&'a Authorisation],
    ) -> BTreeMap<&Title, Vec<&'a Authorisation>> {
        let mut titles: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for right in rights {
            titles.entry(self.title_of(right)).or_default().push(*right);
        }
        titles
    }
}

fn weight(standing: &Standing) -> u8 {
    match standing {
        Standing::Suspended { .. } => 4,
        Standing::WithConditions { .. } => 3,
        Standing::Authorised => 2,
        Standing::NotYet => 0,
        _ => 1,
    }
}
