//! What an officer is to sign, from its bytes alone: said in words, hashed, signed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use vernet_common::{
    Algorithm, CertificateNumber, CivilDate, HprNumber, SecretKey, Signed, Signer,
};
use vernet_register::{Assertion, Described, Digest, Line, Proposal, Said, Statement};

use crate::{problem::Problem, words::Words};

/// A statement in words.
#[derive(Serialize)]
pub struct Shown {
    /// What it does.
    title: String,
    /// Who signs what, and what the first officer signed.
    about: Vec<String>,
    /// Every member.
    lines: Vec<ShownLine>,
}

/// A member in words. The browser writes days and instants as people do.
#[derive(Serialize, PartialEq, Eq, Debug)]
pub struct ShownLine {
    label: String,
    #[serde(flatten)]
    value: ShownValue,
}

#[derive(Serialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum ShownValue {
    Text(String),
    Day(CivilDate),
    Instant(i64),
}

/// A part of a decision about many: whose certificate it makes.
#[derive(Serialize)]
pub struct Part {
    name: String,
    birthdate: CivilDate,
    hpr_number: HprNumber,
    certificate: CertificateNumber,
    title: String,
    granted: CivilDate,
}

impl Words {
    /// What a statement does.
    fn act(&self, name: &str) -> String {
        // As an aim, if it can be one: it is not done yet.
        let found = self.find("aim", name).or_else(|| self.find("event", name));
        let words = found.map_or_else(|| plain(name), ToOwned::to_owned);
        // In the middle of a sentence.
        let mut letters = words.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    }

    /// The name of a member; its place, if it is one of several.
    fn label(&self, path: &str) -> String {
        let is_place = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
        let mut names = path.split('.').filter(|part| !is_place(part)).rev();
        let (name, of) = (names.next().unwrap_or(path), names.next().unwrap_or_default());
        let found = self.find("member", &format!("{of}_{name}"));
        let found = found.or_else(|| self.find("member", name));
        let words = found.map_or_else(|| plain(name), ToOwned::to_owned);
        match path.split('.').find(is_place) {
            Some(place) => format!("{words} ({place})"),
            None => words,
        }
    }

    fn say(&self, name: &str) -> &str {
        self.at(&format!("/sign/said/{name}"))
    }

    /// The last day, of a member that names the first day after it: nobody reads "until, and without"
    /// right.
    fn last_day(&self, path: &str, value: &Said) -> Option<ShownLine> {
        const FIRST_AFTER: [&str; 5] =
            ["until", "unapproved_until", "suspended_until", "valid_to", "previous_until"];
        let name = path.rsplit('.').next().unwrap_or(path);
        let Said::Day(day) = value else { return None };
        FIRST_AFTER.contains(&name).then(|| ShownLine {
            label: self.say("last_day").to_owned(),
            value: ShownValue::Day(day.plus_days(-1)),
        })
    }

    fn shown(&self, described: Described) -> Shown {
        let act = self.act(described.act);
        let fill = |text: &str, values: &[(&str, &str)]| {
            values.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let (title, first) = match (described.is_proposed, described.approves) {
            (true, _) => (fill(self.say("proposes"), &[("act", &act)]), None),
            (false, Some((seq, hash))) => {
                let title = fill(self.say("approves"), &[("seq", &seq.to_string()), ("act", &act)]);
                (title, Some(fill(self.say("first"), &[("hash", &hash.to_string())])))
            }
            (false, None) => (fill(self.say("records"), &[("act", &act)]), None),
        };
        let number = described.seq.to_string();
        let by = fill(self.say("as"), &[("number", &number), ("officer", &described.officer)]);
        let line = |Line { label, value }: Line| {
            let last = self.last_day(&label, &value);
            let value = match value {
                Said::Text(text) => ShownValue::Text(text),
                Said::Code(code) => {
                    let words = self.find("value", &code);
                    ShownValue::Text(words.map_or_else(|| plain(&code), ToOwned::to_owned))
                }
                Said::Day(day) => ShownValue::Day(day),
                Said::Instant(at) => ShownValue::Instant(at.seconds()),
                Said::Long(hash, bytes) => {
                    let values = [("bytes", &*bytes.to_string()), ("hash", &hash.to_string())];
                    ShownValue::Text(fill(self.say("long"), &values))
                }
            };
            (ShownLine { label: self.label(&label), value }, last)
        };
        let lines = described.lines.into_iter().map(line);
        let lines = lines.flat_map(|line| [Some(line.0), line.1]).flatten().collect();
        Shown { title, about: [by].into_iter().chain(first).collect(), lines }
    }
}

fn plain(code: &str) -> String {
    code.replace('_', " ")
}

/// Each statement in words.
pub(crate) fn describe(statements: &[String], language: &str) -> Result<Vec<Shown>, Problem> {
    let words = Words::of(language);
    let one = |statement: &String| {
        let described = Described::of(&decode(statement)?);
        Ok(words.shown(described.map_err(|error| Problem::new(error.code(), &error))?))
    };
    statements.iter().map(one).collect()
}

/// Whose certificates statements make, if each of them is a part of what was proposed: in an import,
/// by the proof that its row is in the table which the first officer signed.
pub(crate) fn parts(proposal: &str, statements: &[String]) -> Result<Vec<Part>, Problem> {
    let (proposal, problem) =
        (decode(proposal)?, |error: vernet_register::Error| Problem::new(error.code(), &error));
    let mut parts = Vec::new();
    for statement in statements {
        let statement = Statement::from_bytes(&decode(statement)?).map_err(problem)?;
        Proposal::check_part(&proposal, &statement).map_err(problem)?;
        // The last one closes the proposal.
        let Some((claims, _)) = statement.event.issued() else { continue };
        parts.push(Part {
            name: claims.full_name(),
            birthdate: claims.birthdate,
            hpr_number: claims.hpr_number,
            certificate: claims.certificate_number,
            title: claims.title.to_string(),
            granted: claims.authorisation.granted,
        });
    }
    Ok(parts)
}

/// What an authenticator signs for all of them.
pub(crate) fn challenge(statements: &[String]) -> Result<String, Problem> {
    let hashes = statements.iter().map(|statement| Ok(Digest::of(&decode(statement)?)));
    let hashes = hashes.collect::<Result<Vec<_>, Problem>>()?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(Assertion::challenge(&hashes).as_bytes()))
}

/// The signature of each by a key file. Nobody signs under another one's name.
pub(crate) fn sign(statements: &[String], key: &SecretKey) -> Result<Vec<String>, Problem> {
    let one = |statement: &String| {
        let problem = |error: vernet_register::Error| Problem::new(error.code(), &error);
        let statement = Statement::from_bytes(&decode(statement)?).map_err(problem)?;
        if statement.kid != key.public_key().kid() {
            return Err(Problem::new("other_key", "the statement is for another key"));
        }
        let signed = Signed::sign(&statement, Algorithm::EdDsa, key);
        let signed = signed.map_err(|error| Problem::new(error.code(), &error))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(signed.signature()))
    };
    statements.iter().map(one).collect()
}

fn decode(statement: &str) -> Result<Vec<u8>, Problem> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(statement);
    decoded.map_err(|_| Problem::new("request", "a statement is no base64url"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_deeds_are_named_in_each_language() {
        for words in ["nb", "nn", "en"].map(Words::of) {
            for name in ["proposes", "approves", "records", "as", "first", "long", "last_day"] {
                assert!(!words.say(name).is_empty(), "{name}");
            }
            assert!(words.find("member", "birthdate").is_some());
            assert!(words.find("event", "suspended").is_some());
        }
    }

    #[test]
    fn the_last_day_is_spelled_out() {
        let day: CivilDate = "2027-03-01".parse().expect("a day");
        let last =
            Words::of("en").last_day("act.event.until", &Said::Day(day)).expect("a last day");
        let before = "2027-02-28".parse().expect("a day");
        assert_eq!(
            last,
            ShownLine { label: "The last day".into(), value: ShownValue::Day(before) }
        );
        assert_eq!(Words::of("en").last_day("decided_on", &Said::Day(day)), None);
    }

    #[test]
    fn labels_are_found_by_their_names() {
        assert_eq!(
            Words::of("en").label("application.exam.school"),
            Words::of("en").label("school")
        );
        assert!(Words::of("en").label("document.2.name").ends_with(" (2)"));
        assert_eq!(Words::of("en").label("something_new"), "something new");
    }
}
