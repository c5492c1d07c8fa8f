//! Decodes text, whichever editor saved it.

use alloc::{borrow::Cow, string::String};

/// The text of a file, or `None` if it is no text. UTF-8, UTF-16 and UTF-32 are recognised with
/// and without a byte order mark; what is nearly ASCII is read as Latin-1, since only its ASCII
/// matters here.
pub(crate) fn plain_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(text) = wide_text(bytes) {
        return is_text(&text).then_some(Cow::Owned(text));
    }
    // Some programs pad with zeros.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bytes = &bytes[..end];
    match str::from_utf8(bytes) {
        Ok(text) => is_text(text).then_some(Cow::Borrowed(text)),
        Err(_) => {
            let latin = || bytes.iter().map(|byte| char::from(*byte));
            // Pictures and PDFs end here, at their first bytes and without a copy.
            if latin().any(is_control) {
                return None;
            }
            // Words in any language of Europe have fewer letters with marks than others.
            let foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            (foreign <= bytes.len() / 4).then(|| Cow::Owned(latin().collect()))
        }
    }
}

fn is_text(text: &str) -> bool {
    !text.contains(is_control)
}

fn is_control(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// Text in units of two or four bytes.
fn wide_text(bytes: &[u8]) -> Option<String> {
    type Read = fn([u8; 2]) -> u16;
    let (little, big): (Read, Read) = (u16::from_le_bytes, u16::from_be_bytes);
    let (bytes, read) = match bytes {
        [0xff, 0xfe, 0, 0, rest @ ..] => return Some(ascii_among_zeros(rest)),
        [0, 0, 0xfe, 0xff, rest @ ..] => return Some(ascii_among_zeros(rest)),
        [0xff, 0xfe, rest @ ..] => (rest, little),
        [0xfe, 0xff, rest @ ..] => (rest, big),
        // ASCII in UTF-16 has a zero in every second place.
        _ if zeros(bytes, 1) => (bytes, little),
        _ if zeros(bytes, 0) => (bytes, big),
        _ => return None,
    };
    let units = bytes.as_chunks().0.iter().map(|pair| read(*pair));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.filter(|c| *c != '\0').collect())
}

/// Whether nearly all bytes at odd places, or at even ones, are zeros and the others are not.
fn zeros(bytes: &[u8], place: usize) -> bool {
    let start = &bytes[..bytes.len().min(1024)];
    let zeros =
        |place: usize| start.iter().skip(place).step_by(2).filter(|byte| **byte == 0).count();
    start.len() >= 4 && zeros(place) * 2 * 10 >= start.len() * 9 && zeros(1 - place) == 0
}

fn ascii_among_zeros(bytes: &[u8]) -> String {
    bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const TEXT: &str = "Åse: https://verify.example.no/v#1804";

    fn utf_16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_editors_text_is_read() {
        let little = utf_16(TEXT, u16::to_le_bytes);
        let big = utf_16(TEXT, u16::to_be_bytes);
        for (name, bytes) in [
            ("UTF-8", TEXT.as_bytes().to_vec()),
            ("UTF-8 with a mark", [b"\xef\xbb\xbf", TEXT.as_bytes()].concat()),
            ("UTF-16, little, with a mark", [b"\xff\xfe", &little[..]].concat()),
            ("UTF-16, big, with a mark", [b"\xfe\xff", &big[..]].concat()),
            ("UTF-16, little", little),
            ("UTF-16, big", big),
            ("Latin-1", TEXT.chars().map(|c| c as u8).collect()),
            ("padded", [TEXT.as_bytes(), &[0; 9]].concat()),
        ] {
            assert_eq!(plain_text(&bytes).as_deref(), Some(TEXT), "{name}");
        }
        let wide: Vec<u8> = "1804".bytes().flat_map(|byte| [byte, 0, 0, 0]).collect();
        assert_eq!(plain_text(&[b"\xff\xfe\0\0", &wide[..]].concat()).as_deref(), Some("1804"));
    }

    #[test]
    fn what_is_no_text_is_not_taken_for_it() {
        for bytes in [&b"PK\x03\x04\0\0"[..], b"\x89PNG\r\n\x1a\n", b"abc\0def\x01", &[0xe5; 40]] {
            assert_eq!(plain_text(bytes), None, "{bytes:?}");
        }
    }
}
