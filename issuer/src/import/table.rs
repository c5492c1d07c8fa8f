//! A table of people as CSV: an application from each row.

use std::collections::{BTreeMap, btree_map::Entry};

use vernet_common::{CivilDate, HprNumber, Kind, Profession, Title};
use vernet_register::{
    Application, Digest, Draft, DraftExam, ProtectedTitle, RowTree, Titles, check_names, parse,
    refuse_national_identity_number,
};

use super::{
    ImportError,
    rows::{Fields, Rows},
};
use crate::error::Error;

/// The columns of a table of people that must be there, named as in an application.
pub const REQUIRED_COLUMNS: [&str; 7] =
    ["hpr_number", "given_name", "family_name", "birthdate", "kind", "basis", "granted"];
const OPTIONAL: [&str; 14] = [
    "category",
    "title",
    "decided",
    "valid_to",
    "cycle_ends",
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

/// Every column that is read: those that must be there, and the others.
pub const IMPORT_COLUMNS: [&str; 21] = {
    let (mut all, mut place) = ([""; 21], 0);
    while place < all.len() {
        all[place] = match place < REQUIRED_COLUMNS.len() {
            true => REQUIRED_COLUMNS[place],
            false => OPTIONAL[place - REQUIRED_COLUMNS.len()],
        };
        place += 1;
    }
    all
};

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

    /// Reads a table, in whatever form a [`vernet_text::Table`] may have: a header, and one row for
    /// each person. `titles` are those of the office; `today` decides which suspensions and limitations are over.
    ///
    /// # Errors
    ///
    /// [`ImportError`] if the header is wrong, or there are no rows or too many. An error in a row
    /// is stored in the row.
    pub fn read(bytes: &[u8], titles: &Titles, today: CivilDate) -> Result<Self, Error> {
        let (mut table, mut rows, mut people) =
            (Rows::read(bytes, &REQUIRED_COLUMNS, &OPTIONAL)?, Vec::new(), BTreeMap::new());
        while let Some(row) = table.next()? {
            if rows.len() == Self::MAX_ROWS {
                return Err(ImportError::TooManyRows { limit: Self::MAX_ROWS }.into());
            }
            let line = row.line;
            // A report repeats nothing else: no national identity number, not even its first nine
            // digits, from which the others can be computed, and nothing that a spreadsheet would
            // take for a formula.
            let hpr_number = row
                .field("hpr_number")
                .filter(|field| field.parse::<HprNumber>().is_ok())
                .unwrap_or_default()
                .to_owned();
            let application = row.fields().and_then(|fields| {
                let application = application(&fields, titles, today)?;
                once(&mut people, &application, line)?;
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

/// Refuses two rows about one person and one title: they would be two simultaneous rights, or one of them is a
/// mistake.
fn once(
    people: &mut BTreeMap<(HprNumber, Title), u64>,
    application: &Application,
    line: u64,
) -> Result<(), ImportError> {
    let hpr_number = application.hpr_number;
    match people.entry((hpr_number, application.title.clone())) {
        Entry::Vacant(first) => {
            first.insert(line);
            Ok(())
        }
        Entry::Occupied(first) => {
            Err(ImportError::PersonRepeated { hpr_number, first: *first.get() })
        }
    }
}

/// The title of a row: the one that it names, or the one of its profession, or the office's first.
fn title<'a>(
    titles: &'a Titles,
    category: Option<&str>,
    title: Option<&str>,
) -> Result<&'a ProtectedTitle, Error> {
    let category = category.map(|code| parse::<Profession>("category", code)).transpose()?;
    let title = title.map(|title| parse::<Title>("title", title)).transpose()?;
    let row = match (&title, category) {
        (Some(title), _) => titles.get(title).map_err(vernet_register::Error::from)?,
        (None, None) => ProtectedTitle::first(),
        // A specialist is named by the title.
        (None, Some(code)) => titles
            .iter()
            .find(|row| row.profession == code && row.requires.is_none())
            .ok_or_else(|| {
                let expected = "a profession with a title that this office certifies";
                vernet_common::Error::field("category", code.as_str(), expected)
            })?,
    };
    match category {
        Some(code) if code != row.profession => {
            let expected = "the profession of the `title`";
            Err(vernet_common::Error::field("category", code.as_str(), expected).into())
        }
        _ => Ok(row),
    }
}

fn application(
    fields: &Fields<'_>,
    titles: &Titles,
    today: CivilDate,
) -> Result<Application, Error> {
    for name in fields.names() {
        let (text, expected) = (fields.get(name), "what the name of the column says");
        refuse_national_identity_number(name, text, expected)?;
        // A spreadsheet takes the zero from the numbers of people born on the first nine days.
        if text.len() == 10 && name != "conditions" {
            refuse_national_identity_number(name, &format!("0{text}"), expected)?;
        }
    }
    let given = |name: &'static str| fields.given(name);
    let text = |name: &'static str| fields.get(name).to_owned();
    let title = title(titles, given("category"), given("title"))?;
    let exam = match (given("exam_school"), given("exam_date")) {
        (None, None) => None,
        (school, date) => Some(DraftExam {
            school: school.unwrap_or_default().to_owned(),
            date: match date {
                Some(_) => fields.day("exam_date")?,
                None => String::new(),
            },
        }),
    };
    let kind = fields.get("kind");
    let kind =
        Kind::ALL.into_iter().find(|known| known.code() == kind).map_or(kind, |known| known.word());
    let application: Application = Draft {
        given_name: text("given_name"),
        family_name: text("family_name"),
        birthdate: fields.day("birthdate")?,
        hpr_number: hpr_number(fields.get("hpr_number"))?,
        title: Some(title.title.as_str().to_owned()),
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
        decided: fields.day(if given("decided").is_some() { "decided" } else { "granted" })?,
        granted: fields.day("granted")?,
        valid_to: fields.given_day("valid_to")?,
        cycle_ends: fields.given_day("cycle_ends")?,
        conditions: given("conditions").map(ToOwned::to_owned),
        bound_to_post: match fields.get("bound_to_post") {
            "" | "no" => false,
            "yes" => true,
            other => {
                let expected = "`yes`, or nothing";
                return Err(vernet_common::Error::field("bound_to_post", other, expected).into());
            }
        },
    }
    .try_into()?;
    check_names(&application.given_name, &application.family_name)?;
    for (what, from, until) in [
        ("suspended", "suspended_from", "suspended_until"),
        ("limited", "limited_from", "limited_until"),
    ] {
        let date = |name| -> Result<Option<CivilDate>, Error> {
            let day = fields.given_day(name)?;
            Ok(day.map(|day| parse::<CivilDate>(name, &day)).transpose()?)
        };
        match (date(from)?, date(until)?) {
            (None, None) => {}
            // What is over is not imported: it is in the register of the authority that decided
            // it.
            (_, Some(until)) if until <= today => {}
            (_, until) => return Err(ImportError::ReactionInForce { what, until }.into()),
        }
    }
    Ok(if title.age_limit { without_end_of_age(application) } else { application })
}

/// A number as it stands there, unless a spreadsheet rounded it: then its last digits are lost.
fn hpr_number(text: &str) -> Result<String, Error> {
    let is_rounded = text.contains(['E', 'e']) && text.starts_with(|c: char| c.is_ascii_digit());
    if is_rounded {
        let expected = "all of its digits: a spreadsheet rounded it, give the column the format of text and enter it anew";
        return Err(vernet_common::Error::field("hpr_number", text, expected).into());
    }
    Ok(text.to_owned())
}

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
