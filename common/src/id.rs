//! Ids and numbers, each its own type: parsed once, valid from then on.

use alloc::{format, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Implements the string conversions that every id shares, on top of `FromStr` and `Display`.
macro_rules! string_id {
    ($id:ty) => {
        impl TryFrom<String> for $id {
            type Error = Error;
            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }
        impl From<$id> for String {
            fn from(id: $id) -> String {
                format!("{id}")
            }
        }
        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}
pub(crate) use string_id;

/// What the certificate numbers of a title begin with, `NO-PE-`: the country or the society, and the
/// profession, two capital letters each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberPrefix([u8; 4]);

impl NumberPrefix {
    /// For a number of which nobody said what it begins with.
    pub(crate) const UNKNOWN: Self = Self(*b"XXXX");
}

impl FromStr for NumberPrefix {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let letters = match text.as_bytes() {
            [a, b, b'-', c, d, b'-'] => Some([*a, *b, *c, *d]),
            _ => None,
        };
        letters.filter(|letters| letters.iter().all(u8::is_ascii_uppercase)).map(Self).ok_or_else(
            || Error::field("certificate_number_prefix", text, "a prefix as in `NO-PE-`"),
        )
    }
}

impl fmt::Display for NumberPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0.map(char::from);
        write!(f, "{a}{b}-{c}{d}-")
    }
}

string_id!(NumberPrefix);

/// The number printed on a certificate, `NO-PE-2026-000123`: country, profession, year, serial
/// number in that year.
///
/// It names the piece of paper, not the person: a new print has a new number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateNumber {
    prefix: NumberPrefix,
    year: u16,
    serial: u32,
}

impl CertificateNumber {
    /// `year` from 2001 to 2255, `serial` from 1 to 999999.
    pub fn new(prefix: NumberPrefix, year: u16, serial: u32) -> Result<Self, Error> {
        if !(2001..=2255).contains(&year) || !(1..=999_999).contains(&serial) {
            return Err(Self::invalid(&format!("{prefix}{year}-{serial}")));
        }
        Ok(Self { prefix, year, serial })
    }

    /// What the numbers of its title begin with.
    pub fn prefix(self) -> NumberPrefix {
        self.prefix
    }

    /// The year in which the number was given out.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The serial number within the year.
    pub fn serial(self) -> u32 {
        self.serial
    }

    fn invalid(text: &str) -> Error {
        Error::field("certificate_number", text, "a number as in `NO-PE-2026-000123`")
    }
}

impl FromStr for CertificateNumber {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let (prefix, rest) = text.split_at_checked(6)?;
            let (year, serial) = rest.split_once('-')?;
            let are_whole = year.len() == 4 && serial.len() == 6;
            let (year, serial) = are_whole.then_some((digits(year)?, digits(serial)?))?;
            Self::new(prefix.parse().ok()?, year as u16, serial).ok()
        };
        parse().ok_or_else(|| Self::invalid(text))
    }
}

impl fmt::Display for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}-{:06}", self.prefix, self.year, self.serial)
    }
}

string_id!(CertificateNumber);

/// A health personnel number (HPR-nummer, OID 2.16.578.1.12.4.1.4.4). It has no check digit, and
/// leading zeros are noise: two numbers are the same if they are the same as numbers. Written
/// without leading zeros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[1-9][0-9]{0,8}$", examples("9144889")))]
#[serde(try_from = "String", into = "String")]
pub struct HprNumber(u32);

impl HprNumber {
    /// The object identifier of the number's name space.
    pub const OID: &'static str = "2.16.578.1.12.4.1.4.4";

    /// From 1 to 999999999.
    pub fn new(number: u32) -> Result<Self, Error> {
        match (1..=999_999_999).contains(&number) {
            true => Ok(Self(number)),
            false => Err(Self::invalid(&format!("{number}"))),
        }
    }

    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }

    fn invalid(text: &str) -> Error {
        Error::field("hpr_number", text, "1 to 9 digits, not all zero")
    }
}

impl FromStr for HprNumber {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Some(text)
            .filter(|text| text.len() <= 9)
            .and_then(digits)
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| Self::invalid(text))
    }
}

impl fmt::Display for HprNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

string_id!(HprNumber);

/// A key id: the first 8 characters of the base64url RFC 7638 thumbprint, that is 48 bits of
/// SHA-256.
///
/// Enough to find a key among the few of a trust list. Trust never rests on it, but on the key
/// itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// The key id that begins the given JWK thumbprint (RFC 7638).
    pub fn of_thumbprint(thumbprint: &[u8; 32]) -> Self {
        crate::base64url::encode(&thumbprint[..6])
            .parse()
            .expect("six bytes make eight base64url characters")
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("only ASCII is let in")
    }
}

impl FromStr for KeyId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes: Option<[u8; 8]> = text.as_bytes().try_into().ok();
        bytes
            .filter(|bytes| {
                bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            })
            .map(Self)
            .ok_or_else(|| Error::field("kid", text, "8 base64url characters"))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

string_id!(KeyId);

/// The number of a status list of this issuer, from 1 to 127: seven bits in the QR template, 16
/// million certificates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StatusListNumber(u8);

impl StatusListNumber {
    /// `number` from 1 to 127.
    pub fn new(number: u8) -> Result<Self, Error> {
        if !(1..=127).contains(&number) {
            return Err(Error::field("status list number", &format!("{number}"), "1 to 127"));
        }
        Ok(Self(number))
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for StatusListNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The slot of a certificate in its status list, from 0 to 131071.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = u32, maximum = 131071))]
#[serde(try_from = "u32", into = "u32")]
pub struct StatusIndex(u32);

impl StatusIndex {
    /// Slots in one list.
    pub const COUNT: u32 = 1 << 17;

    /// `index` from 0 to 131071.
    pub fn new(index: u32) -> Result<Self, Error> {
        if index >= Self::COUNT {
            return Err(Error::StatusIndexOutOfRange { index, size: Self::COUNT });
        }
        Ok(Self(index))
    }

    /// The index.
    pub fn index(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for StatusIndex {
    type Error = Error;
    fn try_from(index: u32) -> Result<Self, Error> {
        Self::new(index)
    }
}

impl From<StatusIndex> for u32 {
    fn from(index: StatusIndex) -> u32 {
        index.0
    }
}

/// An `https` URL without user, query, fragment or trailing slash, in lower case up to the path:
/// one spelling, so that comparing strings compares resources. At most 200 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, format = "uri", pattern = "^https://", max_length = 200, examples("https://perfusionist.example.no")))]
#[serde(try_from = "String", into = "String")]
pub struct HttpsUrl(String);

impl HttpsUrl {
    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, with the port if there is one.
    pub fn authority(&self) -> &str {
        let rest = &self.0["https://".len()..];
        rest.split_once('/').map_or(rest, |(authority, _)| authority)
    }

    /// The URL followed by `/` and `path`.
    pub fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }
}

impl FromStr for HttpsUrl {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let well_formed = text.len() <= 200
            && text.strip_prefix("https://").is_some_and(|rest| {
                let (authority, path) =
                    rest.split_once('/').map_or((rest, None), |(a, p)| (a, Some(p)));
                is_authority(authority) && path.is_none_or(|path| path.split('/').all(is_segment))
            });
        if !well_formed {
            return Err(Error::field(
                "url",
                text,
                "an `https` URL with a lower-case host, without user, query, fragment or trailing slash",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

string_id!(HttpsUrl);

fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.split('.').all(label)
        && port
            .is_none_or(|port| !port.starts_with('0') && port.len() <= 5 && digits(port).is_some())
}

/// Whether a path segment is unambiguous: not empty, not `.` or `..`, without percent-encoding.
fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

/// The value of a non-empty string of ASCII digits; `u32::from_str` would also take a sign.
fn digits(text: &str) -> Option<u32> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn certificate_numbers_have_one_spelling() {
        let number: CertificateNumber = "NO-PE-2026-000123".parse().expect("a number");
        assert_eq!((number.year(), number.serial()), (2026, 123));
        assert_eq!(number.to_string(), "NO-PE-2026-000123");
        for wrong in [
            "NO-PE-2026-123",
            "NO-PE-2026-000000",
            "no-pe-2026-000123",
            "NO-PE-1999-000001",
            "NO-PE-+026-000123",
            "NO-PE-2026-0000001",
        ] {
            assert_eq!(
                wrong.parse::<CertificateNumber>().expect_err(wrong).code(),
                "field_invalid"
            );
        }
    }

    #[test]
    fn hpr_numbers_compare_as_numbers() {
        let parse = |text: &str| text.parse::<HprNumber>();
        assert_eq!(
            parse("009144889").expect("zeros are noise"),
            parse("9144889").expect("a number")
        );
        assert_eq!(parse("009144889").expect("zeros are noise").to_string(), "9144889");
        for wrong in ["", "0", "000", "+9144889", "91448891234", "9144889 ", "٩"] {
            assert_eq!(parse(wrong).expect_err(wrong).code(), "field_invalid");
        }
    }

    #[test]
    fn urls_have_one_spelling() {
        for right in [
            "https://perfusionist.example.no",
            "https://example.no:8443/a/b.c",
            "https://xn--bl-yka.example.no/v",
        ] {
            assert_eq!(right.parse::<HttpsUrl>().expect(right).as_str(), right);
        }
        for wrong in [
            "http://example.no",
            "https://",
            "https://example.no/",
            "https://Example.no",
            "https://user@example.no",
            "https://example.no/a//b",
            "https://example.no/../b",
            "https://example.no/a%2Fb",
            "https://example.no/a?b",
            "https://example.no/a#b",
            "https://exa mple.no",
            "https://blå.example.no",
            "https://example.no:0443",
            "https://example..no",
        ] {
            assert_eq!(wrong.parse::<HttpsUrl>().expect_err(wrong).code(), "field_invalid");
        }
    }

    #[test]
    fn status_indices_end_where_the_list_ends() {
        assert!(StatusIndex::new(131_071).is_ok());
        assert_eq!(
            StatusIndex::new(131_072).expect_err("outside").code(),
            "status_index_out_of_range"
        );
    }
}
