//! Imports people who hold a right granted in another register: reads a table of them, and reports
//! on each row. `docs/IMPORT.md` describes the table. Also reads tables of other states' alerts,
//! and those that the register is compared with.

mod alerts;
mod elsewhere;
mod error;
mod numbers;
mod report;
mod rows;
mod sheet;
mod table;
#[cfg(test)]
mod tests;

pub use alerts::read_alerts;
pub use elsewhere::{ELSEWHERE_COLUMNS, ElsewhereTable, UnreadRow};
pub use error::ImportError;
pub use numbers::read_certificate_numbers;
pub(crate) use report::refused;
pub use report::{ImportReport, RowReport};
pub use sheet::{CheckedRow, Sheet, SheetColumn, SheetRow};
pub use table::{IMPORT_COLUMNS, ImportRow, ImportTable, REQUIRED_COLUMNS};
