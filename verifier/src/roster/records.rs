//! Reads the records of a CSV file (RFC 4180) one after the other, in little memory.
//!
//! Not the crate `csv`: it reads `"Kari,…⏎8,"Ola` as a single cell, so that a stray quotation mark
//! silently merges two people into one, and it has no limit on the size of a record. Here such a
//! record is a fault of its first line, and reading continues with the next line: nobody is lost.

use alloc::{string::String, vec::Vec};
use std::io::{self, Read};

use super::error::RowFault;

/// The most bytes of a record: a certificate, with room for what else is known of a person.
pub(super) const MAX_RECORD: usize = 64 << 10;

const CHUNK: usize = 64 << 10;

/// A record, and the line on which it begins.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) cells: Result<Vec<String>, RowFault>,
}

pub(super) struct Records<R> {
    reader: R,
    /// What was read; the next record begins at `start`.
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    line: u64,
    pub(super) delimiter: u8,
}

impl<R: Read> Records<R> {
    /// Skips a byte order mark.
    pub(super) fn new(reader: R) -> io::Result<Self> {
        let mut records =
            Self { reader, buffer: Vec::new(), start: 0, ended: false, line: 1, delimiter: b',' };
        while records.buffer.len() < 3 && !records.ended {
            records.fill()?;
        }
        if records.buffer.starts_with(b"\xef\xbb\xbf") {
            records.start = 3;
        }
        Ok(records)
    }

    /// The first line, without consuming it, to find the delimiter. `None` if it is longer than a
    /// record.
    pub(super) fn peek_line(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            if let Some(length) = self.unread().iter().position(|byte| *byte == b'\n') {
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
            let fault = match split(self.unread(), self.ended, self.delimiter) {
                Split::Record { cells, length } => {
                    self.consume(length);
                    return Ok(Some(Record { line, cells: text(cells) }));
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

    fn unread(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn consume(&mut self, length: usize) {
        let lines = self.unread()[..length].iter().filter(|byte| **byte == b'\n').count();
        self.line += lines as u64;
        self.start += length;
    }

    fn skip_empty_lines(&mut self) -> io::Result<()> {
        loop {
            match self.unread() {
                [b'\n', ..] => self.consume(1),
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
            if let Some(length) = self.unread().iter().position(|byte| *byte == b'\n') {
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
fn split(bytes: &[u8], ended: bool, delimiter: u8) -> Split {
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
            let ends = |byte: &u8| *byte == delimiter || *byte == b'\n';
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
            [] | [b'\r'] if !ended => return Split::More,
            [] => place,
            [b'\r'] => place + 1,
            [b'\n', ..] => place + 1,
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

fn text(cells: Vec<Vec<u8>>) -> Result<Vec<String>, RowFault> {
    if cells.iter().any(|cell| cell.contains(&0)) {
        return Err(RowFault::Nul);
    }
    cells.into_iter().map(|cell| String::from_utf8(cell).map_err(|_| RowFault::NotUtf8)).collect()
}
