//! Who the holder of a right is: as granted, and as corrected later.

use vernet_common::{CertificateNumber, CivilDate, GivenNames, HprNumber, NumericDate, PersonName};

use crate::{
    error::Error,
    state::index::{Authorisation, State},
    statements::{correction::Correction, event::Event, statement::Statement},
};

/// What is known of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Particulars<'a> {
    /// Given names. Somebody with a single name has none.
    pub given_name: &'a GivenNames,
    /// Family name.
    pub family_name: &'a PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// The present health personnel number.
    pub hpr_number: HprNumber,
}

impl State {
    /// What is known, at an instant, of the holder of the right that a certificate belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn particulars(
        &self,
        number: CertificateNumber,
        known_at: NumericDate,
    ) -> Result<Particulars<'_>, Error> {
        Ok(self.particulars_of(self.authorisation(number)?, known_at))
    }

    pub(crate) fn particulars_of(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> Particulars<'_> {
        let granted = &self.granted(authorisation).claims;
        let issued = authorisation.certificates.iter().map(|(_, position)| self.at(*position));
        let issued = issued.take_while(|statement| statement.recorded_at <= known_at).last();
        let issued = issued.and_then(|last| Some((last.seq, last.event.issued()?.0)));
        let (since, claims) = issued.unwrap_or((0, granted));
        let mut names = (&claims.given_name, &claims.family_name);
        let corrected = self
            .corrections(authorisation, known_at)
            .filter(|(statement, _)| statement.seq > since)
            .filter_map(|(_, correction)| correction.names.as_ref())
            .last();
        if let Some(corrected) = corrected {
            names = (&corrected.given_name, &corrected.family_name);
        }
        Particulars {
            given_name: names.0,
            family_name: names.1,
            birthdate: self.birthdate_of(authorisation, known_at),
            hpr_number: self.successor(self.hpr_of(authorisation, known_at), known_at),
        }
    }

    /// The number under which a right was granted, or that it was corrected to.
    pub(crate) fn hpr_of(&self, authorisation: &Authorisation, known_at: NumericDate) -> HprNumber {
        let own = |correction: &Correction| {
            let subject = self.authorisation(correction.certificate);
            subject.is_ok_and(|subject| subject.grant == authorisation.grant)
        };
        let corrected = self.corrections(authorisation, known_at);
        let corrected = corrected.filter(|(_, correction)| own(correction));
        corrected
            .filter_map(|(_, correction)| correction.hpr_number)
            .last()
            .unwrap_or(self.granted(authorisation).claims.hpr_number)
    }

    /// Every number under which a right ever was.
    pub(crate) fn numbers_ever(
        &self,
        authorisation: &Authorisation,
    ) -> impl Iterator<Item = HprNumber> {
        let corrected = authorisation.corrections.iter().filter_map(|position| {
            match &self.at(*position).event {
                Event::Corrected(correction) => correction.hpr_number,
                _ => None,
            }
        });
        std::iter::once(self.granted(authorisation).claims.hpr_number).chain(corrected)
    }

    /// The date of birth of the holder of a right.
    pub(crate) fn birthdate_of(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> CivilDate {
        self.corrections(authorisation, known_at)
            .filter_map(|(_, correction)| correction.birthdate)
            .last()
            .unwrap_or(self.granted(authorisation).claims.birthdate)
    }

    /// Whether a certificate says of its holder what is known to be wrong. A number that was merged
    /// into another one is not wrong.
    pub(crate) fn is_wrong(
        &self,
        number: CertificateNumber,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> bool {
        let Ok(certificate) = self.certificate(number) else { return false };
        let (claims, known) = (certificate.claims, self.particulars_of(authorisation, known_at));
        let numbers = self.numbers_of_person(known.hpr_number, known_at);
        (&claims.given_name, &claims.family_name, claims.birthdate)
            != (known.given_name, known.family_name, known.birthdate)
            || !numbers.contains(&claims.hpr_number)
    }

    fn corrections(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> impl Iterator<Item = (&Statement, &Correction)> {
        let statements = authorisation.corrections.iter().map(|position| self.at(*position));
        let known = statements.filter(move |statement| statement.recorded_at <= known_at);
        known.filter_map(|statement| match &statement.event {
            Event::Corrected(correction) => Some((statement, &**correction)),
            _ => None,
        })
    }

    /// The statement that says that another one was recorded by mistake, as known at an instant.
    pub(crate) fn retraction(&self, seq: u64, known_at: NumericDate) -> Option<&Statement> {
        let retraction = self.retractions.get(&seq).map(|position| self.at(*position));
        retraction.filter(|retraction| retraction.recorded_at <= known_at)
    }
}
