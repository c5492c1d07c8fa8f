//! A register that can only be read: a copy for auditors, a disk that is mounted for reading or
//! full.
//!
//! SQLite keeps what was written last in a file beside the register, `-wal`, and an index of it in
//! another one, `-shm`, which each reader may write. Where it cannot be written, there are three
//! cases. Nothing is ever left out: whatever is in `-wal` is read.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::Error;

/// If two officers write at once, the second one waits for the first one's signature, but not
/// indefinitely.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Why a register can only be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ReadOnly {
    NotWritable,
    DiskFull,
}

impl ReadOnly {
    /// What an error in opening a register for writing means, if it can be read nevertheless.
    fn of(error: &rusqlite::Error) -> Option<Self> {
        let fault = error.sqlite_error()?;
        match fault.code {
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
                Some(Self::NotWritable)
            }
            ErrorCode::DiskFull => Some(Self::DiskFull),
            // There is no room for the index.
            ErrorCode::SystemIoFailure
                if fault.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE =>
            {
                Some(Self::DiskFull)
            }
            _ => None,
        }
    }
}

impl From<ReadOnly> for Error {
    fn from(why: ReadOnly) -> Self {
        match why {
            ReadOnly::NotWritable => Self::RegisterReadOnly,
            ReadOnly::DiskFull => Self::DiskFull,
        }
    }
}

/// Opens a register for reading after it could not be opened for writing, with this error, which is
/// returned if it cannot be read either.
pub(super) fn open(path: &Path, error: rusqlite::Error) -> Result<(Connection, ReadOnly), Error> {
    let Some(why) = ReadOnly::of(&error).filter(|_| path.is_file()) else {
        return Err(error.into());
    };
    // If a writer has it open, the index is there.
    let opened = with_index(path).or_else(|_| match has_more(path) {
        false => complete(path),
        true => with_own_index(path),
    });
    opened.map(|connection| (connection, why)).map_err(|_| error.into())
}

fn with_index(path: &Path) -> Result<Connection, rusqlite::Error> {
    readable(Connection::open_with_flags(path, READ)?)
}

const READ: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Whether something stands in `-wal` that is not in the register's file yet.
fn has_more(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    // What cannot be looked at may hold something.
    PathBuf::from(wal)
        .metadata()
        .map_or_else(|error| error.kind() != std::io::ErrorKind::NotFound, |at| at.len() > 0)
}

/// The register's file alone, which is complete. If somebody begins to write meanwhile, rows may not
/// fit each other: then their hashes do not, either.
fn complete(path: &Path) -> Result<Connection, rusqlite::Error> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    readable(Connection::open_with_flags(uri, READ | OpenFlags::SQLITE_OPEN_URI)?)
}

/// With an index in the memory of this process, which takes no lock on a file.
fn with_own_index(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags_and_vfs(path, READ, "unix-none")?;
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |row| {
        row.get::<_, String>(0)
    })?;
    readable(connection)
}

/// The connection, if it can read.
fn readable(connection: Connection) -> Result<Connection, rusqlite::Error> {
    connection.busy_timeout(PATIENCE)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(connection)
}
