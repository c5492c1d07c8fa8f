//! What the register says of one certificate: the answer to `show`, and a line of `list`.

use vernet_common::{CertificateNumber, CivilDate, NumericDate, Status};

use crate::{
    error::Error,
    state::{
        index::{Certificate, State},
        standing::Standing,
    },
    statements::{
        dispatch::Dispatched,
        event::{Event, Granted},
        statement::Statement,
    },
};

/// What the register says of one certificate. It follows from the statements about its holder and
/// the office alone, so an excerpt of the register says the same as the whole.
#[derive(Clone, Copy, Debug)]
pub struct CertificateRecord<'a> {
    state: &'a State,
    certificate: Certificate<'a>,
    grant: &'a Granted,
}

impl State {
    /// What the register says of a certificate.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn record_of(&self, number: CertificateNumber) -> Result<CertificateRecord<'_>, Error> {
        let (certificate, grant) = (self.certificate(number)?, self.grant(number)?);
        Ok(CertificateRecord { state: self, certificate, grant })
    }
}

impl<'a> CertificateRecord<'a> {
    /// The certificate.
    pub fn certificate(&self) -> Certificate<'a> {
        self.certificate
    }

    /// What was granted with its authorisation.
    pub fn grant(&self) -> &'a Granted {
        self.grant
    }

    /// The officers who granted or reissued it.
    pub fn officers(&self) -> impl Iterator<Item = &'a str> {
        self.state.officers_of(self.certificate.statement)
    }

    /// The standing of its authorisation, see [`State::standing`].
    ///
    /// # Errors
    ///
    /// None that a certificate of the register causes.
    pub fn standing(&self, on: CivilDate, known_at: NumericDate) -> Result<Standing, Error> {
        self.state.standing(self.number(), on, known_at)
    }

    /// Its status, see [`State::certificate_status`].
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it was not yet issued at that instant.
    pub fn status(&self, on: CivilDate, known_at: NumericDate) -> Result<Status, Error> {
        self.state.certificate_status(self.number(), on, known_at)
    }

    /// The certificate that took its place, as known at an instant.
    pub fn successor(&self, known_at: NumericDate) -> Option<CertificateNumber> {
        self.superseded(known_at).map(|(next, _)| next)
    }

    /// The certificate that took its place, and until when this one is good beside it, if it still
    /// is on a day.
    pub fn replacement(
        &self,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<(CertificateNumber, Option<CivilDate>)> {
        let (next, statement) = self.superseded(known_at)?;
        let is_good = self.status(on, known_at).is_ok_and(|status| status != Status::Invalid);
        let until = match &statement.event {
            Event::Reissued(reissued) => reissued.previous_until.filter(|_| is_good),
            _ => None,
        };
        Some((next, until))
    }

    /// The papers about it that were printed or sent, see [`State::dispatches`].
    pub fn dispatches(
        &self,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (&'a Statement, &'a Dispatched)> {
        self.state.dispatches(self.number(), known_at)
    }

    fn superseded(&self, known_at: NumericDate) -> Option<(CertificateNumber, &'a Statement)> {
        let next = self.certificate.superseded_by?;
        let statement = self.state.certificate(next).ok()?.statement;
        (statement.recorded_at <= known_at).then_some((next, statement))
    }

    fn number(&self) -> CertificateNumber {
        self.certificate.claims.certificate_number
    }
}
