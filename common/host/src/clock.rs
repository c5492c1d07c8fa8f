//! The machine's clock: read here and nowhere else.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use vernet_common::NumericDate;

/// The machine's clock.
///
/// # Errors
///
/// It is before 1970 or after 9999.
pub fn clock() -> Result<NumericDate> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock of this machine is before 1970: set it")?;
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| NumericDate::from_seconds(seconds).ok())
        .context("the clock of this machine is after the year 9999: set it")
}
