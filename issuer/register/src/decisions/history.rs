//! Histories that were made: who was told what about the past.

use vernet_common::{NumericDate, Signer};

use crate::{
    error::Error,
    statements::{event::Event, statement::Dates},
    store::{register::Register, writer::By},
};

/// By how much time may have passed until a history of many certificates is made and verified.
const MAX_MAKING_S: i64 = 3600;

impl Register {
    /// Records that a history was made from the register as it was with so many statements. What
    /// others recorded meanwhile is no matter, as long as it is later than the history's `iat`;
    /// else the history does not say all that it should, and nothing is recorded.
    ///
    /// Whatever is recorded afterwards is later: `iat` must be before `now`.
    ///
    /// # Errors
    ///
    /// What the officer may not do; [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn record_history(
        &mut self,
        statements: usize,
        iat: NumericDate,
        made: Event,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<bool, Error> {
        self.transact_at(now, MAX_MAKING_S, |state, writer| {
            if state
                .statements()
                .iter()
                .skip(statements)
                .any(|statement| statement.recorded_at <= iat)
            {
                return Ok(false);
            }
            let today = writer.now().civil_date();
            writer.append(By::one(officer), Dates::on(today), made).map(|_| true)
        })
    }
}
