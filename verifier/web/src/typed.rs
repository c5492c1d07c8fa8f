//! What a hand-held scanner types into the page: the link of a code, key by key, as if it were a
//! keyboard.
//!
//! A scanner knows which keys to press, for the layout that it is set to. The computer makes
//! characters of the keys, by a layout of its own. Where the two differ, `https://…/v#981…` arrives
//! as `httpsØ--…-v#981…` in Norway, as `httpsÖ--…-v§981…` in Germany, and in France, where digits
//! are typed with Shift, as `httpsM!!…!v3ç_&…`. The digits are what counts, and they survive: they
//! are all that stands at the end.

use std::borrow::Cow;

use vernet_verifier::Input;

/// The fewest digits that are looked for: no certificate has fewer, as a signature alone has 154.
const FEWEST: usize = 100;

/// What the row of digits gives, from 0 to 9. Where the computer's layout has digits without Shift
/// and the scanner is set to a layout that has them with Shift, or the other way round, each digit
/// becomes another character.
const ROWS: [[char; 10]; 9] = [
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    // Without Shift: France, Belgium, Czechia, Slovakia.
    ['à', '&', 'é', '"', '\'', '(', '-', 'è', '_', 'ç'],
    ['à', '&', 'é', '"', '\'', '(', '§', 'è', '!', 'ç'],
    ['é', '+', 'ě', 'š', 'č', 'ř', 'ž', 'ý', 'á', 'í'],
    ['é', '+', 'ľ', 'š', 'č', 'ť', 'ž', 'ý', 'á', 'í'],
    // With Shift, from a scanner that is set to one of those: the United States, the United
    // Kingdom, Germany, the Nordic countries.
    [')', '!', '@', '#', '$', '%', '^', '&', '*', '('],
    [')', '!', '"', '£', '$', '%', '^', '&', '*', '('],
    ['=', '!', '"', '§', '$', '%', '&', '/', '(', ')'],
    ['=', '!', '"', '#', '¤', '%', '&', '/', '(', ')'],
];

/// The text, or the digits of the link that it was meant to be if the text is no form of a
/// certificate.
pub(crate) fn as_it_was_meant(text: &str) -> Cow<'_, str> {
    if text.len() > Input::MAX_BYTES || Input::parse(text).is_ok() {
        return Cow::Borrowed(text);
    }
    digits(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The digits at the end of a link that was typed in one layout and read in another.
fn digits(typed: &str) -> Option<String> {
    let typed: Vec<char> = typed.chars().filter(|c| !c.is_whitespace()).collect();
    ROWS.iter().find_map(|row| {
        let digit = |c: &char| row.iter().position(|key| key == c);
        let start = typed.iter().rposition(|c| digit(c).is_none())? + 1;
        let (link, end) = typed.split_at(start);
        let meant: String =
            end.iter().filter_map(digit).filter_map(|at| char::from_digit(at as u32, 10)).collect();
        // Some codes have `%23` for `#`: 5 and 3 are the keys of the two.
        let percent = if row[0] == '0' { '%' } else { '5' };
        let meant = match meant.strip_prefix("23") {
            Some(after) if link.last() == Some(&percent) => after,
            _ => &meant,
        };
        // A link stands before them, in whatever characters.
        let after_a_link = link.len() >= "https://a/v#".len();
        (after_a_link && meant.len() >= FEWEST).then(|| meant.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of a US keyboard that the link needs, then what they give in other layouts.
    /// `\0` is a key that gives nothing.
    const US: &str = "0123456789:/#%-.abcdefghijklmnopqrstuvwxyz";

    /// A scanner set to US, the computer to another layout.
    const COMPUTERS: [(&str, &str); 13] = [
        ("us", "0123456789:/#%-.abcdefghijklmnopqrstuvwxyz"),
        ("gb", "0123456789:/£%-.abcdefghijklmnopqrstuvwxyz"),
        ("de", "0123456789Ö-§%ß.abcdefghijklmnopqrstuvwxzy"),
        ("de-ch", "0123456789é-*%'.abcdefghijklmnopqrstuvwxzy"),
        ("no", "0123456789Ø-#%+.abcdefghijklmnopqrstuvwxyz"),
        ("sv", "0123456789Ö-#%+.abcdefghijklmnopqrstuvwxyz"),
        ("da", "0123456789Æ-#%+.abcdefghijklmnopqrstuvwxyz"),
        ("is", "0123456789Æþ#%ö.abcdefghijklmnopqrstuvwxyz"),
        ("es", "0123456789Ñ-·%'.abcdefghijklmnopqrstuvwxyz"),
        ("it", "0123456789ç-£%'.abcdefghijklmnopqrstuvwxyz"),
        ("fr", "à&é\"'(-è_çM!35):qbcdefghijkl,noparstuvzxyw"),
        ("be", "à&é\"'(§è!çM=35):qbcdefghijkl,noparstuvzxyw"),
        ("cs", "é+ěščřžýáí\"-35=.abcdefghijklmnopqrstuvwxzy"),
    ];

    /// A scanner set to another layout, the computer to US. `§` is AltGr and a digit, which gives
    /// nothing there.
    const SCANNERS: [(&str, &str); 4] = [
        ("de", "0123456789>&\\%/.abcdefghijklmnopqrstuvwxzy"),
        ("no", "0123456789>&#%/.abcdefghijklmnopqrstuvwxyz"),
        ("sv", "0123456789>&#%/.abcdefghijklmnopqrstuvwxyz"),
        ("fr", ")!@#$%^&*(.>3\"6<qbcdefghijkl;noparstuvzxyw"),
    ];

    fn link() -> &'static str {
        include_str!("../../../keys-example/certificates/NO-PE-2026-000001.url").trim()
    }

    fn typed(text: &str, layout: &str) -> String {
        let layout: Vec<char> = layout.chars().collect();
        let key = |c: char| {
            layout[US.chars().position(|key| key == c).unwrap_or_else(|| panic!("no key for {c}"))]
        };
        text.chars().map(key).collect()
    }

    #[test]
    fn the_digits_survive_whatever_the_layouts() {
        let digits = link().split_once('#').expect("a link").1;
        for (name, layout) in COMPUTERS.iter().chain(&SCANNERS) {
            let text = typed(link(), layout);
            for text in [text.clone(), format!("{text}\r"), format!(" {text}\r\n")] {
                let meant = as_it_was_meant(&text);
                let Ok(Input::Qr(payload)) = Input::parse(&meant) else {
                    panic!("{name}: {meant}")
                };
                assert_eq!(payload.to_digits(), digits, "{name}: {text}");
            }
        }
    }

    #[test]
    fn so_do_those_of_a_link_with_an_encoded_hash() {
        let digits = link().split_once('#').expect("a link").1;
        let link = link().replace('#', "%23");
        for (name, layout) in COMPUTERS {
            let text = typed(&link, layout);
            let meant = as_it_was_meant(&text);
            let Ok(Input::Qr(payload)) = Input::parse(&meant) else { panic!("{name}: {meant}") };
            assert_eq!(payload.to_digits(), digits, "{name}: {text}");
        }
    }

    /// What is changed stays changed: the signature decides, not the layout.
    #[test]
    fn a_changed_or_lost_digit_is_not_mended() {
        for (name, layout) in COMPUTERS {
            let text: Vec<char> = typed(link(), layout).chars().collect();
            let meant = as_it_was_meant(&text.iter().collect::<String>()).into_owned();
            for at in [text.len() - 1, text.len() - 50] {
                let mut lost = text.clone();
                lost.remove(at);
                let lost: String = lost.iter().collect();
                assert_ne!(as_it_was_meant(&lost), meant.as_str(), "{name}");
                let mut other = text.clone();
                other[at] = if other[at] == text[at - 1] { text[at - 2] } else { text[at - 1] };
                if other[at] == text[at] {
                    continue;
                }
                let other: String = other.iter().collect();
                assert_ne!(as_it_was_meant(&other), meant.as_str(), "{name}");
            }
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        let (link, number) = (link(), "7".repeat(150));
        for text in [
            "",
            "hello",
            link,
            "https://hospital.example/menu",
            "httpsØ--hospital.example-menu",
            "httpsØ--hospital.example-v#123456",
            &format!("A{number}"),
            &format!("httpsØ--hospital.example-v#{number}-"),
            &format!("{link} and more"),
            &"à".repeat(9000),
        ] {
            assert!(matches!(as_it_was_meant(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
