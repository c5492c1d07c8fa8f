//! Rules of the office's keys.

use vernet_common::{KeyId, KeyUse, Signer};

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::KeyRetiredInPast,
            "a key ends now, and a second ago",
            |o| {
                let kid = key(o, -10);
                ok(o.record(Event::KeyRetired { kid, at: o.now }))
            },
            |o| {
                let kid = key(o, -10);
                ok(o.record(Event::KeyRetired { kid, at: o.now.plus_seconds(-1) }))
            },
        ),
        (
            Rule::KeyRetiredBeforeItBegan,
            "a key ends a second after it begins, and when it begins",
            |o| {
                let kid = key(o, 10);
                ok(o.record(Event::KeyRetired { kid, at: o.now.plus_seconds(11) }))
            },
            |o| {
                let kid = key(o, 10);
                ok(o.record(Event::KeyRetired { kid, at: o.now.plus_seconds(10) }))
            },
        ),
        (
            Rule::KeyCompromisedInFuture,
            "a key was compromised now, and in a second",
            |o| {
                let kid = key(o, 0);
                ok(o.record(Event::KeyCompromised { kid, since: o.now }))
            },
            |o| {
                let kid = key(o, 0);
                ok(o.record(Event::KeyCompromised { kid, since: o.now.plus_seconds(1) }))
            },
        ),
    ]
}

/// A key that begins so many seconds from now.
fn key(o: &mut Office, begins: i64) -> KeyId {
    let key = SecretKey::from_seed(&[9; 32]).public_key();
    let (not_before, not_after) = (o.now.plus_seconds(begins), o.now.plus_seconds(1000));
    o.did(Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before, not_after });
    key.kid()
}
