//! Lines of text that officers write, including their own names.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;
use vernet_text::{is_dash, is_invisible};

use crate::error::Error;

/// The name of an officer, as written in the register: one line, not empty, at most 200 bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Officer(String);

impl Officer {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether people can mistake one name for the other: they differ only in case or spaces, or
    /// are confusable by Unicode's table (UTS #39), by which `Кari` with a Cyrillic letter equals
    /// `Kari`.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        let spaced = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = |a: &str, b: &str| skeleton(a).eq(skeleton(b));
        let (a, b) = (spaced(&self.0), spaced(&other.0));
        // Compare both, because `I` looks like `l` but its lower case is `i`.
        a == b || same(&a, &b) || same(&a.to_lowercase(), &b.to_lowercase())
    }
}

impl std::str::FromStr for Officer {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        line("officer", text).map(Self)
    }
}

impl TryFrom<String> for Officer {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Officer> for String {
    fn from(officer: Officer) -> String {
        officer.0
    }
}

impl fmt::Debug for Officer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// One line of text in normalisation form C: a name of a school or an officer, a reference to a
/// decision. No national identity number.
pub(crate) fn line(name: &'static str, text: &str) -> Result<String, Error> {
    let expected = "one line of 1 to 200 bytes, without space at the ends or invisible characters";
    refuse_national_identity_number(name, text, expected)?;
    let text: String = text.nfc().collect();
    let refused = |c: char| c.is_control() || is_invisible(c);
    if text.is_empty() || text.len() > 200 || text.trim() != text || text.chars().any(refused) {
        return Err(vernet_common::Error::field(name, &text, expected).into());
    }
    Ok(text)
}

/// Refuses text that is not exactly such a line.
pub(crate) fn is_line(name: &'static str, text: &str) -> Result<(), Error> {
    match line(name, text)? == text {
        true => Ok(()),
        false => Err(vernet_common::Error::field(name, text, "normalisation form C").into()),
    }
}

/// Refuses 11 digits in a row, whatever separates them: people copy a national identity number as
/// `010180 12345`, `010180-12345` or `01.01.80 12345`.
///
/// # Errors
///
/// [`Error::NationalIdentityNumber`] if the text holds such a number. The error does not repeat it.
pub fn refuse_national_identity_number(
    field: &'static str,
    text: &str,
    expected: &'static str,
) -> Result<(), Error> {
    let between = |c: &char| c.is_whitespace() || is_invisible(*c) || is_dash(*c) || *c == '.';
    let mut digits = 0;
    for c in text.chars().chain(['/']).filter(|c| !between(c)) {
        if c.is_ascii_digit() {
            digits += 1;
            continue;
        }
        if digits == 11 {
            return Err(Error::NationalIdentityNumber { field, expected });
        }
        digits = 0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn officers_have_names() {
        assert!("Kari Nordmann".parse::<Officer>().is_ok());
        for wrong in ["", " ", "Kari ", "Kari\nNordmann"] {
            assert!(wrong.parse::<Officer>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn names_that_people_take_for_one_another_are_known() {
        let officer = |name: &str| name.parse::<Officer>().expect("a name");
        let kari = officer("Kari Iversen");
        for same in [
            "Kari Iversen",
            "kari iversen",
            "KARI IVERSEN",
            "Kari  Iversen",
            "Kari\u{a0}Iversen",
            "Kari lversen",
        ] {
            assert!(kari.resembles(&officer(same)), "{same:?}");
        }
        for same in [
            "\u{41a}\u{430}ri Iversen",
            "Kari I\u{475}ersen",
            "Ka\u{433}i Iversen",
            "\u{39a}ari Iversen",
        ] {
            assert!(kari.resembles(&officer(same)), "{same:?}");
        }
        for other in [
            "Karl Iversen",
            "Kåri Iversen",
            "Kari Iversen 2",
            "Kari Ivarsen",
            "Ola Nordmann",
            "Kari",
        ] {
            assert!(!kari.resembles(&officer(other)), "{other:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_in_a_line() {
        let ranges = [
            0xad..=0xad,
            0x200b..=0x200f,
            0x2028..=0x202e,
            0x2060..=0x2064,
            0x2066..=0x206f,
            0xfeff..=0xfeff,
        ];
        for c in ranges.into_iter().flatten().filter_map(char::from_u32) {
            let error = format!("Kari{c}Nordmann").parse::<Officer>().expect_err("refused");
            assert_eq!(error.code(), "field_invalid", "{c:?}");
        }
        assert!("Kári-Ánne Østlyngen Čáhppes".parse::<Officer>().is_ok());
    }
}
