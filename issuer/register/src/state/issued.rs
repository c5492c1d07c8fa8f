//! The issued log, and what it is good for: which certificates were given out before a list, and
//! before a key was stolen.

use vernet_common::{CertificateNumber, CivilDate, KeyId, LogHead, NumericDate, Status};

use crate::{
    error::Error,
    state::{
        index::{Certificate, State},
        log::IssuedLog,
    },
    statements::event::signing_key,
};

impl State {
    /// The issued log.
    pub fn log(&self) -> &IssuedLog {
        &self.log
    }

    /// The place of a certificate in the log, from 0.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub fn log_index(&self, number: CertificateNumber) -> Result<u64, Error> {
        let seq = self.certificate(number)?.statement.seq;
        let place = self.issued.binary_search_by_key(&seq, |position| self.at(*position).seq);
        place.map(|place| place as u64).map_err(|_| Error::NotFound { number })
    }

    /// How many certificates had been recorded before an instant. They are the first ones of the
    /// log.
    pub fn log_size_before(&self, instant: NumericDate) -> u64 {
        self.issued.partition_point(|position| self.at(*position).recorded_at < instant) as u64
    }

    /// The log as the newest published list names it; none if nothing was published.
    pub fn published_log(&self) -> Option<LogHead> {
        self.publications.values().map(|last| last.log).max_by_key(|log| log.size)
    }

    /// The `iat` of a certificate that is recorded at `now`: later than that of every list that was
    /// published before.
    ///
    /// So whoever holds a list knows of every certificate that bears the list's time or an earlier
    /// one that it was recorded before the list, and is in the log that the list names:
    /// hospitals refuse what is missing there. A list may be dated a little ahead of the clock, and
    /// a certificate is then, too.
    pub(crate) fn certificate_iat(&self, now: NumericDate) -> NumericDate {
        self.publications.values().map(|last| last.iat.plus_seconds(1)).fold(now, NumericDate::max)
    }

    /// How many certificates of the log are older than the theft of a key, if it was stolen: those
    /// that it signed among them stay good, and whatever else it signed is refused.
    pub fn log_size_at_compromise(&self, kid: KeyId) -> Option<u64> {
        self.compromised.get(&kid).map(|compromise| self.log_size_before(compromise.since))
    }

    /// Whether hospitals refuse a certificate because its key was stolen before it was recorded.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub fn is_refused_with_its_key(&self, number: CertificateNumber) -> Result<bool, Error> {
        if self.compromised.is_empty() {
            return Ok(false);
        }
        let kid = signing_key(self.certificate(number)?.jws);
        Ok(match kid.and_then(|kid| self.log_size_at_compromise(kid)) {
            Some(size) => self.log_index(number)? >= size,
            None => false,
        })
    }

    /// The certificates that must be signed anew, because hospitals refuse them with their key:
    /// each with the key, and the day on which the office learnt of the theft.
    pub(crate) fn to_sign_anew(
        &self,
        on: CivilDate,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (Certificate<'_>, KeyId, CivilDate)> {
        let refused = self.certificates().filter(move |certificate| {
            let number = certificate.claims.certificate_number;
            certificate.superseded_by.is_none()
                && self.is_refused_with_its_key(number).unwrap_or(false)
                && self
                    .certificate_status(number, on, known_at)
                    .is_ok_and(|status| status != Status::Invalid)
        });
        refused.filter_map(|certificate| {
            let kid = signing_key(certificate.jws)?;
            Some((certificate, kid, self.compromised.get(&kid)?.known_at.civil_date()))
        })
    }
}
