//! The status lists, kept up to date statement by statement: what a publication must have said
//! follows from them at once, although an office publishes every hour and most of its certificates
//! never change.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{CivilDate, NumericDate, StatusList, StatusListNumber};

use crate::{
    Digest, Error, Event, Statement,
    register::{decoy::decoys, fold::Fold},
};

/// The lists as of the last publication, and what may have changed since.
#[derive(Default)]
pub(super) struct Lists {
    lists: BTreeMap<StatusListNumber, List>,
    /// The places of authorisations that something was said about since.
    changed: BTreeSet<usize>,
    /// The places of authorisations that may change by themselves, by the day on which they may.
    to_come: BTreeMap<CivilDate, BTreeSet<usize>>,
}

struct List {
    statuses: StatusList,
    /// Its hash, unless it changed since.
    hash: Option<Digest>,
}

impl Lists {
    /// Takes note of the last statement in the fold.
    pub(super) fn follow(&mut self, fold: &Fold) {
        let Some(statement) = fold.statements().last() else { return };
        if let Event::StatusListOpened { list, seed } = &statement.event {
            let mut statuses = StatusList::new();
            decoys(seed).into_iter().for_each(|(index, status)| statuses.set(index, status));
            self.lists.insert(*list, List { statuses, hash: None });
        }
        let places = places(fold, statement);
        for day in days(statement) {
            self.to_come.entry(day).or_default().extend(&places);
        }
        self.changed.extend(places);
    }

    /// The hash of a list as of an instant, which is not before any instant asked for earlier.
    pub(super) fn hash(
        &mut self,
        fold: &Fold,
        list: StatusListNumber,
        at: NumericDate,
    ) -> Result<Option<Digest>, Error> {
        self.bring_up_to(fold, at)?;
        let Some(list) = self.lists.get_mut(&list) else { return Ok(None) };
        Ok(Some(*list.hash.get_or_insert_with(|| Digest::of(list.statuses.as_bytes()))))
    }

    fn bring_up_to(&mut self, fold: &Fold, at: NumericDate) -> Result<(), Error> {
        let today = at.civil_date();
        while let Some(day) = self.to_come.first_entry().filter(|day| *day.key() <= today) {
            self.changed.extend(day.remove());
        }
        for place in std::mem::take(&mut self.changed) {
            for (number, _) in &fold.at_place(place).certificates {
                let slot = &fold.certificate(*number)?.claims.status.status_list;
                let status = fold.certificate_status(*number, today, at)?;
                if let Some(list) = self.lists.get_mut(&slot.uri.number())
                    && list.statuses.get(slot.idx) != status
                {
                    list.statuses.set(slot.idx, status);
                    list.hash = None;
                }
            }
        }
        Ok(())
    }
}

/// The authorisations whose certificates a statement may change.
fn places(fold: &Fold, statement: &Statement) -> Vec<usize> {
    let of = |number| fold.place_of(number).into_iter().collect();
    match &statement.event {
        Event::Granted(granted) => {
            let previous = granted.application.previous_certificate;
            previous
                .into_iter()
                .chain([granted.claims.certificate_number])
                .filter_map(|n| fold.place_of(n))
                .collect()
        }
        // A death counts under every number of the person.
        Event::Deceased { certificate } => match fold.authorisation(*certificate) {
            Ok(right) => fold.places_of_person(right.hpr, statement.recorded_at),
            Err(_) => Vec::new(),
        },
        Event::Merged { into, .. } => fold.places_of_person(*into, statement.recorded_at),
        event => event.certificate().map_or(Vec::new(), of),
    }
}

/// The days that a statement names: on no other day does anything change by itself.
fn days(statement: &Statement) -> impl Iterator<Item = CivilDate> {
    let (until, other) = match &statement.event {
        Event::Suspended { until, unapproved_until, .. } => (Some(*until), *unapproved_until),
        Event::Extended { until, .. } => (Some(*until), None),
        Event::Limited { until, .. } => (*until, None),
        _ => (None, None),
    };
    [Some(statement.effective_on), until, other].into_iter().flatten()
}
