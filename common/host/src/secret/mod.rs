//! Secrets that open keys: passphrases of key files and PINs of tokens, in one type.

mod error;
mod kind;
#[cfg(feature = "terminal")]
mod prompt;
#[cfg(all(feature = "files", feature = "terminal"))]
mod stored;
mod value;

#[cfg(all(feature = "files", feature = "terminal"))]
pub use self::stored::warn_if_readable_by_others;
pub use self::{
    error::SecretError,
    kind::{Opens, OpensFiles, OpensTokens, SecretKind},
    value::{Passphrase, Pin, Secret},
};

#[cfg(test)]
mod tests;
