//! How newer lists come into use, by `sync` and by the server: first what is signed about people, and
//! only then the leaves of a large log. Whoever delays the leaves does not delay a revocation.

use anyhow::Result;
use vernet_common::{Bundle, TrustAnchor};
use vernet_host::clock;
use vernet_verifier::{FetchedLists, Knowledge, Policy};

use crate::{
    fetch::{Deadline, Tiles},
    publication_source::Source,
    store::{Leaves, Store},
};

/// Where newer lists come from, until when, and by which policy they may replace the stored ones.
pub(crate) struct Renewal<'a> {
    pub(crate) store: &'a Store,
    pub(crate) anchor: &'a TrustAnchor,
    pub(crate) source: &'a Source,
    pub(crate) deadline: Deadline,
    pub(crate) policy: &'a Policy,
}

impl Renewal<'_> {
    /// Verifies the lists, fetches the leaves of their log, and stores them. `before_use` may still
    /// refuse lists; `in_use` gets those that were stored: twice if leaves had to be fetched.
    ///
    /// # Errors
    ///
    /// If the lists are not better than those that are stored, or the leaves do not come. In the
    /// latter case the lists are in use without them.
    pub(crate) fn run(
        &self,
        bundle: Bundle,
        before_use: impl Fn(&Bundle, &Knowledge) -> Result<()>,
        mut in_use: impl FnMut(Knowledge, &Bundle) -> Result<()>,
    ) -> Result<()> {
        let Self { store, anchor, source, deadline, policy } = *self;
        let memory = store.entry(anchor)?.memory;
        let mut lists = FetchedLists::new(bundle, &memory);
        if let Some(mut plan) = lists.start(store.leaves(anchor)) {
            let terms = (policy, clock()?);
            let knowledge =
                store.replace(anchor, &mut lists, source, terms, Leaves::Follow, &before_use)?;
            in_use(knowledge, lists.bundle())?;
            let tiles = Tiles::of(source, deadline);
            if let Err(error) = plan.fetch(|path| tiles.file(path)) {
                // A slow line gets there in several steps.
                store.keep_some_leaves(anchor, &lists.leaves_so_far(plan))?;
                return Err(error.context(
                    "the new trust list and status lists are in use; what is new in the log is not known yet",
                ));
            }
            lists.complete(plan);
        }
        let terms = (policy, clock()?);
        let knowledge =
            store.replace(anchor, &mut lists, source, terms, Leaves::AreThere, &before_use)?;
        in_use(knowledge, lists.bundle())
    }
}
