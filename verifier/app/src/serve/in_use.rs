//! The lists that the server runs on: of each office the newest valid ones, in use until newer ones
//! are verified.

use std::sync::{Arc, PoisonError, RwLock};

use vernet_common::{NumericDate, TrustAnchor};
use vernet_verifier::{Knowledge, Office, Offices};

use super::publication::Publication;

/// Valid lists of one office, verified.
pub(crate) struct Current {
    pub(crate) knowledge: Arc<Knowledge>,
    /// The same lists, byte for byte: of the served office for clients that verify on their own, and
    /// of each to tell whether others are newer.
    pub(crate) publication: Publication,
}

impl Current {
    /// How many seconds ago the oldest of the status lists was signed.
    pub(super) fn status_age(&self, now: NumericDate) -> i64 {
        let oldest = self.knowledge.status_lists().map(|list| list.iat).min();
        oldest.map_or(0, |oldest| now.seconds_since(oldest))
    }
}

/// The lists of every office, all of one instant.
pub(crate) struct Lists {
    /// For verdicts.
    pub(crate) offices: Offices,
    /// Those of each office, if there are any yet, in the order of the offices.
    current: Vec<Option<Arc<Current>>>,
}

impl Lists {
    /// Those of the office at this place.
    pub(super) fn of(&self, place: usize) -> Option<Arc<Current>> {
        self.current.get(place).cloned().flatten()
    }
}

/// The lists in use, which requests read while refreshes replace them.
pub(super) struct InUse {
    anchors: Vec<TrustAnchor>,
    /// Whether one more office is pinned, whose roots cannot be read.
    and_an_unknown_one: bool,
    lists: RwLock<Arc<Lists>>,
}

impl InUse {
    /// No lists yet of the offices with these roots.
    pub(super) fn new(anchors: Vec<TrustAnchor>, and_an_unknown_one: bool) -> Self {
        let current = vec![None; anchors.len()];
        let lists = Arc::new(put_together(&anchors, and_an_unknown_one, current));
        Self { anchors, and_an_unknown_one, lists: RwLock::new(lists) }
    }

    pub(super) fn get(&self) -> Arc<Lists> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Newer lists of the office at this place. Those of the others stay as they are.
    pub(super) fn replace(&self, place: usize, newer: Current) {
        let newer = Arc::new(newer);
        // Held until the end: two offices may have newer lists at the same time.
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        let mut current = lists.current.clone();
        current[place] = Some(newer);
        *lists = Arc::new(put_together(&self.anchors, self.and_an_unknown_one, current));
    }
}

fn put_together(
    anchors: &[TrustAnchor],
    and_an_unknown_one: bool,
    current: Vec<Option<Arc<Current>>>,
) -> Lists {
    let knowledge = |lists: &Arc<Current>| Arc::clone(&lists.knowledge);
    let offices = anchors.iter().zip(&current);
    let offices = offices
        .map(|(anchor, lists)| Office::sharing(anchor.clone(), lists.as_ref().map(knowledge)));
    let offices = Offices::new(offices.collect());
    let offices = if and_an_unknown_one { offices.and_an_unknown_one() } else { offices };
    Lists { offices, current }
}
