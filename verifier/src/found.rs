//! Finds certificates in a text: in a sentence, a quoted mail, a shortcut file, behind the link of
//! a mail gateway.
//!
//! A QR code's payload is a number of more than 200 digits, and nothing else that people send has
//! one. So what stands before the digits does not matter: not the page's address, nor how many
//! gateways have rewritten it, nor which characters a keyboard made of `://` and `#`. The digits
//! themselves must be there to the last: none is guessed, and letters among them are not passed
//! over.

use alloc::{
    borrow::Cow,
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

/// After how many numbers that follow a payload its end is looked for.
const MAX_ENDS: usize = 8;

/// The certificates in a text, each once, in the order of the text: payloads as digits, and
/// certificates in compact serialisation. They are not checked further.
pub(crate) fn found_in(text: &str) -> Vec<String> {
    let text = unfolded(text);
    let text = unwrapped(&text);
    let mut found = Vec::new();
    let mut add = |text: String| {
        if !found.contains(&text) {
            found.push(text);
        }
    };
    let mut rest = &*text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == 'e') {
        let before = rest[..start].chars().next_back();
        let here = &rest[start..];
        let taken = if let Some((digits, length)) = payload(here, before) {
            add(digits);
            length
        } else if let Some((jws, length)) = compact(here, before) {
            add(jws);
            length
        } else {
            here.find(|c: char| !c.is_ascii_digit()).unwrap_or(here.len()).max(1)
        };
        rest = &here[taken..];
    }
    found
}

/// Without what mail programs add at the ends of lines: the soft line breaks of quoted-printable
/// (RFC 2045 § 6.7) and the `>` of quotations. Without characters that nobody sees, and with plain
/// hyphens.
fn unfolded(text: &str) -> Cow<'_, str> {
    // Nearly always it is a link, and there is nothing to take out of it.
    if text.bytes().all(|b| b.is_ascii_graphic()) && !text.starts_with('>') {
        return Cow::Borrowed(text);
    }
    let text = text.replace("=\r\n", "").replace("=\n", "");
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

/// The digits of the payload with which the text begins, and how much of the text they take. Lines
/// may be broken within it.
fn payload(text: &str, before: Option<char>) -> Option<(String, usize)> {
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
    let length = text.find(|c: char| !c.is_ascii_digit() && !c.is_whitespace());
    let length = length.unwrap_or(text.len());
    if digits.len() < MIN_DIGITS {
        return None;
    }
    // A letter right after the digits is in the place of one: somebody has changed them.
    let letters = text[length..].chars().take_while(|c| c.is_alphanumeric());
    let letters: String = match text[..length].ends_with(char::is_whitespace) {
        true => String::new(),
        false => letters.collect(),
    };
    if !letters.is_empty() {
        return Some((digits + &letters, length + letters.len()));
    }
    if ends.last().is_none_or(|&(end, _)| end < digits.len()) {
        ends.push((digits.len(), length));
    }
    // One gateway writes `-23` for `#`.
    let starts: &[usize] = if before == Some('-') { &[2, 0] } else { &[0] };
    if ends.len() == 1 && starts.len() == 1 {
        return Some((digits, length));
    }
    let candidate = ends.iter().rev().take(MAX_ENDS).find_map(|&(end, taken)| {
        starts.iter().find_map(|&start| {
            let digits = digits.get(start..end)?;
            let payload = QrPayload::from_digits(digits).ok()?;
            payload.peek().is_ok().then(|| (digits.to_string(), taken))
        })
    });
    candidate.or(Some((digits, length)))
}

/// The certificate in compact serialisation with which the text begins, and how much of the text
/// it takes. Lines may be broken within it; what follows its signature is not part of it.
fn compact(text: &str, before: Option<char>) -> Option<(String, usize)> {
    if !text.starts_with("eyJ") || before.is_some_and(|c| c.is_alphanumeric()) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let mut jws = String::new();
    let mut taken = 0;
    loop {
        let rest = &text[taken..];
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        jws.push_str(&rest[..length]);
        taken += length;
        let (head, signature) = jws.rsplit_once('.').unwrap_or_default();
        let is_whole = head.contains('.') && signature.len() >= SIGNATURE;
        let line_end = text[taken..].find(|c: char| !c.is_whitespace()).unwrap_or_default();
        // The last dot may end the sentence.
        if is_whole || jws.ends_with('.') && head.matches('.').count() == 2 || line_end == 0 {
            break;
        }
        taken += line_end;
    }
    let jws = jws.trim_end_matches('.');
    (jws.matches('.').count() == 2).then(|| (jws.to_string(), taken))
}

/// The characters of an Ed25519 signature in base64url.
const SIGNATURE: usize = 86;
