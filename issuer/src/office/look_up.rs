//! One certificate, looked up without reading what the register says of everybody else.

use std::path::Path;

use vernet_common::{CertificateNumber, NumericDate};
use vernet_register::{CertificateRecord, Excerpt};

use super::{Office, OfficeConfig, founding::check_founding, not_behind};
use crate::error::Error;

/// A certificate that was looked up in an office.
#[derive(Debug)]
pub struct LookUp {
    number: CertificateNumber,
    found: Found,
    network_disk: Option<&'static str>,
}

#[derive(Debug)]
enum Found {
    Excerpt(Box<Excerpt>),
    Whole(Box<Office>),
}

impl LookUp {
    /// Looks a certificate up. Reads what the register says of its holder, see [`Excerpt`], and the
    /// whole register as [`Office::open`] does if this machine cannot tell yet what that is, if
    /// anything is not as it was, or there is no such certificate.
    ///
    /// # Errors
    ///
    /// As for [`Office::open`].
    pub fn open(folder: &Path, number: CertificateNumber) -> Result<Self, Error> {
        let config = OfficeConfig::read(folder)?;
        let at = Office::location(folder, &config);
        let excerpt = Excerpt::open(&at, &folder.join(Office::HIGH_WATER), number)?;
        let found = match excerpt {
            Some(excerpt) => {
                check_founding(excerpt.founding(), &config)?;
                Found::Excerpt(Box::new(excerpt))
            }
            None => Found::Whole(Box::new(Office::open(folder)?)),
        };
        Ok(Self { number, found, network_disk: Office::network_disk_of(&at) })
    }

    /// What the register says of the certificate.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::NotFound`] if there is none with this number.
    pub fn record(&self) -> Result<CertificateRecord<'_>, Error> {
        Ok(match &self.found {
            Found::Excerpt(excerpt) => excerpt.record(),
            Found::Whole(office) => office.register().state().record_of(self.number)?,
        })
    }

    /// As [`Office::network_disk`].
    pub fn network_disk(&self) -> Option<&'static str> {
        self.network_disk
    }

    /// As [`Office::check_not_behind`].
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::ClockBehind`] if a statement is later than `now`.
    pub fn check_not_behind(&self, now: NumericDate) -> Result<(), Error> {
        match &self.found {
            Found::Excerpt(excerpt) => not_behind(Some(excerpt.recorded_until()), now),
            Found::Whole(office) => office.check_not_behind(now),
        }
    }
}
