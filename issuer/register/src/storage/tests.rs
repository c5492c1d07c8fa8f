//! Migrations: forward only, each whole or not at all.

use tempfile::TempDir;

use super::sqlite;
use crate::{error::Error, storage::migrations::Migrations, store::register::Register};

const SECOND: &str = "CREATE TABLE note (text TEXT);";

/// Of the next version, and one that does not come to its end.
fn next(own: &Migrations, second: &'static str) -> Migrations {
    Migrations(Vec::leak([own.0, &[second]].concat()))
}

fn code<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.err().map(|error| error.code())
}

#[test]
fn an_sqlite_register_goes_forward_and_never_back() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("register.sqlite");
    Register::create(&path.clone().into()).expect("a register");
    let open = |migrations: &Migrations| sqlite::Sqlite::open_with(&path, migrations).map(drop);
    let unfinished =
        next(&sqlite::MIGRATIONS, "CREATE TABLE note (text TEXT); SELECT no_such_function();");
    assert_eq!(code(open(&unfinished)), Some("store"));
    open(&sqlite::MIGRATIONS).expect("what failed left nothing behind");
    let finished = next(&sqlite::MIGRATIONS, SECOND);
    for _ in 0..2 {
        open(&finished).expect("brought up to date once");
    }
    assert_eq!(
        code(open(&sqlite::MIGRATIONS)),
        Some("register_version"),
        "newer than this program"
    );
}

#[cfg(all(unix, feature = "postgres"))]
#[test]
fn a_register_on_postgresql_goes_forward_and_never_back() {
    use super::{location::PostgresUrl, postgres};
    use crate::postgres_server::server;
    let Some(server) = server() else { return };
    let url: PostgresUrl = server.url(&server.data_base()).parse().expect("a URL");
    let open =
        |migrations: &Migrations| postgres::Postgres::open_with(url.expose(), migrations).map(drop);
    assert_eq!(code(open(&postgres::MIGRATIONS)), Some("register_version"), "there is none");
    Register::create(&url.clone().into()).expect("a register");
    let unfinished = next(
        &postgres::MIGRATIONS,
        "CREATE TABLE vernet.note (text TEXT); SELECT no_such_function();",
    );
    assert_eq!(code(open(&unfinished)), Some("store"));
    open(&postgres::MIGRATIONS).expect("what failed left nothing behind");
    let finished = next(&postgres::MIGRATIONS, "CREATE TABLE vernet.note (text TEXT);");
    // Several machines at once: one of them does it.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| open(&finished).expect("brought up to date once"));
        }
    });
    assert_eq!(
        code(open(&postgres::MIGRATIONS)),
        Some("register_version"),
        "newer than this program"
    );
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_program_without_postgresql_says_so() {
    let at = "postgres://vernet@db.example.no/office".parse().expect("a URL");
    assert_eq!(code(Register::open(&at)), Some("postgres_not_built"));
    assert_eq!(code(Register::create(&at)), Some("postgres_not_built"));
}

#[test]
fn what_is_missing_is_named() {
    let present = ["statement", "statement_appends"].map(ToOwned::to_owned);
    let migrations = Migrations(&[
        "CREATE TABLE statement (\n);\nCREATE TRIGGER statement_appends BEFORE",
        "CREATE TABLE vernet.certificate (",
    ]);
    assert_eq!(migrations.missing_from(migrations.newest(), &present), ["certificate"]);
}
