//! Figures for statistics: how many are authorised on a day, what happened in a period, how long it
//! took. One list of rows, which every program shows in its own way.

use std::collections::{BTreeMap, BTreeSet};

use csv::{Terminator, WriterBuilder};
use serde_json::{Value, json};
use vernet_common::{CivilDate, NumericDate, Title};
use vernet_register::{Days, Happening, Happenings, Headcount, InForce, Quarters, Spread, State};

/// Figures of a day and of a period.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// The day.
    pub on: CivilDate,
    /// The period.
    pub days: Days,
    /// As known when.
    pub known_at: NumericDate,
    /// How many are authorised, with any title.
    pub authorised: u64,
    /// All rows; those of a table stand together.
    pub rows: Vec<FigureRow>,
}

/// A row of a table: what is counted, and the numbers.
#[derive(Clone, PartialEq, Debug)]
pub struct FigureRow {
    /// The table.
    pub table: String,
    /// What is counted: names of columns, and what stands in them.
    pub about: Vec<(&'static str, String)>,
    /// The numbers, each with its name.
    pub numbers: Vec<(&'static str, Value)>,
}

impl Figures {
    /// Counts.
    pub fn of(state: &State, on: CivilDate, days: Days, known_at: NumericDate) -> Self {
        let count = state.headcount(on, known_at);
        let mut rows = of_headcount(&count, &titles(state));
        rows.extend(of_happenings(&state.happenings(days, known_at), &titles(state)));
        Self { on, days, known_at, authorised: count.authorised, rows }
    }

    /// Everything as one table in CSV (RFC 4180, UTF-8): a row for each number, and a column `table`.
    pub fn to_csv(&self) -> Vec<u8> {
        self.write_csv().expect("a table in memory is written whole")
    }

    fn write_csv(&self) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
        csv.write_record(["table"].iter().chain(&ABOUT).chain(&REST))?;
        for row in &self.rows {
            for (measure, value) in &row.numbers {
                let of_a_day = row.is_of_a_day();
                let day = |day: CivilDate, counts: bool| match counts {
                    true => day.to_string(),
                    false => String::new(),
                };
                let mut record = vec![row.table.clone()];
                record.extend(ABOUT.iter().map(|name| row.about(name).to_owned()));
                record.extend([
                    (*measure).to_owned(),
                    value.to_string(),
                    day(self.on, of_a_day),
                    day(self.days.from(), !of_a_day),
                    day(self.days.to(), !of_a_day),
                    self.known_at.to_string(),
                ]);
                csv.write_record(record)?;
            }
        }
        Ok(csv.into_inner()?)
    }
}

/// What a row can be about, in the order of the columns.
const ABOUT: [&str; 7] = ["title", "standing", "kind", "age", "year", "event", "group"];

/// The columns of the CSV after those.
const REST: [&str; 6] = ["measure", "value", "on", "from", "to", "known_at"];

/// The table that is too long for people: every combination that somebody is in.
const CELLS: &str = "cells";

fn titles(state: &State) -> BTreeSet<Title> {
    state.titles().iter().map(|row| row.title.clone()).collect()
}

fn persons(table: &str, about: Vec<(&'static str, String)>, persons: u64) -> FigureRow {
    FigureRow { table: table.to_owned(), about, numbers: vec![("persons", persons.into())] }
}

fn of_headcount(count: &Headcount, titles: &BTreeSet<Title>) -> Vec<FigureRow> {
    let mut rows = vec![persons("authorised_with_any_title", Vec::new(), count.authorised)];
    let by_title = count.authorised_by(|cell| cell.title.clone());
    for title in titles {
        let about = vec![("title", title.to_string())];
        rows.push(persons("authorised", about, by_title.get(title).copied().unwrap_or_default()));
    }
    for title in titles {
        for standing in [InForce::Authorised, InForce::WithConditions, InForce::Suspended] {
            let of = count
                .cells
                .iter()
                .filter(|(cell, _)| cell.title == *title && cell.standing == standing);
            let about =
                vec![("title", title.to_string()), ("standing", standing.word().to_owned())];
            rows.push(persons("standing", about, of.map(|(_, persons)| persons).sum()));
        }
    }
    let mut by = |table: &str, column: &'static str, sums: BTreeMap<(Title, String), u64>| {
        for ((title, group), sum) in sums {
            rows.push(persons(table, vec![("title", title.to_string()), (column, group)], sum));
        }
    };
    by("authorised_by_kind", "kind", count.authorised_by(|c| (c.title.clone(), c.kind.to_owned())));
    by("authorised_by_age", "age", count.authorised_by(|c| (c.title.clone(), c.age.to_string())));
    by(
        "authorised_by_year",
        "year",
        count.authorised_by(|c| (c.title.clone(), c.year.to_string())),
    );
    rows.extend(count.cells.iter().map(|(cell, sum)| {
        let about = vec![
            ("title", cell.title.to_string()),
            ("standing", cell.standing.word().to_owned()),
            ("kind", cell.kind.to_owned()),
            ("age", cell.age.to_string()),
            ("year", cell.year.to_string()),
        ];
        persons(CELLS, about, *sum)
    }));
    rows
}

fn of_happenings(found: &Happenings, titles: &BTreeSet<Title>) -> Vec<FigureRow> {
    let about = |title: &Title, what: &Happening| {
        vec![("title", title.to_string()), ("event", what.word().to_owned())]
    };
    let mut rows = Vec::new();
    for (title, what) in titles.iter().flat_map(|title| Happening::ALL.map(|what| (title, what))) {
        let tally = found.counts.get(&(title.clone(), what)).copied().unwrap_or_default();
        let numbers = vec![("times", tally.times.into()), ("persons", tally.persons.into())];
        rows.push(FigureRow { table: "happened".to_owned(), about: about(title, &what), numbers });
    }
    let details = found.details.iter().map(|((title, what, detail), tally)| {
        let table = format!("{}_by_{}", what.word(), detail.by);
        let mut about = about(title, what);
        about.push(("group", detail.word.to_owned()));
        let numbers = vec![("times", tally.times.into()), ("persons", tally.persons.into())];
        FigureRow { table, about, numbers }
    });
    let mut details: Vec<_> = details.collect();
    // All rows of a table stand together.
    details.sort_by(|one, other| one.table.cmp(&other.table));
    rows.extend(details);
    for ((title, what), spread) in &found.from_application {
        let mut numbers = numbers_of(spread);
        let without = found.without_application_day.get(&(title.clone(), *what));
        numbers.push(("without_application_day", without.copied().unwrap_or_default().into()));
        let table = "days_from_application".to_owned();
        rows.push(FigureRow { table, about: about(title, what), numbers });
    }
    for ((title, what), without) in &found.without_application_day {
        if !found.from_application.contains_key(&(title.clone(), *what)) {
            let numbers = vec![("count", 0.into()), ("without_application_day", (*without).into())];
            let table = "days_from_application".to_owned();
            rows.push(FigureRow { table, about: about(title, what), numbers });
        }
    }
    for ((title, what), spread) in &found.from_proposal {
        let table = "minutes_from_proposal".to_owned();
        rows.push(FigureRow { table, about: about(title, what), numbers: numbers_of(spread) });
    }
    rows
}

fn numbers_of(spread: &Spread) -> Vec<(&'static str, Value)> {
    let [lower, median, upper] = spread.quartiles.map(number);
    vec![
        ("count", spread.count.into()),
        ("lower_quartile", lower),
        ("median", median),
        ("upper_quartile", upper),
        ("longest", spread.longest.into()),
    ]
}

/// A whole number is written as one.
fn number(quartile: Quarters) -> Value {
    match quartile.value() {
        whole if whole.fract() == 0.0 => json!(whole as i64),
        value => json!(value),
    }
}

impl FigureRow {
    /// What stands in a column; nothing if it has none.
    pub fn about(&self, name: &str) -> &str {
        let found = self.about.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, text)| text)
    }

    /// Whether it is about a day; otherwise it is about a period.
    pub fn is_of_a_day(&self) -> bool {
        self.about("event").is_empty()
    }

    /// Whether it is about a period and says that nothing happened, which people need not read.
    pub fn is_nothing(&self) -> bool {
        !self.is_of_a_day() && self.numbers.iter().all(|(_, number)| *number == json!(0))
    }

    /// Whether it is of the table that is too long for people: every combination that somebody is in.
    pub fn is_cell(&self) -> bool {
        self.table == CELLS
    }
}
