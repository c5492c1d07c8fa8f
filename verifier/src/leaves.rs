//! The leaves of a log that is too large for the bundle: which tiles to fetch, given what is kept,
//! and whether the leaves are those of the log.
//!
//! A full tile never changes, so a caller that kept the leaves of an earlier fetch fetches only the
//! rest.

use alloc::{string::String, vec::Vec};

pub use vernet_common::Tile;
use vernet_common::{Error, LogFrontier, LogHash, LogHead};

/// Which tiles of a log are to be fetched, and the leaves collected so far.
///
/// [`FetchedLists::fetch_leaves`](crate::FetchedLists::fetch_leaves) does all of it at once. Step
/// by step, for a caller that fetches in another way: fetch [`LeavesPlan::tiles`] and give the
/// bytes of each to [`LeavesPlan::add`]; if the leaves are then not those of the log,
/// [`LeavesPlan::forget_kept`] and fetch again.
#[derive(Clone, Debug)]
pub struct LeavesPlan {
    head: LogHead,
    leaves: Vec<LogHash>,
    /// How many of them were kept.
    kept: usize,
}

impl LeavesPlan {
    /// The plan for a log. `kept` are the leaves of an earlier fetch of the same log, or none:
    /// tiles that they fill are not fetched.
    pub fn new(head: LogHead, kept: &[LogHash]) -> Self {
        let size = usize::try_from(head.size).unwrap_or(usize::MAX);
        let whole = kept.len().min(size) / usize::from(Tile::WIDTH) * usize::from(Tile::WIDTH);
        Self { head, leaves: kept[..whole].to_vec(), kept: whole }
    }

    /// The plan with nothing left to fetch, if the leaves that are kept are those of the log.
    pub(crate) fn with_kept(&self, kept: &[LogHash]) -> Option<Self> {
        let size = usize::try_from(self.head.size).ok()?;
        let leaves = kept.get(..size)?.to_vec();
        let whole = Self { head: self.head, leaves, kept: size };
        whole.is_whole().then_some(whole)
    }

    /// What the log must hold.
    pub fn head(&self) -> LogHead {
        self.head
    }

    /// How many leaves were kept and need not be fetched.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// The tiles that are still to be fetched, in order. Their paths are relative to `log/` of a
    /// publication. When a log grows, a partial tile may be removed; [`Tile::full`] then takes its
    /// place.
    pub fn tiles(&self) -> impl Iterator<Item = Tile> + use<> {
        Tile::leaves(self.leaves.len() as u64, self.head.size)
    }

    /// Takes the bytes of the first of [`LeavesPlan::tiles`].
    ///
    /// # Errors
    ///
    /// [`Error::LogTile`] if there are too few or too many, or if all tiles are already there.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let tile = self.tiles().next().ok_or_else(|| Error::LogTile {
            path: String::new(),
            found: bytes.len(),
            expected: 0,
        })?;
        self.leaves.extend(tile.parse(bytes)?);
        Ok(())
    }

    /// Takes leaves that were in the tiles, in order.
    pub fn add_leaves(&mut self, leaves: &[LogHash]) {
        self.leaves.extend_from_slice(leaves);
    }

    /// Whether all leaves are there, and are those of the log.
    pub fn is_whole(&self) -> bool {
        self.has_all() && self.found() == self.head
    }

    /// Whether there are as many leaves as the log has.
    pub(crate) fn has_all(&self) -> bool {
        self.leaves.len() as u64 == self.head.size
    }

    /// Starts again without what was kept, which may be damaged. `false` if nothing was kept: then
    /// it is the office's log that is wrong.
    pub fn forget_kept(&mut self) -> bool {
        let kept = self.kept > 0;
        *self = Self::new(self.head, &[]);
        kept
    }

    /// Fetches what is missing. `get` gives the bytes of a path that is relative to `log/` of the
    /// publication, [`Tile::MAX_BYTES`] of them at most.
    ///
    /// If what was kept is damaged, all of it is fetched again. If the leaves are then still not
    /// those of the log, learning from them reports the error.
    ///
    /// # Errors
    ///
    /// The error of `get` if a tile cannot be fetched; [`Error::LogTile`] if a tile has the wrong
    /// size.
    pub fn fetch<E: From<Error>>(
        &mut self,
        mut get: impl FnMut(&str) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        loop {
            for tile in self.tiles() {
                let bytes = get(&tile.path()).or_else(|error| {
                    let full = (!tile.is_full()).then(|| get(&tile.full().path()).ok()).flatten();
                    full.ok_or(error)
                })?;
                self.add(&bytes)?;
            }
            if self.is_whole() || self.kept == 0 {
                return Ok(());
            }
            self.forget_kept();
        }
    }

    /// The leaves collected so far. They are unchecked unless [`LeavesPlan::is_whole`].
    pub fn into_leaves(self) -> Vec<LogHash> {
        self.leaves
    }

    fn found(&self) -> LogHead {
        let mut frontier = LogFrontier::new();
        self.leaves.iter().for_each(|leaf| frontier.push(*leaf));
        frontier.head()
    }
}

/// Leaves as the bytes of a file, one after the other, to be kept beside a bundle.
pub fn to_bytes(leaves: &[LogHash]) -> Vec<u8> {
    leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect()
}

/// The leaves in such a file, unchecked. Bytes left over at the end are ignored.
pub fn from_bytes(bytes: &[u8]) -> Vec<LogHash> {
    bytes.as_chunks::<32>().0.iter().map(|leaf| LogHash::from(*leaf)).collect()
}
