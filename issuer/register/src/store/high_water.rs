//! The high-water mark: what a machine has seen of a register, kept outside it so that an old copy
//! is noticed, wherever it came from and wherever it would publish.
//!
//! A register restored from yesterday's backup is consistent in itself. But decisions on it would
//! give out numbers a second time, and publications would undo what was decided since. So each
//! machine keeps a mark: how many statements there were, publications included, and the hash of the
//! last. A register that ends before the mark, or has another statement there, is refused.
//!
//! The mark also says which checks the statements up to it passed, so that they need not be checked
//! anew each time: as long as every statement has its hash and carries the hash of the one before,
//! and the last of them has the hash in the mark, they are the same to the last byte.
//!
//! The mark never gets ahead of the register, because it is raised after a commit. In a series of
//! decisions the mark is not written after each one, and not every write is flushed to disk. After
//! a crash of the program or the machine the mark is a little low until the register is next
//! opened, which does no harm.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;
use vernet_host::{FileError, files::share_with_group};

use crate::{
    error::Error, state::index::State, statements::digest::Digest, store::catalogue::Catalogue,
};

/// The mark, and the file that it is kept in.
#[derive(Debug)]
pub(crate) struct HighWater {
    path: PathBuf,
    seen: Seen,
    /// How many statements there were when this program last wrote the mark after one of its own
    /// statements.
    written: Option<u64>,
    /// What lies beside the mark.
    catalogue: Catalogue,
}

/// In a series of statements, the mark is written after the first, after each further 64, and at
/// the end, because an import makes thousands of them.
const EACH: u64 = 64;

/// The version of what is checked of each statement when it is read. It goes up whenever a statement
/// that was accepted may be refused: then each machine checks everything once more.
const CHECKS: u32 = 1;

/// The state of a register when this machine last saw it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    statements: u64,
    /// The hash of the last statement.
    head: Digest,
    /// When that one was recorded.
    recorded_at: NumericDate,
    /// The version of the checks that all of them passed. Marks of before do not have it.
    #[serde(default)]
    checked_by: u32,
}

impl Default for Seen {
    fn default() -> Self {
        let recorded_at = NumericDate::from_seconds(0).expect("1970 is an instant");
        Self { statements: 0, head: Digest::GENESIS, recorded_at, checked_by: 0 }
    }
}

impl HighWater {
    /// Reads the mark; an empty one, if there is none. Read it **before** the register, because
    /// others continue to write.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let (seen, catalogue) = (read(path)?, Catalogue::beside(path));
        Ok(Self { path: path.to_owned(), seen, written: None, catalogue })
    }

    /// Up to which statement this machine has checked all of them with the checks of this program.
    /// That holds only for a register that [`HighWater::check`] does not refuse.
    pub(crate) fn checked(&self) -> u64 {
        if self.seen.checked_by == CHECKS { self.seen.statements } else { 0 }
    }

    /// Refuses a register that does not hold what this machine has seen.
    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        let Seen { statements: seen, head, recorded_at, .. } = self.seen;
        let found = state.statements().len() as u64;
        if found < seen {
            return Err(Error::RegisterBehind { found, seen, recorded_at });
        }
        if seen > 0 && state.hash(seen) != Some(head) {
            return Err(Error::RegisterForked { seq: seen, recorded_at });
        }
        Ok(())
    }

    /// Raises the mark to the present state of the register, of which every statement was checked,
    /// and flushes it to disk; then the catalogue.
    pub(crate) fn settle(&mut self, state: &State) -> Result<(), Error> {
        if self.raise(state) {
            self.write(true)?;
        }
        self.raise_catalogue(state);
        Ok(())
    }

    /// Raises the mark after something was recorded. The record stands even if the mark cannot be
    /// written, so that error is left to the next opening of the register.
    pub(crate) fn follow(&mut self, state: &State) {
        if self.raise(state)
            && self.written.is_none_or(|written| self.seen.statements >= written + EACH)
        {
            let _ = self.write(false);
            self.written = Some(self.seen.statements);
            self.raise_catalogue(state);
        }
    }

    /// Writes what a series of statements has left unwritten.
    pub(crate) fn end(&mut self, state: &State) {
        if self.written.is_some_and(|written| written != self.seen.statements) {
            let _ = self.write(false);
            self.raise_catalogue(state);
        }
    }

    /// What this machine has checked: up to which statement, and its hash. None if that was with
    /// other checks than those of this program.
    pub(crate) fn seen(&self) -> Option<(u64, Digest)> {
        let Seen { statements, head, .. } = self.seen;
        (self.checked() > 0).then_some((statements, head))
    }

    /// What lies beside it.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The catalogue never gets ahead of the mark, so one that is was left behind by a mark that was
    /// taken away.
    fn raise_catalogue(&mut self, state: &State) {
        let marked = read(&self.path).map_or(0, |seen| seen.statements);
        self.catalogue.raise(state, marked);
    }

    /// Raises the mark in memory. Returns whether it changed.
    fn raise(&mut self, state: &State) -> bool {
        match state.statements().last() {
            Some(last) if last.seq > self.seen.statements || self.seen.checked_by != CHECKS => {
                self.seen = Seen {
                    statements: last.seq,
                    head: state.head(),
                    recorded_at: last.recorded_at,
                    checked_by: CHECKS,
                };
                true
            }
            _ => false,
        }
    }

    fn write(&self, flush: bool) -> Result<(), Error> {
        replace_in_turn(&self.path, flush, &mut || {
            // Another process on this machine may have written a higher mark meanwhile.
            if read(&self.path)?.statements > self.seen.statements {
                return Ok(None);
            }
            let mut json = serde_json::to_vec_pretty(&self.seen)
                .expect("a mark of strings and numbers is JSON");
            json.push(b'\n');
            Ok(Some(json))
        })
    }
}

/// Replaces a file that several processes write, under a lock: `content` can read the file, and no
/// other process replaces it meanwhile. If it returns `None`, the file stays. Readers see either
/// the old content or the new one. A killed process leaves at most one temporary file behind, whose
/// name the next one reuses. Without `flush`, a power cut may leave the old file or, on some file
/// systems, an empty one.
fn replace_in_turn(
    path: &Path,
    flush: bool,
    content: &mut dyn FnMut() -> Result<Option<Vec<u8>>, Error>,
) -> Result<(), Error> {
    let beside = |suffix: &str| {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(suffix);
        path.with_file_name(name)
    };
    let io = |source| match FileError::is_of_full_disk(&source) {
        true => Error::File(FileError::of("write", path, source)),
        false => Error::Io { action: "write", path: path.to_owned(), source },
    };
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(".lock"))
        .map_err(io)?;
    share_with_group(&beside(".lock"));
    lock.lock().map_err(io)?;
    let Some(bytes) = content()? else { return Ok(()) };
    let new = beside(".new");
    let replace = || -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&new)?;
        file.write_all(&bytes)?;
        if flush {
            file.sync_all()?;
        }
        share_with_group(&new);
        fs::rename(&new, path)?;
        match path.parent().filter(|_| flush && cfg!(unix)) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    replace().map_err(io)
}

fn read(path: &Path) -> Result<Seen, Error> {
    match fs::read(path) {
        // A power cut may leave an empty file if it was not flushed.
        Ok(json) if json.is_empty() => Ok(Seen::default()),
        Ok(json) => serde_json::from_slice(&json).map_err(|source| {
            vernet_common::Error::json("the mark of the register", source).into()
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Seen::default()),
        Err(source) => Err(Error::Io { action: "read", path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_behind_does_not_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, left) = (folder.path().join("mark.json"), folder.path().join(".mark.json.new"));
        fs::write(&left, "half of a mark, and longer than the next one").expect("written");
        let replace = |content: Option<&[u8]>| {
            replace_in_turn(&path, true, &mut || Ok(content.map(ToOwned::to_owned)))
        };
        replace(Some(b"1")).expect("written");
        assert_eq!(
            (fs::read_to_string(&path).expect("a file").as_str(), left.exists()),
            ("1", false)
        );
        replace(None).expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "1");
        let refused = replace_in_turn(&path, false, &mut || Err(Error::NotFounded));
        assert_eq!(refused.expect_err("as it was said").code(), Error::NotFounded.code());
    }

    #[test]
    fn what_is_replaced_in_turn_is_never_lost() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("count");
        let count =
            || fs::read_to_string(&path).map_or(0, |text| text.parse::<u32>().expect("a number"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let next = &mut || Ok(Some((count() + 1).to_string().into_bytes()));
                        replace_in_turn(&path, false, next).expect("written");
                    }
                });
            }
        });
        assert_eq!(count(), 200);
    }
}
