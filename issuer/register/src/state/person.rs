//! One person: who is meant by what was typed, and everything that the register holds about them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use vernet_common::{
    CertificateNumber, CivilDate, GivenNames, HprNumber, NumericDate, PersonName, Title,
};

use crate::{
    application::Application,
    error::Error,
    names::SoughtName,
    officer::refuse_national_identity_number,
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
    statements::{
        event::Event,
        proposal::{Act, Document, Proposal},
        statement::Statement,
    },
};

/// Somebody who was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FoundPerson {
    /// The present health personnel number.
    pub hpr_number: HprNumber,
    /// Given names, as known now. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// The first certificate of each right; none of somebody who only applied.
    pub certificates: Vec<CertificateNumber>,
}

/// Everything that the register holds about a person.
#[derive(Debug)]
pub struct PersonFile<'a> {
    /// Who it is, as known now.
    pub person: FoundPerson,
    /// Every name that was ever written of them, oldest first.
    pub names: Vec<(&'a GivenNames, &'a PersonName)>,
    /// Every birth date.
    pub birthdates: BTreeSet<CivilDate>,
    /// Every health personnel number.
    pub numbers: BTreeSet<HprNumber>,
    /// Their rights, in order of granting.
    pub rights: Vec<PersonRight<'a>>,
    /// Every statement about them, oldest first: decisions, refusals, proposals, papers, histories.
    pub statements: Vec<&'a Statement>,
    /// The proposals among them that wait for another officer.
    pub waiting: Vec<u64>,
    /// The proposals among them that were rejected, with the reason.
    pub rejected: Vec<(u64, &'a str)>,
    /// The documents that they were decided on, each with the number of the proposal.
    pub documents: Vec<(u64, &'a Document)>,
    /// Their applications, granted or not.
    pub applications: Vec<&'a Application>,
}

/// A right of a person.
#[derive(Debug)]
pub struct PersonRight<'a> {
    /// The title.
    pub title: &'a Title,
    /// What it is worth on the day.
    pub standing: Standing,
    /// Its certificates, in order of signing.
    pub certificates: Vec<CertificateNumber>,
}

/// What was ever written of a person.
#[derive(Default)]
struct Written<'a> {
    names: Vec<(&'a GivenNames, &'a PersonName)>,
    birthdates: BTreeSet<CivilDate>,
    numbers: BTreeSet<HprNumber>,
    rights: Vec<&'a Authorisation>,
    applications: Vec<&'a Application>,
}

impl<'a> Written<'a> {
    fn add_names(&mut self, names: (&'a GivenNames, &'a PersonName)) {
        if !self.names.contains(&names) {
            self.names.push(names);
        }
    }

    fn add_application(&mut self, application: &'a Application) {
        self.add_names((&application.given_name, &application.family_name));
        self.birthdates.insert(application.birthdate);
        self.numbers.insert(application.hpr_number);
        self.applications.push(application);
    }
}

impl State {
    /// The people who may be meant: by a health personnel number or that of a certificate, a birth
    /// date, the words of a name in any order and spelling, or several of these together. Also by
    /// what was corrected or merged later, and those who only applied. In order of their names.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::FieldInvalid`] if there is nothing to find anybody by, or a national
    /// identity number, which is stored nowhere.
    pub fn find_people(
        &self,
        typed: &str,
        known_at: NumericDate,
    ) -> Result<Vec<FoundPerson>, Error> {
        let expected = "a name, a birth date, an HPR number or the number of a certificate";
        refuse_national_identity_number("the person", typed, expected)?;
        let sought = Sought::of(typed).ok_or_else(|| {
            Error::from(vernet_common::Error::field("the person", typed, expected))
        })?;
        let mut found: Vec<_> = self
            .everybody(known_at)
            .into_iter()
            .filter(|(_, written)| self.is_sought(&sought, written))
            .filter_map(|(hpr, written)| self.found(hpr, &written, known_at))
            .collect();
        let key = |one: &FoundPerson| {
            let names = (one.family_name.as_str().to_owned(), one.given_name.as_str().to_owned());
            (names, one.hpr_number)
        };
        found.sort_by_cached_key(key);
        Ok(found)
    }

    fn is_sought(&self, sought: &Sought, written: &Written<'_>) -> bool {
        let of_certificate = |number: &CertificateNumber| {
            let mut own = written.rights.iter().flat_map(|right| &right.certificates);
            own.any(|(other, _)| other == number)
        };
        sought.numbers.iter().all(|number| written.numbers.contains(number))
            && sought.days.iter().all(|day| written.birthdates.contains(day))
            && sought.certificates.iter().all(of_certificate)
            && sought.name.as_ref().is_none_or(|name| {
                let mut names = written.names.iter();
                names.any(|(given, family)| name.finds(given.as_str(), family.as_str()))
            })
    }

    fn found(
        &self,
        hpr_number: HprNumber,
        written: &Written<'_>,
        known_at: NumericDate,
    ) -> Option<FoundPerson> {
        let (given_name, family_name, birthdate) = match written.rights.last() {
            Some(right) => {
                let holder = self.particulars_of(right, known_at);
                (holder.given_name, holder.family_name, holder.birthdate)
            }
            None => {
                let last = written.applications.last()?;
                (&last.given_name, &last.family_name, last.birthdate)
            }
        };
        let first = |right: &&Authorisation| right.certificates.first().map(|(number, _)| *number);
        Some(FoundPerson {
            hpr_number,
            given_name: given_name.clone(),
            family_name: family_name.clone(),
            birthdate,
            certificates: written.rights.iter().filter_map(first).collect(),
        })
    }

    /// Everybody by the present number, with all that was ever written of them.
    fn everybody(&self, known_at: NumericDate) -> BTreeMap<HprNumber, Written<'_>> {
        let mut everybody: BTreeMap<HprNumber, Written<'_>> = BTreeMap::new();
        for (hpr, rights) in self.people(known_at) {
            let written = everybody.entry(hpr).or_default();
            written.numbers.extend(self.numbers_of_person(hpr, known_at));
            for right in rights {
                self.names_ever(right).for_each(|names| written.add_names(names));
                written.birthdates.extend(self.birthdates_ever(right));
                written.numbers.extend(self.numbers_ever(right));
                written.applications.push(&self.granted(right).application);
                written.rights.push(right);
            }
        }
        for statement in self.statements.iter().filter(|one| one.recorded_at <= known_at) {
            let Some(application) = applied_for(&statement.event) else { continue };
            // What was granted counts with its right, whose number may have been corrected.
            if self.was_granted(statement.seq) {
                continue;
            }
            let hpr = self.successor(application.hpr_number, known_at);
            let written = everybody.entry(hpr).or_default();
            // The proposal of what was granted says nothing new.
            if !written.applications.contains(&application) {
                written.add_application(application);
            }
        }
        everybody
    }

    /// Everything about the person with this number, which may be an earlier one.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::FieldInvalid`] if nothing is held about anybody with this number.
    pub fn person_file(
        &self,
        hpr: HprNumber,
        known_at: NumericDate,
    ) -> Result<PersonFile<'_>, Error> {
        let mut everybody = self.everybody(known_at);
        let mut present = self.successor(hpr, known_at);
        // A number that was corrected is nobody's present one, unless it is another person's.
        if !everybody.contains_key(&present)
            && let Some((owner, _)) = everybody.iter().find(|(_, one)| one.numbers.contains(&hpr))
        {
            present = *owner;
        }
        let found = everybody
            .remove(&present)
            .and_then(|written| Some((self.found(present, &written, known_at)?, written)));
        let Some((person, written)) = found else {
            let expected = "the present number of somebody in the register";
            return Err(
                vernet_common::Error::field("hpr_number", &hpr.to_string(), expected).into()
            );
        };
        let certificates: BTreeSet<CertificateNumber> = written
            .rights
            .iter()
            .flat_map(|right| right.certificates.iter().map(|(number, _)| *number))
            .collect();
        let numbers = self.numbers_of_person(present, known_at);
        let about = About { state: self, certificates: &certificates, numbers: &numbers };
        let mut seqs = BTreeSet::new();
        let (mut waiting, mut rejected, mut documents) = (Vec::new(), Vec::new(), Vec::new());
        for statement in self.statements.iter().filter(|one| one.recorded_at <= known_at) {
            if !about.is(statement, &seqs) {
                continue;
            }
            seqs.insert(statement.seq);
            // A table of an import is about many; it is named for its documents' sake.
            seqs.extend(statement.approves.map(|approves| approves.seq));
            if let Event::Rejected { proposal, reason } = &statement.event {
                rejected.push((*proposal, reason.as_str()));
            }
        }
        for seq in &seqs {
            let Event::Proposed(proposal) = &self.statement(*seq)?.event else { continue };
            documents.extend(proposal.documents.iter().map(|document| (*seq, document)));
            if self.open.contains(seq) {
                waiting.push(*seq);
            }
        }
        let right = |right: &&Authorisation| PersonRight {
            title: &self.granted(right).application.title,
            standing: self.standing_of(right, known_at.civil_date(), known_at),
            certificates: right.certificates.iter().map(|(number, _)| *number).collect(),
        };
        Ok(PersonFile {
            person,
            rights: written.rights.iter().map(right).collect(),
            names: written.names,
            birthdates: written.birthdates,
            numbers: written.numbers,
            statements: seqs.iter().filter_map(|seq| self.statement(*seq).ok()).collect(),
            waiting,
            rejected,
            documents,
            applications: written.applications,
        })
    }

    /// Every name that a right was ever held under, oldest first.
    pub(super) fn names_ever<'a>(
        &'a self,
        right: &'a Authorisation,
    ) -> impl Iterator<Item = (&'a GivenNames, &'a PersonName)> {
        let application = &self.granted(right).application;
        let first = (&application.given_name, &application.family_name);
        let issued = right.certificates.iter().filter_map(|(_, position)| {
            let (claims, _) = self.at(*position).event.issued()?;
            Some((&claims.given_name, &claims.family_name))
        });
        let corrected =
            right.corrections.iter().filter_map(|position| match &self.at(*position).event {
                Event::Corrected(correction) => correction.names.as_ref(),
                _ => None,
            });
        let corrected = corrected.map(|names| (&names.given_name, &names.family_name));
        std::iter::once(first).chain(issued).chain(corrected)
    }

    /// Every birth date that was ever known of the holder of a right.
    pub(super) fn birthdates_ever<'a>(
        &'a self,
        right: &'a Authorisation,
    ) -> impl Iterator<Item = CivilDate> + 'a {
        let corrected =
            right.corrections.iter().filter_map(|position| match &self.at(*position).event {
                Event::Corrected(correction) => correction.birthdate,
                _ => None,
            });
        std::iter::once(self.granted(right).application.birthdate).chain(corrected)
    }
}

impl State {
    /// Whether a statement is the proposal of a grant that was approved.
    fn was_granted(&self, seq: u64) -> bool {
        let by = self.decided.get(&seq).and_then(|by| self.statement(*by).ok());
        by.is_some_and(|by| matches!(by.event, Event::Granted(_)))
    }
}

/// What an event, or a proposal of one, was applied for.
fn applied_for(event: &Event) -> Option<&Application> {
    match event {
        Event::Refused(refused) => Some(&refused.application),
        Event::Proposed(proposal) => match &proposal.act {
            Act::Grant { application } => Some(application),
            Act::Decide { event } => applied_for(event),
            _ => None,
        },
        _ => None,
    }
}

/// Whose statements are looked for.
struct About<'a> {
    state: &'a State,
    certificates: &'a BTreeSet<CertificateNumber>,
    /// The present numbers: one that was written wrongly is another person's.
    numbers: &'a BTreeSet<HprNumber>,
}

impl About<'_> {
    /// Whether a statement is about the person. `before` are those that are, up to this one.
    fn is(&self, statement: &Statement, before: &BTreeSet<u64>) -> bool {
        match &statement.event {
            Event::Proposed(proposal) => {
                !self.state.was_granted(statement.seq) && self.is_proposal(proposal)
            }
            Event::Rejected { proposal, .. } => before.contains(proposal),
            event => self.is_event(event),
        }
    }

    fn is_proposal(&self, proposal: &Proposal) -> bool {
        match &proposal.act {
            Act::Grant { application } => self.numbers.contains(&application.hpr_number),
            Act::Decide { event } => self.is_event(event),
            _ => proposal.certificate().is_some_and(|number| self.certificates.contains(&number)),
        }
    }

    fn is_event(&self, event: &Event) -> bool {
        let own = |numbers: &[CertificateNumber]| {
            numbers.iter().any(|number| self.certificates.contains(number))
        };
        match event {
            Event::Refused(refused) => self.numbers.contains(&refused.application.hpr_number),
            Event::Merged { from, into } => {
                self.numbers.contains(from) || self.numbers.contains(into)
            }
            Event::Retracted { statement } => {
                let retracted = self.state.statement(*statement);
                retracted.is_ok_and(|retracted| self.is_event(&retracted.event))
            }
            // One of everybody is about them, if they had a certificate by then.
            Event::HistoryMade { certificates, iat, .. } if certificates.is_empty() => {
                let mut own = self.certificates.iter();
                own.any(|number| {
                    let known = self.state.certificate(*number);
                    known.is_ok_and(|known| known.statement.recorded_at <= *iat)
                })
            }
            Event::HistoryMade { certificates, .. } => own(certificates),
            Event::Dispatched(papers) => {
                let decided = papers.decision.and_then(|seq| self.state.statement(seq).ok());
                own(&papers.certificates)
                    || decided.is_some_and(|decided| self.is_event(&decided.event))
            }
            event => {
                let issued = event.issued().map(|(claims, _)| claims.certificate_number);
                let about = event.certificate().into_iter().chain(issued);
                about.into_iter().any(|number| self.certificates.contains(&number))
            }
        }
    }
}

/// What was typed to find somebody.
struct Sought {
    certificates: Vec<CertificateNumber>,
    numbers: Vec<HprNumber>,
    days: Vec<CivilDate>,
    name: Option<SoughtName>,
}

impl Sought {
    /// None if nobody can be found by it.
    fn of(typed: &str) -> Option<Self> {
        let mut sought =
            Self { certificates: Vec::new(), numbers: Vec::new(), days: Vec::new(), name: None };
        let mut words = Vec::new();
        for word in typed.split_whitespace() {
            let bare = word.trim_matches([',', ';']);
            if let Ok(number) = bare.to_ascii_uppercase().parse() {
                sought.certificates.push(number);
            } else if let Some(day) = vernet_text::date(bare) {
                sought.days.push(day);
            } else if let Ok(number) = bare.parse() {
                sought.numbers.push(number);
            } else {
                words.push(word);
            }
        }
        sought.name = SoughtName::of(&words.join(" "));
        let has_number = !sought.certificates.is_empty() || !sought.numbers.is_empty();
        // A word without a letter would silently be passed over.
        let is_read = words.is_empty() || sought.name.is_some();
        (is_read && (has_number || !sought.days.is_empty() || sought.name.is_some()))
            .then_some(sought)
    }
}
