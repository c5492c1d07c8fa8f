//! Where trust and lists come from: the roots a person gave us, and a bundle.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use vernet_common::{Bundle, TrustAnchor, TrustList};
use vernet_verifier::Knowledge;

use super::store::Store;

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
    root: Option<PathBuf>,
}

/// The offices that are trusted here.
pub(super) struct Offices {
    /// What is known of each whose lists are at hand. At least one.
    pub(super) known: Vec<Knowledge>,
    /// Whether there are others, of which nothing is known: a certificate that nobody knows may be theirs.
    pub(super) never_synced: bool,
}

impl SourceArgs {
    /// What is known of the offices that are trusted here.
    pub(super) fn offices(&self, store: &Store) -> Result<Offices> {
        match self.bundle_file() {
            Some(file) => {
                let bundle = read_bundle(&file)?;
                let anchor = anchor_for(&bundle, self.root.as_deref(), store)?;
                let known = vec![store.learn(&anchor, &bundle).with_context(|| format!("`{}`", file.display()))?];
                Ok(Offices { known, never_synced: false })
            }
            None => self.synced(store),
        }
    }

    fn bundle_file(&self) -> Option<PathBuf> {
        self.publication.as_ref().map(|folder| folder.join("bundle.json")).or_else(|| self.bundle.clone())
    }

    fn synced(&self, store: &Store) -> Result<Offices> {
        let entries = match &self.root {
            Some(file) => vec![store.entry(&read_anchor(file)?)?],
            None => store.entries()?.into_iter().filter(|entry| entry.pinned).collect(),
        };
        if entries.is_empty() {
            bail!(
                "no root keys are pinned: run `vernet-verifier trust add roots.json`, then `vernet-verifier sync URL`; or give \
                 `--root roots.json --publication DIR`"
            );
        }
        let synced: Vec<_> = entries.iter().filter_map(|entry| Some((entry, entry.synced.as_ref()?))).collect();
        if synced.is_empty() {
            bail!("no lists were fetched yet: run `vernet-verifier sync URL`, or give `--publication DIR`");
        }
        let never_synced = synced.len() < entries.len();
        let known = synced.into_iter().map(|(entry, synced)| store.learn(&entry.anchor, &synced.bundle));
        Ok(Offices { known: known.collect::<Result<_>>()?, never_synced })
    }
}

/// The anchor for a bundle's issuer: given for this run, or pinned before. Never taken from the bundle itself.
pub(super) fn anchor_for(bundle: &Bundle, root: Option<&Path>, store: &Store) -> Result<TrustAnchor> {
    let claimed = claimed_list(bundle)?;
    if let Some(file) = root {
        let anchor = read_anchor(file)?;
        if anchor.iss != claimed.iss {
            bail!("`{}` holds the roots of `{}`, but the lists are of `{}`", file.display(), anchor.iss, claimed.iss);
        }
        return Ok(anchor);
    }
    let pinned = store.entries()?.into_iter().find(|entry| entry.pinned && entry.anchor.iss == claimed.iss);
    match pinned {
        Some(entry) => Ok(entry.anchor),
        None => bail!(
            "the lists are of `{}`, whose root keys are not pinned: get its `roots.json` by a way that you trust, then run \
             `vernet-verifier trust add roots.json`, or give `--root roots.json`",
            claimed.iss
        ),
    }
}

/// Who the bundle claims to be from: enough to look for the anchor, which then decides.
fn claimed_list(bundle: &Bundle) -> Result<TrustList> {
    let last = bundle.trust_lists.last().context("the bundle holds no trust list")?;
    Ok(last.unverified_claims()?)
}

pub(super) fn read_bundle(file: &Path) -> Result<Bundle> {
    let read = || Ok::<_, anyhow::Error>(Bundle::from_json(&read_capped(file, Bundle::MAX_BYTES)?)?);
    read().with_context(|| format!("reading `{}`", file.display()))
}

pub(super) fn read_anchor(file: &Path) -> Result<TrustAnchor> {
    let read = || Ok::<_, anyhow::Error>(TrustAnchor::from_json(&read_capped(file, 64 * 1024)?)?);
    read().with_context(|| format!("reading the roots `{}`", file.display()))
}

/// Reads a file of at most `limit` bytes.
pub(super) fn read_capped(file: &Path, limit: usize) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    fs::File::open(file)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        bail!("it has more than {limit} bytes");
    }
    Ok(bytes)
}
