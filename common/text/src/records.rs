//! Reads the records of a CSV file (RFC 4180) one after the other, in little memory.
//!
//! Not the crate `csv`: it reads `"Kari,…⏎8,"Ola` as a single cell, so that a stray quotation mark
//! silently merges two people into one, and it has no limit on the size of a record. Here such a
//! record is a fault of its first line, and reading continues with the next line: nobody is lost.

use std::io::{self, Read};

use crate::{
    encoding::{Utf8, is_windows_1252, utf8, windows_1252},
    error::{RowFault, TableError},
};

/// The most bytes of a record: a certificate, with room for what else is known of a person.
const MAX_RECORD: usize = 64 << 10;

const CHUNK: usize = 64 << 10;

/// A record, and the line on which it begins.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) cells: Result<Vec<String>, RowFault>,
}

pub(super) struct Records<R> {
    reader: Utf8<R>,
    encoding: Encoding,
    /// What was read; the next record begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    line: u64,
    pub(super) form: Form,
}

/// What bytes beyond ASCII mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// There was none yet.
    Open,
    Utf8,
    /// UTF-8 out of UTF-16, with U+FFFD for what had no meaning there.
    Utf16,
    Windows1252,
}

/// How much of a table is looked at to find out its encoding, from the first row that is not UTF-8.
const AHEAD: usize = 1 << 20;

/// How the table is written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) delimiter: u8,
    /// The last byte of a line end: LF, before which there may be a CR, or CR alone.
    line_end: u8,
}

impl<R: Read> Records<R> {
    /// Skips a byte order mark, and finds out how lines end.
    pub(super) fn new(reader: R) -> Result<Self, TableError> {
        let form = Form { delimiter: b',', line_end: b'\n' };
        let (reader, is_wide) = utf8(reader)?;
        let encoding = if is_wide { Encoding::Utf16 } else { Encoding::Open };
        let mut records =
            Self { reader, encoding, buffer: Vec::new(), start: 0, ended: false, line: 1, form };
        while first_line_end(records.unread()).is_none()
            && !records.ended
            && records.unread().len() <= MAX_RECORD
        {
            records.fill()?;
        }
        // A spreadsheet on a Macintosh may write CR alone. In a table whose first line ends
        // otherwise, a CR is part of a cell.
        if let Some(b'\r') = first_line_end(records.unread()) {
            records.form.line_end = b'\r';
        }
        Ok(records)
    }

    /// The delimiter that the first line states, if it is the line `sep=;` by which programs tell
    /// a spreadsheet. That line is then skipped.
    pub(super) fn stated_delimiter(&mut self) -> io::Result<Option<u8>> {
        let Some(line) = self.peek_line()? else { return Ok(None) };
        let length = line.len();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line =
            line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
        let stated = match line.split_at_checked(4) {
            Some((word, [delimiter])) if word.eq_ignore_ascii_case(b"sep=") => *delimiter,
            _ => return Ok(None),
        };
        if stated != b'\t' && (!stated.is_ascii_punctuation() || stated == b'"') {
            return Ok(None);
        }
        self.consume((length + 1).min(self.unread().len()));
        Ok(Some(stated))
    }

    /// The first line, without consuming it, to find the delimiter. `None` if it is longer than a
    /// record.
    pub(super) fn peek_line(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            if let Some(length) = self.line_length() {
                return Ok(Some(&self.buffer[self.start..self.start + length]));
            }
            if self.ended {
                return Ok(Some(self.unread()));
            }
            if self.unread().len() > MAX_RECORD {
                return Ok(None);
            }
            self.fill()?;
        }
    }

    /// The next record; empty lines are skipped.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        self.skip_empty_lines()?;
        if self.unread().is_empty() {
            return Ok(None);
        }
        let line = self.line;
        loop {
            let fault = match split(self.unread(), self.ended, self.form) {
                Split::Record { cells, length } => {
                    if self.encoding == Encoding::Open {
                        self.encoding = self.look_ahead(length)?;
                    }
                    self.consume(length);
                    return Ok(Some(Record { line, cells: text(cells, self.encoding) }));
                }
                Split::More if self.unread().len() <= MAX_RECORD => {
                    self.fill()?;
                    continue;
                }
                Split::More => RowFault::TooLarge { limit: MAX_RECORD },
                Split::Fault => RowFault::Quote,
            };
            self.skip_line()?;
            return Ok(Some(Record { line, cells: Err(fault) }));
        }
    }

    /// The encoding, as far as it follows from the record of this length and what comes after it.
    fn look_ahead(&mut self, length: usize) -> io::Result<Encoding> {
        let record = &self.unread()[..length];
        if record.is_ascii() {
            return Ok(Encoding::Open);
        }
        if str::from_utf8(record).is_ok() {
            return Ok(Encoding::Utf8);
        }
        while self.unread().len() < AHEAD && !self.ended {
            self.fill()?;
        }
        // A Macintosh has other letters where Windows has its own.
        let is_from_windows = self.form.line_end == b'\n' && is_windows_1252(self.unread());
        // The last line may be cut off in the middle of a letter.
        let mut lines: Vec<_> = self.unread().split(|byte| *byte == self.form.line_end).collect();
        if !self.ended {
            lines.pop();
        }
        let is_utf8 = |line: &[u8]| !line.is_ascii() && str::from_utf8(line).is_ok();
        Ok(match is_from_windows && !lines.into_iter().any(is_utf8) {
            true => Encoding::Windows1252,
            // Then this record is damaged.
            false => Encoding::Utf8,
        })
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// The length of the line that begins here, without its end.
    fn line_length(&self) -> Option<usize> {
        self.unread().iter().position(|byte| *byte == self.form.line_end)
    }

    fn consume(&mut self, length: usize) {
        let ends = |byte: &&u8| **byte == self.form.line_end;
        let lines = self.unread()[..length].iter().filter(ends).count();
        self.line += lines as u64;
        self.start += length;
    }

    fn skip_empty_lines(&mut self) -> io::Result<()> {
        loop {
            match self.unread() {
                [byte, ..] if *byte == self.form.line_end => self.consume(1),
                [b'\r', b'\n', ..] => self.consume(2),
                [] | [b'\r'] if !self.ended => self.fill()?,
                [b'\r'] => self.consume(1),
                _ => return Ok(()),
            }
        }
    }

    /// Skips to the end of the line, however long it is.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(length) = self.line_length() {
                self.consume(length + 1);
                return Ok(());
            }
            self.consume(self.unread().len());
            if self.ended {
                return Ok(());
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let read = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut self.buffer)?;
        self.ended = read == 0;
        Ok(())
    }
}

enum Split {
    Record {
        cells: Vec<Vec<u8>>,
        length: usize,
    },
    /// The bytes end before the record does.
    More,
    /// A quotation mark where none is allowed.
    Fault,
}

/// The first record of these bytes. `ended` says that nothing comes after them.
fn split(bytes: &[u8], ended: bool, Form { delimiter, line_end }: Form) -> Split {
    let mut cells = Vec::new();
    let mut place = 0;
    loop {
        let mut cell = Vec::new();
        if bytes.get(place) == Some(&b'"') {
            place += 1;
            loop {
                let Some(length) = bytes[place..].iter().position(|byte| *byte == b'"') else {
                    return if ended { Split::Fault } else { Split::More };
                };
                cell.extend_from_slice(&bytes[place..place + length]);
                place += length + 1;
                if bytes.get(place) != Some(&b'"') {
                    break;
                }
                cell.push(b'"');
                place += 1;
            }
        } else {
            let ends = |byte: &u8| *byte == delimiter || *byte == line_end;
            let Some(length) =
                bytes[place..].iter().position(ends).or(ended.then_some(bytes.len() - place))
            else {
                return Split::More;
            };
            let mut length = length;
            // The end of a line may be CRLF.
            let at_end = bytes.get(place + length) != Some(&delimiter);
            if at_end && length > 0 && bytes[place + length - 1] == b'\r' {
                length -= 1;
            }
            cell.extend_from_slice(&bytes[place..place + length]);
            place += length;
        }
        cells.push(cell);
        let length = match &bytes[place..] {
            [] if !ended => return Split::More,
            [b'\r'] if !ended && line_end == b'\n' => return Split::More,
            [] => place,
            [b'\r'] => place + 1,
            [found, ..] if *found == line_end => place + 1,
            [b'\r', b'\n', ..] => place + 2,
            [found, ..] if *found == delimiter => {
                place += 1;
                continue;
            }
            _ => return Split::Fault,
        };
        return if length > MAX_RECORD { Split::More } else { Split::Record { cells, length } };
    }
}

/// The last byte of the first line end outside quotation marks; `None` if it has not been read yet.
fn first_line_end(bytes: &[u8]) -> Option<u8> {
    let mut quoted = false;
    let place = bytes.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && matches!(byte, b'\n' | b'\r')
    })?;
    match &bytes[place..] {
        [b'\n', ..] | [b'\r', b'\n', ..] => Some(b'\n'),
        [b'\r', _, ..] => Some(b'\r'),
        _ => None,
    }
}

/// The text of cells. In a table of Windows-1252, a row that is UTF-8 was put there by something
/// else, and would be read wrongly.
fn text(cells: Vec<Vec<u8>>, encoding: Encoding) -> Result<Vec<String>, RowFault> {
    if cells.iter().any(|cell| cell.contains(&0)) {
        return Err(RowFault::Nul);
    }
    let is_ascii = cells.iter().all(|cell| cell.is_ascii());
    let text: Result<Vec<_>, _> =
        cells.iter().map(|cell| str::from_utf8(cell).map(str::to_owned)).collect();
    match (encoding, text) {
        (Encoding::Utf16, Ok(text)) if text.iter().any(|cell| cell.contains('\u{fffd}')) => {
            Err(RowFault::Lost)
        }
        (Encoding::Windows1252, Ok(_)) if !is_ascii => Err(RowFault::NotUtf8),
        (_, Ok(text)) => Ok(text),
        (Encoding::Windows1252, Err(_)) if cells.iter().all(|cell| is_windows_1252(cell)) => {
            Ok(cells.iter().map(|cell| windows_1252(cell)).collect())
        }
        (_, Err(_)) => Err(RowFault::NotUtf8),
    }
}
