//! Compares a report with an earlier one.

use alloc::{vec, vec::Vec};
use std::collections::{HashMap, HashSet};

use vernet_common::HprNumber;

use super::{
    changes::{Change, ChangeKind, Changes, Seen},
    code::{RosterCode, RowCode},
    outcome::Outcome,
    report::{ReportRow, RosterReport},
};
use crate::{code::Code, colour::Colour};

impl RosterReport {
    /// What has changed since `last`.
    pub fn compare(&self, last: &Self) -> Changes {
        let before: HashMap<&str, &ReportRow> =
            last.rows.iter().rev().map(|row| (row.key.as_str(), row)).collect();
        let keys: HashSet<&str> = self.rows.iter().map(|row| row.key.as_str()).collect();
        // Whose certificate was in which row: a row that was not there before may hold another one
        // of the same person. Rows that are gone come first.
        let mut of_person: HashMap<HprNumber, &ReportRow> = HashMap::new();
        let is_gone = |row: &&ReportRow| !keys.contains(row.key.as_str());
        for row in last.rows.iter().filter(is_gone).chain(&last.rows) {
            if let Some(certificate) = &row.certificate {
                of_person.entry(certificate.hpr_number).or_insert(row);
            }
        }
        let mut changes = Vec::new();
        let (mut as_before, mut taken) = (0, HashSet::new());
        for (place, now) in self.rows.iter().enumerate() {
            let then = before.get(now.key.as_str()).copied().or_else(|| {
                let then = *of_person.get(&now.certificate.as_ref()?.hpr_number)?;
                taken.insert(then.key.as_str()).then_some(then)
            });
            let kinds = kinds(then, now);
            if kinds.is_empty() {
                as_before += u64::from(now.needs_attention());
                continue;
            }
            changes.push(Change {
                needs_attention: now.needs_attention() || kinds.contains(&ChangeKind::Expiring),
                kinds,
                key: now.key.clone(),
                before: then.map(Seen::from),
                now: Some(now.into()),
                row: Some(place),
            });
        }
        for then in last.rows.iter().filter(is_gone).filter(|row| !taken.contains(row.key.as_str()))
        {
            changes.push(Change {
                kinds: vec![ChangeKind::Gone],
                key: then.key.clone(),
                needs_attention: false,
                before: Some(then.into()),
                now: None,
                row: None,
            });
        }
        Changes { since: last.about.checked_at, as_before, changes }
    }

    /// Whether somebody has to act: on the current state or, if there are changes, on those. A row
    /// whose status is unknown because good lists are missing always counts: what has changed there
    /// cannot be known.
    pub fn needs_attention(&self) -> bool {
        match &self.changes {
            None => self.summary.need_attention > 0,
            Some(changes) => {
                changes.changes.iter().any(|change| change.needs_attention)
                    || self
                        .rows
                        .iter()
                        .flat_map(|row| &row.findings)
                        .any(|finding| finding.code.is_about_lists())
            }
        }
    }
}

/// In which ways a row has changed; empty if it has not.
fn kinds(then: Option<&ReportRow>, now: &ReportRow) -> Vec<ChangeKind> {
    let mut kinds = Vec::new();
    let mut add = |kind| {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    };
    let had = |code: &RowCode| then.is_some_and(|then| codes(then).any(|had| had == code));
    for code in now.findings.iter().map(|finding| &finding.code).filter(|code| !had(code)) {
        add(kind_of(code));
    }
    if now.expiring && then.is_none_or(|then| !then.expiring) {
        add(ChangeKind::Expiring);
    }
    let Some(then) = then else {
        add(ChangeKind::New);
        return kinds;
    };
    if let (Some(old), Some(new)) = (&then.certificate, &now.certificate)
        && (&old.iss, old.certificate_number) != (&new.iss, new.certificate_number)
    {
        add(if old.hpr_number == new.hpr_number {
            ChangeKind::Reissued
        } else {
            ChangeKind::OtherPerson
        });
    }
    if now.outcome == Outcome::Accepted && then.code != now.code {
        add(match then.outcome {
            Outcome::Accepted if now.code == Code::AuthorisedWithConditions => {
                ChangeKind::Conditions
            }
            Outcome::Accepted => ChangeKind::ConditionsLifted,
            _ if then.code == Code::Suspended => ChangeKind::Lifted,
            _ => ChangeKind::Accepted,
        });
    }
    if kinds.is_empty() && codes(then).ne(codes(now)) {
        kinds.push(ChangeKind::Changed);
    }
    kinds
}

fn codes(row: &ReportRow) -> impl Iterator<Item = &RowCode> {
    let accepted = row.findings.is_empty().then_some(&row.code);
    row.findings.iter().map(|finding| &finding.code).chain(accepted)
}

impl From<&ReportRow> for Seen {
    fn from(row: &ReportRow) -> Self {
        Self {
            line: row.line,
            staff_id: row.staff_id.clone(),
            name: row.called(),
            outcome: row.outcome,
            code: row.code.clone(),
            certificate_number: row
                .certificate
                .as_ref()
                .map(|certificate| certificate.certificate_number),
        }
    }
}

/// The kind of change that a new code of a row means.
fn kind_of(code: &RowCode) -> ChangeKind {
    const MISSING: [RosterCode; 2] = [RosterCode::CertificateMissing, RosterCode::FileMissing];
    const MISMATCH: [RosterCode; 2] = [RosterCode::NameMismatch, RosterCode::BirthdateMismatch];
    if MISSING.iter().any(|missing| code == missing) {
        return ChangeKind::Missing;
    }
    if MISMATCH.iter().any(|mismatch| code == mismatch) {
        return ChangeKind::Mismatch;
    }
    match code.verdict() {
        Some(Code::Suspended) => ChangeKind::Suspended,
        Some(Code::Revoked) => ChangeKind::Revoked,
        Some(Code::Expired) => ChangeKind::Expired,
        Some(code) if code.colour() == Colour::Undetermined => ChangeKind::NotKnown,
        Some(code) if code.colour() == Colour::Refused => ChangeKind::Refused,
        _ => ChangeKind::Problem,
    }
}
