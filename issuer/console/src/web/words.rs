//! Every sentence that a person reads: `lang/*.json`, and dates in these languages.

use std::{collections::BTreeMap, fmt::Display, sync::OnceLock};

use serde_json::Value;
use vernet_common::{CivilDate, NumericDate};

use super::language::Language;

static OSLO: jiff::tz::TimeZone = jiff::tz::get!("Europe/Oslo");

/// The words of a language, by path as in `today.title`.
#[derive(Debug)]
pub(crate) struct Words {
    language: Language,
    by_path: BTreeMap<String, String>,
}

/// Those of all pages and of the console, and those of the inbox.
const SOURCES: [(Language, [&str; 2]); 3] = [
    (
        Language::Bokmal,
        [include_str!("../../lang/nb.json"), include_str!("../../lang/inbox/nb.json")],
    ),
    (
        Language::Nynorsk,
        [include_str!("../../lang/nn.json"), include_str!("../../lang/inbox/nn.json")],
    ),
    (
        Language::English,
        [include_str!("../../lang/en.json"), include_str!("../../lang/inbox/en.json")],
    ),
];

impl Words {
    /// The words of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        static ALL: OnceLock<Vec<Words>> = OnceLock::new();
        let all = ALL.get_or_init(|| SOURCES.iter().map(|source| Self::read(*source)).collect());
        all.iter().find(|words| words.language == language).expect("each language has its words")
    }

    fn read((language, files): (Language, [&str; 2])) -> Self {
        let mut by_path = BTreeMap::new();
        for json in files {
            let tree = serde_json::from_str(json).expect("the words are JSON, a test reads them");
            flatten("", &tree, &mut by_path);
        }
        Self { language, by_path }
    }

    /// The language.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The words at a path; the path itself if there are none, so that a page never fails for a word.
    pub(crate) fn say<'a>(&'a self, path: &'a str) -> &'a str {
        self.by_path.get(path).map_or(path, String::as_str)
    }

    /// The words at a path, if there are any.
    pub(crate) fn find(&self, path: &str) -> Option<&str> {
        self.by_path.get(path).map(String::as_str)
    }

    /// The words at a path, with each `{name}` replaced.
    pub(crate) fn fill(&self, path: &str, values: &[(&str, &dyn Display)]) -> String {
        let mut filled = String::new();
        let mut rest = self.say(path);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(&value.to_string()),
                None => filled.push_str(name),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// The words for a number of things, which is `{count}` in them: `PATH.one` or `PATH.many`.
    pub(crate) fn count(&self, path: &str, count: usize) -> String {
        let form = if count == 1 { "one" } else { "many" };
        self.fill(&format!("{path}.{form}"), &[("count", &count)])
    }

    /// A day as people write it: `1. desember 2026`, `1 December 2026`.
    pub(crate) fn day(&self, day: CivilDate) -> String {
        let text = day.to_string();
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<u16>().ok());
        let (year, month, day) = (year.unwrap_or_default(), number(month), number(day));
        let (Some(month), Some(day)) = (month, day) else { return text };
        let path = format!("month.{month}");
        let month = self.say(&path);
        self.fill("date.day", &[("day", &day), ("month", &month), ("year", &year)])
    }

    /// An instant as people write it, in Oslo and to the minute: `1. desember 2026 kl. 14.05`.
    pub(crate) fn instant(&self, at: NumericDate) -> String {
        let local = jiff::Timestamp::from_second(at.seconds()).unwrap_or(jiff::Timestamp::MAX);
        let local = OSLO.to_datetime(local);
        let between = match self.language {
            Language::English => ':',
            Language::Bokmal | Language::Nynorsk => '.',
        };
        let clock = format!("{:02}{between}{:02}", local.hour(), local.minute());
        self.fill("date.instant", &[("day", &self.day(at.civil_date())), ("clock", &clock)])
    }
}

/// `{"today": {"title": "…"}}` is `today.title`.
fn flatten(path: &str, tree: &Value, into: &mut BTreeMap<String, String>) {
    match tree {
        Value::Object(members) => members.iter().for_each(|(name, below)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            flatten(&path, below, into);
        }),
        Value::String(text) => drop(into.insert(path.to_owned(), text.clone())),
        other => panic!("`{path}` is `{other}`, expected words"),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_language_has_the_same_words() {
        let paths = |language| Words::of(language).by_path.keys().collect::<Vec<_>>();
        for language in Language::ALL {
            assert_eq!(paths(language), paths(Language::Bokmal), "{language:?}");
            for (path, text) in &Words::of(language).by_path {
                assert!(!text.trim().is_empty(), "{path} of {language:?}");
                let holes = |text: &str| -> BTreeSet<String> {
                    let holes = text.split('{').skip(1);
                    holes
                        .map(|hole| hole.split('}').next().unwrap_or_default().to_owned())
                        .collect()
                };
                let other = Words::of(Language::Bokmal).say(path);
                assert_eq!(holes(text), holes(other), "{path} of {language:?}");
            }
        }
    }

    /// A template or a screen that names words which nobody wrote would show their path.
    #[test]
    fn every_path_in_templates_and_screens_has_words() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut checked = 0;
        for folder in ["templates", "src"] {
            for file in files(&root.join(folder)) {
                let text = fs::read_to_string(&file).expect("a text");
                for (call, ends) in [
                    ("say(\"", [""].as_slice()),
                    ("fill(\"", &[""]),
                    ("count(\"", &[".one", ".many"]),
                ] {
                    for rest in text.split(call).skip(1) {
                        let path = rest.split('"').next().unwrap_or_default();
                        for end in ends {
                            let path = format!("{path}{end}");
                            assert!(
                                Words::of(Language::English).find(&path).is_some(),
                                "{path} in {}",
                                file.display()
                            );
                            checked += 1;
                        }
                    }
                }
            }
        }
        assert!(checked > 10, "{checked} were found");
    }

    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries =
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn days_and_instants_are_as_people_write_them() {
        let day: CivilDate = "2026-12-01".parse().expect("a day");
        let at: NumericDate = "2026-12-01T13:05:59Z".parse().expect("an instant");
        let summer: NumericDate = "2026-06-30T22:05:00Z".parse().expect("an instant");
        let [nb, nn, en] = Language::ALL.map(Words::of);
        assert_eq!(nb.day(day), "1. desember 2026");
        assert_eq!(nn.day(day), "1. desember 2026");
        assert_eq!(en.day(day), "1 December 2026");
        assert_eq!(nb.instant(at), "1. desember 2026 kl. 14.05");
        assert_eq!(en.instant(at), "1 December 2026 at 14:05");
        assert_eq!(nb.instant(summer), "1. juli 2026 kl. 00.05");
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let words = Words::of(Language::English);
        let name = "{clock}";
        assert_eq!(
            words.fill("date.instant", &[("day", &name), ("clock", &"12")]),
            "{clock} at 12"
        );
    }
}
