//! From lists to knowledge: [`Knowledge::learn`] for lists that are kept, and [`Knowledge::update`]
//! for lists that are to replace them.

use vernet_common::{Bundle, Error, LogHash, NumericDate};

use crate::{
    knowledge::Knowledge,
    lists::VerifiedLists,
    memory::Memory,
    policy::Policy,
    update::{Leaves, UpdateError},
};

impl Knowledge {
    /// Reads a bundle. `memory` moves forward to what was learnt; it is unchanged if there is an
    /// error.
    ///
    /// What is dated after `now`, by more than the policy's tolerance, is used but not remembered.
    /// If the office's clock is wrong for an hour, or a thief of the status key signs a list of the
    /// far future, verdicts are `clock_behind` as long as that list is the newest, and honest lists
    /// count again afterwards.
    ///
    /// A log that cannot be used does not invalidate the lists: every verdict that needs it is
    /// undetermined, with the reason. But two logs that were signed by this office and contradict
    /// each other are an error that refuses the whole bundle, and an alarm: keep
    /// [`LogEvidence`](crate::LogEvidence).
    ///
    /// A status list that cannot be used does not invalidate the others: certificates that need it
    /// get an undetermined verdict with the reason. Whether the lists are too old is decided by
    /// [`verify`](crate::verify), not here.
    ///
    /// # Errors
    ///
    /// [`Error::ThresholdNotReached`] or [`Error::SignatureInvalid`] if the pinned roots did not
    /// sign the trust list, [`Error::TrustListIssuer`] if it is another office's,
    /// [`Error::TrustListRolledBack`] if it is older than one that was seen,
    /// [`Error::TrustListForked`] if a different list with the same number was seen,
    /// [`Error::ProfileChanged`] if it lacks or changes a profile that was seen, or what is wrong
    /// with the trust list itself; [`Error::LogForked`] or [`Error::LogShrunk`] if the office
    /// signed two logs that contradict each other.
    pub fn learn(
        bundle: &Bundle,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Self, Error> {
        Self::of(VerifiedLists::read(bundle, memory)?, (bundle, &[]), memory, policy, now)
    }

    /// As [`Knowledge::learn`], for lists that are to replace those that are kept: each must be
    /// whole, in force, and no list that was there before may be missing. `memory` is unchanged if
    /// there is an error, and what was kept stays in use.
    ///
    /// The command line, the server and the page all replace their lists with this function and no
    /// other.
    ///
    /// # Errors
    ///
    /// [`UpdateError::Lists`] if [`Knowledge::learn`] fails, a status list or the log cannot be
    /// used, or a status list names another log; [`UpdateError::StatusListGone`] if a status list
    /// that was seen before is missing; [`UpdateError::NoStatusList`] or [`UpdateError::NoLog`] if
    /// there is none; [`UpdateError::AheadOfClock`] if the lists are dated after `now` by more than
    /// the policy's tolerance; [`UpdateError::TrustListExpired`] or
    /// [`UpdateError::StatusListExpired`] if a list has expired.
    pub fn update(
        bundle: &Bundle,
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Self, UpdateError> {
        let mut learnt = memory.clone();
        let knowledge = Self::learn(bundle, &mut learnt, policy, now)?;
        knowledge.check_replacement(Leaves::AtHand, &learnt, policy, now)?;
        *memory = learnt;
        Ok(knowledge)
    }

    /// The knowledge from lists that were read with this memory. The memory moves forward. With the
    /// bundle come the leaves that are kept of an earlier log, in case its own are missing.
    pub(crate) fn of(
        lists: VerifiedLists,
        (bundle, kept): (&Bundle, &[LogHash]),
        memory: &mut Memory,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<Self, Error> {
        let (knowledge, learnt) = lists.finish(bundle, kept)?;
        memory.move_forward(learnt, now.plus_seconds(policy.clock_tolerance_s));
        Ok(knowledge)
    }
}
