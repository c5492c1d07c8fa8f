//! A verdict as it is written down, and as it is read again: a report, only as trustworthy as its
//! source. It never gives an [`Accepted`](crate::Accepted).

use alloc::{string::String, vec::Vec};
// What the derive expects to be in scope.
#[cfg(feature = "schema")]
use std::{format, prelude::rust_2024::*, vec};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use vernet_common::{CertificateClaims, Contact, HttpsUrl, InWords, NumericDate};

use crate::{code::Code, colour::Colour, rfc3339};

/// The answer to one input. Whoever accepts a certificate must also compare name and birth date
/// with a photo ID: a certificate is not bound to the person who shows it.
// This one type, with this one text, is what is written, what is read and what the schema
// describes. Later versions may add members.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
// The derived code becomes inherent functions, so that reading can check the record as a whole.
#[serde(remote = "Self")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Verdict))]
#[non_exhaustive]
pub struct VerdictRecord {
    /// The colour of the answer. It follows from `code`.
    pub verdict: Colour,
    /// What was found.
    pub code: Code,
    /// The instant of which the answer is true: when the status list was signed, if one was
    /// consulted, else `checked_at`.
    #[serde(with = "rfc3339")]
    #[cfg_attr(feature = "schema", schema(value_type = Instant))]
    pub as_of: NumericDate,
    /// When the check was made, or the time that it was made for.
    #[serde(with = "rfc3339")]
    #[cfg_attr(feature = "schema", schema(value_type = Instant))]
    pub checked_at: NumericDate,
    /// How old the status is, in seconds, if a status list was consulted. Can be negative by as
    /// much as clocks may differ.
    #[cfg_attr(feature = "schema", schema(required))]
    pub status_age_s: Option<i64>,
    /// The claims as they were signed; none as long as it is not certain that the issuer signed
    /// them, by its key and its log.
    #[cfg_attr(feature = "schema", schema(required))]
    pub certificate: Option<CertificateClaims>,
    /// The title of the certificate in words, if the office's trust list has them.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub title: Option<InWords>,
    /// The fault behind the answer, if there is one to name.
    #[cfg_attr(feature = "schema", schema(required))]
    pub cause: Option<VerdictCause>,
    /// What to do next, for people.
    pub advice: String,
    /// The office whose lists the answer rests on, in words; none if it rests on nobody's.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub office: Option<OfficeInWords>,
}

/// An office in words, from a trust list under its own roots' signatures: nothing else fills it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Office))]
#[non_exhaustive]
pub struct OfficeInWords {
    /// The issuer's URL. Show its host beside the name.
    pub iss: HttpsUrl,
    /// What people call the office, if its trust list says so.
    #[cfg_attr(feature = "schema", schema(required))]
    pub name: Option<InWords>,
    /// Whom to call, in the order in which they shall be shown. A verdict that accepts has none.
    pub contacts: Vec<Contact>,
}

impl Serialize for VerdictRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// Refuses a record whose colour is not that of its code: no verifier writes such a record.
impl<'de> Deserialize<'de> for VerdictRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Self::deserialize(deserializer)?;
        if record.verdict != record.code.colour() {
            return Err(D::Error::custom("`verdict` is not the colour of `code`"));
        }
        Ok(record)
    }
}

/// A fault in what was shown, or in the lists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Cause))]
#[non_exhaustive]
pub struct VerdictCause {
    /// The stable name of the fault (docs/FORMAT.md section 14).
    pub code: String,
    /// The fault in words, for people; they may change.
    pub message: String,
}

/// An instant in RFC 3339, in UTC and whole seconds.
#[cfg(feature = "schema")]
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", examples("2026-11-22T10:00:00Z"))]
#[expect(dead_code, reason = "it stands for the instants in the description")]
struct Instant(NumericDate);
