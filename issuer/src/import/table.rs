//! A table of people as CSV: its columns, and an application from each row.

use std::collections::{BTreeMap, btree_map::Entry};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use vernet_common::{CivilDate, HprNumber, Kind, Profession, quoted};
use vernet_register::{
    Application, Digest, Draft, DraftExam, RowTree, check_name, parse,
    refuse_national_identity_number,
};

use super::ImportError;
use crate::error::Error;

/// The columns, named as in an application. Those of the first group are required.
const REQUIRED: [&str; 7] =
    ["hpr_number", "given_name", "family_name", "birthdate", "kind", "basis", "granted"];
const OPTIONAL: [&str; 12] = [
    "category",
    "decided",
    "valid_to",
    "conditions",
    "bound_to_post",
    "exam_school",
    "exam_date",
    "recognition_state",
    "suspended_from",
    "suspended_until",
    "limited_from",
    "limited_until",
];

/// A table of people that was read. Whether the rules allow a row is checked later.
#[derive(Debug)]
pub struct ImportTable {
    rows: Vec<ImportRow>,
}

/// A row of the table.
#[derive(Debug)]
pub struct ImportRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The content of the column `hpr_number`, if it is such a number, to find the row again.
    pub hpr_number: String,
    /// The application, or why the row is not one.
    pub application: Result<Application, Error>,
}

impl ImportTable {
    /// The most rows: several times the register of a large profession. A table of the allowed size
    /// can have millions of empty rows, and each takes some hundred bytes.
    const MAX_ROWS: usize = 500_000;

    /// Reads a table: UTF-8, a header, and one row for each person. Fields are separated by commas,
    /// or by semicolons if the header has semicolons and no comma. A byte order mark is skipped.
    /// `today` decides which suspensions and limitations are over.
    ///
    /// # Errors
    ///
    /// [`ImportError`] if the header is wrong, or there are no rows or too many. An error in a row
    /// is stored in the row.
    pub fn read(bytes: &[u8], today: CivilDate) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = if header.contains(&b';') && !header.contains(&b',') { b';' } else { b',' };
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let (mut record, mut lines) = (ByteRecord::new(), Lines { bytes, at: 0, line: 1 });
        let mut next = move |record: &mut ByteRecord| {
            reader.read_byte_record(record).map_err(|error| {
                vernet_common::Error::field("the table", &error.to_string(), "CSV")
            })
        };
        if !next(&mut record)? {
            return Err(ImportError::Empty.into());
        }
        let header =
            StringRecord::from_byte_record(record.clone()).map_err(|_| ImportError::NotUtf8)?;
        let columns = Columns::read(&header)?;
        let (mut rows, mut people) = (Vec::new(), BTreeMap::new());
        while next(&mut record)? {
            if rows.len() == Self::MAX_ROWS {
                return Err(ImportError::TooManyRows { limit: Self::MAX_ROWS }.into());
            }
            let line = lines.line_at(record.position().map_or(0, csv::Position::byte));
            // A report repeats nothing else: no national identity number, not even its first nine
            // digits, from which the others can be computed, and nothing that a spreadsheet would
            // take for a formula.
            let hpr_number = record
                .get(columns.by_name["hpr_number"])
                .and_then(|field| str::from_utf8(field).ok());
            let hpr_number = hpr_number
                .filter(|field| field.parse::<HprNumber>().is_ok())
                .unwrap_or_default()
                .to_owned();
            let application = columns.application(&record, today).and_then(|application| {
                once(&mut people, application.hpr_number, line)?;
                Ok(application)
            });
            rows.push(ImportRow { line, hpr_number, application });
        }
        if rows.is_empty() {
            return Err(ImportError::Empty.into());
        }
        Ok(Self { rows })
    }

    /// The rows, in the order of the file.
    pub fn rows(&self) -> &[ImportRow] {
        &self.rows
    }

    /// The rows that are applications, in order of the leaves of the tree. Only these can be
    /// granted.
    pub(crate) fn applications(&self) -> impl Iterator<Item = (u64, &Application)> {
        self.rows.iter().filter_map(|row| Some((row.line, row.application.as_ref().ok()?)))
    }

    /// The tree over the applications. The officers sign its root, and each grant has a proof that
    /// it is in the tree.
    pub(crate) fn tree(&self) -> Result<RowTree, Error> {
        let leaves = self.applications().map(|(_, application)| RowTree::leaf(application));
        Ok(RowTree::new(leaves.collect::<Result<Vec<Digest>, _>>()?))
    }
}

/// Refuses two rows about one person: they would be two simultaneous rights, or one of them is a
/// mistake.
fn once(
    people: &mut BTreeMap<HprNumber, u64>,
    hpr_number: HprNumber,
    line: u64,
) -> Result<(), ImportError> {
    match people.entry(hpr_number) {
        Entry::Vacant(first) => {
            first.insert(line);
            Ok(())
        }
        Entry::Occupied(first) => {
            Err(ImportError::PersonRepeated { hpr_number, first: *first.get() })
        }
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
    fn read(header: &StringRecord) -> Result<Self, ImportError> {
        let mut by_name = BTreeMap::new();
        for (place, found) in header.iter().enumerate() {
            let Some(name) = REQUIRED.iter().chain(&OPTIONAL).find(|name| **name == found.trim())
            else {
                let known = REQUIRED
                    .iter()
                    .chain(&OPTIONAL)
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>();
                // A table without a header has a person in its place.
                let found = match refuse_national_identity_number(
                    "the header",
                    found,
                    "names of columns",
                ) {
                    Ok(()) => quoted(found, 80),
                    Err(_) => "a number of 11 digits".to_owned(),
                };
                return Err(ImportError::ColumnUnknown { found, known: known.join(", ") });
            };
            if by_name.insert(*name, place).is_some() {
                return Err(ImportError::ColumnRepeated { found: name });
            }
        }
        match REQUIRED.into_iter().find(|name| !by_name.contains_key(name)) {
            Some(missing) => Err(ImportError::ColumnMissing { missing }),
            None => Ok(Self { by_name, count: header.len() }),
        }
    }

    fn application(&self, record: &ByteRecord, today: CivilDate) -> Result<Application, Error> {
        if record.len() != self.count {
            return Err(ImportError::RowLength { found: record.len(), expected: self.count }.into());
        }
        let record =
            StringRecord::from_byte_record(record.clone()).map_err(|_| ImportError::NotUtf8)?;
        let field_of = |name: &'static str| {
            self.by_name.get(name).and_then(|place| record.get(*place)).unwrap_or_default()
        };
        for name in self.by_name.keys() {
            refuse_national_identity_number(
                name,
                field_of(name),
                "what the name of the column says",
            )?;
        }
        let given = |name: &'static str| Some(field_of(name)).filter(|text| !text.is_empty());
        let text = |name: &'static str| field_of(name).to_owned();
        if let Some(category) = given("category").filter(|category| *category != PERFUSIONIST) {
            return Err(vernet_common::Error::field(
                "category",
                category,
                "`PE`: this office grants no other profession",
            )
            .into());
        }
        let exam = match (given("exam_school"), given("exam_date")) {
            (None, None) => None,
            (school, date) => Some(DraftExam {
                school: school.unwrap_or_default().to_owned(),
                date: date.unwrap_or_default().to_owned(),
            }),
        };
        let kind = field_of("kind");
        let kind = Kind::ALL
            .into_iter()
            .find(|known| known.code() == kind)
            .map_or(kind, |known| known.word());
        let application: Application = Draft {
            given_name: text("given_name"),
            family_name: text("family_name"),
            birthdate: text("birthdate"),
            hpr_number: text("hpr_number"),
            kind: kind.to_owned(),
            basis: text("basis"),
            exam,
            recognition: given("recognition_state")
                .map(|state| vernet_register::Recognition { state: state.to_owned() }),
            norwegian_language: None,
            national_subjects: None,
            previous_certificate: None,
            applied: None,
            special_reasons: None,
            language: None,
            decided: given("decided").unwrap_or(field_of("granted")).to_owned(),
            granted: text("granted"),
            valid_to: given("valid_to").map(ToOwned::to_owned),
            conditions: given("conditions").map(ToOwned::to_owned),
            bound_to_post: match field_of("bound_to_post") {
                "" | "no" => false,
                "yes" => true,
                other => {
                    let expected = "`yes`, or nothing";
                    return Err(
                        vernet_common::Error::field("bound_to_post", other, expected).into()
                    );
                }
            },
        }
        .try_into()?;
        check_name("given_name", &application.given_name)?;
        check_name("family_name", &application.family_name)?;
        for (what, from, until) in [
            ("suspended", "suspended_from", "suspended_until"),
            ("limited", "limited_from", "limited_until"),
        ] {
            let date = |name| given(name).map(|text| parse::<CivilDate>(name, text)).transpose();
            match (date(from)?, date(until)?) {
                (None, None) => {}
                // What is over is not imported: it is in the register of the authority that decided
                // it.
                (_, Some(until)) if until <= today => {}
                (_, until) => return Err(ImportError::ReactionInForce { what, until }.into()),
            }
        }
        Ok(without_end_of_age(application))
    }
}

/// The code of the one profession in code system 9060, as in certificates.
const PERFUSIONIST: &str = match Profession::Perfusionist {
    Profession::Perfusionist => "PE",
};

/// Removes the end that follows from the age limit: a public register gives every right an end, but
/// the age limit follows from the law and is in no application.
fn without_end_of_age(application: Application) -> Application {
    let limit = vernet_register::law::age_limit_reached(application.birthdate, application.granted);
    match application.valid_to {
        Some(end) if !application.kind.is_limited_in_time() && end == limit => {
            Application { valid_to: None, ..application }
        }
        _ => application,
    }
}
