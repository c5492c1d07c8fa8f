//! Which letters names and titles may have.

/// A letter of the Latin script, in which the population register writes every name. Other scripts
/// have letters that look the same, and letters that are invisible.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// A letter of the Latin script, or a mark on one.
pub fn is_latin(c: char) -> bool {
    is_letter(c) || is_combining_mark(c)
}

/// The visible combining diacritical marks: some letters with a mark have no composed form.
pub(crate) fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}') && c != '\u{34f}'
}
