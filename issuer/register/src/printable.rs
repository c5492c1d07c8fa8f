//! Which characters the letter can show.

/// Whether the letter's font has a glyph for a character that a name may hold. It has the letters
/// that languages write names with, and the combining marks that go with them. It lacks letters of
/// phoneticians and of medieval scribes. A test in the font's module compares the two.
pub(crate) fn is_printable(c: char) -> bool {
    !matches!(
        c,
        '\u{2e4}' | '\u{33f}' | '\u{346}'..='\u{350}' | '\u{352}' | '\u{354}'..='\u{356}'
            | '\u{358}'..='\u{35c}' | '\u{35e}'..='\u{360}' | '\u{362}'..='\u{363}'
            | '\u{365}'..='\u{36f}' | '\u{1d03}' | '\u{1d08}'..='\u{1d09}' | '\u{1d0e}'
            | '\u{1d10}'..='\u{1d17}' | '\u{1d19}'..='\u{1d1a}' | '\u{1d1d}'..='\u{1d1f}'
            | '\u{1d23}'..='\u{1d25}' | '\u{1d2f}' | '\u{1d32}' | '\u{1d3b}' | '\u{1d3d}'
            | '\u{1d44}'..='\u{1d46}' | '\u{1d4b}'..='\u{1d4c}' | '\u{1d4e}'
            | '\u{1d53}'..='\u{1d55}' | '\u{1d59}'..='\u{1d5a}' | '\u{1d5c}'
            | '\u{1d6b}'..='\u{1d9b}' | '\u{1d9d}' | '\u{1d9f}' | '\u{1da1}'..='\u{1dba}'
            | '\u{1dbc}'..='\u{1dbd}' | '\u{209d}'..='\u{209f}' | '\u{2132}'..='\u{2184}'
            | '\u{a722}'..='\u{a725}' | '\u{a732}'..='\u{a741}' | '\u{a744}'..='\u{a748}'
            | '\u{a74a}'..='\u{a750}' | '\u{a752}' | '\u{a754}'..='\u{a756}' | '\u{a758}'
            | '\u{a75a}'..='\u{a76a}' | '\u{a76c}'..='\u{a78c}' | '\u{a78f}'..='\u{a7a9}'
            | '\u{a7ab}'..='\u{a7fa}' | '\u{ab30}'..='\u{ab6d}' | '\u{ff21}'..='\u{1dfff}'
    )
}
