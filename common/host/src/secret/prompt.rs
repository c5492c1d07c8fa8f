//! Secrets from the person at the terminal.

use std::io::{self, IsTerminal};

use anyhow::bail;
use zeroize::Zeroizing;

use super::{error::SecretError, kind::Opens, value::Secret};

impl<K: Opens> Secret<K> {
    /// Asks the person at the terminal.
    ///
    /// # Errors
    ///
    /// [`SecretError::Missing`] if the answer is empty, or if nobody can be asked: it then names
    /// `elsewhere`, the ways to give the secret without being asked. [`SecretError::Unreadable`] if
    /// the terminal fails.
    pub fn ask(question: &str, elsewhere: &str) -> Result<Self, SecretError> {
        Self::from_prompt(prompt::<K>(question, elsewhere)?)
    }

    /// Asks twice, for a secret that is new: nobody can look it up afterwards.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::ask`]; an error without a code if the two answers differ.
    pub fn ask_twice(question: &str, elsewhere: &str) -> anyhow::Result<Self> {
        let first = prompt::<K>(question, elsewhere)?;
        if first != prompt::<K>("The same again: ", elsewhere)? {
            bail!("the two are not the same: nothing was written");
        }
        Ok(Self::from_prompt(first)?)
    }
}

/// What was typed is wiped when dropped, even if it was typed only for comparison.
fn prompt<K: Opens>(question: &str, elsewhere: &str) -> Result<Zeroizing<String>, SecretError> {
    if !io::stdin().is_terminal() {
        let origin = format!("{elsewhere}, and nobody can be asked here");
        return Err(SecretError::missing::<K>(origin));
    }
    let typed = rpassword::prompt_password(question);
    typed
        .map(Zeroizing::new)
        .map_err(|source| SecretError::unreadable::<K>("the terminal".to_owned(), source))
}
