//! Prose with typed values: what a rule expected, as English text and as what other languages are
//! made of.

use std::fmt;

/// Makes a [`Phrase`]: `phrase!("{latest} or earlier", latest)`. Each hole is named by a value.
#[macro_export]
macro_rules! phrase {
    ($text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::Phrase::Words(
            $text,
            vec![$((stringify!($name), $crate::phrase!(@ $name $(, $value)?))),*],
        )
    };
    (@ $name:ident) => { $crate::ToPhrase::said(&$name) };
    (@ $name:ident, $value:expr) => { $crate::ToPhrase::said(&$value) };
}

/// Prose in English, from which the same can be said in another language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Phrase {
    /// A value: a day, a number, a code of the register, or what somebody wrote.
    Value(String),
    /// Words, in which each `{name}` stands for one of the values.
    Words(&'static str, Vec<(&'static str, Phrase)>),
    /// Several, with this between them: ` or `, `, ` or `; `.
    Joined(&'static str, Vec<Phrase>),
}

/// What can be said in a phrase: a value, or another phrase.
pub trait ToPhrase {
    /// As a phrase.
    fn said(&self) -> Phrase;
}

impl<T: fmt::Display + ?Sized> ToPhrase for T {
    fn said(&self) -> Phrase {
        Phrase::Value(self.to_string())
    }
}

impl ToPhrase for Phrase {
    fn said(&self) -> Phrase {
        self.clone()
    }
}

impl Phrase {
    /// In English. Values in the words stand in backticks where the words have them.
    pub fn text(&self) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Words(text, values) => fill(text, values),
            Self::Joined(between, all) => {
                all.iter().map(Self::text).collect::<Vec<_>>().join(between)
            }
        }
    }
}

fn fill(text: &str, values: &[(&'static str, Phrase)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(&value.text());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_their_holes_and_nothing_else() {
        let day = "2026-12-01";
        assert_eq!(phrase!("`{day}` or earlier", day).text(), "`2026-12-01` or earlier");
        let nested = phrase!(
            "a day {when}",
            when = Phrase::Joined(
                " or ",
                vec![phrase!("from `{day}` on", day), phrase!("before {other}", other = "{day}"),]
            )
        );
        assert_eq!(nested.text(), "a day from `2026-12-01` on or before {day}");
        assert_eq!(Phrase::Joined(", ", vec![1.said(), 2.said()]).text(), "1, 2");
    }
}
