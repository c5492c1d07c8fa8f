//! The lists that the server runs on: the newest valid ones, in use until newer ones are verified.

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use vernet_common::{Bundle, NumericDate, TrustAnchor};
use vernet_verifier::{FetchedLists, Knowledge, Office as LibraryOffice, Offices, Policy};

use super::publication::Publication;
use crate::{
    archive::Archive,
    entry::Entry,
    fetch::{Deadline, fetch},
    publication_source::Source,
    refusal::in_line,
    renewal::Renewal,
    store::{Store, entry_for, read_anchor},
};

/// One issuer: its trust anchor, the source of its lists, and what is known of it.
pub(crate) struct Office {
    pub(crate) anchor: TrustAnchor,
    source: Source,
    store: Store,
    policy: Policy,
    archive: Option<Archive>,
    current: RwLock<Option<Arc<Current>>>,
    /// The same office, for as long as there are no lists.
    pub(crate) nothing_known: Offices,
}

/// Valid lists, verified.
pub(crate) struct Current {
    /// The one office, with what the lists say.
    pub(crate) offices: Offices,
    /// The same lists, byte for byte, for clients that verify on their own.
    pub(crate) publication: Publication,
}

/// The result of a refresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refreshed {
    Updated,
    Unchanged,
}

impl Office {
    /// Determines the trust anchor and the source of the lists, and loads the stored lists. Nothing
    /// is fetched yet, unless there is no other way to tell which of several pinned offices is
    /// meant.
    pub(crate) fn open(
        store: Store,
        source: Option<Source>,
        root: Option<&Path>,
        policy: Policy,
        archive: Option<Archive>,
    ) -> Result<Self> {
        let (entry, source) = whom(&store, source.map(Source::lasting), root)?;
        let anchor = entry.anchor.clone();
        let nothing_known = Offices::new(vec![LibraryOffice::new(anchor.clone(), None)]);
        let current = RwLock::new(None);
        let office = Self { anchor, source, store, policy, archive, current, nothing_known };
        if let Err(error) = office.take_up(entry) {
            tracing::warn!(
                error = in_line(&error),
                "the lists that were kept cannot be used: waiting for newer ones"
            );
        }
        Ok(office)
    }

    /// Loads the stored lists, if there are any and they are newer than those in use. Also lists
    /// that have expired meanwhile: they still refuse revoked certificates.
    fn take_up(&self, mut entry: Entry) -> Result<()> {
        let Some(synced) = entry.synced.take() else { return Ok(()) };
        let mut lists = FetchedLists::new(synced.bundle, &entry.memory);
        let knowledge = self.store.learn(&entry, &mut lists)?;
        if self
            .current()
            .is_none_or(|current| knowledge.newest_iat() > current.knowledge().newest_iat())
        {
            self.keep(lists.bundle(), &knowledge);
            self.replace(self.with_publication(knowledge, lists.bundle())?);
        }
        Ok(())
    }

    /// Whether there is evidence that the office's keys are in wrong hands.
    pub(crate) fn alarm(&self) -> Option<String> {
        let evidence = self.store.evidence(&self.anchor).into_iter().next()?;
        Some(format!(
            "the office signed two logs that contradict each other; the evidence is in `{}`",
            evidence.display()
        ))
    }

    /// Where the lists come from.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The valid lists, if there are any yet.
    pub(crate) fn current(&self) -> Option<Arc<Current>> {
        self.current.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Fetches, verifies and stores the newer lists, and only then uses them. Those of a large log are
    /// in use before its leaves are there. If a step fails, everything stays as it was, unless
    /// another program with the same state folder has stored newer lists.
    ///
    /// Blocks: it uses network and disk.
    pub(crate) fn refresh(&self) -> Result<Refreshed> {
        self.fetch_newer().inspect_err(|_| {
            // If this fails too, it is for the same reason, which is reported.
            let _ = self.store.entry(&self.anchor).map(|entry| self.take_up(entry));
        })
    }

    fn fetch_newer(&self) -> Result<Refreshed> {
        let deadline = Deadline::begin();
        let bundle = fetch(&self.source, deadline)?;
        let before = self.current();
        let Self { store, anchor, source, policy, .. } = self;
        let renewal = Renewal { store, anchor, source, deadline, policy };
        renewal.run(
            bundle,
            |_, _| Ok(()),
            |knowledge, bundle| {
                if let Err(error) = knowledge.understood() {
                    tracing::warn!(
                        error = error.to_string(),
                        "nothing is accepted by these lists until this program is updated"
                    );
                }
                self.keep(bundle, &knowledge);
                self.replace(self.with_publication(knowledge, bundle)?);
                Ok(())
            },
        )?;
        let (before, after) = (before.as_ref(), self.current());
        let unchanged =
            before.map(|old| &old.publication) == after.as_ref().map(|new| &new.publication);
        Ok(if unchanged { Refreshed::Unchanged } else { Refreshed::Updated })
    }

    /// Puts the lists into the archive before they are used. A full disk must not prevent verdicts:
    /// the next refresh tries again.
    fn keep(&self, bundle: &Bundle, knowledge: &Knowledge) {
        let kept = self
            .archive
            .as_ref()
            .map_or(Ok(()), |archive| archive.keep(&self.anchor, bundle, knowledge));
        if let Err(error) = kept {
            tracing::warn!(
                error = in_line(&error),
                "these lists are not in the archive: receipts that name them need them from elsewhere"
            );
        }
    }

    /// How long to wait before asking again.
    pub(crate) fn wait(&self, now: NumericDate) -> Duration {
        /// Lists that ask for immediate renewal must not cause constant requests.
        const SHORTEST_S: i64 = 30;
        /// An office that publishes rarely may still have to revoke somebody tomorrow.
        const LONGEST_S: i64 = 6 * 3600;
        let asked = self
            .current()
            .map_or(0, |current| current.knowledge().next_update().seconds_since(now));
        Duration::from_secs(asked.clamp(SHORTEST_S, LONGEST_S).unsigned_abs())
    }

    fn with_publication(&self, knowledge: Knowledge, bundle: &Bundle) -> Result<Current> {
        let office = LibraryOffice::new(self.anchor.clone(), Some(knowledge));
        let publication = Publication::new(bundle)?;
        Ok(Current { offices: Offices::new(vec![office]), publication })
    }

    fn replace(&self, current: Current) {
        *self.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(Arc::new(current));
    }
}

impl Current {
    pub(crate) fn knowledge(&self) -> &Knowledge {
        self.offices.known().next().expect("lists come into use when they are known")
    }
}

/// The roots and the source: those given for this run, else the pinned roots and the last source.
fn whom(store: &Store, source: Option<Source>, root: Option<&Path>) -> Result<(Entry, Source)> {
    let comes_from = |entry: &Entry| entry.synced.as_ref().map(|synced| synced.source.clone());
    if let Some(file) = root {
        let entry = store.entry(&read_anchor(file)?)?;
        let source = source
            .or_else(|| comes_from(&entry))
            .context("it is not known where the lists are: give `--publication URL`")?;
        return Ok((entry, source));
    }
    let mut entries = store.entries()?;
    let mut damaged = entries.take_errors();
    let mut pinned = entries.pinned();
    if pinned.is_empty()
        && let Some(error) = damaged.pop()
    {
        return Err(error);
    }
    for error in &damaged {
        tracing::warn!(error = in_line(error), "an office that is pinned cannot be told from this");
    }
    // It may be one that cannot be read whose lists are to be served.
    if pinned.len() + damaged.len() > 1 {
        let Some(source) = source else {
            bail!(
                "several offices are pinned: give `--publication URL` of the one whose certificates are to be verified"
            );
        };
        let of_source =
            |entry: &Entry| comes_from(entry).is_some_and(|known| known.place() == source.place());
        if let Some(place) = pinned.iter().position(of_source) {
            return Ok((pinned.swap_remove(place), source));
        }
        let bundle = fetch(&source, Deadline::begin())
            .with_context(|| format!("finding out whose lists are at `{source}`"))?;
        return Ok((entry_for(&bundle, None, store)?, source));
    }
    let Some(entry) = pinned.pop() else {
        bail!(
            "no root keys are pinned: run `vernet-verifier trust add roots.json`, or give `--roots roots.json`"
        );
    };
    let source = source
        .or_else(|| comes_from(&entry))
        .context("it is not known where the lists are: give `--publication URL`")?;
    Ok((entry, source))
}
