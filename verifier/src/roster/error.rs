use alloc::string::String;
use std::io;

use vernet_text::{RowFault, TableError};

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
        /// It is no table, for a reason that every table has in common.
        #[error(transparent)]
        Table: _ (TableError),
        /// The table is in an encoding that cannot be told.
        #[error(
            "the table is in none of UTF-8, UTF-16 and Windows-1252, which are expected: save it as `CSV UTF-8`"
        )]
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

impl From<TableError> for RosterError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Empty => {
                Self::Empty { expected: "a first line with the names of the columns" }
            }
            TableError::Header(RowFault::NotUtf8) => Self::NotUtf8,
            TableError::Header(fault) => Self::Header(fault),
            TableError::Read(error) => Self::Read(error),
            other => Self::Table(other),
        }
    }
}
