//! One pass over the bytes of a PDF.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem::{find, rfind};

/// The longest dictionary before a stream that is examined: those of embedded files and of pictures
/// have a few hundred bytes.
const MAX_DICTIONARY: usize = 4096;

/// The longest text that is taken from an attachment, inflated: a statement of professional status
/// has at most 16 kB, a certificate 4.
const MAX_TEXT: usize = 32 * 1024;

/// The most places that look like the beginning of a stream. Before each, a dictionary is looked
/// for; a letter has some thirty, the scan of a book some thousands.
const MAX_PLACES: usize = 65_536;

/// A stream that may hold a certificate.
pub(super) enum Found<'a> {
    Attachment(Content<'a>),
    /// A JPEG.
    Picture(&'a [u8]),
}

/// The content of an attachment, perhaps deflated.
pub(super) struct Content<'a> {
    bytes: &'a [u8],
    deflated: bool,
}

impl Content<'_> {
    /// The text of a JWS, if it is one: other attachments of a PDF are ignored.
    pub(super) fn text(&self) -> Option<String> {
        let mut content = Vec::new();
        if self.deflated {
            // One byte beyond the limit shows that there is more.
            ZlibDecoder::new(self.bytes)
                .take(MAX_TEXT as u64 + 1)
                .read_to_end(&mut content)
                .ok()?;
        } else {
            content.extend_from_slice(self.bytes.get(..MAX_TEXT + 1).unwrap_or(self.bytes));
        }
        if content.len() > MAX_TEXT {
            return None;
        }
        let text = str::from_utf8(&content).ok()?.trim();
        text.starts_with("eyJ").then(|| text.to_owned())
    }
}

/// The attachments and pictures among all streams, in the order of the file.
pub(super) fn streams(file: &[u8]) -> impl Iterator<Item = Found<'_>> {
    let (mut at, mut places) = (0, 0);
    core::iter::from_fn(move || {
        loop {
            places += 1;
            if places > MAX_PLACES {
                return None;
            }
            let keyword = at + find(file.get(at..)?, b"stream")?;
            let Some(start) = after_line_end(file, keyword + b"stream".len()) else {
                at = keyword + 1;
                continue;
            };
            let Some(dictionary) = dictionary_before(file, keyword) else {
                at = keyword + 1;
                continue;
            };
            let length = direct_length(dictionary).filter(|length| ends_at(file, start, *length));
            // Without `endstream` there is no stream here, nor any further on.
            let length = length.or_else(|| find(file.get(start..)?, b"endstream"))?;
            at = start + length;
            if let Some(found) = classify(dictionary, &file[start..start + length]) {
                return Some(found);
            }
        }
    })
}

fn classify<'a>(dictionary: &[u8], bytes: &'a [u8]) -> Option<Found<'a>> {
    let has = |name: &[u8]| names(dictionary).any(|found| found == name);
    // The media type counts too, because some programs leave out the optional `/Type`. `#2F` is how
    // a name spells `/`.
    let attachment = has(b"EmbeddedFile")
        || has(b"application#2Fdc+sd-jwt")
        || has(b"application#2Fvernet-ccps+jwt");
    let filters = [
        "FlateDecode",
        "Fl",
        "DCTDecode",
        "LZWDecode",
        "ASCII85Decode",
        "ASCIIHexDecode",
        "RunLengthDecode",
        "Crypt",
    ];
    let mut applied = filters.iter().filter(|filter| has(filter.as_bytes()));
    match (applied.next(), applied.next()) {
        (None, _) if attachment => Some(Found::Attachment(Content { bytes, deflated: false })),
        (Some(&("FlateDecode" | "Fl")), None) if attachment => {
            Some(Found::Attachment(Content { bytes, deflated: true }))
        }
        (Some(&"DCTDecode"), None) if has(b"Image") => Some(Found::Picture(bytes)),
        // Our attachments use no other filters, and nobody's use several in a row.
        _ => None,
    }
}

/// The dictionary that ends right before the keyword `stream`, from the `obj` that it belongs to.
fn dictionary_before(file: &[u8], keyword: usize) -> Option<&[u8]> {
    let before = file.get(keyword.saturating_sub(MAX_DICTIONARY)..keyword)?.trim_ascii_end();
    if !before.ends_with(b">>") {
        return None;
    }
    let object = rfind(before, b"obj")?;
    before.get(object + 3..)
}

/// `stream` is followed by a line end, and data begins after it (ISO 32000-1 § 7.3.8.1).
fn after_line_end(file: &[u8], at: usize) -> Option<usize> {
    match (file.get(at)?, file.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\n' | b'\r', _) => Some(at + 1),
        _ => None,
    }
}

/// Whether `endstream` follows after this many bytes, except for a line end.
fn ends_at(file: &[u8], start: usize, length: usize) -> bool {
    let rest = start.checked_add(length).and_then(|end| file.get(end..)).unwrap_or_default();
    let rest = rest.get(..16).unwrap_or(rest).trim_ascii_start();
    rest.starts_with(b"endstream")
}

/// The value of `/Length`, unless it is a reference to another object.
fn direct_length(dictionary: &[u8]) -> Option<usize> {
    let key = b"/Length";
    let mut at = 0;
    loop {
        let place = at + find(dictionary.get(at..)?, key)?;
        let rest = &dictionary[place + key.len()..];
        at = place + 1;
        // `/Length1` belongs to fonts.
        if rest.first().is_some_and(u8::is_ascii_whitespace) {
            let rest = rest.trim_ascii_start();
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let is_reference =
                rest[digits..].trim_ascii_start().first().is_some_and(u8::is_ascii_digit);
            let number = str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
            return (!is_reference).then_some(number);
        }
    }
}

/// The names in a dictionary, as spelt, without the slash.
fn names(dictionary: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/[]<>()".contains(byte);
    dictionary.split(|byte| *byte == b'/').skip(1).map(move |rest| {
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        &rest[..end]
    })
}
