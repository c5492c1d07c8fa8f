//! One of the offices that are trusted: where its lists come from, and how newer ones come into use.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use vernet_common::{Bundle, NumericDate, TrustAnchor};
use vernet_verifier::{FetchedLists, Knowledge, Policy};

use super::{
    in_use::{Current, InUse},
    publication::Publication,
};
use crate::{
    archive::Archive,
    entry::Entry,
    fetch::{Deadline, fetch},
    publication_source::Source,
    refusal::in_line,
    renewal::Renewal,
    store::Store,
};

/// What all offices have in common.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) policy: Policy,
    pub(super) archive: Option<Archive>,
    pub(super) in_use: InUse,
}

/// One issuer: its trust anchor, the source of its lists, and what is known of it.
pub(crate) struct Office {
    pub(crate) anchor: TrustAnchor,
    /// Its place among the lists in use.
    place: usize,
    /// Where its lists are, if the settings or the state said so at the start; else where `sync` has
    /// found them last, each time.
    source: Option<Source>,
    /// Whether it was asked for lists since the start, whatever came of it.
    was_asked: AtomicBool,
    /// Whether the last time that it was asked, it answered with lists that could be used.
    answers: AtomicBool,
    shared: Arc<Shared>,
}

/// The result of a refresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refreshed {
    Updated,
    Unchanged,
    /// Nobody was asked, because it is not known where the lists are.
    SourceUnknown,
}

impl Refreshed {
    /// How attempts end, as metrics call it.
    pub(super) const OUTCOMES: [&str; 3] = ["updated", "unchanged", "failed"];

    /// How this attempt ended, if there was one.
    pub(super) fn outcome(refreshed: &Result<Self>) -> Option<&'static str> {
        let [updated, unchanged, failed] = Self::OUTCOMES;
        match refreshed {
            Ok(Self::Updated) => Some(updated),
            Ok(Self::Unchanged) => Some(unchanged),
            Ok(Self::SourceUnknown) => None,
            Err(_) => Some(failed),
        }
    }
}

impl Office {
    /// The office with the stored lists, if they can be used. Nothing is fetched yet.
    pub(super) fn open(
        shared: &Arc<Shared>,
        place: usize,
        source: Option<Source>,
        entry: Entry,
    ) -> Self {
        let anchor = entry.anchor.clone();
        let (was_asked, answers) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::clone(shared);
        let office = Self { anchor, place, source, was_asked, answers, shared };
        if let Err(error) = office.take_up(entry) {
            tracing::warn!(
                office = %office.anchor.iss,
                error = in_line(&error),
                "the lists that were kept cannot be used: waiting for newer ones"
            );
        }
        office
    }

    /// Loads the stored lists, if there are any and they are newer than those in use. Also lists
    /// that have expired meanwhile: they still refuse revoked certificates.
    fn take_up(&self, mut entry: Entry) -> Result<()> {
        let Some(synced) = entry.synced.take() else { return Ok(()) };
        let mut lists = FetchedLists::new(synced.bundle, &entry.memory);
        let knowledge = self.shared.store.learn(&entry, &mut lists)?;
        if self
            .current()
            .is_none_or(|current| knowledge.newest_iat() > current.knowledge.newest_iat())
        {
            self.keep(lists.bundle(), &knowledge);
            self.replace(knowledge, lists.bundle())?;
        }
        Ok(())
    }

    /// Whether there is evidence that the office's keys are in wrong hands.
    pub(crate) fn alarm(&self) -> Option<String> {
        let evidence = self.shared.store.evidence(&self.anchor).into_iter().next()?;
        Some(format!(
            "the office signed two logs that contradict each other; the evidence is in `{}`",
            evidence.display()
        ))
    }

    /// Why no certificate of this office can be accepted at present, if there is a reason.
    pub(crate) fn not_ready(&self, now: NumericDate) -> Option<String> {
        let Some(current) = self.current() else {
            return Some("no lists were fetched yet".to_owned());
        };
        current.knowledge.doubt(&self.shared.policy, now).map(|code| code.to_string())
    }

    /// Since when its next list has been due, if the office is late with it: it can be reached, and
    /// has published nothing since.
    pub(crate) fn late_since(&self, now: NumericDate) -> Option<NumericDate> {
        let answers = self.answers.load(Ordering::Relaxed);
        self.current().filter(|_| answers)?.knowledge.late_since(now)
    }

    /// The valid lists, if there are any yet.
    pub(crate) fn current(&self) -> Option<Arc<Current>> {
        self.shared.in_use.get().of(self.place)
    }

    /// Whether it was asked for lists since the start, whatever came of it.
    pub(crate) fn was_asked(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
    }

    /// Fetches, verifies and stores the newer lists, and only then uses them. Those of a large log are
    /// in use before its leaves are there. If a step fails, everything stays as it was, unless
    /// another program with the same state folder has stored newer lists.
    ///
    /// Blocks: it uses network and disk.
    pub(crate) fn refresh(&self) -> Result<Refreshed> {
        let refreshed = self.fetch_newer().inspect_err(|_| {
            // If this fails too, it is for the same reason, which is reported.
            let _ = self.shared.store.entry(&self.anchor).map(|entry| self.take_up(entry));
        });
        let answers = matches!(refreshed, Ok(Refreshed::Updated | Refreshed::Unchanged));
        self.answers.store(answers, Ordering::Relaxed);
        self.was_asked.store(true, Ordering::Relaxed);
        refreshed
    }

    fn fetch_newer(&self) -> Result<Refreshed> {
        let Some(source) = self.source()? else { return Ok(Refreshed::SourceUnknown) };
        let deadline = Deadline::begin();
        let bundle = fetch(&source, deadline)?;
        let before = self.current();
        let Shared { store, policy, .. } = &*self.shared;
        let renewal = Renewal { store, anchor: &self.anchor, source: &source, deadline, policy };
        renewal.run(
            bundle,
            |_, _| Ok(()),
            |knowledge, bundle| {
                if let Err(error) = knowledge.understood() {
                    tracing::warn!(
                        office = %self.anchor.iss,
                        error = error.to_string(),
                        "nothing is accepted by these lists until this program is updated"
                    );
                }
                self.keep(bundle, &knowledge);
                self.replace(knowledge, bundle)
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
            .shared
            .archive
            .as_ref()
            .map_or(Ok(()), |archive| archive.keep(&self.anchor, bundle, knowledge));
        if let Err(error) = kept {
            tracing::warn!(
                office = %self.anchor.iss,
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
        let asked =
            self.current().map_or(0, |current| current.knowledge.next_update().seconds_since(now));
        Duration::from_secs(asked.clamp(SHORTEST_S, LONGEST_S).unsigned_abs())
    }

    /// Where the lists are, if that is known.
    fn source(&self) -> Result<Option<Source>> {
        match &self.source {
            Some(source) => Ok(Some(source.clone())),
            None => Ok(self.shared.store.entry(&self.anchor)?.source()),
        }
    }

    fn replace(&self, knowledge: Knowledge, bundle: &Bundle) -> Result<()> {
        let publication = Publication::new(bundle)?;
        let newer = Current { knowledge: Arc::new(knowledge), publication };
        self.shared.in_use.replace(self.place, newer);
        Ok(())
    }
}
