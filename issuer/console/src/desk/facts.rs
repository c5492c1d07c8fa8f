//! What an event or an application says, as labels and values in the reader's language. The members are
//! those of the register: what has no words here is shown as it is, so that nothing is left out.

use serde::Serialize;
use serde_json::Value;
use vernet_common::{CertificateClaims, CivilDate, Signed};
use vernet_register::{Act, Application, Event, Proposal, Statement};

use crate::web::words::Words;

/// A label and a value.
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
}

/// What a statement says apart from its name, and from the people in it.
pub(super) fn of_statement(words: &Words, statement: &Statement) -> Vec<Fact> {
    match &statement.event {
        Event::Granted(granted) => of_application(words, &granted.application),
        Event::Refused(refused) => {
            let mut facts = of_application(words, &refused.application);
            facts.push(fact(words, "reason", &refused.reason.as_str().into()));
            facts
        }
        Event::Proposed(proposal) => of_proposal(words, proposal),
        Event::Restored(restored) => {
            let lost = restored.certificates.len();
            vec![fact(words, "certificates_lost", &lost.into())]
        }
        Event::LostRevoked { jws } => of_lost(words, jws),
        event => members(words, event),
    }
}

/// What a proposal says.
pub(super) fn of_proposal(words: &Words, proposal: &Proposal) -> Vec<Fact> {
    let mut facts = match &proposal.act {
        Act::Grant { application } => of_application(words, application),
        Act::Decide { event } => match &**event {
            Event::Refused(refused) => {
                let mut facts = of_application(words, &refused.application);
                facts.push(fact(words, "reason", &refused.reason.as_str().into()));
                facts
            }
            Event::LostRevoked { jws } => of_lost(words, jws),
            event => members(words, event),
        },
        act => members(words, act),
    };
    let days = [("decided", proposal.decided_on), ("effective_on", proposal.effective_on)];
    let days = days.into_iter().filter_map(|(name, day)| Some((name, day?)));
    facts.extend(days.map(|(name, day)| fact(words, name, &day.to_string().into())));
    facts
}

/// Whose lost certificate it is, as it says itself.
fn of_lost(words: &Words, jws: &str) -> Vec<Fact> {
    let claims = Signed::<CertificateClaims>::parse(jws).and_then(|it| it.unverified_claims());
    let Ok(claims) = claims else { return Vec::new() };
    let number = claims.certificate_number.to_string();
    let (holder, born) = (claims.full_name(), claims.birthdate.to_string());
    let facts = [("certificate", number), ("holder", holder), ("birthdate", born)];
    facts.into_iter().map(|(name, value)| fact(words, name, &value.into())).collect()
}

/// What is applied for; who applies is said elsewhere.
pub(super) fn of_application(words: &Words, application: &Application) -> Vec<Fact> {
    members(words, application)
}

/// The members that are said elsewhere, or that people cannot read: who it is, hashes, signatures.
const ELSEWHERE: [&str; 14] = [
    "type",
    "claims",
    "jws",
    "given_name",
    "family_name",
    "birthdate",
    "hpr_number",
    "root",
    "list",
    "seed",
    "appointment",
    "profession",
    "import",
    "key",
];

fn members(words: &Words, of: &impl Serialize) -> Vec<Fact> {
    let Ok(Value::Object(members)) = serde_json::to_value(of) else { return Vec::new() };
    let mut facts = Vec::new();
    for (name, value) in &members {
        if ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        match value {
            Value::Null | Value::Bool(false) => {}
            // What is within another member stands beside it.
            Value::Object(inner) => facts.extend(
                inner
                    .iter()
                    .filter(|(name, value)| !ELSEWHERE.contains(&name.as_str()) && !value.is_null())
                    .map(|(name, value)| fact(words, name, value)),
            ),
            value => facts.push(fact(words, name, value)),
        }
    }
    facts
}

fn fact(words: &Words, name: &str, value: &Value) -> Fact {
    let label = words.find(&format!("member.{name}")).map(ToOwned::to_owned);
    let label = label.unwrap_or_else(|| name.replace('_', " "));
    Fact { label, value: plainly(words, value) }
}

/// A value in one line: days as people write them, codes in words.
fn plainly(words: &Words, value: &Value) -> String {
    match value {
        Value::String(text) => match text.parse::<CivilDate>() {
            Ok(day) => words.day(day),
            Err(_) => words.find(&format!("value.{text}")).map_or(text.clone(), ToOwned::to_owned),
        },
        Value::Bool(yes) => words.say(if *yes { "value.yes" } else { "value.no" }).to_owned(),
        // A batch may be of thousands, who are not this person.
        Value::Array(values) if values.len() > 20 => words.count("value.entries", values.len()),
        Value::Array(values) => {
            values.iter().map(|value| plainly(words, value)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "type");
            let one = |(name, value): (&String, &Value)| {
                let Fact { label, value } = fact(words, name, value);
                format!("{label}: {value}")
            };
            members.map(one).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
