//! Somebody's table on its way to an import: it is decided what each column is, and cells are mended,
//! until every row is an application. What is proposed is a table of our own columns, made of it.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{Error::FieldInvalid, quoted};
use vernet_register::{RowOutcome, refuse_national_identity_number};
use vernet_text::{RowFault, Table, TableError};

use super::{IMPORT_COLUMNS, ImportError, ImportRow, REQUIRED_COLUMNS, elsewhere};
use crate::error::Error;

/// A table whose columns go by any names.
#[derive(Clone, Debug)]
pub struct Sheet {
    header: Vec<String>,
    columns: Vec<SheetColumn>,
    /// What is the same for everybody, in columns that the table lacks.
    same: BTreeMap<&'static str, String>,
    rows: Vec<SheetRow>,
}

/// What a column is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SheetColumn {
    /// Nobody said yet.
    Undecided,
    /// It is not read.
    Unused,
    /// It is this one of [`IMPORT_COLUMNS`].
    Is(&'static str),
}

/// A row, as many cells as there are columns.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// Its line in the file, from 1.
    pub line: u64,
    cells: Vec<String>,
    /// The cells that held a national identity number, which is kept nowhere.
    withheld: BTreeSet<usize>,
    fault: Option<RowFault>,
}

/// What would become of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedRow {
    /// It.
    pub outcome: RowOutcome,
    /// The column that is wrong, if it is one.
    pub column: Option<&'static str>,
}

impl Sheet {
    /// The most rows: what somebody mends on a screen. A larger table is mended where it was made, and
    /// imported by the command line.
    pub const MAX_ROWS: usize = 20_000;

    /// Reads a table, in whatever form a [`Table`] may have. What a column is, is taken from its name
    /// if that is one of those that we know, in English or Norwegian.
    ///
    /// # Errors
    ///
    /// [`ImportError`] if it is no table, or has no rows or too many.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let table = Table::read(bytes).map_err(|error| match error {
            TableError::Empty => ImportError::Empty,
            TableError::Header(fault) => ImportError::from(fault),
            other => ImportError::Table(other),
        })?;
        let header: Vec<String> = table.header().iter().map(|name| without_number(name)).collect();
        let mut rows = Vec::new();
        for row in table {
            let row = row.map_err(|source| ImportError::Table(source.into()))?;
            if rows.len() == Self::MAX_ROWS {
                return Err(ImportError::TooManyRows { limit: Self::MAX_ROWS }.into());
            }
            rows.push(SheetRow::new(row.line, row.cells, row.fault, header.len()));
        }
        if rows.is_empty() {
            return Err(ImportError::Empty.into());
        }
        let mut sheet = Self { columns: Vec::new(), same: BTreeMap::new(), header, rows };
        for place in 0..sheet.header.len() {
            let guessed = match known_as(&sheet.header[place]) {
                Some(name) if !sheet.has(name) => SheetColumn::Is(name),
                _ if sheet.is_blank(place) => SheetColumn::Unused,
                _ => SheetColumn::Undecided,
            };
            sheet.columns.push(guessed);
        }
        Ok(sheet)
    }

    /// The names of the columns in the file, and what each is.
    pub fn columns(&self) -> impl Iterator<Item = (&str, SheetColumn)> {
        self.header.iter().map(String::as_str).zip(self.columns.iter().copied())
    }

    /// The rows, in the order of the file.
    pub fn rows(&self) -> &[SheetRow] {
        &self.rows
    }

    /// What is the same for everybody in a column that the table lacks; empty if nothing is.
    pub fn same(&self, column: &str) -> &str {
        self.same.get(column).map_or("", String::as_str)
    }

    /// Decides what a column is.
    ///
    /// # Errors
    ///
    /// [`ImportError::ColumnRepeated`] if another one is that already.
    pub fn decide(&mut self, place: usize, is: SheetColumn) -> Result<(), Error> {
        let Some(before) = self.columns.get_mut(place) else { return Ok(()) };
        *before = SheetColumn::Undecided;
        match is {
            SheetColumn::Is(found) if self.has(found) => {
                return Err(ImportError::ColumnRepeated { found }.into());
            }
            _ => self.columns[place] = is,
        }
        Ok(())
    }

    /// Says what is the same for everybody, in a column that the table lacks.
    pub fn say_same(&mut self, column: &'static str, text: &str) {
        match text.trim() {
            "" => drop(self.same.remove(column)),
            text => drop(self.same.insert(column, without_number(text))),
        }
    }

    /// Writes into a cell of the row in this line; `everywhere`, into every cell of the column that
    /// says the same.
    pub fn mend(&mut self, line: u64, place: usize, text: &str, everywhere: bool) {
        let row = self.rows.iter().find(|row| row.line == line);
        let Some(before) = row.and_then(|row| row.cells.get(place)).cloned() else { return };
        if before == text.trim() {
            return;
        }
        let is_meant = |row: &&mut SheetRow| match everywhere && !before.is_empty() {
            true => row.line == line || row.cells[place] == before,
            false => row.line == line,
        };
        for row in self.rows.iter_mut().filter(is_meant) {
            row.withheld.remove(&place);
            row.set(place, text.trim().to_owned());
            // Somebody has looked at what was cut short.
            row.fault = None;
        }
    }

    /// Leaves the row in this line out.
    pub fn leave_out(&mut self, line: u64) {
        self.rows.retain(|row| row.line != line);
    }

    /// The table that is proposed: our columns, and the rows that can be read.
    ///
    /// # Errors
    ///
    /// [`ImportError::ColumnUndecided`] if nobody said what a column is;
    /// [`ImportError::ColumnMissing`] if one is missing.
    pub fn to_csv(&self) -> Result<Vec<u8>, Error> {
        let undecided = |(_, is): &(&str, SheetColumn)| *is == SheetColumn::Undecided;
        if let Some((found, _)) = self.columns().find(undecided) {
            return Err(ImportError::ColumnUndecided { found: quoted(found, 80) }.into());
        }
        let there = |name: &&&str| self.has(name) || self.same.contains_key(**name);
        if let Some(missing) = REQUIRED_COLUMNS.iter().find(|name| !there(name)) {
            return Err(ImportError::ColumnMissing { missing }.into());
        }
        let names: Vec<&str> = IMPORT_COLUMNS.iter().filter(there).copied().collect();
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut write = |record: Vec<&str>| csv.write_record(record).expect("memory takes it");
        write(names.clone());
        for row in self.rows.iter().filter(|row| row.refused(&self.columns).is_none()) {
            write(names.iter().map(|name| self.cell(row, name)).collect());
        }
        Ok(csv.into_inner().expect("memory takes it"))
    }

    /// What becomes of each row, with what was made of those that can be read.
    pub(crate) fn checked<'a>(
        &self,
        read: impl Iterator<Item = (&'a ImportRow, RowOutcome)>,
    ) -> Vec<CheckedRow> {
        let mut read = read;
        let one = |row: &SheetRow| match row.refused(&self.columns) {
            Some(refused) => refused,
            None => read.next().map_or_else(
                || CheckedRow { outcome: RowOutcome::Passes, column: None },
                |(row, outcome)| {
                    let column = row.application.as_ref().err().and_then(column_of);
                    CheckedRow { outcome, column }
                },
            ),
        };
        self.rows.iter().map(one).collect()
    }

    /// What a row says in one of our columns.
    fn cell<'a>(&'a self, row: &'a SheetRow, name: &str) -> &'a str {
        let place =
            self.columns.iter().position(|is| matches!(is, SheetColumn::Is(is) if *is == name));
        place.map_or_else(|| self.same(name), |place| row.cells[place].as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|is| matches!(is, SheetColumn::Is(is) if *is == name))
    }

    /// Whether a column has neither a name nor anything in it.
    fn is_blank(&self, place: usize) -> bool {
        let blank = |text: &String| text.trim().is_empty();
        blank(&self.header[place]) && self.rows.iter().all(|row| blank(&row.cells[place]))
    }
}

impl SheetRow {
    fn new(line: u64, cells: Vec<String>, fault: Option<RowFault>, width: usize) -> Self {
        let (cells_found, withheld) = (cells, BTreeSet::new());
        let mut row = Self { line, cells: vec![String::new(); width], withheld, fault };
        for (place, text) in cells_found.into_iter().take(width).enumerate() {
            row.set(place, text);
        }
        row
    }

    /// Its cells.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    fn set(&mut self, place: usize, text: String) {
        let number = |text: &str| refuse_national_identity_number("", text, "").is_err();
        // A spreadsheet takes the zero from the numbers of people born on the first nine days.
        if number(&text) || text.len() == 10 && number(&format!("0{text}")) {
            self.withheld.insert(place);
            self.cells[place] = String::new();
        } else {
            self.cells[place] = text;
        }
    }

    /// Why it cannot be read, if it cannot.
    fn refused(&self, columns: &[SheetColumn]) -> Option<CheckedRow> {
        let refused = |code, message: String, column| CheckedRow {
            outcome: RowOutcome::Refused { code, message },
            column,
        };
        if let Some(fault) = self.fault {
            let error = ImportError::from(fault);
            return Some(refused(error.code(), error.to_string(), None));
        }
        // What stands in a column that is not read is no matter.
        let column = self.withheld.iter().find_map(|place| match columns.get(*place) {
            Some(SheetColumn::Is(name)) => Some(*name),
            _ => None,
        })?;
        let message = "a cell held a national identity number, which is kept nowhere: write into it what its column says";
        Some(refused("national_identity_number", message.to_owned(), Some(column)))
    }
}

/// Which of our columns goes by this name.
fn known_as(header: &str) -> Option<&'static str> {
    const OTHERS: [(&str, &str); 8] = [
        ("grunnlag", "basis"),
        ("vedtaksdato", "decided"),
        ("tittel", "title"),
        ("utdanningssted", "exam_school"),
        ("skole", "exam_school"),
        ("school", "exam_school"),
        ("eksamensdato", "exam_date"),
        ("innvilget", "granted"),
    ];
    let header = header.trim();
    let lower = header.to_lowercase();
    let own = IMPORT_COLUMNS.iter().find(|name| **name == lower).copied();
    let other = OTHERS.iter().find(|(other, _)| *other == lower).map(|(_, name)| *name);
    own.or(other).or_else(|| match elsewhere::column(header)? {
        "valid_from" => Some("granted"),
        name => IMPORT_COLUMNS.iter().find(|own| **own == name).copied(),
    })
}

/// The column that an error is about.
fn column_of(error: &Error) -> Option<&'static str> {
    let field = match error {
        Error::Common(FieldInvalid { field, .. })
        | Error::Register(vernet_register::Error::Common(FieldInvalid { field, .. })) => field,
        Error::Register(
            vernet_register::Error::NationalIdentityNumber { field, .. }
            | vernet_register::Error::NameNotPrintable { field, .. },
        ) => field,
        Error::Import(ImportError::PersonRepeated { .. }) => "hpr_number",
        Error::Import(ImportError::ReactionInForce { what: "limited", .. }) => "limited_until",
        Error::Import(ImportError::ReactionInForce { .. }) => "suspended_until",
        _ => return None,
    };
    let field = match field {
        "exam.school" | "school" => "exam_school",
        "exam.date" | "date" => "exam_date",
        "recognition.state" | "state" => "recognition_state",
        field => field,
    };
    IMPORT_COLUMNS.iter().find(|name| **name == field).copied()
}

/// A text, unless it has a national identity number in it.
fn without_number(text: &str) -> String {
    match refuse_national_identity_number("", text, "") {
        Ok(()) => text.to_owned(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "HPR-nr;Fornavn;Etternavn;Født;Merknad;Innvilget;Grunnlag\n\
        9144889;Åse;Østby;17.05.1984;;20.11.2026;Norsk eksamen\n\
        9144890;Ola;Li;1984-05-18;01018012345;20.11.2026;Norsk eksamen\n\
        9144891;Kari\n";

    #[test]
    fn columns_are_known_by_their_names_or_decided() {
        let mut sheet = Sheet::read(TABLE.as_bytes()).expect("a table");
        let is = |sheet: &Sheet| sheet.columns().map(|(_, is)| is).collect::<Vec<_>>();
        assert_eq!(is(&sheet)[0], SheetColumn::Is("hpr_number"));
        assert_eq!(
            is(&sheet)[4..],
            [SheetColumn::Undecided, SheetColumn::Is("granted"), SheetColumn::Is("basis")]
        );
        let code = |sheet: &Sheet| sheet.to_csv().expect_err("not yet").code();
        assert_eq!(code(&sheet), "import_column_undecided");
        sheet.decide(4, SheetColumn::Unused).expect("decided");
        assert_eq!(code(&sheet), "import_column_missing");
        sheet.say_same("kind", "authorisation");
        let repeated = sheet.decide(4, SheetColumn::Is("basis")).expect_err("twice");
        assert_eq!(repeated.code(), "import_column_repeated");
        assert_eq!(code(&sheet), "import_column_undecided");
    }

    #[test]
    fn what_is_mended_is_proposed_and_a_number_that_nobody_may_keep_is_not() {
        let mut sheet = Sheet::read(TABLE.as_bytes()).expect("a table");
        sheet.decide(4, SheetColumn::Unused).expect("decided");
        sheet.say_same("kind", "authorisation");
        sheet.mend(2, 6, "norwegian_exam", true);
        assert!(!format!("{sheet:?}").contains("12345"));
        let csv =
            |sheet: &Sheet| String::from_utf8(sheet.to_csv().expect("a table")).expect("text");
        assert_eq!(
            csv(&sheet),
            "hpr_number,given_name,family_name,birthdate,kind,basis,granted\n\
             9144889,Åse,Østby,17.05.1984,authorisation,norwegian_exam,20.11.2026\n\
             9144890,Ola,Li,1984-05-18,authorisation,norwegian_exam,20.11.2026\n"
        );
        let codes = |sheet: &Sheet| {
            let rows = sheet.checked(std::iter::empty()).into_iter();
            rows.map(|row| row.outcome.code().unwrap_or("")).collect::<Vec<_>>()
        };
        assert_eq!(codes(&sheet), ["", "", "import_row_length"]);
        // Where it is read, it must be mended.
        sheet.decide(4, SheetColumn::Is("conditions")).expect("decided");
        assert_eq!(codes(&sheet), ["", "national_identity_number", "import_row_length"]);
        sheet.mend(3, 4, "26/1", false);
        sheet.mend(4, 2, "Li", false);
        assert_eq!(codes(&sheet), ["", "", ""]);
        assert_eq!(csv(&sheet).lines().count(), 4);
        sheet.leave_out(4);
        assert_eq!(csv(&sheet).lines().count(), 3);
    }
}
