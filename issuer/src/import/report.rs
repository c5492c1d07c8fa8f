//! The outcome of each row, expected or actual.

use std::io::Write;

use vernet_register::RowOutcome;

use crate::{error::Error, import::error::ImportError};

/// The outcome of a row that cannot be read.
pub(crate) fn refused(error: &Error) -> RowOutcome {
    RowOutcome::Refused { code: error.code(), message: error.to_string() }
}

/// A row of the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowReport {
    /// The line in the file.
    pub line: u64,
    /// The health personnel number as written there, if it is one.
    pub hpr_number: String,
    /// Its outcome.
    pub outcome: RowOutcome,
}

/// The outcome of every row of a table, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// The rows.
    pub rows: Vec<RowReport>,
}

impl ImportReport {
    /// How many rows have this outcome, by its word.
    pub fn count(&self, word: &str) -> usize {
        self.rows.iter().filter(|row| row.outcome.word() == word).count()
    }

    /// The rows that are refused.
    pub fn refused(&self) -> impl Iterator<Item = &RowReport> {
        self.rows.iter().filter(|row| row.outcome.code().is_some())
    }

    /// Checks that the import may proceed: with all rows, or with `each` of those that are not
    /// refused.
    ///
    /// # Errors
    ///
    /// [`ImportError::RowsRefused`] if a row is refused and not `each`;
    /// [`ImportError::NothingLeft`] if all rows are refused.
    pub fn check(&self, each: bool) -> Result<(), ImportError> {
        let (refused, rows) = (self.refused().count(), self.rows.len());
        let Some(first) = self.refused().next() else { return Ok(()) };
        let (line, reason) = (first.line, first.outcome.message().unwrap_or_default().to_owned());
        match each {
            false => Err(ImportError::RowsRefused { refused, rows, line, reason }),
            true if refused == rows => Err(ImportError::NothingLeft { rows, line, reason }),
            true => Ok(()),
        }
    }

    /// The report as CSV, one line for each row, in the order of the file.
    ///
    /// # Errors
    ///
    /// An error of the writer.
    pub fn write_csv(&self, out: impl Write) -> std::io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record([
            "line",
            "hpr_number",
            "outcome",
            "code",
            "certificate_number",
            "message",
        ])?;
        for RowReport { line, hpr_number, outcome } in &self.rows {
            let number = outcome.certificate().map(|number| number.to_string());
            csv.write_record([
                &line.to_string(),
                hpr_number,
                outcome.word(),
                outcome.code().unwrap_or_default(),
                &number.unwrap_or_default(),
                outcome.message().unwrap_or_default(),
            ])?;
        }
        csv.flush()
    }
}
