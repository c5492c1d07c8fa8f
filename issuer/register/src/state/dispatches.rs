//! Which papers were printed and sent.

use vernet_common::{CertificateNumber, CivilDate, NumericDate, Status};

use crate::{
    state::index::State,
    statements::{
        dispatch::{Dispatched, Paper},
        event::Event,
        statement::Statement,
    },
};

/// Within how many days the letter with a certificate is to be printed or sent. No law says so: until
/// the letter has come the holder has nothing to show, and two weeks leave room for a holiday and
/// for one batch a week.
const LETTER_DAYS: i32 = 14;

impl State {
    /// The papers about a certificate that were printed or sent, as known at an instant, in order of
    /// recording.
    pub fn dispatches(
        &self,
        number: CertificateNumber,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (&Statement, &Dispatched)> {
        let positions = self.dispatches.get(&number).into_iter().flatten();
        self.dispatched_at(positions, known_at)
    }

    /// As [`State::dispatches`], the letters about a decision.
    pub fn letters_about(
        &self,
        decision: u64,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (&Statement, &Dispatched)> {
        let positions = self.letters_about.get(&decision).into_iter().flatten();
        self.dispatched_at(positions, known_at)
    }

    fn dispatched_at<'a>(
        &'a self,
        positions: impl Iterator<Item = &'a usize>,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (&'a Statement, &'a Dispatched)> {
        let statements = positions.map(|position| self.at(*position));
        let known = statements.filter(move |statement| statement.recorded_at <= known_at);
        known.filter_map(|statement| match &statement.event {
            Event::Dispatched(papers) => Some((statement, &**papers)),
            _ => None,
        })
    }

    /// Whether nobody recorded that the letter with a certificate was printed or sent, and its
    /// holder waits for it: the certificate is the newest of its right, and good today.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NotFound`] if there is no certificate with this number.
    pub fn letter_is_unsent(
        &self,
        number: CertificateNumber,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Result<bool, crate::Error> {
        let certificate = self.certificate(number)?;
        let good = matches!(
            self.certificate_status(number, on, known_at)?,
            Status::Valid | Status::Conditions
        );
        let is_expired = certificate.claims.exp <= on.start();
        let letters = self.dispatches(number, known_at);
        let mut letters = letters.filter(|(_, papers)| papers.what == Paper::Letter);
        Ok(good && !is_expired && certificate.superseded_by.is_none() && letters.next().is_none())
    }

    /// The day by which the letter with a certificate was to be printed or sent and was not; none in
    /// an office that had not begun to record letters when the certificate was issued.
    pub(super) fn letter_due(
        &self,
        number: CertificateNumber,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<CivilDate> {
        let began = self.statement(self.letters_since?).ok()?.recorded_at;
        let issued = self.certificate(number).ok()?.statement.recorded_at;
        let is_due = began <= issued && began <= known_at;
        let is_unsent = is_due && self.letter_is_unsent(number, on, known_at).ok()?;
        is_unsent.then(|| issued.civil_date().plus_days(LETTER_DAYS))
    }
}
