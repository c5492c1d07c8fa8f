//! The machine's clock: read here and nowhere else.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use vernet_common::NumericDate;

/// The clock of this machine is set to an impossible time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// To a time before 1970.
    #[error("the clock of this machine is before 1970: set it")]
    Before1970,
    /// To a time that cannot be represented.
    #[error("the clock of this machine is after the year 9999: set it")]
    After9999,
}

/// The machine's clock.
///
/// # Errors
///
/// [`ClockError`] if the clock is before 1970 or after 9999.
pub fn clock() -> Result<NumericDate, ClockError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| ClockError::Before1970)?;
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| NumericDate::from_seconds(seconds).ok())
        .ok_or(ClockError::After9999)
}

/// Waits until the clock is later than an instant. It does not wait for an instant that is 5
/// seconds or more ahead: then the clock is wrong.
///
/// # Errors
///
/// Those of [`clock`].
pub fn wait_until_after(last: NumericDate) -> Result<(), ClockError> {
    while (0..5).contains(&last.seconds_since(clock()?)) {
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
