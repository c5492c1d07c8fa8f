//! Compares names and birth dates as two systems write them: is it the same person?

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use unicode_normalization::UnicodeNormalization;
use vernet_common::CivilDate;

/// Whether a roster's name can be that of a certificate.
///
/// Case, hyphens, apostrophes and order (`Østlyngen, Åse`) are ignored. A roster may leave out
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
    let name: String = name.nfc().filter(|c| !matches!(c, '\'' | '’' | 'ʼ' | '.')).collect();
    name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | ','))
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// A birth date as `1980-02-29`, or as people and spreadsheets in Norway write it: `29.02.1980`,
/// `29.2.1980`.
pub(super) fn birthdate(text: &str) -> Option<CivilDate> {
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
        ] {
            assert!(names_agree(name, "Åse", "Kjærstad Østlyngen-Bråthen"), "{name}");
        }
        assert!(names_agree("Siobhan OHara", "Siobhan", "O'Hara"));
        assert!(names_agree("Siobhan O’Hara Jr", "Siobhan", "O'Hara Jr."));
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
        ] {
            assert!(!names_agree(name, "Åse", "Kjærstad Østlyngen-Bråthen"), "{name}");
        }
    }

    #[test]
    fn birth_dates_have_two_spellings() {
        let date = |text| birthdate(text).map(|date| date.to_string());
        for text in ["1980-02-29", "29.02.1980", "29.2.1980"] {
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
