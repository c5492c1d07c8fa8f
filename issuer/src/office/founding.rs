//! Checks that a register's founding is the one that the settings name.

use vernet_register::{Event, State};

use super::config::OfficeConfig;
use crate::error::Error;

pub(super) fn check_founding(state: &State, config: &OfficeConfig) -> Result<(), Error> {
    let (found, expected) = (state.hash(1).unwrap_or_default(), config.founded);
    if found != expected {
        return Err(Error::FoundersDiffer { found, expected });
    }
    match state.statements().first().map(|first| &first.event) {
        Some(Event::Founded(founded)) if founded.iss == config.iss => Ok(()),
        Some(Event::Founded(founded)) => {
            Err(Error::RootsOfAnother { found: founded.iss.clone(), expected: config.iss.clone() })
        }
        _ => Err(vernet_register::Error::NotFounded.into()),
    }
}
