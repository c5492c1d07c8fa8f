//! Names of people.

use alloc::{borrow::Cow, format, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    latin::{is_combining_mark, is_latin, is_letter},
    quote::quoted,
};

/// A given or family name as people write it: 1 to 100 bytes of UTF-8, in Latin letters with any
/// marks, without space at the ends or twice in a row. It is shown as it is: never transliterated,
/// never in capitals.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, min_length = 1, max_length = 100, examples("Åse Marie")))]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// The longest name in bytes.
    pub const MAX_BYTES: usize = 100;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        match lacking(text) {
            Some(expected) => Err(Error::field("name", text, expected)),
            None => Ok(Self(text.into())),
        }
    }
}

/// What a text would need to be a name, for the person who typed it.
fn lacking(text: &str) -> Option<Cow<'static, str>> {
    let is_allowed = |c: char| is_latin(c) || matches!(c, ' ' | '-' | '\'' | '’' | 'ʻ' | 'ʼ' | '.');
    if let Some((place, c)) = text.chars().enumerate().find(|(_, c)| !is_allowed(*c)) {
        return Some(
            format!(
                "Latin letters, hyphens, apostrophes, full stops and single spaces: its character {} is `{}` (U+{:04X})",
                place + 1,
                quoted(c.encode_utf8(&mut [0; 4]), 1),
                u32::from(c),
            )
            .into(),
        );
    }
    if !text.chars().any(is_letter) {
        return Some("a name, with at least one letter".into());
    }
    if text.starts_with(is_combining_mark) {
        return Some("a letter before the mark with which it begins".into());
    }
    if text.trim() != text || text.contains("  ") {
        return Some("no space at its ends, and no two in a row".into());
    }
    (text.len() > PersonName::MAX_BYTES).then(|| {
        let letters = |text: &str| text.chars().filter(|c| !is_combining_mark(*c)).count();
        let room = text.floor_char_boundary(PersonName::MAX_BYTES);
        // The last letter counts with its marks, or not at all.
        let cut = usize::from(text[room..].starts_with(is_combining_mark));
        let (most, found) = (letters(&text[..room]) - cut, letters(text));
        format!("what a certificate has room for, the first {most} of these {found} letters").into()
    })
}

impl TryFrom<String> for PersonName {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> String {
        name.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// All given names of a person, or none: some people have a single name, and passports carry it as
/// the family name (ICAO Doc 9303 part 3, "primary identifier"). In a certificate the member is then
/// left out, as OpenID Connect Core section 5.3.2 has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("Åse Marie")))]
#[serde(from = "PersonName", into = "Option<PersonName>")]
pub struct GivenNames(Option<PersonName>);

impl GivenNames {
    /// Of somebody with a single name.
    pub const NONE: Self = Self(None);

    /// Whether the person has a single name.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The names as text; empty if there are none.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", PersonName::as_str)
    }

    /// Given and family name, as people write them.
    pub fn with(&self, family_name: &PersonName) -> String {
        match &self.0 {
            Some(given_name) => format!("{given_name} {family_name}"),
            None => family_name.0.clone(),
        }
    }
}

impl From<PersonName> for GivenNames {
    fn from(name: PersonName) -> Self {
        Self(Some(name))
    }
}

impl From<GivenNames> for Option<PersonName> {
    fn from(names: GivenNames) -> Self {
        names.0
    }
}

/// As a person fills in a form: an empty text is no given name.
impl FromStr for GivenNames {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Ok(Self::NONE);
        }
        if !text.chars().any(char::is_alphanumeric) {
            let expected = "given names; or nothing for somebody with a single name, which is the family name then";
            return Err(Error::field("given_name", text, expected));
        }
        text.parse().map(|name| Self(Some(name)))
    }
}

impl fmt::Display for GivenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for GivenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_are_kept_as_people_write_them() {
        for name in [
            "Åse",
            "Kjærstad Østlyngen-Bråthen",
            "Áillohaš",
            "Ŋ",
            "Łukasz Żółć",
            "O'Hara",
            "D’Arc",
            "Jr.",
            "Ǆ",
            "Å",
            "ƐFUA ƆSƐI",
            "Ɛfua Ɔsɛi",
            "Ɓello Ɗanjuma",
            "Ɐ ⱷ",
            "Kꞌahin",
            "JOSÉ GARCÍA",
            "Oʻktam",
            "Se\u{331}e\u{30c}",
        ] {
            assert_eq!(name.parse::<PersonName>().expect(name).as_str(), name);
        }
    }

    #[test]
    fn names_that_could_deceive_a_reader_are_refused() {
        for name in [
            "",
            " Åse",
            "Åse ",
            "Å  se",
            "-",
            "A\u{202e}B",
            "A\u{200b}B",
            "A\nB",
            "A<b>",
            "R2D2",
            "A\u{0}",
            "A\u{a0}B",
            "\u{3164}",
            "A\u{34f}B",
            "\u{345}",
            "\u{301}a",
            "Аda",
            "Ελένη",
        ] {
            assert_eq!(name.parse::<PersonName>().expect_err(name).code(), "field_invalid");
        }
        assert!("å".repeat(51).parse::<PersonName>().is_err());
    }

    #[test]
    fn what_is_refused_is_named_and_letters_are_counted() {
        for (name, expected) in [
            (
                "D'Angelo2",
                "`name` is `D'Angelo2`, expected Latin letters, hyphens, apostrophes, full stops and single spaces: its character 9 is `2` (U+0032)",
            ),
            ("Åse\u{ad}", "its character 4 is `\\u{ad}` (U+00AD)"),
            ("Аda", "its character 1 is `А` (U+0410)"),
            ("Anne–Marie", "its character 5 is `–` (U+2013)"),
            ("", "`name` is ``, expected a name, with at least one letter"),
            ("-", "`name` is `-`, expected a name, with at least one letter"),
            ("\u{301}a", "a letter before the mark"),
            ("Åse  Li", "no two in a row"),
        ] {
            let error = name.parse::<PersonName>().expect_err(name);
            assert_eq!(error.code(), "field_invalid");
            assert!(error.to_string().contains(expected), "{error}");
        }
        let error = "å".repeat(63).parse::<PersonName>().expect_err("too long").to_string();
        assert!(error.ends_with("the first 50 of these 63 letters"), "{error}");
        let error = "S\u{331}".repeat(40).parse::<PersonName>().expect_err("too long").to_string();
        assert!(error.ends_with("the first 33 of these 40 letters"), "{error}");
    }

    #[test]
    fn somebody_may_have_a_single_name() {
        let suharto: PersonName = "Suharto".parse().expect("a name");
        let given = |text: &str| text.parse::<GivenNames>().expect("given names");
        assert_eq!(given("").with(&suharto), "Suharto");
        assert_eq!(given("Haji Muhammad").with(&suharto), "Haji Muhammad Suharto");
        assert!(given("").is_none() && given("").as_str().is_empty());
        for text in ["-", ".", "–", "---"] {
            let error = text.parse::<GivenNames>().expect_err("a mark in place of a name");
            assert_eq!(error.code(), "field_invalid");
            assert!(
                error.to_string().contains("nothing for somebody with a single name"),
                "{error}"
            );
        }
        // In a document there is one spelling: the member is left out.
        for json in ["\"\"", "null"] {
            assert!(serde_json::from_str::<GivenNames>(json).is_err(), "{json}");
        }
    }
}
