//! `import`, `propose import`, `propose reissue --all`, and the approval of either: decisions about
//! many.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use vernet_common::{KeyId, KeyUse};
use vernet_host::{note, random};
use vernet_issuer::{Bulk, Error, ImportReport, Office, RowReport, write_new_secret};
use vernet_register::{Documents, Event, OfficerSigner, ReissueReason};

use super::{
    Session, answers,
    look::Look,
    terminal::{fitted, progress, shown},
};

#[derive(Args)]
pub(super) struct ImportArgs {
    /// The table, as CSV: see docs/IMPORT.md
    file: PathBuf,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
pub(super) struct ProposeImportArgs {
    /// The table, as CSV: see docs/IMPORT.md. The office keeps a copy, and both officers sign its
    /// hash
    file: PathBuf,
    #[command(flatten)]
    how: How,
    /// Another document that it rests on. As often as needed
    #[arg(long, value_name = "FILE")]
    document: Vec<PathBuf>,
}

#[derive(Args)]
struct How {
    /// Grant each row that the rules allow, and report the others; otherwise it is all rows or
    /// none
    #[arg(long)]
    each: bool,
    /// Write what becomes of each row to a new file, as CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Shows what would become of each row. Nothing is recorded.
pub(super) fn check(session: &Session, args: &ImportArgs) -> Result<()> {
    let mut office = session.open()?;
    let now = session.reading_clock(&office)?;
    let document = Documents::read(&args.file)?;
    let table = office.read_import(document.bytes(), now)?;
    let report = office.check_import(&table, now);
    let found = Look::at_rows(&mut office, &table, now)?;
    write_report(args.how.report.as_deref(), &report)?;
    let object = object(
        &report,
        &json!({
            "table": shown(&args.file),
            "sha256": document.document().sha256,
            "incoming_alerts": found.alerts(),
            "namesakes": found.namesakes(),
        }),
    );
    session.answer(&object, || {
        let rest = match report.refused().count() {
            0 => format!(
                "Nothing is recorded. Then: vernet-issuer propose import {}",
                args.file.display()
            ),
            _ if args.how.each => {
                format!(
                    "Nothing is recorded. Then: vernet-issuer propose import --each {}",
                    args.file.display()
                )
            }
            _ => "Nothing is recorded. Mend the rows, or leave them out with --each".to_owned(),
        };
        format!("{}{}{}\n{rest}", refused_table(&report), summary(&report), look(&found))
    })?;
    Ok(report.check(args.how.each).map_err(Error::from)?)
}

pub(super) fn propose(session: &Session, args: &ProposeImportArgs) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let document = Documents::read(&args.file)?;
    let each = args.how.each;
    // Before anything is recorded, as for one grant.
    let now = session.checked_clock(&office)?;
    let table = office.read_import(document.bytes(), now)?;
    let found = Look::at_rows(&mut office, &table, now)?;
    let proposed = session.as_of_now(&mut office, |office, now| {
        office.propose_import((&document, each), &args.document, &*officer, now)
    });
    let (statement, report) = proposed?;
    write_report(args.how.report.as_deref(), &report)?;
    let seq = statement.seq;
    let object = object(
        &report,
        &json!({
            "proposal": seq,
            "each": each,
            "officer": statement.officer.as_str(),
            "incoming_alerts": found.alerts(),
            "namesakes": found.namesakes(),
        }),
    );
    session.answer_done(&format!("the proposal IS recorded, as statement {seq}"), &object, || {
        let (rows, look) = (summary(&report), look(&found));
        format!("proposal {seq}: to import {rows}{look}\n{}", answers::until_approved(seq))
    })
}

pub(super) fn propose_reissue(
    session: &Session,
    (of_key, reason): (KeyId, ReissueReason),
    files: &[PathBuf],
) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let (statement, count) = session.as_of_now(&mut office, |office, now| {
        office.propose_reissue_all((of_key, reason), files, &*officer, now)
    })?;
    let seq = statement.seq;
    let object =
        json!({ "proposal": seq, "of_key": of_key, "reason": reason, "certificates": count });
    session.answer_done(&format!("the proposal IS recorded, as statement {seq}"), &object, || {
        format!(
            "proposal {seq}: to sign {count} certificates of key {of_key} anew\n{}",
            answers::until_approved(seq)
        )
    })
}

/// Carries out a proposal about many. If it is interrupted, finished work is kept, and the same
/// command continues.
pub(super) fn approve(
    session: &Session,
    office: &mut Office,
    (seq, report_file): (u64, Option<&Path>),
    officer: &dyn OfficerSigner,
) -> Result<()> {
    let credentials = session.credentials_for(office, &[KeyUse::Certificate])?;
    let mut bulk = session
        .as_of_now(office, |office, now| office.begin_bulk(seq, &credentials, (officer, now)))?;
    let bar = progress("signing certificates");
    bar.set_length(bulk.len() as u64);
    let carried_out = carry_out(session, office, &mut bulk, officer, &bar);
    bar.finish_and_clear();
    if carried_out.is_err() && bulk.done() > 0 {
        note(format_args!(
            "{} of {} were dealt with and stay so; the same command goes on with the rest",
            bulk.done(),
            bulk.len()
        ));
    }
    let certificates = carried_out?;
    match bulk.report() {
        Some(report) => {
            write_report(report_file, report)?;
            let object = object(
                report,
                &json!({ "approves": seq, "event": "completed", "certificates": certificates }),
            );
            session.answer_done(&done(seq), &object, || {
                format!("{}{}\n{NEXT}", refused_table(report), summary(report))
            })
        }
        None => {
            let pairs = bulk
                .reissued()
                .iter()
                .map(|(old, new)| json!({ "previous": old, "certificate_number": new }));
            let pairs: Vec<_> = pairs.collect();
            let object = json!({ "approves": seq, "event": "completed", "certificates": certificates, "reissued": pairs });
            session.answer_done(&done(seq), &object, || {
                format!("{certificates} certificates were signed anew; the ones before are invalid\n{NEXT}")
            })
        }
    }
}

const NEXT: &str = "They are verified once the status list is published: vernet-issuer publish\n\
                    Then: vernet-issuer export --all --out DIR --format pdf";

fn carry_out(
    session: &Session,
    office: &mut Office,
    bulk: &mut Bulk,
    officer: &dyn OfficerSigner,
    bar: &ProgressBar,
) -> Result<u64> {
    loop {
        let step = |office: &mut Office, now| office.bulk_step(bulk, (officer, now), &mut random());
        let end = session.as_of_now(office, step)?;
        bar.set_position(bulk.done() as u64);
        if let Some(Event::Completed { certificates }) = end.map(|statement| statement.event) {
            return Ok(certificates);
        }
    }
}

fn done(seq: u64) -> String {
    format!("proposal {seq} IS carried out")
}

/// The report names people, so only its owner may read it.
fn write_report(file: Option<&Path>, report: &ImportReport) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    let mut bytes = Vec::new();
    report.write_csv(&mut bytes)?;
    Ok(write_new_secret(file, &bytes).map_err(Error::from)?)
}

fn object(report: &ImportReport, more: &Value) -> Value {
    let rows = report.rows.iter().map(|RowReport { line, hpr_number, outcome }| {
        json!({
            "line": line,
            "hpr_number": hpr_number,
            "outcome": outcome.word(),
            "code": outcome.code(),
            "message": outcome.message(),
            "certificate_number": outcome.certificate(),
        })
    });
    let mut object = more.clone();
    for word in ["passes", "granted", "already_there", "refused"] {
        object[word] = json!(report.count(word));
    }
    object["rows"] = rows.collect();
    object
}

/// What an officer has to look at, one line each.
fn look(found: &Look) -> String {
    found.lines().map(|line| format!("\n{line}")).collect()
}

fn summary(report: &ImportReport) -> String {
    let words = [
        ("passes", "pass"),
        ("granted", "granted"),
        ("already_there", "there already"),
        ("refused", "refused"),
    ];
    let counts = words.map(|(word, shown)| (report.count(word), shown));
    let counts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, shown)| format!("{count} {shown}"))
        .collect();
    format!("{} rows: {}", report.rows.len(), counts.join(", "))
}

/// The rows that need attention; there may be a hundred thousand others.
fn refused_table(report: &ImportReport) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["line", "HPR number", "code", "why"]);
    for RowReport { line, hpr_number, outcome } in report.refused() {
        let (code, why) =
            (outcome.code().unwrap_or_default(), outcome.message().unwrap_or_default());
        table.add_row([&line.to_string(), hpr_number, code, why]);
    }
    if table.is_empty() { String::new() } else { format!("{}\n", fitted(&mut table, &[])) }
}
