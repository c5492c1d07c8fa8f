//! What goes to the terminal: nothing that a stranger wrote may command it, and a terminal that is
//! gone is no panic.

use std::{
    fmt::Display,
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};

/// Writes text or bytes to standard output, to the end: a full disk or a closed pipe is an error
/// like any other.
pub(super) fn write_out(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut stdout = anstream::stdout().lock();
    write(&mut stdout).and_then(|()| stdout.flush()).context("writing to standard output")
}

/// Says something to the person before the screen. If nobody can hear it, the work goes on.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// A bar on a terminal, nothing in a pipe.
pub(super) fn progress(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}")
        .expect("the template is a constant that works");
    ProgressBar::new(0).with_style(style).with_message(what)
}

/// A table as text. In a pipe it is as wide as it is; on a terminal that is too narrow for it the
/// spare columns are left out, by their numbers, and what is long in the others is wrapped.
pub(super) fn fitted(table: &mut Table, spare: &[usize]) -> String {
    // Where it is shown inside of a longer answer, it is indented by one.
    let width =
        terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.saturating_sub(1));
    fitted_to(table, spare, width)
}

fn fitted_to(table: &mut Table, spare: &[usize], width: Option<u16>) -> String {
    let plain = table.trim_fmt();
    let Some(width) =
        width.filter(|width| plain.lines().any(|line| line.chars().count() > usize::from(*width)))
    else {
        return plain;
    };
    for column in spare {
        if let Some(column) = table.column_mut(*column) {
            column.set_constraint(ColumnConstraint::Hidden);
        }
    }
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width).trim_fmt()
}

/// A path as it stands in a JSON object: one that is not Unicode is shown as well as can be.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// One line of text on its way to a terminal.
pub(super) fn printable(text: &str) -> String {
    escaped(text, |c| c.escape_default().to_string())
}

/// Several lines, a table for instance.
pub(super) fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// JSON in one line on its way to a terminal. `serde_json` escapes the control characters of ASCII,
/// but not DEL, C1 and those that turn the direction of writing; all of them stand inside of
/// strings.
pub(super) fn printable_json(json: &serde_json::Value) -> String {
    escaped(&json.to_string(), |c| format!("\\u{:04x}", u32::from(c)))
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> String {
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_control() || turns(c) { escape(c) } else { c.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_terminal_and_loses_nothing_in_a_pipe() {
        let make = || {
            let mut table = Table::new();
            table.load_style(comfy_table::presets::NOTHING).set_header([
                "certificate",
                "name",
                "granted",
                "standing",
            ]);
            let name = "Maria Konstanse Aleksandra Wilhelmine Josefine von und zu Hohenstein-Guttormsgaard";
            table.add_row(["NO-PE-2026-000001", name, "2026-11-25", "suspended until 2027-03-01"]);
            table
        };
        let plain = fitted_to(&mut make(), &[2], None);
        assert_eq!(plain, make().trim_fmt());
        assert_eq!(fitted_to(&mut make(), &[2], Some(200)), plain, "wide enough");
        let narrow = fitted_to(&mut make(), &[2], Some(80));
        assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
        assert!(
            narrow.contains("NO-PE-2026-000001") && narrow.contains("Guttormsgaard"),
            "{narrow}"
        );
        assert!(plain.contains("2026-11-25") && !narrow.contains("2026-11-25"), "{narrow}");
    }
}
