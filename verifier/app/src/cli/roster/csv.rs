//! For spreadsheets: RFC 4180, in UTF-8 with the byte order mark by which Excel recognises it.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use csv::{QuoteStyle, Terminator, WriterBuilder};
use vernet_verifier::roster::{Change, Finding, ReportRow, RosterReport};

const COLUMNS: [&str; 21] = [
    "row",
    "staff_id",
    "name",
    "birthdate",
    "file",
    "needs_attention",
    "outcome",
    "code",
    "findings",
    "verdict",
    "as_of",
    "expiring",
    "certificate_number",
    "title",
    "issuer",
    "certificate_given_name",
    "certificate_family_name",
    "certificate_birthdate",
    "hpr_number",
    "expires",
    "what_to_do",
];

/// All rows; with `--since`, those that have changed, and how.
pub(super) fn write(report: &RosterReport, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\xef\xbb\xbf")?;
    let mut csv = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(out);
    // Free columns may have the names of ours.
    let taken = |name: &str| name == "change" || COLUMNS.contains(&name);
    let free = report
        .about
        .columns
        .iter()
        .map(|name| if taken(name) { format!("roster {name}") } else { name.clone() });
    let header: Vec<String> =
        COLUMNS.map(str::to_owned).into_iter().chain(free.map(|name| harmless(&name))).collect();
    let Some(changes) = &report.changes else {
        csv.write_record(&header)?;
        for row in &report.rows {
            csv.write_record(cells(row))?;
        }
        return csv.flush();
    };
    csv.write_record(["change"].into_iter().chain(header.iter().map(String::as_str)))?;
    let places: HashMap<usize, &_> =
        changes.changes.iter().filter_map(|change| Some((change.row?, change))).collect();
    for (place, row) in report.rows.iter().enumerate() {
        if let Some(change) = places.get(&place) {
            csv.write_record([words(change)].into_iter().chain(cells(row)))?;
        }
    }
    for change in changes.changes.iter().filter(|change| change.row.is_none()) {
        let Some(seen) = &change.before else { continue };
        let number = seen.certificate_number.map(|number| number.to_string()).unwrap_or_default();
        let known = |column: &str| match column {
            "staff_id" => seen.staff_id.as_str(),
            "name" => seen.name.as_str(),
            "file" if seen.name.is_empty() => change.key.as_str(),
            "needs_attention" => "no",
            "code" => seen.code.as_str(),
            "certificate_number" => number.as_str(),
            _ => "",
        };
        let free = report.about.columns.iter().map(|_| "");
        let cells = COLUMNS.into_iter().map(known).chain(free).map(harmless);
        csv.write_record([words(change)].into_iter().chain(cells))?;
    }
    csv.flush()
}

fn words(change: &Change) -> String {
    change.kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(", ")
}

fn cells(row: &ReportRow) -> Vec<String> {
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let codes: Vec<&str> = row.findings.iter().map(|finding| finding.code.as_str()).collect();
    let outcome = serde_json::to_value(row.outcome).ok();
    let mut cells = vec![
        row.line.to_string(),
        row.staff_id.clone(),
        row.name.clone(),
        row.birthdate.clone(),
        row.file.clone(),
        yes_or_no(row.needs_attention()),
        outcome.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned(),
        row.code.to_string(),
        codes.join(" "),
        row.verdict.as_ref().map(ToString::to_string).unwrap_or_default(),
        row.as_of.map(|as_of| as_of.to_string()).unwrap_or_default(),
        yes_or_no(row.expiring),
    ];
    cells.extend(match &row.certificate {
        Some(certificate) => [
            certificate.certificate_number.to_string(),
            certificate.title.clone(),
            certificate.iss.clone(),
            certificate.given_name.clone(),
            certificate.family_name.clone(),
            certificate.birthdate.to_string(),
            certificate.hpr_number.to_string(),
            certificate.expires.to_string(),
        ],
        None => Default::default(),
    });
    let to_do = |Finding { message, advice, .. }: &Finding| {
        if message.is_empty() { advice.to_string() } else { format!("{message}; {advice}") }
    };
    cells.push(row.findings.iter().map(to_do).collect::<Vec<_>>().join(". "));
    cells.extend(row.free.iter().cloned());
    cells.into_iter().map(|cell| harmless(&cell)).collect()
}

/// A cell that no spreadsheet takes for a formula: a leading apostrophe marks it as text. Invisible
/// characters, and those that change the direction of writing, become visible; line breaks and tabs
/// inside a cell are kept.
fn harmless(cell: &str) -> String {
    let shown: String = cell
        .split_inclusive(['\n', '\t'])
        .flat_map(|part| {
            let kept = part.strip_suffix(['\n', '\t']).unwrap_or(part);
            [vernet_host::printable(kept), part[kept.len()..].to_owned()]
        })
        .collect();
    let first = cell.trim_start().chars().next().or(cell.chars().next());
    let is_formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    let begins_oddly = cell.starts_with(['\t', '\r', '\n']);
    if is_formula || begins_oddly { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+47 22 33 44 55", "'+47 22 33 44 55"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1+1", "' =1+1"),
            ("\t=1+1", "'\t=1+1"),
            ("\r=1+1", "'\\r=1+1"),
            ("\n=1+1", "'\n=1+1"),
            ("＝1+1", "'＝1+1"),
            ("a=1", "a=1"),
            ("", ""),
            ("Åse\u{202e}\u{1b}[2J", "Åse\\u{202e}\\u{1b}[2J"),
            ("two\nlines", "two\nlines"),
        ] {
            assert_eq!(harmless(cell), expected, "{cell:?}");
        }
    }
}
