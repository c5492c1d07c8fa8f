//! What a machine has seen of a register, kept outside of it: so that an old copy of the register is noticed, wherever it
//! came from and wherever it would publish.
//!
//! A register that was restored from yesterday's backup is sound in itself. Decisions on it would give out numbers a
//! second time, and publications would take back what was decided since. So each machine keeps a mark: how many statements
//! there were, publications included, and the hash of the last. A register that ends before the mark, or went another way,
//! is refused.
//!
//! The mark follows the register and never goes before it: it is raised after a commit. Of many decisions in a row not each
//! is written, and what is written is not flushed to the disk each time. Should the program or the machine crash, the mark is
//! a little low until the register is opened the next time, and that harms nothing.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;

use super::{fold::Fold, statement::Digest};
use crate::{Error, FileError, write_atomic, write_atomic_unflushed};

/// The mark, and the file that it is kept in.
#[derive(Debug)]
pub(crate) struct HighWater {
    path: PathBuf,
    seen: Seen,
    /// How many statements there were when this program last wrote the mark after one of its own.
    written: Option<u64>,
}

/// Of so many decisions in a row one is marked in the file, and the first and the last: an import makes them by the thousand.
const EACH: u64 = 64;

/// How far a register had come when this machine saw it last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    statements: u64,
    /// The hash of the last statement.
    head: Digest,
    /// When that one was recorded.
    recorded_at: NumericDate,
}

impl Default for Seen {
    fn default() -> Self {
        let recorded_at = NumericDate::from_seconds(0).expect("1970 is an instant");
        Self { statements: 0, head: Digest::GENESIS, recorded_at }
    }
}

impl HighWater {
    /// Reads the mark; one of nothing, if there is none. Read it **before** the register: others go on writing.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), seen: read(path)?, written: None })
    }

    /// Refuses a register that does not hold what this machine has seen.
    pub(crate) fn check(&self, fold: &Fold) -> Result<(), Error> {
        let Seen { statements: seen, head, recorded_at } = self.seen;
        let found = fold.statements().len() as u64;
        if found < seen {
            return Err(Error::RegisterBehind { found, seen, recorded_at });
        }
        if seen > 0 && fold.hash(seen) != Some(head) {
            return Err(Error::RegisterForked { seq: seen, recorded_at });
        }
        Ok(())
    }

    /// Raises the mark to what the register says now, and has it on the disk.
    pub(crate) fn settle(&mut self, fold: &Fold) -> Result<(), Error> {
        if self.raise(fold) { self.write(write_atomic) } else { Ok(()) }
    }

    /// Raises the mark after something was recorded, which stands whatever becomes of the mark: if it cannot be written,
    /// that is for whoever opens the register the next time.
    pub(crate) fn follow(&mut self, fold: &Fold) {
        if self.raise(fold) && self.written.is_none_or(|written| self.seen.statements >= written + EACH) {
            let _ = self.write(write_atomic_unflushed);
            self.written = Some(self.seen.statements);
        }
    }

    /// Whether that is news.
    fn raise(&mut self, fold: &Fold) -> bool {
        match fold.statements().last().filter(|last| last.seq > self.seen.statements) {
            Some(last) => {
                self.seen = Seen { statements: last.seq, head: fold.head(), recorded_at: last.recorded_at };
                true
            }
            None => false,
        }
    }

    fn write(&mut self, write: fn(&Path, &[u8]) -> Result<(), FileError>) -> Result<(), Error> {
        // Another process of this machine may have come further meanwhile. If it does so right now, its mark is lost until
        // somebody opens the register again.
        if read(&self.path)?.statements <= self.seen.statements {
            let mut json = serde_json::to_vec_pretty(&self.seen).expect("a mark of strings and numbers is JSON");
            json.push(b'\n');
            write(&self.path, &json)?;
        }
        Ok(())
    }
}

impl Drop for HighWater {
    fn drop(&mut self) {
        if self.written.is_some_and(|written| written != self.seen.statements) {
            let _ = self.write(write_atomic_unflushed);
        }
    }
}

fn read(path: &Path) -> Result<Seen, Error> {
    match fs::read(path) {
        // What a power cut may leave of one that was not flushed.
        Ok(json) if json.is_empty() => Ok(Seen::default()),
        Ok(json) => serde_json::from_slice(&json).map_err(|source| {
            vernet_common::Error::Json { what: "the mark of the register", source: source.into() }.into()
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Seen::default()),
        Err(source) => Err(Error::Io { action: "read", path: path.to_owned(), source }),
    }
}
