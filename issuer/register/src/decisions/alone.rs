//! What one officer says alone.

use rand::CryptoRng;
use vernet_common::{HttpsUrl, NumericDate, Signer, StatusListNumber};

use crate::{
    authority::{Needs, needs},
    error::Error,
    rules::{common::Decision, decide::decide},
    state::officers::Officers,
    statements::{
        enrolment::Enrolment,
        event::{Event, Founded},
        statement::{Dates, Statement},
    },
    store::{register::Register, writer::By},
};

impl Register {
    /// Founds the office: the first statement, signed by one of its officers. At least two of them
    /// administer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFounded`] if there are statements already or a stranger signs, [`Error::Rule`],
    /// [`Error::Store`].
    pub fn found(
        &mut self,
        iss: &HttpsUrl,
        officers: Vec<Enrolment>,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let today = now.civil_date();
        Officers::check_founders(&officers, today)?;
        let founded = Event::Founded(Box::new(Founded { iss: iss.clone(), officers }));
        self.transact(now, |_, writer| writer.append(By::one(officer), Dates::on(today), founded))
    }

    /// Records what one officer may say alone: an alert that was sent, an event of a key, the end
    /// of another officer, a suspension in an emergency.
    ///
    /// # Errors
    ///
    /// [`Error::NeedsTwo`] for what takes a proposal and its approval; [`Error::Rule`] for what the
    /// law forbids; what the officer may not do; [`Error::NotFound`],
    /// [`Error::StatementNotFound`], [`Error::NotByHand`], [`Error::KeyKnown`],
    /// [`Error::KeyUnknown`], [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn record(
        &mut self,
        event: Event,
        officer: &dyn Signer,
        decision: &Decision,
    ) -> Result<Statement, Error> {
        if let Some(Needs::Two(_)) = needs(&event) {
            return Err(Error::NeedsTwo { event: event.name() });
        }
        self.transact(decision.now, |state, writer| {
            writer.append_decided(By::one(officer), decide(state, event, decision)?)
        })
    }

    /// Opens the first status list, unless there is one. Further ones are opened when the last is
    /// full.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn ensure_status_list(
        &mut self,
        officer: &dyn Signer,
        now: NumericDate,
        rng: &mut dyn CryptoRng,
    ) -> Result<StatusListNumber, Error> {
        self.transact(now, |state, writer| match state.newest_list() {
            Some((list, _)) => Ok(list),
            None => writer.open_list(1, officer, rng).map(|(list, _)| list),
        })
    }
}
