//! An import: a table is uploaded, its columns are mapped, what is wrong is mended at its cell, and the
//! whole is proposed by one signature. Nothing is recorded before that.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use vernet_issuer::{IMPORT_COLUMNS, Office, REQUIRED_COLUMNS, Sheet, SheetColumn};
use vernet_register::{NewDocument, Role, RowOutcome};

use super::{
    deed::Deed,
    fault::Fault,
    filed::Filed,
    form::{Nothing, Posted},
    guard::{Desk, Who},
    imports::{Checked, Upload},
    problem::Trouble,
    signing,
};
use crate::web::page::{Page, show, show_as};

/// Who takes people over.
const ROLES: [Role; 1] = [Role::Grant];

/// How many rows are on a page: as many as a form may have.
const ROWS: usize = 20;

/// How many cells of a column are shown where it is decided what it is.
const SAMPLES: usize = 3;

/// The largest form with the cells of a page.
pub(super) const MAX_FORM: usize = 512 * 1024;

#[derive(Template)]
#[template(path = "desk/import_start.html")]
struct Start<'a> {
    page: &'a Page,
    who: &'a Who,
    open: Vec<(String, Upload)>,
    fault: Option<Fault>,
}

pub(super) async fn start(desk: Desk) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    show(&Start { page: &desk.page, who: &desk.who, open: opened(&desk), fault: None })
}

fn opened(desk: &Desk) -> Vec<(String, Upload)> {
    desk.console.imports.of(desk.who.kid)
}

/// Reads a table, and shows it.
pub(super) async fn upload(Filed { desk, upload, .. }: Filed) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let read = match &upload {
            Some((_, bytes)) => Sheet::read(bytes),
            None => Err(vernet_issuer::ImportError::Empty.into()),
        };
        let sheet = match read {
            Ok(sheet) => sheet,
            Err(error) => {
                let fault = Some(Fault::of_error(desk.page.language(), &error));
                let page = Start { page: &desk.page, who: &desk.who, open: opened(desk), fault };
                return Ok(show_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
            }
        };
        desk.note("import", None, None)?;
        let (name, _) = upload.unwrap_or_default();
        let checked = check(office, &sheet, desk);
        let (kid, at) = (desk.who.kid, desk.now);
        let token = desk.console.imports.put(Upload { kid, name, sheet, checked, at });
        Ok(to(&token))
    })
    .await
}

fn check(office: &Office, sheet: &Sheet, desk: &Desk) -> Checked {
    office.check_sheet(sheet, desk.now).map_err(|error| (error.code(), error.to_string()))
}

fn to(token: &str) -> Response {
    Redirect::to(&format!("/import/{token}")).into_response()
}

#[derive(Template)]
#[template(path = "desk/import.html")]
struct ImportPage<'a> {
    page: &'a Page,
    who: &'a Who,
    token: &'a str,
    name: &'a str,
    columns: Vec<Column>,
    all_columns: [&'static str; 21],
    lacking: Vec<Lacking>,
    /// Why no row can be read yet.
    undecided: Option<(&'static str, String)>,
    /// How many rows pass, are there already, are refused.
    passes: usize,
    there: usize,
    refused: usize,
    /// Whether all rows are shown, or those that are refused.
    all: bool,
    rows: Vec<Row>,
    /// Which part of them, and how many parts there are.
    part: usize,
    parts: usize,
}

impl ImportPage<'_> {
    /// The name of one of our columns, for people.
    fn column(&self, name: &str) -> String {
        column_in_words(self.page, name)
    }

    /// Another part of the same rows.
    fn address(&self, part: usize) -> String {
        self.rows(self.all, part)
    }

    /// The other choice of rows.
    fn others(&self) -> String {
        self.rows(!self.all, 1)
    }

    fn rows(&self, all: bool, part: usize) -> String {
        let show = if all { "all" } else { "faults" };
        format!("/import/{}?show={show}&part={part}#rows", self.token)
    }

    /// Whether there is something to propose.
    fn is_ready(&self) -> bool {
        self.undecided.is_none() && self.passes + self.there > 0
    }
}

/// The name of one of our columns, for people.
pub(super) fn column_in_words(page: &Page, name: &str) -> String {
    match page.words().find(&format!("import.column.{name}")) {
        Some(words) => words.to_owned(),
        None => page.say_code("member", name),
    }
}

/// A column of the file.
struct Column {
    place: usize,
    name: String,
    samples: Vec<String>,
    /// What it is: one of ours, `-` if it is not read, nothing if nobody said.
    is: &'static str,
}

/// A column of ours that the file lacks.
struct Lacking {
    name: &'static str,
    same: String,
    required: bool,
}

/// A row with its cells, as far as they are read.
struct Row {
    line: u64,
    cells: Vec<Cell>,
    outcome: &'static str,
    fault: Option<(&'static str, String)>,
}

struct Cell {
    place: usize,
    column: &'static str,
    text: String,
    wrong: bool,
}

#[derive(Deserialize)]
pub(super) struct Shown {
    show: Option<String>,
    part: Option<usize>,
}

pub(super) async fn page(
    desk: Desk,
    Path(token): Path<String>,
    Query(shown): Query<Shown>,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let upload = desk.console.imports.get(&token, desk.who.kid).ok_or(Trouble::NotFound)?;
        Ok(show(&in_words(desk, &token, &upload, &shown)))
    })
    .await
}

fn in_words<'a>(
    desk: &'a Desk,
    token: &'a str,
    upload: &'a Upload,
    shown: &Shown,
) -> ImportPage<'a> {
    let Upload { sheet, checked, name, .. } = upload;
    let word = |is| match is {
        SheetColumn::Undecided => "",
        SheetColumn::Unused => "-",
        SheetColumn::Is(name) => name,
    };
    let columns: Vec<_> = sheet
        .columns()
        .enumerate()
        .map(|(place, (name, is))| {
            let filled = sheet.rows().iter().map(|row| row.cells()[place].as_str());
            let samples = filled.filter(|text| !text.is_empty()).take(SAMPLES);
            let samples = samples.map(ToOwned::to_owned).collect();
            Column { place, name: name.to_owned(), samples, is: word(is) }
        })
        .collect();
    let lacking = IMPORT_COLUMNS.iter().filter(|name| columns.iter().all(|one| one.is != **name));
    let lacking = lacking.map(|name| Lacking {
        name,
        same: sheet.same(name).to_owned(),
        required: REQUIRED_COLUMNS.contains(name),
    });
    let having = |word: &str| {
        let rows = checked.as_ref().map_or(&[][..], Vec::as_slice);
        rows.iter().filter(|row| row.outcome.word() == word).count()
    };
    let (passes, there, refused) = (having("passes"), having("already_there"), having("refused"));
    let all = shown.show.as_deref() == Some("all");
    let chosen: Vec<_> = match checked {
        Ok(checked) => {
            let both = sheet.rows().iter().zip(checked);
            both.filter(|(_, row)| all || row.outcome.code().is_some()).collect()
        }
        Err(_) => Vec::new(),
    };
    let parts = chosen.len().div_ceil(ROWS).max(1);
    let part = shown.part.unwrap_or(1).clamp(1, parts);
    let rows = chosen.into_iter().skip((part - 1) * ROWS).take(ROWS).map(|(row, checked)| Row {
        line: row.line,
        cells: sheet
            .columns()
            .enumerate()
            .filter_map(|(place, (_, is))| match is {
                SheetColumn::Is(column) => Some(Cell {
                    place,
                    column,
                    text: row.cells()[place].clone(),
                    wrong: checked.column == Some(column),
                }),
                _ => None,
            })
            .collect(),
        outcome: checked.outcome.word(),
        fault: match &checked.outcome {
            RowOutcome::Refused { code, message } => Some((code, message.clone())),
            _ => None,
        },
    });
    ImportPage {
        page: &desk.page,
        who: &desk.who,
        token,
        name,
        lacking: lacking.collect(),
        columns,
        all_columns: IMPORT_COLUMNS,
        undecided: checked.as_ref().err().cloned(),
        passes,
        there,
        refused,
        all,
        rows: rows.collect(),
        part,
        parts,
    }
}

/// Changes a table, checks it anew, and shows it.
async fn change(
    desk: Desk,
    token: String,
    back: String,
    change: impl FnOnce(&mut Sheet) -> Result<(), vernet_issuer::Error> + Send + 'static,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let mut upload = desk.console.imports.get(&token, desk.who.kid).ok_or(Trouble::NotFound)?;
        let changed = change(&mut upload.sheet);
        upload.checked = match changed {
            Ok(()) => check(office, &upload.sheet, desk),
            Err(error) => Err((error.code(), error.to_string())),
        };
        upload.at = desk.now;
        desk.console.imports.keep(&token, upload);
        Ok(Redirect::to(&format!("/import/{token}{back}")).into_response())
    })
    .await
}

/// What each column is: `c0` and so on, and `same_NAME` for what is the same for everybody.
pub(super) async fn decide(
    Path(token): Path<String>,
    Posted(desk, fields): Posted<HashMap<String, String>>,
) -> Response {
    change(desk, token, "#rows".to_owned(), move |sheet| {
        let known = |name: &str| IMPORT_COLUMNS.iter().find(|own| **own == name).copied();
        let columns: Vec<_> = (0..sheet.columns().count())
            .filter_map(|place| Some((place, fields.get(&format!("c{place}"))?)))
            .collect();
        // Two columns may change places.
        for (place, _) in &columns {
            sheet.decide(*place, SheetColumn::Undecided)?;
        }
        for (place, said) in columns {
            sheet.decide(
                place,
                match known(said) {
                    Some(name) => SheetColumn::Is(name),
                    None if said == "-" => SheetColumn::Unused,
                    None => SheetColumn::Undecided,
                },
            )?;
        }
        for (name, text) in &fields {
            if let Some(name) = name.strip_prefix("same_").and_then(known) {
                sheet.say_same(name, text);
            }
        }
        Ok(())
    })
    .await
}

/// Cells, named `r12c3` by line and place; `out12` leaves a row out.
pub(super) async fn mend(
    Path(token): Path<String>,
    Posted(desk, fields): Posted<HashMap<String, String>>,
) -> Response {
    let said = |name: &str| fields.get(name).map_or("", String::as_str);
    let back = match said("show") {
        "all" => format!("?show=all&part={}#rows", said("part").parse().unwrap_or(1_usize)),
        _ => "#rows".to_owned(),
    };
    change(desk, token, back, move |sheet| {
        let everywhere = fields.contains_key("everywhere");
        for (name, text) in &fields {
            let place = name.strip_prefix('r').and_then(|rest| rest.split_once('c'));
            if let Some((line, place)) = place
                && let (Ok(line), Ok(place)) = (line.parse(), place.parse())
            {
                sheet.mend(line, place, text, everywhere);
            }
        }
        for name in fields.keys() {
            if let Some(line) = name.strip_prefix("out").and_then(|line| line.parse().ok()) {
                sheet.leave_out(line);
            }
        }
        Ok(())
    })
    .await
}

pub(super) async fn discard(
    Path(token): Path<String>,
    Posted(desk, Nothing {}): Posted<Nothing>,
) -> Response {
    desk.console.imports.remove(&token, desk.who.kid);
    Redirect::to("/import").into_response()
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    each: Option<String>,
}

/// Proposes all rows, or each that the rules allow: by one signature, which holds for the table's hash
/// and the root of a tree over its rows.
pub(super) async fn propose(
    Path(token): Path<String>,
    Posted(desk, wanted): Posted<Wanted>,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let upload = desk.console.imports.get(&token, desk.who.kid).ok_or(Trouble::NotFound)?;
        let name = std::path::Path::new(&upload.name).with_extension("csv");
        let table = NewDocument::new(&name.to_string_lossy(), upload.sheet.to_csv()?);
        let each = wanted.each.is_some();
        let deed = Deed::ProposeImport { table, each };
        match signing::prepare(desk, deed, "/proposals".to_owned()) {
            Ok(sign) => Ok(signing::to_page(&sign)),
            Err(trouble @ Trouble::Office(_)) => {
                let mut upload = upload;
                upload.checked = Err((trouble.code(), trouble.to_string()));
                let shown = Shown { show: None, part: None };
                let page = in_words(desk, &token, &upload, &shown);
                Ok(show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
            }
            Err(other) => Err(other),
        }
    })
    .await
}
