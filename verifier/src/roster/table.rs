//! A table of staff.

use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};
use std::io::Read;

use vernet_text::{RowFault, Table, TableRow};

use super::{columns::Columns, error::RosterError};

/// The most rows of a roster: more than any employer has.
pub const MAX_ROWS: usize = 2_000_000;

/// A table of staff: the names of the columns in the first line, a person in each line after it, in
/// whatever form a [`Table`] may have.
///
/// The column `certificate` is required (its text, its link, its digits, or the path of a file),
/// and one that says who it is: `staff_id`, or `name`, or `given_name` and `family_name`.
/// `birthdate` and the name are compared with the certificate's. All other columns are kept.
pub struct RosterTable<R> {
    table: Table<R>,
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
        let table = Table::read(reader)?;
        let columns = Columns::read(table.header())?;
        Ok(Self { table, columns, rows: 0 })
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

    fn row(&self, TableRow { line, cells, fault }: TableRow) -> RosterRow {
        if fault.is_some() {
            let free = vec![String::new(); self.columns.free.len()];
            return RosterRow { line, fault, free, ..RosterRow::default() };
        }
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
        let row = self.table.next()?;
        if self.rows == MAX_ROWS && row.is_ok() {
            return Some(Err(RosterError::TooManyRows { limit: MAX_ROWS }));
        }
        self.rows += 1;
        Some(row.map(|row| self.row(row)).map_err(Into::into))
    }
}
