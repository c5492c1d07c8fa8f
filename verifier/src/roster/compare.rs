//! What has changed since an earlier report.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use vernet_common::{CertificateNumber, HprNumber, NumericDate};

use super::{Outcome, ReportRow, RosterCode, RosterReport, RowCode, report::rfc3339};
use crate::{Code, Colour};

/// What has changed between two reports.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Changes {
    /// When the earlier report was made.
    #[serde(with = "rfc3339")]
    pub since: NumericDate,
    /// How many rows needed somebody's attention then, and do so now for the same reasons.
    pub as_before: u64,
    /// The changes: rows of now in their order, then those that are gone.
    pub changes: Vec<Change>,
}

/// A row that has changed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Change {
    /// In which ways; at least one.
    pub kinds: Vec<ChangeKind>,
    /// By what the row was found again.
    pub key: String,
    /// Whether somebody has to do something about it.
    pub needs_attention: bool,
    /// The row then; none if it was not there.
    pub before: Option<Seen>,
    /// The row now; none if it is not there any more.
    pub now: Option<Seen>,
    /// Where it is among the rows of now.
    #[serde(skip)]
    pub row: Option<usize>,
}

/// What a row was, in short.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Seen {
    /// Its line or place.
    pub line: u64,
    /// As in the roster.
    pub staff_id: String,
    /// The roster's name, else the certificate's.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What was found.
    pub code: RowCode,
    /// The certificate, if its signature held.
    pub certificate_number: Option<CertificateNumber>,
}

/// In which way a row has changed. Stable API.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// Suspended now, and was not.
    Suspended,
    /// Withdrawn for good.
    Revoked,
    /// Has run out.
    Expired,
    /// Refused for another reason.
    Refused,
    /// Not known any more.
    NotKnown,
    /// The certificate, or the file that it was in, is not there any more.
    Missing,
    /// The certificate is not this person's.
    Mismatch,
    /// Something else is wrong with the row that was not before.
    Problem,
    /// Runs out within the days that were asked for, and did not then.
    Expiring,
    /// Conditions apply that did not.
    Conditions,
    /// Another certificate of the same person.
    Reissued,
    /// A certificate of another person.
    OtherPerson,
    /// Was not on the roster.
    New,
    /// Is not on the roster any more.
    Gone,
    /// A suspension has ended.
    Lifted,
    /// In force now, and was not, or it was not known.
    Accepted,
    /// Conditions apply no more.
    ConditionsLifted,
    /// Less is wrong than was, or something else is said about the same.
    Changed,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::Suspended,
        Self::Revoked,
        Self::Expired,
        Self::Refused,
        Self::NotKnown,
        Self::Missing,
        Self::Mismatch,
        Self::Problem,
        Self::Expiring,
        Self::Conditions,
        Self::Reissued,
        Self::OtherPerson,
        Self::New,
        Self::Gone,
        Self::Lifted,
        Self::Accepted,
        Self::ConditionsLifted,
        Self::Changed,
    ];

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Revoked => "withdrawn for good",
            Self::Expired => "has run out",
            Self::Refused => "refused",
            Self::NotKnown => "not known any more",
            Self::Missing => "certificate missing",
            Self::Mismatch => "somebody else's certificate",
            Self::Problem => "new problem",
            Self::Expiring => "runs out soon",
            Self::Conditions => "conditions apply",
            Self::Reissued => "issued anew",
            Self::OtherPerson => "certificate of another person",
            Self::New => "new on the roster",
            Self::Gone => "no longer on the roster",
            Self::Lifted => "suspension lifted",
            Self::Accepted => "valid now",
            Self::ConditionsLifted => "conditions lifted",
            Self::Changed => "changed",
        }
    }

    /// What a code means that a row did not have before.
    fn of(code: &RowCode) -> Self {
        const MISSING: [RosterCode; 2] = [RosterCode::CertificateMissing, RosterCode::FileMissing];
        const MISMATCH: [RosterCode; 2] = [RosterCode::NameMismatch, RosterCode::BirthdateMismatch];
        if MISSING.iter().any(|missing| code == missing) {
            return Self::Missing;
        }
        if MISMATCH.iter().any(|mismatch| code == mismatch) {
            return Self::Mismatch;
        }
        match code.verdict() {
            Some(Code::Suspended) => Self::Suspended,
            Some(Code::Revoked) => Self::Revoked,
            Some(Code::Expired) => Self::Expired,
            Some(code) if code.colour() == Colour::Undetermined => Self::NotKnown,
            Some(code) if code.colour() == Colour::Refused => Self::Refused,
            _ => Self::Problem,
        }
    }
}

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

    /// Whether somebody has to do something: now, or with changes, because of them. Whoever's
    /// status is not known for want of good lists counts every time: what has changed there,
    /// nobody can tell.
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

/// In which ways a row has changed; in none, if it has not.
fn kinds(then: Option<&ReportRow>, now: &ReportRow) -> Vec<ChangeKind> {
    let mut kinds = Vec::new();
    let mut add = |kind| {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    };
    let had = |code: &RowCode| then.is_some_and(|then| codes(then).any(|had| had == code));
    for code in now.findings.iter().map(|finding| &finding.code).filter(|code| !had(code)) {
        add(ChangeKind::of(code));
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
