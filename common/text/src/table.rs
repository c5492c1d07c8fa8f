use std::io::{self, Read};

use crate::{
    error::{RowFault, TableError},
    records::{Record, Records},
};

/// A table as text, as spreadsheets and personnel systems save it (CSV, RFC 4180).
///
/// The first line names the columns. Cells are separated by commas, semicolons or tabs, whichever is
/// most frequent in the first line, or by what a line `sep=;` before it says. Lines end in LF, CRLF,
/// or CR throughout. The text is in UTF-8 or UTF-16, with or without a byte order mark, or in
/// Windows-1252. Columns without a name at the end, cells beyond the last column and rows are passed
/// over if they are empty.
pub struct Table<R> {
    records: Records<R>,
    header: Vec<String>,
}

/// A row of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableRow {
    /// Its line in the file, from 1, as an editor counts.
    pub line: u64,
    /// Its cells. As many as the header has, unless there is a fault: then those that were found.
    pub cells: Vec<String>,
    /// Why it cannot be read, if so.
    pub fault: Option<RowFault>,
}

impl<R: Read> Table<R> {
    /// Reads the first line.
    ///
    /// # Errors
    ///
    /// [`TableError`] if the table is empty or no text, or its first line cannot be read. What is
    /// wrong with a later row is reported in that row.
    pub fn read(reader: R) -> Result<Self, TableError> {
        let mut records = Records::new(reader)?;
        records.form.delimiter = match records.stated_delimiter()? {
            Some(stated) => stated,
            None => records.peek_line()?.map_or(b',', delimiter),
        };
        let header = loop {
            let Some(Record { cells, .. }) = records.next()? else {
                return Err(TableError::Empty);
            };
            let header = without_empty_end(cells.map_err(TableError::Header)?, 0);
            if !header.is_empty() {
                break header;
            }
        };
        Ok(Self { records, header })
    }

    /// The names of the columns, as they stand there.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    fn row(&self, Record { line, cells }: Record) -> Option<TableRow> {
        let cells = match cells {
            Ok(cells) => cells,
            Err(fault) => return Some(TableRow { line, cells: Vec::new(), fault: Some(fault) }),
        };
        if cells.iter().all(|cell| is_blank(cell)) {
            return None;
        }
        let cells = without_empty_end(cells, self.header.len());
        let (found, expected) = (cells.len(), self.header.len());
        let fault = (found != expected).then_some(RowFault::Length { found, expected });
        Some(TableRow { line, cells, fault })
    }
}

impl<R: Read> Iterator for Table<R> {
    type Item = io::Result<TableRow>;

    fn next(&mut self) -> Option<io::Result<TableRow>> {
        loop {
            match self.records.next() {
                Ok(None) => return None,
                Ok(Some(record)) => {
                    if let Some(row) = self.row(record) {
                        return Some(Ok(row));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Without empty cells at the end, as far as there are more than `least`.
fn without_empty_end(mut cells: Vec<String>, least: usize) -> Vec<String> {
    while cells.len() > least && cells.last().is_some_and(|cell| is_blank(cell)) {
        cells.pop();
    }
    cells
}

fn is_blank(cell: &str) -> bool {
    cell.trim().is_empty()
}

/// The delimiter that is most frequent in the first line.
fn delimiter(line: &[u8]) -> u8 {
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    // `max_by_key` returns the last of several maxima: the comma, if there is no delimiter at all.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use encoding_rs::{IBM866, MACINTOSH, WINDOWS_1252};

    use super::*;

    const PLAIN: &str = "number,name,born\n7,Åse Østby,1980-02-29\n8,\"Li, Bjørn\",\n";

    fn rows(table: impl AsRef<[u8]>) -> Vec<String> {
        let table = Table::read(table.as_ref()).expect("a table");
        let header = table.header().join("|");
        let shown = |row: TableRow| match row.fault {
            Some(fault) => format!("{}: {}", row.line, fault.code()),
            None => format!("{}: {}", row.line, row.cells.join("|")),
        };
        std::iter::once(header).chain(table.map(|row| shown(row.expect("memory")))).collect()
    }

    fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn whatever_a_spreadsheet_calls_csv_is_the_same_table() {
        let expected = ["number|name|born", "2: 7|Åse Østby|1980-02-29", "3: 8|Li, Bjørn|"];
        let tabs = "number\tname\tborn\n7\tÅse Østby\t1980-02-29\n8\tLi, Bjørn\t\n";
        let semicolons = tabs.replace('\t', ";");
        for (what, bytes) in [
            ("UTF-8", PLAIN.into()),
            ("a mark", format!("\u{feff}{PLAIN}").into()),
            ("CRLF", PLAIN.replace('\n', "\r\n").into_bytes()),
            ("CR", PLAIN.replace('\n', "\r").into_bytes()),
            ("semicolons", semicolons.clone().into_bytes()),
            ("tabs", tabs.into()),
            ("Windows-1252", WINDOWS_1252.encode(&semicolons).0.into_owned()),
            (
                "Unicode text",
                [b"\xff\xfe", &wide(&tabs.replace('\n', "\r\n"), u16::to_le_bytes)[..]].concat(),
            ),
            ("UTF-16, big", [b"\xfe\xff", &wide(tabs, u16::to_be_bytes)[..]].concat()),
            ("UTF-16 without a mark", wide(tabs, u16::to_le_bytes)),
            ("blank columns", PLAIN.replace('\n', ",,,\n").into_bytes()),
            ("blank rows", format!("{PLAIN},,\n , ,\n\n,,,,,\n").into_bytes()),
        ] {
            assert_eq!(rows(&bytes), expected, "{what}");
        }
        let stated = format!("sep=;\n{semicolons}");
        assert_eq!(
            rows(&stated),
            ["number|name|born", "3: 7|Åse Østby|1980-02-29", "4: 8|Li, Bjørn|"]
        );
        let wide_and_stated = [b"\xff\xfe", &wide(&stated, u16::to_le_bytes)[..]].concat();
        assert_eq!(rows(wide_and_stated), rows(stated));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_a_fault_of_its_rows() {
        let ascii = "number,name\n";
        for (what, row) in
            [("DOS", IBM866.encode("1,Хокон\n").0), ("Macintosh", MACINTOSH.encode("1,Håkon\n").0)]
        {
            let table = [ascii.as_bytes(), &row[..], b"2,Ola\n"].concat();
            assert_eq!(rows(table), ["number|name", "2: row_not_utf8", "3: 2|Ola"], "{what}");
        }
        // Lines that end in CR come from a Macintosh, whose letters are others.
        let mac = MACINTOSH.encode("number,name\r1,Håkon Sør\r2,Ola\r").0;
        assert_eq!(rows(mac), ["number|name", "2: row_not_utf8", "3: 2|Ola"]);
        // One damaged row does not make Windows-1252 out of UTF-8, before or after.
        let (good, bad) = ("2,Åse\n".as_bytes(), &b"1,K\xe5re\n"[..]);
        assert_eq!(
            rows([ascii.as_bytes(), bad, good].concat()),
            ["number|name", "2: row_not_utf8", "3: 2|Åse"]
        );
        assert_eq!(
            rows([ascii.as_bytes(), good, bad].concat()),
            ["number|name", "2: 2|Åse", "3: row_not_utf8"]
        );
        let far = [ascii.as_bytes(), &b"1,K\xe5re\n".repeat(200_000), good].concat();
        let read = rows(far);
        assert_eq!(
            (read[1].as_str(), read.last().map(String::as_str)),
            ("2: 1|Kåre", Some("200002: row_not_utf8"))
        );
        // A letter that UTF-16 cannot hold was lost before.
        let lost = [
            b"\xff\xfe".to_vec(),
            wide("number,name\n1,A", u16::to_le_bytes),
            vec![0, 0xd8],
            wide("\n2,Ola\n", u16::to_le_bytes),
        ]
        .concat();
        assert_eq!(rows(lost), ["number|name", "2: row_character_lost", "3: 2|Ola"]);
    }

    #[test]
    fn what_is_cut_off_is_no_empty_cell() {
        let table = "number,name,suspended\n7,Åse\n8,Ola,,x\n9,Kari,,,\n";
        assert_eq!(
            rows(table),
            ["number|name|suspended", "2: row_length", "3: row_length", "4: 9|Kari|"]
        );
    }

    #[test]
    fn a_workbook_is_no_table_and_the_message_says_what_to_do() {
        for start in [&b"PK\x03\x04\x14\0"[..], b"\xd0\xcf\x11\xe0\xa1\xb1"] {
            let Err(error) = Table::read(start) else { panic!("a workbook") };
            assert_eq!(error.code(), "table_workbook");
            assert!(error.to_string().contains("save it as `CSV UTF-8`"), "{error}");
        }
        let Err(error) = Table::read(&b"\xef\xbb\xbf\n,,\n\n"[..]) else { panic!("empty") };
        assert_eq!(error.code(), "table_empty");
    }
}
