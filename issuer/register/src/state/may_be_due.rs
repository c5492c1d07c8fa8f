//! About which rights something may be due, so that what is due is found without asking about
//! everybody. The statements are followed one by one, and nothing here depends on a clock.
//!
//! Too many may be named here, and never too few: [`State::due`] asks about each whether anything
//! is due. Of a right that was granted and perhaps issued anew, and about which nothing else was
//! recorded, little can be: its certificate expires, its title must be renewed, nobody sent its
//! letter, or its key was stolen.

use std::collections::BTreeSet;

use vernet_common::{CertificateNumber, CivilDate, HprNumber, KeyId, NumericDate, Title};

use crate::{
    state::index::{MayBeDue, State},
    statements::{
        dispatch::Paper,
        event::{Event, signing_key},
        statement::Statement,
    },
};

impl State {
    /// The places of all rights about which anything may be due from a day on, up to another one.
    pub(super) fn may_be_due(&self, on: CivilDate, horizon: CivilDate) -> BTreeSet<usize> {
        let MayBeDue { decided, expiring, cycles, unsent, .. } = &self.may_be_due;
        let mut places = decided | unsent;
        places.extend(expiring.range(on..=horizon).flat_map(|(_, places)| places));
        if let Some((from, to)) = self.cycles_that_matter(on, horizon) {
            places.extend(cycles.range(from..=to).flat_map(|(_, places)| places));
        }
        places
    }

    /// The rights whose newest certificate a stolen key signed.
    pub(super) fn signed_by_stolen_keys(&self) -> impl Iterator<Item = CertificateNumber> {
        self.may_be_due.stolen.iter().filter_map(|place| self.newest_at(*place))
    }

    /// The number of the newest certificate of the right at a place.
    pub(super) fn newest_at(&self, place: usize) -> Option<CertificateNumber> {
        self.authorisations[place].certificates.last().map(|(number, _)| *number)
    }

    /// The first days after cycles about which anything is to be done: those whose reminders come
    /// within the time, and those that can still be reinstated.
    fn cycles_that_matter(
        &self,
        on: CivilDate,
        horizon: CivilDate,
    ) -> Option<(CivilDate, CivilDate)> {
        // Months differ in length, so that adding and taking away some may differ by three days.
        const UNEVEN_DAYS: i32 = 3;
        let renewals = || self.titles().iter().filter_map(|row| row.renewal.as_ref());
        let after = renewals().map(|one| one.grace_months + one.reinstatement_months).max()?;
        let before = renewals().flat_map(|one| &one.reminder_months).max().copied().unwrap_or(0);
        let from = on.plus_months(-after).plus_days(-UNEVEN_DAYS);
        Some((from, horizon.plus_months(before).plus_days(UNEVEN_DAYS)))
    }

    /// Takes note of the statement that was added last. `given_back` are the rights that it gave
    /// back.
    pub(super) fn note_what_may_be_due(&mut self, given_back: &[usize]) {
        let mut noted = std::mem::take(&mut self.may_be_due);
        noted.decided.extend(given_back);
        if let Some(last) = self.statements.last() {
            self.note_due(last, &mut noted);
        }
        self.may_be_due = noted;
    }

    fn note_due(&self, statement: &Statement, noted: &mut MayBeDue) {
        let event = &statement.event;
        if let Some(place) = self.issued_about(event) {
            self.note_certificate(place, statement, noted);
        } else if let Some(number) = event.certificate() {
            noted.decided.extend(self.by_certificate.get(&number));
        }
        // A decision on an appeal is about the right that it takes away as well.
        if let Some(decision) = event.about().and_then(|seq| self.statement(seq).ok()) {
            noted.decided.extend(self.replaced(&decision.event));
            noted.decided.extend(self.issued_about(&decision.event));
        }
        match event {
            Event::Corrected(correction) => {
                let places = self.authorisation(correction.certificate).into_iter();
                let places =
                    places.flat_map(|right| self.places_of_holder(right, statement.recorded_at));
                noted.decided.extend(places);
            }
            Event::Merged { from, into } => {
                [from, into].into_iter().for_each(|hpr| self.note_person(*hpr, noted));
            }
            Event::Dispatched(papers) if papers.what == Paper::Letter => {
                self.note_letters(&papers.certificates, statement, noted);
            }
            Event::KeyCompromised { kid, .. } => self.note_stolen(&[*kid], noted),
            Event::Restored(restored) => {
                let kids: Vec<_> = restored.keys.iter().map(|key| key.key.kid()).collect();
                self.note_stolen(&kids, noted);
                let told = self.authorisations.iter().enumerate();
                let told = told.filter(|(_, right)| !right.told.is_empty());
                noted.decided.extend(told.map(|(place, _)| place));
            }
            Event::TitleEntered(row) => self.note_cycles(&row.title, statement.recorded_at, noted),
            _ => {}
        }
    }

    /// The place of the right that a certificate was issued for.
    fn issued_about(&self, event: &Event) -> Option<usize> {
        let (claims, _) = event.issued()?;
        self.by_certificate.get(&claims.certificate_number).copied()
    }

    /// The place of the right that a grant takes the place of.
    fn replaced(&self, event: &Event) -> Option<usize> {
        let Event::Granted(granted) = event else { return None };
        self.by_certificate.get(&granted.previous_certificate()?).copied()
    }

    fn note_certificate(&self, place: usize, statement: &Statement, noted: &mut MayBeDue) {
        let Some((claims, jws)) = statement.event.issued() else { return };
        noted.expiring.entry(claims.exp.civil_date()).or_default().push(place);
        let right = &self.authorisations[place];
        if let Some(end) = self.cycle_end(right, statement.recorded_at) {
            noted.cycles.entry(end).or_default().insert(place);
        }
        if self.letters_since.is_some() {
            noted.unsent.insert(place);
        }
        noted.stolen.remove(&place);
        if self.is_signed_by_stolen(jws) {
            noted.stolen.insert(place);
        }
        // What it says of its holder may become wrong, if a merge turns out to be none.
        let hpr = claims.hpr_number;
        if self.merges.contains_key(&hpr) || self.successors.contains(&hpr) {
            noted.decided.insert(place);
        }
    }

    fn is_signed_by_stolen(&self, jws: &str) -> bool {
        !self.compromised.is_empty()
            && signing_key(jws).is_some_and(|kid| self.compromised.contains_key(&kid))
    }

    fn note_person(&self, hpr: HprNumber, noted: &mut MayBeDue) {
        noted.decided.extend(self.by_hpr.get(&hpr).into_iter().flatten());
    }

    fn note_letters(
        &self,
        sent: &[CertificateNumber],
        statement: &Statement,
        noted: &mut MayBeDue,
    ) {
        if self.letters_since == Some(statement.seq) {
            // Certificates of the same second count as issued since then.
            let same = self.statements.iter().rev();
            let same = same.take_while(|one| one.recorded_at == statement.recorded_at);
            noted.unsent.extend(same.filter_map(|one| self.issued_about(&one.event)));
        }
        for number in sent {
            let place = self.by_certificate.get(number);
            if let Some(place) = place.filter(|place| self.newest_at(**place) == Some(*number)) {
                noted.unsent.remove(place);
            }
        }
    }

    fn note_stolen(&self, kids: &[KeyId], noted: &mut MayBeDue) {
        let stolen = |kid: &KeyId| kids.contains(kid) && self.compromised.contains_key(kid);
        if !kids.iter().any(stolen) {
            return;
        }
        for (place, right) in self.authorisations.iter().enumerate() {
            let newest = right.certificates.last();
            let issued = newest.and_then(|(_, position)| self.at(*position).event.issued());
            if issued.and_then(|(_, jws)| signing_key(jws)).is_some_and(|kid| stolen(&kid)) {
                noted.stolen.insert(place);
            }
        }
    }

    /// The cycles of all who have a title, whose row says something else now.
    fn note_cycles(&self, title: &Title, known_at: NumericDate, noted: &mut MayBeDue) {
        for (place, right) in self.authorisations.iter().enumerate() {
            if self.title_of(right) == title
                && let Some(end) = self.cycle_end(right, known_at)
            {
                noted.cycles.entry(end).or_default().insert(place);
            }
        }
    }
}
