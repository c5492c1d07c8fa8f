//! How many files this process may have open. Connections count as files too, and without a free
//! one the lists cannot be fetched or written, so that a revocation goes unnoticed.

/// Open files besides connections: the log, the lists while they are fetched and written, and what
/// the system's libraries open.
const RESERVED: usize = 64;

/// How many of the wanted connections the limit allows. If the soft limit is too low, as it is on
/// most systems for the sake of old programs, it is raised as far as the hard limit allows.
pub fn room_for(connections: usize) -> usize {
    match limit(connections.saturating_add(RESERVED)) {
        Some(limit) => connections.min(limit.saturating_sub(RESERVED)).max(1),
        None => connections,
    }
}

/// The limit, raised to what is needed if possible; `None` if there is none.
#[cfg(unix)]
fn limit(needed: usize) -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = needed as u64;
    if limit.current.is_some_and(|current| current < needed) {
        let current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
        // If this fails, the old limit stays.
        let _ = setrlimit(Resource::Nofile, Rlimit { current, ..limit });
    }
    getrlimit(Resource::Nofile)
        .current
        .map(|current| usize::try_from(current).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn limit(_: usize) -> Option<usize> {
    None
}
