//! Why something was not done.

use serde::Serialize;

/// Why it was not done: the stable code of the library, and its message.
#[derive(Serialize)]
pub struct Problem {
    code: String,
    message: String,
}

impl Problem {
    pub(crate) fn new(code: &str, message: impl ToString) -> Self {
        Self { code: code.to_owned(), message: message.to_string() }
    }
}
