//! A table of certificates, of which only the numbers are read.

use vernet_common::CertificateNumber;

use super::{ImportError, rows::Rows};
use crate::error::Error;

/// The column with the numbers, in a list of recipients as `export` writes it and in any other table.
const COLUMN: &str = "certificate_number";

/// The most rows.
const MAX_ROWS: usize = 100_000;

/// Reads the numbers of certificates in the column `certificate_number` of a table, in whatever form
/// a [`vernet_text::Table`] may have, in its order. Other columns are not read.
///
/// # Errors
///
/// [`ImportError`] if there is no such column, or there are no rows or too many; [`Error::Row`] with
/// the line and the reason for the first row that has no number of a certificate.
pub fn read_certificate_numbers(bytes: &[u8]) -> Result<Vec<CertificateNumber>, Error> {
    let known = |name: &str| (name.trim() == COLUMN).then_some(COLUMN);
    let (mut rows, _) = Rows::read_known(bytes, known)?;
    if rows.columns().next().is_none() {
        return Err(ImportError::ColumnMissing { missing: COLUMN }.into());
    }
    let mut numbers = Vec::new();
    while let Some(row) = rows.next()? {
        if numbers.len() == MAX_ROWS {
            return Err(ImportError::TooManyRows { limit: MAX_ROWS }.into());
        }
        let line = row.line;
        let read = row.fields().and_then(|fields| Ok(fields.get(COLUMN).trim().parse()?));
        numbers.push(read.map_err(|source| Error::Row { line, source: Box::new(source) })?);
    }
    if numbers.is_empty() {
        return Err(ImportError::Empty.into());
    }
    Ok(numbers)
}
