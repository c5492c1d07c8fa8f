//! The fields of the form, as a template shows them.

use vernet_applications::{
    EEA_STATES, FormDraft, FormFault, Needs, grounds_to_apply_on, kinds_to_apply_for,
};
use vernet_register::ProtectedTitle;

use crate::web::{language::Language, words::Words};

/// A field.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) help: Option<String>,
    pub(super) fault: Option<String>,
    pub(super) value: String,
    /// The choices; none for a text.
    pub(super) choices: Vec<Choice>,
    /// What the browser may fill in.
    pub(super) autocomplete: &'static str,
    pub(super) kind: &'static str,
    pub(super) required: bool,
}

/// One of several values.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl Field {
    /// What the attribute `aria-describedby` names.
    pub(super) fn described_by(&self) -> String {
        let help = self.help.as_ref().map(|_| format!("{}-help", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        help.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}

/// Makes fields of a form.
pub(super) struct Fields<'a> {
    pub(super) words: &'static Words,
    pub(super) draft: &'a FormDraft,
    pub(super) faults: &'a [FormFault],
}

impl Fields<'_> {
    /// Which right, and why.
    pub(super) fn right(&self, rows: &[&'static ProtectedTitle]) -> Vec<Field> {
        let mut kinds: Vec<&'static str> = Vec::new();
        let mut grounds: Vec<&'static str> = Vec::new();
        for row in rows {
            kinds.extend(kinds_to_apply_for(row).map(|kind| kind.word()));
            grounds.extend(grounds_to_apply_on(row).map(|ground| ground.word()));
        }
        for words in [&mut kinds, &mut grounds] {
            let mut seen = Vec::new();
            words.retain(|word| {
                !seen.contains(word) && {
                    seen.push(*word);
                    true
                }
            });
        }
        let language = self.words.language().code();
        let titles =
            rows.iter().map(|row| (row.title.to_string(), capital(&row.words(language).title)));
        let mut fields = Vec::new();
        if rows.len() > 1 {
            fields.push(self.choice("title", titles.collect()));
        }
        let labelled = |of: &str, words: Vec<&'static str>| {
            let label = |word: &str| self.words.say(&format!("inbox.{of}.{word}")).to_owned();
            words.into_iter().map(|word| (word.to_owned(), label(word))).collect()
        };
        fields.push(self.choice("kind", labelled("kind", kinds)));
        fields.push(self.choice("basis", labelled("basis", grounds)));
        fields
    }

    /// Who, and what the ground needs.
    pub(super) fn person(&self) -> Vec<Field> {
        let mut fields = vec![
            self.text("given_name", "given-name", false),
            self.text("family_name", "family-name", true),
            self.text("birthdate", "bday", true),
            self.text("hpr_number", "off", false),
        ];
        if let Some(needs) = self.draft.ground().map(Needs::of) {
            if needs.exam {
                fields.push(self.text("school", "off", true));
                fields.push(self.text("exam_date", "off", true));
            }
            if needs.state {
                let label =
                    |state: &str| self.words.say(&format!("inbox.state.{state}")).to_owned();
                let mut states: Vec<_> =
                    EEA_STATES.iter().map(|state| ((*state).to_owned(), label(state))).collect();
                states.sort_by(|a, b| a.1.cmp(&b.1));
                fields.push(self.choice("state", states));
            }
            if needs.previous_certificate {
                fields.push(self.text("previous_certificate", "off", true));
            }
        }
        fields.push(Field { kind: "email", ..self.text("mail", "email", true) });
        fields
    }

    fn text(&self, name: &'static str, autocomplete: &'static str, required: bool) -> Field {
        let (value, fault) = self.given(name);
        let help = self.words.find(&format!("inbox.help.{name}")).map(str::to_owned);
        let label = self.words.say(&format!("inbox.field.{name}")).to_owned();
        Field {
            name,
            label,
            help,
            fault,
            value,
            choices: Vec::new(),
            autocomplete,
            kind: "text",
            required,
        }
    }

    fn choice(&self, name: &'static str, of: Vec<(String, String)>) -> Field {
        let field = self.text(name, "off", true);
        let choices = of.into_iter().map(|(value, label)| {
            let chosen = value == field.value;
            Choice { value, label, chosen }
        });
        Field { choices: choices.collect(), ..field }
    }

    /// What was typed, and what is wrong with it. A national identity number is not shown again.
    fn given(&self, name: &'static str) -> (String, Option<String>) {
        let fields = self.draft.fields();
        let value = fields.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let fault = self.faults.iter().find(|fault| fault.field == name).map(|fault| fault.fault);
        let words =
            fault.map(|fault| self.words.say(&format!("inbox.fault.{}", fault.code())).to_owned());
        let hidden = fault == Some(vernet_applications::Fault::NationalIdentityNumber);
        (value.filter(|_| !hidden).cloned().unwrap_or_default(), words)
    }
}

/// What was filled in, for a last look: each field with its label and its value in words.
pub(super) fn summary(
    words: &'static Words,
    draft: &FormDraft,
    rows: &[&'static ProtectedTitle],
) -> Vec<(String, String)> {
    let fields = Fields { words, draft, faults: &[] };
    let all = fields.right(rows).into_iter().chain(fields.person());
    let in_words = |field: Field| {
        let chosen = field.choices.iter().find(|choice| choice.chosen);
        let value = chosen.map_or(field.value.clone(), |choice| choice.label.clone());
        (field.label, value)
    };
    all.map(in_words).filter(|(_, value)| !value.trim().is_empty()).collect()
}

/// The language of a form, from that of the page.
pub(super) fn language_of(language: Language) -> String {
    language.code().to_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
