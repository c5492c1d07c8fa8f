//! Where the console publishes, and what the last publication from here said.

use std::sync::{Arc, Mutex, PoisonError};

use vernet_issuer::{Destination, Published};

/// The place, shared by all who look at what it said.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    pub(super) to: Destination,
    last: Arc<Mutex<Option<Arc<Published>>>>,
}

impl Publisher {
    pub(super) fn new(to: Destination) -> Self {
        Self { to, last: Arc::default() }
    }

    /// Keeps what a publication said.
    pub(super) fn keep(&self, published: Published) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(published));
    }

    /// What the last one said.
    pub(super) fn last(&self) -> Option<Arc<Published>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
