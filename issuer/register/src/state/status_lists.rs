//! What the status lists say.

use std::collections::BTreeMap;

use vernet_common::{CivilDate, NumericDate, Status, StatusIndex, StatusListNumber};

use crate::state::index::State;

impl State {
    /// The status lists that were opened.
    pub fn status_lists(&self) -> impl Iterator<Item = StatusListNumber> {
        self.lists.keys().copied()
    }

    /// The slots of a status list that are not `valid`, in order: those of certificates, and the
    /// decoys.
    ///
    /// For a publication, `on` is the day of `known_at`.
    pub fn status_list_content(
        &self,
        list: StatusListNumber,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<(StatusIndex, Status)> {
        let mut content = BTreeMap::new();
        if let Some(list) =
            self.lists.get(&list).filter(|list| self.at(list.opened).recorded_at <= known_at)
        {
            content.extend(list.decoys.iter().map(|(index, status)| (*index, *status)));
            let kept = list.kept.iter().filter(|(at, _)| self.at(*at).recorded_at <= known_at);
            content
                .extend(kept.flat_map(|(_, kept)| kept).map(|(index, status)| (*index, *status)));
        }
        for number in self.by_certificate.keys() {
            let Ok(reference) = self.certificate(*number).map(|c| &c.claims.status.status_list)
            else {
                continue;
            };
            if reference.uri.number() == list
                && let Ok(status) = self.certificate_status(*number, on, known_at)
                && status != Status::Valid
            {
                content.insert(reference.idx, status);
            }
        }
        content.into_iter().collect()
    }

    /// The list with the greatest number, to which new certificates go unless it is closed.
    pub(crate) fn newest_list(&self) -> Option<(StatusListNumber, &BTreeMap<StatusIndex, Status>)> {
        self.lists.last_key_value().map(|(number, list)| (*number, &list.decoys))
    }

    /// Whether a list takes new certificates. In one that is older than a restore, a slot that looks
    /// free may be that of a lost certificate.
    pub(crate) fn takes_certificates(&self, list: StatusListNumber) -> bool {
        let opened = self.lists.get(&list).map(|list| list.opened);
        opened.is_some_and(|opened| self.restores.last().is_none_or(|last| opened > *last))
    }
}
