//! When the office is asked for newer lists.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use vernet_host::clock;

use super::app::App;
use crate::{lock::Locked, refusal::in_line};

/// Asks for newer lists for as long as the server runs.
pub(super) async fn keep_fresh(app: Arc<App>, every: Option<NonZeroU32>) {
    let mut failures = 0;
    loop {
        let asking = Arc::clone(&app);
        let outcome = tokio::task::spawn_blocking(move || asking.office.refresh()).await;
        let outcome = outcome.context("refreshing").flatten();
        app.metrics.count_refresh(&outcome);
        let locked = |error: &anyhow::Error| error.chain().any(|link| link.is::<Locked>());
        app.metrics.note_lock(outcome.as_ref().is_err_and(locked));
        if let Some(alarm) = app.office.alarm() {
            tracing::error!(alarm, "ALARM");
        }
        match &outcome {
            Ok(refreshed) => {
                failures = 0;
                tracing::info!(outcome = ?refreshed, "refreshed");
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(
                    failures,
                    error = in_line(error),
                    "not refreshed; the last good lists stay in use"
                );
            }
        }
        if let Some(roster) = &app.roster {
            roster.refreshed();
        }
        let wait = match (every, clock()) {
            (Some(seconds), _) => Duration::from_secs(seconds.get().into()),
            (None, Ok(now)) if failures == 0 => with_jitter(app.office.wait(now)),
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
