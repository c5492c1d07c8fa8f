//! What becomes of each row, or became of it.

use std::io::Write;

use vernet_common::CertificateNumber;

use super::ImportError;
use crate::Error;

/// What becomes of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowOutcome {
    /// The rules allow it.
    Passes,
    /// It was granted.
    Granted(CertificateNumber),
    /// The same right of the same person from the same day on is in the register already, with this
    /// certificate.
    AlreadyThere(CertificateNumber),
    /// A rule forbids it, or the row cannot be read.
    Refused {
        /// The stable name of the rule or the error.
        code: &'static str,
        /// What was found and expected.
        message: String,
    },
}

impl RowOutcome {
    pub(crate) fn refused(error: &Error) -> Self {
        Self::Refused { code: error.code(), message: error.to_string() }
    }

    /// The word for it in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Granted(_) => "granted",
            Self::AlreadyThere(_) => "already_there",
            Self::Refused { .. } => "refused",
        }
    }

    /// The stable name of the rule or the error, if it is refused.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What was found and expected, if it is refused.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Refused { message, .. } => Some(message),
            _ => None,
        }
    }

    /// The certificate that the person has by it.
    pub fn certificate(&self) -> Option<CertificateNumber> {
        match self {
            Self::Granted(number) | Self::AlreadyThere(number) => Some(*number),
            Self::Passes | Self::Refused { .. } => None,
        }
    }
}

/// A row of the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowReport {
    /// The line in the file.
    pub line: u64,
    /// The health personnel number as it stands there, if it is one.
    pub hpr_number: String,
    /// What becomes of it.
    pub outcome: RowOutcome,
}

/// What becomes of every row of a table, in the order of the file.
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

    /// Whether the import may go on: with all rows, or with `each` of those that are not refused.
    ///
    /// # Errors
    ///
    /// [`ImportError::RowsRefused`], [`ImportError::NothingLeft`].
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
    /// What the writer finds.
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
