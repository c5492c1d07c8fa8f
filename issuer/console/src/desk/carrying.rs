//! Proposals about many that are being carried out, in memory: an officer signs them step by step.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use vernet_common::{KeyId, NumericDate};
use vernet_issuer::{Bulk, Prepared};

/// For how many seconds what was read and checked counts. After that it is begun anew, and what is
/// done stays done.
const MAX_AGE_S: i64 = 1800;

/// Those that were begun, by the number of the proposal and the key that signs.
#[derive(Default)]
pub(super) struct Carrying(Mutex<HashMap<(u64, KeyId), Carried>>);

/// One of them.
#[derive(Clone)]
pub(super) struct Carried {
    begun: NumericDate,
    of: usize,
    /// Readable while a step is made.
    done: Arc<AtomicUsize>,
    work: Arc<Mutex<Work>>,
}

/// What is done of it, and the step that waits for signatures.
pub(super) struct Work {
    pub(super) bulk: Bulk,
    pub(super) next: Option<Box<Prepared>>,
}

impl Carrying {
    fn all(&self) -> MutexGuard<'_, HashMap<(u64, KeyId), Carried>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn of(&self, seq: u64, kid: KeyId, now: NumericDate) -> Option<Carried> {
        let known = self.all().get(&(seq, kid)).cloned();
        known.filter(|carried| now.seconds_since(carried.begun) < MAX_AGE_S)
    }

    pub(super) fn begin(&self, seq: u64, kid: KeyId, bulk: Bulk, now: NumericDate) -> Carried {
        let (of, done) = (bulk.len(), Arc::new(AtomicUsize::new(bulk.done())));
        let work = Arc::new(Mutex::new(Work { bulk, next: None }));
        let carried = Carried { begun: now, of, done, work };
        let mut all = self.all();
        all.retain(|_, other| now.seconds_since(other.begun) < MAX_AGE_S);
        all.insert((seq, kid), carried.clone());
        carried
    }

    pub(super) fn end(&self, seq: u64, kid: KeyId) {
        self.all().remove(&(seq, kid));
    }

    /// How many are done, and of how many, by whoever carries it out; nothing if nobody does.
    pub(super) fn progress(&self, seq: u64) -> Option<(usize, usize)> {
        let all = self.all();
        let known = all.iter().filter(|((of, _), _)| *of == seq);
        known.map(|(_, one)| (one.done.load(Ordering::Relaxed), one.of)).max()
    }
}

impl Carried {
    /// The work, for one request at a time.
    pub(super) fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells how much is done.
    pub(super) fn tell(&self, work: &Work) {
        self.done.store(work.bulk.done(), Ordering::Relaxed);
    }
}
