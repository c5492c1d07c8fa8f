//! `decision-letter`: what a person is told of a decision.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use vernet_issuer::{Language, write_new_secret};

use super::{Session, export::Tongue, terminal::shown};

#[derive(Args)]
pub(super) struct DecisionLetterArgs {
    /// The number of the decision, or of its proposal
    #[arg(value_name = "STATEMENT")]
    seq: u64,
    /// Write it to this new file, as PDF
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// In which language
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    language: Option<Tongue>,
}

pub(super) fn run(session: &Session, args: &DecisionLetterArgs) -> Result<()> {
    let office = session.open()?;
    let language = args.language.map(Language::from);
    let now = session.releasing_clock(&office)?;
    let pdf = office.decision_letter(args.seq, language, now)?;
    // It is about a person.
    write_new_secret(&args.out, &pdf)?;
    session.answer(&json!({ "file": shown(&args.out), "bytes": pdf.len() }), || {
        format!("wrote {}", args.out.display())
    })
}
