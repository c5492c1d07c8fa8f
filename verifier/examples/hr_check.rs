//! An HR check: a table of staff against today's lists, and who needs attention.
//!
//! `hr_check [STAFF.csv]`: a table with the columns `certificate` (the text, the link, or the path
//! of a file below the table's folder), `staff_id` or `name`, and optionally `birthdate` and
//! others. Without arguments it uses the example's table.
use std::{
    env,
    error::Error,
    fs::{self, File},
    num::NonZero,
    path::{Component, Path},
    thread,
};

use vernet_verifier::{
    Bundle, Input, Knowledge, Memory, NumericDate, Policy, TrustAnchor, Verdict, documents,
    roster::{
        OfficeSeen, ReportHead, RosterReport, RosterRow, RosterTable, Terms, WhatIsShown,
        judge_all, judge_row,
    },
    verify,
};

fn main() -> Result<(), Box<dyn Error>> {
    let now: NumericDate = "2026-11-22T10:00:00Z".parse()?;
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data");
    let anchor = TrustAnchor::from_json(&fs::read(format!("{data}/roots.json"))?)?;
    let bundle = Bundle::from_json(&fs::read(format!("{data}/bundle.json"))?)?;
    let (mut memory, policy) = (Memory::new(&anchor), Policy::default());
    let knowledge = Knowledge::update(&bundle, &mut memory, &policy, now)?;

    let staff = env::args().nth(1).unwrap_or_else(|| format!("{data}/staff.csv"));
    let folder = Path::new(&staff).parent().unwrap_or(Path::new(""));
    let table = RosterTable::read(File::open(&staff)?)?;
    let about = ReportHead {
        source: staff.clone(),
        checked_at: now,
        expiring_days: 30,
        offices: vec![OfficeSeen::from(&knowledge)],
        compared: table.compared(),
        columns: table.free_columns(),
    };
    let terms = Terms { now, expiring_days: about.expiring_days };
    let judge = |mut row: RosterRow| {
        let shown = shown(&mut row, folder, now);
        judge_row(row, shown, |text| verify(text, &knowledge, &policy, now), &terms)
    };
    let judge = |rows: Vec<RosterRow>| rows.into_iter().map(judge).collect();
    let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let report = RosterReport::new(about, judge_all(table, threads, judge, |_done| ())?)?;

    for row in report.rows.iter().filter(|row| row.needs_attention()) {
        println!("{}: {}", row.called(), row.code);
        row.findings.iter().for_each(|finding| println!("  {}", finding.advice));
    }
    let summary = &report.summary;
    println!("{} of {} need attention", summary.need_attention, summary.rows);
    Ok(())
}

/// What a row contains: a certificate, or the file that it names.
fn shown(row: &mut RosterRow, folder: &Path, now: NumericDate) -> WhatIsShown {
    if row.certificate.is_empty() || row.fault.is_some() {
        return WhatIsShown::Nothing;
    }
    if row.certificate.contains("://") || Input::parse(&row.certificate).is_ok() {
        return WhatIsShown::Text(std::mem::take(&mut row.certificate));
    }
    row.file = std::mem::take(&mut row.certificate);
    // A table must not refer to files outside its folder.
    let path = Path::new(&row.file);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return WhatIsShown::FileOutside;
    }
    let Ok(bytes) = fs::read(folder.join(path)) else { return WhatIsShown::FileMissing };
    match documents::read(&bytes) {
        Ok(mut contents) if contents.certificates.len() == 1 => {
            WhatIsShown::Text(contents.certificates.remove(0))
        }
        Ok(contents) => WhatIsShown::Several { found: contents.certificates.len() },
        Err(error) => WhatIsShown::Verdict(Verdict::unread(error, now).into()),
    }
}
