//! The past of a person as a history shows it: the state on each day, each time that the register
//! learnt something new about it.

use std::collections::BTreeSet;

use vernet_common::{
    CertificateNumber, CivilDate, HistoryRecord, HistoryState, HprNumber, NumericDate, PastState,
    Title,
};

use crate::{
    error::Error,
    state::{
        index::{Authorisation, State},
        standing::Standing,
    },
    statements::statement::Statement,
};

impl State {
    /// What the register said about the holder of a certificate, from its first statement until an
    /// instant. No day after that instant is in it: the end of a suspension, or the lapse by age,
    /// appears only once it has happened.
    ///
    /// It is about the person and the title: an earlier authorisation counts for its days, and so
    /// does one under a merged number, from the moment at which the register knew of the merge. One
    /// for another title does not, unless this title requires it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such certificate, or it was not yet issued at that
    /// instant.
    pub fn past(
        &self,
        number: CertificateNumber,
        until: NumericDate,
    ) -> Result<Vec<HistoryRecord>, Error> {
        let own = self.authorisation(number)?;
        let title = self.title_of(own);
        if self.certificate(number)?.statement.recorded_at > until {
            return Err(Error::NotFound { number });
        }
        let mut statements: Vec<&Statement> = Vec::new();
        for right in self.rights_that_ever_counted(own, title) {
            let (first, _) = right.certificates.first().ok_or(Error::NotFound { number })?;
            statements.extend(
                self.history(*first)?
                    .into_iter()
                    .filter(|statement| statement.recorded_at <= until),
            );
        }
        let instants: BTreeSet<NumericDate> =
            statements.iter().map(|statement| statement.recorded_at).collect();
        let mut records: Vec<HistoryRecord> = Vec::new();
        for recorded in instants {
            let hpr = self.hpr_of(own, recorded);
            let rights = self.rights_of_title(hpr, title, recorded);
            let known = statements.iter().filter(|statement| statement.recorded_at <= recorded);
            let mut days: BTreeSet<CivilDate> =
                known.flat_map(|statement| statement.days()).collect();
            days.extend(
                self.rights_that_count(hpr, title, recorded)
                    .into_iter()
                    .flat_map(|right| self.terms(right, recorded))
                    .filter_map(|term| term.until)
                    .map(|(since, _)| since),
            );
            let Some(first) = rights.iter().map(|right| self.at(right.grant).effective_on).min()
            else {
                continue;
            };
            let mut states: Vec<HistoryState> = Vec::new();
            for from in days.range(first..=until.civil_date()) {
                let (state, other) = self.state_of_person(own, &rights, *from, recorded);
                if states.last().is_none_or(|last| (last.state, last.other) != (state, other)) {
                    states.push(HistoryState { from: *from, other, state });
                }
            }
            if records.last().is_none_or(|last| last.states != states) {
                records.push(HistoryRecord { recorded, states });
            }
        }
        Ok(records)
    }

    /// The rights of a person for a title, and for those that it requires: what is decided about any
    /// of them changes what the person is.
    fn rights_that_count(
        &self,
        hpr: HprNumber,
        title: &Title,
        known_at: NumericDate,
    ) -> Vec<&Authorisation> {
        self.with_required(title)
            .flat_map(|title| self.rights_of_title(hpr, &title, known_at))
            .collect()
    }

    /// As [`State::rights_that_count`], at any instant.
    fn rights_that_ever_counted(&self, own: &Authorisation, title: &Title) -> Vec<&Authorisation> {
        let titles: Vec<Title> = self.with_required(title).collect();
        let places = self.places_ever(self.granted(own).claims.hpr_number);
        let rights = places.into_iter().map(|place| self.at_place(place));
        rights.filter(|right| titles.contains(self.title_of(right))).collect()
    }

    /// A title, and those that it requires.
    fn with_required(&self, title: &Title) -> impl Iterator<Item = Title> {
        let required = |title: &Title| self.titles().get(title).ok()?.requires.clone();
        std::iter::successors(Some(title.clone()), required)
    }

    /// The state of a person with these rights on a day, and whether it results from another right
    /// than this certificate's own. A person can have two live rights only before two numbers
    /// turned out to be one person; then the stricter state counts.
    fn state_of_person(
        &self,
        own: &Authorisation,
        rights: &[&Authorisation],
        on: CivilDate,
        known_at: NumericDate,
    ) -> (PastState, bool) {
        let live = rights.iter().filter_map(|right| {
            let (state, strictness) = match self.standing_of(right, on, known_at) {
                Standing::Authorised => (PastState::Authorised, 0),
                Standing::WithConditions { .. } => (PastState::WithConditions, 1),
                Standing::Suspended { .. } => (PastState::Suspended, 2),
                Standing::NotYet
                | Standing::Ended { .. }
                | Standing::Lapsed { .. }
                | Standing::Annulled
                | Standing::Deceased { .. } => return None,
            };
            let is_own = right.grant == own.grant;
            Some(((strictness, is_own), (state, !is_own)))
        });
        live.max_by_key(|(weight, _)| *weight)
            .map_or((PastState::NotAuthorised, false), |(_, state)| state)
    }
}
