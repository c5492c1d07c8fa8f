//! Audits that were begun in the console: one at a time, beside the pages.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use vernet_common::NumericDate;
use vernet_issuer::Office;

/// The last audit that somebody began here.
#[derive(Clone, Default)]
pub(super) struct Audits(Arc<Mutex<Option<Audit>>>);

/// An audit that runs or has ended.
#[derive(Clone)]
pub(super) struct Audit {
    pub(super) began: NumericDate,
    pub(super) by: String,
    /// How many statements there were when it began.
    pub(super) of: u64,
    checked: Arc<AtomicU64>,
    pub(super) outcome: Option<Outcome>,
}

/// How it ended.
#[derive(Clone)]
pub(super) enum Outcome {
    Whole { statements: usize, certificates: usize, publications: usize, mark: String },
    Fault { code: &'static str, message: String },
}

impl Audit {
    /// How many statements were checked.
    pub(super) fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed).min(self.of)
    }
}

impl Audits {
    pub(super) fn last(&self) -> MutexGuard<'_, Option<Audit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an audit, unless one runs.
    pub(super) fn begin(&self, folder: PathBuf, by: &str, of: u64, now: NumericDate) {
        let mut last = self.last();
        if last.as_ref().is_some_and(|audit| audit.outcome.is_none()) {
            return;
        }
        let checked = Arc::new(AtomicU64::new(0));
        let (by, seen) = (by.to_owned(), Arc::clone(&checked));
        *last = Some(Audit { began: now, by, of, checked, outcome: None });
        let audits = self.clone();
        thread::spawn(move || {
            let done = Office::audit_aloud(&folder, None, &mut |seq| {
                seen.store(seq, Ordering::Relaxed);
            });
            let outcome = match done {
                Ok(audited) => Outcome::Whole {
                    statements: audited.state().statements().len(),
                    certificates: audited.certificates(),
                    publications: audited.publications(),
                    mark: audited.mark().to_string(),
                },
                Err(error) => Outcome::Fault { code: error.code(), message: error.to_string() },
            };
            if let Some(audit) = audits.last().as_mut() {
                audit.outcome = Some(outcome);
            }
        });
    }
}
