//! The tree over the leaves, and the proofs about it.

use alloc::{vec, vec::Vec};

use super::hash::{LogHash, LogHead};
use crate::error::Error;

/// A tree with all its nodes: makes roots, proofs and tiles. 64 bytes for each leaf.
///
/// To compute only the root of a sequence of leaves, use a [`LogFrontier`], which keeps almost
/// nothing.
#[derive(Clone, Debug)]
pub struct LogTree {
    /// `levels[l][n]` is the hash over the 2^l leaves from n·2^l on: complete subtrees only, which
    /// never change.
    levels: Vec<Vec<LogHash>>,
}

impl LogTree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self { levels: vec![Vec::new()] }
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: LogHash) {
        self.levels[0].push(leaf);
        let mut level = 0;
        while let [.., left, right] = self.levels[level][..]
            && self.levels[level].len().is_multiple_of(2)
        {
            if self.levels.len() == level + 1 {
                self.levels.push(Vec::new());
            }
            self.levels[level + 1].push(LogHash::of_node(&left, &right));
            level += 1;
        }
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.levels[0].len() as u64
    }

    /// Every leaf, in order.
    pub fn leaves(&self) -> &[LogHash] {
        &self.levels[0]
    }

    /// What the log held when it had `size` leaves; `None` if it never had as many.
    pub fn head_at(&self, size: u64) -> Option<LogHead> {
        let end = self.up_to(size)?;
        Some(LogHead { root: self.hash(0, end), size })
    }

    /// What the log holds.
    pub fn head(&self) -> LogHead {
        LogHead { root: self.hash(0, self.levels[0].len()), size: self.size() }
    }

    /// The proof that the leaf at `index` is in the tree of `size` leaves (RFC 9162 section
    /// 2.1.3.1): the hashes beside the path to the root, from the bottom up.
    pub fn inclusion(&self, index: u64, size: u64) -> Option<Vec<LogHash>> {
        let (mut start, mut end) = (0, self.up_to(size)?);
        let index = usize::try_from(index).ok().filter(|index| *index < end)?;
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.hash(middle, end));
                end = middle;
            } else {
                path.push(self.hash(start, middle));
                start = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// The proof that the tree of `new` leaves begins with that of `old` leaves (RFC 9162 section
    /// 2.1.4.1). Empty if `old` is 0 or `new`.
    pub fn consistency(&self, old: u64, new: u64) -> Option<Vec<LogHash>> {
        let (mut start, mut end) = (0, self.up_to(new)?);
        let old = self.up_to(old).filter(|old| *old <= end)?;
        let mut path = Vec::new();
        // As long as the current subtree begins where the old tree begins, its hash follows from
        // the old root once it also ends where the old tree ends.
        let mut known = true;
        while old > 0 && end != old {
            let middle = start + split(end - start);
            if old <= middle {
                path.push(self.hash(middle, end));
                end = middle;
            } else {
                path.push(self.hash(start, middle));
                (start, known) = (middle, false);
            }
        }
        if !known {
            path.push(self.hash(start, end));
        }
        path.reverse();
        Some(path)
    }

    /// The hashes of consecutive complete subtrees of 2^`level` leaves.
    pub(super) fn nodes(&self, level: usize, range: core::ops::Range<usize>) -> Option<&[LogHash]> {
        self.levels.get(level)?.get(range)
    }

    fn up_to(&self, size: u64) -> Option<usize> {
        usize::try_from(size).ok().filter(|size| *size <= self.levels[0].len())
    }

    /// The hash over the leaves from `start` to `end`, where `start` is a place that the RFC's
    /// recursion can reach.
    fn hash(&self, start: usize, end: usize) -> LogHash {
        let size = end - start;
        if size == 0 {
            return LogHash::of_nothing();
        }
        if size.is_power_of_two() {
            return self.levels[size.ilog2() as usize][start / size];
        }
        let middle = start + split(size);
        LogHash::of_node(&self.hash(start, middle), &self.hash(middle, end))
    }
}

impl Default for LogTree {
    fn default() -> Self {
        Self::new()
    }
}

impl FromIterator<LogHash> for LogTree {
    fn from_iter<I: IntoIterator<Item = LogHash>>(leaves: I) -> Self {
        let mut tree = Self::new();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }
}

/// The largest power of two that is smaller than `size`, which is at least 2: where the RFC splits
/// a tree.
fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

/// Computes the root of a sequence of leaves. Keeps a hash for each 1 in the binary form of their
/// number.
#[derive(Clone, Debug, Default)]
pub struct LogFrontier {
    /// Hashes of complete subtrees, the largest first.
    parts: Vec<LogHash>,
    size: u64,
}

impl LogFrontier {
    /// A frontier without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: LogHash) {
        let mut part = leaf;
        // Two subtrees of equal size merge: once for each trailing 1 in the number of leaves so
        // far.
        for _ in 0..self.size.trailing_ones() {
            let left = self.parts.pop().expect("there is a part for each 1 in the size");
            part = LogHash::of_node(&left, &part);
        }
        self.parts.push(part);
        self.size += 1;
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The head of the log of the leaves so far.
    pub fn head(&self) -> LogHead {
        let mut parts = self.parts.iter().rev();
        let Some(last) = parts.next() else { return LogHead::empty() };
        let root = parts.fold(*last, |right, left| LogHash::of_node(left, &right));
        LogHead { root, size: self.size }
    }
}

impl LogHead {
    /// Checks a proof that `leaf` is the leaf at `index` (RFC 9162 section 2.1.3.2).
    ///
    /// # Errors
    ///
    /// [`Error::LogProof`] if the proof does not show that.
    pub fn check_inclusion(
        &self,
        leaf: &LogHash,
        index: u64,
        proof: &[LogHash],
    ) -> Result<(), Error> {
        let wrong = Err(Error::LogProof { what: "that the log holds a certificate" });
        if index >= self.size {
            return wrong;
        }
        let (mut place, mut last, mut hash) = (index, self.size - 1, *leaf);
        for beside in proof {
            if last == 0 {
                return wrong;
            }
            if place % 2 == 1 || place == last {
                hash = LogHash::of_node(beside, &hash);
                // The last node of a level with an odd number of nodes has no sibling: it moves up
                // unchanged.
                while place.is_multiple_of(2) && place != 0 {
                    (place, last) = (place / 2, last / 2);
                }
            } else {
                hash = LogHash::of_node(&hash, beside);
            }
            (place, last) = (place / 2, last / 2);
        }
        if last == 0 && hash == self.root { Ok(()) } else { wrong }
    }

    /// Checks a proof that this log begins with `old` (RFC 9162 section 2.1.4.2), which must not be
    /// empty: every log continues the empty one, so there is nothing to prove.
    ///
    /// # Errors
    ///
    /// [`Error::LogProof`] if the proof does not show that, or `old` is empty.
    pub fn check_extends(&self, old: &Self, proof: &[LogHash]) -> Result<(), Error> {
        let wrong = Err(Error::LogProof { what: "that the log only grew" });
        if old.size == 0 || old.size > self.size {
            return wrong;
        }
        if old.size == self.size {
            return if old.root == self.root && proof.is_empty() { Ok(()) } else { wrong };
        }
        let mut proof = proof.iter();
        let (mut place, mut last) = (old.size - 1, self.size - 1);
        let shift = place.trailing_ones();
        (place, last) = (place >> shift, last >> shift);
        // If the old tree is one complete subtree, its hash is known and not in the proof.
        let first = if place == 0 { Some(&old.root) } else { proof.next() };
        let Some(first) = first else { return wrong };
        let (mut old_hash, mut new_hash) = (*first, *first);
        for beside in proof {
            if last == 0 {
                return wrong;
            }
            if place % 2 == 1 || place == last {
                old_hash = LogHash::of_node(beside, &old_hash);
                new_hash = LogHash::of_node(beside, &new_hash);
                while place.is_multiple_of(2) && place != 0 {
                    (place, last) = (place / 2, last / 2);
                }
            } else {
                new_hash = LogHash::of_node(&new_hash, beside);
            }
            (place, last) = (place / 2, last / 2);
        }
        if last == 0 && old_hash == old.root && new_hash == self.root { Ok(()) } else { wrong }
    }
}
