//! A CSV file whose first line names its columns, row by row.

use std::collections::BTreeMap;

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};
use vernet_common::quoted;
use vernet_register::refuse_national_identity_number;

use super::ImportError;
use crate::error::Error;

/// The rows of a file that were not read yet.
pub(super) struct Rows<'a> {
    reader: Reader<&'a [u8]>,
    lines: Lines<'a>,
    columns: Columns,
    record: ByteRecord,
}

/// A row, whatever is in it.
pub(super) struct Row<'a> {
    /// Its line in the file, from 1.
    pub(super) line: u64,
    columns: &'a Columns,
    record: &'a ByteRecord,
}

/// The fields of a row that has as many as the header.
pub(super) struct Fields<'a> {
    columns: &'a Columns,
    record: StringRecord,
}

impl<'a> Rows<'a> {
    /// Reads the header. Fields are separated by commas, or by semicolons if the header has
    /// semicolons and no comma. A byte order mark is skipped.
    pub(super) fn read(
        bytes: &'a [u8],
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, Error> {
        Self::read_with(bytes, |header| Columns::read(header, required, optional))
    }

    /// Reads the header of somebody else's table: `name_of` knows what its columns are, and those
    /// that it does not know are not read. Returns these, too.
    pub(super) fn read_known(
        bytes: &'a [u8],
        name_of: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<(Self, Vec<String>), Error> {
        let mut others = Vec::new();
        let rows = Self::read_with(bytes, |header| {
            let mut columns = Columns { by_name: BTreeMap::new(), count: header.len() };
            for (place, found) in header.iter().enumerate() {
                match name_of(found) {
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
        columns: impl FnOnce(&StringRecord) -> Result<Columns, ImportError>,
    ) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = if header.contains(&b';') && !header.contains(&b',') { b';' } else { b',' };
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut rows = Self {
            reader,
            lines: Lines { bytes, at: 0, line: 1 },
            columns: Columns { by_name: BTreeMap::new(), count: 0 },
            record: ByteRecord::new(),
        };
        if !rows.advance()? {
            return Err(ImportError::Empty.into());
        }
        let header = StringRecord::from_byte_record(rows.record.clone())
            .map_err(|_| ImportError::NotUtf8)?;
        rows.columns = columns(&header)?;
        Ok(rows)
    }

    /// The columns that the file has and that are read.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.by_name.keys().copied()
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        let line = self.lines.line_at(self.record.position().map_or(0, csv::Position::byte));
        Ok(Some(Row { line, columns: &self.columns, record: &self.record }))
    }

    fn advance(&mut self) -> Result<bool, Error> {
        self.reader.read_byte_record(&mut self.record).map_err(|error| {
            vernet_common::Error::field("the table", &error.to_string(), "CSV").into()
        })
    }
}

impl<'a> Row<'a> {
    /// A required field as it stands there, if it is UTF-8.
    pub(super) fn field(&self, name: &str) -> Option<&'a str> {
        let field = self.record.get(*self.columns.by_name.get(name)?)?;
        str::from_utf8(field).ok()
    }

    /// All fields.
    pub(super) fn fields(&self) -> Result<Fields<'a>, Error> {
        let (found, expected) = (self.record.len(), self.columns.count);
        if found != expected {
            return Err(ImportError::RowLength { found, expected }.into());
        }
        let record = StringRecord::from_byte_record(self.record.clone())
            .map_err(|_| ImportError::NotUtf8)?;
        Ok(Fields { columns: self.columns, record })
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
        place.and_then(|place| self.record.get(*place)).unwrap_or_default()
    }

    /// A field that is not empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

/// Counts the lines of a file as an editor does. The CSV reader accepts every kind of line end, but
/// counts only one kind.
struct Lines<'a> {
    bytes: &'a [u8],
    /// The position up to which lines are counted.
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a row. The reader began to look for the row at `place`, which may be followed by
    /// line ends.
    fn line_at(&mut self, place: u64) -> u64 {
        let place = usize::try_from(place)
            .map_or(self.bytes.len(), |place| place.clamp(self.at, self.bytes.len()));
        let ends =
            self.bytes[place..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        for place in self.at..place + ends {
            let end = match self.bytes[place] {
                b'\n' => true,
                b'\r' => self.bytes.get(place + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(end);
        }
        self.at = place + ends;
        self.line
    }
}

/// The positions of the columns.
struct Columns {
    by_name: BTreeMap<&'static str, usize>,
    count: usize,
}

impl Columns {
    fn read(
        header: &StringRecord,
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, ImportError> {
        let mut by_name = BTreeMap::new();
        for (place, found) in header.iter().enumerate() {
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
            None => Ok(Self { by_name, count: header.len() }),
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
