//! Makes or opens a register where it lies.

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

/// Makes a register where there is nothing yet. `fill` writes what it begins with, and is part of
/// the one transaction in which all of it is made, or nothing.
pub(crate) fn create(at: &RegisterLocation, fill: Fill<'_>) -> Result<Box<dyn Storage>, Error> {
    match at {
        RegisterLocation::File(path) => Ok(Box::new(Sqlite::create(path, fill)?)),
        #[cfg(feature = "postgres")]
        RegisterLocation::Postgres(url) => Ok(Box::new(Postgres::create(url.expose(), fill)?)),
        #[cfg(not(feature = "postgres"))]
        RegisterLocation::Postgres(_) => Err(Error::PostgresNotBuilt),
    }
}

/// Opens a register, and brings one of an older version up to date.
pub(crate) fn open(at: &RegisterLocation) -> Result<Box<dyn Storage>, Error> {
    match at {
        RegisterLocation::File(path) => Ok(Box::new(Sqlite::open(path)?)),
        #[cfg(feature = "postgres")]
        RegisterLocation::Postgres(url) => Ok(Box::new(Postgres::open(url.expose())?)),
        #[cfg(not(feature = "postgres"))]
        RegisterLocation::Postgres(_) => Err(Error::PostgresNotBuilt),
    }
}
