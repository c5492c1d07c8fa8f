//! An error as it is reported to people and to programs.

use std::{error::Error, iter};

use serde_json::{Value, json};
use vernet_common::shortened;

use crate::terminal::{note, printable, printable_json};

/// The most characters of a message: some lines of text. Messages quote what others wrote, each of
/// them a little; this holds for whatever was forgotten.
const MAX_MESSAGE: usize = 4000;

/// An error as it is reported: its stable name, its text, and what to do about it.
#[derive(Debug)]
pub struct Report {
    /// The stable name, if it has one.
    pub code: Option<&'static str>,
    /// What happened, with the causes.
    pub message: String,
    /// What to do.
    pub hint: Option<&'static str>,
}

impl Report {
    /// The report of an error. `known` returns the stable name and the hint of the program's
    /// errors: it is called for the error and then for its causes, and the first answer counts.
    pub fn of(
        error: &(dyn Error + 'static),
        known: impl Fn(&(dyn Error + 'static)) -> Option<(&'static str, Option<&'static str>)>,
    ) -> Self {
        // Each cause appears once: most messages already contain theirs.
        let mut message = String::new();
        for link in chain(error).map(ToString::to_string) {
            match message.is_empty() {
                true => message = link,
                false if message.contains(&link) => {}
                false => message = format!("{message}: {link}"),
            }
        }
        let (code, hint) = chain(error).find_map(known).unzip();
        Self { code, message: shortened(&message, MAX_MESSAGE), hint: hint.flatten() }
    }

    /// The error for a program: `{"error": {"code", "message", "hint"}}`.
    pub fn to_json(&self) -> Value {
        json!({ "error": { "code": self.code, "message": self.message, "hint": self.hint } })
    }

    /// The error for a person: the text followed by the stable name, and the hint on a separate
    /// line.
    pub fn in_words(&self, program: &str) -> String {
        let mut text = format!("{program}: {}", printable(&self.message));
        if let Some(code) = self.code {
            text += &format!(" [{code}]");
        }
        if let Some(hint) = self.hint {
            text += &format!("\n  → {hint}");
        }
        text
    }

    /// Writes it to standard error.
    pub fn say(&self, program: &str, as_json: bool) {
        if as_json {
            note(printable_json(&self.to_json()));
        } else {
            note(self.in_words(program));
        }
    }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file is\u{7} damaged")]
    struct Damaged;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot go on: {0}")]
    struct Stopped(#[source] Damaged);

    fn report(error: anyhow::Error) -> Report {
        let known = |link: &(dyn Error + 'static)| {
            link.is::<Damaged>().then_some(("file_damaged", Some("restore it")))
        };
        Report::of(error.as_ref(), known)
    }

    #[test]
    fn no_message_is_longer_than_a_person_reads() {
        let long = "A".repeat(24 << 20);
        let told = report(anyhow::anyhow!("{long}").context("reading `a`"));
        assert!(told.message.starts_with("reading `a`: AAA"));
        assert_eq!(told.message.chars().count(), MAX_MESSAGE + 1);
    }

    #[test]
    fn causes_are_said_once_and_asked_for_code_and_hint() {
        let error = anyhow::Error::new(Stopped(Damaged)).context("reading `a`");
        let told = report(error);
        assert_eq!(
            told.in_words("program"),
            "program: reading `a`: cannot go on: the file is\\u{7} damaged [file_damaged]\n  → restore it"
        );
        let expected = json!({ "error": {
            "code": "file_damaged",
            "message": "reading `a`: cannot go on: the file is\u{7} damaged",
            "hint": "restore it",
        } });
        assert_eq!(told.to_json(), expected);

        let told = report(anyhow::anyhow!("why").context("what"));
        assert_eq!(told.in_words("program"), "program: what: why");
        assert_eq!(told.to_json()["error"]["code"], Value::Null);
    }
}
