//! `check --on`: was she authorised on that day? By a signed history, or by an archive of old
//! publications.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use vernet_common::{CivilDate, NumericDate, SignedHistory};
use vernet_host::{files::read_capped, printable, printable_json};
use vernet_verifier::{
    ArchiveCheck, Code, Colour, Error, HistoryVerdict, Knowledge, PastCode, PastSource, Policy,
    Question, TrustedHistory, was_authorised,
};

use super::{
    archive,
    colour::in_colour,
    picture::{self, Presented},
    source::Offices,
};
use crate::{global::Global, refusal::Refusal};

#[derive(Args)]
pub(super) struct PastArgs {
    /// Was the holder authorised on this day in the past? Needs a history from the office, or an
    /// archive of its publications
    // A receipt is about a check of now.
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

/// A question, and what the answer shall rest on.
pub(super) struct Asked<'a> {
    question: Question,
    evidence: Evidence<'a>,
}

enum Evidence<'a> {
    History(&'a Path),
    Archive(&'a Path),
}

impl PastArgs {
    /// What is asked about the past, if anything is.
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
        match picture::read(input) {
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
        print(global, &one.name, verdict, inputs.len() > 1)?;
    }
    Ok(if failed { ExitCode::from(2) } else { worst })
}

/// What every answer of one run has in common.
struct Desk<'a> {
    offices: &'a Offices,
    question: Question,
    policy: &'a Policy,
    now: NumericDate,
}

impl Desk<'_> {
    fn by_history(&self, file: &Path, presented: &[Presented]) -> Result<Vec<HistoryVerdict>> {
        let (history, office) =
            self.open_history(file).with_context(|| format!("the history `{}`", file.display()))?;
        let judge = |one: &Presented| match &one.text {
            Ok(text) => {
                was_authorised(text, &history, office, self.question, self.policy, self.now)
            }
            Err(error) => self.unread(error, PastSource::History),
        };
        Ok(presented.iter().map(judge).collect())
    }

    /// The history, and the office that vouches for it.
    fn open_history(&self, file: &Path) -> Result<(TrustedHistory, &Knowledge)> {
        let signed = SignedHistory::from_bytes(read_capped(file, SignedHistory::MAX_BYTES)?)
            .map_err(Refusal::History)?;
        let knows = |office: &&Knowledge| office.trust_list().key(signed.kid()).is_ok();
        // If nobody knows the key, the first office says so.
        let office = self.offices.known.iter().find(knows).or(self.offices.known.first());
        let office = office.context("no office is known")?;
        Ok((office.read_history(signed).map_err(Refusal::History)?, office))
    }

    fn by_archive(&self, folder: &Path, presented: &[Presented]) -> Result<Vec<HistoryVerdict>> {
        // An input is asked about at every office; the archive is read once.
        let (question, policy, now) = (self.question, self.policy, self.now);
        let of_office = |text: &str| -> Vec<ArchiveCheck<'_>> {
            self.offices
                .known
                .iter()
                .map(|office| ArchiveCheck::new(text, office, question, policy, now))
                .collect()
        };
        let mut checks: Vec<_> =
            presented.iter().map(|one| one.text.as_deref().map(of_office)).collect();
        archive::read(folder, &self.offices.known, |office, publication| {
            for check in checks.iter_mut().flatten().filter_map(|checks| checks.get_mut(office)) {
                check.look_at(publication);
            }
        })?;
        let judge = |checks: Result<Vec<ArchiveCheck<'_>>, &Error>| match checks {
            Ok(checks) => of_the_issuing_office(checks).context("no office is known"),
            Err(error) => Ok(self.unread(error, PastSource::Archive)),
        };
        checks.into_iter().map(judge).collect()
    }

    fn unread(&self, error: &Error, source: PastSource) -> HistoryVerdict {
        match error {
            Error::Photo(_) | Error::Pdf(_) => {
                HistoryVerdict::unreadable(error.clone(), self.question, source, self.now)
            }
            _ => HistoryVerdict::malformed(error.clone(), self.question, source, self.now),
        }
    }
}

/// As for a check of today: the office under whose key the signature held, then a doubt, then any
/// other refusal.
fn of_the_issuing_office(checks: Vec<ArchiveCheck<'_>>) -> Option<HistoryVerdict> {
    let weight = |verdict: &HistoryVerdict| match verdict.code() {
        _ if verdict.certificate().is_some() => 3,
        PastCode::Now(
            Code::KeyCompromised | Code::KeyNotValid | Code::NotIssued | Code::LogBehind,
        ) => 3,
        code if code.colour() == Colour::Undetermined => 2,
        PastCode::Now(Code::UntrustedIssuer) => 0,
        _ => 1,
    };
    checks.into_iter().map(ArchiveCheck::verdict).max_by_key(weight)
}

fn print(global: &Global, name: &str, verdict: &HistoryVerdict, several: bool) -> Result<()> {
    if global.json {
        let mut object = serde_json::to_value(verdict).context("writing the verdict as JSON")?;
        object["input"] = name.into();
        anstream::println!("{}", printable_json(&object));
        return Ok(());
    }
    if several {
        anstream::println!("{}", printable(name));
    }
    anstream::println!(
        "{}",
        in_colour(verdict.colour(), verdict.code().headline(), &verdict.to_string())
    );
    Ok(())
}
