//! The fonts, and which letters they have.
//!
//! EB Garamond, under the SIL Open Font License (`fonts/OFL.txt`), unchanged. It has every letter
//! that a name may have, and of the marks that may stand over a letter those that languages use. A
//! name with another mark cannot be printed, so it is refused when it is entered: at print it would
//! be too late.

use std::sync::OnceLock;

use ttf_parser::Face;
use vernet_common::PersonName;

use crate::Error;

/// Everything that is read, and every name.
pub(super) static ROMAN: &[u8] = include_bytes!("fonts/EBGaramond-Regular.ttf");

/// The words between.
#[cfg(feature = "pdf")]
pub(super) static ITALIC: &[u8] = include_bytes!("fonts/EBGaramond-Italic.ttf");

/// Refuses a name that the font has no glyphs for.
///
/// Only for names on their way into the register. What is in the register is never checked again:
/// another font must not make it unreadable.
pub(crate) fn check_name(field: &'static str, name: &PersonName) -> Result<(), Error> {
    static FACE: OnceLock<Face<'static>> = OnceLock::new();
    let face = FACE.get_or_init(|| {
        Face::parse(ROMAN, 0).expect("the font is part of the program, and a test reads it")
    });
    let missing = name.as_str().chars().find(|c| face.glyph_index(*c).is_none());
    missing.map_or(Ok(()), |missing| Err(Error::NameNotPrintable { field, missing }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<(), Error> {
        check_name("given_name", &name.parse().expect(name))
    }

    #[test]
    fn nordic_sami_polish_and_vietnamese_names_can_be_printed() {
        for name in [
            "Čáhppes",
            "Łucja",
            "Þór",
            "Ŋ",
            "Ŧ",
            "đ",
            "Máhtte Ánde",
            "Żółć",
            "Ǯ",
            "Nguyễn",
            "Ș",
            "ẞ",
            "D’Arc",
            "ʼn",
        ] {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn every_letter_that_a_name_may_have_can_be_printed() {
        let letters = ('\0'..='\u{1eff}')
            .filter(|c| c.is_alphabetic() && c.to_string().parse::<PersonName>().is_ok());
        let mut count = 0;
        for letter in letters {
            assert!(check(&letter.to_string()).is_ok(), "U+{:04X}", u32::from(letter));
            count += 1;
        }
        assert!(count > 700, "{count}");
    }

    #[test]
    fn a_mark_that_the_font_lacks_is_refused_and_named() {
        let error = check("A\u{347}se").expect_err("a mark of phoneticians");
        assert_eq!(error.code(), "name_not_printable");
        assert!(
            error.to_string().contains("U+0347") && error.to_string().contains("`given_name`"),
            "{error}"
        );
        // Another script does not get as far: it is no name at all.
        assert_eq!(
            "灌流".parse::<PersonName>().expect_err("another script").code(),
            "field_invalid"
        );
    }
}
