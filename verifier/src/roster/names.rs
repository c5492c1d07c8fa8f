//! Compares names and birth dates as two systems write them: is it the same person?

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use unicode_normalization::UnicodeNormalization;
use vernet_common::CivilDate;

/// Whether a roster's name can be that of a certificate.
///
/// Case, hyphens and dashes of any kind, apostrophes, characters that nobody sees and order
/// (`Østlyngen, Åse`) are ignored. A roster may leave out
/// middle names, or have more of them than the certificate, as long as one word of the given and
/// one of the family name are the same. Letters are never transliterated: `Aase` is not `Åse`, and
/// a person has to decide.
pub(super) fn names_agree(roster: &str, given_name: &str, family_name: &str) -> bool {
    let (found, given, family) = (words(roster), words(given_name), words(family_name));
    let certified: Vec<&String> = given.iter().chain(&family).collect();
    let has_all_of_certificate = certified.iter().all(|word| found.contains(word));
    let is_part_of_certificate = !found.is_empty()
        && found.iter().all(|word| certified.contains(&word))
        && found.iter().any(|word| given.contains(word))
        && found.iter().any(|word| family.contains(word));
    has_all_of_certificate || is_part_of_certificate
}

fn words(name: &str) -> Vec<String> {
    let name: String = name.nfc().flat_map(char::to_lowercase).collect();
    // Lower-casing may decompose letters: `İ` becomes two characters.
    let is_left_out =
        |c: &char| matches!(c, '\'' | '‘' | '’' | 'ʼ' | '′' | '´' | '`' | '.') || is_invisible(*c);
    let name: String = name.nfc().filter(|c| !is_left_out(c)).collect();
    name.split(|c: char| c.is_whitespace() || is_dash(c) || c == ',')
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// Whether it is a hyphen, or what word processors make of one: a dash, a minus.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Whether nobody sees it: soft hyphens, joiners, marks for the direction of writing, which come
/// along when a name is copied out of a document.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// A birth date as `1980-02-29`, or as people and spreadsheets in Norway write it: `29.02.1980`,
/// `29.2.1980`.
pub(super) fn birthdate(text: &str) -> Option<CivilDate> {
    let text: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_dash(c) { '-' } else { c })
        .collect();
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split('.');
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let is_number =
            digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| is_number)
    };
    let (day, month, year) = (number(1..=2)?, number(1..=2)?, number(4..=4)?);
    if parts.next().is_some() {
        return None;
    }
    CivilDate::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_that_two_systems_write_differently_agree() {
        for name in [
            "Åse Kjærstad Østlyngen-Bråthen",
            "åse kjærstad østlyngen bråthen",
            "Østlyngen-Bråthen, Åse Kjærstad",
            "A\u{30a}se  Kjærstad\u{a0}Østlyngen-Bråthen",
            "Åse Bråthen",
            "Åse Marie Kjærstad Østlyngen-Bråthen",
            "Åse Kjærstad Østlyngen–Bråthen",
            "Åse Kjærstad Østlyngen\u{2212}Bråthen",
            "Åse Kjærstad Øst\u{ad}lyngen\u{2011}Brå\u{ad}then",
            "\u{202a}Åse Kjærstad Øst\u{200b}lyngen-Bråthen\u{202c}",
        ] {
            assert!(names_agree(name, "Åse", "Kjærstad Østlyngen-Bråthen"), "{name}");
        }
        assert!(names_agree("Siobhan OHara", "Siobhan", "O'Hara"));
        assert!(names_agree("Siobhan O’Hara Jr", "Siobhan", "O'Hara Jr."));
        assert!(names_agree("Siobhan O`Hara", "Siobhan", "O‘Hara"));
    }

    #[test]
    fn names_of_two_people_do_not() {
        for name in [
            "",
            "-",
            "Åse",
            "Bråthen",
            "Ase Bråthen",
            "Kari Bråthen",
            "Åse Nordmann",
            "Å. Bråthen",
            "Kjærstad Bråthen",
            "Å\u{ad}se Nord–mann",
            "\u{ad}–\u{200b}",
        ] {
            assert!(!names_agree(name, "Åse", "Kjærstad Østlyngen-Bråthen"), "{name}");
        }
    }

    #[test]
    fn birth_dates_have_two_spellings() {
        let date = |text| birthdate(text).map(|date| date.to_string());
        for text in [
            "1980-02-29",
            "29.02.1980",
            "29.2.1980",
            "1980\u{2011}02\u{2013}29",
            "\u{200e}29.02.\u{ad}1980",
        ] {
            assert_eq!(date(text).as_deref(), Some("1980-02-29"), "{text}");
        }
        for text in [
            "",
            "30.02.1980",
            "02/29/1980",
            "29.02.80",
            "290280",
            "29.02.1980.",
            "+9.02.1980",
            "1980-2-29",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
