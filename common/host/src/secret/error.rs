//! Why there is no secret.

use std::io;

use super::kind::{Opens, SecretKind};

/// Why a passphrase or a PIN is not available, or is not accepted for a new key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is none in the given place.
    #[error("there is no {kind} in {origin}")]
    Missing {
        /// What is missing.
        kind: SecretKind,
        /// The file, environment variable or person.
        origin: String,
    },
    /// It cannot be read from the given place.
    #[error("cannot read the {kind} from {origin}: {source}")]
    Unreadable {
        /// What cannot be read.
        kind: SecretKind,
        /// The file, environment variable or terminal.
        origin: String,
        /// Why.
        source: io::Error,
    },
    /// The passphrase is too short for a new key.
    #[error("the passphrase has {found} characters, at least {minimum} are needed for a new key")]
    TooShort {
        /// Characters found.
        found: usize,
        /// Characters needed.
        minimum: usize,
    },
}

impl SecretError {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { kind: SecretKind::Passphrase, .. } => "passphrase_missing",
            Self::Missing { kind: SecretKind::Pin, .. } => "token_pin_missing",
            Self::Unreadable { kind: SecretKind::Passphrase, .. } => "passphrase_unreadable",
            Self::Unreadable { kind: SecretKind::Pin, .. } => "token_pin_unreadable",
            Self::TooShort { .. } => "passphrase_too_short",
        }
    }

    /// There is no secret of that kind in `origin`.
    pub(crate) fn missing<K: Opens>(origin: impl Into<String>) -> Self {
        Self::Missing { kind: K::KIND, origin: origin.into() }
    }

    pub(super) fn unreadable<K: Opens>(origin: String, source: io::Error) -> Self {
        Self::Unreadable { kind: K::KIND, origin, source }
    }
}
