//! What the last check has found, for whoever asks.

use std::sync::{Arc, PoisonError, RwLock};

use vernet_verifier::roster::RosterReport;

/// What the last check has found.
#[derive(Clone, Default)]
pub(super) enum Latest {
    /// There was none yet.
    #[default]
    Nothing,
    Report(Arc<RosterReport>),
    /// The roster cannot be read: an old report would look like a new one.
    Unreadable(String),
}

/// The same, for several threads.
#[derive(Default)]
pub(super) struct LastCheck(RwLock<Latest>);

impl LastCheck {
    pub(super) fn get(&self) -> Latest {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, latest: Latest) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = latest;
    }
}
