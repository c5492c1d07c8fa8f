//! How receivers are called, and what they want.

use serde::{Deserialize, Serialize};
use vernet_verifier::roster::Urgency;

/// The name of a receiver, by which its undelivered messages are kept and its deliveries counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ReceiverName(String);

impl ReceiverName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ReceiverName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
            let shown: String = name.chars().take(60).collect();
            return Err(format!(
                "the name is `{shown}`, expected 1 to 40 of the characters `a-z`, `0-9` and `-`"
            ));
        }
        Ok(Self(name))
    }
}

impl From<ReceiverName> for String {
    fn from(name: ReceiverName) -> Self {
        name.0
    }
}

/// Everything, unless a receiver asks for less.
pub(super) fn everything() -> Urgency {
    Urgency::Note
}
