//! Characters that come along when a name is typed in a word processor or copied out of a document.

/// Whether it is a hyphen, or what word processors make of one: a dash of any length, a minus, a
/// hyphen at which no line ends.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Whether nobody sees it: the Unicode categories Cf, Zl and Zp, for instance soft hyphens, joiners,
/// and marks for the direction of writing. With them two names look alike, or one reads as another.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// A name as its writer meant it: every dash is a hyphen, and what nobody sees is left out. Ends of
/// lines and paragraphs stay, because a name with one is two lines.
pub fn with_plain_hyphens(name: &str) -> String {
    name.chars()
        .filter(|c| !is_invisible(*c) || c.is_whitespace())
        .map(|c| if is_dash(c) { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_are_hyphens_and_what_nobody_sees_is_nothing() {
        for dash in ['-', '\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '\u{2212}', '\u{ff0d}']
        {
            assert_eq!(with_plain_hyphens(&format!("Anne{dash}Marie")), "Anne-Marie", "{dash}");
        }
        for nothing in ['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{202c}'] {
            assert_eq!(with_plain_hyphens(&format!("Nord{nothing}mann")), "Nordmann");
        }
        assert_eq!(with_plain_hyphens("Nord\u{2028}mann"), "Nord\u{2028}mann");
        assert_eq!(with_plain_hyphens("Máhtte O’Hara"), "Máhtte O’Hara");
    }
}
