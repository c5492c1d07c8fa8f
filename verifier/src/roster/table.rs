//! A table of staff.

use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};
use std::io::Read;

use super::{
    columns::Columns,
    error::{RosterError, RowFault},
    records::{Record, Records},
};

/// The most rows of a roster: more than any employer has.
pub const MAX_ROWS: usize = 2_000_000;

/// A table of staff as CSV: UTF-8, the names of the columns in the first line, a person in each
/// line after it.
///
/// The column `certificate` is required (its text, its link, its digits, or the path of a file),
/// and one that says who it is: `staff_id`, or `name`, or `given_name` and `family_name`.
/// `birthdate` and the name are compared with the certificate's. All other columns are kept. Cells
/// are separated by commas, semicolons or tabs, whichever is most frequent in the first line, or by
/// what a line `sep=;` before it says. Lines end in LF, CRLF, or CR throughout.
pub struct RosterTable<R> {
    records: Records<R>,
    columns: Columns,
    rows: usize,
}

/// A row of a roster. Missing values are empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RosterRow {
    /// Its line in the table, or its place in the folder, from 1.
    pub line: u64,
    /// The hospital's own number for the person.
    pub staff_id: String,
    /// The name.
    pub name: String,
    /// The birth date, as it was written.
    pub birthdate: String,
    /// The content of the column `certificate`.
    pub certificate: String,
    /// The file that the certificate is in, by the name that the report uses.
    pub file: String,
    /// The content of the other columns.
    pub free: Vec<String>,
    /// Why the row cannot be read, if so.
    pub fault: Option<RowFault>,
}

impl<R: Read> RosterTable<R> {
    /// Reads the first line.
    ///
    /// # Errors
    ///
    /// [`RosterError`] if the table is empty, or its first line cannot be read or lacks or repeats
    /// a column. What is wrong with a later row is reported in that row.
    pub fn read(reader: R) -> Result<Self, RosterError> {
        let mut records = Records::new(reader)?;
        records.form.delimiter = match records.stated_delimiter()? {
            Some(stated) => stated,
            None => records.peek_line()?.map_or(b',', delimiter),
        };
        let Some(Record { cells, .. }) = records.next()? else {
            return Err(RosterError::Empty {
                expected: "a first line with the names of the columns",
            });
        };
        let header = cells.map_err(|fault| match fault {
            // Spreadsheets also write UTF-16, which has a NUL beside each letter of ASCII.
            RowFault::NotUtf8 | RowFault::Nul => RosterError::NotUtf8,
            fault => RosterError::Header(fault),
        })?;
        Ok(Self { records, columns: Columns::read(&header)?, rows: 0 })
    }

    /// The names of the columns that are kept unchanged.
    pub fn free_columns(&self) -> Vec<String> {
        self.columns.free.iter().map(|(_, name)| name.clone()).collect()
    }

    /// Which columns are compared with the certificate.
    pub fn compared(&self) -> Vec<String> {
        let name = self.columns.has_name().then_some("name");
        let birthdate = self.columns.birthdate.map(|_| "birthdate");
        name.into_iter().chain(birthdate).map(str::to_owned).collect()
    }

    fn row(&self, Record { line, cells }: Record) -> RosterRow {
        let cells = cells.and_then(|cells| match cells.len() {
            found if found == self.columns.count => Ok(cells),
            found => Err(RowFault::Length { found, expected: self.columns.count }),
        });
        let cells = match cells {
            Ok(cells) => cells,
            Err(fault) => {
                let free = vec![String::new(); self.columns.free.len()];
                return RosterRow { line, fault: Some(fault), free, ..RosterRow::default() };
            }
        };
        let cell = |place: usize| cells[place].trim().to_owned();
        RosterRow {
            line,
            staff_id: self.columns.staff_id.map(cell).unwrap_or_default(),
            name: self.columns.name_in(&cells),
            birthdate: self.columns.birthdate.map(cell).unwrap_or_default(),
            certificate: cell(self.columns.certificate),
            file: String::new(),
            free: self.columns.free.iter().map(|(place, _)| cells[*place].clone()).collect(),
            fault: None,
        }
    }
}

impl<R: Read> Iterator for RosterTable<R> {
    type Item = Result<RosterRow, RosterError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rows == MAX_ROWS {
            return match self.records.next() {
                Ok(None) => None,
                Ok(Some(_)) => Some(Err(RosterError::TooManyRows { limit: MAX_ROWS })),
                Err(error) => Some(Err(error.into())),
            };
        }
        self.rows += 1;
        let record = self.records.next().transpose()?;
        Some(record.map(|record| self.row(record)).map_err(Into::into))
    }
}

/// The delimiter that is most frequent in the first line.
fn delimiter(line: &[u8]) -> u8 {
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    // `max_by_key` returns the last of several maxima: the comma, if there is no delimiter at all.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}
