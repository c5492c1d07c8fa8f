//! The status lists, updated statement by statement. An office publishes every hour and most of its
//! certificates never change, so computing each list anew for every publication would be slow.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{CivilDate, NumericDate, Status, StatusList, StatusListNumber};

use crate::{
    error::Error,
    state::{decoys::decoys, index::State},
    statements::{
        digest::Digest,
        event::Event,
        restored::{Restored, RestoredList},
        statement::Statement,
    },
};

/// The lists as of the last publication, and what may have changed since.
#[derive(Default)]
pub(super) struct Lists {
    lists: BTreeMap<StatusListNumber, List>,
    /// The places of authorisations with new statements since.
    changed: BTreeSet<usize>,
    /// The places of authorisations that may change by themselves, by the day of the change.
    to_come: BTreeMap<CivilDate, BTreeSet<usize>>,
}

struct List {
    statuses: StatusList,
    /// Its hash; none if the list has changed since.
    hash: Option<Digest>,
}

impl Lists {
    /// Accounts for the last statement in the state.
    pub(super) fn follow(&mut self, state: &State) {
        let Some(statement) = state.statements().last() else { return };
        if let Event::StatusListOpened { list, seed } = &statement.event {
            let mut statuses = StatusList::new();
            decoys(seed).into_iter().for_each(|(index, status)| statuses.set(index, status));
            self.lists.insert(*list, List { statuses, hash: None });
        }
        if let Event::Restored(restored) = &statement.event {
            self.restore(state, restored);
        }
        if let Event::LostRevoked { jws } = &statement.event
            && let Some((list, index)) = state.lost_slot(jws)
            && let Some(list) = self.lists.get_mut(&list)
        {
            list.statuses.set(index, Status::Invalid);
            list.hash = None;
        }
        let places = places(state, statement);
        for day in statement.days() {
            self.to_come.entry(day).or_default().extend(&places);
        }
        // With another date of birth, a right lapses on another day than its certificates say.
        if matches!(statement.event, Event::Corrected(_)) {
            for place in &places {
                let right = state.at_place(*place);
                let at = statement.recorded_at;
                if let Some((day, _)) = state.lapse(right, at.civil_date(), at) {
                    self.to_come.entry(day).or_default().insert(*place);
                }
            }
        }
        self.changed.extend(places);
    }

    /// Takes back what was published of slots that belong to no certificate in the register.
    fn restore(&mut self, state: &State, restored: &Restored) {
        for RestoredList { list: number, slots, .. } in &restored.lists {
            let new = || List { statuses: StatusList::new(), hash: None };
            let list = self.lists.entry(*number).or_insert_with(new);
            for (index, status) in
                slots.iter().filter(|(index, _)| !state.is_taken(*number, *index))
            {
                list.statuses.set(*index, *status);
                list.hash = None;
            }
        }
    }

    /// The hash of a list as of an instant. Instants must not decrease from call to call.
    pub(super) fn hash(
        &mut self,
        state: &State,
        list: StatusListNumber,
        at: NumericDate,
    ) -> Result<Option<Digest>, Error> {
        self.bring_up_to(state, at)?;
        let Some(list) = self.lists.get_mut(&list) else { return Ok(None) };
        Ok(Some(*list.hash.get_or_insert_with(|| Digest::of(list.statuses.as_bytes()))))
    }

    fn bring_up_to(&mut self, state: &State, at: NumericDate) -> Result<(), Error> {
        let today = at.civil_date();
        while let Some(day) = self.to_come.first_entry().filter(|day| *day.key() <= today) {
            self.changed.extend(day.remove());
        }
        for place in std::mem::take(&mut self.changed) {
            for (number, _) in &state.at_place(place).certificates {
                let slot = &state.certificate(*number)?.claims.status.status_list;
                let status = state.certificate_status(*number, today, at)?;
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

/// The authorisations whose certificates a statement may change: all of the person, because a death
/// counts under every number, and one title can rest with another one.
fn places(state: &State, statement: &Statement) -> BTreeSet<usize> {
    let hpr = |number| Some(state.grant(number).ok()?.claims.hpr_number);
    let person = match &statement.event {
        Event::Granted(granted) => Some(granted.claims.hpr_number),
        Event::Merged { into, .. } => Some(*into),
        Event::Restored(_) => {
            let told = state.told_at(statement.seq);
            let places =
                told.map(|right| state.places_ever(state.granted(right).claims.hpr_number));
            return places.flatten().collect();
        }
        Event::Retracted { statement } => {
            return state.statement(*statement).map_or(BTreeSet::new(), |it| places(state, it));
        }
        event => event.certificate().and_then(hpr),
    };
    person.map_or(BTreeSet::new(), |hpr| state.places_ever(hpr))
}
