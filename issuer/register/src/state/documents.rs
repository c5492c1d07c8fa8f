//! The documents that proposals rest on, and which of them were deleted by duty.

use crate::{
    state::index::State,
    statements::{digest::Digest, event::Event, proposal::Proposal, statement::Statement},
};

impl State {
    /// The last statement that a document was deleted by duty.
    pub fn deleted_document(&self, sha256: Digest) -> Option<&Statement> {
        self.deleted.get(&sha256).map(|position| self.at(*position))
    }

    /// Whether the file of a document that a proposal rests on may be missing, because it was deleted
    /// by duty after the proposal.
    pub fn may_be_missing(&self, proposal: u64, sha256: Digest) -> bool {
        self.deleted_document(sha256).is_some_and(|deleted| proposal < deleted.seq)
    }

    /// The proposals that rest on a document, oldest first.
    pub fn document_uses(&self, sha256: Digest) -> impl Iterator<Item = (u64, &Proposal)> {
        self.statements.iter().filter_map(move |statement| match &statement.event {
            Event::Proposed(proposal) => {
                let rests = proposal.documents.iter().any(|document| document.sha256 == sha256);
                rests.then_some((statement.seq, &**proposal))
            }
            _ => None,
        })
    }

    /// The statement that approved, rejected or completed a proposal; none while it is open.
    pub fn decided_by(&self, proposal: u64) -> Option<&Statement> {
        self.decided.get(&proposal).and_then(|seq| self.statement(*seq).ok())
    }
}
