//! How many files this process may have open: connections are files too, and lists that cannot be
//! fetched or written for want of one are a revocation that is not heard of.

/// What is open besides connections: the log, the lists on their way from the office and to the
/// disk, what the system's libraries open.
const RESERVED: usize = 64;

/// How many of the connections that were asked for there is room for. Where the soft limit is too
/// low, which it is on most systems for the sake of old programs, it is raised, as far as the hard
/// limit lets us.
pub(super) fn room_for(connections: usize) -> usize {
    match limit(connections.saturating_add(RESERVED)) {
        Some(limit) => connections.min(limit.saturating_sub(RESERVED)).max(1),
        None => connections,
    }
}

/// The limit, after it was raised to what is needed if that is possible; `None` if there is none.
#[cfg(unix)]
fn limit(needed: usize) -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = needed as u64;
    if limit.current.is_some_and(|current| current < needed) {
        let current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
        // If it fails, what there was is what there is.
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
