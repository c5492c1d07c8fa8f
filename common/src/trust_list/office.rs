//! The office in words: what people call it, and how to reach it.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};

use crate::{document::only_true, error::Error, id::HttpsUrl};

/// What people call the office and how they reach it, as its roots have signed it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OfficeDetails {
    /// What people call it: `Helsedirektoratet`.
    pub name: InWords,
    /// Whom to call when a verdict is red or amber, in the order in which they shall be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
}

impl OfficeDetails {
    /// The most contacts.
    pub const MAX_CONTACTS: usize = 8;

    /// Checks what concerns more than one field.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if there are too many contacts or languages, or a text is not in
    /// bokmål.
    pub fn check(&self) -> Result<(), Error> {
        if self.contacts.len() > Self::MAX_CONTACTS {
            return Err(Error::Inconsistent { what: "the office has more than 8 contacts" });
        }
        self.contacts
            .iter()
            .filter_map(|contact| contact.when.as_ref())
            .chain([&self.name])
            .try_for_each(InWords::check)
    }
}

/// One way to reach the office. What a newer program has added may be the only way: then there is
/// none here that this version knows.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Contact {
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// A page with a form, or with what else there is to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<HttpsUrl>,
    /// When somebody answers, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<InWords>,
    /// Whether somebody answers day and night, every day of the year: `true`, or left out.
    #[serde(default, deserialize_with = "only_true", skip_serializing_if = "core::ops::Not::not")]
    pub always: bool,
}

impl Contact {
    /// Whether there is a way to reach anybody.
    pub fn leads_somewhere(&self) -> bool {
        self.phone.is_some() || self.email.is_some() || self.url.is_some()
    }
}

/// A text in several languages, one of which is bokmål (`nb`). Verdicts repeat it, so copies share
/// it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "BTreeMap<LanguageTag, ShortText>")]
pub struct InWords(Arc<BTreeMap<LanguageTag, ShortText>>);

impl From<BTreeMap<LanguageTag, ShortText>> for InWords {
    fn from(texts: BTreeMap<LanguageTag, ShortText>) -> Self {
        Self(Arc::new(texts))
    }
}

impl Serialize for InWords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl InWords {
    /// The most languages.
    pub const MAX_LANGUAGES: usize = 16;
    const NEEDED: &'static str = "nb";

    /// The texts by their language tags.
    ///
    /// # Errors
    ///
    /// [`Error::FieldInvalid`] if a tag or a text does not have the form of one;
    /// [`Error::Inconsistent`] if there are too many, or none in bokmål.
    pub fn new<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let texts = texts.into_iter().map(|(language, text)| {
            Ok((LanguageTag::try_from(String::from(language))?, String::from(text).try_into()?))
        });
        let words = Self::from(texts.collect::<Result<BTreeMap<_, _>, Error>>()?);
        words.check()?;
        Ok(words)
    }

    /// The text in each language, by its tag (BCP 47).
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.0.as_str(), text.0.as_str()))
    }

    /// The text in the first of these languages that there is, else in bokmål.
    pub fn in_language(&self, wanted: &[&str]) -> &str {
        let text = |wanted: &str| {
            self.iter().find(|(language, _)| *language == wanted).map(|(_, text)| text)
        };
        wanted
            .iter()
            .copied()
            .chain([Self::NEEDED])
            .find_map(text)
            .or_else(|| self.iter().next().map(|(_, text)| text))
            .unwrap_or_default()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.0.len() > Self::MAX_LANGUAGES {
            return Err(Error::Inconsistent { what: "a text is in more than 16 languages" });
        }
        if !self.iter().any(|(language, _)| language == Self::NEEDED) {
            return Err(Error::Inconsistent { what: "a text is not in bokmål (`nb`)" });
        }
        Ok(())
    }
}

/// A language tag (BCP 47), as far as its characters go.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct LanguageTag(String);

impl TryFrom<String> for LanguageTag {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let is_part = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let mut parts = text.split('-');
        let first = parts.next().is_some_and(|first| {
            (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase())
        });
        if !first || text.len() > 35 || !parts.all(is_part) {
            return Err(Error::field("language", &text, "a language tag as in `nb` or `se`"));
        }
        Ok(Self(text))
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

/// 1 to 100 characters that can be seen, without space at the ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct ShortText(String);

impl TryFrom<String> for ShortText {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let unseen = |c: char| {
            c.is_control()
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        if !(1..=100).contains(&text.chars().count())
            || text.trim() != text
            || text.contains(unseen)
        {
            return Err(Error::field(
                "text",
                &text,
                "1 to 100 characters that can be seen, without space at the ends",
            ));
        }
        Ok(Self(text))
    }
}

impl From<ShortText> for String {
    fn from(text: ShortText) -> Self {
        text.0
    }
}

/// A telephone number as it is dialled from abroad (ITU-T E.164): `+` and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, pattern = r"^\+[1-9][0-9]{6,14}$", examples("+441632960002")))]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_number = text.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.starts_with('0')
        });
        if !is_number {
            return Err(Error::field(
                "phone",
                text,
                "a number as it is dialled from abroad, without spaces, as in `+441632960002`",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address in the form that nearly all have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, format = "email", examples("vakt@perfusionist.example.no")))]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_address = text.len() <= 100
            && text.split_once('@').is_some_and(|(mailbox, host)| {
                let of = |text: &str, more: &[u8]| {
                    !text.is_empty()
                        && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
                };
                mailbox.split('.').all(|part| of(part, b"_%+-"))
                    && host.contains('.')
                    && host.split('.').all(|label| {
                        of(label, b"-") && !label.starts_with('-') && !label.ends_with('-')
                    })
            });
        if !is_address {
            return Err(Error::field("email", text, "an address as in `vakt@example.no`"));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<OfficeDetails, alloc::string::String> {
        use alloc::string::ToString;
        let details: OfficeDetails =
            serde_json::from_value(value).map_err(|error| error.to_string())?;
        details.check().map_err(|error| error.to_string())?;
        Ok(details)
    }

    fn good() -> Value {
        json!({
            "name": { "nb": "Eksempeldirektoratet", "en": "Example Directorate", "zh-Hant": "署" },
            "contacts": [
                { "phone": "+441632960001", "when": { "nb": "hverdager 8–16" } },
                { "phone": "+441632960002", "email": "vakt@example.no", "always": true },
                { "url": "https://example.no/kontakt" },
                { "later": "a way that this version does not know" },
            ],
        })
    }

    #[test]
    fn names_and_contacts_are_read_and_written_again() {
        let details = read(good()).expect("an office");
        assert_eq!(details.name.in_language(&["en"]), "Example Directorate");
        assert_eq!(details.name.in_language(&["fr", "en"]), "Example Directorate");
        assert_eq!(details.name.in_language(&["fr"]), "Eksempeldirektoratet");
        let leads: Vec<bool> = details.contacts.iter().map(Contact::leads_somewhere).collect();
        assert_eq!(leads, [true, true, true, false]);
        let mut written = good();
        written["contacts"][3] = json!({});
        assert_eq!(serde_json::to_value(&details).expect("JSON"), written);
    }

    #[test]
    fn what_could_deceive_or_does_not_lead_anywhere_is_refused() {
        let wrong: [(&str, Value); 19] = [
            ("/name", json!({})),
            ("/name", json!({ "en": "Directorate" })),
            ("/name", json!("Direktoratet")),
            ("/name/nb", json!("")),
            ("/name/nb", json!(" Direktoratet")),
            ("/name/nb", json!("Direk\ntoratet")),
            ("/name/nb", json!("Direktoratet\u{202e}")),
            ("/name/nb", json!("D\u{200b}irektoratet")),
            ("/name/nb", json!("å".repeat(101))),
            ("/contacts/0/phone", json!("1632960001")),
            ("/contacts/0/phone", json!("+44 1632 960001")),
            ("/contacts/0/phone", json!("+0441632960001")),
            ("/contacts/0/phone", json!("+479999")),
            ("/contacts/0/phone", json!("+4416329600010000")),
            ("/contacts/1/email", json!("vakt@example")),
            ("/contacts/1/email", json!("vakt@example.no?subject=x")),
            ("/contacts/1/always", json!(false)),
            ("/contacts/2/url", json!("javascript:alert(1)")),
            ("/contacts", json!(alloc::vec![json!({ "phone": "+441632960001" }); 9])),
        ];
        for (place, value) in wrong {
            let mut details = good();
            *details.pointer_mut(place).expect("it is there") = value.clone();
            assert!(read(details).is_err(), "{place} {value}");
        }
        for language in ["", "n", "NB", "nb_NO", "nb NO", "nb-"] {
            let mut details = good();
            details["name"][language] = json!("x");
            assert!(read(details).is_err(), "{language}");
        }
    }
}
