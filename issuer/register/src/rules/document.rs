//! When a document may be deleted by duty.

use crate::{
    error::Error,
    phrase,
    prose::Phrase,
    rule::{Rule, RuleError},
    state::index::State,
    statements::{digest::Digest, proposal::Proposal},
};

/// The name of the office's own data among the documents of a grant. It is about nobody, and every
/// audit reads it.
const OFFICE_DATA: &str = "data.json";

/// A document can be deleted that a proposal rested on, once nothing waits that needs it.
pub(super) fn delete(state: &State, sha256: Digest) -> Result<(), Error> {
    let refused =
        |expected: Phrase| Err(RuleError::new(Rule::DocumentNotDeletable, sha256, expected).into());
    let uses: Vec<_> = state.document_uses(sha256).collect();
    if uses.is_empty() {
        return refused(phrase!("the hash of a document that a proposal rests on"));
    }
    let is_data = |proposal: &&Proposal| {
        proposal.document(OFFICE_DATA).is_some_and(|one| one.sha256 == sha256)
    };
    if uses.iter().any(|(_, proposal)| is_data(proposal)) {
        return refused(phrase!("a document about people: every audit reads the office's data"));
    }
    if let Some(waiting) = uses.iter().find(|(seq, _)| state.open_proposal(*seq).is_ok()) {
        return refused(phrase!(
            "one that no open proposal needs, as proposal {waiting} does",
            waiting = waiting.0
        ));
    }
    let newest = uses.iter().map(|(seq, _)| *seq).max();
    match state.deleted_document(sha256).filter(|deleted| Some(deleted.seq) > newest) {
        Some(deleted) => refused(phrase!(
            "one that was not deleted by statement {deleted}",
            deleted = deleted.seq
        )),
        None => Ok(()),
    }
}
