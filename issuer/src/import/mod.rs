//! People whom another register granted before: a table of them, read and reported on.
//! `docs/IMPORT.md` describes the table.

mod error;
mod report;
mod table;
#[cfg(test)]
mod tests;

pub use error::ImportError;
pub use report::{ImportReport, RowOutcome, RowReport};
pub use table::{ImportRow, ImportTable};
