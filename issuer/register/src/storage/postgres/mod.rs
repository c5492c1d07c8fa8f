//! The register in a PostgreSQL database, for an office with several machines.
//!
//! There is one writer at a time, across all machines: a write transaction begins with an advisory
//! lock that the server holds until the transaction ends, however it ends. Each SQL statement in it
//! then sees what the previous writer has committed, which is what `READ COMMITTED` guarantees;
//! under a stricter level the snapshot would be older than the lock. The lock needs no privilege
//! other than to connect, so `SELECT` and `INSERT` suffice for an office's programs.
//!
//! A connection may be cut at any moment. Its open transaction is then rolled back, and the next
//! transaction reconnects.

mod connect;
mod passfile;

use std::{collections::HashMap, error::Error as _, fmt, io};

use postgres::{
    Client, IsolationLevel, Row, error::SqlState, fallible_iterator::FallibleIterator, types::ToSql,
};
use vernet_common::CivilDate;

use self::connect::Target;
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

/// A register in a PostgreSQL database.
pub(crate) struct Postgres {
    target: Target,
    client: Option<Client>,
    /// The version of its tables: the newest one, unless this user may not bring it up to date.
    version: u32,
}

/// Refuses a URL that cannot be used.
pub(crate) fn check_url(url: &str) -> Result<(), Error> {
    Target::parse(url).map(drop)
}

impl Postgres {
    /// Creates a register in a database that has no schema `vernet`, or an empty one.
    pub(crate) fn create(url: &str, fill: Fill<'_>) -> Result<Self, Error> {
        let (target, version) = (Target::parse(url)?, MIGRATIONS.newest());
        let mut postgres = Self { target, client: None, version };
        let client = postgres.client()?;
        let mut transaction = client.transaction().map_err(fault)?;
        lock_schema(&mut transaction)?;
        let encoding: String = one(&mut transaction, "SELECT current_setting('server_encoding')")?;
        if encoding != "UTF8" {
            let reason = format!(
                "its encoding is {encoding}, expected UTF8, which has every letter of a name"
            );
            return Err(Error::Store(StoreError::new(io::Error::other(reason))));
        }
        let objects =
            "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('vernet')";
        if one::<i64>(&mut transaction, objects)? > 0 {
            return Err(Error::RegisterExists);
        }
        if !one::<bool>(&mut transaction, "SELECT to_regnamespace('vernet') IS NOT NULL")? {
            transaction.batch_execute("CREATE SCHEMA vernet").map_err(fault)?;
        }
        let version = "CREATE TABLE vernet.version (version integer PRIMARY KEY)";
        transaction.batch_execute(version).map_err(fault)?;
        migrate(&mut transaction, 0, &MIGRATIONS)?;
        let mut transaction = Box::new(PostgresTransaction::new(transaction));
        fill(&mut *transaction)?;
        match transaction.commit() {
            Err(Error::ConnectionLost { source }) => Err(Error::CreateUnknown { source }),
            done => done.map(|()| postgres),
        }
    }

    /// Opens a register, and migrates one of an older version. Who may not do that reads it as it
    /// is.
    pub(crate) fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, &MIGRATIONS)
    }

    pub(super) fn open_with(url: &str, migrations: &Migrations) -> Result<Self, Error> {
        let mut postgres = Self { target: Target::parse(url)?, client: None, version: 0 };
        let client = postgres.client()?;
        let mut transaction = client.transaction().map_err(fault)?;
        let found = version(&mut transaction)?;
        let is_older = migrations.check(found)?;
        transaction.commit().map_err(fault)?;
        postgres.version = found;
        if is_older {
            match postgres.bring_up_to_date(migrations) {
                Err(Error::RegisterReadOnly | Error::RegisterDenied { .. }) => {}
                done => done?,
            }
        }
        Ok(postgres)
    }

    fn bring_up_to_date(&mut self, migrations: &Migrations) -> Result<(), Error> {
        let mut transaction = self.client()?.transaction().map_err(fault)?;
        lock_schema(&mut transaction)?;
        // Another machine may have migrated it while this one waited for the lock.
        let found = version(&mut transaction)?;
        migrate(&mut transaction, found, migrations)?;
        transaction.commit().map_err(fault)?;
        self.version = migrations.newest();
        Ok(())
    }

    /// A working connection.
    fn client(&mut self) -> Result<&mut Client, Error> {
        // Only use shows whether an idle connection was cut.
        let alive = self
            .client
            .as_mut()
            .is_some_and(|client| !client.is_closed() && client.simple_query("").is_ok());
        if !alive {
            self.client = None;
            let mut client = self.target.connect()?;
            client.batch_execute(SESSION).map_err(fault)?;
            self.client = Some(client);
        }
        Ok(self.client.as_mut().expect("it was just put there"))
    }
}

/// A machine that disappears in the middle of a decision must not block the others for long, unless
/// the office has set other timeouts. A committed decision must survive a crash of the server,
/// whatever its settings.
const SESSION: &str = "
    SELECT set_config('idle_in_transaction_session_timeout', '45s', false)
        WHERE current_setting('idle_in_transaction_session_timeout') = '0';
    SELECT set_config('lock_timeout', '10s', false) WHERE current_setting('lock_timeout') = '0';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The lock is bound to the table, so that two registers on one server do not wait for each other.
/// The number is "vern" in ASCII.
const LOCK_WRITERS: &str =
    "SELECT pg_advisory_xact_lock(1986359918, 'vernet.statement'::regclass::oid::int)";

impl Storage for Postgres {
    fn begin(&mut self, access: Access) -> Result<Box<dyn Transaction + '_>, Error> {
        // Whoever is to write needs every table, and learns why they cannot be made.
        if access == Access::Write && self.version < MIGRATIONS.newest() {
            self.bring_up_to_date(&MIGRATIONS)?;
        }
        let begin = self.client()?.build_transaction();
        let mut transaction = match access {
            Access::Read => {
                begin.isolation_level(IsolationLevel::RepeatableRead).read_only(true).start()
            }
            Access::Write => {
                begin.isolation_level(IsolationLevel::ReadCommitted).read_only(false).start()
            }
        }
        .map_err(|error| match error.code() {
            // A standby cannot even begin.
            Some(&SqlState::FEATURE_NOT_SUPPORTED) if access == Access::Write => {
                Error::RegisterReadOnly
            }
            _ => fault(error),
        })?;
        if access == Access::Write {
            transaction.batch_execute(LOCK_WRITERS).map_err(fault)?;
        }
        Ok(Box::new(PostgresTransaction::new(transaction)))
    }

    fn missing(&mut self) -> Result<Vec<String>, Error> {
        let present =
            "SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace('vernet')
            UNION SELECT tgname::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                WHERE relnamespace = to_regnamespace('vernet') AND tgenabled IN ('O', 'A')";
        let rows = self.client()?.query(present, &[]).map_err(fault)?;
        let present = rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<String>, Error>>()?;
        Ok(MIGRATIONS.missing_from(self.version, &present))
    }

    fn is_read_only(&mut self) -> bool {
        let only =
            "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'
            OR NOT has_table_privilege('vernet.statement', 'INSERT')";
        // Who cannot be asked is no reason to believe that there is nothing to keep.
        let asked = self.client().and_then(|client| client.query_one(only, &[]).map_err(fault));
        asked.and_then(|row| get(&row, 0)).unwrap_or(false)
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("target", &self.target).finish_non_exhaustive()
    }
}

struct PostgresTransaction<'a> {
    transaction: postgres::Transaction<'a>,
    prepared: HashMap<&'static str, postgres::Statement>,
}

impl<'a> PostgresTransaction<'a> {
    fn new(transaction: postgres::Transaction<'a>) -> Self {
        Self { transaction, prepared: HashMap::new() }
    }

    fn prepare(&mut self, sql: &'static str) -> Result<postgres::Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.transaction.prepare(sql).map_err(fault)?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Returns how many rows it wrote or deleted.
    fn execute(&mut self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        let statement = self.prepare(sql)?;
        self.transaction.execute(&statement, values).map_err(fault)
    }

    fn row(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Error> {
        let statement = self.prepare(sql)?;
        self.transaction.query_opt(&statement, values).map_err(fault)
    }

    /// Reads row by row, because a register may be too large to fit in memory twice.
    fn rows(
        &mut self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
        each: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let statement = self.prepare(sql)?;
        let mut rows =
            self.transaction.query_raw(&statement, values.iter().copied()).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            each(&row)?;
        }
        Ok(())
    }
}

impl Transaction for PostgresTransaction<'_> {
    fn statements(
        &mut self,
        after: u64,
        limit: usize,
        each: Each<'_, StatementRow>,
    ) -> Result<(), Error> {
        let select = "SELECT seq, hash, signature, body FROM vernet.statement WHERE seq > $1 ORDER BY seq LIMIT $2";
        self.rows(select, &[&after.cast_signed(), &(limit as i64)], &mut |row| {
            let (hash, signature, body): (&[u8], &[u8], &str) =
                (get(row, 1)?, get(row, 2)?, get(row, 3)?);
            each(StatementRow::from_columns(unsigned(row, 0)?, hash, signature, body.as_bytes())?)
        })
    }

    fn count_statements(&mut self) -> Result<u64, Error> {
        let row = self.row("SELECT count(*) FROM vernet.statement", &[])?;
        row.map_or(Ok(0), |row| unsigned(&row, 0))
    }

    fn append(&mut self, row: &StatementRow) -> Result<(), Error> {
        let StatementRow { seq, hash, signature, body } = row;
        let insert =
            "INSERT INTO vernet.statement (seq, hash, signature, body) VALUES ($1, $2, $3, $4)";
        self.execute(insert, &[&seq.cast_signed(), &hash.as_slice(), &signature.as_slice(), body])
            .map(drop)
    }

    fn certificates(&mut self, each: Each<'_, CertificateRow>) -> Result<(), Error> {
        let select = "SELECT number, list, idx, seq FROM vernet.certificate ORDER BY number";
        self.rows(select, &[], &mut |row| {
            let out_of_range = |_| damaged("a list or a slot is out of range");
            let list = get::<i16>(row, 1)?.try_into().map_err(out_of_range)?;
            let idx = get::<i32>(row, 2)?.try_into().map_err(out_of_range)?;
            each(CertificateRow { number: get(row, 0)?, list, idx, seq: unsigned(row, 3)? })
        })
    }

    fn insert_certificate(&mut self, row: &CertificateRow) -> Result<(), Error> {
        let CertificateRow { number, list, idx, seq } = row;
        let insert =
            "INSERT INTO vernet.certificate (number, list, idx, seq) VALUES ($1, $2, $3, $4)";
        self.execute(insert, &[number, &i16::from(*list), &idx.cast_signed(), &seq.cast_signed()])
            .map(drop)
    }

    fn last_number(&mut self, prefix: &str) -> Result<Option<String>, Error> {
        let last = "SELECT number FROM vernet.certificate WHERE number BETWEEN $1 AND $1 || '~' ORDER BY number DESC LIMIT 1";
        self.row(last, &[&prefix])?.map(|row| get(&row, 0)).transpose()
    }

    fn certificates_in(&mut self, list: u8) -> Result<u32, Error> {
        let row = self
            .row("SELECT count(*) FROM vernet.certificate WHERE list = $1", &[&i16::from(list)])?;
        let count: i64 = row.map_or(Ok(0), |row| get(&row, 0))?;
        u32::try_from(count).map_err(|_| damaged("a list is larger than a list can be"))
    }

    fn is_taken(&mut self, list: u8, idx: u32) -> Result<bool, Error> {
        let slot = "SELECT seq FROM vernet.certificate WHERE list = $1 AND idx = $2";
        Ok(self.row(slot, &[&i16::from(list), &idx.cast_signed()])?.is_some())
    }

    fn insert_alert(&mut self, row: &IncomingDraft) -> Result<(), Error> {
        let IncomingDraft {
            id,
            given_name,
            family_name,
            birthdate,
            state,
            scope,
            from,
            until,
            received,
        } = row;
        let insert = "INSERT INTO vernet.incoming_alert (id, given_name, family_name, birthdate, state, scope, from_day, until_day, received)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        self.execute(
            insert,
            &[id, given_name, family_name, birthdate, state, scope, from, until, received],
        )
        .map(drop)
    }

    fn alerts(&mut self, each: Each<'_, IncomingDraft>) -> Result<(), Error> {
        let there = "SELECT to_regclass('vernet.incoming_alert') IS NOT NULL";
        if !self.row(there, &[])?.map_or(Ok(false), |row| get(&row, 0))? {
            return Ok(());
        }
        let select = "SELECT id, given_name, family_name, birthdate, state, scope, from_day, until_day, received
            FROM vernet.incoming_alert ORDER BY received, id";
        self.rows(select, &[], &mut |row| {
            each(IncomingDraft {
                id: get(row, 0)?,
                given_name: get(row, 1)?,
                family_name: get(row, 2)?,
                birthdate: get(row, 3)?,
                state: get(row, 4)?,
                scope: get(row, 5)?,
                from: get(row, 6)?,
                until: get(row, 7)?,
                received: get(row, 8)?,
            })
        })
    }

    fn delete_alert(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.execute("DELETE FROM vernet.incoming_alert WHERE id = $1", &[&id])? > 0)
    }

    fn delete_alerts_before(&mut self, day: CivilDate) -> Result<u64, Error> {
        let delete = "DELETE FROM vernet.incoming_alert WHERE received < $1";
        self.execute(delete, &[&day.to_string()])
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        self.transaction.commit().map_err(fault)
    }
}

fn get<'a, T: postgres::types::FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Error> {
    row.try_get(column).map_err(fault)
}

/// PostgreSQL's integers are signed. The layers above detect a negative one as a number that does
/// not fit.
fn unsigned(row: &Row, column: usize) -> Result<u64, Error> {
    Ok(get::<i64>(row, column)?.cast_unsigned())
}

fn one<T: for<'a> postgres::types::FromSql<'a>>(
    transaction: &mut postgres::Transaction<'_>,
    sql: &str,
) -> Result<T, Error> {
    get(&transaction.query_one(sql, &[]).map_err(fault)?, 0)
}

fn lock_schema(transaction: &mut postgres::Transaction<'_>) -> Result<(), Error> {
    transaction.batch_execute("SELECT pg_advisory_xact_lock(1986359918, 0)").map_err(fault)
}

/// 0 if there is no register.
fn version(transaction: &mut postgres::Transaction<'_>) -> Result<u32, Error> {
    if !one::<bool>(transaction, "SELECT to_regclass('vernet.version') IS NOT NULL")? {
        return Ok(0);
    }
    let version: i32 = one(transaction, "SELECT coalesce(max(version), 0) FROM vernet.version")?;
    u32::try_from(version).map_err(|_| damaged("its version is negative"))
}

fn migrate(
    transaction: &mut postgres::Transaction<'_>,
    from: u32,
    migrations: &Migrations,
) -> Result<(), Error> {
    for (to, migration) in migrations.after(from) {
        transaction.batch_execute(migration).map_err(fault)?;
        let insert = "INSERT INTO vernet.version (version) VALUES ($1)";
        transaction.execute(insert, &[&to.cast_signed()]).map_err(fault)?;
    }
    Ok(())
}

fn damaged(reason: &'static str) -> Error {
    Error::Store(StoreError::new(io::Error::other(reason)))
}

/// Maps a fault to its meaning for the caller: another writer holds the lock, the connection is
/// gone, the user may not do that, there is no room, or the database returned an error.
fn fault(error: postgres::Error) -> Error {
    let lost = match error.code() {
        // Class 57: the server, or its operator, ended the session.
        Some(code) => {
            *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT || code.code().starts_with("57P")
        }
        None => error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()),
    };
    let code = error.code().cloned();
    let source = StoreError::new(error);
    match code {
        Some(SqlState::LOCK_NOT_AVAILABLE) => return Error::RegisterBusy,
        Some(SqlState::READ_ONLY_SQL_TRANSACTION) => return Error::RegisterReadOnly,
        Some(SqlState::INSUFFICIENT_PRIVILEGE) => return Error::RegisterDenied { source },
        Some(SqlState::DISK_FULL) => return Error::DiskFull,
        _ => {}
    }
    if lost { Error::ConnectionLost { source } } else { Error::Store(source) }
}
