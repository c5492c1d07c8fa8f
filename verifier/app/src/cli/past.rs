//! `check --on`: whether the holder was authorised on a given day, by a signed history or by an
//! archive of old publications.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use vernet_common::{CivilDate, NumericDate, SignedHistory};
use vernet_host::{files::read_capped, printable, printable_json};
use vernet_verifier::{
    Colour, InputError, Offices, Policy,
    offices::{ArchiveChecks, OfficeHistory},
    past::{HistoryVerdict, PastCode, PastSource, Question},
};

use super::{archive, colour::in_colour, warnings::warn_of_unknown_office};
use crate::{
    global::Global,
    picture::{self, Presented},
    refusal::Refusal,
};

#[derive(Args)]
pub(super) struct PastArgs {
    /// Was the holder authorised on this day in the past? Needs a history from the office, or an
    /// archive of its publications
    // A receipt is about a check made now.
    #[arg(long, value_name = "DATE", requires = "evidence", conflicts_with = "receipt")]
    on: Option<CivilDate>,
    /// By what was known at the end of this day: what was decided later does not count
    #[arg(long, value_name = "DATE", requires = "on")]
    known_on: Option<CivilDate>,
    /// A history that the office signed, for those who are entitled to it
    #[arg(long, value_name = "FILE", group = "evidence", requires = "on")]
    history: Option<PathBuf>,
    /// A folder with old publications, or only their `bundle.json`, in any layout: answers as far
    /// as it reaches
    #[arg(long, value_name = "DIR", group = "evidence", requires = "on")]
    archive: Option<PathBuf>,
}

/// A question, and the evidence for its answer.
pub(super) struct Asked<'a> {
    question: Question,
    evidence: Evidence<'a>,
}

enum Evidence<'a> {
    History(&'a Path),
    Archive(&'a Path),
}

impl PastArgs {
    /// The question about the past, if there is one.
    pub(super) fn asked(&self) -> Result<Option<Asked<'_>>> {
        let Some(on) = self.on else { return Ok(None) };
        let evidence = match (&self.history, &self.archive) {
            (Some(history), None) => Evidence::History(history),
            (None, Some(archive)) => Evidence::Archive(archive),
            _ => bail!("give either `--history FILE` or `--archive DIR`"),
        };
        Ok(Some(Asked { question: Question { on, known_on: self.known_on }, evidence }))
    }
}

pub(super) fn run(
    global: &Global,
    inputs: &[String],
    offices: &Offices,
    asked: &Asked<'_>,
    (policy, now): (&Policy, NumericDate),
) -> Result<ExitCode> {
    let mut failed = false;
    let mut presented = Vec::new();
    for input in inputs {
        let verify = |text: &str| offices.check(text, policy, now).into_verdict();
        match picture::read(input, |contents| contents.distinct(verify)) {
            Ok(found) => presented.extend(found),
            Err(error) => {
                global.complain(&error);
                failed = true;
            }
        }
    }
    let desk = Desk { offices, question: asked.question, policy, now };
    let verdicts = match asked.evidence {
        Evidence::History(file) => desk.by_history(file, &presented)?,
        Evidence::Archive(folder) => desk.by_archive(folder, &presented)?,
    };
    let mut worst = ExitCode::SUCCESS;
    for (one, verdict) in presented.iter().zip(&verdicts) {
        if verdict.colour() != Colour::Accepted {
            worst = ExitCode::from(1);
        }
        if let PastCode::Now(code) = verdict.code() {
            warn_of_unknown_office(code, verdict.certificate().is_some());
        }
        print(global, &one.name, verdict, presented.len() > 1)?;
    }
    Ok(if failed { ExitCode::from(2) } else { worst })
}

/// What all answers of one run share.
struct Desk<'a> {
    offices: &'a Offices,
    question: Question,
    policy: &'a Policy,
    now: NumericDate,
}

impl Desk<'_> {
    fn by_history(&self, file: &Path, presented: &[Presented]) -> Result<Vec<HistoryVerdict>> {
        let history =
            self.open_history(file).with_context(|| format!("the history `{}`", file.display()))?;
        let judge = |one: &Presented| match &one.text {
            Ok(text) => history.was_authorised(text, self.question, self.policy, self.now),
            Err(error) => self.unread(error, PastSource::History),
        };
        Ok(presented.iter().map(judge).collect())
    }

    /// The history, and the office that vouches for it.
    fn open_history(&self, file: &Path) -> Result<OfficeHistory<'_>> {
        let signed = SignedHistory::from_bytes(read_capped(file, SignedHistory::MAX_BYTES)?)
            .map_err(Refusal::History)?;
        Ok(self.offices.read_history(signed).map_err(Refusal::History)?)
    }

    fn by_archive(&self, folder: &Path, presented: &[Presented]) -> Result<Vec<HistoryVerdict>> {
        // Each input is looked up at every office; the archive is read once.
        let (question, policy, now) = (self.question, self.policy, self.now);
        let ask = |text: &str| self.offices.archive_check(text, question, policy, now);
        let mut checks: Vec<_> = presented.iter().map(|one| one.text.as_deref().map(ask)).collect();
        let known: Vec<_> = self.offices.known().collect();
        archive::read(folder, &known, |office, publication| {
            checks.iter_mut().flatten().for_each(|check| check.look_at(office, publication));
        })?;
        let judge = |checks: Result<ArchiveChecks<'_>, &InputError>| match checks {
            Ok(checks) => checks.verdict(),
            Err(error) => self.unread(error, PastSource::Archive),
        };
        Ok(checks.into_iter().map(judge).collect())
    }

    fn unread(&self, error: &InputError, source: PastSource) -> HistoryVerdict {
        HistoryVerdict::unread(error.clone(), self.question, source, self.now)
    }
}

fn print(global: &Global, name: &str, verdict: &HistoryVerdict, several: bool) -> Result<()> {
    let advice = verdict.code().advice();
    // Advice that only the command line can give.
    let hint = match verdict.code() {
        PastCode::NotRecordedThen => ": ask without `--known-on`",
        _ => "",
    };
    if global.json {
        let mut object = serde_json::to_value(verdict).context("writing the verdict as JSON")?;
        object["advice"] = format!("{advice}{hint}").into();
        object["input"] = name.into();
        anstream::println!("{}", printable_json(&object));
        return Ok(());
    }
    if several {
        anstream::println!("{}", printable(name));
    }
    anstream::println!(
        "{}",
        in_colour(verdict.colour(), verdict.headline(), &format!("{verdict}{hint}"))
    );
    Ok(())
}
