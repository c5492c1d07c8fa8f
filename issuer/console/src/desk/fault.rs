//! What is wrong, in the reader's language: rules and the commonest errors in words, what has none in
//! the library's English.

use std::fmt;

use vernet_console_web::Words;
use vernet_issuer::Error;

use crate::web::language::Language;

/// What is wrong with what an officer asked for.
pub(super) struct Fault {
    /// The stable code.
    pub(super) code: &'static str,
    /// What it says.
    pub(super) message: String,
    /// The language in which it says it.
    pub(super) language: &'static str,
}

impl Fault {
    /// Why the library refused something.
    pub(super) fn of_error(language: Language, error: &Error) -> Self {
        let words = Words::of(language.code());
        let found = match error {
            Error::Register(refused) => words.fault(refused),
            Error::Common(source) => words.fault_of_value(source),
            _ => None,
        };
        match found {
            Some(message) => Self { code: error.code(), message, language: language.code() },
            None => Self::of_code(language, error.code(), error),
        }
    }

    /// What is wrong by its code alone; what has no words is said by the error itself.
    pub(super) fn of_code(
        language: Language,
        code: &'static str,
        error: &impl fmt::Display,
    ) -> Self {
        match Words::of(language.code()).fault_of_code(code) {
            Some(words) => Self { code, message: words.to_owned(), language: language.code() },
            None => Self { code, message: error.to_string(), language: "en" },
        }
    }
}
