//! Who is signed in. Sessions are in memory alone: a server that starts again knows nobody.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};
use vernet_common::{KeyId, NumericDate};

use crate::web::token::Token;

/// How long a session lasts without a request.
const MAX_IDLE_S: i64 = 30 * 60;

/// How long a session lasts at all: a long working day.
const MAX_AGE_S: i64 = 10 * 3600;

/// Whoever signs in again and again ends the oldest session.
const MAX_SESSIONS: usize = 1000;

/// All sessions, by the hash of the cookie: whoever reads the memory of this map by a fault has no
/// cookie, and how long a look-up takes says nothing.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

/// One session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) kid: KeyId,
    /// What each form of the session carries.
    pub(super) form_token: Token,
    began: NumericDate,
    used: NumericDate,
}

impl Sessions {
    /// The name of the cookie. With `__Host-`, browsers take it only over TLS, from this host, for all
    /// paths.
    pub(super) fn cookie(secure: bool) -> &'static str {
        if secure { "__Host-session" } else { "session" }
    }

    /// Begins a session, and returns its cookie's value, which is new each time.
    pub(super) fn begin(&self, kid: KeyId, now: NumericDate) -> Token {
        let token = Token::new();
        let session = Session { kid, form_token: Token::new(), began: now, used: now };
        let mut all = self.all();
        all.retain(|_, session| session.lasts(now));
        if all.len() >= MAX_SESSIONS
            && let Some(oldest) = all.iter().min_by_key(|(_, one)| one.used).map(|(id, _)| *id)
        {
            all.remove(&oldest);
        }
        all.insert(id(token.as_str()), session);
        token
    }

    /// The session with this cookie, if it still lasts; it is used now.
    pub(super) fn of(&self, cookie: &str, now: NumericDate) -> Option<Session> {
        let mut all = self.all();
        let id = id(cookie);
        let session = all.get_mut(&id)?;
        if !session.lasts(now) {
            all.remove(&id);
            return None;
        }
        session.used = session.used.max(now);
        Some(session.clone())
    }

    /// Ends the session with this cookie.
    pub(super) fn end(&self, cookie: &str) {
        self.all().remove(&id(cookie));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn lasts(&self, now: NumericDate) -> bool {
        now.seconds_since(self.used) < MAX_IDLE_S && now.seconds_since(self.began) < MAX_AGE_S
    }
}

fn id(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_idle_and_at_the_end_of_a_long_day() {
        let kid: KeyId = "rIUyFnZ9".parse().expect("a key id");
        let at = |seconds| NumericDate::from_seconds(1_795_000_000 + seconds).expect("a time");
        let sessions = Sessions::default();
        let cookie = sessions.begin(kid, at(0));
        assert!(sessions.of(cookie.as_str(), at(MAX_IDLE_S - 1)).is_some());
        assert!(sessions.of("another", at(0)).is_none());
        assert!(sessions.of(cookie.as_str(), at(2 * MAX_IDLE_S - 1)).is_none(), "idle");

        let cookie = sessions.begin(kid, at(0));
        for minute in (0..600).step_by(20) {
            assert!(sessions.of(cookie.as_str(), at(minute * 60)).is_some(), "{minute}");
        }
        assert!(sessions.of(cookie.as_str(), at(MAX_AGE_S)).is_none(), "the day is over");
        let (one, other) = (sessions.begin(kid, at(0)), sessions.begin(kid, at(0)));
        assert_ne!(one.as_str(), other.as_str());
        sessions.end(one.as_str());
        assert!(sessions.of(one.as_str(), at(0)).is_none());
        assert!(sessions.of(other.as_str(), at(0)).is_some());
    }
}
