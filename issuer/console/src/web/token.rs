//! Random texts that nobody guesses: of sessions, of forms.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::Rng;
use subtle::ConstantTimeEq;
use vernet_host::random;

/// 256 random bits, as 43 characters.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// A new one, from the system's randomness.
    pub(crate) fn new() -> Self {
        let mut bytes = [0; 32];
        random().fill_bytes(&mut bytes);
        Self(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the text. How long that takes tells nothing about it.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}
