//! Finds certificates in a text: in a sentence, a quoted mail, a shortcut file, behind the link of
//! a mail gateway.
//!
//! A QR code's payload is a number of more than 200 digits, and nothing else that people send has
//! one. So what stands before the digits does not matter: not the page's address, nor how many
//! gateways have rewritten it, nor which characters a keyboard made of `://` and `#`. The digits
//! themselves must be there to the last: none is guessed, and letters among them are not passed
//! over.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeSet,
    string::{String, ToString},
    vec::Vec,
};

use percent_encoding::percent_decode_str;
use vernet_common::QrPayload;

/// The fewest digits that are taken for a payload wherever they stand: a signature alone has 154. A
/// telephone number or the number of a parcel has far less.
const MIN_DIGITS: usize = 150;

/// How often a link is rewritten: by the gateway of the sender and that of the receiver, and once
/// by a program that copies it.
const MAX_WRAPPERS: usize = 3;

/// After how many numbers that follow a payload its end is looked for, and after how many of the
/// first.
const MAX_ENDS: usize = 8;

/// The certificates in a text, each once, in the order of the text: payloads as digits, and
/// certificates in compact serialisation. They are not checked further. There may be any number of
/// them: [`Contents`](crate::documents::Contents) says how many are judged.
pub(crate) fn found_in(text: &str) -> Vec<String> {
    match only_one_in(text) {
        Some(Only::Certificate(text) | Only::Digits(text)) => Vec::from([text.to_owned()]),
        None => searched(text),
    }
}

fn searched(text: &str) -> Vec<String> {
    let text = unfolded(text);
    let text = unwrapped(&text);
    let mut search = Search { text: &text, at: 0, found_to: 0, dotless_to: 0 };
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    while let Some(text) = search.next() {
        if known.insert(text.clone()) {
            found.push(text);
        }
    }
    found
}

/// The certificate in a text that is nothing but one, as programs and cameras give it: a link, digits,
/// or the compact serialisation. `None` says nothing: the text must be searched. Where there is an
/// answer, a search finds this one and no other.
pub(crate) fn only_one_in(text: &str) -> Option<Only<'_>> {
    if text.starts_with("eyJ") {
        let (header, rest) = text.split_once('.')?;
        let (payload, end) = rest.split_once('.')?;
        let signature = end.strip_suffix('~').unwrap_or(end);
        let is_whole = signature.len() == SIGNATURE
            && header.len() <= MAX_HEADER
            && text.len() <= MAX_COMPACT
            && [header, payload, signature].iter().all(|part| part.bytes().all(is_part_byte));
        return is_whole.then_some(Only::Certificate(text));
    }
    let (before, digits) = text.rsplit_once('#').unwrap_or(("", text));
    let is_link = before.len() < MIN_DIGITS
        && before.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'&' | b'%' | b'>'))
        && !before.contains("eyJ");
    let are_whole = (MIN_DIGITS..=QrPayload::MAX_DIGITS).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit());
    (is_link && are_whole).then_some(Only::Digits(digits))
}

/// What a text holds that is nothing but a certificate.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Only<'a> {
    /// The compact serialisation, perhaps with the `~` at its end.
    Certificate(&'a str),
    /// The payload of a QR code.
    Digits(&'a str),
}

/// A search from the beginning of a text to its end. No place is looked at more often than a fixed
/// number of times, whatever is in the text.
struct Search<'a> {
    text: &'a str,
    /// What is before it has been searched.
    at: usize,
    /// Where the last one that was found ends: another may stand directly after it.
    found_to: usize,
    /// From wherever a header may begin before this place, there is no dot before it either.
    dotless_to: usize,
}

impl Search<'_> {
    fn next(&mut self) -> Option<String> {
        while let Some(next) = self.text[self.at..].find(|c: char| c.is_ascii_digit() || c == 'e') {
            let start = self.at + next;
            let here = &self.text[start..];
            let (found, length) = match here.starts_with('e') {
                true => self.compact(start),
                false => self.digits(start),
            };
            self.at = start + length;
            if found.is_some() {
                self.found_to = self.at;
                return found;
            }
        }
        None
    }

    /// The payload whose digits begin here, and how much of the text is searched then.
    fn digits(&self, start: usize) -> (Option<String>, usize) {
        let before = &self.text[self.found_to..start];
        let (found, length) = payload(&self.text[start..], before.chars().next_back());
        // Digits before a letter that stands right before the digits: it is in the place of one.
        let word = last_word(before);
        let is_changed = word.contains(|c: char| c.is_ascii_digit());
        (found.map(|digits| if is_changed { word.to_owned() + &digits } else { digits }), length)
    }

    /// The certificate in compact serialisation that begins here, and how much of the text is
    /// searched then. Lines may be broken within it.
    fn compact(&mut self, start: usize) -> (Option<String>, usize) {
        let nothing = (None, 1);
        if !self.text[start..].starts_with("eyJ") {
            return nothing;
        }
        let Some(header_end) = self.header_end(start) else { return nothing };
        let text = &self.text[start..];
        let Some(payload_end) = next_dot(text, header_end - start + 1, MAX_COMPACT) else {
            return nothing;
        };
        let Some((signature, mut taken)) = signature(text, payload_end + 1) else { return nothing };
        let goes_on = text[taken..].starts_with('.')
            && text[taken + 1..].starts_with(|c| is_part(c) || c == '~');
        // What is written right before or after a whole one belongs to it, and makes it malformed.
        // Anything else of that kind is something else: five parts are encrypted.
        let word = last_word(&self.text[self.found_to..start]);
        if (goes_on || !word.is_empty()) && signature.len() < SIGNATURE {
            return nothing;
        }
        let mut jws = word.to_owned() + &without_breaks(&text[..=payload_end]) + &signature;
        if goes_on {
            let more = run(&text[taken..], |c| is_part(c) || c == '.');
            jws.push_str(more);
            taken += more.len();
        }
        // What follows a `~` is a disclosure, unless it is another certificate.
        while text[taken..].starts_with('~') {
            jws.push('~');
            taken += 1;
            if !has_three_parts(&text[taken..]) {
                let disclosure = run(&text[taken..], is_part);
                jws.push_str(disclosure);
                taken += disclosure.len();
            }
        }
        (Some(jws), taken)
    }

    /// Where the dot after the header that begins here is.
    fn header_end(&mut self, start: usize) -> Option<usize> {
        let from = start.max(self.dotless_to);
        let limit = start + MAX_HEADER;
        let end = self.text[from..]
            .char_indices()
            .find(|&(at, c)| from + at > limit || !is_part(c) && !c.is_whitespace());
        self.dotless_to = end.map_or(self.text.len(), |(at, _)| from + at);
        end.filter(|&(_, c)| c == '.' && self.dotless_to <= limit).map(|_| self.dotless_to)
    }
}

/// Without what mail programs add at the ends of lines: the soft line breaks of quoted-printable
/// (RFC 2045 § 6.7) and the `>` of quotations. Without characters that nobody sees, and with plain
/// hyphens.
fn unfolded(text: &str) -> Cow<'_, str> {
    // Nearly always it is a link, and there is nothing to take out of it.
    if text.bytes().all(|b| b.is_ascii_graphic() && b != b'&') && !text.starts_with('>') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("=\r\n", "").replace("=\n", "");
    let text = without_entities(&text);
    let mut plain = String::with_capacity(text.len());
    let mut at_line_start = true;
    for c in text.chars() {
        match c {
            c if is_invisible(c) => continue,
            '>' | ' ' | '\t' if at_line_start => continue,
            // The hyphens that word processors put in place of `-`.
            '\u{2010}' | '\u{2011}' => plain.push('-'),
            c => plain.push(c),
        }
        at_line_start = c == '\n' || c == '\r';
    }
    Cow::Owned(plain)
}

/// Whether a character leaves no mark on paper or screen: soft hyphens, joiners, marks of
/// direction, variation selectors, and what stands for an embedded object.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0' | '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffc}'
    )
}

/// With the characters that a web page writes as numbers: `&#35;`, `&#x23;`.
fn without_entities(text: &str) -> Cow<'_, str> {
    if !text.contains("&#") {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split("&#");
    let mut plain = String::with_capacity(text.len());
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (radix, number) = match part.strip_prefix(['x', 'X']) {
            Some(number) => (16, number),
            None => (10, part),
        };
        let number = run(number, |c| c.is_digit(radix));
        match u32::from_str_radix(number, radix).ok().and_then(char::from_u32) {
            Some(c) => {
                plain.push(c);
                let rest = &part[usize::from(radix == 16) + number.len()..];
                plain.push_str(rest.strip_prefix(';').unwrap_or(rest));
            }
            None => {
                plain.push_str("&#");
                plain.push_str(part);
            }
        }
    }
    Cow::Owned(plain)
}

/// Without the percent-encoding that the gateways of mail put around a link, once or twice.
fn unwrapped(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_WRAPPERS {
        match percent_decode_str(&text).decode_utf8_lossy() {
            Cow::Borrowed(_) => break,
            Cow::Owned(decoded) => text = Cow::Owned(decoded),
        }
    }
    text
}

/// The digits of the payload that is in the run of digits and white space with which the text
/// begins, and how much of the text is searched then. Lines may be broken within it.
fn payload(text: &str, before: Option<char>) -> (Option<String>, usize) {
    let mut digits = String::new();
    // Where one could stop: a number after the payload may be the next word of a sentence.
    let mut ends = Vec::new();
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if c.is_whitespace() {
            if ends.last().is_none_or(|&(end, _)| end < digits.len()) {
                ends.push((digits.len(), at));
            }
        } else {
            break;
        }
        if digits.len() > QrPayload::MAX_DIGITS {
            break;
        }
    }
    let whole = || run(text, |c| c.is_ascii_digit() || c.is_whitespace()).len();
    if digits.len() < MIN_DIGITS {
        // Nor is there one in a part of the run.
        return (None, whole());
    }
    // The end of a run is worth looking for only once for all that is in it.
    let is_too_long = digits.len() > QrPayload::MAX_DIGITS;
    if !is_too_long {
        let length = whole();
        // A letter right after the digits is in the place of one: somebody has changed them.
        let letters = match text[..length].ends_with(char::is_whitespace) {
            true => "",
            false => run(&text[length..], char::is_alphanumeric),
        };
        if !letters.is_empty() {
            return (Some(digits + letters), length + letters.len());
        }
        if ends.last().is_none_or(|&(end, _)| end < digits.len()) {
            ends.push((digits.len(), length));
        }
    }
    // One gateway writes `-23` for `#`.
    let starts: &[usize] = if before == Some('-') { &[2, 0] } else { &[0] };
    if !is_too_long && ends.len() == 1 && starts.len() == 1 {
        return (Some(digits), whole());
    }
    let first = ends.iter().filter(|(end, _)| *end >= MIN_DIGITS).take(MAX_ENDS);
    let candidate = ends.iter().rev().take(MAX_ENDS).chain(first).find_map(|&(end, taken)| {
        starts.iter().find_map(|&start| {
            let digits = digits.get(start..end)?;
            let payload = QrPayload::from_digits(digits).ok()?;
            payload.peek().is_ok().then(|| (digits.to_string(), taken))
        })
    });
    match candidate {
        Some((digits, taken)) => (Some(digits), taken),
        None => (Some(digits), whole()),
    }
}

/// The beginning of a text, as far as its characters are such.
fn run(text: &str, is_such: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !is_such(c)).unwrap_or(text.len())]
}

/// Whether a character is one of base64url.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_part_byte(b: u8) -> bool {
    is_part(char::from(b))
}

fn without_breaks(text: &str) -> String {
    text.split(char::is_whitespace).collect()
}

/// The letters and digits at the end of a text, as many as a word has.
fn last_word(text: &str) -> &str {
    let letters = text.char_indices().rev().take(MAX_WORD);
    let start = letters.take_while(|(_, c)| c.is_alphanumeric()).last();
    &text[start.map_or(text.len(), |(at, _)| at)..]
}

/// Where the next dot is, if there is only base64url before it, and not more than to this limit.
fn next_dot(text: &str, from: usize, limit: usize) -> Option<usize> {
    let (at, c) = text[from..]
        .char_indices()
        .take_while(|(at, _)| from + at <= limit)
        .find(|&(_, c)| !is_part(c) && !c.is_whitespace())?;
    (c == '.').then_some(from + at)
}

/// The signature that begins here, and its end: as long as a signature is, if lines are broken
/// within it. More that is written right after it belongs to it, and makes it malformed, unless that
/// is another certificate.
fn signature(text: &str, from: usize) -> Option<(String, usize)> {
    let mut signature = String::new();
    let mut taken = from;
    loop {
        let line = run(&text[taken..], is_part);
        let missing = SIGNATURE.saturating_sub(signature.len());
        if line.len() > missing && has_three_parts(&text[taken + missing..]) {
            signature.push_str(&line[..missing]);
            return Some((signature, taken + missing));
        }
        signature.push_str(line);
        taken += line.len();
        let line_end = run(&text[taken..], char::is_whitespace).len();
        let is_last = line_end == 0
            || taken + line_end == text.len()
            || taken > MAX_COMPACT
            || has_three_parts(&text[taken + line_end..]);
        if is_last || signature.len() >= SIGNATURE {
            return (!signature.is_empty()).then_some((signature, taken));
        }
        taken += line_end;
    }
}

/// Whether a text begins with something in compact serialisation. Its header is in one line: the
/// word after a signature may begin with the same letters.
fn has_three_parts(text: &str) -> bool {
    text.starts_with("eyJ")
        && text
            .char_indices()
            .take(MAX_HEADER)
            .find(|&(_, c)| !is_part(c))
            .and_then(|(end, c)| (c == '.').then_some(end))
            .and_then(|end| next_dot(text, end + 1, MAX_COMPACT))
            .is_some_and(|end| text[end + 1..].starts_with(is_part))
}

/// How much of what is written right before a certificate is taken with it.
const MAX_WORD: usize = 20;

/// The longest header: that of a certificate has 100 characters.
const MAX_HEADER: usize = 1024;

/// The longest text in compact serialisation up to its signature: a statement of professional status
/// has 16 KiB, and line breaks.
const MAX_COMPACT: usize = 20 * 1024;

/// The characters of an Ed25519 signature in base64url.
const SIGNATURE: usize = 86;

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    #[test]
    fn what_is_nothing_but_a_certificate_is_what_a_search_finds() {
        let digits = "1234567890".repeat(30);
        let (long, short) = ("7".repeat(7089), "7".repeat(150));
        let jws = format!("eyJhbGciOiJFZERTQSJ9.eyJ4.{}", "A".repeat(86));
        let payloads = vec![
            (digits.clone(), &digits),
            (format!("https://verify.example.no/v#{digits}"), &digits),
            (format!("HTTP://123.example.no:8443/v-23#{digits}"), &digits),
            (format!("x#y#{long}"), &long),
            (format!("#{short}"), &short),
        ];
        for (text, expected) in payloads {
            assert_eq!(only_one_in(&text), Some(Only::Digits(expected)), "{text}");
            assert_eq!(searched(&text), [expected.as_str()], "{text}");
        }
        for text in [jws.clone(), format!("{jws}~")] {
            assert_eq!(only_one_in(&text), Some(Only::Certificate(&text)), "{text}");
            assert_eq!(searched(&text), [text]);
        }
    }

    #[test]
    fn what_is_more_or_less_than_a_certificate_is_searched() {
        let digits = "1234567890".repeat(30);
        let jws = format!("eyJhbGciOiJFZERTQSJ9.eyJ4.{}", "A".repeat(86));
        for text in [
            String::new(),
            "7".repeat(149),
            "7".repeat(7090),
            format!("see https://verify.example.no/v#{digits}"),
            format!("https://verify.example.no/v#{digits} "),
            format!("https://verify.example.no/v#{digits}x"),
            format!("https://verify.example.no/%41#{digits}"),
            format!("&#35;#{digits}"),
            format!(">#{digits}"),
            format!("{}#{digits}", "7".repeat(150)),
            format!("{jws}#{digits}"),
            format!("{jws}~~"),
            format!("{jws}~x"),
            format!("{jws}A"),
            format!("{jws}.A"),
            jws[..jws.len() - 1].to_owned(),
        ] {
            assert_eq!(only_one_in(&text), None, "{text}");
        }
    }
}
