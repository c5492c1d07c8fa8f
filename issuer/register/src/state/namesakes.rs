//! Namesakes: people with the birth date of an applicant and a similar name under another number,
//! and applications that were refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use vernet_common::{
    CertificateNumber, CivilDate, GivenNames, HprNumber, NumericDate, PersonName, Title,
};

use crate::{
    application::Application,
    names::Person,
    state::index::{Authorisation, State},
    statements::{event::Refused, statement::Statement},
};

/// Somebody whom an officer should look at before an applicant is granted anything: perhaps the same
/// person under another number, or the same number with a refusal. It refuses nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Namesake {
    /// The present number.
    pub hpr_number: HprNumber,
    /// Given names, as known now. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// Whether it is the applicant's own number, so that only the refusals are news.
    pub same_number: bool,
    /// What became of their rights.
    pub rights: Vec<NamesakeRight>,
    /// Their applications that were refused.
    pub refusals: Vec<EarlierRefusal>,
}

/// A right of a namesake.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NamesakeRight {
    /// The newest certificate.
    pub certificate_number: CertificateNumber,
    /// The title.
    pub title: Title,
    /// The code of its standing on the day.
    pub standing: &'static str,
}

/// An application that was refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EarlierRefusal {
    /// The number of the statement.
    pub statement: u64,
    /// The day of the decision.
    pub decided_on: CivilDate,
    /// The title that was applied for.
    pub title: Title,
    /// Why.
    pub reason: String,
}

/// A person in the register, by all that was ever known of them.
struct Known<'a> {
    /// The newest names and the birth date.
    shown: (GivenNames, PersonName, CivilDate),
    rights: Vec<&'a Authorisation>,
    refusals: Vec<(&'a Statement, &'a Refused)>,
}

/// Everybody by birth date, so that a table of a hundred thousand people is looked up at once.
struct NamesakeIndex<'a> {
    state: &'a State,
    now: NumericDate,
    people: BTreeMap<HprNumber, Known<'a>>,
    by_birthdate: BTreeMap<CivilDate, Vec<(HprNumber, Person)>>,
}

impl<'a> NamesakeIndex<'a> {
    fn new(state: &'a State, now: NumericDate, days: &BTreeSet<CivilDate>) -> Self {
        let mut index = Self { state, now, people: BTreeMap::new(), by_birthdate: BTreeMap::new() };
        for (hpr, rights) in state.people(now) {
            let Some(newest) = rights.last() else { continue };
            let holder = state.particulars_of(newest, now);
            let shown = (holder.given_name.clone(), holder.family_name.clone(), holder.birthdate);
            // Whoever has a birth date that nobody asks for is found by number alone.
            let births: BTreeSet<CivilDate> =
                rights.iter().flat_map(|right| state.birthdates_ever(right)).collect();
            for day in births.intersection(days) {
                for (given_name, family_name) in
                    rights.iter().flat_map(|right| state.names_ever(right))
                {
                    index.add(*day, hpr, (given_name, family_name));
                }
            }
            index.people.insert(hpr, Known { shown, rights, refusals: Vec::new() });
        }
        for (statement, refused) in state.refusals() {
            let Application { given_name, family_name, birthdate, hpr_number, .. } =
                &refused.application;
            let hpr = state.successor(*hpr_number, now);
            let shown = (given_name.clone(), family_name.clone(), *birthdate);
            let known = index.people.entry(hpr).or_insert_with(|| Known {
                shown,
                rights: Vec::new(),
                refusals: Vec::new(),
            });
            known.refusals.push((statement, refused));
            if days.contains(birthdate) {
                index.add(*birthdate, hpr, (given_name, family_name));
            }
        }
        index
    }

    fn add(
        &mut self,
        day: CivilDate,
        hpr: HprNumber,
        (given_name, family_name): (&GivenNames, &PersonName),
    ) {
        let person = Person::of(given_name.as_str(), family_name.as_str());
        self.by_birthdate.entry(day).or_default().push((hpr, person));
    }

    /// Those to look at for an applicant, in order of their numbers.
    fn about(&self, applicant: &Application) -> Vec<Namesake> {
        let own = self.state.successor(applicant.hpr_number, self.now);
        let applied = Person::of(applicant.given_name.as_str(), applicant.family_name.as_str());
        let of_that_day = self.by_birthdate.get(&applicant.birthdate).into_iter().flatten();
        let alike = of_that_day.filter(|(_, person)| person.is_like(&applied));
        let mut numbers: BTreeSet<HprNumber> = alike.map(|(hpr, _)| *hpr).collect();
        numbers.insert(own);
        let found = numbers.into_iter().filter_map(|hpr| {
            let known = self.people.get(&hpr)?;
            let same_number = hpr == own;
            let namesake = self.namesake(hpr, known, same_number);
            (!same_number || !namesake.refusals.is_empty()).then_some(namesake)
        });
        found.collect()
    }

    fn namesake(&self, hpr_number: HprNumber, known: &Known<'a>, same_number: bool) -> Namesake {
        let (given_name, family_name, birthdate) = known.shown.clone();
        let right = |right: &&Authorisation| {
            let (certificate_number, _) = right.certificates.last()?;
            let standing = self.state.standing_of(right, self.now.civil_date(), self.now);
            Some(NamesakeRight {
                certificate_number: *certificate_number,
                title: self.state.title_of(right).clone(),
                standing: standing.code(),
            })
        };
        let refusal = |(statement, refused): &(&Statement, &Refused)| EarlierRefusal {
            statement: statement.seq,
            decided_on: statement.decided_on,
            title: refused.application.title.clone(),
            reason: refused.reason.clone(),
        };
        Namesake {
            hpr_number,
            given_name,
            family_name,
            birthdate,
            same_number,
            rights: known.rights.iter().filter_map(right).collect(),
            refusals: known.refusals.iter().map(refusal).collect(),
        }
    }
}

impl State {
    /// Those whom an officer should look at before these people are granted anything, each with the
    /// key of the applicant: people with the same birth date and a similar name under another
    /// number, and refused applications under the same number or of such people. As known at an
    /// instant.
    pub fn namesakes<'a, K: Copy>(
        &self,
        applicants: impl IntoIterator<Item = (K, &'a Application)>,
        known_at: NumericDate,
    ) -> Vec<(K, Namesake)> {
        let applicants: Vec<_> = applicants.into_iter().collect();
        let days = applicants.iter().map(|(_, applicant)| applicant.birthdate).collect();
        let index = NamesakeIndex::new(self, known_at, &days);
        let about = |(key, applicant): (K, &Application)| {
            index.about(applicant).into_iter().map(move |found| (key, found))
        };
        applicants.into_iter().flat_map(about).collect()
    }
}
