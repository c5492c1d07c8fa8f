//! The circles that are allowed, each with its reason.

use std::{collections::BTreeSet, path::PathBuf};

/// Files that may import each other.
pub(super) struct Allowed {
    pub(super) files: &'static [&'static str],
    pub(super) why: &'static str,
}

impl Allowed {
    pub(super) fn allows(&self, files: &BTreeSet<PathBuf>) -> bool {
        files.iter().all(|file| self.files.iter().any(|allowed| file.as_os_str() == *allowed))
    }
}

/// Remove an entry with its circle: an entry that allows more than exists is reported too.
pub(super) const ALLOWED: &[Allowed] = &[Allowed {
    files: &[
        "issuer/register/src/statements/event.rs",
        "issuer/register/src/statements/proposal.rs",
        "issuer/register/src/statements/statement.rs",
    ],
    why: "a statement holds an event, a proposal is one, and most hold the event that they propose",
}];
