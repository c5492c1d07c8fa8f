//! Encodings of text.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::error::TableError;

/// A reader of bytes in UTF-8, as far as what stands there is UTF-8 or UTF-16.
pub(crate) type Utf8<R> = DecodeReaderBytes<io::Chain<io::Cursor<Vec<u8>>, R>, Vec<u8>>;

/// What is enough to see that text is in UTF-16, or that it is no text.
const START: u64 = 1024;

/// Takes a byte order mark away, and makes UTF-8 of UTF-16, with or without a mark. Other bytes stay
/// as they are. `true` says that it was UTF-16.
///
/// # Errors
///
/// [`TableError::Workbook`] if it is a workbook; [`TableError::Read`] if it cannot be read.
pub(crate) fn utf8<R: Read>(mut reader: R) -> Result<(Utf8<R>, bool), TableError> {
    let mut start = Vec::new();
    reader.by_ref().take(START).read_to_end(&mut start)?;
    // A ZIP archive or a compound file.
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(TableError::Workbook);
    }
    let wide = utf_16(&start);
    let bytes = io::Cursor::new(start).chain(reader);
    let utf8 = DecodeReaderBytesBuilder::new()
        .encoding(wide)
        .utf8_passthru(true)
        .strip_bom(true)
        .bom_override(true)
        .build(bytes);
    Ok((utf8, wide.is_some()))
}

/// The bytes of a text in UTF-8, whichever editor saved it: without a byte order mark, and out of
/// UTF-16. What is neither stays as it is, for the parser to complain about.
pub fn to_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match utf_16(&bytes[..bytes.len().min(START as usize)]) {
        Some(encoding) => match encoding.decode(bytes) {
            (Cow::Owned(text), ..) => Cow::Owned(text.into_bytes()),
            (Cow::Borrowed(text), ..) => Cow::Borrowed(text.as_bytes()),
        },
        None => Cow::Borrowed(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}

/// The encoding of text in units of two bytes.
fn utf_16(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        // ASCII has a zero in every second place then.
        _ if zeros(start, 1) => Some(UTF_16LE),
        _ if zeros(start, 0) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether nearly all bytes at odd places, or at even ones, are zeros and the others are not.
fn zeros(start: &[u8], place: usize) -> bool {
    let zeros =
        |place: usize| start.iter().skip(place).step_by(2).filter(|byte| **byte == 0).count();
    start.len() >= 4 && zeros(place) * 2 * 10 >= start.len() * 9 && zeros(1 - place) == 0
}

/// Bytes that Windows-1252 does not have or that stand in no name and no date, but are letters in the
/// code pages of DOS and of the Macintosh: `å` is 0x86 in the one and 0x8C in the other.
const ELSEWHERE: &[u8] = &[
    0x81, 0x82, 0x83, 0x84, 0x86, 0x87, 0x88, 0x89, 0x8b, 0x8c, 0x8d, 0x8f, 0x90, 0x98, 0x9b, 0x9d,
    0xae, 0xaf, 0xbe, 0xbf,
];

/// Whether bytes that are not UTF-8 can be Windows-1252, in which spreadsheets of Western Europe
/// save what they call just CSV.
pub(crate) fn is_windows_1252(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| ELSEWHERE.contains(byte))
}

/// Text in Windows-1252.
pub(crate) fn windows_1252(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn a_mark_and_utf_16_are_taken_away() {
        let json = r#"{"given_name":"Åse","state":"in force"}"#;
        let (little, big) = (wide(json, u16::to_le_bytes), wide(json, u16::to_be_bytes));
        for bytes in [
            json.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", json.as_bytes()].concat(),
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
            little,
            big,
        ] {
            assert_eq!(to_utf8(&bytes), json.as_bytes());
            let (mut read, mut text) = (utf8(&bytes[..]).expect("text").0, String::new());
            read.read_to_string(&mut text).expect("UTF-8");
            assert_eq!(text, json);
        }
        assert_eq!(&*to_utf8(b"\xc5se"), b"\xc5se");
        assert_eq!(&*to_utf8(b""), b"");
    }

    #[test]
    fn other_code_pages_are_not_taken_for_that_of_windows() {
        assert!(is_windows_1252(b"\xc5se \xd8stlyngen-Br\xe5then, S\xf8r\xe6s \x8a\x9e \x96 \x92"));
        for (name, bytes) in
            [("850", b"H\x86kon"), ("850", b"K\x9bhn "), ("Mac", b"H\x8ckon"), ("Mac", b"K\xbfhn ")]
        {
            assert!(!is_windows_1252(bytes), "{name}");
        }
    }
}
