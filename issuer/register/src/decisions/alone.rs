//! What one officer records alone.

use rand::CryptoRng;
use vernet_common::{HttpsUrl, NumericDate, StatusListNumber};

use crate::{
    authority::{Needs, needs_alone},
    error::Error,
    officer_key::signer::OfficerSigner,
    rules::{common::Decision, decide::decide},
    state::officers::Officers,
    statements::{
        appointment::{Appointed, SignedAppointment},
        event::{Event, Founded, Founders},
        statement::{Dates, Statement},
    },
    store::{register::Register, writer::By},
};

impl Register {
    /// Founds the office with the first statement, signed by one of its officers. At least two of
    /// them must be administrators.
    ///
    /// # Errors
    ///
    /// [`Error::NotFounded`] if there are statements already or the signer is not one of
    /// the officers; [`Error::Rule`] if an enrolment is not allowed or there are too few
    /// administrators; [`Error::Store`] if the database returns an error.
    pub fn found(
        &mut self,
        iss: &HttpsUrl,
        founders: impl Into<Founders>,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let today = now.civil_date();
        let Founders { officers, titles, roots } = founders.into();
        Officers::check_founders(&officers, today)?;
        let iss = iss.clone();
        let founded = Event::Founded(Box::new(Founded { iss, officers, titles, roots }));
        self.transact(now, |_, writer| writer.append(By::one(officer), Dates::on(today), founded))
    }

    /// Records an appointment by the roots, signed by one of the officers in it.
    ///
    /// # Errors
    ///
    /// [`Error::RootsNotPinned`] if the register knows no roots;
    /// [`vernet_common::Error::ThresholdNotReached`] or
    /// [`vernet_common::Error::SignatureInvalid`] if not enough of them signed it;
    /// [`Error::AppointmentOfAnother`], [`Error::AppointmentElsewhere`],
    /// [`Error::AppointmentOvertaken`] or [`Error::AppointmentTooOld`] if it is for another issuer,
    /// another register or another time; [`Error::NotAppointed`] if the signer is none of those whom
    /// it appoints; [`Error::OfficerUnknown`] or [`Error::OfficerName`] if it ends a key that is not
    /// that officer's; [`Error::KeyKnown`] if it gives an officer a root key or a working key;
    /// [`Error::Rule`] if an enrolment is not allowed, or fewer than two administrators would be in
    /// office; [`Error::ClockBehind`] if the last statement or the appointment is later than `now`;
    /// [`Error::Chain`] if the register is damaged; [`Error::Store`] if the database returns an
    /// error.
    pub fn appoint(
        &mut self,
        appointment: SignedAppointment,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let event = Event::Appointed(Box::new(Appointed { appointment }));
        let today = Dates::on(now.civil_date());
        self.transact(now, |_, writer| writer.append(By::one(officer), today, event))
    }

    /// Records what one officer may record alone: an alert that was sent, an event of a key, the
    /// end of another officer's key, a suspension in an emergency, and that it is taken back.
    ///
    /// # Errors
    ///
    /// [`Error::NeedsTwo`] if the event takes a proposal and its approval; [`Error::NotByHand`] if
    /// only the register itself writes it; [`Error::Rule`] if a rule forbids it;
    /// [`Error::OfficerUnknown`], [`Error::OfficerNotInOffice`] or [`Error::RoleMissing`] if the
    /// officer may not record it; [`Error::NotFound`], [`Error::StatementNotFound`] or
    /// [`Error::KeyUnknown`] if it names a certificate, a statement or a key that is not in the
    /// register; [`Error::KeyKnown`] if it adds a key that is; [`Error::ClockBehind`] if the last
    /// statement is later than now; [`Error::Chain`] if the register is damaged; [`Error::Store`]
    /// if the database returns an error.
    pub fn record(
        &mut self,
        event: Event,
        officer: &dyn OfficerSigner,
        decision: &Decision,
    ) -> Result<Statement, Error> {
        let (kid, today) = (officer.officer_key().kid(), decision.now.civil_date());
        self.transact(decision.now, |state, writer| {
            let on = decision.effective_on.unwrap_or(today);
            if let Some(Needs::Two(_)) = needs_alone(state, &event, kid, on) {
                return Err(Error::NeedsTwo { event: event.name() });
            }
            writer.append_decided(By::one(officer), decide(state, event, decision)?)
        })
    }

    /// Opens the first status list, unless there is one. A grant opens the next one when the last
    /// is full.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`] if the last statement is later than `now`; [`Error::Chain`] if the
    /// register is damaged; [`Error::Store`] if the database returns an error.
    pub fn ensure_status_list(
        &mut self,
        officer: &dyn OfficerSigner,
        now: NumericDate,
        rng: &mut dyn CryptoRng,
    ) -> Result<StatusListNumber, Error> {
        self.transact(now, |state, writer| match state.newest_list() {
            Some((list, _)) => Ok(list),
            None => writer.open_list(1, officer, rng).map(|(list, _)| list),
        })
    }
}
