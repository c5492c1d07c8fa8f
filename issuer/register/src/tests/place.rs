//! Where the registers of the tests lie, and what an intruder can do there.

use rusqlite::types::ValueRef;
use tempfile::TempDir;

use crate::storage::location::RegisterLocation;

/// Whether these are the tests on PostgreSQL, and there is one.
#[cfg(all(unix, feature = "postgres"))]
pub(super) fn server() -> Option<&'static crate::postgres_server::Server> {
    if module_path!().contains("tests_on_postgres") {
        crate::postgres_server::server()
    } else {
        None
    }
}

/// A place for one register.
pub(super) struct Place {
    pub(super) folder: TempDir,
    register: RegisterLocation,
}

impl Place {
    /// With nothing in it.
    pub(super) fn empty() -> Self {
        let folder = TempDir::new().expect("a folder");
        #[cfg(all(unix, feature = "postgres"))]
        if let Some(server) = server() {
            return Self { folder, register: location(&server.url(&server.data_base())) };
        }
        Self { register: folder.path().join("register.sqlite").into(), folder }
    }

    pub(super) fn register(&self) -> RegisterLocation {
        self.register.clone()
    }

    /// A connection that knows nothing of the rules, as an intruder's.
    pub(super) fn raw(&self) -> Raw {
        match &self.register {
            RegisterLocation::File(path) => {
                Raw::Sqlite(rusqlite::Connection::open(path).expect("a connection"))
            }
            #[cfg(feature = "postgres")]
            RegisterLocation::Postgres(url) => {
                let mut client =
                    postgres::Client::connect(url.expose(), postgres::NoTls).expect("a connection");
                client.batch_execute("SET search_path = vernet").expect("set");
                Raw::Postgres(Box::new(client))
            }
            #[cfg(not(feature = "postgres"))]
            RegisterLocation::Postgres(_) => panic!("there is no PostgreSQL without its feature"),
        }
    }
}

/// Whatever a test was about, its history is one more in which every certificate is looked up.
impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let most = if matches!(self.register, RegisterLocation::File(_)) { 3 } else { 1 };
            super::excerpt::compare_with_whole(&self.register, most);
        }
        #[cfg(all(unix, feature = "postgres"))]
        if let (RegisterLocation::Postgres(url), Some(server)) = (&self.register, server())
            && let Some((_, name)) = url.expose().rsplit_once('/')
        {
            server.give_back(name);
        }
    }
}

#[cfg(all(unix, feature = "postgres"))]
pub(super) fn location(url: &str) -> RegisterLocation {
    url.parse().expect("a URL")
}

/// What a column holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    /// With its width in bytes.
    Integer(i64, usize),
    Text(Vec<u8>),
    Bytes(Vec<u8>),
}

/// The data base itself.
pub(super) enum Raw {
    Sqlite(rusqlite::Connection),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Client>),
}

impl Raw {
    /// One statement or several.
    pub(super) fn execute(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(connection) => {
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(client) => {
                client.batch_execute(sql).map_err(|error| crate::StoreError::new(error).to_string())
            }
        }
    }

    /// The rows that a query finds.
    pub(super) fn rows(&mut self, sql: &str) -> Vec<Vec<Value>> {
        match self {
            Self::Sqlite(connection) => {
                let mut select = connection.prepare(sql).expect(sql);
                let columns = select.column_count();
                let rows = select.query_map([], |row| {
                    (0..columns)
                        .map(|column| {
                            Ok(match row.get_ref(column)? {
                                ValueRef::Integer(number) => Value::Integer(number, 8),
                                ValueRef::Text(text) => Value::Text(text.to_vec()),
                                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                                other => panic!("no column holds {other:?}"),
                            })
                        })
                        .collect()
                });
                rows.expect(sql).collect::<Result<_, _>>().expect(sql)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(client) => {
                use postgres::types::Type;
                let rows = client.query(sql, &[]).expect(sql);
                let value =
                    |row: &postgres::Row, (column, kind): (usize, &postgres::Column)| match *kind
                        .type_()
                    {
                        Type::INT2 => Value::Integer(row.get::<_, i16>(column).into(), 2),
                        Type::INT4 => Value::Integer(row.get::<_, i32>(column).into(), 4),
                        Type::INT8 => Value::Integer(row.get(column), 8),
                        Type::TEXT => Value::Text(row.get::<_, &str>(column).as_bytes().to_vec()),
                        Type::BYTEA => Value::Bytes(row.get(column)),
                        ref other => panic!("no column holds {other}"),
                    };
                rows.iter()
                    .map(|row| {
                        row.columns().iter().enumerate().map(|column| value(row, column)).collect()
                    })
                    .collect()
            }
        }
    }

    /// A value as a literal. SQLite takes bytes that are no text for a text, if it is told to.
    pub(super) fn literal(&self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Integer(number, _)) => number.to_string(),
            (_, Value::Bytes(bytes)) => self.bytes(bytes),
            (Self::Sqlite(_), Value::Text(bytes)) => format!("CAST({} AS TEXT)", self.bytes(bytes)),
            #[cfg(feature = "postgres")]
            (Self::Postgres(_), Value::Text(bytes)) => {
                format!("convert_from({}, 'UTF8')", self.bytes(bytes))
            }
        }
    }

    /// From here on nothing stops this connection.
    pub(super) fn without_protection(mut self) -> Self {
        let sql = match self {
            Self::Sqlite(_) => {
                "DROP TRIGGER IF EXISTS statement_stays; DROP TRIGGER IF EXISTS statement_remains;
                 DROP TRIGGER IF EXISTS statement_appends; DROP TRIGGER IF EXISTS certificate_stays;
                 DROP TRIGGER IF EXISTS certificate_remains; DROP TRIGGER IF EXISTS certificate_appends; PRAGMA foreign_keys = OFF;"
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => "SET session_replication_role = replica",
        };
        self.execute(sql).expect("an intruder can");
        self
    }

    /// As [`Raw::without_protection`], by somebody who leaves everything else as it is.
    pub(super) fn past_protection(self) -> Self {
        match self {
            Self::Sqlite(connection) => {
                let triggers = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
                connection.set_db_config(triggers, false).expect("an intruder can");
                Self::Sqlite(connection)
            }
            #[cfg(feature = "postgres")]
            other => other.without_protection(),
        }
    }

    /// Bytes as a literal.
    pub(super) fn bytes(&self, bytes: &[u8]) -> String {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(_) => format!("x'{digits}'"),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => format!("'\\x{digits}'::bytea"),
        }
    }

    /// Makes the data base say that it is of this version.
    pub(super) fn set_version(&mut self, version: u32) {
        let sql = match self {
            Self::Sqlite(_) => format!("PRAGMA user_version = {version}"),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {
                format!("DELETE FROM version; INSERT INTO version VALUES ({version})")
            }
        };
        self.execute(&sql).expect("an intruder can");
    }
}
