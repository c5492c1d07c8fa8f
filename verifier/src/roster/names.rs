//! Compares names as two systems write them: is it the same person?

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use unicode_normalization::UnicodeNormalization;
use vernet_text::with_plain_hyphens;

/// Whether a roster's name can be that of a certificate.
///
/// Case, hyphens and dashes of any kind, apostrophes, characters that nobody sees and order
/// (`Østlyngen, Åse`) are ignored. A roster may leave out
/// middle names, or have more of them than the certificate, as long as one word of the given and
/// one of the family name are the same. Letters are never transliterated: `Aase` is not `Åse`, and
/// a person has to decide.
pub(super) fn names_agree(roster: &str, given_name: &str, family_name: &str) -> bool {
    let (found, given, family) = (words(roster), words(given_name), words(family_name));
    if given.is_empty() {
        // Somebody with a single name: another name beside it is another person's.
        return !found.is_empty()
            && found.iter().all(|word| family.contains(word))
            && family.iter().all(|word| found.contains(word));
    }
    let certified: Vec<&String> = given.iter().chain(&family).collect();
    let has_all_of_certificate = certified.iter().all(|word| found.contains(word));
    let is_part_of_certificate = !found.is_empty()
        && found.iter().all(|word| certified.contains(&word))
        && found.iter().any(|word| given.contains(word))
        && found.iter().any(|word| family.contains(word));
    has_all_of_certificate || is_part_of_certificate
}

fn words(name: &str) -> Vec<String> {
    let name: String = with_plain_hyphens(name).nfc().flat_map(char::to_lowercase).collect();
    // Lower-casing may decompose letters: `İ` becomes two characters.
    let is_left_out = |c: &char| matches!(c, '\'' | '‘' | '’' | 'ʻ' | 'ʼ' | '′' | '´' | '`' | '.');
    let name: String = name.nfc().filter(|c| !is_left_out(c)).collect();
    name.split(|c: char| c.is_whitespace() || matches!(c, '-' | ','))
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
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
    fn a_single_name_agrees_with_nothing_else() {
        for name in ["Suharto", "SUHARTO", "Suharto, -", ". Suharto", "Suharto Suharto"] {
            assert!(names_agree(name, "", "Suharto"), "{name}");
        }
        for name in ["", "-", "Kari Suharto", "Suharto Li", "Sukarno"] {
            assert!(!names_agree(name, "", "Suharto"), "{name}");
        }
        assert!(!names_agree("Suharto", "Haji", "Suharto"));
    }
}
