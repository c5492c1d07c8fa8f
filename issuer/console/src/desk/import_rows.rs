//! The rows of an import that is proposed, with what would become of each: what the second officer looks
//! at before signing.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use serde::Deserialize;
use vernet_register::{Application, RowOutcome};

use super::{
    guard::{Desk, PEOPLE, Who},
    problem::Trouble,
};
use crate::web::page::{Page, show};

/// How many rows are on a page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "desk/import_rows.html")]
struct RowsPage<'a> {
    page: &'a Page,
    who: &'a Who,
    seq: u64,
    passes: usize,
    there: usize,
    refused: usize,
    rows: Vec<Row<'a>>,
    part: usize,
    parts: usize,
}

struct Row<'a> {
    line: u64,
    application: Option<&'a Application>,
    outcome: &'static str,
    fault: Option<(&'static str, &'a str)>,
}

#[derive(Deserialize)]
pub(super) struct Shown {
    part: Option<usize>,
}

pub(super) async fn page(desk: Desk, Path(seq): Path<u64>, Query(shown): Query<Shown>) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let (table, report) = office.proposed_import(seq, desk.now).map_err(Trouble::from)?;
        desk.note("import", None, None)?;
        let having = |outcome: &str| report.count(outcome);
        let parts = report.rows.len().div_ceil(ROWS).max(1);
        let part = shown.part.unwrap_or(1).clamp(1, parts);
        let mut both: Vec<_> = table.rows().iter().zip(&report.rows).collect();
        // What is refused is looked at first.
        both.sort_by_key(|(_, report)| report.outcome.code().is_none());
        let rows = both.into_iter().skip((part - 1) * ROWS).take(ROWS);
        let rows = rows.map(|(row, report)| Row {
            line: row.line,
            application: row.application.as_ref().ok(),
            outcome: report.outcome.word(),
            fault: match &report.outcome {
                RowOutcome::Refused { code, message } => Some((*code, message.as_str())),
                _ => None,
            },
        });
        Ok(show(&RowsPage {
            page: &desk.page,
            who: &desk.who,
            seq,
            passes: having("passes"),
            there: having("already_there"),
            refused: having("refused"),
            rows: rows.collect(),
            part,
            parts,
        }))
    })
    .await
}
