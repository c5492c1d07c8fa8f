//! The witnesses of a log.

use alloc::string::String;
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::note::{SignatureType, verifier_key};
use crate::{document::ListEntry, error::Error, key::PublicKey};

/// A party that watches the log grow, and signs what it has seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Witness {
    /// The key, which signs cosignatures and nothing else.
    pub key: PublicKey,
    /// The name in the lines of its cosignatures.
    pub name: WitnessName,
}

impl ListEntry for Witness {
    fn is_newer(witness: &Value) -> bool {
        witness.get("key").is_some_and(PublicKey::is_newer)
    }
}

impl Witness {
    /// The key in the form with which other transparency log software is configured: a `vkey` line
    /// (C2SP signed-note, tlog-cosignature).
    pub fn verifier_key(&self) -> String {
        verifier_key(self.name.as_str(), SignatureType::Cosignature, &self.key)
    }
}

/// The name of a witness: a URL without a scheme, `witness.example.no/w1`. From 1 to 100 letters,
/// digits and `.` `-` `_` `~` `:` `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WitnessName(String);

impl WitnessName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WitnessName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_~:/".contains(&b);
        if !(1..=100).contains(&text.len()) || !text.bytes().all(allowed) {
            let expected =
                "a name as in `witness.example.no/w1`, of 1 to 100 letters, digits and `.-_~:/`";
            return Err(Error::field("name", text, expected));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for WitnessName {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<WitnessName> for String {
    fn from(name: WitnessName) -> String {
        name.0
    }
}

impl fmt::Display for WitnessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WitnessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
