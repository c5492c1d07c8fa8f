//! `figures`: how many are authorised on a day, what happened in a period, how long it took.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};
use vernet_common::CivilDate;
use vernet_issuer::{FigureRow, Figures};
use vernet_register::Days;

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
    let figures = Figures::of(office.register().state(), on, days, known_at);
    if args.csv && !session.json {
        return session.answer_with_file(&figures.to_csv());
    }
    session.answer(&as_json(&figures), || as_text(&figures))
}

fn as_json(figures: &Figures) -> Value {
    let mut tables: Map<String, Value> = Map::new();
    for row in &figures.rows {
        let about = row.about.iter().map(|(name, text)| ((*name).to_owned(), json!(text)));
        let numbers = row.numbers.iter().map(|(name, number)| ((*name).to_owned(), number.clone()));
        let object: Map<_, _> = about.chain(numbers).collect();
        let table = tables.entry(row.table.clone()).or_insert_with(|| json!([]));
        if let Value::Array(rows) = table {
            rows.push(object.into());
        }
    }
    json!({
        "on": figures.on,
        "from": figures.days.from(),
        "to": figures.days.to(),
        "known_at": figures.known_at.to_string(),
        "tables": tables,
    })
}

fn as_text(figures: &Figures) -> String {
    let (rows, authorised) = (&figures.rows, figures.authorised);
    let people = if authorised == 1 { "person is" } else { "people are" };
    let mut text = format!(
        "{authorised} {people} authorised on {}, as known at {}\n",
        figures.on, figures.known_at
    );
    let mut names = BTreeSet::new();
    let tables = rows.iter().filter(|row| !row.is_cell() && names.insert(&row.table));
    let mut in_period = false;
    for first in tables.filter(|row| !row.about.is_empty()) {
        if !first.is_of_a_day() && !in_period {
            in_period = true;
            let (from, to) = (figures.days.from(), figures.days.to());
            text.push_str(&format!("\nFrom {from} through {to}:\n"));
        }
        let of_table: Vec<_> =
            rows.iter().filter(|row| row.table == first.table && !row.is_nothing()).collect();
        let mut table = Table::new();
        let names = |row: &FigureRow| -> Vec<String> {
            let about = row.about.iter().map(|(name, _)| (*name).to_owned());
            about.chain(row.numbers.iter().map(|(name, _)| name.replace('_', " "))).collect()
        };
        let widest = of_table.iter().max_by_key(|row| row.numbers.len());
        let Some(header) = widest.map(|row| names(row)) else { continue };
        table.load_style(presets::NOTHING).set_header(&header);
        for row in &of_table {
            let named: BTreeMap<String, String> = names(row).into_iter().zip(cells(row)).collect();
            table.add_row(header.iter().map(|name| named.get(name).cloned().unwrap_or_default()));
        }
        let title = first.table.replace('_', " ");
        text.push_str(&format!("\n{title}\n{}\n", fitted(&mut table, &[])));
    }
    text.trim_end().to_owned()
}

fn cells(row: &FigureRow) -> impl Iterator<Item = String> {
    let about = row.about.iter().map(|(_, text)| text.replace('_', " "));
    about.chain(row.numbers.iter().map(|(_, number)| number.to_string()))
}
