//! How old knowledge may be.

/// How old knowledge may be before it no longer counts. The lists' own `exp` counts as well,
/// whatever the policy says.
///
/// All values are seconds. The defaults are strict; there is no way to ignore expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// The age of a status list from which it is stale. An office publishes every hour; a day
    /// bridges a night without a network.
    pub max_status_age_s: i64,
    /// The age of a trust list from which it is stale. An office renews it every quarter.
    pub max_trust_list_age_s: i64,
    /// By how much the clocks of office and hospital may differ.
    pub clock_tolerance_s: i64,
}

impl Default for Policy {
    fn default() -> Self {
        const DAY: i64 = 86_400;
        Self { max_status_age_s: DAY, max_trust_list_age_s: 100 * DAY, clock_tolerance_s: 300 }
    }
}
