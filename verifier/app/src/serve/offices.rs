//! The offices whose certificates are verified: every one that is pinned, or the one whose roots the
//! settings name. The page and the lists of one of them are served.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use vernet_verifier::Policy;

use super::{
    in_use::{InUse, Lists},
    office::{Office, Shared},
};
use crate::{
    archive::Archive,
    entry::Entry,
    fetch::{Deadline, fetch},
    publication_source::Source,
    refusal::in_line,
    store::{Store, entry_for, read_anchor},
};

/// Every office that is trusted. Each is refreshed by itself.
pub(crate) struct TrustedOffices {
    /// The one whose page and lists are served.
    pub(crate) served: Arc<Office>,
    /// Where the served lists come from.
    pub(crate) source: Source,
    pub(crate) others: Vec<Arc<Office>>,
    shared: Arc<Shared>,
}

impl TrustedOffices {
    /// Determines the trust anchors and the source of the served lists, and loads the stored lists.
    /// Nothing is fetched yet, unless there is no other way to tell which of several pinned offices
    /// is to be served.
    pub(crate) fn open(
        store: Store,
        source: Option<Source>,
        roots: Option<&Path>,
        policy: Policy,
        archive: Option<Archive>,
    ) -> Result<Self> {
        let source = source.map(Source::lasting);
        let Trusted { served, source, others, and_an_unknown_one } = match roots {
            Some(file) => given(&store, source, file)?,
            None => pinned(&store, source)?,
        };
        let anchors = std::iter::once(&served).chain(&others).map(|entry| entry.anchor.clone());
        let in_use = InUse::new(anchors.collect(), and_an_unknown_one);
        let shared = Arc::new(Shared { store, policy, archive, in_use });
        let served = Office::open(&shared, 0, Some(source.clone()), served);
        let others = others.into_iter().zip(1..);
        let others = others.map(|(entry, place)| {
            if entry.synced.is_none() {
                tracing::warn!(
                    office = %entry.anchor.iss,
                    "this office is pinned, and it is not known where its lists are: until `vernet-verifier sync URL` has fetched them, certificates that may \
                     be this office's are not known"
                );
            }
            Arc::new(Office::open(&shared, place, None, entry))
        });
        Ok(Self { served: Arc::new(served), source, others: others.collect(), shared })
    }

    /// The served office, then the others.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Office>> {
        std::iter::once(&self.served).chain(&self.others)
    }

    /// The lists in use of all offices.
    pub(crate) fn lists(&self) -> Arc<Lists> {
        self.shared.in_use.get()
    }
}

/// Who is trusted, and where the lists are that are served.
struct Trusted {
    served: Entry,
    source: Source,
    others: Vec<Entry>,
    /// Whether there is an office whose roots cannot be read.
    and_an_unknown_one: bool,
}

impl Trusted {
    fn alone(served: Entry, source: Option<Source>) -> Result<Self> {
        let source = source
            .or_else(|| served.source())
            .context("it is not known where the lists are: give `--publication URL`")?;
        Ok(Self { served, source, others: Vec::new(), and_an_unknown_one: false })
    }
}

/// The office whose roots the settings name, and no other one.
fn given(store: &Store, source: Option<Source>, roots: &Path) -> Result<Trusted> {
    Trusted::alone(store.entry(&read_anchor(roots)?)?, source)
}

/// All offices that are pinned.
fn pinned(store: &Store, source: Option<Source>) -> Result<Trusted> {
    let mut entries = store.entries()?;
    let mut damaged = entries.take_errors();
    let mut pinned = entries.pinned();
    if pinned.is_empty()
        && let Some(error) = damaged.pop()
    {
        return Err(error);
    }
    for error in &damaged {
        tracing::warn!(
            error = in_line(error),
            "an office that may be pinned cannot be read: until that is mended and the server is started again, certificates that no other office knows are not \
             known"
        );
    }
    // It may be one that cannot be read whose lists are to be served.
    if pinned.len() + damaged.len() > 1 {
        let Some(source) = source else {
            bail!(
                "several offices are pinned: give `--publication URL` of the one whose page and lists are to be served; the certificates of all are verified"
            );
        };
        let served = place_of(&source, &pinned, store)?;
        let served = pinned.swap_remove(served);
        let and_an_unknown_one = !damaged.is_empty();
        return Ok(Trusted { served, source, others: pinned, and_an_unknown_one });
    }
    let Some(entry) = pinned.pop() else {
        bail!(
            "no root keys are pinned: run `vernet-verifier trust add roots.json`, or give `--roots roots.json`"
        );
    };
    Trusted::alone(entry, source)
}

/// Which of the offices has its lists there.
fn place_of(source: &Source, pinned: &[Entry], store: &Store) -> Result<usize> {
    let of_source =
        |entry: &Entry| entry.source().is_some_and(|known| known.place() == source.place());
    if let Some(place) = pinned.iter().position(of_source) {
        return Ok(place);
    }
    let bundle = fetch(source, Deadline::begin())
        .with_context(|| format!("finding out whose lists are at `{source}`"))?;
    let anchor = entry_for(&bundle, None, store)?.anchor;
    pinned.iter().position(|entry| entry.anchor == anchor).with_context(|| {
        format!("`{}` was pinned only just now: start the server again", anchor.iss)
    })
}
