//! Names as people write them: whether two could be of one person, and whether somebody can be found
//! by what was typed.
//!
//! Alerts of other states, namesakes, the comparison with another register and the search for a
//! person all compare by this.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use vernet_text::with_plain_hyphens;

/// Both names as one key, whichever is which.
pub(crate) fn both(given_name: &str, family_name: &str) -> String {
    Person::of(given_name, family_name).key()
}

/// The names of somebody, folded. Registers of other states confuse given and family name, and some
/// write a single name in both places, or in either.
pub(crate) enum Person {
    Single(Folded),
    Two { given: Folded, family: Folded },
}

impl Person {
    pub(crate) fn of(given_name: &str, family_name: &str) -> Self {
        // Passports and other states write å as `aa`.
        let [given, family] = [given_name, family_name].map(|name| Folded(spelled(name)));
        match (given.0.is_empty(), family.0.is_empty()) {
            (false, true) => Self::Single(given),
            _ if given.0.is_empty() || given.is_same(&family) => Self::Single(family),
            _ => Self::Two { given, family },
        }
    }

    /// Whether one could be the other, for somebody who looks: with two names each, one of them the
    /// same and the other similar; with a single name, one that is similar to either of the other's.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Single(name), Self::Single(other)) => name.shares_a_word(other),
            (Self::Single(name), Self::Two { given, family })
            | (Self::Two { given, family }, Self::Single(name)) => {
                name.shares_a_word(given) || name.shares_a_word(family)
            }
            (Self::Two { given, family }, Self::Two { given: one, family: another }) => {
                [(one, another), (another, one)].into_iter().any(|(other_given, other_family)| {
                    family.is_same(other_family) && given.shares_a_word(other_given)
                })
            }
        }
    }

    pub(crate) fn has_the_names_of(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    fn key(&self) -> String {
        match self {
            Self::Single(name) => name.0.concat(),
            Self::Two { given, family } => {
                let mut names = [given.0.concat(), family.0.concat()];
                names.sort();
                names.join(" ")
            }
        }
    }
}

/// The words of a name without case, marks and punctuation, as offices with other keyboards write
/// it.
pub(crate) struct Folded(Vec<String>);

impl Folded {
    pub(crate) fn of(name: &str) -> Self {
        let name = with_plain_hyphens(name);
        let plain = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
        let mut words = vec![String::new()];
        for c in plain {
            let word = words.last_mut().expect("there is always one");
            match without_stroke(c) {
                Some(letters) => word.push_str(letters),
                None if c.is_alphanumeric() => word.push(c),
                None => words.push(String::new()),
            }
        }
        words.retain(|word| !word.is_empty());
        Self(words)
    }

    /// Whether they differ in nothing but the gaps between words, as `Anne-Marie` and `Annemarie`.
    fn is_same(&self, other: &Self) -> bool {
        self.0.concat() == other.0.concat()
    }

    /// Whether they have the same words, in whatever order, or differ only in the gaps between them.
    pub(crate) fn has_the_words_of(&self, other: &Self) -> bool {
        let sorted = |folded: &Self| {
            let mut words = folded.0.clone();
            words.sort();
            words
        };
        self.is_same(other) || sorted(self) == sorted(other)
    }

    pub(crate) fn shares_a_word(&self, other: &Self) -> bool {
        self.is_same(other) || self.0.iter().any(|word| other.0.contains(word))
    }
}

/// What others write for a letter whose stroke or ligature Unicode does not take apart.
fn without_stroke(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'ø' => "o",
        'œ' => "oe",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ŋ' => "n",
        'ß' => "ss",
        'ŧ' => "t",
        'þ' => "th",
        _ => return None,
    })
}

/// What somebody types to find a person: the words of a name, in any order and any spelling, each
/// whole or only its beginning, or an initial.
pub(crate) struct SoughtName(Vec<String>);

impl SoughtName {
    /// None if there is no letter in it.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let words = spelled(text);
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether somebody of this name may be meant: each word that was typed begins one of theirs, and
    /// no two begin the same one; or what was typed begins the names without their gaps.
    pub(crate) fn finds(&self, name: &SpelledName) -> bool {
        let typed = self.0.concat();
        // A single letter is an initial, not the beginning of everything.
        let in_one =
            typed.chars().count() > 1 && name.in_one.iter().any(|names| names.starts_with(&typed));
        // Most people have no word that begins as the first one: nothing is copied for them.
        let may_be =
            |first: &String| name.words.iter().any(|word| word.starts_with(first.as_str()));
        in_one
            || self.0.first().is_none_or(may_be)
                && each_begins_one(&self.0, &mut name.words.clone())
    }
}

/// A name as a search compares it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SpelledName {
    /// The words, and each name of several words as one: `Annemarie` finds `Anne-Marie Nordmann`.
    words: Vec<String>,
    /// Both names without gaps, whichever stands first.
    in_one: [String; 2],
}

impl SpelledName {
    pub(crate) fn of(given_name: &str, family_name: &str) -> Self {
        let (given, family) = (spelled(given_name), spelled(family_name));
        let (one, another) = (given.concat(), family.concat());
        let in_one = [format!("{one}{another}"), format!("{another}{one}")];
        let several = [(given.len(), one), (family.len(), another)];
        let several = several.into_iter().filter(|(words, _)| *words > 1).map(|(_, name)| name);
        let words = given.into_iter().chain(family).chain(several).collect();
        Self { words, in_one }
    }
}

/// Whether each word begins another one of these.
fn each_begins_one(typed: &[String], words: &mut Vec<String>) -> bool {
    let Some((first, rest)) = typed.split_first() else { return true };
    for place in 0..words.len() {
        if words[place].starts_with(first.as_str()) {
            let taken = std::mem::take(&mut words[place]);
            let found = each_begins_one(rest, words);
            words[place] = taken;
            if found {
                return true;
            }
        }
    }
    false
}

/// The words of a name as a keyboard without its letters spells them: `aa` is å, `oe` is ø and ö,
/// `ae` is æ and ä, `ue` is ü, and likewise for ŋ, đ and ŧ. Each pair becomes one letter on both
/// sides, so that every spelling finds every other.
fn spelled(name: &str) -> Vec<String> {
    const PAIRS: [(&str, &str); 7] =
        [("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("ng", "n"), ("dj", "d"), ("th", "t")];
    let plain = |word: String| PAIRS.iter().fold(word, |word, (two, one)| word.replace(two, one));
    Folded::of(name).0.into_iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_any_spelling_of_their_names() {
        let found = |typed: &str, given: &str, family: &str| {
            SoughtName::of(typed)
                .is_some_and(|sought| sought.finds(&SpelledName::of(given, family)))
        };
        for (given, family, typed) in [
            (
                "Kari",
                "Nordmann",
                &[
                    "kari nordmann",
                    "NORDMANN KARI",
                    "Nordmann, Kari",
                    "K. Nordmann",
                    "Kari Nordm",
                    "nordmann",
                    "K N",
                ][..],
            ),
            (
                "Åse",
                "Kjærstad Østlyngen-Bråthen",
                &[
                    "Aase Kjaerstad",
                    "Ase Kjaerstad",
                    "Åse Oestlyngen",
                    "Bråthen",
                    "braathen",
                    "Brathen ase",
                    "Ostlyngen Brathen",
                    "A. Bråthen",
                ],
            ),
            ("Sárá Máret", "Čállán", &["Sara Callan", "sara maret", "ČÁLLÁN", "S. M. Callan"]),
            ("Ánte", "Ŋuoŋŋuid", &["Ante Nuonnuid", "Ante N", "Nuongnguid"]),
            ("Đorđe", "Ŧuŧŧá", &["Dorde", "Djordje", "Tutta"]),
            ("Žofia", "Šimková", &["zofia simkova", "Simkova"]),
            ("Jörg", "Müller", &["Joerg Mueller", "Jorg Muller", "Müller"]),
            ("Bjørn", "Ärlig", &["Bjoern Aerlig", "bjorn arlig"]),
            (
                "Anne-Marie",
                "Li",
                &["Annemarie Li", "Anne Marie Li", "Marie Li", "Anne\u{2010}Marie"],
            ),
            ("Annemarie", "Li", &["Anne Marie Li", "Anne-Marie", "Annemarie"]),
            ("", "Suharto", &["suharto", "SUHARTO", "Suh"]),
            ("Siobhán", "O\u{2019}Brien", &["o'brien", "OBrien", "Siobhan O Brien"]),
        ] {
            for typed in typed {
                assert!(found(typed, given, family), "`{typed}` finds {given} {family}");
            }
        }
        for (given, family, typed) in [
            ("Kari", "Nordmann", "Kari Nordmann Hansen"),
            ("Kari", "Nordmann", "Ola Nordmann"),
            ("Kari", "Nordmann", "ordmann"),
            ("Kari", "Nordmann", "N N"),
            ("", "Suharto", "S. Suharto"),
            ("Åse", "Li", "Ase Lie"),
        ] {
            assert!(!found(typed, given, family), "`{typed}` does not find {given} {family}");
        }
        assert!(SoughtName::of(" - ").is_none());
    }
}
