//! Checks that a register's founding is the one that the settings name.

use vernet_register::{Digest, Event, Statement};

use super::config::OfficeConfig;
use crate::error::Error;

/// `first` is the first statement of the register, and its hash.
pub(super) fn check_founding(
    first: Option<(&Statement, Digest)>,
    config: &OfficeConfig,
) -> Result<(), Error> {
    let (found, expected) = (first.map(|(_, hash)| hash).unwrap_or_default(), config.founded);
    if found != expected {
        return Err(Error::FoundersDiffer { found, expected });
    }
    match first.map(|(first, _)| &first.event) {
        Some(Event::Founded(founded)) if founded.iss == config.iss => Ok(()),
        Some(Event::Founded(founded)) => {
            Err(Error::RootsOfAnother { found: founded.iss.clone(), expected: config.iss.clone() })
        }
        _ => Err(vernet_register::Error::NotFounded.into()),
    }
}
