//! What an officer is to sign, from its bytes alone: said in words, hashed, signed.

use std::{collections::BTreeMap, sync::LazyLock};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use vernet_common::{Algorithm, CivilDate, SecretKey, Signed, Signer};
use vernet_register::{Assertion, Described, Digest, Line, Said, Statement};

use crate::desk::Problem;

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

/// The words of a language, see `lang/signed.*.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    proposes: String,
    approves: String,
    records: String,
    r#as: String,
    first: String,
    long: String,
    act: BTreeMap<String, String>,
    label: BTreeMap<String, String>,
    code: BTreeMap<String, String>,
}

static NB: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../lang/signed.nb.json")));
static NN: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../lang/signed.nn.json")));
static EN: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../lang/signed.en.json")));

fn read(json: &str) -> Words {
    serde_json::from_str(json).expect("the words are in the program, and a test reads them")
}

impl Words {
    fn of(language: &str) -> &'static Self {
        match language {
            "nn" => &NN,
            "en" => &EN,
            _ => &NB,
        }
    }

    /// The words of a member: of its whole path, of its end, or its own name.
    fn label(&self, path: &str) -> String {
        let named: Vec<&str> = path
            .split('.')
            .filter(|part| !part.starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        let ends = (0..named.len()).map(|from| named[from..].join("."));
        let known = ends.into_iter().find_map(|end| self.label.get(&end).cloned());
        let place = path.split('.').find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        let words = known.unwrap_or_else(|| plain(named.last().unwrap_or(&path)));
        match place {
            Some(place) => format!("{words} ({place})"),
            None => words,
        }
    }

    fn shown(&self, described: Described) -> Shown {
        let act = self.act.get(described.act).cloned().unwrap_or_else(|| plain(described.act));
        let fill = |text: &str, values: &[(&str, &str)]| {
            values.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let (title, first) = match (described.is_proposed, described.approves) {
            (true, _) => (fill(&self.proposes, &[("act", &act)]), None),
            (false, Some((seq, hash))) => {
                let title = fill(&self.approves, &[("seq", &seq.to_string()), ("act", &act)]);
                (title, Some(fill(&self.first, &[("hash", &hash.to_string())])))
            }
            (false, None) => (fill(&self.records, &[("act", &act)]), None),
        };
        let number = described.seq.to_string();
        let by = fill(&self.r#as, &[("number", &number), ("officer", &described.officer)]);
        let line = |Line { label, value }| ShownLine {
            label: self.label(&label),
            value: match value {
                Said::Text(text) => ShownValue::Text(text),
                Said::Code(code) => {
                    let words = self.code.get(&code).cloned();
                    ShownValue::Text(words.unwrap_or_else(|| plain(&code)))
                }
                Said::Day(day) => ShownValue::Day(day),
                Said::Instant(at) => ShownValue::Instant(at.seconds()),
                Said::Long(hash, bytes) => {
                    let values = [("bytes", &*bytes.to_string()), ("hash", &hash.to_string())];
                    ShownValue::Text(fill(&self.long, &values))
                }
            },
        };
        let lines = described.lines.into_iter().map(line).collect();
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
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_language_has_the_same_words() {
        let keys = |words: &Words| -> BTreeSet<String> {
            let all = [&words.act, &words.label, &words.code];
            all.into_iter().flat_map(BTreeMap::keys).cloned().collect()
        };
        assert_eq!(keys(&NB), keys(&NN));
        assert_eq!(keys(&NB), keys(&EN));
    }

    #[test]
    fn labels_are_found_by_their_ends() {
        assert_eq!(EN.label("application.exam.school"), "School of the exam");
        assert_eq!(EN.label("application.birthdate"), "Date of birth");
        assert_eq!(EN.label("document.2.name"), "Document (2)");
        assert_eq!(EN.label("something_new"), "something new");
    }
}
