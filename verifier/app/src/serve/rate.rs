//! How often one client may ask.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::places::network;

/// What each client has asked lately.
pub(super) struct Rate(DefaultKeyedRateLimiter<IpAddr>);

impl Rate {
    /// So many requests in a second, and as many as in five seconds at once.
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(
            Quota::per_second(per_second).allow_burst(per_second.saturating_mul(FIVE)),
        ))
    }

    /// Whether this client may ask once more just now.
    pub(super) fn allows(&self, client: IpAddr) -> bool {
        /// Beyond this many, those who have not asked for a while are forgotten.
        const MANY: usize = 10_000;
        if self.0.len() > MANY {
            self.0.retain_recent();
        }
        self.0.check_key(&network(client)).is_ok()
    }
}

const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("5 is not 0");
