//! An audit of the whole register: it runs beside the pages, one at a time, and goes on when a page is
//! closed.

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use askama::Template;
use axum::response::{
    IntoResponse, Redirect, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::stream;
use vernet_common::NumericDate;
use vernet_issuer::Office;

use super::{
    form::{Nothing, Posted},
    guard::{Desk, Who},
};
use crate::web::page::{Page, show};

/// The last audit that somebody began here.
#[derive(Clone, Default)]
pub(super) struct Audits(Arc<Mutex<Option<Audit>>>);

#[derive(Clone)]
struct Audit {
    began: NumericDate,
    by: String,
    /// How many statements there were when it began.
    of: u64,
    checked: Arc<AtomicU64>,
    outcome: Option<Outcome>,
}

#[derive(Clone)]
enum Outcome {
    Whole { statements: usize, certificates: usize, publications: usize, mark: String },
    Fault { code: &'static str, message: String },
}

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct AuditPage<'a> {
    page: &'a Page,
    who: &'a Who,
    audit: Option<Audit>,
}

impl Audit {
    fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed).min(self.of)
    }
}

impl Audits {
    fn last(&self) -> MutexGuard<'_, Option<Audit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an audit, unless one runs.
    fn begin(&self, folder: PathBuf, by: &str, of: u64, now: NumericDate) {
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

pub(super) async fn page(desk: Desk) -> Response {
    let audit = desk.console.audits.last().clone();
    show(&AuditPage { page: &desk.page, who: &desk.who, audit })
}

pub(super) async fn begin(Posted(desk, Nothing {}): Posted<Nothing>) -> Response {
    desk.screen(|desk, office| {
        let of = office.register().state().statements().len() as u64;
        desk.console.audits.begin(office.folder().to_owned(), desk.who.name(), of, desk.now);
        Ok(Redirect::to("/audit").into_response())
    })
    .await
}

/// How far it has come, twice a second, until it ends.
pub(super) async fn events(desk: Desk) -> Response {
    let audits = desk.console.audits.clone();
    let events = stream::unfold(Some(audits), |audits| async {
        let audits = audits?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (checked, of, done) = match audits.last().as_ref() {
            Some(audit) => (audit.checked(), audit.of, audit.outcome.is_some()),
            None => (0, 0, true),
        };
        let name = if done { "done" } else { "progress" };
        let event = Event::default().event(name).data(format!("{checked} {of}"));
        Some((Ok::<_, Infallible>(event), (!done).then_some(audits)))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}
