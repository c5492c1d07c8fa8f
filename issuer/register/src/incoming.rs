//! Alerts of other states about health personnel, which are looked up at a grant
//! (helsepersonelloven § 57).
//!
//! Most are about people who never applied here. They are therefore no part of the register, which
//! forgets nothing, and likeness to an applicant is shown to the officers and decides nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use vernet_common::CivilDate;
use vernet_text::with_plain_hyphens;

use crate::{
    application::{Application, parse},
    error::Error,
    names::{Person, both},
    officer::{line, refuse_national_identity_number},
};

/// An alert that another state sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(into = "IncomingDraft")]
pub struct IncomingAlert {
    /// The alert's own reference.
    pub id: String,
    /// Given names, in whatever script they came; empty if the alert has a single name.
    pub given_name: String,
    /// Family name, likewise.
    pub family_name: String,
    /// Date of birth, if the alert names it.
    pub birthdate: Option<CivilDate>,
    /// The state that sent it, as ISO 3166-1 alpha-2.
    pub state: String,
    /// What the person may not do, in one line as in `prohibited` or `restricted`.
    pub scope: String,
    /// The first day on which that applies.
    pub from: CivilDate,
    /// The first day on which it no longer applies, if it has an end.
    pub until: Option<CivilDate>,
    /// The day on which the alert was received.
    pub received: CivilDate,
}

/// An alert as written in a table and in the database: text that was not checked.
#[expect(missing_docs, reason = "the fields are those of an alert")]
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct IncomingDraft {
    pub id: String,
    pub given_name: String,
    pub family_name: String,
    pub birthdate: Option<String>,
    pub state: String,
    pub scope: String,
    pub from: String,
    pub until: Option<String>,
    pub received: String,
}

impl IncomingAlert {
    /// Whether it may be about the applicant: the birth date is the same and the names are similar,
    /// or the alert names no birth date and the full names are the same. A person has to look.
    pub fn resembles(&self, applicant: &Application) -> bool {
        let applied = Person::of(applicant.given_name.as_str(), applicant.family_name.as_str());
        let named = Person::of(&self.given_name, &self.family_name);
        match self.birthdate {
            Some(birthdate) => birthdate == applicant.birthdate && named.is_like(&applied),
            None => named.has_the_names_of(&applied),
        }
    }
}

/// Alerts, ordered so that a table of a hundred thousand people is looked up at once.
pub(crate) struct AlertIndex<'a> {
    by_birthdate: BTreeMap<CivilDate, Vec<&'a IncomingAlert>>,
    /// Those without a birth date.
    by_names: BTreeMap<String, Vec<&'a IncomingAlert>>,
}

impl<'a> AlertIndex<'a> {
    pub(crate) fn new(alerts: &'a [IncomingAlert]) -> Self {
        let mut index = Self { by_birthdate: BTreeMap::new(), by_names: BTreeMap::new() };
        for alert in alerts {
            let place = match alert.birthdate {
                Some(day) => index.by_birthdate.entry(day).or_default(),
                None => {
                    index.by_names.entry(both(&alert.given_name, &alert.family_name)).or_default()
                }
            };
            place.push(alert);
        }
        index
    }

    /// The alerts that may be about an applicant, in order of receipt.
    pub(crate) fn resembling(&self, applicant: &Application) -> Vec<&'a IncomingAlert> {
        let of_that_day = self.by_birthdate.get(&applicant.birthdate);
        let names = (!self.by_names.is_empty())
            .then(|| both(applicant.given_name.as_str(), applicant.family_name.as_str()));
        let of_those_names = names.and_then(|names| self.by_names.get(&names));
        let candidates = of_that_day.into_iter().chain(of_those_names).flatten().copied();
        let mut found: Vec<_> = candidates.filter(|alert| alert.resembles(applicant)).collect();
        found.sort_by_key(|alert| alert.received);
        found
    }
}

impl IncomingDraft {
    /// This comes first, because other checks quote what they find.
    fn refuse_national_identity_numbers(&self) -> Result<(), Error> {
        let (date, name) = ("a date as in `2010-06-30`", "a name");
        let fields = [
            ("id", Some(&self.id), "the alert's own reference"),
            ("given_name", Some(&self.given_name), name),
            ("family_name", Some(&self.family_name), name),
            ("birthdate", self.birthdate.as_ref(), date),
            ("state", Some(&self.state), "two capital letters"),
            ("scope", Some(&self.scope), "what the person may not do, in one line"),
            ("from", Some(&self.from), date),
            ("until", self.until.as_ref(), date),
            ("received", Some(&self.received), date),
        ];
        fields.into_iter().try_for_each(|(field, text, expected)| {
            text.map_or(Ok(()), |text| refuse_national_identity_number(field, text, expected))
        })
    }
}

impl TryFrom<IncomingDraft> for IncomingAlert {
    type Error = Error;
    fn try_from(draft: IncomingDraft) -> Result<Self, Error> {
        draft.refuse_national_identity_numbers()?;
        let date = |field, text: Option<String>| -> Result<Option<CivilDate>, Error> {
            text.map(|text| parse(field, &text)).transpose()
        };
        let alert = Self {
            id: line("id", &draft.id)?,
            given_name: match draft.given_name.as_str() {
                "" => String::new(),
                given_name => name("given_name", given_name)?,
            },
            family_name: name("family_name", &draft.family_name)?,
            birthdate: date("birthdate", draft.birthdate)?,
            state: state(draft.state)?,
            scope: line("scope", &draft.scope)?,
            from: parse("from", &draft.from)?,
            until: date("until", draft.until)?,
            received: parse("received", &draft.received)?,
        };
        match alert.until {
            Some(until) if until <= alert.from => {
                let expected = "the first day after it, later than `from`";
                Err(vernet_common::Error::field("until", &until.to_string(), expected).into())
            }
            _ => Ok(alert),
        }
    }
}

impl From<IncomingAlert> for IncomingDraft {
    fn from(alert: IncomingAlert) -> Self {
        Self {
            id: alert.id,
            given_name: alert.given_name,
            family_name: alert.family_name,
            birthdate: alert.birthdate.map(Into::into),
            state: alert.state,
            scope: alert.scope,
            from: alert.from.into(),
            until: alert.until.map(Into::into),
            received: alert.received.into(),
        }
    }
}

/// A name in any script. One without letters would resemble nobody, and be kept for nothing.
fn name(field: &'static str, text: &str) -> Result<String, Error> {
    let name = line(field, &with_plain_hyphens(text))?;
    match name.chars().any(char::is_alphabetic) {
        true => Ok(name),
        false => Err(vernet_common::Error::field(field, text, "a name, with letters").into()),
    }
}

fn state(state: String) -> Result<String, Error> {
    match state.len() == 2 && state.bytes().all(|b| b.is_ascii_uppercase()) {
        true => Ok(state),
        false => {
            let expected = "two capital letters as in ISO 3166-1";
            Err(vernet_common::Error::field("state", &state, expected).into())
        }
    }
}
