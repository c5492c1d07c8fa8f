//! Links to letters that work once. They are kept in memory only, and for a quarter of an hour.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};
use vernet_applications::ReceiptCode;
use vernet_common::NumericDate;

use crate::web::token::Token;

/// How long a link works.
pub(super) const SECONDS: i64 = 15 * 60;

/// The most links at a time.
const MANY: usize = 1000;

/// Which document a link leads to.
pub(super) struct Wanted {
    /// The code, which alone opens it.
    pub(super) code: ReceiptCode,
    /// The answer that it came with.
    pub(super) answer: u32,
    /// Which of its documents.
    pub(super) document: usize,
}

/// The links that work now, by the hash of their text.
#[derive(Default)]
pub(super) struct Links(Mutex<HashMap<[u8; 32], (Wanted, NumericDate)>>);

impl Links {
    /// A new link; none if there are too many.
    pub(super) fn make(&self, wanted: Wanted, now: NumericDate) -> Option<Token> {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, (_, until)| *until > now);
        if links.len() >= MANY {
            return None;
        }
        let token = Token::new();
        links.insert(hash(token.as_str()), (wanted, now.plus_seconds(SECONDS)));
        Some(token)
    }

    /// What a link leads to. It works no more after this.
    pub(super) fn use_up(&self, link: &str, now: NumericDate) -> Option<Wanted> {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.remove(&hash(link)).filter(|(_, until)| *until > now).map(|(wanted, _)| wanted)
    }
}

/// How long a look-up takes tells nothing of the links: what is compared is their hash.
fn hash(link: &str) -> [u8; 32] {
    Sha256::digest(link).into()
}

#[cfg(test)]
mod tests {
    use vernet_host::random;

    use super::*;

    fn wanted() -> Wanted {
        Wanted { code: ReceiptCode::generate(&mut random()), answer: 1, document: 0 }
    }

    #[test]
    fn a_link_works_once_and_not_for_ever() {
        let (links, now) = (Links::default(), "2026-12-01T10:00:00Z".parse().expect("an instant"));
        let link = links.make(wanted(), now).expect("there is room");
        assert!(links.use_up("something else", now).is_none());
        assert_eq!(links.use_up(link.as_str(), now).map(|wanted| wanted.answer), Some(1));
        assert!(links.use_up(link.as_str(), now).is_none(), "a second time");
        let late = links.make(wanted(), now).expect("there is room");
        assert!(links.use_up(late.as_str(), now.plus_seconds(SECONDS)).is_none());
    }

    #[test]
    fn links_that_nobody_used_make_room() {
        let (links, now) = (Links::default(), "2026-12-01T10:00:00Z".parse().expect("an instant"));
        for _ in 0..MANY {
            assert!(links.make(wanted(), now).is_some());
        }
        assert!(links.make(wanted(), now).is_none());
        assert!(links.make(wanted(), now.plus_seconds(SECONDS)).is_some());
    }
}
