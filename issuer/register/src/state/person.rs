//! One person: who is meant by what was typed, and everything that the register holds about them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use vernet_common::{
    CertificateNumber, CivilDate, GivenNames, HprNumber, NumericDate, PersonName, Title,
};

use crate::{
    application::Application,
    error::Error,
    names::{SoughtName, SpelledName},
    officer::refuse_national_identity_number,
    state::{
        index::{Authorisation, State},
        known_people::{FoundPerson, Known, KnownPerson},
        standing::Standing,
    },
    statements::{
        event::Event,
        proposal::{Act, Document, Proposal},
        statement::Statement,
    },
};

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

    fn is_nobody(&self) -> bool {
        self.rights.is_empty() && self.applications.is_empty()
    }

    fn add_new_application(&mut self, application: &'a Application) {
        // The proposal of what was refused says nothing new.
        if self.applications.contains(&application) {
            return;
        }
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
        let known = self.known_people(known_at);
        let sought = known.people.values().filter(|person| sought.is(person));
        let mut found: Vec<_> = sought.map(|person| person.found.clone()).collect();
        let key = |one: &FoundPerson| {
            let names = (one.family_name.as_str().to_owned(), one.given_name.as_str().to_owned());
            (names, one.hpr_number)
        };
        found.sort_by_cached_key(key);
        Ok(found)
    }

    /// What a search compares, of everybody. What is known now is kept for the next search.
    fn known_people(&self, known_at: NumericDate) -> Arc<Known> {
        if self.recorded_until().is_some_and(|last| known_at < last) {
            return Arc::new(self.all_known(known_at));
        }
        self.known_people.after(self.statements.len(), |known| self.follow(known, known_at))
    }

    fn all_known(&self, known_at: NumericDate) -> Known {
        let everybody = self.everybody(known_at).into_iter();
        let people = everybody
            .filter_map(|(hpr, written)| Some((hpr, self.known(hpr, &written, known_at)?)));
        Known { statements: self.statements.len(), people: people.collect() }
    }

    fn known(
        &self,
        hpr: HprNumber,
        written: &Written<'_>,
        known_at: NumericDate,
    ) -> Option<KnownPerson> {
        let names = written.names.iter();
        let certificates = written.rights.iter().flat_map(|right| &right.certificates);
        Some(KnownPerson {
            names: names
                .map(|(given, family)| SpelledName::of(given.as_str(), family.as_str()))
                .collect(),
            birthdates: written.birthdates.clone(),
            numbers: written.numbers.clone(),
            certificates: certificates.map(|(number, _)| *number).collect(),
            found: self.found(hpr, written, known_at)?,
        })
    }

    /// Brings what was known up to date: those whom the statements since are about, or everybody.
    fn follow(&self, known: &mut Known, known_at: NumericDate) {
        /// Beyond so many people it is faster to gather everybody.
        const MANY: usize = 50;
        let mut touched = BTreeSet::new();
        let since = self.statements.get(known.statements..).unwrap_or_default();
        let is_simple = known.statements > 0
            && since.iter().all(|statement| match numbers_in(&statement.event) {
                Some(number) => {
                    touched.extend(number);
                    touched.len() <= MANY
                }
                None => false,
            });
        if !is_simple {
            *known = self.all_known(known_at);
            return;
        }
        for number in touched {
            let present = self.successor(number, known_at);
            let written = self.written(present, known_at);
            match self.known(present, &written, known_at) {
                Some(person) => known.people.insert(present, person),
                None => known.people.remove(&present),
            };
        }
        known.statements = self.statements.len();
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
            self.write_rights(written, hpr, rights, known_at);
        }
        for application in self.not_granted(known_at) {
            let hpr = self.successor(application.hpr_number, known_at);
            everybody.entry(hpr).or_default().add_new_application(application);
        }
        everybody
    }

    /// The same of the person with this present number; nothing if there is nobody.
    fn written(&self, present: HprNumber, known_at: NumericDate) -> Written<'_> {
        let mut written = Written::default();
        let rights = self.rights_of_person(present, known_at);
        if !rights.is_empty() {
            self.write_rights(&mut written, present, rights, known_at);
        }
        let own = |application: &&Application| {
            self.successor(application.hpr_number, known_at) == present
        };
        self.not_granted(known_at)
            .filter(own)
            .for_each(|application| written.add_new_application(application));
        written
    }

    fn write_rights<'a>(
        &'a self,
        written: &mut Written<'a>,
        hpr: HprNumber,
        rights: Vec<&'a Authorisation>,
        known_at: NumericDate,
    ) {
        written.numbers.extend(self.numbers_of_person(hpr, known_at));
        for right in rights {
            self.names_ever(right).for_each(|names| written.add_names(names));
            written.birthdates.extend(self.birthdates_ever(right));
            written.numbers.extend(self.numbers_ever(right));
            written.applications.push(&self.granted(right).application);
            written.rights.push(right);
        }
    }

    /// Every application that was not granted. What was granted counts with its right, whose number
    /// may have been corrected.
    fn not_granted(&self, known_at: NumericDate) -> impl Iterator<Item = &Application> {
        let known = self.statements.iter().filter(move |one| one.recorded_at <= known_at);
        known.filter_map(|statement| match &statement.event {
            // Asked first: most proposals were granted, and need not be read.
            Event::Proposed(_) if self.was_granted(statement.seq) => None,
            event => applied_for(event),
        })
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
        let mut present = self.successor(hpr, known_at);
        let mut written = self.written(present, known_at);
        // A number that was corrected is nobody's present one, unless it is another person's.
        if written.is_nobody()
            && let known = self.known_people(known_at)
            && let Some((owner, _)) =
                known.people.iter().find(|(_, one)| one.numbers.contains(&hpr))
        {
            present = *owner;
            written = self.written(present, known_at);
        }
        let found = self.found(present, &written, known_at).map(|person| (person, written));
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
/// The numbers of those whose names, dates, numbers or certificates a statement may change; `None` if
/// it may concern others as well.
fn numbers_in(event: &Event) -> Option<Option<HprNumber>> {
    match event {
        Event::Merged { .. }
        | Event::Corrected(_)
        | Event::Retracted { .. }
        | Event::Restored(_)
        | Event::LostRevoked { .. } => None,
        event => Some(match (applied_for(event), event.issued()) {
            (Some(application), _) => Some(application.hpr_number),
            (None, Some((claims, _))) => Some(claims.hpr_number),
            (None, None) => None,
        }),
    }
}

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
    /// Whether a person may be meant.
    fn is(&self, person: &KnownPerson) -> bool {
        self.numbers.iter().all(|number| person.numbers.contains(number))
            && self.days.iter().all(|day| person.birthdates.contains(day))
            && self.certificates.iter().all(|number| person.certificates.contains(number))
            && self.name.as_ref().is_none_or(|name| person.names.iter().any(|one| name.finds(one)))
    }

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
