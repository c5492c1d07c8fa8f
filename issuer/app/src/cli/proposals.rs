//! `proposals`, `review`, `approve`, `reject`: the commands of the second officer.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::json;
use vernet_common::{KeyUse, NumericDate};
use vernet_host::{note, printable_lines, random};
use vernet_issuer::{Credentials, Error, Office, Review};
use vernet_register::{Digest, Statement};

use super::{
    Session, answers, import,
    look::Look,
    particulars,
    records::{HISTORY_SPARE, history_table},
    restored,
    terminal::{fitted, shown},
};

#[derive(Args)]
pub(super) struct SeqArgs {
    /// The number of the proposal, or of the suspension in an emergency
    seq: u64,
}

#[derive(Args)]
pub(super) struct ApproveArgs {
    /// The number of the proposal, or of the suspension in an emergency
    seq: u64,
    /// The hash that `review` showed: nothing else is approved, even if somebody changed it since
    #[arg(long, value_name = "HASH", value_parser = |text: &str| Digest::try_from(text.to_owned()))]
    sha256: Option<Digest>,
    /// Of an import: write what became of each row to a new file, as CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct RejectArgs {
    /// The number of the proposal
    seq: u64,
    /// Why, in one line
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// What waits for a second officer.
pub(super) fn list(session: &Session) -> Result<()> {
    let office = session.open()?;
    let now = session.reading_clock(&office)?;
    let state = office.register().state();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["no.", "proposed", "by", "what", "about"]);
    let mut objects = Vec::new();
    for (statement, proposal) in state.proposals() {
        let about = answers::whom(state, proposal, now);
        objects.push(json!({
            "proposal": statement.seq,
            "proposed_at": statement.recorded_at.to_string(),
            "officer": statement.officer.as_str(),
            "effect": proposal.effect(),
            "about": about,
            "documents": proposal.documents.len(),
        }));
        table.add_row([
            statement.seq.to_string(),
            statement.recorded_at.civil_date().to_string(),
            statement.officer.as_str().to_owned(),
            particulars::aim(proposal),
            about.join("; "),
        ]);
    }
    for statement in state.emergencies(now.civil_date()) {
        let known =
            statement.event.certificate().and_then(|number| state.current_certificate(number).ok());
        let about = known.map_or_else(String::new, |known| particulars::in_words(known.claims));
        objects.push(json!({
            "proposal": statement.seq,
            "proposed_at": statement.recorded_at.to_string(),
            "officer": statement.officer.as_str(),
            "effect": "confirmed",
            "about": [about],
            "documents": 0,
        }));
        table.add_row([
            statement.seq.to_string(),
            statement.recorded_at.civil_date().to_string(),
            statement.officer.as_str().to_owned(),
            "suspended in an emergency, to be confirmed".to_owned(),
            about,
        ]);
    }
    session.answer(&json!(objects), || match objects.is_empty() {
        true => "no proposal waits for an officer".to_owned(),
        false => fitted(&mut table, &[]),
    })
}

/// Everything that the second officer signs, and what to compare it with.
pub(super) fn review(session: &Session, args: &SeqArgs) -> Result<()> {
    let mut office = session.open()?;
    let now = session.reading_clock(&office)?;
    let proposal = office
        .register()
        .state()
        .open_proposal(args.seq)
        .ok()
        .map(|(_, proposal)| proposal.clone());
    let look = match proposal {
        Some(proposal) => Look::at(&mut office, &proposal, now)?,
        None => Look::nothing(),
    };
    let review = office.review(args.seq, now)?;
    let body = String::from_utf8(review.statement.to_bytes()?)?;
    let sha256 = Digest::of(body.as_bytes());
    let refused = review
        .refused
        .as_ref()
        .map(|error| json!({ "code": error.code(), "message": error.to_string() }));
    let documents = review.documents.iter().map(|document| {
        json!({
            "name": document.document.name,
            "sha256": document.document.sha256,
            "file": shown(&document.path),
            "fault": document.fault.as_ref().map(Error::code),
        })
    });
    let differences = review.differences.iter().map(
        |one| json!({ "what": one.what, "registered": one.registered, "proposed": one.proposed }),
    );
    let mut object = json!({
        "statement": review.statement,
        "signed_text": body,
        "sha256": sha256,
        "about": about(&office, &review),
        "differences": differences.collect::<Vec<_>>(),
        "history": review.history,
        "documents": documents.collect::<Vec<_>>(),
        "refused": refused,
        "doubts": review.doubts,
        "incoming_alerts": look.alerts(),
        "namesakes": look.namesakes(),
        "lapses": review.lapses,
    });
    if let Some(lost) = review.proposal.and_then(|proposal| office.lost(proposal, now)) {
        object["lost"] = restored::as_json(&office, &lost);
    }
    session.answer(&object, || in_words(&office, (&review, &look), now, &body, &sha256))
}

fn about(office: &Office, review: &Review<'_>) -> Vec<String> {
    let state = office.register().state();
    match (review.proposal, review.certificate) {
        (Some(proposal), _) => answers::whom(state, proposal, review.statement.recorded_at),
        (None, number) => {
            let known = number.and_then(|number| state.current_certificate(number).ok());
            known.map(|known| particulars::in_words(known.claims)).into_iter().collect()
        }
    }
}

fn in_words(
    office: &Office,
    (review, look): (&Review<'_>, &Look),
    now: NumericDate,
    body: &str,
    sha256: &Digest,
) -> String {
    let seq = review.statement.seq;
    let mut lines = summary(office, review, now);
    lines.push("what happened before:".into());
    match review.history.is_empty() {
        true => lines.push("  nothing".into()),
        false => lines.extend(
            fitted(&mut history_table(office.register().state(), &review.history), &HISTORY_SPARE)
                .lines()
                .map(|line| format!(" {line}")),
        ),
    }
    if !review.documents.is_empty() {
        lines.push("documents:".into());
    }
    lines.extend(review.documents.iter().map(|document| {
        let state = document
            .fault
            .as_ref()
            .map_or("unchanged".to_owned(), |fault| format!("NOT AS SIGNED: {fault}"));
        format!("  {}, {state}: {}", document.document.name, document.path.display())
    }));
    lines.extend(review.doubts.iter().map(answers::doubt_in_words));
    lines.extend(look.lines());
    lines.push(match &review.refused {
        Some(error) => format!("the rules do NOT allow it now: {error} [{}]", error.code()),
        None => "the rules allow it now".into(),
    });
    lines.push(format!("what the first officer signed, and you with it, sha256 {sha256}:\n{body}"));
    lines.push(format!(
        "Then: vernet-issuer approve {seq} --sha256 {sha256}\n  or: vernet-issuer reject {seq} --reason TEXT"
    ));
    lines.join("\n")
}

/// What it is, about whom, and what it changes.
fn summary(office: &Office, review: &Review<'_>, now: NumericDate) -> Vec<String> {
    let Statement { seq, officer, kid, recorded_at, .. } = review.statement;
    let aim = review
        .proposal
        .map_or("suspended in an emergency, to be confirmed".to_owned(), particulars::aim);
    let what = if review.proposal.is_some() { "proposal" } else { "statement" };
    let mut lines = vec![format!("{what} {seq}: {aim}")];
    lines.push(format!("  by {} with key {kid} at {recorded_at}", officer.as_str()));
    lines.extend(about(office, review).into_iter().map(|who| format!("  about {who}")));
    lines.extend(particulars::of(review).into_iter().map(|line| format!("  {line}")));
    let days = review.proposal.map(|proposal| (proposal.decided_on, proposal.effective_on));
    if let Some((decided_on, effective_on)) = days {
        lines.extend(decided_on.map(|day| format!("  decided on {day}")));
        lines.extend(effective_on.map(|day| format!("  effective on {day}")));
    }
    lines.extend(review.lapses.map(|day| format!("  to be approved before {day}: then it lapses")));
    if let Some(lost) = review.proposal.and_then(|proposal| office.lost(proposal, now)) {
        let lost = restored::in_words(office, &lost);
        lines.extend(lost.into_iter().map(|line| format!("  {line}")));
    }
    lines.push("what it changes:".into());
    let difference = |one: &vernet_issuer::Difference| {
        let plain = |text: &str| match one.what.as_ref() {
            // The id of a key can have such a mark in it.
            "keys" | "roots" => text.to_owned(),
            _ => text.replace('_', " "),
        };
        format!(
            "  {}: {} -> {}",
            one.what.replace('_', " "),
            plain(&one.registered),
            plain(&one.proposed)
        )
    };
    lines.extend(review.differences.iter().map(difference));
    if let Some(proposal) = review.proposal.filter(|proposal| proposal.is_about_many()) {
        lines.extend(
            answers::many(office, proposal, review.statement.recorded_at)
                .map(|line| format!("  {line}")),
        );
    } else if review.differences.is_empty() {
        lines.push(match review.proposal {
            Some(_) => {
                "  nothing that the register knows: another certificate of the same kind".into()
            }
            None => "  nothing: it ends on the same day without you".into(),
        });
    }
    lines
}

pub(super) fn approve(session: &Session, args: &ApproveArgs) -> Result<()> {
    let mut office = session.open()?;
    // The state that was read can no longer be exchanged: the approval carries the hash of its last
    // statement.
    if args
        .sha256
        .is_some_and(|reviewed| office.register().state().hash(args.seq) != Some(reviewed))
    {
        return Err(vernet_register::Error::ApprovalMismatch {
            seq: args.seq,
            reason: "it is not what was reviewed",
        }
        .into());
    }
    // Nobody types a passphrase for what they have not seen, or for what is refused anyway.
    let now = session.reading_clock(&office)?;
    let review = office.review(args.seq, now)?;
    let mut lines = summary(&office, &review, now);
    lines.extend(review.doubts.iter().map(answers::doubt_in_words));
    note(format_args!("About to approve:\n{}", printable_lines(&lines.join("\n"))));
    if let Some(refused) = review.refused {
        return Err(refused.into());
    }
    let officer = session.officer()?;
    let proposal = office.register().state().open_proposal(args.seq).ok();
    let (many, issues) = proposal
        .map_or((false, false), |(_, proposal)| (proposal.is_about_many(), proposal.issues()));
    if many {
        return import::approve(
            session,
            &mut office,
            (args.seq, args.report.as_deref()),
            &*officer,
        );
    }
    let credentials =
        issues.then(|| session.credentials_for(&office, &[KeyUse::Certificate])).transpose()?;
    let credentials = credentials.as_ref().map(|known| known as &dyn Credentials);
    let statement = session.as_of_now(&mut office, |office, now| {
        office.approve(args.seq, credentials, (&*officer, now), &mut random())
    })?;
    answers::recorded(session, office.register().state(), &statement)
}

pub(super) fn reject(session: &Session, args: &RejectArgs) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let statement = session.as_of_now(&mut office, |office, now| {
        office.register_mut().reject(args.seq, &args.reason, &*officer, now)
    })?;
    answers::recorded(session, office.register().state(), &statement)
}
