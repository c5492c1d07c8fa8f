//! When the offices are asked for newer lists: each on its own schedule.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use vernet_host::clock;

use super::{
    app::App,
    office::{Office, Refreshed},
};
use crate::refusal::in_line;

/// Asks one office for newer lists for as long as the server runs.
pub(super) async fn keep_fresh(app: Arc<App>, office: Arc<Office>, every: Option<NonZeroU32>) {
    let iss = &office.anchor.iss;
    let is_served = Arc::ptr_eq(&office, &app.offices.served);
    let mut failures = 0;
    loop {
        let is_first = !office.was_asked();
        let asking = Arc::clone(&office);
        let outcome = tokio::task::spawn_blocking(move || asking.refresh()).await;
        let outcome = outcome.context("refreshing").flatten();
        app.metrics.count_refresh(&office, &outcome, is_served);
        if let Some(alarm) = office.alarm() {
            tracing::error!(office = %iss, alarm, "ALARM");
        }
        match &outcome {
            // Said at the start.
            Ok(Refreshed::SourceUnknown) => failures = 0,
            Ok(refreshed) => {
                failures = 0;
                tracing::info!(office = %iss, outcome = ?refreshed, "refreshed");
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(
                    office = %iss,
                    failures,
                    error = in_line(error),
                    "not refreshed; the last good lists stay in use"
                );
            }
        }
        // Nothing is new where nobody was asked; but the first check waits for every office.
        let may_be_news = is_first || !matches!(outcome, Ok(Refreshed::SourceUnknown));
        if let Some(roster) = app.roster.as_ref().filter(|_| may_be_news) {
            roster.refreshed();
        }
        let wait = match (every, clock()) {
            (Some(seconds), _) => Duration::from_secs(seconds.get().into()),
            (None, Ok(now)) if failures == 0 => with_jitter(office.wait(now)),
            _ => with_jitter(after_failures(failures)),
        };
        tokio::time::sleep(wait).await;
    }
}

/// Ten seconds after the first failure, then twice as long each time, up to a quarter of an hour.
fn after_failures(failures: u32) -> Duration {
    Duration::from_secs(10 << failures.saturating_sub(1).min(10)).min(Duration::from_secs(15 * 60))
}

/// Up to a tenth longer: all hospitals of a country should not ask in the same second.
fn with_jitter(wait: Duration) -> Duration {
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    wait + wait.mul_f64(f64::from(nanos % 1_000_000) / 1e7)
}
