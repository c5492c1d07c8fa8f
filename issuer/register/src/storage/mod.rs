//! Storage of the register.
//!
//! Only the adapters `sqlite` and `postgres` contain SQL. They store rows and answer queries about
//! rows, as defined by `transaction`. The layers above decide, once for all adapters, what a row
//! means, which one may follow, and whether what was read is what was written.

pub(crate) mod location;
mod migrations;
pub(crate) mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;
pub(crate) mod transaction;
