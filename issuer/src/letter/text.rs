//! Text layout: from characters to placed glyphs, by the font's own rules (kerning, marks over
//! letters, small capitals), and from words to lines.

use std::{ops::Range, sync::LazyLock};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Face, Feature, UnicodeBuffer, ttf_parser::Tag};

use super::font::{ITALIC, ROMAN};

struct Typeface {
    font: Font,
    face: Face<'static>,
}

impl Typeface {
    fn new(data: &'static [u8]) -> Self {
        let known = "the fonts are part of the program, and the tests print with them";
        Self {
            font: Font::new(data.into(), 0).expect(known),
            face: Face::from_slice(data, 0).expect(known),
        }
    }
}

static ROMAN_FACE: LazyLock<Typeface> = LazyLock::new(|| Typeface::new(ROMAN));
static ITALIC_FACE: LazyLock<Typeface> = LazyLock::new(|| Typeface::new(ITALIC));

/// The style of text, except its colour.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Style {
    /// In points.
    pub(super) size: f32,
    italic: bool,
    small_caps: bool,
    /// Space between letters, in ems.
    tracking: f32,
}

impl Style {
    pub(super) const fn roman(size: f32) -> Self {
        Self { size, italic: false, small_caps: false, tracking: 0.0 }
    }

    pub(super) const fn italic(size: f32) -> Self {
        Self { size, italic: true, small_caps: false, tracking: 0.0 }
    }

    /// Capitals and small capitals, with letter spacing.
    pub(super) const fn small_caps(size: f32, tracking: f32) -> Self {
        Self { size, italic: false, small_caps: true, tracking }
    }

    #[cfg(test)]
    pub(super) const fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    fn typeface(self) -> &'static Typeface {
        if self.italic { &ITALIC_FACE } else { &ROMAN_FACE }
    }
}

/// One line of text, ready to be drawn.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) style: Style,
    /// In points, without the space at the end.
    pub(super) width: f32,
}

impl Line {
    pub(super) fn new(text: &str, style: Style) -> Self {
        let typeface = style.typeface();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let feature = |tag: &[u8; 4], value| Feature::new(Tag::from_bytes(tag), value, ..);
        let mut features = Vec::new();
        if style.small_caps {
            features.push(feature(b"smcp", 1));
        }
        if style.tracking > 0.0 {
            // Letters with extra spacing form no ligatures.
            features.extend([feature(b"liga", 0), feature(b"clig", 0)]);
        }
        let shaped = rustybuzz::shape(&typeface.face, &features, buffer);
        let em = typeface.font.units_per_em();
        let clusters: Vec<usize> =
            shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        let mut width = 0.0;
        let mut glyphs = Vec::with_capacity(clusters.len());
        for (place, (info, position)) in
            shaped.glyph_infos().iter().zip(shaped.glyph_positions()).enumerate()
        {
            let in_ems = |units: i32| units as f32 / em;
            // Add the space after the last glyph of a letter, not between the letter and its mark.
            let letter_ends = clusters.get(place + 1).is_none_or(|next| *next != clusters[place]);
            let advance =
                in_ems(position.x_advance) + if letter_ends { style.tracking } else { 0.0 };
            let range = cluster_range(&clusters, place, text.len());
            if !text[range.start..].trim_end().is_empty() {
                width += advance;
            }
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                advance,
                in_ems(position.x_offset),
                in_ems(position.y_offset),
                in_ems(position.y_advance),
                range,
                None,
            ));
        }
        let width = (width - style.tracking).max(0.0) * style.size;
        Self { text: text.to_owned(), glyphs, style, width }
    }

    pub(super) fn font(&self) -> Font {
        self.style.typeface().font.clone()
    }
}

/// The bytes of the text that a glyph represents. The text runs from left to right, so clusters
/// increase.
fn cluster_range(clusters: &[usize], place: usize, end: usize) -> Range<usize> {
    let start = clusters[place];
    start..clusters[place..].iter().copied().find(|next| *next > start).unwrap_or(end)
}

/// Breaks a paragraph to at most `width` points. Every line but the last keeps the space at which
/// it was broken, so that a screen reader separates the words.
pub(super) fn wrap(text: &str, style: Style, width: f32) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for piece in pieces(text) {
        if let Some(last) = lines.last_mut() {
            let longer = Line::new(&format!("{}{piece}", last.text), style);
            if longer.width <= width {
                *last = longer;
                continue;
            }
        }
        let line = Line::new(piece, style);
        if line.width <= width {
            lines.push(line);
        } else {
            lines.extend(hard_break(piece, style, width));
        }
    }
    lines
}

/// Sets a paragraph in the largest of the given styles in which it has at most that style's number
/// of lines and no word is broken; otherwise in the smallest. The lines are balanced: none is much
/// longer than the others.
pub(super) fn fit(text: &str, styles: &[(Style, usize)], width: f32) -> Vec<Line> {
    let mut wrapped = Vec::new();
    for (style, most) in styles {
        wrapped = wrap(text, *style, width);
        let unbroken = pieces(text).all(|piece| Line::new(piece, *style).width <= width);
        if wrapped.len() <= *most && unbroken {
            return balance(text, *style, width, wrapped);
        }
    }
    wrapped
}

/// The narrowest paragraph with the same number of lines.
fn balance(text: &str, style: Style, width: f32, wrapped: Vec<Line>) -> Vec<Line> {
    let count = wrapped.len();
    if count < 2 {
        return wrapped;
    }
    let (mut fits, mut too_narrow) = (width, width / count as f32);
    let mut best = wrapped;
    // Each step halves the remaining range of widths; after eight it is a few points.
    for _ in 0..8 {
        let middle = f32::midpoint(fits, too_narrow);
        let lines = wrap(text, style, middle);
        if lines.len() <= count && lines.iter().all(|line| line.width <= middle) {
            (fits, best) = (middle, lines);
        } else {
            too_narrow = middle;
        }
    }
    best
}

/// The pieces between possible line breaks, which are after a space or a hyphen.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '-'])
}

/// Breaks a word that is longer than a line where the line is full, but not before a mark.
fn hard_break(word: &str, style: Style, width: f32) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut start, mut end) = (0, 0);
    let is_mark = |c: char| matches!(c, '\u{300}'..='\u{36f}');
    let ends: Vec<usize> = word
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .filter(|end| !word[*end..].starts_with(is_mark))
        .collect();
    for next in ends {
        if end > start && Line::new(&word[start..next], style).width > width {
            lines.push(Line::new(&word[start..end], style));
            start = end;
        }
        end = next;
    }
    lines.push(Line::new(&word[start..], style));
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const STYLE: Style = Style::roman(20.0);

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn every_glyph_is_known_and_says_which_letters_it_stands_for() {
        for style in [STYLE, Style::italic(20.0), Style::small_caps(20.0, 0.1)] {
            let text = "Sárá-Ŋuoŋŋuid Østlyngen ffi A\u{301}\u{323}x";
            let line = Line::new(text, style);
            assert!(line.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0));
            let covered: BTreeSet<_> =
                line.glyphs.iter().flat_map(|glyph| glyph.text_range.clone()).collect();
            assert!(covered.into_iter().eq(0..text.len()));
        }
    }

    #[test]
    fn lines_break_after_spaces_and_hyphens() {
        let lines = wrap("Kjærstad Østlyngen-Bråthen", STYLE, 110.0);
        assert_eq!(texts(&lines), ["Kjærstad ", "Østlyngen-", "Bråthen"]);
        assert!(lines.iter().all(|line| line.width <= 110.0));
    }

    #[test]
    fn the_space_at_the_end_has_no_width() {
        assert_eq!(Line::new("Åse ", STYLE).width, Line::new("Åse", STYLE).width);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_and_nothing_of_it_is_lost() {
        let word = "W\u{331}".repeat(33);
        let lines = wrap(&word, STYLE, 100.0);
        assert_eq!(texts(&lines).concat(), word);
        assert!(
            lines.len() > 3
                && lines.iter().all(|line| line.width <= 100.0 && line.text.starts_with('W'))
        );
    }

    #[test]
    fn text_shrinks_before_it_takes_another_line_and_lines_are_balanced() {
        let styles = [(STYLE, 1), (STYLE.sized(15.0), 1), (STYLE.sized(15.0), 2)];
        assert_eq!(fit("Ingrid Dahl", &styles, 110.0)[0].style.size, 20.0);
        assert_eq!(fit("Ingrid Elise Dahl", &styles, 110.0)[0].style.size, 15.0);
        let two = fit("Ingrid Elise Maria Dahl Li", &styles, 110.0);
        assert_eq!(texts(&two), ["Ingrid Elise ", "Maria Dahl Li"]);
    }
}
