//! What an officer signed, for the hours after a key was stolen.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{CertificateNumber, KeyId, NumericDate};

use crate::{
    state::index::State,
    statements::{event::Event, statement::Statement},
};

/// A statement that one of somebody's keys signed.
#[derive(Clone, Debug)]
pub struct Activity<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// Which signature it is, and what came of it.
    pub part: Part<'a>,
}

/// Which of two signatures it is, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// It took effect without another officer.
    Alone,
    /// A proposal that nobody has decided on: it has no effect.
    Waiting,
    /// A proposal that was turned down or taken back, by this statement.
    Rejected(&'a Statement),
    /// The first of two signatures: another officer approved it by these statements.
    First(Vec<&'a Statement>),
    /// The second of two signatures: another officer had proposed it.
    Second,
    /// It only turned down or took back a proposal.
    Rejection,
}

impl Activity<'_> {
    /// Whether it took effect by this officer alone.
    pub fn took_effect_alone(&self) -> bool {
        self.part == Part::Alone
    }

    /// The certificates that were issued with the officer's signature, as the first or the second.
    pub fn certificates(&self) -> Vec<CertificateNumber> {
        let approvals = match &self.part {
            Part::First(approvals) => &approvals[..],
            _ => &[],
        };
        let issued = [self.statement].into_iter().chain(approvals.iter().copied());
        let issued = issued.filter_map(|statement| statement.event.issued());
        issued.map(|(claims, _)| claims.certificate_number).collect()
    }
}

impl State {
    /// Every statement that one of these keys signed from an instant on and before another, oldest
    /// first.
    pub fn activity(
        &self,
        kids: &BTreeSet<KeyId>,
        since: NumericDate,
        until: Option<NumericDate>,
    ) -> Vec<Activity<'_>> {
        let mut approvals: BTreeMap<u64, Vec<&Statement>> = BTreeMap::new();
        let mut rejections: BTreeMap<u64, &Statement> = BTreeMap::new();
        for statement in self.statements() {
            if let Some(approves) = statement.approves {
                approvals.entry(approves.seq).or_default().push(statement);
            }
            if let Event::Rejected { proposal, .. } = statement.event {
                rejections.insert(proposal, statement);
            }
        }
        let within = |statement: &&Statement| {
            kids.contains(&statement.kid)
                && since <= statement.recorded_at
                && until.is_none_or(|until| statement.recorded_at < until)
        };
        let part = |statement: &Statement| match (&statement.event, statement.approves) {
            (_, Some(_)) => Part::Second,
            (Event::Rejected { .. }, None) => Part::Rejection,
            (Event::Proposed(_), None) => {
                match (approvals.get(&statement.seq), rejections.get(&statement.seq)) {
                    (Some(approvals), _) => Part::First(approvals.clone()),
                    (None, Some(rejection)) => Part::Rejected(rejection),
                    (None, None) => Part::Waiting,
                }
            }
            // Also a suspension in an emergency that another officer confirmed later: it had its
            // effect at once.
            _ => Part::Alone,
        };
        let statements = self.statements().iter().filter(within);
        statements.map(|statement| Activity { statement, part: part(statement) }).collect()
    }
}
