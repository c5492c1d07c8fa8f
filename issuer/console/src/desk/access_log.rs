//! Who looked at whom, when, and on which screen: a file of its own in the office's folder, not a part
//! of the register. It is only added to. A page about a person is shown once it is noted here.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Row, params};
use vernet_common::{HprNumber, KeyId, NumericDate};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS access (
    at INTEGER NOT NULL,
    kid TEXT NOT NULL,
    officer TEXT NOT NULL,
    screen TEXT NOT NULL,
    hpr_number INTEGER,
    sought TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS access_of_person ON access (hpr_number) WHERE hpr_number IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS access_is_not_changed BEFORE UPDATE ON access
BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END;
CREATE TRIGGER IF NOT EXISTS access_is_not_deleted BEFORE DELETE ON access
BEGIN SELECT RAISE(ABORT, 'the access log is only added to'); END;
";

/// The access log, or the file of drafts, cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the file `{path}` beside the register cannot be used")]
pub struct AccessLogError {
    pub(super) path: String,
    pub(super) source: rusqlite::Error,
}

impl AccessLogError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "access_log_unusable"
    }
}

/// The log.
pub(super) struct AccessLog {
    path: String,
    connection: Mutex<Connection>,
}

/// One look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Access {
    pub(super) at: NumericDate,
    pub(super) kid: KeyId,
    pub(super) officer: String,
    /// The code of the screen.
    pub(super) screen: String,
    pub(super) hpr_number: Option<HprNumber>,
    /// What was searched for.
    pub(super) sought: Option<String>,
}

impl AccessLog {
    pub(super) fn open(path: &Path) -> Result<Self, AccessLogError> {
        let name = path.display().to_string();
        let open = || {
            let connection = Connection::open(path)?;
            // Others may write to it as well: two consoles on one machine.
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.execute_batch(SCHEMA)?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self { path: name, connection: Mutex::new(connection) }),
            Err(source) => Err(AccessLogError { path: name, source }),
        }
    }

    /// Notes a look.
    pub(super) fn note(&self, access: &Access) -> Result<(), AccessLogError> {
        let Access { at, kid, officer, screen, hpr_number, sought } = access;
        let hpr = hpr_number.map(|number| number.to_string().parse::<i64>().unwrap_or_default());
        let row = params![at.seconds(), kid.to_string(), officer, screen, hpr, sought];
        let insert = "INSERT INTO access VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let noted = self.connection().execute(insert, row);
        noted.map(drop).map_err(|source| self.error(source))
    }

    /// The newest looks, at a person or at everybody; at most so many.
    pub(super) fn newest(
        &self,
        of: Option<HprNumber>,
        most: usize,
    ) -> Result<Vec<Access>, AccessLogError> {
        let hpr = of.map(|number| number.to_string().parse::<i64>().unwrap_or_default());
        let select = match hpr {
            Some(_) => "SELECT * FROM access WHERE hpr_number = ?1 ORDER BY rowid DESC LIMIT ?2",
            None => "SELECT * FROM access WHERE ?1 IS NULL ORDER BY rowid DESC LIMIT ?2",
        };
        let connection = self.connection();
        let read = || {
            let mut statement = connection.prepare_cached(select)?;
            let rows = statement.query_map(params![hpr, most as i64], read_row)?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        read().map(|rows| rows.into_iter().flatten().collect()).map_err(|source| self.error(source))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, source: rusqlite::Error) -> AccessLogError {
        AccessLogError { path: self.path.clone(), source }
    }
}

/// A row; none if somebody wrote into the file by hand what is no look.
fn read_row(row: &Row<'_>) -> Result<Option<Access>, rusqlite::Error> {
    let (at, kid): (i64, String) = (row.get(0)?, row.get(1)?);
    let (Ok(at), Ok(kid)) = (NumericDate::from_seconds(at), kid.parse()) else { return Ok(None) };
    let hpr: Option<i64> = row.get(4)?;
    Ok(Some(Access {
        at,
        kid,
        officer: row.get(2)?,
        screen: row.get(3)?,
        hpr_number: hpr.and_then(|number| number.to_string().parse().ok()),
        sought: row.get(5)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_found_by_its_person_and_never_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = AccessLog::open(&folder.path().join("access.sqlite")).expect("a log");
        let look = |hpr: Option<&str>, screen: &str| Access {
            at: NumericDate::from_seconds(1_795_000_000).expect("a time"),
            kid: "rIUyFnZ9".parse().expect("a key id"),
            officer: "Kari Nordmann".to_owned(),
            screen: screen.to_owned(),
            hpr_number: hpr.map(|number| number.parse().expect("a number")),
            sought: None,
        };
        let (ase, somebody) = (look(Some("9144889"), "person"), look(Some("9144900"), "letter"));
        for one in [&ase, &somebody, &look(None, "search")] {
            log.note(one).expect("it is noted");
        }
        assert_eq!(log.newest(ase.hpr_number, 10).expect("looks"), [ase]);
        assert_eq!(log.newest(None, 2).expect("looks").len(), 2);
        for attack in ["DELETE FROM access", "UPDATE access SET officer = 'x'"] {
            assert!(log.connection().execute(attack, []).is_err(), "{attack}");
        }
    }
}
