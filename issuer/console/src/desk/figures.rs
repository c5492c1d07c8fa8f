//! Figures for statistics, as tables and as CSV.

use askama::Template;
use axum::{
    extract::Query,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use vernet_common::CivilDate;
use vernet_issuer::{FigureRow, Figures, Office};
use vernet_register::Days;

use super::{
    guard::{Desk, Who},
    problem::Trouble,
};
use crate::web::page::{Page, show};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    on: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[derive(Template)]
#[template(path = "desk/figures.html")]
struct FiguresPage<'a> {
    page: &'a Page,
    who: &'a Who,
    on: CivilDate,
    from: CivilDate,
    to: CivilDate,
    authorised: usize,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    header: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Whether a column holds numbers, as in the first row.
    fn is_number(&self, column: &usize) -> bool {
        self.rows.first().is_some_and(|row| row.get(*column).is_some_and(|cell| cell.is_number))
    }
}

struct Cell {
    text: String,
    is_number: bool,
}

pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> Response {
    desk.screen(move |desk, office| {
        let figures = count(desk, office, &asked)?;
        Ok(show(&FiguresPage {
            page: &desk.page,
            who: &desk.who,
            on: figures.on,
            from: figures.days.from(),
            to: figures.days.to(),
            authorised: usize::try_from(figures.authorised).unwrap_or(usize::MAX),
            tables: tables(&desk.page, &figures),
        }))
    })
    .await
}

pub(super) async fn csv(desk: Desk, Query(asked): Query<Asked>) -> Response {
    desk.screen(move |desk, office| {
        let figures = count(desk, office, &asked)?;
        let name = format!("attachment; filename=\"vernet-{}.csv\"", figures.on);
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).expect("a day is ASCII")),
        ];
        Ok((headers, figures.to_csv()).into_response())
    })
    .await
}

fn count(desk: &Desk, office: &Office, asked: &Asked) -> Result<Figures, Trouble> {
    office.check_not_behind(desk.now)?;
    let today = desk.now.civil_date();
    let on: CivilDate = asked.on.parse().unwrap_or(today);
    let to: CivilDate = asked.to.parse().unwrap_or(on);
    let from = match asked.from.parse() {
        Ok(from) => from,
        Err(_) => CivilDate::new(to.year(), 1, 1)?,
    };
    // Days in the wrong order are one day.
    let days = Days::new(from.min(to), to).expect("the first is not after the last");
    Ok(Figures::of(office.register().state(), on, days, desk.now))
}

fn tables(page: &Page, figures: &Figures) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let rows = figures.rows.iter();
    for row in rows.filter(|row| !row.is_cell() && !row.is_nothing() && !row.about.is_empty()) {
        let name = name_of(page, &row.table);
        let header: Vec<_> = row
            .about
            .iter()
            .map(|(name, _)| *name)
            .chain(row.numbers.iter().map(|(name, _)| *name))
            .collect();
        // A row that has more numbers than those before it begins a table of its own.
        match tables.last_mut().filter(|table| table.name == name && table.header == header) {
            Some(table) => table.rows.push(cells(page, row)),
            None => tables.push(Table { name, header, rows: vec![cells(page, row)] }),
        }
    }
    tables
}

/// The name of a table; one as in `granted_by_basis` is named by its parts.
fn name_of(page: &Page, table: &str) -> String {
    match (page.words().find(&format!("figures.tables.{table}")), table.split_once("_by_")) {
        (None, Some((event, group))) => page.words().fill(
            "figures.by",
            &[
                ("event", &page.say_code("figures.words", event)),
                ("group", &page.say_code("figures.groups", group)),
            ],
        ),
        _ => page.say_code("figures.tables", table),
    }
}

fn cells(page: &Page, row: &FigureRow) -> Vec<Cell> {
    let about = row.about.iter().map(|(name, text)| {
        let words = match *name {
            "title" | "age" | "year" => text.clone(),
            _ => page.say_code("figures.words", text),
        };
        Cell { text: words, is_number: false }
    });
    let numbers = row.numbers.iter();
    let numbers = numbers.map(|(_, number)| Cell { text: number.to_string(), is_number: true });
    about.chain(numbers).collect()
}
