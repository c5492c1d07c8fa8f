//! Appointments: drafted at the office, signed with the root keys wherever these are, and recorded
//! at the office by one of the appointed.

use vernet_common::{KeyId, NumericDate};
use vernet_register::{
    Appointment, EndedKey, Enrolment, OfficerSigner, SignedAppointment, Statement,
    check_appointment,
};

use super::Office;
use crate::{credentials::Credentials, error::Error, key_location::KeyLocation};

/// Adds a root key's signature to an appointment. It needs no office, because it runs where the root
/// key is.
///
/// # Errors
///
/// [`Error::Common`] if the appointment contradicts itself or says more than this version knows,
/// which is checked before anything is signed, or the key cannot sign it; as for
/// [`KeyLocation::open`] if the key cannot be opened.
pub fn sign_appointment(
    appointment: &mut SignedAppointment,
    key: &KeyLocation,
    credentials: &dyn Credentials,
) -> Result<(), Error> {
    appointment.unverified_claims()?;
    Ok(appointment.add_signature(&*key.open(credentials)?)?)
}

impl Office {
    /// An appointment of these officers, which ends these keys, unsigned. Nothing is drafted that
    /// would be refused in the end.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::OfficerUnknown`] if nobody has a key that is to be ended;
    /// otherwise as for [`check_appointment`].
    pub fn draft_appointment(
        &self,
        officers: Vec<Enrolment>,
        ended: &[KeyId],
        now: NumericDate,
    ) -> Result<SignedAppointment, Error> {
        let state = self.register.state();
        let ended = ended.iter().map(|kid| {
            let officer = state.officers().key(*kid)?.name().clone();
            Ok::<_, Error>(EndedKey { officer, kid: *kid })
        });
        let appointment = Appointment {
            iss: self.config.iss.clone(),
            iat: now,
            seq: state.statements().len() as u64,
            head: state.head(),
            officers,
            ended: ended.collect::<Result<_, _>>()?,
        };
        let unsigned = SignedAppointment::unsigned(&appointment)?;
        check_appointment(state, &appointment, now)?;
        Ok(unsigned)
    }

    /// Records a signed appointment. `officer` is one of the appointed.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::Register::appoint`].
    pub fn accept_appointment(
        &mut self,
        appointment: &SignedAppointment,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        Ok(self.register.appoint(appointment.clone(), officer, now)?)
    }
}
