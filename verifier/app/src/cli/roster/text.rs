//! For people, at a terminal or in an email: 80 to 120 columns.

use std::io::{self, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use vernet_host::printable;
use vernet_verifier::roster::RosterReport;

use crate::roster::view::{self, Line, Mark};

/// The width in a file or a pipe.
pub(super) const WIDTH: u16 = 100;

/// The width of the terminal, within readable limits.
pub(super) fn width() -> u16 {
    let terminal = terminal_size::terminal_size_of(io::stdout());
    terminal.map_or(WIDTH, |(terminal_size::Width(columns), _)| columns.clamp(80, 120))
}

pub(super) fn write(report: &RosterReport, width: u16, out: &mut dyn Write) -> io::Result<()> {
    write_summary(report, width, out)?;
    if report.changes.is_some() {
        return Ok(());
    }
    section("NEEDS ATTENTION", view::attention(report).map(|(line, _)| line), width, out)?;
    let soon = format!("EXPIRES WITHIN {} DAYS", report.about.expiring_days);
    section(&soon, view::expiring(report).map(|(line, _)| line), width, out)?;
    section("IN ORDER", view::in_order(report).map(|(line, _)| line), width, out)
}

/// The summary, and what has changed.
pub(super) fn write_summary(
    report: &RosterReport,
    width: u16,
    out: &mut dyn Write,
) -> io::Result<()> {
    let head = view::head(report);
    writeln!(out, "{}", printable(&head.title))?;
    if let Some(doubt) = &head.doubt {
        writeln!(out, "  {doubt}")?;
    }
    if let Some(changes) = &report.changes {
        if changes.changes.is_empty() {
            return writeln!(out, "  no changes since {}", changes.since);
        }
        let number = changes.changes.len();
        writeln!(
            out,
            "  {number} changed since {}; {} as before",
            changes.since,
            view::needing(changes.as_before)
        )?;
    }
    for line in head.as_of.iter().chain([&head.counts, &head.compared]) {
        writeln!(out, "  {}", printable(line))?;
    }
    section("CHANGES", view::changes(report).into_iter().map(|(line, _)| line), width, out)
}

/// How many lines are laid out together. Column widths are fixed, so the parts align, and memory
/// does not grow with the staff.
const LINES: usize = 500;

fn section(
    title: &str,
    lines: impl Iterator<Item = Line>,
    width: u16,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    while lines.peek().is_some() {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
        for line in lines.by_ref().take(LINES) {
            table.add_row(cells(&line));
        }
        // Mark, person and certificate, each with a space on both sides; the finding and the advice
        // share the rest.
        let rest = width - 3 - 24 - 19;
        let found = (rest * 2 / 5).min(24);
        let widths = [3, 24, 19, found, rest - found];
        table.set_constraints(widths.map(|width| ColumnConstraint::Absolute(Width::Fixed(width))));
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn cells(line: &Line) -> [String; 5] {
    let Line { mark, staff_id, name, place, certificate, found, then } = line;
    let who = [staff_id, name]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>();
    let who = if who.is_empty() { place.clone() } else { who.join(" ") };
    // Whoever must act has to find the row; for the others the name is enough.
    let place = match (*mark, place) {
        (Mark::Valid, _) => String::new(),
        (_, place) if *place == who || place.is_empty() => String::new(),
        (_, place) => format!(" ({})", place.replace(' ', "\u{a0}")),
    };
    [
        mark.sign().to_owned(),
        printable(&(who + &place)),
        certificate.clone(),
        printable(found),
        printable(then),
    ]
}
