//! The words of a language: those of the console's pages, and what a rule, a doubt or a reminder says
//! in it. The server and the browser say it by this code.

use std::sync::LazyLock;

use serde_json::Value;
use vernet_common::CivilDate;
use vernet_register::{Doubt, Error, Phrase, RuleError};

/// The words of a language.
pub struct Words {
    pages: Value,
    rules: Value,
}

static NB: LazyLock<Words> = LazyLock::new(|| {
    Words::read(include_str!("../../lang/nb.json"), include_str!("../../lang/rules/nb.json"))
});
static NN: LazyLock<Words> = LazyLock::new(|| {
    Words::read(include_str!("../../lang/nn.json"), include_str!("../../lang/rules/nn.json"))
});
static EN: LazyLock<Words> = LazyLock::new(|| {
    Words::read(include_str!("../../lang/en.json"), include_str!("../../lang/rules/en.json"))
});

/// What a value may be a code of, in the order in which it is looked up.
const CODES: [&str; 4] = ["value", "standing", "event", "member"];

impl Words {
    fn read(pages: &str, rules: &str) -> Self {
        let read =
            |json| serde_json::from_str(json).expect("the words are JSON, a test reads them");
        Self { pages: read(pages), rules: read(rules) }
    }

    /// Those of `nb`, `nn` or `en`; of any other language bokmål.
    pub fn of(language: &str) -> &'static Self {
        match language {
            "nn" => &NN,
            "en" => &EN,
            _ => &NB,
        }
    }

    /// Words of a section of the pages.
    pub(crate) fn find(&self, section: &str, name: &str) -> Option<&str> {
        self.pages.get(section)?.get(name)?.as_str()
    }

    /// Words at a path of the pages, as in `/sign/said/first`; empty if there are none.
    pub(crate) fn at(&self, path: &str) -> &str {
        self.pages.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }

    fn rule(&self, section: &str, name: &str) -> Option<&str> {
        self.rules.get(section)?.get(name)?.as_str()
    }

    /// What is wrong, if there are words for it.
    pub fn fault(&self, error: &Error) -> Option<String> {
        let fill =
            |values: &[(&str, String)]| Some(filled(self.rule("fault", error.code())?, values));
        let field = |name: &str| ("field", self.field(name));
        match error {
            Error::Rule(refused) => Some(self.refusal(refused)),
            Error::Common(source) => self.fault_of_value(source),
            Error::NationalIdentityNumber { field: name, .. } => fill(&[field(name)]),
            Error::NameNotPrintable { field: name, missing } => {
                fill(&[field(name), ("missing", missing.to_string())])
            }
            Error::Statement { source, .. } => self.fault(source),
            _ => fill(&[]),
        }
    }

    /// What is wrong with a value, if there are words for it.
    pub fn fault_of_value(&self, error: &vernet_common::Error) -> Option<String> {
        match error {
            vernet_common::Error::FieldInvalid { field, found, .. } => {
                let values = [("field", self.field(field)), ("found", found.clone())];
                Some(filled(self.rule("fault", error.code())?, &values))
            }
            other => self.fault_of_code(other.code()).map(ToOwned::to_owned),
        }
    }

    /// The words for a code of another part of the program, if there are any.
    pub fn fault_of_code(&self, code: &str) -> Option<&str> {
        // Those with holes need what is in the error.
        self.rule("fault", code).filter(|words| !words.contains('{'))
    }

    /// What a rule refuses, with all that it says in English.
    pub fn refusal(&self, refused: &RuleError) -> String {
        let law = refused.rule().law();
        let values = [
            ("meaning", self.rule("rule", refused.code()).unwrap_or_default().to_owned()),
            ("found", self.phrase(refused.found())),
            ("expected", self.phrase(refused.expected())),
            ("law", self.rule("law", law).unwrap_or(law).to_owned()),
        ];
        filled(self.rule("said", "refused").unwrap_or_default(), &values)
    }

    /// What is in doubt.
    pub fn doubt(&self, doubt: &Doubt) -> String {
        let values =
            [("message", self.phrase(&doubt.message)), ("source", doubt.source.to_owned())];
        filled(self.rule("said", "doubt").unwrap_or_default(), &values)
    }

    /// Prose with its values.
    pub fn phrase(&self, phrase: &Phrase) -> String {
        match phrase {
            Phrase::Value(value) => self.value(value),
            Phrase::Words(text, values) => {
                let said: Vec<_> =
                    values.iter().map(|(name, value)| (*name, self.phrase(value))).collect();
                // A phrase without words is said in English: a test sees to it that there is none.
                filled(self.rule("phrase", text).unwrap_or(text), &said)
            }
            Phrase::Joined(between, all) => {
                let between = match *between {
                    " or " => self.rule("said", "or").unwrap_or(between),
                    " and " => self.rule("said", "and").unwrap_or(between),
                    other => other,
                };
                all.iter().map(|one| self.phrase(one)).collect::<Vec<_>>().join(between)
            }
        }
    }

    /// A day as people write it, a code in words, anything else as it is.
    fn value(&self, value: &str) -> String {
        if let Ok(day) = value.parse::<CivilDate>() {
            return self.day(day);
        }
        // A number is one, also where it is some code as well.
        if value.bytes().all(|byte| byte.is_ascii_digit()) {
            return value.to_owned();
        }
        let words = CODES.into_iter().find_map(|section| self.find(section, value));
        words.unwrap_or(value).to_owned()
    }

    /// The name of a field or a member.
    fn field(&self, name: &str) -> String {
        let last = name.rsplit('.').next().unwrap_or(name);
        let words = self.find("member", last).or_else(|| match last {
            "exam_date" => self.find("apply", last),
            "exam_school" => self.find("member", "school"),
            "recognition_state" => self.find("member", "state"),
            last => self.pages.pointer(&format!("/react/fields/{last}"))?.as_str(),
        });
        words.map_or_else(|| last.replace('_', " "), ToOwned::to_owned)
    }

    fn day(&self, day: CivilDate) -> String {
        let text = day.to_string();
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts[..] else { return text };
        let plain = |part: &str| part.trim_start_matches('0').to_owned();
        let month = self.find("month", &plain(month)).unwrap_or(month).to_owned();
        let values = [("day", plain(day)), ("month", month), ("year", year.to_owned())];
        filled(self.find("date", "day").unwrap_or_default(), &values)
    }
}

/// Words with each `{name}` filled; what is filled in is not filled again.
pub(crate) fn filled(words: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        filled.push_str(value.map_or(name, |(_, value)| value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use vernet_register::{Rule, phrase};

    use super::*;

    const LANGUAGES: [&str; 3] = ["nb", "nn", "en"];

    /// The holes of a text.
    fn holes(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).map(|hole| hole.split('}').next().unwrap_or_default()).collect()
    }

    /// Every phrase in the sources of the register and of the office.
    fn phrases() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut found = BTreeSet::new();
        let mut folders = vec![root.join("register/src"), root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).expect("a text");
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                for rest in text.split("phrase!(").skip(1) {
                    let rest = rest.trim_start();
                    // What is no literal is the macro itself.
                    let Some(rest) = rest.strip_prefix('"') else { continue };
                    let literal = rest.split('"').next().unwrap_or_default();
                    if !path.ends_with("prose.rs") {
                        found.insert(literal.to_owned());
                    }
                }
            }
        }
        assert!(found.len() > 150, "{}", found.len());
        found
    }

    #[test]
    fn every_rule_and_every_phrase_has_words_in_each_language_with_all_its_facts() {
        let phrases = phrases();
        for language in LANGUAGES {
            let words = Words::of(language);
            for rule in Rule::ALL {
                let said = words.rule("rule", rule.code());
                assert!(said.is_some_and(|said| !said.is_empty()), "{} {language}", rule.code());
            }
            for phrase in &phrases {
                let said = words.rule("phrase", phrase);
                let said = said.unwrap_or_else(|| panic!("`{phrase}` has no words in {language}"));
                assert_eq!(holes(said), holes(phrase), "{phrase} in {language}");
            }
            // Nothing is kept that nobody says any more.
            let section = |name: &str| words.rules[name].as_object().expect("a section").len();
            assert_eq!(section("phrase"), phrases.len(), "{language}");
            assert_eq!(section("rule"), Rule::ALL.len(), "{language}");
        }
    }

    #[test]
    fn a_refusal_says_the_same_facts_in_each_language() {
        let day: CivilDate = "2026-12-01".parse().expect("a day");
        let expected = phrase!("`{latest}` or earlier", latest = day);
        let nested = Phrase::Joined(" or ", vec![expected.clone(), phrase!("none")]);
        assert_eq!(Words::of("nb").phrase(&expected), "1. desember 2026 eller tidligere");
        assert_eq!(Words::of("nn").phrase(&nested), "1. desember 2026 eller tidlegare eller ingen");
        assert_eq!(Words::of("en").phrase(&expected), "1 December 2026 or earlier");
        assert_eq!(
            Words::of("nb").phrase(&phrase!("status list {list}", list = 1)),
            "statusliste 1"
        );
        assert_eq!(
            Words::of("nn").phrase(&phrase!("none for `{kind}`", kind = "licence")),
            "ingen for «lisens»"
        );
    }

    #[test]
    fn what_somebody_wrote_is_not_filled_again() {
        let written = phrase!("its successor `{successor}`", successor = "{law}");
        assert!(Words::of("nb").phrase(&written).ends_with("{law}"));
    }
}
