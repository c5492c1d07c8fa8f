//! The kinds of secrets.

use std::fmt;

/// A kind of secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SecretKind {
    /// Opens key files.
    Passphrase,
    /// Opens a token.
    Pin,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "passphrase",
            Self::Pin => "PIN",
        })
    }
}

/// Marks the secret that opens key files.
#[derive(Debug)]
pub enum OpensFiles {}

/// Marks the secret that opens tokens.
#[derive(Debug)]
pub enum OpensTokens {}

/// What a secret opens: [`OpensFiles`] or [`OpensTokens`].
pub trait Opens {
    /// The kind of the secret.
    const KIND: SecretKind;
}

impl Opens for OpensFiles {
    const KIND: SecretKind = SecretKind::Passphrase;
}

impl Opens for OpensTokens {
    const KIND: SecretKind = SecretKind::Pin;
}
