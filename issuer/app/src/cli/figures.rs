//! `figures`: how many are authorised on a day, what happened in a period, how long it took.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets};
use csv::{Terminator, WriterBuilder};
use serde_json::{Map, Value, json};
use vernet_common::{CivilDate, NumericDate, Title};
use vernet_register::{Days, Happening, Happenings, Headcount, InForce, Quarters, Spread, State};

use super::{Session, records::Moment, terminal::fitted};

const HOW: &str = "\
How it is counted:
  Persons are counted once: somebody whose licence became an authorisation is one, and so are two
  numbers that were merged. Somebody with two titles counts with each of them, and once in
  `authorised_with_any_title`. The sex of nobody is known to the register.
  Authorised is who may practise, with or without conditions; who is suspended is counted apart.
  `times` counts decisions on the day on which they were decided, whether or not they fell later;
  a takeover from another register (`import`) on the day on which it was recorded; lapses and deaths
  on their own day; an application on its own day, as far as it was decided or waits for an approval
  and names that day. `appealed` counts the decisions that were stayed, upheld or reversed: of other
  appeals the register does not know.
  Why an application was refused is a reference, which cannot be counted: `refused_by_basis` says on
  which basis it was made.
  Quartiles are linear between the two nearest values (as QUARTILE.INC of spreadsheets).

Before you publish a table: these figures are for the office itself. A number below 5 in a small
profession can tell who it is, and so can the difference of two tables. Add rows up until none is that
small, and leave out the tables `cells` and those by year.";

#[derive(Args)]
#[command(after_long_help = HOW, after_help = "`--help` says how it is counted, and what to see to before a table is published.")]
pub(super) struct FiguresArgs {
    #[command(flatten)]
    moment: Moment,
    /// Count what happened from this day on; from the first of January if not given
    #[arg(long, value_name = "DATE")]
    from: Option<CivilDate>,
    /// Through this day, which counts; through the day of `--on` if not given
    #[arg(long, value_name = "DATE")]
    to: Option<CivilDate>,
    /// Print everything as one table in CSV (RFC 4180, UTF-8): a row for each number, and a column
    /// `table`
    #[arg(long)]
    csv: bool,
}

impl FiguresArgs {
    fn days(&self, on: CivilDate) -> Result<Days> {
        let to = self.to.unwrap_or(on);
        let first = || CivilDate::new(to.year(), 1, 1);
        let from = self.from.map_or_else(first, Ok)?;
        let expected = "a day that is not before `--from`";
        let days = Days::new(from, to);
        Ok(days.ok_or_else(|| vernet_common::Error::field("--to", &to.to_string(), expected))?)
    }
}

pub(super) fn run(session: &Session, args: &FiguresArgs) -> Result<()> {
    let office = session.open()?;
    // What is counted leaves the office.
    let (on, known_at) = args.moment.at(session.releasing_clock(&office)?);
    let days = args.days(on)?;
    let state = office.register().state();
    let count = state.headcount(on, known_at);
    let mut rows = of_headcount(&count, &titles(state));
    rows.extend(of_happenings(&state.happenings(days, known_at), &titles(state)));
    let when = When { on, days, known_at };
    if args.csv && !session.json {
        return session.answer_with_file(&as_csv(&rows, &when)?);
    }
    session.answer(&as_json(&rows, &when), || as_text(&rows, &when, count.authorised))
}

/// Of which days the figures are.
struct When {
    on: CivilDate,
    days: Days,
    known_at: NumericDate,
}

/// A row of a table: what is counted, and the numbers.
struct Row {
    table: String,
    about: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, Value)>,
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

fn persons(table: &str, about: Vec<(&'static str, String)>, persons: u64) -> Row {
    Row { table: table.to_owned(), about, numbers: vec![("persons", persons.into())] }
}

fn of_headcount(count: &Headcount, titles: &BTreeSet<Title>) -> Vec<Row> {
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

fn of_happenings(found: &Happenings, titles: &BTreeSet<Title>) -> Vec<Row> {
    let about = |title: &Title, what: &Happening| {
        vec![("title", title.to_string()), ("event", what.word().to_owned())]
    };
    let mut rows = Vec::new();
    for (title, what) in titles.iter().flat_map(|title| Happening::ALL.map(|what| (title, what))) {
        let tally = found.counts.get(&(title.clone(), what)).copied().unwrap_or_default();
        let numbers = vec![("times", tally.times.into()), ("persons", tally.persons.into())];
        rows.push(Row { table: "happened".to_owned(), about: about(title, &what), numbers });
    }
    let details = found.details.iter().map(|((title, what, detail), tally)| {
        let table = format!("{}_by_{}", what.word(), detail.by);
        let mut about = about(title, what);
        about.push(("group", detail.word.to_owned()));
        let numbers = vec![("times", tally.times.into()), ("persons", tally.persons.into())];
        Row { table, about, numbers }
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
        rows.push(Row { table, about: about(title, what), numbers });
    }
    for ((title, what), without) in &found.without_application_day {
        if !found.from_application.contains_key(&(title.clone(), *what)) {
            let numbers = vec![("count", 0.into()), ("without_application_day", (*without).into())];
            let table = "days_from_application".to_owned();
            rows.push(Row { table, about: about(title, what), numbers });
        }
    }
    for ((title, what), spread) in &found.from_proposal {
        let table = "minutes_from_proposal".to_owned();
        rows.push(Row { table, about: about(title, what), numbers: numbers_of(spread) });
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

fn as_csv(rows: &[Row], when: &When) -> Result<Vec<u8>> {
    let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    csv.write_record(["table"].iter().chain(&ABOUT).chain(&REST))?;
    for row in rows {
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
                day(when.on, of_a_day),
                day(when.days.from(), !of_a_day),
                day(when.days.to(), !of_a_day),
                when.known_at.to_string(),
            ]);
            csv.write_record(record)?;
        }
    }
    Ok(csv.into_inner()?)
}

fn as_json(rows: &[Row], when: &When) -> Value {
    let mut tables: Map<String, Value> = Map::new();
    for row in rows {
        let about = row.about.iter().map(|(name, text)| ((*name).to_owned(), json!(text)));
        let numbers = row.numbers.iter().map(|(name, number)| ((*name).to_owned(), number.clone()));
        let object: Map<_, _> = about.chain(numbers).collect();
        let table = tables.entry(row.table.clone()).or_insert_with(|| json!([]));
        if let Value::Array(rows) = table {
            rows.push(object.into());
        }
    }
    json!({
        "on": when.on,
        "from": when.days.from(),
        "to": when.days.to(),
        "known_at": when.known_at.to_string(),
        "tables": tables,
    })
}

fn as_text(rows: &[Row], when: &When, authorised: u64) -> String {
    let people = if authorised == 1 { "person is" } else { "people are" };
    let mut text =
        format!("{authorised} {people} authorised on {}, as known at {}\n", when.on, when.known_at);
    let mut names = BTreeSet::new();
    let tables = rows.iter().filter(|row| row.table != CELLS && names.insert(&row.table));
    let mut in_period = false;
    for first in tables.filter(|row| !row.about.is_empty()) {
        if !first.is_of_a_day() && !in_period {
            in_period = true;
            let (from, to) = (when.days.from(), when.days.to());
            text.push_str(&format!("\nFrom {from} through {to}:\n"));
        }
        let of_table: Vec<_> =
            rows.iter().filter(|row| row.table == first.table && !row.is_nothing()).collect();
        let mut table = Table::new();
        let names = |row: &Row| -> Vec<String> {
            let about = row.about.iter().map(|(name, _)| (*name).to_owned());
            about.chain(row.numbers.iter().map(|(name, _)| name.replace('_', " "))).collect()
        };
        let widest = of_table.iter().max_by_key(|row| row.numbers.len());
        let Some(header) = widest.map(|row| names(row)) else { continue };
        table.load_style(presets::NOTHING).set_header(&header);
        for row in &of_table {
            let named: BTreeMap<String, String> = names(row).into_iter().zip(row.cells()).collect();
            table.add_row(header.iter().map(|name| named.get(name).cloned().unwrap_or_default()));
        }
        let title = first.table.replace('_', " ");
        text.push_str(&format!("\n{title}\n{}\n", fitted(&mut table, &[])));
    }
    text.trim_end().to_owned()
}

impl Row {
    fn about(&self, name: &str) -> &str {
        let found = self.about.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, text)| text)
    }

    /// Whether it is about a day; otherwise it is about a period.
    fn is_of_a_day(&self) -> bool {
        self.about("event").is_empty()
    }

    /// Whether it is about a period and says that nothing happened, which people need not read.
    fn is_nothing(&self) -> bool {
        !self.is_of_a_day() && self.numbers.iter().all(|(_, number)| *number == json!(0))
    }

    fn cells(&self) -> impl Iterator<Item = String> {
        let about = self.about.iter().map(|(_, text)| text.replace('_', " "));
        about.chain(self.numbers.iter().map(|(_, number)| number.to_string()))
    }
}
