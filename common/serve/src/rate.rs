//! How often one client may ask.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::places::network;

/// The recent requests of each client.
pub struct Rate(DefaultKeyedRateLimiter<IpAddr>);

impl Rate {
    /// This many requests per second, with bursts of up to five seconds' worth.
    pub fn new(per_second: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(
            Quota::per_second(per_second).allow_burst(per_second.saturating_mul(FIVE)),
        ))
    }

    /// This many requests per hour, all of them at once if need be.
    pub fn per_hour(requests: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_hour(requests)))
    }

    /// Whether this client may send another request now.
    pub fn allows(&self, client: IpAddr) -> bool {
        /// Beyond this many, those who have not asked for a while are forgotten.
        const MANY: usize = 10_000;
        if self.0.len() > MANY {
            self.0.retain_recent();
        }
        self.0.check_key(&network(client)).is_ok()
    }
}

const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("5 is not 0");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_own_hour() {
        let rate = Rate::per_hour(NonZeroU32::new(3).expect("3 is not 0"));
        let (one, other): (IpAddr, IpAddr) =
            ("192.0.2.1".parse().expect("an address"), "192.0.2.2".parse().expect("an address"));
        assert_eq!([1, 2, 3, 4].map(|_| rate.allows(one)), [true, true, true, false]);
        assert!(rate.allows(other));
    }
}
