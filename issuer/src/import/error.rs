use vernet_common::{CivilDate, HprNumber};
use vernet_text::{RowFault, TableError};

vernet_common::error_enum! {
    /// Why a table of people, or a row of it, is not imported.
    #[derive(Debug, thiserror::Error)]
    pub enum ImportError {
        /// The table has an unknown column. It is not skipped, because it might say that a person
        /// is suspended.
        #[error("the table has the column `{found}`, expected only {known}")]
        ColumnUnknown: "import_column_unknown" {
            /// The column.
            found: String,
            /// The allowed columns.
            known: String,
        },
        /// The table has a column twice.
        #[error("the table has the column `{found}` twice, expected it once")]
        ColumnRepeated: "import_column_repeated" {
            /// The column.
            found: &'static str,
        },
        /// Nobody decided yet what a column is. It is not passed over by itself, because it might say
        /// that a person is suspended.
        #[error("it is not decided what the column `{found}` is: choose one, or that it is not used")]
        ColumnUndecided: "import_column_undecided" {
            /// The column.
            found: String,
        },
        /// The table lacks a column.
        #[error("the table lacks the column `{missing}`; the first line names the columns")]
        ColumnMissing: "import_column_missing" {
            /// The column.
            missing: &'static str,
        },
        /// The table has no rows.
        #[error("the table has no rows, expected a person or an alert in each line after the first")]
        Empty: "import_empty",
        /// The table has more rows than are read.
        #[error("the table has more than {limit} rows, expected at most that many: divide it")]
        TooManyRows: "import_too_many_rows" {
            /// The most.
            limit: usize,
        },
        /// It is no table, for a reason that every table has in common.
        #[error(transparent)]
        Table: _ (TableError),
        /// A column without a name has something in it. It is not passed over, for the same reason
        /// as an unknown column.
        #[error("column {place} has no name and something in it, expected a name in the first line")]
        ColumnUnnamed: "import_column_unnamed" {
            /// Which column, from 1.
            place: usize,
        },
        /// The line is in an encoding that cannot be told.
        #[error("{0}")]
        NotUtf8: "import_not_utf8" (RowFault),
        /// The row cannot be read.
        #[error("{0}")]
        RowUnreadable: "import_row_unreadable" (RowFault),
        /// The row has more or fewer fields than the first line.
        #[error("{0}")]
        RowLength: "import_row_length" (RowFault),
        /// Two rows are about the same person.
        #[error(
            "health personnel number `{hpr_number}` is in line {first} too, expected one row for each person"
        )]
        PersonRepeated: "import_person_repeated" {
            /// The number.
            hpr_number: HprNumber,
            /// The line of the first row.
            first: u64,
        },
        /// Two rows are about the same alert.
        #[error("the alert's `id` is in line {first} too, expected one row for each alert")]
        AlertRepeated: "import_alert_repeated" {
            /// The line of the first row.
            first: u64,
        },
        /// The right is suspended or limited. Granted without that, it would be more than the
        /// person has.
        #[error("the right is {what} {}, expected one that is not", until.map_or("without an end".to_owned(), |until| format!("until `{until}`")))]
        ReactionInForce: "import_reaction_in_force" {
            /// Which reaction.
            what: &'static str,
            /// The first day after it, if it has an end.
            until: Option<CivilDate>,
        },
        /// The rules forbid some rows, in an import that takes all rows or none.
        #[error("{refused} of {rows} rows are refused, the first in line {line}: {reason}")]
        RowsRefused: "import_rows_refused" {
            /// How many.
            refused: usize,
            /// The number of rows.
            rows: usize,
            /// The line of the first.
            line: u64,
            /// The reason for that one.
            reason: String,
        },
        /// No row is left to grant.
        #[error("every one of {rows} rows is refused, the first in line {line}: {reason}")]
        NothingLeft: "import_nothing_left" {
            /// The number of rows.
            rows: usize,
            /// The line of the first.
            line: u64,
            /// The reason for that one.
            reason: String,
        },
        /// The document is the one that was signed, but the rows read from it are not: another
        /// version of this program reads it differently.
        #[error("the rows read from the table are not those that the proposal was signed with")]
        ReadsDifferently: "import_reads_differently",
    }
}

impl From<RowFault> for ImportError {
    fn from(fault: RowFault) -> Self {
        match fault {
            RowFault::Length { .. } => Self::RowLength(fault),
            RowFault::NotUtf8 => Self::NotUtf8(fault),
            _ => Self::RowUnreadable(fault),
        }
    }
}
