//! The forms of a report.

use clap::ValueEnum;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, at a terminal or in a mail
    Table,
    /// For spreadsheets
    Csv,
    /// For programs, and for `--since`
    Json,
    /// For people, on a screen or on paper
    Html,
}
