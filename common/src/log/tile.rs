//! Tiles: the tree as static files (C2SP tlog-tiles). Full tiles never change, so a reader that has
//! them fetches only what is new.

use alloc::{format, string::String, vec::Vec};
use core::ops::Range;

use super::{hash::LogHash, tree::LogTree};
use crate::{error::Error, statement::CertificateHash};

/// The place of a tile: up to 256 consecutive hashes of one level. Level 0 are the leaves; each
/// hash of a level above covers a full tile below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// Hashes in a full tile.
    pub const WIDTH: u16 = 256;
    /// Bytes of a full tile.
    pub const MAX_BYTES: usize = Self::WIDTH as usize * 32;

    /// Every tile of a log of this size, from the leaves up.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..8).take_while(move |level| size >> (8 * level) > 0);
        levels.flat_map(move |level| Self::of_level(level, size >> (8 * level), 0))
    }

    /// The tiles with the leaves from `from` on, of a log of this size: what a reader fetches that
    /// has the earlier leaves. `from` is rounded down to the beginning of a tile.
    pub fn leaves(from: u64, size: u64) -> impl Iterator<Item = Self> {
        Self::of_level(0, size, from / u64::from(Self::WIDTH))
    }

    fn of_level(level: u8, hashes: u64, first: u64) -> impl Iterator<Item = Self> {
        let full = hashes / u64::from(Self::WIDTH);
        let rest = (hashes % u64::from(Self::WIDTH)) as u16;
        let partial =
            (rest > 0 && full >= first).then_some(Self { level, index: full, width: rest });
        (first..full).map(move |index| Self { level, index, width: Self::WIDTH }).chain(partial)
    }

    /// The level, 0 for the leaves.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// How many hashes, from 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it is full, and so never changes again.
    pub fn is_full(&self) -> bool {
        self.width == Self::WIDTH
    }

    /// The full tile at the same place: a log may offer it when it has grown and removed the
    /// partial one.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: Self::WIDTH, ..self }
    }

    /// Which hashes of its level it holds.
    pub fn range(&self) -> Range<u64> {
        let start = self.index * u64::from(Self::WIDTH);
        start..start + u64::from(self.width)
    }

    /// The path below the log's URL.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, self.place())
    }

    /// The path of the entries whose hashes the tile holds. For tiles of level 0.
    pub fn entries_path(&self) -> String {
        format!("tile/entries/{}", self.place())
    }

    /// Three digits for each part of the path, so that no folder has more than a thousand files;
    /// all parts but the last begin with an `x`.
    fn place(&self) -> String {
        let mut path = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1000);
            rest /= 1000;
        }
        if !self.is_full() {
            path.push_str(&format!(".p/{}", self.width));
        }
        path
    }

    /// The content of the file: the hashes, one after the other. `None` if the tree is too small.
    pub fn content(&self, tree: &LogTree) -> Option<Vec<u8>> {
        let range = self.range();
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        let nodes = tree.nodes(usize::from(self.level) * 8, range)?;
        Some(nodes.iter().flat_map(|hash| *hash.as_bytes()).collect())
    }

    /// The file of entries, each after its length in two bytes, big-endian.
    pub fn entries_content(entries: &[CertificateHash]) -> Vec<u8> {
        entries.iter().flat_map(|entry| [0, 32].into_iter().chain(*entry.as_bytes())).collect()
    }

    /// The first hashes in the file of a tile, as many as `self` is wide: a log may offer the full
    /// tile instead of the partial one.
    ///
    /// # Errors
    ///
    /// [`Error::LogTile`] if the file has the size of neither.
    pub fn parse(&self, content: &[u8]) -> Result<Vec<LogHash>, Error> {
        let wanted = usize::from(self.width) * 32;
        if content.len() != wanted && content.len() != Self::MAX_BYTES {
            return Err(Error::LogTile {
                path: self.path(),
                found: content.len(),
                expected: wanted,
            });
        }
        let (hashes, _) = content[..wanted].as_chunks::<32>();
        Ok(hashes.iter().map(|hash| LogHash::from(*hash)).collect())
    }
}
