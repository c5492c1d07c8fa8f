//! A message, in the forms in which it is sent. It is kept like that until it has arrived, so that
//! each repeat is the same.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vernet_common::NumericDate;
use vernet_host::hex;
use vernet_verifier::roster::Urgency;

/// A message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// The same for each repeat, and for no other message.
    pub(super) id: String,
    pub(super) urgency: Urgency,
    pub(super) at: NumericDate,
    /// For programs: JSON.
    pub(super) payload: String,
    /// For people.
    pub(super) subject: String,
    pub(super) text: String,
}

/// What a message is about. Stable API.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum About {
    /// From now on this receiver is told of changes; this is how things are.
    Watched,
    /// People's certificates have changed.
    Changed,
    /// The lists cannot tell about some people, or about anybody.
    NotKnown,
    /// They can again.
    Known,
    /// The table cannot be read, so nobody is watched.
    Unreadable,
    /// It can again.
    Readable,
}

impl About {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Watched => "roster.watched",
            Self::Changed => "roster.changed",
            Self::NotKnown => "roster.not_known",
            Self::Known => "roster.known",
            Self::Unreadable => "roster.unreadable",
            Self::Readable => "roster.readable",
        }
    }
}

/// A message before it has an id.
pub(super) struct Draft {
    pub(super) about: About,
    pub(super) urgency: Urgency,
    /// An object.
    pub(super) data: Value,
    pub(super) subject: String,
    pub(super) text: String,
}

impl Draft {
    /// The message. Its id follows from what it says and from `which`, which tells it from an equal
    /// message at another time: not from the time itself, so that the same step taken again makes
    /// the same message.
    pub(super) fn message(self, which: (&str, u64), now: NumericDate) -> Message {
        let Self { about, urgency, data, subject, text } = self;
        let id = id(&json!([which, about.as_str(), data]));
        let payload = json!({
            "type": about.as_str(), "id": id, "timestamp": now.to_string(), "sequence": which.1, "urgency": urgency,
            "data": data,
        });
        let text = format!("{text}\nMessage {id}. The same message may arrive twice.\n");
        Message { id, urgency, at: now, payload: payload.to_string(), subject, text }
    }
}

/// A stable name for this content. Whoever does not know all of it, and the random part in it,
/// cannot tell from the name what it is about.
pub(super) fn id(content: &Value) -> String {
    hex(&Sha256::digest(content.to_string()))[..32].to_owned()
}
