use std::io;

vernet_common::error_enum! {
    /// Why a table cannot be read at all. The messages quote nothing from it: a table without a
    /// header begins with somebody's name.
    #[derive(Debug, thiserror::Error)]
    pub enum TableError {
        /// There is not even a first line.
        #[error("the table is empty, expected a first line with the names of the columns")]
        Empty: "table_empty",
        /// It is the spreadsheet's own file.
        #[error(
            "it is a workbook, in the form in which a spreadsheet keeps it, expected a table as text: save it as `CSV UTF-8`"
        )]
        Workbook: "table_workbook",
        /// The first line cannot be read.
        #[error("the first line cannot be read: {0}")]
        Header: "table_header_unreadable" (RowFault),
        /// It cannot be read to its end.
        #[error("the table cannot be read: {0}")]
        Read: "table_unreadable" (#[from] io::Error),
    }
}

/// Why a row of a table cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// It has more or fewer cells than the first line. More do not matter if they are empty. Fewer
    /// do: it cannot be told which ones are missing.
    #[error(
        "the row has {found} cells, expected {expected}, as in the first line; some spreadsheets leave out empty cells at the end of a row: \
         let the last column be one that is always filled"
    )]
    Length {
        /// Its cells.
        found: usize,
        /// Those of the first line.
        expected: usize,
    },
    /// A quotation mark is not closed, or something follows the closing one. A lenient reader would
    /// make one row out of two people.
    #[error(
        "a quotation mark in the row is not closed where its cell ends, expected `\"…\"` around the whole cell, and `\"\"` for one inside of it"
    )]
    Quote,
    /// It is too large.
    #[error("the row has more than {limit} bytes, at most so many are read")]
    TooLarge {
        /// The most bytes.
        limit: usize,
    },
    /// It is not UTF-8, and nothing else that can be told apart: rows before it are, or there are
    /// letters of DOS or the Macintosh.
    #[error(
        "the row is neither UTF-8, as the other rows are, nor Windows-1252 throughout: save the table as `CSV UTF-8`"
    )]
    NotUtf8,
    /// A NUL: many programs would take it for the end of the text.
    #[error("the row has a NUL character, expected text")]
    Nul,
    /// An earlier program did not know a letter, and put U+FFFD in its place.
    #[error(
        "the row has a character that was lost when the table was saved (U+FFFD): save it anew, as `CSV UTF-8`"
    )]
    Lost,
}

impl RowFault {
    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "row_length",
            Self::Quote => "row_quote",
            Self::TooLarge { .. } => "row_too_large",
            Self::NotUtf8 => "row_not_utf8",
            Self::Nul => "row_nul",
            Self::Lost => "row_character_lost",
        }
    }
}
