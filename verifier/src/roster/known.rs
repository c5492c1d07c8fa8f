//! What is known of a staff while the lists cannot tell about some of it.

use alloc::vec::Vec;
use std::collections::{HashMap, HashSet};

use super::report::{ReportRow, Right, RosterReport, right};

impl RosterReport {
    /// This report, with what was last known of each row that is [in
    /// doubt](ReportRow::is_in_doubt), and without those of which nothing was known. `last` is what
    /// was known before.
    ///
    /// Who watches a staff [compares](Self::compare) what is known, and tells of the doubt once: it
    /// is the same for everybody and says nothing about a person. When the doubt is over, the
    /// comparison shows what has changed behind it.
    pub fn known(&self, last: Option<&Self>) -> Self {
        let before: HashMap<&str, &ReportRow> =
            last.into_iter().flat_map(|last| &last.rows).map(|row| (&*row.key, row)).collect();
        // Whose certificate was in a row that is gone: it may be in another row now.
        let keys: HashSet<&str> = self.rows.iter().map(|row| row.key.as_str()).collect();
        let gone = before.values().filter(|row| !keys.contains(row.key.as_str()));
        let mut of_person: HashMap<Right, &ReportRow> =
            gone.filter_map(|row| Some((right(row.certificate.as_ref()?), *row))).collect();
        let mut last_known = |now: &ReportRow| {
            let then = before.get(now.key.as_str()).copied();
            then.or_else(|| of_person.remove(&right(now.certificate.as_ref()?)))
        };
        let rows = self.rows.iter().filter_map(|now| {
            if now.is_in_doubt() {
                last_known(now).map(|then| in_place_of(then, now))
            } else {
                Some(now.clone())
            }
        });
        let rows: Vec<_> = rows.collect();
        let about = self.about.clone();
        Self::of_rows(about, rows)
    }
}

/// The earlier row, where the current one stands.
fn in_place_of(then: &ReportRow, now: &ReportRow) -> ReportRow {
    ReportRow {
        line: now.line,
        key: now.key.clone(),
        staff_id: now.staff_id.clone(),
        name: now.name.clone(),
        birthdate: now.birthdate.clone(),
        file: now.file.clone(),
        free: now.free.clone(),
        ..then.clone()
    }
}
