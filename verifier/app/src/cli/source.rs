//! Where trust and lists come from: the roots a person gave us, and a bundle.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use vernet_common::{Error, NumericDate, TrustAnchor};
use vernet_verifier::{Code, Colour, Knowledge, Policy, Verdict, verify};

use crate::{
    fetch::{Tiles, read_bundle},
    refusal::{Refusal, in_line},
    store::{Entry, Store, anchor_for, read_anchor},
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

/// The offices that are trusted here.
pub(super) struct Offices {
    /// What is known of each whose lists are at hand. At least one.
    pub(super) known: Vec<Knowledge>,
    /// The roots of each of these, in the same order.
    anchors: Vec<TrustAnchor>,
    /// Whether there are others, of which nothing is known that counts: a certificate that nobody
    /// knows may be theirs.
    has_unknown: bool,
}

impl Offices {
    /// With several offices pinned, the verdict of the one whose key signed the certificate. If
    /// there is none, a doubt of one office outweighs the refusal of another: a newer list of
    /// the first may know the key.
    pub(super) fn verdict(
        &self,
        text: &str,
        policy: &Policy,
        now: NumericDate,
    ) -> (Verdict, &Knowledge) {
        let weight = |verdict: &Verdict| match verdict.code() {
            // The signature held under a key of this office.
            _ if verdict.certificate().is_some() => 3,
            Code::KeyCompromised | Code::KeyNotValid | Code::NotIssued | Code::LogBehind => 3,
            code if code.colour() == Colour::Undetermined => 2,
            Code::UntrustedIssuer => 0,
            _ => 1,
        };
        let verdicts = self.known.iter().map(|office| (verify(text, office, policy, now), office));
        let heaviest = verdicts.max_by_key(|(verdict, _)| weight(verdict));
        let (verdict, office) =
            heaviest.expect("there is always one office, or the command has ended");
        if verdict.code() == Code::UntrustedIssuer && self.has_unknown {
            return (Verdict::lists_missing(now), office);
        }
        (verdict, office)
    }

    /// The roots of one of the offices that are known.
    pub(super) fn anchor(&self, office: &Knowledge) -> Option<&TrustAnchor> {
        let place = self.known.iter().position(|known| std::ptr::eq(known, office))?;
        self.anchors.get(place)
    }
}

impl SourceArgs {
    /// What is known of the offices that are trusted here.
    pub(super) fn offices(&self, store: &Store) -> Result<Offices> {
        match self.bundle_file() {
            Some(file) => {
                let mut bundle = read_bundle(&file)?;
                let anchor = anchor_for(&bundle, self.roots.as_deref(), store)?;
                let tiles = Tiles::Folder(file.parent().unwrap_or(Path::new("")).join("log"));
                if !tiles.are_absent() {
                    let memory = store.entry(&anchor)?.memory;
                    if let Err(error) = tiles.complete(&mut bundle, &memory, &store.leaves(&anchor))
                    {
                        anstream::eprintln!(
                            "warning: the leaves of the log cannot be read: {}",
                            in_line(&error)
                        );
                    }
                }
                tell_of_evidence(store, &anchor);
                let known = vec![
                    store
                        .learn(&anchor, &bundle)
                        .with_context(|| format!("`{}`", file.display()))?,
                ];
                Ok(Offices { known, anchors: vec![anchor], has_unknown: false })
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
        let entries = match &self.roots {
            Some(file) => vec![store.entry(&read_anchor(file)?)?],
            None => store.entries()?.into_iter().filter(|entry| entry.pinned).collect(),
        };
        if entries.is_empty() {
            bail!(
                "no root keys are pinned: run `vernet-verifier trust add roots.json`, then `vernet-verifier sync URL`; or give \
                 `--roots roots.json --publication DIR`"
            );
        }
        let synced: Vec<_> =
            entries.iter().filter_map(|entry| Some((entry, entry.synced.as_ref()?))).collect();
        if synced.is_empty() {
            bail!(
                "no lists were fetched yet: run `vernet-verifier sync URL`, or give `--publication DIR`"
            );
        }
        entries.iter().for_each(|entry| tell_of_evidence(store, &entry.anchor));
        let (mut known, mut anchors, mut overtaken) = (Vec::new(), Vec::new(), Vec::new());
        for (Entry { anchor, .. }, synced) in synced {
            match store.learn(anchor, &synced.bundle) {
                Ok(knowledge) => {
                    known.push(knowledge);
                    anchors.push(anchor.clone());
                }
                Err(error) => overtaken.push(as_overtaken(anchor, error)?),
            }
        }
        // One office's old lists are no reason to be silent about another one's certificates.
        let fatal = overtaken.pop_if(|_| known.is_empty());
        overtaken.iter().for_each(|error| anstream::eprintln!("warning: {}", in_line(error)));
        if let Some(error) = fatal {
            return Err(error);
        }
        let has_unknown = known.len() < entries.len();
        Ok(Offices { known, anchors, has_unknown })
    }
}

/// The error of an office of which newer lists were seen than those that `sync` keeps; any other
/// one is handed back.
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

/// At each run, until a person has dealt with it.
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
