//! How a statement enters the state: only if it follows the last one, and its officer may make it.

use crate::{
    authority::authorise,
    error::Error,
    state::index::State,
    statements::{digest::Digest, statement::Statement},
};

/// Adds the next statement to the state. Refuses one that its officers had no right to make.
pub(crate) fn apply(state: &mut State, statement: Statement, hash: Digest) -> Result<(), Error> {
    let seq = statement.seq;
    state.check_place(&statement)?;
    authorise(state, &statement).map_err(|source| source.of_statement(seq))?;
    state.add(statement, hash)
}

impl State {
    /// The state of these statements, which must be in order and belong together.
    ///
    /// # Errors
    ///
    /// [`Error::Chain`] if a statement is about something that the register does not know, or does
    /// not follow the previous one; [`Error::Statement`] if its officers had no right to make it.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Result<Self, Error> {
        let mut state = Self::default();
        for statement in statements {
            let hash = Digest::of(&statement.to_bytes()?);
            apply(&mut state, statement, hash)?;
        }
        Ok(state)
    }
}
