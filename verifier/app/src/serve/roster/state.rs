//! What the server holds for its roster, shared by the threads that watch it, those that deliver,
//! and the requests.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use anyhow::Result;
use prometheus_client::registry::Registry;
use vernet_common::{NumericDate, TrustAnchor};
use vernet_host::hex;
use vernet_verifier::roster::Urgency;

use super::{
    figures::Figures, latest::LastCheck, outbox::Outbox, receiver::Receiver, settings::RosterConfig,
};
use crate::serve::tokens::Tokens;

/// A roster that is watched.
pub(in crate::serve) struct Roster {
    pub(super) staff: PathBuf,
    pub(super) files: Option<PathBuf>,
    pub(super) expiring_days: u16,
    /// Who may see the report, if that is not who may use the API.
    pub(super) tokens: Option<Tokens>,
    pub(super) receivers: Vec<Receiver>,
    /// Where the outbox is.
    pub(super) folder: PathBuf,
    pub(super) last_check: LastCheck,
    pub(super) figures: Figures,
    /// Set once this process has it.
    pub(super) outbox: OnceLock<Arc<Outbox>>,
    refreshes: Refreshes,
}

impl Roster {
    /// Reads every secret that the settings name. `state` is the state folder.
    pub(in crate::serve) fn open(
        config: &RosterConfig,
        state: &std::path::Path,
        anchor: &TrustAnchor,
    ) -> Result<Self> {
        // Two servers for two offices may share a state folder.
        let office = hex(&anchor.fingerprint())[..32].to_owned();
        let receivers = Receiver::all(config)?;
        Ok(Self {
            staff: config.staff.clone(),
            files: config.files.clone(),
            expiring_days: config.expiring,
            tokens: config.tokens.as_deref().map(Tokens::read).transpose()?,
            folder: state.join("roster").join(office),
            last_check: LastCheck::default(),
            figures: Figures::new(&receivers),
            receivers,
            outbox: OnceLock::new(),
            refreshes: Refreshes::default(),
        })
    }

    pub(in crate::serve) fn register(&self, registry: &mut Registry) {
        self.figures.register(registry);
    }

    /// Before the metrics are read.
    pub(in crate::serve) fn look_at_backlog(&self, now: NumericDate) {
        self.figures.look_at(self.outbox.get().map(|outbox| &**outbox), &self.receivers, now);
    }

    /// The lists were asked for, whatever came of it: look at the roster again.
    pub(in crate::serve) fn refreshed(&self) {
        self.refreshes.count();
    }

    /// Waits until the lists were asked for, or for this long. Whether they were.
    pub(super) fn wait_for_refresh(&self, long: Duration) -> bool {
        self.refreshes.wait(long)
    }

    /// All receivers, each with the least urgent messages that it wants.
    pub(super) fn audience(&self) -> BTreeMap<String, Urgency> {
        self.receivers.iter().map(|receiver| (receiver.key.clone(), receiver.urgency)).collect()
    }
}

/// Whether the lists were asked for since somebody looked.
#[derive(Default)]
struct Refreshes {
    happened: Mutex<bool>,
    changed: Condvar,
}

impl Refreshes {
    fn count(&self) {
        *self.happened.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn wait(&self, long: Duration) -> bool {
        let happened = self.happened.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(happened, long, |happened| !*happened);
        let (mut happened, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *happened)
    }
}
