//! What a search compares, of everybody: kept between searches, because to gather it takes as long as
//! to read the register, and brought up to date by the statements since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use vernet_common::{CertificateNumber, CivilDate, GivenNames, HprNumber, PersonName};

use crate::names::SpelledName;

/// Somebody who was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FoundPerson {
    /// The present health personnel number.
    pub hpr_number: HprNumber,
    /// Given names, as known now. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// The first certificate of each right; none of somebody who only applied.
    pub certificates: Vec<CertificateNumber>,
}

/// The people as they were known after some statement.
#[derive(Default, Debug)]
pub(super) struct KnownPeople(Mutex<Option<Arc<Known>>>);

/// Everybody, as known after so many statements.
#[derive(Clone, Default, Debug)]
pub(super) struct Known {
    pub(super) statements: usize,
    pub(super) people: BTreeMap<HprNumber, KnownPerson>,
}

/// What was ever written of a person, as a search compares it.
#[derive(Clone, Debug)]
pub(super) struct KnownPerson {
    pub(super) names: Vec<SpelledName>,
    pub(super) birthdates: BTreeSet<CivilDate>,
    pub(super) numbers: BTreeSet<HprNumber>,
    pub(super) certificates: Vec<CertificateNumber>,
    pub(super) found: FoundPerson,
}

impl KnownPeople {
    /// The people after so many statements; `follow` brings what was known before up to date.
    pub(super) fn after(&self, statements: usize, follow: impl FnOnce(&mut Known)) -> Arc<Known> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.as_ref().filter(|known| known.statements == statements) {
            return Arc::clone(known);
        }
        let mut known = kept.take().unwrap_or_default();
        // Nobody else holds it, unless a search runs at this moment.
        follow(Arc::make_mut(&mut known));
        *kept = Some(Arc::clone(&known));
        known
    }
}
