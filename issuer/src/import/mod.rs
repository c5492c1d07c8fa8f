//! People whom another register granted before: a table of them, read and reported on.
//! `docs/IMPORT.md` describes the table.

mod error;
mod report;
mod table;
#[cfg(test)]
mod tests;

pub use error::ImportError;
pub(crate) use report::refused;
pub use report::{ImportReport, RowReport};
pub use table::{ImportRow, ImportTable};
