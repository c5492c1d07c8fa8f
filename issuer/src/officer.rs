//! Lines of text that officers write, their own names among them.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{Error, error::field};

/// The name of an officer, as it stands in the register: one line, not empty, at most 200 bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Officer(String);

impl Officer {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
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

/// One line of text in normalisation form C: a name of a school or an officer, a reference to a decision. No national
/// identity number.
pub(crate) fn line(name: &'static str, text: &str) -> Result<String, Error> {
    let expected = "one line of 1 to 200 bytes, without space at the ends";
    refuse_national_identity_number(name, text, expected)?;
    let text: String = text.nfc().collect();
    if text.is_empty() || text.len() > 200 || text.trim() != text || text.chars().any(char::is_control) {
        return Err(field(name, &text, expected));
    }
    Ok(text)
}

/// Finds 11 digits in a row, however they are spaced: people copy a national identity number as `010180 12345`.
pub(crate) fn refuse_national_identity_number(
    field: &'static str,
    text: &str,
    expected: &'static str,
) -> Result<(), Error> {
    let mut digits = 0;
    for c in text.chars().chain(['.']).filter(|c| !c.is_whitespace()) {
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
}
