//! The register in an SQLite file.

mod read_only;

use std::path::Path;

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, params,
    types::ValueRef,
};
use vernet_common::CivilDate;

use self::read_only::{PATIENCE, ReadOnly};
use crate::{
    error::{Error, StoreError},
    incoming::IncomingDraft,
    storage::{
        migrations::Migrations,
        transaction::{Access, CertificateRow, Each, Fill, StatementRow, Storage, Transaction},
    },
};

pub(super) const MIGRATIONS: Migrations = Migrations(&[
    include_str!("schema.sql"),
    include_str!("incoming_alert.sql"),
    include_str!("passkeys.sql"),
]);

/// An open SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    /// The version of its tables: the newest one, unless it can only be read.
    version: u32,
    /// Why it can only be read, if so.
    read_only: Option<ReadOnly>,
}

impl Sqlite {
    /// Creates a register in a new or empty file.
    pub(crate) fn create(path: &Path, fill: Fill<'_>) -> Result<Self, Error> {
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let objects: u32 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if objects > 0 {
            return Err(Error::RegisterExists);
        }
        migrate(&transaction, 0, &MIGRATIONS)?;
        let mut transaction = Box::new(SqliteTransaction(transaction));
        fill(&mut *transaction)?;
        transaction.commit()?;
        let version = MIGRATIONS.newest();
        Ok(Self { connection, version, read_only: None })
    }

    /// Opens a register, and migrates one of an older version. One that can only be read is read as
    /// it is.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, &MIGRATIONS)
    }

    pub(super) fn open_with(path: &Path, migrations: &Migrations) -> Result<Self, Error> {
        let (mut connection, read_only) = match connect(path, OpenFlags::empty()) {
            Ok(connection) if connection.is_readonly("main")? => {
                (connection, Some(ReadOnly::NotWritable))
            }
            Ok(connection) => (connection, None),
            Err(error) => {
                let (connection, why) = read_only::open(path, error)?;
                (connection, Some(why))
            }
        };
        if migrations.check(version(&connection)?)? && read_only.is_none() {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process may have migrated it while this one waited for the lock.
            migrate(&transaction, version(&transaction)?, migrations)?;
            transaction.commit()?;
        }
        Ok(Self { version: version(&connection)?, connection, read_only })
    }
}

impl Storage for Sqlite {
    fn begin(&mut self, access: Access) -> Result<Box<dyn Transaction + '_>, Error> {
        let behavior = match (access, self.read_only) {
            (Access::Write, Some(why)) => return Err(why.into()),
            (Access::Read, _) => TransactionBehavior::Deferred,
            (Access::Write, None) => TransactionBehavior::Immediate,
        };
        Ok(Box::new(SqliteTransaction(self.connection.transaction_with_behavior(behavior)?)))
    }

    fn missing(&mut self) -> Result<Vec<String>, Error> {
        let mut select = self.connection.prepare("SELECT name FROM sqlite_schema")?;
        let present =
            select.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        Ok(MIGRATIONS.missing_from(self.version, &present))
    }

    fn is_read_only(&mut self) -> bool {
        self.read_only.is_some()
    }
}

struct SqliteTransaction<'a>(rusqlite::Transaction<'a>);

impl Transaction for SqliteTransaction<'_> {
    fn statements(
        &mut self,
        after: u64,
        limit: usize,
        each: Each<'_, StatementRow>,
    ) -> Result<(), Error> {
        let select =
            "SELECT seq, hash, signature, body FROM statement WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut select = self.0.prepare_cached(select)?;
        let mut rows = select.query(params![after.cast_signed(), limit as i64])?;
        while let Some(row) = rows.next()? {
            let (seq, hash, signature, body) =
                (unsigned(row, 0)?, bytes(row, 1)?, bytes(row, 2)?, bytes(row, 3)?);
            each(StatementRow::from_columns(seq, hash, signature, body)?)?;
        }
        Ok(())
    }

    fn count_statements(&mut self) -> Result<u64, Error> {
        Ok(self.0.query_row("SELECT count(*) FROM statement", [], |row| unsigned(row, 0))?)
    }

    fn append(&mut self, row: &StatementRow) -> Result<(), Error> {
        let StatementRow { seq, hash, signature, body } = row;
        let insert = "INSERT INTO statement (seq, hash, signature, body) VALUES (?1, ?2, ?3, ?4)";
        self.0.prepare_cached(insert)?.execute(params![
            seq.cast_signed(),
            hash,
            signature,
            body
        ])?;
        Ok(())
    }

    fn certificates(&mut self, each: Each<'_, CertificateRow>) -> Result<(), Error> {
        let mut select = self
            .0
            .prepare_cached("SELECT number, list, idx, seq FROM certificate ORDER BY number")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (number, list, idx) = (row.get(0)?, row.get(1)?, row.get(2)?);
            each(CertificateRow { number, list, idx, seq: unsigned(row, 3)? })?;
        }
        Ok(())
    }

    fn insert_certificate(&mut self, row: &CertificateRow) -> Result<(), Error> {
        let CertificateRow { number, list, idx, seq } = row;
        let insert = "INSERT INTO certificate (number, list, idx, seq) VALUES (?1, ?2, ?3, ?4)";
        self.0.prepare_cached(insert)?.execute(params![number, list, idx, seq.cast_signed()])?;
        Ok(())
    }

    fn last_number(&mut self, prefix: &str) -> Result<Option<String>, Error> {
        let last = "SELECT number FROM certificate WHERE number BETWEEN ?1 AND ?1 || '~' ORDER BY number DESC LIMIT 1";
        Ok(self.0.prepare_cached(last)?.query_row([prefix], |row| row.get(0)).optional()?)
    }

    fn certificates_in(&mut self, list: u8) -> Result<u32, Error> {
        let count = "SELECT count(*) FROM certificate WHERE list = ?1";
        Ok(self.0.prepare_cached(count)?.query_row([list], |row| row.get(0))?)
    }

    fn is_taken(&mut self, list: u8, idx: u32) -> Result<bool, Error> {
        let taken = "SELECT EXISTS (SELECT 1 FROM certificate WHERE list = ?1 AND idx = ?2)";
        Ok(self.0.prepare_cached(taken)?.query_row(params![list, idx], |row| row.get(0))?)
    }

    fn insert_alert(&mut self, row: &IncomingDraft) -> Result<(), Error> {
        let insert = "INSERT INTO incoming_alert (id, given_name, family_name, birthdate, state, scope, from_day, until_day, received)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.0.prepare_cached(insert)?.execute(params![
            row.id,
            row.given_name,
            row.family_name,
            row.birthdate,
            row.state,
            row.scope,
            row.from,
            row.until,
            row.received
        ])?;
        Ok(())
    }

    fn alerts(&mut self, each: Each<'_, IncomingDraft>) -> Result<(), Error> {
        let there = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'incoming_alert')";
        if !self.0.query_row(there, [], |row| row.get::<_, bool>(0))? {
            return Ok(());
        }
        let select = "SELECT id, given_name, family_name, birthdate, state, scope, from_day, until_day, received
            FROM incoming_alert ORDER BY received, id";
        let mut select = self.0.prepare_cached(select)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            each(IncomingDraft {
                id: row.get(0)?,
                given_name: row.get(1)?,
                family_name: row.get(2)?,
                birthdate: row.get(3)?,
                state: row.get(4)?,
                scope: row.get(5)?,
                from: row.get(6)?,
                until: row.get(7)?,
                received: row.get(8)?,
            })?;
        }
        Ok(())
    }

    fn delete_alert(&mut self, id: &str) -> Result<bool, Error> {
        let delete = "DELETE FROM incoming_alert WHERE id = ?1";
        Ok(self.0.prepare_cached(delete)?.execute([id])? > 0)
    }

    fn delete_alerts_before(&mut self, day: CivilDate) -> Result<u64, Error> {
        let delete = "DELETE FROM incoming_alert WHERE received < ?1";
        Ok(self.0.prepare_cached(delete)?.execute([day.to_string()])? as u64)
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        Ok(self.0.commit()?)
    }
}

/// The bytes of a text or a blob; empty for any other type.
fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8], rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    })
}

/// SQLite's integers are signed. The layers above detect a negative one as a number that does not
/// fit.
fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}

fn connect(path: &Path, more: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    // In WAL mode, only `FULL` makes a committed decision survive a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is purged must not remain in free pages of the file.
    connection.pragma_update_and_check(None, "secure_delete", true, |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn migrate(
    transaction: &rusqlite::Transaction<'_>,
    from: u32,
    migrations: &Migrations,
) -> Result<(), Error> {
    for (to, migration) in migrations.after(from) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", to)?;
    }
    Ok(())
}

/// Maps a fault to its meaning for the caller: another writer holds the lock, or the database
/// returned an error.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy) => Self::RegisterBusy,
            Some(ErrorCode::ReadOnly) => Self::RegisterReadOnly,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Store(StoreError::new(error)),
        }
    }
}
