//! When to look at the roster, and what is done then.
//!
//! In threads of its own, which end with the process at any moment: what counts is on disk.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use vernet_common::NumericDate;
use vernet_host::clock;
use vernet_verifier::roster::{RosterReport, Terms};

use super::{
    deliver::deliver_all,
    latest::Latest,
    outbox::{Keeping, MAX_WAITING, Outbox},
    state::Roster,
    step::{Found, step},
};
use crate::{
    refusal::in_line,
    roster::{
        check::RosterCheck,
        staff::{Staff, files_of},
    },
    serve::app::App,
};

/// How long the first check waits for newer lists: what was kept from before the start may be old,
/// and a doubt that ends after a second is no news.
const FIRST_REFRESH: Duration = Duration::from_secs(150);

/// Verdicts change by time alone: certificates and lists run out.
const AT_LEAST_EVERY: Duration = Duration::from_secs(3600);

/// After something that failed on this machine.
const SOON: Duration = Duration::from_secs(60);

/// How often the table is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// A table that is being written changes again within this time.
const SETTLE: Duration = Duration::from_secs(2);

/// How often a table may change before it is read all the same.
const MAX_SETTLING: usize = 15;

/// Begins to watch the roster, if there is one.
pub(in crate::serve) fn start(app: &Arc<App>) -> Result<()> {
    if app.roster.is_none() {
        return Ok(());
    }
    let app = Arc::clone(app);
    let watching = move || {
        if let Some(roster) = &app.roster {
            watch(&app, roster);
        }
    };
    spawn("roster", watching)
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map(drop).context("starting a thread for the roster")
}

fn watch(app: &Arc<App>, roster: &Roster) {
    wait_for_lists(app, roster);
    let mut watch = Watch::default();
    loop {
        // A fault in one check must not end the watch.
        let checked = catch_unwind(AssertUnwindSafe(|| watch.check(app, roster)));
        let outcome = checked.unwrap_or_else(|_| Err(anyhow!("the check of the roster failed")));
        if let Err(error) = &outcome {
            tracing::error!(error = in_line(error), "the roster is not watched");
        }
        let is_well = outcome.is_ok() && roster.outbox.get().is_some();
        watch.wait(roster, if is_well { AT_LEAST_EVERY } else { SOON });
    }
}

/// Waits until every office was asked for lists, but not for long.
fn wait_for_lists(app: &App, roster: &Roster) {
    let until = Instant::now() + FIRST_REFRESH;
    while !app.offices.all().all(|office| office.was_asked()) {
        if !roster.wait_for_refresh(until.saturating_duration_since(Instant::now())) {
            return;
        }
    }
}

#[derive(Default)]
struct Watch {
    /// The table as it was when it was read last.
    seen: Option<u64>,
    /// How many times in a row it could not be read.
    unreadable: u32,
    /// Whether the log says already that another process tells.
    is_another: bool,
}

impl Watch {
    fn check(&mut self, app: &Arc<App>, roster: &Roster) -> Result<()> {
        let outbox = self.outbox(app, roster)?;
        let seen = self.settled(&roster.staff);
        self.seen = seen;
        let now = clock()?;
        let report = judge(app, roster, now);
        let reason = match &report {
            Ok(report) => {
                self.unreadable = 0;
                roster.figures.checked(report);
                roster.last_check.set(Latest::Report(Arc::clone(report)));
                String::new()
            }
            Err(error) => {
                self.unreadable += 1;
                roster.figures.failed();
                let reason = in_line(error);
                tracing::error!(reason, "the roster cannot be read");
                roster.last_check.set(Latest::Unreadable(reason.clone()));
                reason
            }
        };
        let found = match &report {
            Ok(report) => Found::Report(report),
            // A file that is being replaced may be missing for a moment.
            Err(_) if self.unreadable < 2 => return Ok(()),
            Err(_) => Found::Unreadable(&reason),
        };
        match outbox {
            Some(outbox) => tell(roster, outbox, found, now),
            None => Ok(()),
        }
    }

    /// The outbox, taken as soon as no other process has it; then deliveries begin.
    fn outbox<'a>(&mut self, app: &Arc<App>, roster: &'a Roster) -> Result<Option<&'a Outbox>> {
        if let Some(outbox) = roster.outbox.get() {
            return Ok(Some(outbox));
        }
        let receivers = roster.audience().into_keys().collect();
        let Some(outbox) = Outbox::open(&roster.folder, &receivers)? else {
            if !self.is_another {
                tracing::warn!(
                    "another server with this state folder watches the roster: this one shows it, and tells when the other has ended"
                );
            }
            self.is_another = true;
            return Ok(None);
        };
        let outbox = Arc::new(outbox);
        for place in 0..roster.receivers.len() {
            let (app, outbox) = (Arc::clone(app), Arc::clone(&outbox));
            let deliver = move || {
                let roster = app.roster.as_ref();
                if let Some((roster, receiver)) =
                    roster.and_then(|roster| Some((roster, roster.receivers.get(place)?)))
                {
                    deliver_all(receiver, &outbox, &roster.figures);
                }
            };
            spawn("roster alerts", deliver)?;
        }
        Ok(Some(roster.outbox.get_or_init(|| outbox)))
    }

    /// The table as it is once nobody writes to it any more. At the first look nothing is known to
    /// have changed.
    fn settled(&self, staff: &Path) -> Option<u64> {
        let mut seen = looks(staff);
        if self.seen.is_none() || seen == self.seen {
            return seen;
        }
        for _ in 0..MAX_SETTLING {
            thread::sleep(SETTLE);
            let again = looks(staff);
            if again == seen {
                break;
            }
            seen = again;
        }
        seen
    }

    /// Waits until lists or table are newer, or for this long.
    fn wait(&self, roster: &Roster, long: Duration) {
        let until = Instant::now() + long;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if roster.wait_for_refresh(LOOK.min(left)) || Instant::now() >= until {
                return;
            }
            if self.unreadable > 0 || looks(&roster.staff) != self.seen {
                return;
            }
        }
    }
}

/// Judges everybody by the lists in use.
fn judge(app: &App, roster: &Roster, now: NumericDate) -> Result<Arc<RosterReport>> {
    let lists = app.offices.lists();
    // The other half of the processors is for requests.
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let check = RosterCheck {
        roster: &roster.staff,
        files: roster.files.as_deref(),
        offices: &lists.offices,
        policy: &app.policy,
        terms: Terms { now, expiring_days: roster.expiring_days },
        threads: NonZero::new(processors / 2).unwrap_or(NonZero::<usize>::MIN),
    };
    Ok(Arc::new(check.report(Staff::open(&roster.staff)?, |_| {})?))
}

fn tell(roster: &Roster, outbox: &Outbox, found: Found<'_>, now: NumericDate) -> Result<()> {
    let (watched, known) = outbox.watched();
    let Some(step) = step(&watched, known.as_deref(), found, &roster.audience(), now) else {
        return Ok(());
    };
    let messages = step.alerts.len();
    match outbox.keep(step).context("keeping what is to be told")? {
        Keeping::Kept => tracing::info!(messages, "the roster has changed"),
        Keeping::Full => tracing::error!(
            "{MAX_WAITING} roster alerts wait for receivers that cannot be reached: further changes wait with the roster, and are told together when there is room"
        ),
    }
    Ok(())
}

/// What the files of the roster look like from the outside: names, sizes, times.
fn looks(staff: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for file in files_of(staff).ok()? {
        let about = std::fs::metadata(&file).ok()?;
        (file, about.len(), about.modified().ok()).hash(&mut hasher);
    }
    Some(hasher.finish())
}
