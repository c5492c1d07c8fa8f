//! Judges everybody on a roster against what is known of the offices.

use std::{num::NonZero, path::Path};

use anyhow::{Context, Result};
use vernet_verifier::{
    Chosen, Offices, Policy, Verdict,
    roster::{OfficeSeen, ReportHead, RosterReport, Terms, judge_all},
};

use super::{
    files::{Judge, folder_of, judge},
    staff::Staff,
};

/// What is judged, and how.
pub(crate) struct RosterCheck<'a> {
    /// The table or the folder.
    pub(crate) roster: &'a Path,
    /// The folder in which the table's files lie, if not in that of the table.
    pub(crate) files: Option<&'a Path>,
    pub(crate) offices: &'a Offices,
    pub(crate) policy: &'a Policy,
    pub(crate) terms: Terms,
    pub(crate) threads: NonZero<usize>,
}

impl RosterCheck<'_> {
    /// Judges the whole staff. `progress` is told how many are done.
    pub(crate) fn report(&self, staff: Staff, progress: impl FnMut(u64)) -> Result<RosterReport> {
        let Staff { source, compared, columns, expected: _, rows } = staff;
        let now = self.terms.now;
        let base = self.files.map_or_else(|| folder_of(self.roster), Path::to_owned);
        let rows = judge_all(
            rows,
            self.threads,
            |entries| judge(entries, &base, self, &self.terms),
            progress,
        );
        let rows = rows.with_context(|| format!("reading `{source}`"))?;
        let about = ReportHead {
            source,
            checked_at: now,
            expiring_days: self.terms.expiring_days,
            offices: self.offices.known().map(OfficeSeen::from).collect(),
            compared,
            columns,
        };
        RosterReport::new(about, rows)
            .with_context(|| format!("reading `{}`", self.roster.display()))
    }
}

impl Judge for RosterCheck<'_> {
    fn verify(&self, text: &str) -> Verdict {
        self.offices.check(text, self.policy, self.terms.now).into_verdict()
    }

    fn verify_each(&self, texts: &[&str]) -> Vec<Verdict> {
        let chosen = self.offices.check_each(texts, self.policy, self.terms.now);
        chosen.into_iter().map(Chosen::into_verdict).collect()
    }
}
