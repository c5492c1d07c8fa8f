//! What people see, as text or as HTML: the same sections and the same words.

use vernet_common::CivilDate;
use vernet_verifier::{
    Code, Colour,
    roster::{Change, Finding, Outcome, ReportRow, RosterReport, Seen},
};

/// A line of a section.
pub(crate) struct Line {
    pub(crate) mark: Mark,
    pub(crate) staff_id: String,
    pub(crate) name: String,
    /// Where to find it: the file, or the row of the table.
    pub(crate) place: String,
    pub(crate) certificate: String,
    /// What was found, in a few words.
    pub(crate) found: String,
    /// What that means, or what to do.
    pub(crate) then: String,
}

/// A sign beside the colour, for those who cannot see the colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Valid,
    NotValid,
    NotKnown,
    Problem,
    /// Something to know, nothing to do.
    Note,
}

impl Mark {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Valid => "✔",
            Self::NotValid => "✘",
            Self::NotKnown => "?",
            Self::Problem => "!",
            Self::Note => "·",
        }
    }

    /// For screen readers, and for the class of a cell.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotValid => "not valid",
            Self::NotKnown => "not known",
            Self::Problem => "problem",
            Self::Note => "note",
        }
    }

    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accepted => Self::Valid,
            Outcome::Refused => Self::NotValid,
            Outcome::Undetermined => Self::NotKnown,
            Outcome::Problem => Self::Problem,
        }
    }

    fn of_finding(finding: &Finding) -> Self {
        match finding.code.verdict().map(Code::colour) {
            Some(Colour::Refused) => Self::NotValid,
            Some(Colour::Undetermined) => Self::NotKnown,
            Some(Colour::Accepted) => Self::Valid,
            None => Self::Problem,
        }
    }
}

/// The heading of the report, in sentences.
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) as_of: Vec<String>,
    pub(crate) counts: String,
    pub(crate) compared: String,
    /// Why the status of some people is not known, however good their certificates are.
    pub(crate) doubt: Option<String>,
}

pub(crate) fn head(report: &RosterReport) -> Head {
    let (about, summary) = (&report.about, &report.summary);
    let title = format!(
        "{}: {}, {}",
        about.source,
        counted(summary.rows, "row", "rows"),
        needing(summary.need_attention)
    );
    let as_of = about.offices.iter().map(|office| {
        let as_of = office
            .status_iat
            .map_or("no status list can be used".to_owned(), |iat| format!("as of {iat}"));
        format!("{as_of}, by the lists of {}", office.iss)
    });
    let problems = match summary.problem {
        0 => String::new(),
        1 => ", 1 with another problem".to_owned(),
        several => format!(", {several} with other problems"),
    };
    let counts = format!(
        "{} valid, {} not valid now, {} not known{problems}; {} within {} days",
        summary.accepted,
        summary.refused,
        summary.undetermined,
        if summary.expiring == 1 {
            "1 expires".to_owned()
        } else {
            format!("{} expire", summary.expiring)
        },
        about.expiring_days
    );
    let compared = match about.compared.as_slice() {
        [] => "names and birth dates were not compared: the roster has none".to_owned(),
        [one] if one == "name" => {
            "names were compared, where the roster has them; it has no birth dates".to_owned()
        }
        [_] => "birth dates were compared, where the roster has them; it has no names".to_owned(),
        _ => "names and birth dates were compared, where the roster has them".to_owned(),
    };
    let doubt = match report.rows.iter().filter(|row| row.is_in_doubt()).count() {
        0 => None,
        rows => Some(format!(
            "the lists at hand cannot tell about {}: run `vernet-verifier sync`, then check again",
            counted(rows as u64, "row", "rows")
        )),
    };
    Head { title, as_of: as_of.collect(), counts, compared, doubt }
}

pub(crate) fn needing(rows: u64) -> String {
    match rows {
        0 => "nobody needs attention".to_owned(),
        1 => "1 needs attention".to_owned(),
        several => format!("{several} need attention"),
    }
}

fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Everything that needs action: a line for each finding.
pub(crate) fn attention(report: &RosterReport) -> impl Iterator<Item = (Line, &ReportRow)> {
    let several = has_several_titles(report);
    report.rows.iter().flat_map(move |row| {
        let line = move |finding| (line_of_finding(row, finding).titled(row, several), row);
        row.findings.iter().map(line)
    })
}

/// What will soon need action.
pub(crate) fn expiring(report: &RosterReport) -> impl Iterator<Item = (Line, &ReportRow)> {
    let several = has_several_titles(report);
    report.rows.iter().filter(|row| row.expiring).map(move |row| {
        let then = match last_day(row) {
            Some(day) => {
                format!("its last day is {day}: ask for a current certificate before then")
            }
            None => String::new(),
        };
        let line = Line { mark: Mark::Note, found: "expires soon".to_owned(), then, ..who(row) };
        (line.titled(row, several), row)
    })
}

/// Everybody who is in order.
pub(crate) fn in_order(report: &RosterReport) -> impl Iterator<Item = (Line, &ReportRow)> {
    let several = has_several_titles(report);
    let rows = report.rows.iter().filter(|row| !row.needs_attention());
    rows.map(move |row| (line_in_order(row).titled(row, several), row))
}

/// Whether the staff's certificates are for more than one title, or by more than one issuer.
fn has_several_titles(report: &RosterReport) -> bool {
    let mut titles = report.rows.iter().filter_map(|row| row.certificate.as_ref());
    let first = titles.next();
    titles.any(|other| {
        first.is_some_and(|first| (&first.iss, &first.title) != (&other.iss, &other.title))
    })
}

impl Line {
    /// With the title below the number, where there are several.
    fn titled(mut self, row: &ReportRow, several: bool) -> Self {
        if let Some(certificate) = row.certificate.as_ref().filter(|_| several) {
            self.certificate = format!("{} {}", self.certificate, certificate.title);
        }
        self
    }
}

/// What has changed; what needs attention comes first.
pub(crate) fn changes(report: &RosterReport) -> Vec<(Line, Option<&ReportRow>)> {
    let Some(changes) = &report.changes else { return Vec::new() };
    let mut sorted: Vec<&Change> = changes.changes.iter().collect();
    sorted.sort_by_key(|change| !change.needs_attention);
    let row = |change: &Change| change.row.and_then(|place| report.rows.get(place));
    let several = has_several_titles(report);
    let line = |change| {
        let (line, row) = (line_of_change(change, row(change)), row(change));
        match row {
            Some(row) => (line.titled(row, several), Some(row)),
            None => (line, None),
        }
    };
    sorted.into_iter().map(line).collect()
}

fn line_of_change(change: &Change, row: Option<&ReportRow>) -> Line {
    let words: Vec<_> = change.kinds.iter().map(|kind| kind.words()).collect();
    let found = words.join(", ");
    let seen = |seen: &Seen| format!("was {}", said(seen.code.as_str()));
    let before = change.before.as_ref().map(seen).unwrap_or_default();
    let Some(row) = row else {
        let gone = change.before.as_ref();
        return Line {
            mark: Mark::Note,
            staff_id: gone.map(|seen| seen.staff_id.clone()).unwrap_or_default(),
            name: gone
                .map(
                    |seen| {
                        if seen.name.is_empty() { change.key.clone() } else { seen.name.clone() }
                    },
                )
                .unwrap_or_default(),
            place: String::new(),
            certificate: gone
                .and_then(|seen| seen.certificate_number)
                .map(|number| number.to_string())
                .unwrap_or_default(),
            found,
            then: before,
        };
    };
    let old = change.before.as_ref().and_then(|seen| seen.certificate_number);
    let new = row.certificate.as_ref().map(|certificate| certificate.certificate_number);
    let replaced =
        old.filter(|_| old != new && new.is_some()).map(|old| format!("in place of {old}"));
    let now = match row.findings.first() {
        Some(finding) => meaning(finding),
        None => line_in_order(row).then,
    };
    let then =
        [Some(before), replaced, Some(now)].into_iter().flatten().filter(|part| !part.is_empty());
    Line {
        mark: Mark::of(row.outcome),
        found,
        then: then.collect::<Vec<_>>().join("; "),
        ..who(row)
    }
}

fn line_of_finding(row: &ReportRow, finding: &Finding) -> Line {
    Line {
        mark: Mark::of_finding(finding),
        found: said(finding.code.as_str()),
        then: meaning(finding),
        ..who(row)
    }
}

fn line_in_order(row: &ReportRow) -> Line {
    let until = last_day(row).map(|day| format!("valid through {day}"));
    let conditions =
        (row.code == Code::AuthorisedWithConditions).then(|| "obtain the decision".to_owned());
    let then = [conditions, until].into_iter().flatten().collect::<Vec<_>>().join("; ");
    Line { mark: Mark::of(row.outcome), found: said(row.code.as_str()), then, ..who(row) }
}

/// The last day on which the certificate is valid, as people say it; the certificate states the day
/// after.
fn last_day(row: &ReportRow) -> Option<CivilDate> {
    row.certificate.as_ref().map(|certificate| certificate.expires.plus_days(-1))
}

/// A line with only the person.
fn who(row: &ReportRow) -> Line {
    let (number, name) =
        (row.certificate.as_ref().map(|certificate| certificate.certificate_number), row.called());
    Line {
        mark: Mark::Note,
        staff_id: row.staff_id.clone(),
        name,
        // A folder has only files, no staff data.
        place: match (row.staff_id.as_str(), row.name.as_str(), row.file.as_str()) {
            ("", "", file) if !file.is_empty() => file.to_owned(),
            _ => format!("row {}", row.line),
        },
        certificate: number.map(|number| number.to_string()).unwrap_or_default(),
        found: String::new(),
        then: String::new(),
    }
}

fn meaning(finding: &Finding) -> String {
    match finding.message.as_str() {
        "" => finding.advice.to_string(),
        message => format!("{message}; {}", finding.advice),
    }
}

/// A code in words.
fn said(code: &str) -> String {
    code.replace('_', " ")
}
