//! Records of histories that were made: who was told what about the past.

use vernet_common::NumericDate;

use crate::{
    error::Error,
    officer_key::signer::OfficerSigner,
    statements::{event::Event, statement::Dates},
    store::{register::Register, writer::By},
};

/// The longest time, in seconds, that making and verifying a history of many certificates may take.
const MAX_MAKING_S: i64 = 3600;

impl Register {
    /// Records that a history was made from the first `statements` statements of the register.
    /// Statements that others recorded meanwhile do not matter if they are later than the history's
    /// `iat`. Otherwise the history is incomplete: nothing is recorded, and the result is `false`.
    ///
    /// `iat` must be before `now`, so that later statements are later than the history.
    ///
    /// # Errors
    ///
    /// [`Error::OfficerUnknown`], [`Error::OfficerNotInOffice`] or [`Error::RoleMissing`] if the
    /// officer may not record it; [`Error::ClockBehind`] if the last statement is over an hour
    /// later than `now`; [`Error::Chain`] if the register is damaged; [`Error::Store`] if the
    /// database returns an error.
    pub fn record_history(
        &mut self,
        statements: usize,
        iat: NumericDate,
        made: Event,
        officer: &dyn OfficerSigner,
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
