//! Where trust and lists come from: the roots that a person provided, and a bundle.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use vernet_common::{Error, TrustAnchor};
use vernet_verifier::{FetchedLists, Office, Offices};

use crate::{
    fetch::{Tiles, read_bundle},
    refusal::{Refusal, in_line},
    store::{Store, entry_for, read_anchor},
};

#[derive(Args)]
pub(super) struct SourceArgs {
    /// A folder that an office published, or a copy of it; else what `sync` fetched last
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    publication: Option<PathBuf>,
    /// A bundle file, `bundle.json` of a publication
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The office's root keys, `roots.json`, for this run; else those pinned with `trust add`
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

impl SourceArgs {
    /// What is known of the trusted offices.
    pub(super) fn offices(&self, store: &Store) -> Result<Offices> {
        match self.bundle_file() {
            Some(file) => {
                let bundle = read_bundle(&file)?;
                let entry = entry_for(&bundle, self.roots.as_deref(), store)?;
                let mut lists = FetchedLists::new(bundle, &entry.memory);
                let tiles = Tiles::Folder(file.parent().unwrap_or(Path::new("")).join("log"));
                if !tiles.are_absent()
                    && let Err(error) = tiles.complete(&mut lists, || store.leaves(&entry.anchor))
                {
                    anstream::eprintln!(
                        "warning: the leaves of the log cannot be read: {}",
                        in_line(&error)
                    );
                }
                tell_of_evidence(store, &entry.anchor);
                let knowledge = store
                    .learn(&entry, &mut lists)
                    .with_context(|| format!("`{}`", file.display()))?;
                Ok(Offices::new(vec![Office::new(entry.anchor, Some(knowledge))]))
            }
            None => self.synced(store),
        }
    }

    fn bundle_file(&self) -> Option<PathBuf> {
        self.publication
            .as_ref()
            .map(|folder| folder.join("bundle.json"))
            .or_else(|| self.bundle.clone())
    }

    fn synced(&self, store: &Store) -> Result<Offices> {
        let (entries, mut damaged) = match &self.roots {
            Some(file) => (vec![store.entry(&read_anchor(file)?)?], Vec::new()),
            None => {
                let mut entries = store.entries()?;
                let damaged = entries.take_errors();
                (entries.pinned(), damaged)
            }
        };
        if entries.iter().all(|entry| entry.synced.is_none())
            && let Some(error) = damaged.pop()
        {
            return Err(error);
        }
        if entries.is_empty() {
            bail!(
                "no root keys are pinned: run `vernet-verifier trust add roots.json`, then `vernet-verifier sync URL`; or give \
                 `--roots roots.json --publication DIR`"
            );
        }
        if entries.iter().all(|entry| entry.synced.is_none()) {
            bail!(
                "no lists were fetched yet: run `vernet-verifier sync URL`, or give `--publication DIR`"
            );
        }
        entries.iter().for_each(|entry| tell_of_evidence(store, &entry.anchor));
        let (mut offices, mut overtaken) = (Vec::new(), Vec::new());
        for mut entry in entries {
            let learnt = entry.synced.take().map(|synced| {
                store.learn(&entry, &mut FetchedLists::new(synced.bundle, &entry.memory))
            });
            let knowledge = match learnt.transpose() {
                Ok(knowledge) => knowledge,
                Err(error) => {
                    overtaken.push(as_overtaken(&entry.anchor, error)?);
                    None
                }
            };
            offices.push(Office::new(entry.anchor, knowledge));
        }
        let mut offices = Offices::new(offices);
        if !damaged.is_empty() {
            damaged.iter().for_each(|error| anstream::eprintln!("warning: {}", in_line(error)));
            offices = offices.and_an_unknown_one();
        }
        // One office's old lists must not prevent verdicts on the certificates of another.
        let fatal = overtaken.pop_if(|_| offices.known().next().is_none());
        overtaken.iter().for_each(|error| anstream::eprintln!("warning: {}", in_line(error)));
        match fatal {
            Some(error) => Err(error),
            None => Ok(offices),
        }
    }
}

/// The error for an office of which newer lists were seen than those that `sync` keeps; any other
/// error is returned as `Err`.
fn as_overtaken(anchor: &TrustAnchor, error: anyhow::Error) -> Result<anyhow::Error> {
    let overtaken =
        |error: &Refusal| matches!(error, Refusal::Lists(Error::TrustListRolledBack { .. }));
    if !error.downcast_ref().is_some_and(overtaken) {
        return Err(error);
    }
    match error.downcast()? {
        Refusal::Lists(source) => Ok(Refusal::Overtaken { iss: anchor.iss.clone(), source }.into()),
        other => Err(other.into()),
    }
}

/// Warns at each run, until a person has dealt with the evidence.
fn tell_of_evidence(store: &Store, anchor: &TrustAnchor) {
    for evidence in store.evidence(anchor) {
        anstream::eprintln!(
            "ALARM: `{}` signed two logs that contradict each other; the evidence is in `{}`: show it to the office and to whoever supervises it, then take \
             it away from there",
            anchor.iss,
            evidence.display()
        );
    }
}
