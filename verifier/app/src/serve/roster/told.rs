//! What a message says about one person.

use vernet_verifier::roster::{Change, ReportRow};

/// A change, and the row that it is about: the current one, or the one that is gone.
pub(super) struct Told<'a> {
    pub(super) change: &'a Change,
    pub(super) row: Option<&'a ReportRow>,
}
