use alloc::string::String;
use std::io;

vernet_common::error_enum! {
    /// Why a roster, or an earlier report, cannot be used at all. The messages quote nothing from a
    /// table: a table without a header begins with somebody's name.
    #[derive(Debug, thiserror::Error)]
    pub enum RosterError {
        /// There is nobody in it. A failed export must not look like a roster without problems.
        #[error("the roster is empty, expected {expected}")]
        Empty: "roster_empty" {
            /// What should be there.
            expected: &'static str,
        },
        /// The table lacks a column.
        #[error(
            "the first line names {found} columns, none of them is {missing}: name the columns in the first line, as in \
             `staff_id,name,birthdate,certificate`"
        )]
        ColumnMissing: "roster_column_missing" {
            /// How many columns there are.
            found: usize,
            /// Which are missing.
            missing: &'static str,
        },
        /// The table has a column twice, perhaps by two names.
        #[error(
            "the first line names the column `{column}` twice, expected it once: rename one of them"
        )]
        ColumnRepeated: "roster_column_repeated" {
            /// The column.
            column: &'static str,
        },
        /// The table is in another encoding.
        #[error("the table is not UTF-8, which is expected: save it as `CSV UTF-8`")]
        NotUtf8: "roster_not_utf8",
        /// The first line cannot be read.
        #[error("the first line cannot be read: {0}")]
        Header: "roster_header_unreadable" (RowFault),
        /// There are more rows than any staff has members.
        #[error("the roster has more than {limit} rows, which are the most that are read: split it")]
        TooManyRows: "roster_too_many_rows" {
            /// The most rows.
            limit: usize,
        },
        /// The table cannot be read to its end.
        #[error("the table cannot be read: {0}")]
        Read: "roster_unreadable" (#[from] io::Error),
        /// The earlier report is not one.
        #[error("it is not a report that `roster check --format json` has written: {reason}")]
        LastUnreadable: "roster_last_unreadable" {
            /// What the JSON parser says.
            reason: String,
        },
        /// The earlier report is of another version.
        #[error(
            "the report has version {found}, expected {expected}: make a new one without `--since`"
        )]
        LastVersion: "roster_last_version" {
            /// Its version.
            found: u64,
            /// The version that is read.
            expected: u64,
        },
    }
}

/// Why a row of a table cannot be read: the cause behind `row_unreadable`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// It has more or fewer cells than the first line.
    #[error("the row has {found} cells, expected {expected}, as in the first line")]
    Length {
        /// Its cells.
        found: usize,
        /// Those of the first line.
        expected: usize,
    },
    /// A quotation mark is not closed, or something follows the closing one. A lenient reader would
    /// make one row out of two people.
    #[error(
        "a quotation mark in the row is not closed where its cell ends, expected `\"…\"` around the whole cell, and `\"\"` for one inside of it"
    )]
    Quote,
    /// It is too large.
    #[error("the row has more than {limit} bytes, at most so many are read")]
    TooLarge {
        /// The most bytes.
        limit: usize,
    },
    /// It is not UTF-8.
    #[error("the row is not UTF-8, which is expected: save the table as `CSV UTF-8`")]
    NotUtf8,
    /// A NUL: many programs would take it for the end of the text.
    #[error("the row has a NUL character, expected text")]
    Nul,
}

impl RowFault {
    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "row_length",
            Self::Quote => "row_quote",
            Self::TooLarge { .. } => "row_too_large",
            Self::NotUtf8 => "row_not_utf8",
            Self::Nul => "row_nul",
        }
    }
}
