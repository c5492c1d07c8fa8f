//! Messages in plain words, for mails.
//!
//! A person is named by the staff id if the roster has one, else by the name, and by the row: what
//! the personnel department needs to find the row, and no more. Birth dates, numbers of
//! certificates and health personnel numbers are never in a mail, nor is anybody named in a
//! subject.

use vernet_common::{CivilDate, NumericDate};
use vernet_host::printable;
use vernet_verifier::roster::{ChangeKind, ReportRow, RosterReport, Urgency};

use super::told::Told;

/// The longest text of a cell in a message.
const MAX_CELL: usize = 100;

/// A cell, safe to print. The end of a very long one is left out, visibly.
pub(super) fn short(cell: &str) -> String {
    let mut short: String = cell.chars().take(MAX_CELL).collect();
    if short.len() < cell.len() {
        short.push('…');
    }
    printable(&short)
}

/// What to do about the first thing that is wrong with a row.
pub(super) fn advice(row: Option<&ReportRow>) -> Option<&str> {
    Some(row?.findings.first()?.advice.as_ref())
}

/// The last day on which the certificate is valid.
pub(super) fn last_day(row: &ReportRow) -> Option<CivilDate> {
    Some(row.certificate.as_ref()?.expires.plus_days(-1))
}

pub(super) fn subject_of_changes(
    people: &[Told<'_>],
    urgency: Urgency,
    (part, of): (usize, usize),
) -> String {
    let mut counts = Vec::new();
    for kind in ChangeKind::ALL {
        match people.iter().filter(|told| told.change.kinds.contains(kind)).count() {
            0 => {}
            number => counts.push(format!("{number} {}", kind.words())),
        }
    }
    let urgent = if urgency == Urgency::Urgent { "URGENT: " } else { "" };
    let part = if of > 1 { format!(" (part {part} of {of})") } else { String::new() };
    format!("{urgent}Certificates of the staff: {}{part}", counts.join(", "))
}

pub(super) fn changes(people: &[Told<'_>], report: &RosterReport, urgency: Urgency) -> String {
    let first = match urgency {
        Urgency::Urgent => "These people may not work as before, from now on:",
        Urgency::Attention => "Somebody has to see to this:",
        Urgency::Note => "This has changed; nobody has to act:",
    };
    let lines: String = people.iter().map(line_of_change).collect();
    format!("{}\n{first}\n\n{lines}{}", checked(report), THE_PAGE)
}

fn line_of_change(told: &Told<'_>) -> String {
    let Told { change, row } = told;
    let kinds = change.kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(", ");
    let before = match &change.before {
        Some(before) => format!(" (was: {})", before.code.as_str().replace('_', " ")),
        None => String::new(),
    };
    let who = match (&change.now, &change.before) {
        (Some(seen), _) | (None, Some(seen)) => {
            who(&seen.staff_id, &seen.name, row.map_or("", |row| &row.file), seen.line)
        }
        (None, None) => String::new(),
    };
    let last_day = row
        .filter(|_| change.kinds.contains(&ChangeKind::Expiring))
        .and_then(last_day)
        .map(|day| format!(" The last day is {day}: ask for a current certificate before then."));
    let advice = advice(*row)
        .filter(|_| change.now.is_some())
        .map(|advice| format!(" {}.", capital(advice)));
    format!(
        "- {who}: {kinds}{before}.{}{}\n",
        last_day.unwrap_or_default(),
        advice.unwrap_or_default()
    )
}

pub(super) fn subject_of_state(report: &RosterReport) -> String {
    match report.summary.need_attention {
        0 => "Certificates of the staff are watched: nobody needs attention".to_owned(),
        1 => "Certificates of the staff are watched: 1 needs attention".to_owned(),
        several => format!("Certificates of the staff are watched: {several} need attention"),
    }
}

pub(super) fn state(rows: &[&ReportRow], report: &RosterReport) -> String {
    let summary = &report.summary;
    let mut text = format!(
        "{}\nFrom now on this address is told of changes. There are {} rows: {} valid, {} not valid now, {} not known, {} with other problems.\n",
        checked(report),
        summary.rows,
        summary.accepted,
        summary.refused,
        summary.undetermined,
        summary.problem
    );
    if !rows.is_empty() {
        text += "These need attention now:\n\n";
        text.extend(rows.iter().map(|row| line_of_row(row)));
    }
    text + THE_PAGE
}

fn line_of_row(row: &ReportRow) -> String {
    let advice = advice(Some(row)).map(|advice| format!(" {}.", capital(advice)));
    format!(
        "- {}: {}.{}\n",
        who_in(row),
        row.code.as_str().replace('_', " "),
        advice.unwrap_or_default()
    )
}

/// How many people a mail names who are not known.
const MAX_NOT_KNOWN: usize = 50;

pub(super) fn not_known(rows: &[&ReportRow], whole: bool, report: &RosterReport) -> String {
    let why = rows
        .first()
        .and_then(|row| row.findings.iter().find(|finding| finding.code.is_about_lists()))
        .map(|finding| format!("{}: {}", finding.code.as_str().replace('_', " "), finding.advice));
    let why = why.unwrap_or_default();
    if whole {
        return format!(
            "{}\nThe lists that this server has cannot tell about anybody on the roster ({why}).\nThis says nothing about a person, but a suspension would not be \
             noticed now. Whoever runs the server has to see to it; what has changed meanwhile is told when the lists are good again.\n",
            checked(report)
        );
    }
    let mut text = format!(
        "{}\nThe lists that this server has cannot tell about {} of {} rows ({why}).\nThis says nothing about a person. It usually ends with the next lists.\n\n",
        checked(report),
        rows.len(),
        report.rows.len()
    );
    text.extend(rows.iter().take(MAX_NOT_KNOWN).map(|row| format!("- {}\n", who_in(row))));
    if rows.len() > MAX_NOT_KNOWN {
        text += &format!("- and {} more\n", rows.len() - MAX_NOT_KNOWN);
    }
    text + THE_PAGE
}

pub(super) fn known_again(report: &RosterReport) -> String {
    format!(
        "{}\nThe lists are good again. If anybody's certificate has changed meanwhile, another message says so.\n",
        checked(report)
    )
}

pub(super) fn unreadable(reason: &str) -> String {
    format!(
        "The verification server cannot read the roster, so nobody on it is watched: a suspension would not be noticed now.\n\nThe reason: {}.\n",
        printable(reason)
    )
}

pub(super) fn readable(report: &RosterReport) -> String {
    format!(
        "{}\nThe roster can be read again. If anybody's certificate has changed meanwhile, another message says so.\n",
        checked(report)
    )
}

const THE_PAGE: &str = "\nEverybody's state is on the verification server's page /roster.\n";

/// What was checked, when, and by which lists.
fn checked(report: &RosterReport) -> String {
    let offices: Vec<String> = report
        .about
        .offices
        .iter()
        .map(|office| match office.status_iat {
            Some(iat) => format!("the lists of {} as of {}", office.iss, time(iat)),
            None => format!("no usable lists of {}", office.iss),
        })
        .collect();
    let by = if offices.is_empty() { "no lists".to_owned() } else { offices.join(" and ") };
    format!(
        "The verification server checked `{}` at {}, by {by}.\n",
        short(&report.about.source),
        time(report.about.checked_at)
    )
}

fn time(instant: NumericDate) -> String {
    instant.to_string().replace('T', " ").replace('Z', " UTC")
}

fn who_in(row: &ReportRow) -> String {
    who(&row.staff_id, &row.called(), &row.file, row.line)
}

fn who(staff_id: &str, name: &str, file: &str, line: u64) -> String {
    match (staff_id, name, file) {
        ("", "", "") => format!("row {line}"),
        ("", "", file) => format!("{} (row {line})", short(file)),
        ("", name, _) => format!("{} (row {line})", short(name)),
        (staff_id, ..) => format!("staff id {} (row {line})", short(staff_id)),
    }
}

fn capital(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}
