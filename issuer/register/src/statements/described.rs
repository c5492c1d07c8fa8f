//! What a statement says, member by member, so that an officer knows what they sign.
//!
//! It is made from the very bytes that are signed, wherever that is: on the command line, and in the
//! browser of an officer who need not believe the server. So it leaves nothing out: every member
//! with a value becomes a line, but for the certificate as a JWS, whose claims are there, and the
//! second of two that say the same. The words for labels and codes are the caller's.

use serde_json::{Value, json};
use vernet_common::{CertificateClaims, CivilDate, NumericDate, Signed};

use crate::{
    error::Error,
    statements::{digest::Digest, event::Event, proposal::Act, statement::Statement},
};

/// A statement as an officer is to read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// Its number.
    pub seq: u64,
    /// What it does, or what it proposes to do: the name of an event.
    pub act: &'static str,
    /// Whether it only proposes that.
    pub is_proposed: bool,
    /// The statement of another officer that it approves, and its hash.
    pub approves: Option<(u64, Digest)>,
    /// Who signs.
    pub officer: String,
    /// Everything else.
    pub lines: Vec<Line>,
}

/// One member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The names on the way to it, as in `exam.school`. Places in lists, from 1, are among them.
    pub label: String,
    /// Its value.
    pub value: Said,
}

/// A value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// A text, a number, a hash, an id.
    Text(String),
    /// One of a list of codes, and `yes` and `no`.
    Code(String),
    /// A day.
    Day(CivilDate),
    /// An instant.
    Instant(NumericDate),
    /// A text that is too long to be read: its hash, and how many bytes it has.
    Long(Digest, usize),
}

impl Described {
    /// Reads a statement from the bytes that are to be signed.
    ///
    /// # Errors
    ///
    /// As for [`Statement::from_bytes`].
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        let statement = Statement::from_bytes(bytes)?;
        let reasons_are_codes = match &statement.event {
            Event::Reissued(_) => true,
            Event::Proposed(proposal) => {
                matches!(proposal.act, Act::Reissue { .. } | Act::ReissueAll { .. })
            }
            _ => false,
        };
        let mut lines = Lines { lines: Vec::new(), reasons_are_codes };
        let (act, is_proposed) = match &statement.event {
            Event::Proposed(proposal) => {
                let value = |value: &Act| serde_json::to_value(value).unwrap_or_default();
                match &proposal.act {
                    Act::Decide { event } => lines.members("", &event_value(event)),
                    act => lines.members("", &value(act)),
                }
                let documents = serde_json::to_value(&proposal.documents).unwrap_or_default();
                lines.value("document", &documents);
                lines.day("decided_on", proposal.decided_on);
                lines.day("effective_on", proposal.effective_on);
                (proposal.effect(), true)
            }
            event => {
                lines.members("", &event_value(event));
                lines.day("decided_on", Some(statement.decided_on));
                lines.day("effective_on", Some(statement.effective_on));
                (event.name(), false)
            }
        };
        // Who it is comes first; everything else stays as it is in the text.
        let place = |line: &Line| FIRST.iter().position(|name| *name == name_of(&line.label));
        lines.lines.sort_by_key(|line| place(line).unwrap_or(FIRST.len()));
        Ok(Self {
            seq: statement.seq,
            act,
            is_proposed,
            approves: statement.approves.map(|first| (first.seq, first.sha256)),
            officer: statement.officer.into(),
            lines: lines.lines,
        })
    }
}

fn event_value(event: &Event) -> Value {
    match event {
        // Nothing else says whose it is.
        Event::LostRevoked { jws } => {
            let claims =
                Signed::<CertificateClaims>::parse(jws).and_then(|it| it.unverified_claims());
            claims.map_or_else(|_| json!({ "certificate": jws }), |claims| json!(claims))
        }
        event => serde_json::to_value(event).unwrap_or_default(),
    }
}

/// Whom it is about, in the order in which people say it.
const FIRST: [&str; 6] =
    ["given_name", "family_name", "birthdate", "hpr_number", "title", "certificate"];

/// A text that is longer than this is named by its hash.
const LONG: usize = 400;

/// Members whose values are codes.
const CODES: [&str; 11] = [
    "basis",
    "ground",
    "handling",
    "kind",
    "language",
    "national_subjects",
    "norwegian_language",
    "notice",
    "roles",
    "use",
    "what",
];

/// Members whose values are seconds since 1970.
const INSTANTS: [&str; 7] =
    ["at", "exp", "iat", "not_after", "not_before", "previous_until", "since"];

struct Lines {
    lines: Vec<Line>,
    /// Those of a new certificate are; those of a refusal are somebody's words.
    reasons_are_codes: bool,
}

impl Lines {
    fn members(&mut self, path: &str, value: &Value) {
        let Value::Object(members) = value else { return self.value(path, value) };
        for (name, value) in members {
            // The name of the event is the title, and the claims of a certificate are beside it.
            if path.is_empty() && name == "type" || name == "jws" {
                continue;
            }
            self.value(&join(path, name), value);
        }
    }

    fn value(&mut self, path: &str, value: &Value) {
        let name = name_of(path);
        let said = match value {
            Value::Null => return,
            Value::Object(_) => return self.members(path, value),
            Value::Array(values) => {
                let each = (1..).zip(values);
                return each
                    .for_each(|(place, value)| self.value(&join(path, &place.to_string()), value));
            }
            Value::Bool(yes) => Said::Code(if *yes { "yes" } else { "no" }.to_owned()),
            Value::Number(number) => {
                let instant = number.as_i64().filter(|_| INSTANTS.contains(&name));
                match instant.and_then(|seconds| NumericDate::from_seconds(seconds).ok()) {
                    Some(at) => Said::Instant(at),
                    None => Said::Text(number.to_string()),
                }
            }
            Value::String(text) if text.len() > LONG => {
                Said::Long(Digest::of(text.as_bytes()), text.len())
            }
            Value::String(text) => match text.parse() {
                Ok(day) => Said::Day(day),
                Err(_) if CODES.contains(&name) || name == "reason" && self.reasons_are_codes => {
                    Said::Code(text.clone())
                }
                Err(_) => Said::Text(text.clone()),
            },
        };
        self.push(path, said);
    }

    fn day(&mut self, label: &str, day: Option<CivilDate>) {
        if let Some(day) = day {
            self.push(label, Said::Day(day));
        }
    }

    /// What was said under the same name is not said again: an application, and the claims of its
    /// certificate.
    fn push(&mut self, path: &str, value: Said) {
        let in_a_list = path.split('.').any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        let is_again = |line: &Line| line.value == value && name_of(&line.label) == name_of(path);
        if in_a_list || !self.lines.iter().any(is_again) {
            self.lines.push(Line { label: path.to_owned(), value });
        }
    }
}

/// The name of a member, without its place in a list.
fn name_of(path: &str) -> &str {
    let is_name = |part: &&str| !part.starts_with(|c: char| c.is_ascii_digit());
    path.rsplit('.').find(is_name).unwrap_or_default()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
