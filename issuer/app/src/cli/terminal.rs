//! Tables and progress bars that fit the terminal.

use std::{io, path::Path};

use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar on a terminal, nothing in a pipe.
pub(super) fn progress(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}")
        .expect("the template is a constant that works");
    ProgressBar::new(0).with_style(style).with_message(what)
}

/// A table as text. In a pipe it has its natural width. On a terminal that is too narrow, the
/// columns with the numbers in `spare` are left out, and long cells in the others are wrapped.
pub(super) fn fitted(table: &mut Table, spare: &[usize]) -> String {
    // Inside a longer answer the table is indented by one.
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

/// A fingerprint in groups of four, as people read it aloud and as hospitals' programs show it.
pub(super) fn in_fours(hex: &str) -> String {
    hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// A path for a JSON object. Parts that are not Unicode are replaced.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
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
