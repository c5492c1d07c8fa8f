//! May these lists replace the ones that we have? A bad update never replaces a good one.

use alloc::string::String;

use vernet_common::{Error, NumericDate};

use crate::{knowledge::Knowledge, memory::Memory, policy::Policy};

/// Whether new lists must come with the leaves of their log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leaves {
    /// They must.
    AtHand,
    /// They may follow: the log is signed, and named by every status list.
    MayFollow,
}

impl Knowledge {
    /// Checks that this may replace what was known before. `learnt` is the memory that goes with
    /// it.
    pub(crate) fn check_replacement(
        &self,
        leaves: Leaves,
        learnt: &Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<(), UpdateError> {
        self.is_complete(leaves, learnt)?;
        self.is_in_force(policy, now)
    }

    fn is_complete(&self, leaves: Leaves, memory: &Memory) -> Result<(), UpdateError> {
        if let Some(defect) = self.defects().first() {
            return Err(UpdateError::Lists(defect.clone()));
        }
        let is_here = |uri| self.status_lists().any(|list| list.uri == uri);
        if let Some(missing) = memory.status_lists().find(|uri| !is_here(*uri)) {
            return Err(UpdateError::StatusListGone { uri: missing.clone().into() });
        }
        if self.status_lists().next().is_none() {
            return Err(UpdateError::NoStatusList);
        }
        let log = match (self.log(), self.awaited_log()) {
            (Ok(log), _) => log,
            (Err(_), Some(awaited)) if leaves == Leaves::MayFollow => awaited,
            (Err(Some(cause)), _) => return Err(cause.clone().into()),
            (Err(None), _) => return Err(UpdateError::NoLog),
        };
        match self.named_logs().find(|named| *named != log) {
            Some(named) => Err(Error::LogMismatch { found: log.size, expected: named.size }.into()),
            None => Ok(()),
        }
    }

    fn is_in_force(&self, policy: &Policy, now: NumericDate) -> Result<(), UpdateError> {
        let newest = self.newest_iat();
        if newest > now.plus_seconds(policy.clock_tolerance_s) {
            return Err(UpdateError::AheadOfClock { newest, now });
        }
        let exp = self.trust_list().exp;
        if exp <= now {
            return Err(UpdateError::TrustListExpired { exp });
        }
        match self.status_lists().find(|list| list.exp <= now) {
            Some(list) => {
                Err(UpdateError::StatusListExpired { uri: list.uri.clone().into(), exp: list.exp })
            }
            None => Ok(()),
        }
    }
}

vernet_common::error_enum! {
    /// Why new lists do not replace the ones that are kept.
    #[derive(Clone, Debug, thiserror::Error)]
    pub enum UpdateError {
        /// A list is damaged, forged, or older than one that was seen.
        #[error(transparent)]
        Lists: _ (#[from] vernet_common::Error),
        /// A status list that was there before is missing.
        #[error("the status list `{uri}` was there before and is missing now")]
        StatusListGone: "status_missing" {
            /// The list.
            uri: String,
        },
        /// There is no status list at all.
        #[error("there is no status list")]
        NoStatusList: "status_missing",
        /// There is no log of issued certificates.
        #[error("there is no log of issued certificates")]
        NoLog: "log_missing",
        /// The lists are dated after our clock. One of the two is wrong.
        #[error("the lists are of {newest}, and the clock of this machine says {now}")]
        AheadOfClock: "clock_behind" {
            /// The newest date in them.
            newest: NumericDate,
            /// Our clock.
            now: NumericDate,
        },
        /// The trust list has already expired.
        #[error("the trust list expired at {exp}")]
        TrustListExpired: "trust_list_expired" {
            /// Its end.
            exp: NumericDate,
        },
        /// A status list has already expired.
        #[error("the status list `{uri}` expired at {exp}")]
        StatusListExpired: "status_stale" {
            /// The list.
            uri: String,
            /// Its end.
            exp: NumericDate,
        },
    }
}
