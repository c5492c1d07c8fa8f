//! `check`: the verdict on each input.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use vernet_common::NumericDate;
use vernet_host::{clock, parse_time, printable, printable_json};
use vernet_verifier::{Colour, Policy, Verdict, receipt::Checked};

use super::{
    colour::in_colour,
    past::{self, PastArgs},
    receipts::{Filed, ReceiptArgs, ReceiptWriter},
    source::SourceArgs,
    statement::{self, Judged},
    warnings::{warn_of_unknown_office, warn_of_what_comes},
};
use crate::{
    global::Global,
    picture::{self, Presented},
};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Files with the text, a picture of the code, or the letter as PDF; a link; digits; or `-` for
    /// standard input
    #[arg(required = true)]
    input: Vec<String>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    past: PastArgs,
    /// Judge as if it were this time: `2026-11-22T10:00:00Z`, or `2026-11-22` for the start of
    /// that day in Oslo
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<NumericDate>,
    /// The age of a status list from which it does not count any more
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u16).range(1..=720))]
    max_status_age: Option<u16>,
    #[command(flatten)]
    receipts: ReceiptArgs,
}

pub(super) fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode> {
    let now = args.at.map_or_else(clock, Ok)?;
    let receipts = args.receipts.writer(args.input.len())?;
    let offices = args.source.offices(&global.store()?)?;
    let mut policy = Policy::default();
    if let Some(hours) = args.max_status_age {
        policy.max_status_age_s = i64::from(hours) * 3600;
    }
    offices.known().for_each(|office| warn_of_what_comes(office, &policy, now));
    if let Some(asked) = args.past.asked()? {
        return past::run(global, &args.input, &offices, &asked, (&policy, now));
    }

    let mut worst = ExitCode::SUCCESS;
    let mut failed = false;
    for argument in &args.input {
        let verify = |text: &str| offices.check(text, &policy, now).into_verdict();
        let presented = match picture::read(argument, |contents| contents.distinct(verify)) {
            Ok(presented) => presented,
            Err(error) => {
                global.complain(&error);
                failed = true;
                continue;
            }
        };
        if let Some(receipts) = &receipts {
            receipts.has_room_for(presented.len())?;
        }
        let several = args.input.len() > 1 || presented.len() > 1;
        for Presented { name, text, statements } in presented {
            let (verdict, statements, receipt) = match text {
                Ok(text) => {
                    let chosen = offices.check(&text, &policy, now);
                    warn_of_unknown_office(
                        chosen.verdict().code(),
                        chosen.verdict().certificate().is_some(),
                    );
                    let judge = |s: &String| match chosen.office() {
                        Some(office) => statement::judge(s, &text, office, &policy, now),
                        None => Err(None),
                    };
                    let judged = statements.iter().map(judge).collect();
                    let receipt = file_receipt(receipts.as_ref(), chosen.checked());
                    (chosen.into_verdict(), judged, receipt)
                }
                Err(error) => {
                    let receipt = file_receipt(receipts.as_ref(), None);
                    (Verdict::unread(error, now), Vec::new(), receipt)
                }
            };
            let receipt = receipt.unwrap_or_else(|error| {
                global.complain(&error);
                failed = true;
                None
            });
            if verdict.colour() != Colour::Accepted || statements.iter().any(Result::is_err) {
                worst = ExitCode::from(1);
            }
            print(global, &name, (&verdict, &statements, receipt.as_ref()), several)?;
        }
    }
    Ok(if failed { ExitCode::from(2) } else { worst })
}

/// Writes a receipt if one is wanted and there is a check to record.
fn file_receipt(
    receipts: Option<&ReceiptWriter>,
    checked: Option<&Checked<'_>>,
) -> Result<Option<Filed>> {
    let Some(receipts) = receipts else { return Ok(None) };
    let Some(checked) = checked else {
        anstream::eprintln!(
            "warning: no receipt: nothing was read that could be a certificate, there are no lists of its office, or this program is too old for them"
        );
        return Ok(None);
    };
    receipts.file(checked).map(Some)
}

fn print(
    global: &Global,
    name: &str,
    (verdict, statements, receipt): (&Verdict, &[Judged], Option<&Filed>),
    several: bool,
) -> Result<()> {
    if global.json {
        let mut object = serde_json::to_value(verdict).context("writing the verdict as JSON")?;
        object["input"] = name.into();
        if !statements.is_empty() {
            object["statements"] = statements.iter().map(statement::object).collect();
        }
        if let Some(Filed { file, jws }) = receipt {
            object["receipt"] = jws.as_str().into();
            object["receipt_file"] = file.display().to_string().into();
        }
        anstream::println!("{}", printable_json(&object));
        return Ok(());
    }
    if several {
        anstream::println!("{}", printable(name));
    }
    anstream::println!("{}", coloured(verdict));
    for judged in statements {
        anstream::println!("{}", statement::in_words(judged));
    }
    if let Some(Filed { file, .. }) = receipt {
        anstream::println!("  receipt in {}", printable(&file.display().to_string()));
    }
    Ok(())
}

/// The text of a verdict, with its headline in colour.
fn coloured(verdict: &Verdict) -> String {
    in_colour(verdict.colour(), verdict.code().headline(), &verdict.to_string())
}
