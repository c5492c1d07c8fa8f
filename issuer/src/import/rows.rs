//! A table whose first line names its columns, row by row.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::quoted;
use vernet_register::refuse_national_identity_number;
use vernet_text::{Table, TableError, TableRow};

use super::ImportError;
use crate::error::Error;

/// The rows of a file that were not read yet.
pub(super) struct Rows<'a> {
    table: Table<&'a [u8]>,
    columns: Columns,
}

/// A row, whatever is in it.
pub(super) struct Row<'a> {
    /// Its line in the file, from 1.
    pub(super) line: u64,
    columns: &'a Columns,
    row: TableRow,
}

/// The cells of a row that can be read.
pub(super) struct Fields<'a> {
    columns: &'a Columns,
    cells: &'a [String],
}

impl<'a> Rows<'a> {
    /// Reads the names of the columns.
    pub(super) fn read(
        bytes: &'a [u8],
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, Error> {
        Self::read_with(bytes, |header| Columns::read(header, required, optional))
    }

    /// Reads the names of the columns of somebody else's table: `name_of` knows what they are, and
    /// those that it does not know are not read. Returns these, too.
    pub(super) fn read_known(
        bytes: &'a [u8],
        name_of: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<(Self, Vec<String>), Error> {
        let mut others = Vec::new();
        let rows = Self::read_with(bytes, |header| {
            let mut columns = Columns { by_name: BTreeMap::new(), unnamed: BTreeSet::new() };
            for (place, found) in header.iter().enumerate() {
                match name_of(found) {
                    None if found.trim().is_empty() => {}
                    None => others.push(header_in_words(found)),
                    Some(name) if columns.by_name.contains_key(name) => {
                        return Err(ImportError::ColumnRepeated { found: name });
                    }
                    Some(name) => drop(columns.by_name.insert(name, place)),
                }
            }
            Ok(columns)
        })?;
        Ok((rows, others))
    }

    fn read_with(
        bytes: &'a [u8],
        columns: impl FnOnce(&[String]) -> Result<Columns, ImportError>,
    ) -> Result<Self, Error> {
        let table = Table::read(bytes).map_err(|error| match error {
            TableError::Empty => ImportError::Empty,
            TableError::Header(fault) => ImportError::from(fault),
            other => ImportError::Table(other),
        })?;
        let columns = columns(table.header())?;
        Ok(Self { table, columns })
    }

    /// The columns that the file has and that are read.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.by_name.keys().copied()
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        let row = self.table.next().transpose().map_err(TableError::from);
        let row = row.map_err(ImportError::Table)?;
        Ok(row.map(|row| Row { line: row.line, columns: &self.columns, row }))
    }
}

impl Row<'_> {
    /// A required field as it stands there, if the row is text.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.row.cells.get(*self.columns.by_name.get(name)?).map(String::as_str)
    }

    /// All fields.
    pub(super) fn fields(&self) -> Result<Fields<'_>, Error> {
        if let Some(fault) = self.row.fault {
            return Err(ImportError::from(fault).into());
        }
        let cells = &self.row.cells;
        match self.columns.unnamed.iter().find(|place| !cells[**place].trim().is_empty()) {
            Some(place) => Err(ImportError::ColumnUnnamed { place: place + 1 }.into()),
            None => Ok(Fields { columns: self.columns, cells }),
        }
    }
}

impl Fields<'_> {
    /// The columns that the file has.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.by_name.keys().copied()
    }

    /// A field; empty if the file has no such column.
    pub(super) fn get(&self, name: &str) -> &str {
        let place = self.columns.by_name.get(name);
        place.and_then(|place| self.cells.get(*place)).map_or("", String::as_str)
    }

    /// A field that is not empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }

    /// The day in a field, as this program writes days, whichever way a spreadsheet wrote it. What is
    /// no day stays as it is, for the field's own check.
    pub(super) fn day(&self, name: &'static str) -> Result<String, Error> {
        let text = self.get(name);
        if let Some(day) = vernet_text::date(text) {
            return Ok(day.to_string());
        }
        match vernet_text::serial_date(text) {
            Some(day) => {
                let expected = format!(
                    "a date as in `2010-06-30`: a spreadsheet may show this number as {day}, give the column the format of a date and save the table anew"
                );
                Err(vernet_common::Error::field(name, text, expected).into())
            }
            None => Ok(text.to_owned()),
        }
    }

    /// The day in a field that is not empty.
    pub(super) fn given_day(&self, name: &'static str) -> Result<Option<String>, Error> {
        self.given(name).map(|_| self.day(name)).transpose()
    }
}

/// The positions of the columns.
struct Columns {
    by_name: BTreeMap<&'static str, usize>,
    /// Those without a name, in which nothing may stand.
    unnamed: BTreeSet<usize>,
}

impl Columns {
    fn read(
        header: &[String],
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, ImportError> {
        let (mut by_name, mut unnamed) = (BTreeMap::new(), BTreeSet::new());
        for (place, found) in header.iter().enumerate() {
            if found.trim().is_empty() {
                unnamed.insert(place);
                continue;
            }
            let Some(name) = required.iter().chain(optional).find(|name| **name == found.trim())
            else {
                let known = required
                    .iter()
                    .chain(optional)
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>();
                let found = header_in_words(found);
                return Err(ImportError::ColumnUnknown { found, known: known.join(", ") });
            };
            if by_name.insert(*name, place).is_some() {
                return Err(ImportError::ColumnRepeated { found: name });
            }
        }
        match required.iter().find(|name| !by_name.contains_key(*name)) {
            Some(missing) => Err(ImportError::ColumnMissing { missing }),
            None => Ok(Self { by_name, unnamed }),
        }
    }
}

/// What a header says where the name of a column is expected. A table without a header has a person
/// in its place.
fn header_in_words(found: &str) -> String {
    match refuse_national_identity_number("the header", found, "names of columns") {
        Ok(()) => quoted(found, 80),
        Err(_) => "a number of 11 digits".to_owned(),
    }
}
