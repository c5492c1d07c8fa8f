//! The catalogue: which statements of the register are about whom, and the hash of each.
//!
//! It lies beside the mark, in a file of this machine. Everything in it follows from statements that
//! this machine has read with all checks, so it can be lost, and is made again whenever a command
//! has read the whole register. It saves `show` from doing so, see [`excerpt`](super::excerpt).
//!
//! It is trusted as the mark is: whoever can write it can hide statements about a person from `show`
//! on this machine, and from nothing else. What an accident does to it is noticed: what is stored of
//! a subject has a hash of its own, and what belongs together is found in more than one place.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};
use sha2::{Digest as _, Sha256};
use vernet_host::{FileError, files::write_new_in_group};

use crate::{
    error::Error, state::index::State, statements::digest::Digest, store::subject::Subject,
};

/// The version of its tables and of what counts as a subject. One of another version is made anew.
const VERSION: u32 = 1;

const TABLES: &str = "
    DROP TABLE IF EXISTS statement;
    DROP TABLE IF EXISTS subject;
    CREATE TABLE statement (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL);
    CREATE TABLE subject (name TEXT PRIMARY KEY, seqs BLOB NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
";

/// How long one waits for another process that writes it. It can be raised another time.
const PATIENCE: Duration = Duration::from_millis(500);

/// While it is made, the subjects of so many statements are kept in memory.
const BATCH: usize = 50_000;

/// The file, and how far it is known to have come.
#[derive(Debug)]
pub(crate) struct Catalogue {
    path: PathBuf,
    raised: u64,
}

impl Catalogue {
    /// The one beside a mark.
    pub(crate) fn beside(mark: &Path) -> Self {
        Self { path: mark.with_extension("catalogue"), raised: 0 }
    }

    /// Adds what a state has and the catalogue does not. `marked` is how far the mark has come, which
    /// another process may have raised meanwhile, and the catalogue with it. Nothing depends on the
    /// catalogue, so whatever prevents this is left to the next command: no right to write, a full
    /// disk, another process.
    pub(crate) fn raise(&mut self, state: &State, marked: u64) {
        let newest = newest(state);
        if newest == self.raised {
            return;
        }
        let raise = || raise(&self.path, state, marked);
        let raised = raise().or_else(|error| match is_damaged(&error) {
            true => discard(&self.path).and_then(|()| raise()),
            false => Err(error),
        });
        if raised.is_ok() {
            self.raised = newest;
        }
    }

    /// Empties it, because it does not say what the register says. It is filled again when that was
    /// read with all checks.
    pub(crate) fn forget(&self) {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let empty = || -> Result<(), rusqlite::Error> {
            let mut connection = Connection::open_with_flags(&self.path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch(TABLES)?;
            transaction.commit()
        };
        // Whoever cannot write it cannot fill it either.
        let _ = empty();
    }

    /// Opens it for reading; none if there is none that can be used.
    pub(crate) fn open(&self) -> Option<OpenCatalogue> {
        let connection =
            Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        connection.busy_timeout(PATIENCE).ok()?;
        // One snapshot, whatever is added meanwhile.
        connection.execute_batch("BEGIN").ok()?;
        (version(&connection).ok()? == VERSION).then_some(OpenCatalogue(connection))
    }
}

/// A catalogue as it is at one moment. What cannot be read is as if it were not there.
pub(crate) struct OpenCatalogue(Connection);

impl OpenCatalogue {
    /// The last statement that it knows.
    pub(crate) fn last(&self) -> Option<(u64, Digest)> {
        last(&self.0).ok()?
    }

    /// The hash of a statement.
    pub(crate) fn hash(&self, seq: u64) -> Option<Digest> {
        let select = "SELECT hash FROM statement WHERE seq = ?1";
        let mut select = self.0.prepare_cached(select).ok()?;
        let hash: [u8; 32] = select.query_row([seq.cast_signed()], |row| row.get(0)).ok()?;
        Some(Digest::from(hash))
    }

    /// The numbers of the statements about a subject; none if it was damaged.
    pub(crate) fn about(&self, subject: &Subject) -> Option<BTreeSet<u64>> {
        seqs_of(&self.0, &subject.to_string()).ok()?
    }
}

type Seqs = BTreeSet<u64>;

fn newest(state: &State) -> u64 {
    state.statements().last().map_or(0, |last| last.seq)
}

fn raise(path: &Path, state: &State, marked: u64) -> Result<(), Failed> {
    // SQLite makes files that everybody can read.
    if !path.exists() {
        match write_new_in_group(path, b"") {
            Ok(()) | Err(FileError::Exists { .. }) => {}
            Err(_) => return Err(Failed::NotWritten),
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    let newest = newest(state);
    let is_there = |(seq, hash): (u64, Digest)| match seq == newest {
        true => hash == state.head(),
        false => newest < seq && seq <= marked,
    };
    if known(&connection)?.is_some_and(is_there) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut after = match known(&transaction)? {
        Some(known) if is_there(known) => newest,
        Some((seq, hash)) if state.hash(seq) == Some(hash) => seq,
        // Of another register, or of one that was longer.
        _ => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            0
        }
    };
    while after < newest {
        after = add(&transaction, state, after)?;
    }
    Ok(transaction.commit()?)
}

/// Adds a batch of statements after this one, and returns the last of them.
fn add(transaction: &Transaction<'_>, state: &State, after: u64) -> Result<u64, Failed> {
    let mut about: BTreeMap<String, Seqs> = BTreeMap::new();
    let mut insert =
        transaction.prepare_cached("INSERT INTO statement (seq, hash) VALUES (?1, ?2)")?;
    let rest = state.statements().iter().skip(usize::try_from(after).unwrap_or(usize::MAX));
    let mut last = after;
    for statement in rest.take(BATCH) {
        last = statement.seq;
        let hash = state.hash(last).unwrap_or_default();
        insert.execute(params![last.cast_signed(), hash.as_bytes()])?;
        for subject in Subject::all_of(state, statement)? {
            about.entry(subject.to_string()).or_default().insert(last);
        }
    }
    let mut replace = transaction
        .prepare_cached("INSERT OR REPLACE INTO subject (name, seqs, hash) VALUES (?1, ?2, ?3)")?;
    for (name, more) in about {
        let mut seqs = seqs_of(transaction, &name)?.ok_or(Failed::Damaged)?;
        seqs.extend(more);
        let seqs: Vec<u8> = seqs.into_iter().flat_map(u64::to_be_bytes).collect();
        replace.execute(params![name, seqs, hash_of(&name, &seqs)])?;
    }
    Ok(last)
}

/// What is stored of a subject: nothing, if there is nothing about it; `None`, if it was damaged.
fn seqs_of(connection: &Connection, name: &str) -> Result<Option<Seqs>, rusqlite::Error> {
    let mut select = connection.prepare_cached("SELECT seqs, hash FROM subject WHERE name = ?1")?;
    let found = select.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((seqs, hash)): Option<(Vec<u8>, [u8; 8])> = found else {
        return Ok(Some(Seqs::new()));
    };
    let (numbers, rest) = seqs.as_chunks::<8>();
    let is_sound = rest.is_empty() && hash_of(name, &seqs) == hash;
    Ok(is_sound.then(|| numbers.iter().map(|seq| u64::from_be_bytes(*seq)).collect()))
}

/// Enough to notice an accident. Who changes it on purpose changes this as well.
fn hash_of(name: &str, seqs: &[u8]) -> [u8; 8] {
    let hash = Sha256::new().chain_update(name).chain_update([0]).chain_update(seqs).finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

/// How far one of this version has come.
fn known(connection: &Connection) -> Result<Option<(u64, Digest)>, rusqlite::Error> {
    if version(connection)? == VERSION { last(connection) } else { Ok(None) }
}

fn last(connection: &Connection) -> Result<Option<(u64, Digest)>, rusqlite::Error> {
    let last = "SELECT seq, hash FROM statement ORDER BY seq DESC LIMIT 1";
    let last = connection.prepare_cached(last)?.query_row([], |row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), Digest::from(row.get::<_, [u8; 32]>(1)?)))
    });
    last.optional()
}

fn version(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Removes one that is no data base any more. What SQLite keeps beside it would be taken for the
/// next one's.
fn discard(path: &Path) -> Result<(), Failed> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    for file in [Path::new(&journal), path] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failed::NotWritten);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Why it was not raised.
#[derive(Debug)]
enum Failed {
    NotWritten,
    Damaged,
    Sqlite(rusqlite::Error),
}

fn is_damaged(failed: &Failed) -> bool {
    match failed {
        Failed::Damaged => true,
        Failed::NotWritten => false,
        Failed::Sqlite(error) => !matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::ReadOnly
                    | ErrorCode::DiskFull
                    | ErrorCode::CannotOpen
                    | ErrorCode::PermissionDenied
                    | ErrorCode::SystemIoFailure
            )
        ),
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// No register that was read with all checks causes it.
impl From<Error> for Failed {
    fn from(_: Error) -> Self {
        Self::NotWritten
    }
}
