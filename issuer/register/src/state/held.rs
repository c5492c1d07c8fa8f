//! The statements that a state holds: all of a register up to one, or an excerpt.

use std::ops::Deref;

use crate::statements::{digest::Digest, statement::Statement};

/// Statements in the order of their numbers. Where one lies among them is its *position*. Positions
/// are what the state keeps, so that it is the same code whether some are left out or none.
#[derive(Default, Debug)]
pub(crate) struct Held {
    statements: Vec<Statement>,
    /// The hash of the last one.
    head: Digest,
    extent: Extent,
}

#[derive(Default, Debug)]
enum Extent {
    /// Every statement from the first one on: each carries the hash of the one before.
    #[default]
    Whole,
    /// Some of them. Others lie between, so their hashes are kept beside them.
    Excerpt { hashes: Vec<Digest> },
}

impl Held {
    /// No statement yet of those that will be left over when most are left out.
    #[cfg(feature = "storage")]
    pub(super) fn excerpt() -> Self {
        Self { extent: Extent::Excerpt { hashes: Vec::new() }, ..Self::default() }
    }

    /// Whether some are left out, so that nothing can be said that takes all of them.
    pub(super) fn is_excerpt(&self) -> bool {
        matches!(self.extent, Extent::Excerpt { .. })
    }

    /// The hash of the last statement.
    pub(super) fn head(&self) -> Digest {
        self.head
    }

    /// The position of the statement with this number, if it is held.
    pub(super) fn position(&self, seq: u64) -> Option<usize> {
        match self.extent {
            Extent::Whole => {
                let position = usize::try_from(seq.checked_sub(1)?).ok()?;
                (position < self.statements.len()).then_some(position)
            }
            Extent::Excerpt { .. } => {
                self.statements.binary_search_by_key(&seq, |statement| statement.seq).ok()
            }
        }
    }

    /// The hash of the statement with this number, if it is held.
    pub(super) fn hash(&self, seq: u64) -> Option<Digest> {
        let position = self.position(seq)?;
        Some(match &self.extent {
            Extent::Whole => self.statements.get(position + 1).map_or(self.head, |next| next.prev),
            Extent::Excerpt { hashes } => hashes[position],
        })
    }

    /// Why a statement cannot be the next one.
    pub(super) fn check_next(&self, statement: &Statement) -> Result<(), &'static str> {
        let last = self.statements.last();
        let expected = last.map_or(0, |last| last.seq) + 1;
        let left_out = self.is_excerpt() && statement.seq > expected;
        if statement.seq != expected && !left_out {
            return Err("its number does not follow on the one before");
        }
        if statement.prev != self.head && !left_out {
            return Err("it does not carry the hash of the one before");
        }
        if last.is_some_and(|last| statement.recorded_at < last.recorded_at) {
            return Err("it was recorded before the one before");
        }
        Ok(())
    }

    /// Adds one that can be the next one.
    pub(super) fn push(&mut self, statement: Statement, hash: Digest) {
        self.statements.push(statement);
        self.head = hash;
        if let Extent::Excerpt { hashes } = &mut self.extent {
            hashes.push(hash);
        }
    }
}

impl Deref for Held {
    type Target = [Statement];

    fn deref(&self) -> &[Statement] {
        &self.statements
    }
}
