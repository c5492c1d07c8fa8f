//! Where the register lies.
//!
//! SQL is in the adapters `sqlite` and `postgres`, and nowhere else. They store rows and answer
//! questions about rows, as `transaction` puts them; what a row means, which one may follow, and
//! whether what was read is what was written is decided above, once for all of them.

pub(crate) mod location;
mod migrations;
pub(crate) mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;
pub(crate) mod transaction;
