//! Foreign text in messages: never more of it than a person reads, whoever made it.

use alloc::{format, string::String};

use crate::latin::{is_combining_mark, is_latin};

/// The beginning of a foreign text, for a message: at most `most` characters, and `…` if there is
/// more. What controls a terminal and what nobody sees is escaped; apostrophes, quotation marks and
/// marks on letters are as somebody wrote them.
pub fn quoted(text: &str, most: usize) -> String {
    let mut quoted = String::new();
    let mut follows_letter = false;
    for c in text.chars().take(most) {
        match c {
            '\'' | '"' | '\\' => quoted.push(c),
            _ if follows_letter && is_combining_mark(c) => quoted.push(c),
            _ => quoted.extend(c.escape_debug()),
        }
        follows_letter = is_latin(c);
    }
    if text.chars().nth(most).is_some() {
        quoted.push('…');
    }
    quoted
}

/// A message that may quote foreign text of any length: its beginning and its end, with `…` between
/// them if it has more than `most` characters. What was found is usually said first, and what was
/// expected last.
pub fn shortened(message: &str, most: usize) -> String {
    let half = most / 2;
    let start = message.char_indices().nth(half).map(|(place, _)| place);
    let end = message.char_indices().rev().nth(half.saturating_sub(1)).map(|(place, _)| place);
    match (start, end) {
        (Some(start), Some(end)) if start < end && message.chars().nth(most).is_some() => {
            format!("{}…{}", &message[..start], &message[end..])
        }
        _ => message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_quoted_and_what_is_left_out_is_seen() {
        assert_eq!(quoted("", 3), "");
        assert_eq!(quoted("Åse", 3), "Åse");
        assert_eq!(quoted("Åsen", 3), "Åse…");
        assert_eq!(quoted("a\u{1b}\nb", 4), "a\\u{1b}\\nb");
        assert_eq!(quoted("A\u{ad}B\u{202e}", 4), "A\\u{ad}B\\u{202e}");
        assert!(quoted(&"A".repeat(1 << 20), 80).chars().count() == 81);
    }

    #[test]
    fn what_somebody_wrote_has_no_escapes_of_a_programming_language() {
        for text in ["D'Angelo", "O’Hara \"Pat\"", "A\u{30a}se", r"C:\people.csv"] {
            assert_eq!(quoted(text, 80), text);
        }
        // Alone it would join the quotation mark before it.
        assert_eq!(quoted("\u{30a}", 80), "\\u{30a}");
    }

    #[test]
    fn a_long_message_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("", 10), "");
        assert_eq!(shortened("æøåæøåæøåæ", 10), "æøåæøåæøåæ");
        assert_eq!(shortened("abcdefghijk", 10), "abcde…ghijk");
        let message = format!("unknown field `{}`, expected `iss`", "A".repeat(1 << 20));
        let short = shortened(&message, 60);
        assert!(short.starts_with("unknown field `AAA") && short.ends_with("`, expected `iss`"));
        assert_eq!(short.chars().count(), 61);
    }
}
