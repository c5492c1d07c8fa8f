//! `sent`: papers that were printed or sent are recorded.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use vernet_common::{CertificateNumber, CivilDate, NumericDate};
use vernet_host::files::read_capped;
use vernet_issuer::{Office, read_certificate_numbers};
use vernet_register::{
    Decision, Dispatched, Event, Handling, OfficerSigner, Paper, Role, Statement,
};

use super::Session;

#[derive(Args)]
#[command(
    after_help = "No address is stored: the register holds none, and whoever sends the letters finds them in the office's own system, by the health personnel number in the list of recipients."
)]
pub(super) struct SentArgs {
    /// The certificates in the letters
    #[arg(required_unless_present_any = ["batch", "decision"], conflicts_with = "decision")]
    number: Vec<CertificateNumber>,
    /// Those in a table, in its column `certificate_number`: the list of recipients that `export
    /// --all --together` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["number", "decision"])]
    batch: Option<PathBuf>,
    /// The letter about this decision, by the number of its statement
    #[arg(long, value_name = "STATEMENT")]
    decision: Option<u64>,
    /// What they were
    #[arg(long, value_enum, default_value = "letter", conflicts_with = "decision")]
    what: PaperArg,
    /// They were printed, and not sent yet
    #[arg(long)]
    printed: bool,
    /// On this day; today if not given
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// To whom, if not to the holder; no address
    #[arg(long, value_name = "TEXT", value_parser = one_line)]
    to: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PaperArg {
    /// The letter with the certificate
    Letter,
    /// The card
    Card,
    /// The statement for authorities of other states
    Ccps,
}

impl From<PaperArg> for Paper {
    fn from(arg: PaperArg) -> Self {
        match arg {
            PaperArg::Letter => Self::Letter,
            PaperArg::Card => Self::Card,
            PaperArg::Ccps => Self::ProfessionalStatus,
        }
    }
}

pub(super) fn run(session: &Session, args: &SentArgs) -> Result<()> {
    let mut numbers = match &args.batch {
        Some(file) => read_numbers(file)?,
        None => args.number.clone(),
    };
    numbers.sort();
    numbers.dedup();
    let (mut office, officer) = (session.open()?, session.officer()?);
    let papers = Dispatched {
        what: args.decision.map_or(args.what.into(), |_| Paper::DecisionLetter),
        how: if args.printed { Handling::Printed } else { Handling::Sent },
        certificates: numbers,
        decision: args.decision,
        to: args.to.clone(),
    };
    if args.decision.is_none() && papers.certificates.is_empty() {
        bail!("which letters? Give the certificates' numbers, `--batch FILE` or `--decision`");
    }
    let recorded = record(session, &mut office, &*officer, &papers, args.on)?;
    let [first, .., last] = &recorded[..] else {
        let Some(only) = recorded.first() else { return Ok(()) };
        return answer(session, &papers, (only, only));
    };
    answer(session, &papers, (first, last))
}

fn answer(
    session: &Session,
    papers: &Dispatched,
    (first, last): (&Statement, &Statement),
) -> Result<()> {
    let (count, on) = (papers.certificates.len(), last.effective_on);
    let object = json!({
        "statement": first.seq,
        "last_statement": last.seq,
        "event": last.event.name(),
        "what": papers.what.word(),
        "how": papers.how.word(),
        "on": on,
        "certificates": count,
        "decision": papers.decision,
        "to": papers.to,
    });
    session.answer_done(&format!("statement {} IS recorded", last.seq), &object, || {
        let what = match papers.decision {
            Some(decision) => format!("the letter about decision {decision}"),
            None => format!("{} of {count} certificates", papers.what.word().replace('_', " ")),
        };
        format!("statement {}: {what}, {} on {on}", last.seq, papers.how.word())
    })
}

/// The certificates in a table.
pub(super) fn read_numbers(file: &Path) -> Result<Vec<CertificateNumber>> {
    const MOST_BYTES: usize = 64 << 20;
    let name = || format!("`{}`", file.display());
    let bytes = read_capped(file, MOST_BYTES).with_context(name)?;
    read_certificate_numbers(&bytes).with_context(name)
}

/// Checks, before anything is written, that an officer may record what is sent.
pub(super) fn check_may_record(
    office: &Office,
    officer: &dyn OfficerSigner,
    now: NumericDate,
) -> Result<()> {
    let (kid, today) = (officer.officer_key().kid(), now.civil_date());
    let roles = [Role::Grant, Role::Supervise];
    office.register().state().officers().in_role(kid, today, &roles)?;
    Ok(())
}

/// Records papers, in as many statements as it takes: one, up to 10,000 certificates.
pub(super) fn record(
    session: &Session,
    office: &mut Office,
    officer: &dyn OfficerSigner,
    papers: &Dispatched,
    on: Option<CivilDate>,
) -> Result<Vec<Statement>> {
    let mut parts: Vec<Dispatched> = papers
        .certificates
        .chunks(Dispatched::MOST)
        .map(|numbers| Dispatched { certificates: numbers.to_vec(), ..papers.clone() })
        .collect();
    if parts.is_empty() {
        parts.push(papers.clone());
    }
    let mut recorded = Vec::new();
    for part in parts {
        let event = Event::Dispatched(Box::new(part));
        recorded.push(session.as_of_now(office, |office, now| {
            let decided_on = on.unwrap_or_else(|| now.civil_date());
            let decision = Decision { decided_on, ..Decision::today(now) };
            office.register_mut().record(event.clone(), officer, &decision)
        })?);
    }
    Ok(recorded)
}

/// There is room on the page for two lines of it.
pub(super) fn one_line(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        line if (1..=120).contains(&line.len()) && !line.contains(char::is_control) => {
            Ok(line.to_owned())
        }
        _ => Err("one line of 1 to 120 bytes"),
    }
}
