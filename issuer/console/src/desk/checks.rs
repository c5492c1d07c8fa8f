//! How often an officer's page may ask the register about what is being typed.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vernet_common::KeyId;

/// It asks when typing pauses, and keeps a draft then.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// What was asked, by the key of the officer.
pub(super) struct Checks(DefaultKeyedRateLimiter<KeyId>);

impl Default for Checks {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(A_MINUTE)))
    }
}

impl Checks {
    /// Whether this officer's page may ask now.
    pub(super) fn may_ask(&self, kid: KeyId) -> bool {
        self.0.retain_recent();
        self.0.check_key(&kid).is_ok()
    }
}
