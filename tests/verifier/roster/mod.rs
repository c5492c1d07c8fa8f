//! The library for rosters: reading, judging, comparing. No files, no terminal, no clock.

mod changes;
mod known;
mod rows;
mod table;

use std::num::NonZero;

use vernet_verifier::roster::{
    OfficeSeen, ReportHead, ReportRow, RosterError, RosterReport, RosterRow, RosterTable, Terms,
    WhatIsShown, judge_all, judge_row,
};

use crate::office::Office;

/// The report on a table that contains the certificates.
pub(crate) fn report(office: &Office, table: &str) -> Result<RosterReport, RosterError> {
    let table = RosterTable::read(table.as_bytes())?;
    let (compared, columns) = (table.compared(), table.free_columns());
    let knowledge = office.knowledge();
    let judge = |mut row: RosterRow| {
        let shown = match std::mem::take(&mut row.certificate) {
            text if text.is_empty() => WhatIsShown::Nothing,
            text => WhatIsShown::Text(text),
        };
        vec![judge_row(row, shown, |text| office.verdict_on(text, &knowledge), &terms(office))]
    };
    let judge = |rows: Vec<RosterRow>| rows.into_iter().flat_map(judge).collect();
    let rows = judge_all(table, NonZero::new(2).expect("two"), judge, |_| {})?;
    RosterReport::new(head(office, compared, columns), rows)
}

pub(crate) fn head(office: &Office, compared: Vec<String>, columns: Vec<String>) -> ReportHead {
    ReportHead {
        source: "staff.csv".into(),
        checked_at: office.now,
        expiring_days: terms(office).expiring_days,
        offices: vec![OfficeSeen::from(&office.knowledge())],
        compared,
        columns,
    }
}

pub(crate) fn terms(office: &Office) -> Terms {
    Terms { now: office.now, expiring_days: 30 }
}

/// The codes of the findings, or of the verdict that accepts.
pub(crate) fn codes(row: &ReportRow) -> Vec<&str> {
    match row.findings.as_slice() {
        [] => vec![row.code.as_str()],
        findings => findings.iter().map(|finding| finding.code.as_str()).collect(),
    }
}
