//! What people's own programs save: text in any encoding, tables, days and names as people write
//! them.
//!
//! Office and hospital read tables with the same [`Table`], so that what one of them can read the
//! other can, and what neither can read has the same explanation. What is read wrongly is worse than
//! what is not read: where a file can mean two things, a person must say which.
//!
//! ```
//! use vernet_text::Table;
//!
//! // "CSV" of a Norwegian Excel: Windows-1252, semicolons, an empty column and an empty row.
//! let saved = b"name;born;\r\n\xc5se;17.05.1984;\r\n;;\r\n";
//! let mut table = Table::read(&saved[..])?;
//! assert_eq!(table.header(), ["name", "born"]);
//! let row = table.next().expect("a row")?;
//! assert_eq!((row.line, &row.cells[..]), (2, &["Åse".to_owned(), "17.05.1984".to_owned()][..]));
//! assert_eq!(vernet_text::date(&row.cells[1]), "1984-05-17".parse().ok());
//! assert!(table.next().is_none());
//! # Ok::<(), vernet_text::TableError>(())
//! ```

mod characters;
mod date;
mod encoding;
mod error;
mod records;
mod table;

pub use characters::{is_dash, is_invisible, with_plain_hyphens};
pub use date::{date, serial_date};
pub use encoding::to_utf8;
pub use error::{RowFault, TableError};
pub use table::{Table, TableRow};
