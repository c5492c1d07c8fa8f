//! `documents`: which documents are kept, and which may be deleted when.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use serde_json::{Value, json};
use vernet_common::CivilDate;
use vernet_issuer::Office;
use vernet_register::{Act, Digest, Document, Documents, Event, Proposal, Statement};

use super::{Session, terminal::fitted};

#[derive(Subcommand)]
pub(super) enum DocumentsCommand {
    /// List the documents that proposals rest on, and from when on each may be deleted
    List(ListArgs),
    /// Delete the files that two officers decided to delete, if one was left by an interruption
    Sweep,
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only those that may be deleted on this day
    #[arg(long, value_name = "DATE")]
    deletable: Option<CivilDate>,
}

pub(super) fn run(session: &Session, command: &DocumentsCommand) -> Result<()> {
    match command {
        DocumentsCommand::List(args) => list(session, args),
        DocumentsCommand::Sweep => sweep(session),
    }
}

/// The proposals that rest on a document, with their numbers.
type Uses<'a> = Vec<(u64, &'a Proposal)>;

/// A document with the proposals that rest on it.
struct Kept<'a> {
    document: &'a Document,
    kind: &'static str,
    proposals: Vec<u64>,
    /// The first day on which it may be deleted; none if the settings say nothing, a proposal waits,
    /// or it is kept for ever.
    from: Option<CivilDate>,
    state: State<'a>,
}

enum State<'a> {
    Present,
    Deleted(&'a Statement, &'a str),
    Fault(&'static str),
}

fn list(session: &Session, args: &ListArgs) -> Result<()> {
    let office = session.open()?;
    let mut all = kept(&office);
    if let Some(on) = args.deletable {
        all.retain(|one| {
            matches!(one.state, State::Present) && one.from.is_some_and(|from| from <= on)
        });
    }
    let years = office.config().keep_documents_years;
    let object = json!({
        "keep_documents_years": years,
        "documents": all.iter().map(as_json).collect::<Vec<_>>(),
    });
    session.answer(&object, || {
        let mut table = Table::new();
        let header = ["document", "kind", "proposals", "deletable from", "state", "sha256"];
        table.load_style(presets::NOTHING).set_header(header);
        for one in &all {
            let proposals: Vec<_> = one.proposals.iter().map(ToString::to_string).collect();
            table.add_row([
                one.document.name.clone(),
                one.kind.to_owned(),
                proposals.join(", "),
                one.from.map_or_else(|| "-".to_owned(), |day| day.to_string()),
                in_words(&one.state),
                one.document.sha256.to_string(),
            ]);
        }
        let rule = match years {
            Some(years) => format!("kept for {years} years after the decision, as the office decided"),
            None => "no period is settled by any paragraph that could be confirmed [unverified]: enter `keep_documents_years` in the settings once the office has decided".to_owned(),
        };
        format!("{}\n{rule}", fitted(&mut table, &[]))
    })
}

fn as_json(one: &Kept<'_>) -> Value {
    let (state, deleted) = match &one.state {
        State::Present => ("present", Value::Null),
        State::Fault(code) => (*code, Value::Null),
        State::Deleted(statement, reason) => (
            "deleted",
            json!({ "statement": statement.seq, "on": statement.effective_on, "reason": reason }),
        ),
    };
    json!({
        "name": one.document.name,
        "sha256": one.document.sha256,
        "kind": one.kind,
        "proposals": one.proposals,
        "deletable_from": one.from,
        "state": state,
        "deleted": deleted,
    })
}

fn in_words(state: &State<'_>) -> String {
    match state {
        State::Present => "present".to_owned(),
        State::Fault(code) => format!("NOT AS SIGNED [{code}]"),
        State::Deleted(statement, reason) => deleted_in_words(statement, reason),
    }
}

/// That a document was deleted by duty.
pub(super) fn deleted_in_words(statement: &Statement, reason: &str) -> String {
    let Statement { seq, effective_on, .. } = statement;
    format!("deleted by duty on {effective_on}, statement {seq}, because: {reason}")
}

/// The statement that a missing document was deleted, with the reason.
pub(super) fn deletion(
    office: &Office,
    proposal: u64,
    sha256: Digest,
) -> Option<(&Statement, &str)> {
    let state = office.register().state();
    let deleted = state.deleted_document(sha256);
    let deleted = deleted.filter(|_| state.may_be_missing(proposal, sha256))?;
    match &deleted.event {
        Event::DocumentDeleted { reason, .. } => Some((deleted, reason)),
        _ => None,
    }
}

fn kept(office: &Office) -> Vec<Kept<'_>> {
    let (state, documents) = (office.register().state(), office.documents());
    let mut uses: BTreeMap<Digest, (&Document, Uses<'_>)> = BTreeMap::new();
    for statement in state.statements() {
        let Event::Proposed(proposal) = &statement.event else { continue };
        for document in &proposal.documents {
            let known = uses.entry(document.sha256).or_insert_with(|| (document, Vec::new()));
            known.1.push((statement.seq, proposal));
        }
    }
    uses.into_values()
        .map(|(document, uses)| kept_one(office, &documents, document, &uses))
        .collect()
}

fn kept_one<'a>(
    office: &'a Office,
    documents: &Documents,
    document: &'a Document,
    uses: &[(u64, &Proposal)],
) -> Kept<'a> {
    let register = office.register().state();
    let kind = kind(document, uses.last().map(|(_, proposal)| *proposal));
    let decided: Option<Vec<CivilDate>> = uses
        .iter()
        .map(|(seq, _)| register.decided_by(*seq).map(|by| by.recorded_at.civil_date()))
        .collect();
    let last = decided.and_then(|days| days.into_iter().max());
    let years = office.config().keep_documents_years;
    let from = years.zip(last).map(|(years, day)| day.plus_years(i16::from(years)));
    let proposals: Vec<u64> = uses.iter().map(|(seq, _)| *seq).collect();
    let gone = proposals.last().and_then(|seq| deletion(office, *seq, document.sha256));
    let state = match (documents.check_one(document), gone) {
        (Err(_), Some((deleted, reason))) => State::Deleted(deleted, reason),
        (Err(error), None) => State::Fault(error.code()),
        (Ok(()), _) => State::Present,
    };
    Kept { document, kind, proposals, from: from.filter(|_| kind != OFFICE_DATA), state }
}

const OFFICE_DATA: &str = "office data";

/// What a document was for.
fn kind(document: &Document, proposal: Option<&Proposal>) -> &'static str {
    let Some(proposal) = proposal else { return "other" };
    if proposal.document("data.json") == Some(document) {
        return OFFICE_DATA;
    }
    match &proposal.act {
        Act::Import { .. } if proposal.documents.first() == Some(document) => "import table",
        Act::Grant { .. } | Act::Import { .. } => "evidence of a grant",
        Act::Reissue { .. } | Act::ReissueAll { .. } => "evidence of a new certificate",
        Act::Decide { event } => match &**event {
            Event::Refused(_) => "evidence of a refusal",
            _ => "evidence of another decision",
        },
    }
}

fn sweep(session: &Session) -> Result<()> {
    let office = session.open()?;
    let swept = office.sweep_documents()?;
    session.answer(&json!({ "deleted": swept }), || match swept {
        0 => "no file was left".to_owned(),
        count => format!("deleted {count} files that were left"),
    })
}
