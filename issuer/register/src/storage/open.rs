//! Creates or opens a register where it is stored.

#[cfg(feature = "postgres")]
use crate::storage::postgres::Postgres;
use crate::{
    error::Error,
    storage::{
        location::RegisterLocation,
        sqlite::Sqlite,
        transaction::{Fill, Storage},
    },
};

/// Creates a register where there is nothing yet. `fill` writes its initial content. All of it is
/// created in one transaction, or nothing.
pub(crate) fn create(at: &RegisterLocation, fill: Fill<'_>) -> Result<Box<dyn Storage>, Error> {
    match at {
        RegisterLocation::File(path) => Ok(Box::new(Sqlite::create(path, fill)?)),
        #[cfg(feature = "postgres")]
        RegisterLocation::Postgres(url) => Ok(Box::new(Postgres::create(url.expose(), fill)?)),
        #[cfg(not(feature = "postgres"))]
        RegisterLocation::Postgres(_) => Err(Error::PostgresNotBuilt),
    }
}

/// Opens a register, and migrates one of an older version.
pub(crate) fn open(at: &RegisterLocation) -> Result<Box<dyn Storage>, Error> {
    match at {
        RegisterLocation::File(path) => Ok(Box::new(Sqlite::open(path)?)),
        #[cfg(feature = "postgres")]
        RegisterLocation::Postgres(url) => Ok(Box::new(Postgres::open(url.expose())?)),
        #[cfg(not(feature = "postgres"))]
        RegisterLocation::Postgres(_) => Err(Error::PostgresNotBuilt),
    }
}
