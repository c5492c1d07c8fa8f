//! The fonts and their letters.
//!
//! EB Garamond, under the SIL Open Font License (`fonts/OFL.txt`), unchanged. Of the letters and
//! combining marks that a name may have it has those that languages use, and lacks some of
//! phoneticians and medieval scribes. A name with one of these cannot be printed. The register refuses it at entry, whether or not this program prints,
//! because at print it would be too late: see `vernet_register::check_names`.

/// The font of all content and every name.
pub(super) static ROMAN: &[u8] = include_bytes!("fonts/EBGaramond-Regular.ttf");

/// The font of the connecting words.
#[cfg(feature = "pdf")]
pub(super) static ITALIC: &[u8] = include_bytes!("fonts/EBGaramond-Italic.ttf");

#[cfg(test)]
mod tests {
    use ttf_parser::Face;
    use vernet_common::PersonName;
    use vernet_register::{Error, check_names};

    use super::ROMAN;

    fn check(name: &str) -> Result<(), Error> {
        check_names(&name.parse().expect(name), &"Dahl".parse().expect("a name"))
    }

    /// Of all characters that a name may hold, the register refuses exactly those that the font
    /// lacks.
    #[test]
    fn the_register_knows_what_the_font_has() {
        let face = Face::parse(ROMAN, 0).expect("a font");
        let mut missing = 0;
        for c in '\0'..=char::MAX {
            let name = format!("A{c}B");
            if name.parse::<PersonName>().is_err() {
                continue;
            }
            let has = face.glyph_index(c).is_some();
            assert_eq!(check(&name).is_ok(), has, "U+{:04X}", u32::from(c));
            missing += u32::from(!has);
        }
        assert!(missing > 0, "marks of phoneticians");
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
            "Oʻktam",
            "ƐFUA ƆSƐI",
            "Ɛfua Ɔsɛi",
            "Ɓello Ɗanjuma ɓ ɗ ƙ",
            "Əliyev əliyev",
            "Ɣ ɣ Ʋ ʋ Ɩ ɩ",
        ] {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    /// The blocks in which the letters of today's orthographies are, and the other case of each.
    #[test]
    fn every_letter_of_an_orthography_can_be_printed_in_both_cases() {
        let blocks = ['A'..='\u{24f}', '\u{250}'..='\u{2af}', '\u{1e00}'..='\u{1eff}'];
        let mut count = 0;
        for letter in blocks.into_iter().flatten() {
            if letter.to_string().parse::<PersonName>().is_ok() {
                let name = format!("A{letter}{}", letter.to_lowercase());
                assert!(check(&name).is_ok(), "U+{:04X}", u32::from(letter));
                count += 1;
            }
        }
        assert!(count > 800, "{count}");
    }

    #[test]
    fn a_mark_that_the_font_lacks_is_refused_and_named() {
        let error = check("A\u{347}se").expect_err("a mark of phoneticians");
        assert_eq!(error.code(), "name_not_printable");
        assert!(
            error.to_string().contains("U+0347") && error.to_string().contains("`given_name`"),
            "{error}"
        );
        // Another script is refused earlier: it is not a name at all.
        assert_eq!(
            "灌流".parse::<PersonName>().expect_err("another script").code(),
            "field_invalid"
        );
    }
}
