//! The report: a row for each row of the roster, and what only all of them together show.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, hash_map::Entry},
};

use serde::{Deserialize, Serialize};
use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, HprNumber, NumericDate};

use super::{
    changes::Changes,
    code::{RosterCode, RowCode},
    error::RosterError,
    outcome::Outcome,
    table::RosterRow,
};
use crate::{knowledge::Knowledge, rfc3339};

/// The `format` of a report.
pub const FORMAT: &str = "vernet-roster-report";

/// The version of the format. Members may be added within a version; a reader ignores those that it
/// does not know.
pub const VERSION: u64 = 1;

/// A report. Its form as JSON is in `docs/ROSTER.md`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RosterReport {
    format: Cow<'static, str>,
    version: u64,
    /// What was asked.
    pub about: ReportHead,
    /// How many of what.
    pub summary: Summary,
    /// What has changed since an earlier report, if that was asked. It depends on that report, and
    /// so is not read back.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// A row for each row of the roster, in its order.
    pub rows: Vec<ReportRow>,
}

/// What was asked, and on which lists the answers rest.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReportHead {
    /// The name of the table or of the folder.
    pub source: String,
    /// The time for which the answers were asked.
    #[serde(with = "rfc3339")]
    pub checked_at: NumericDate,
    /// How many days ahead an expiring certificate is reported.
    pub expiring_days: u16,
    /// The offices whose lists were used.
    pub offices: Vec<OfficeSeen>,
    /// What was compared with the certificates: `name`, `birthdate`.
    pub compared: Vec<String>,
    /// The other columns of the table.
    pub columns: Vec<String>,
}

/// An office, and the date of its lists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OfficeSeen {
    /// The issuer.
    pub iss: String,
    /// The number of its trust list.
    pub trust_list_seq: u64,
    /// When the oldest of its status lists was signed, if it has one that can be used.
    #[serde(with = "rfc3339::optional")]
    pub status_iat: Option<NumericDate>,
}

impl From<&Knowledge> for OfficeSeen {
    fn from(office: &Knowledge) -> Self {
        let trust_list = office.trust_list();
        Self {
            iss: trust_list.iss.to_string(),
            trust_list_seq: trust_list.seq,
            status_iat: office.status_lists().map(|list| list.iat).min(),
        }
    }
}

/// How many of what.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// All rows: the sum of the next four.
    pub rows: u64,
    /// Rows with a certificate that is in force, and no other finding.
    pub accepted: u64,
    /// Rows with a certificate that is not.
    pub refused: u64,
    /// Rows whose status is not known.
    pub undetermined: u64,
    /// Rows with something else that needs attention: no certificate, or another person's.
    pub problem: u64,
    /// All rows that need attention: the sum of the last three.
    pub need_attention: u64,
    /// Rows with a certificate in force that expires soon.
    pub expiring: u64,
    /// The rows by their code.
    pub codes: BTreeMap<String, u64>,
}

/// A row of the report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ReportRow {
    /// Its line in the table, or its place in the folder, from 1.
    pub line: u64,
    /// The key by which the row is matched in the next report.
    pub key: String,
    /// As in the roster.
    pub staff_id: String,
    /// As in the roster.
    pub name: String,
    /// As in the roster.
    pub birthdate: String,
    /// The file with the certificate, if it was in one.
    pub file: String,
    /// The cells of the other columns, in the order of [`ReportHead::columns`].
    pub free: Vec<String>,
    /// The outcome of the row.
    pub outcome: Outcome,
    /// What was found: the first of `findings`, or the code of the verdict that accepts it.
    pub code: RowCode,
    /// The code of the verdict on the certificate, if there was one to judge.
    pub verdict: Option<RowCode>,
    /// The instant of which the verdict is true.
    #[serde(with = "rfc3339::optional")]
    pub as_of: Option<NumericDate>,
    /// What the certificate says, if its signature is valid.
    pub certificate: Option<ReportCertificate>,
    /// Whether it is in force, but expires soon.
    pub expiring: bool,
    /// Everything that needs attention, the most serious first. Empty if nothing does.
    pub findings: Vec<Finding>,
}

/// What a certificate says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportCertificate {
    /// The issuer.
    pub iss: String,
    /// The title, as in its claims; empty in a report that an older program made.
    #[serde(default)]
    pub title: String,
    /// The number on the paper.
    pub certificate_number: CertificateNumber,
    /// Given names; empty if the person has a single name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// Health personnel number.
    pub hpr_number: HprNumber,
    /// The first day on which it is no longer valid.
    pub expires: CivilDate,
}

impl From<&CertificateClaims> for ReportCertificate {
    fn from(claims: &CertificateClaims) -> Self {
        Self {
            iss: claims.iss.to_string(),
            title: claims.title.to_string(),
            certificate_number: claims.certificate_number,
            given_name: claims.given_name.to_string(),
            family_name: claims.family_name.to_string(),
            birthdate: claims.birthdate,
            hpr_number: claims.hpr_number,
            expires: claims.exp.civil_date(),
        }
    }
}

/// Something that needs attention.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Its stable name.
    pub code: RowCode,
    /// The stable name of the fault behind it, where there is one.
    pub cause: Option<RowCode>,
    /// What was found, for people. May be empty.
    pub message: String,
    /// What to do, for people.
    pub advice: Cow<'static, str>,
}

impl Finding {
    pub(super) fn new(code: RosterCode, message: String) -> Self {
        Self { code: code.into(), cause: None, message, advice: code.advice().into() }
    }
}

impl ReportRow {
    pub(super) fn unjudged(row: RosterRow) -> Self {
        let RosterRow { line, staff_id, name, birthdate, certificate: _, file, free, fault: _ } =
            row;
        Self {
            line,
            key: String::new(),
            staff_id,
            name,
            birthdate,
            file,
            free,
            outcome: Outcome::Problem,
            code: RosterCode::CertificateMissing.into(),
            verdict: None,
            as_of: None,
            certificate: None,
            expiring: false,
            findings: Vec::new(),
        }
    }

    /// Adds a finding that is less serious than those already known.
    pub(super) fn add(&mut self, finding: Finding) {
        if self.findings.is_empty() {
            (self.outcome, self.code) = (Outcome::Problem, finding.code.clone());
        }
        self.findings.push(finding);
    }

    /// Whether somebody has to act on it now.
    pub fn needs_attention(&self) -> bool {
        !self.findings.is_empty()
    }

    /// Whether its status is unknown because good lists are missing. This says nothing about the
    /// person, and the next update resolves it.
    pub fn is_in_doubt(&self) -> bool {
        self.findings.iter().any(|finding| finding.code.is_about_lists())
    }

    /// The name to call the person by: the roster's, else the certificate's.
    pub fn called(&self) -> String {
        match &self.certificate {
            Some(certificate) if self.name.is_empty() => {
                let names = [certificate.given_name.as_str(), &certificate.family_name];
                names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ")
            }
            _ => self.name.clone(),
        }
    }

    /// The key by which this row is matched, unless another row has the same.
    fn wanted_key(&self) -> String {
        if !self.staff_id.is_empty() {
            return self.staff_id.clone();
        }
        match (self.name.as_str(), self.birthdate.as_str(), self.file.as_str()) {
            ("", "", "") => format!("line {}", self.line),
            ("", "", file) => file.to_owned(),
            (name, "", _) => name.to_owned(),
            (name, birthdate, _) => {
                format!("{name}, {birthdate}").trim_start_matches(", ").to_owned()
            }
        }
    }
}

impl RosterReport {
    /// A report of these rows, each judged by [`judge_row`](super::judge_row).
    ///
    /// # Errors
    ///
    /// [`RosterError::Empty`] if there are none.
    pub fn new(about: ReportHead, mut rows: Vec<ReportRow>) -> Result<Self, RosterError> {
        if rows.is_empty() {
            return Err(RosterError::Empty {
                expected: "a person in each line after the first, or a file for each person",
            });
        }
        find_repeated(&mut rows);
        give_keys(&mut rows);
        Ok(Self::of_rows(about, rows))
    }

    /// A report of rows that have their keys.
    pub(super) fn of_rows(about: ReportHead, rows: Vec<ReportRow>) -> Self {
        let summary = Summary::of(&rows);
        Self { format: FORMAT.into(), version: VERSION, about, summary, changes: None, rows }
    }

    /// Reads an earlier report.
    ///
    /// # Errors
    ///
    /// [`RosterError::LastUnreadable`] if it is not a report, [`RosterError::LastVersion`] if it
    /// has another version.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RosterError> {
        #[derive(Deserialize)]
        struct Kind {
            format: String,
            version: u64,
        }
        // The JSON parser quotes what it finds, which may be somebody's name: only the place is
        // reported.
        let unreadable = |error: serde_json::Error| RosterError::LastUnreadable {
            reason: format!(
                "it cannot be read in line {}, column {}",
                error.line(),
                error.column()
            ),
        };
        let kind: Kind = serde_json::from_slice(bytes).map_err(unreadable)?;
        if kind.format != FORMAT {
            return Err(RosterError::LastUnreadable {
                reason: format!("its `format` is not `{FORMAT}`"),
            });
        }
        if kind.version != VERSION {
            return Err(RosterError::LastVersion { found: kind.version, expected: VERSION });
        }
        serde_json::from_slice(bytes).map_err(unreadable)
    }
}

/// Finds one certificate for two people, two certificates for one title of a person, and one id for
/// two people. Somebody may have several titles, and a row for each.
fn find_repeated(rows: &mut [ReportRow]) {
    let mut people: HashMap<Right, usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        let Some(certificate) = &row.certificate else { continue };
        let rank = |row: &ReportRow| {
            let number = row.certificate.as_ref().map(|certificate| certificate.certificate_number);
            (row.outcome == Outcome::Accepted, number)
        };
        people
            .entry(right(certificate))
            .and_modify(|best| {
                if rank(row) > rank(&rows[*best]) {
                    *best = place;
                }
            })
            .or_insert(place);
    }
    let best: HashMap<Right, (u64, CertificateNumber)> = people
        .into_iter()
        .filter_map(|(person, place)| {
            let certificate = rows[place].certificate.as_ref()?;
            Some((person, (rows[place].line, certificate.certificate_number)))
        })
        .collect();
    let (mut certificates, mut staff) = (HashMap::new(), HashMap::new());
    for row in rows {
        if let Some(certificate) = &row.certificate {
            let number = certificate.certificate_number;
            let (current_line, current) = best[&right(certificate)];
            let first = first_line(&mut certificates, (certificate.iss.clone(), number), row.line);
            if let Some(first) = first {
                let message = format!("the certificate {number} is in row {first} too");
                row.add(Finding::new(RosterCode::CertificateRepeated, message));
            } else if current != number {
                let message = format!(
                    "row {current_line} has the newer certificate {current} of the same person"
                );
                row.add(Finding::new(RosterCode::PersonRepeated, message));
            }
        }
        let of_row = row.certificate.as_ref().map(right);
        let (first, of_first) =
            staff.entry(row.staff_id.clone()).or_insert_with(|| (row.line, of_row.clone()));
        let has_another_title = of_row
            .zip(of_first.as_ref())
            .is_some_and(|(of_row, of_first)| of_row.0 == of_first.0 && of_row != *of_first);
        if !row.staff_id.is_empty() && *first != row.line && !has_another_title {
            let message = format!("row {first} has the same staff id");
            row.add(Finding::new(RosterCode::StaffRepeated, message));
        }
    }
}

/// What a person has one of at a time: a title of an issuer.
pub(super) type Right = (HprNumber, String, String);

pub(super) fn right(certificate: &ReportCertificate) -> Right {
    (certificate.hpr_number, certificate.iss.clone(), certificate.title.clone())
}

/// The line in which this was seen first, if it was seen before.
fn first_line<K: Eq + std::hash::Hash>(
    seen: &mut HashMap<K, u64>,
    key: K,
    line: u64,
) -> Option<u64> {
    match seen.entry(key) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(free) => {
            free.insert(line);
            None
        }
    }
}

fn give_keys(rows: &mut [ReportRow]) {
    let mut times: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let key = row.wanted_key();
        let times = times.entry(key.clone()).or_insert(0);
        *times += 1;
        row.key = if *times == 1 { key } else { format!("{key} ({times})") };
    }
}

impl Summary {
    fn of(rows: &[ReportRow]) -> Self {
        let mut summary = Self { rows: rows.len() as u64, ..Self::default() };
        for row in rows {
            let counted = match row.outcome {
                Outcome::Accepted => &mut summary.accepted,
                Outcome::Refused => &mut summary.refused,
                Outcome::Undetermined => &mut summary.undetermined,
                Outcome::Problem => &mut summary.problem,
            };
            *counted += 1;
            summary.need_attention += u64::from(row.needs_attention());
            summary.expiring += u64::from(row.expiring);
            match summary.codes.get_mut(row.code.as_str()) {
                Some(count) => *count += 1,
                None => drop(summary.codes.insert(row.code.to_string(), 1)),
            }
        }
        summary
    }
}
