//! The issued log and its uses: which certificates were issued before a list, and before a key was
//! stolen.

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
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn log_index(&self, number: CertificateNumber) -> Result<u64, Error> {
        let seq = self.certificate(number)?.statement.seq;
        let place = self.issued.binary_search_by_key(&seq, |position| self.at(*position).seq);
        place.map(|place| place as u64).map_err(|_| Error::NotFound { number })
    }

    /// How many certificates had been recorded before an instant. They are the first ones in the
    /// log. Those that were lost count as recorded when they were taken back.
    pub fn log_size_before(&self, instant: NumericDate) -> u64 {
        self.issued.partition_point(|position| self.at(*position).recorded_at < instant) as u64
    }

    /// The log that the newest published list names; none if nothing was published.
    pub fn published_log(&self) -> Option<LogHead> {
        self.publications.values().map(|last| last.log).max_by_key(|log| log.size)
    }

    /// The `iat` of a certificate that is recorded at `now`: later than that of every list
    /// published before.
    ///
    /// So a certificate whose `iat` is not later than that of a list was recorded before the list,
    /// and is in the log that the list names: hospitals refuse one that is missing there. A list
    /// may be dated a little ahead of the clock; then certificates are, too.
    pub(crate) fn certificate_iat(&self, now: NumericDate) -> NumericDate {
        self.publications.values().map(|last| last.iat.plus_seconds(1)).fold(now, NumericDate::max)
    }

    /// How many certificates in the log are older than the theft of a key, if it was stolen. Those
    /// among them that it signed stay valid, and whatever else it signed is refused. Of certificates
    /// that were lost it is not known when they were signed: they are refused, unless a trust list
    /// that was lost with them says otherwise.
    pub fn log_size_at_compromise(&self, kid: KeyId) -> Option<u64> {
        self.compromised.get(&kid).map(|compromise| {
            compromise.log_size.unwrap_or_else(|| self.log_size_before(compromise.since))
        })
    }

    /// Whether hospitals refuse a certificate because its key was stolen before it was recorded.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
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

    /// The certificates that must be issued anew, because hospitals refuse them with their key:
    /// each with the key, and the day on which the theft was recorded.
    pub(crate) fn to_sign_anew(
        &self,
        on: CivilDate,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (Certificate<'_>, KeyId, CivilDate)> {
        let newest = self.signed_by_stolen_keys();
        let refused = newest.filter_map(|number| self.certificate(number).ok());
        let refused = refused.filter(move |certificate| {
            let number = certificate.claims.certificate_number;
            // What ended by itself is good for nothing, whatever its key.
            on < certificate.claims.exp.civil_date()
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
