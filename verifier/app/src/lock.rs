//! The lock on a folder that several processes of this program may use.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// How long to wait for another process. Ours hold a lock for a moment only, so whoever holds it for
/// longer hangs, or is not ours.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// How often it is tried meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// Somebody else holds the lock.
#[derive(Debug, thiserror::Error)]
#[error("another process holds the lock `{}`, for more than {} seconds now", path.display(), MAX_WAIT.as_secs())]
pub(crate) struct Locked {
    path: PathBuf,
}

impl Locked {
    pub(crate) fn code(&self) -> &'static str {
        "state_locked"
    }

    pub(crate) fn hint(&self) -> &'static str {
        "find out which process holds it (`lslocks`, `fuser`), end that one if it hangs, then try again"
    }
}

/// Locks a folder against other processes of this program, and creates it if needed. `warn` is told
/// if that takes long.
///
/// # Errors
///
/// [`Locked`] if another process does not give it back; else what the system says.
pub(crate) fn lock_folder(folder: &Path, warn: fn(&str)) -> Result<File> {
    let path = folder.join("lock");
    let open = || {
        fs::create_dir_all(folder)?;
        // Not truncated: if this path leads to another file, its content survives.
        File::options().create(true).truncate(false).write(true).open(&path)
    };
    let locking = || format!("locking `{}`", path.display());
    let file = open().with_context(locking)?;
    let began = Instant::now();
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error).with_context(locking),
            Err(TryLockError::WouldBlock) => {}
        }
        let waited = began.elapsed();
        if waited > MAX_WAIT {
            return Err(Locked { path }.into());
        }
        if waited > Duration::from_secs(1) && !told {
            told = true;
            warn(&format!("another process holds the lock `{}`: waiting for it", path.display()));
        }
        thread::sleep(PAUSE);
    }
}
