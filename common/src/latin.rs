//! Which letters names and titles may have.

/// A letter of the Latin script: Script `Latin` and General_Category `L` of Unicode 18, in which
/// the population register and passports write every name. Other scripts have letters that look the
/// same, and letters that are invisible.
///
/// The letters are listed here and in `docs/FORMAT.md`, because they are part of the format: another
/// compiler or another version of a library must not change which certificates are good. A test
/// compares them with Unicode's tables.
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    let place = LETTERS.partition_point(|(_, last)| *last < c);
    LETTERS.get(place).is_some_and(|(first, _)| *first <= c)
}

/// A letter of the Latin script, or a mark on one.
pub fn is_latin(c: char) -> bool {
    is_letter(c) || is_combining_mark(c)
}

/// The visible combining diacritical marks: some letters with a mark have no composed form.
pub(crate) fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}') && c != '\u{34f}'
}

/// The first and the last of letters in a row.
const LETTERS: [(char, char); 40] = [
    ('\u{41}', '\u{5a}'),
    ('\u{61}', '\u{7a}'),
    ('\u{aa}', '\u{aa}'),
    ('\u{ba}', '\u{ba}'),
    ('\u{c0}', '\u{d6}'),
    ('\u{d8}', '\u{f6}'),
    ('\u{f8}', '\u{2b8}'),
    ('\u{2e0}', '\u{2e4}'),
    ('\u{1d00}', '\u{1d25}'),
    ('\u{1d2c}', '\u{1d5c}'),
    ('\u{1d62}', '\u{1d65}'),
    ('\u{1d6b}', '\u{1d77}'),
    ('\u{1d79}', '\u{1dbe}'),
    ('\u{1e00}', '\u{1eff}'),
    ('\u{2071}', '\u{2071}'),
    ('\u{207f}', '\u{207f}'),
    ('\u{2090}', '\u{209f}'),
    ('\u{212a}', '\u{212b}'),
    ('\u{2132}', '\u{2132}'),
    ('\u{214e}', '\u{214e}'),
    ('\u{2183}', '\u{2184}'),
    ('\u{2c60}', '\u{2c7f}'),
    ('\u{a722}', '\u{a787}'),
    ('\u{a78b}', '\u{a7dd}'),
    ('\u{a7e2}', '\u{a7e2}'),
    ('\u{a7f1}', '\u{a7ff}'),
    ('\u{ab30}', '\u{ab5a}'),
    ('\u{ab5c}', '\u{ab64}'),
    ('\u{ab66}', '\u{ab69}'),
    ('\u{ab6c}', '\u{ab6d}'),
    ('\u{fb00}', '\u{fb06}'),
    ('\u{ff21}', '\u{ff3a}'),
    ('\u{ff41}', '\u{ff5a}'),
    ('\u{10780}', '\u{10785}'),
    ('\u{10787}', '\u{107b0}'),
    ('\u{107b2}', '\u{107bf}'),
    ('\u{1df00}', '\u{1df81}'),
    ('\u{1df90}', '\u{1df96}'),
    ('\u{1dfcd}', '\u{1dff2}'),
    ('\u{1dff5}', '\u{1dfff}'),
];

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
    use unicode_script::{Script, UnicodeScript};

    use super::*;

    #[test]
    fn the_letters_are_those_of_unicode() {
        for c in '\0'..=char::MAX {
            let is_latin_letter = c.script() == Script::Latin
                && c.general_category_group() == GeneralCategoryGroup::Letter;
            assert_eq!(is_letter(c), is_latin_letter, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_page_on_the_format_lists_the_same_letters() {
        let page = include_str!("../../docs/FORMAT.md");
        let ranges: Vec<String> = LETTERS
            .iter()
            .map(|(first, last)| match (u32::from(*first), u32::from(*last)) {
                (first, last) if first == last => alloc::format!("{first:04X}"),
                (first, last) => alloc::format!("{first:04X}–{last:04X}"),
            })
            .collect();
        assert!(page.contains(&ranges.join(", ")), "expected: {}", ranges.join(", "));
    }
}
