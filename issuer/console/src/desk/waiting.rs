//! What waits for an officer's signature, in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use vernet_common::{KeyId, NumericDate};
use vernet_issuer::Prepared;

use super::deed::Deed;
use crate::web::token::Token;

/// How many wait for one officer, with their documents. The oldest is forgotten first: it was left.
const MAX_WAITING: usize = 5;

/// For how many seconds something waits: by then nobody reads it any more.
const MAX_WAIT_S: i64 = 3600;

/// What waits for signatures, by a token in the address of its page.
#[derive(Default)]
pub(super) struct Waiting(Mutex<HashMap<String, Arc<ToSign>>>);

/// A deed with all its documents, so it is shared and not copied.
pub(super) struct ToSign {
    pub(super) kid: KeyId,
    /// What the officer asked for.
    pub(super) deed: Deed,
    pub(super) prepared: Box<Prepared>,
    pub(super) asked: NumericDate,
    /// The page to go to when it is recorded.
    pub(super) to: String,
    /// The draft that it was typed in.
    pub(super) draft: Option<String>,
}

impl Waiting {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<ToSign>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, one: ToSign) -> String {
        let (token, mut all) = (Token::new().as_str().to_owned(), self.all());
        all.retain(|_, other| one.asked.seconds_since(other.asked) < MAX_WAIT_S);
        let of_officer = |(_, other): &(&String, &Arc<ToSign>)| other.kid == one.kid;
        if all.iter().filter(of_officer).count() >= MAX_WAITING {
            let oldest = all.iter().filter(of_officer).min_by_key(|(_, other)| other.asked);
            if let Some(oldest) = oldest.map(|(token, _)| token.clone()) {
                all.remove(&oldest);
            }
        }
        all.insert(token.clone(), Arc::new(one));
        token
    }

    /// What waits at this address for this officer; for anybody else there is nothing.
    pub(super) fn get(&self, token: &str, kid: KeyId) -> Option<Arc<ToSign>> {
        self.all().get(token).filter(|one| one.kid == kid).cloned()
    }

    pub(super) fn remove(&self, token: &str) {
        self.all().remove(token);
    }
}
