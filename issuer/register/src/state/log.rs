//! The issued log: every certificate that was ever signed, in the order in which it was recorded.
//!
//! It follows from the statements and is not stored. A certificate enters it in the transaction
//! that records it, so no certificate that an officer can hold is missing. Nothing is ever removed,
//! not even what was revoked.

use vernet_common::{CertificateHash, LogHead, LogTree};

/// The log as the register has it now.
#[derive(Default, Debug)]
pub struct IssuedLog {
    entries: Vec<CertificateHash>,
    tree: LogTree,
}

impl IssuedLog {
    /// The hash of each certificate.
    pub fn entries(&self) -> &[CertificateHash] {
        &self.entries
    }

    /// The tree over them.
    pub fn tree(&self) -> &LogTree {
        &self.tree
    }

    /// Size and root.
    pub fn head(&self) -> LogHead {
        self.tree.head()
    }

    /// How many of the entries belong to a log of this size: all of them, if there are fewer.
    pub fn length(&self, log: LogHead) -> usize {
        usize::try_from(log.size).map_or(self.entries.len(), |size| size.min(self.entries.len()))
    }

    /// Appends a certificate, a compact JWS.
    pub(crate) fn push(&mut self, jws: &str) {
        self.push_entry(CertificateHash::of_jws(jws));
    }

    /// Appends the hash that represents a certificate.
    pub fn push_entry(&mut self, entry: CertificateHash) {
        self.entries.push(entry);
        self.tree.push(entry.leaf());
    }
}
