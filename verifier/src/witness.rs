//! What a witness does: it signs that a log only grew since it last looked. Pure, like the rest of
//! the crate: the caller keeps the state.

use serde::{Deserialize, Serialize};
use vernet_common::{
    AddCheckpoint, Error, KeyUse, LogHead, NumericDate, SignedCheckpoint, TrustList,
};

use crate::policy::Policy;

/// The newest checkpoint of one log that a witness ever cosigned. It never goes back: keep it on
/// disk **before** the cosignature is made, or two logs that contradict each other may both be
/// cosigned after a crash.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessedLog {
    newest: Option<Newest>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Newest {
    checkpoint: SignedCheckpoint,
    /// When the log was first seen like this.
    at: NumericDate,
}

impl WitnessedLog {
    /// What the log held when it was last cosigned; the empty log if it never was.
    pub fn head(&self) -> LogHead {
        self.newest.as_ref().map_or_else(LogHead::empty, |newest| newest.checkpoint.head())
    }

    /// The checkpoint that was cosigned last.
    pub fn checkpoint(&self) -> Option<&SignedCheckpoint> {
        self.newest.as_ref().map(|newest| &newest.checkpoint)
    }

    /// Moves on to the log of a request, if it passes the checks of C2SP tlog-witness,
    /// `add-checkpoint`, in the specification's order. If there is no error, store this and then
    /// cosign the checkpoint. `trust_list` is that of the log's office; it says which keys sign the
    /// log, and what it began with.
    ///
    /// # Errors
    ///
    /// [`WitnessRefusal`], one variant for each check that fails. Nothing has changed then.
    pub fn add(
        &mut self,
        AddCheckpoint { old_size, proof, checkpoint }: &AddCheckpoint,
        trust_list: &TrustList,
        policy: &Policy,
        now: NumericDate,
    ) -> Result<(), WitnessRefusal> {
        check_signature(checkpoint, trust_list, policy, now)?;
        let (old_size, head, known) = (*old_size, checkpoint.head(), self.head());
        if old_size > head.size {
            return Err(WitnessRefusal::OldSize { old: old_size, size: head.size });
        }
        if old_size != known.size {
            return Err(WitnessRefusal::Conflict { found: old_size, known: known.size });
        }
        head.check().map_err(WitnessRefusal::Proof)?;
        // What the roots vouch for is as good as what was seen.
        for fixed in [known, trust_list.log.head()] {
            if fixed.size == head.size && fixed != head {
                return Err(WitnessRefusal::Forked { size: head.size });
            }
        }
        let extends = match old_size {
            0 if proof.is_empty() => Ok(()),
            0 => Err(Error::LogProof { what: "that the log only grew" }),
            _ => head.check_extends(&known, proof),
        };
        extends.map_err(WitnessRefusal::Proof)?;
        match &self.newest {
            Some(newest) if now < newest.at => {
                Err(WitnessRefusal::ClockBehind { now, known: newest.at })
            }
            // What is already known is not written again, so repeated requests cost nothing.
            Some(newest) if newest.checkpoint.head() == head => Ok(()),
            _ => {
                self.newest = Some(Newest { checkpoint: checkpoint.clone(), at: now });
                Ok(())
            }
        }
    }
}

/// Is it signed by a key that the roots allow to sign logs now?
fn check_signature(
    checkpoint: &SignedCheckpoint,
    trust_list: &TrustList,
    policy: &Policy,
    now: NumericDate,
) -> Result<(), WitnessRefusal> {
    if trust_list.exp <= now {
        return Err(WitnessRefusal::TrustListExpired { exp: trust_list.exp });
    }
    // The office's clock may be ahead of ours when a key begins to count.
    let instants = [now, now.plus_seconds(policy.clock_tolerance_s)];
    let counts = |trusted: &&vernet_common::TrustedKey| {
        instants.into_iter().any(|instant| trusted.check(KeyUse::Log, instant).is_ok())
    };
    for trusted in trust_list.keys.iter().filter(counts) {
        if checkpoint
            .is_signed_by(&trust_list.iss, &trusted.key)
            .map_err(WitnessRefusal::Unsigned)?
        {
            return Ok(());
        }
    }
    Err(WitnessRefusal::Unsigned(Error::CheckpointUnsigned))
}

vernet_common::error_enum! {
    /// Why a witness does not cosign.
    #[derive(Clone, Debug, thiserror::Error)]
    pub enum WitnessRefusal {
        /// No key that counts has signed it, or it is another log's.
        #[error(transparent)]
        Unsigned: _ (Error),
        /// The trust list that is known here has run out: nobody knows whether its keys still
        /// count.
        #[error("the trust list expired at {exp}")]
        TrustListExpired: "trust_list_expired" {
            /// Its end.
            exp: NumericDate,
        },
        /// The log is smaller than what it is said to continue.
        #[error("the log has {size} leaves, which is less than the old size of {old}")]
        OldSize: "old_size" {
            /// What it is said to continue.
            old: u64,
            /// Its size.
            size: u64,
        },
        /// Another size was cosigned last. The proof must begin there.
        #[error("the old size is {found}, and a log of {known} leaves was cosigned last")]
        Conflict: "witness_conflict" {
            /// What the request says.
            found: u64,
            /// What was cosigned last.
            known: u64,
        },
        /// Two logs of one size and with different roots, both signed under the log's key: proof
        /// that the key is stolen, or that the office deceives.
        #[error("the log of {size} leaves has another root than the one that was seen before")]
        Forked: "log_forked" {
            /// The size.
            size: u64,
        },
        /// The log is not shown to continue what was cosigned last, or it is empty and has another
        /// root than the empty log.
        #[error(transparent)]
        Proof: _ (Error),
        /// The clock was set back.
        #[error("it is {now}, and something was cosigned at {known} already")]
        ClockBehind: "clock_behind" {
            /// The clock.
            now: NumericDate,
            /// When it was.
            known: NumericDate,
        },
    }
}

impl WitnessRefusal {
    /// The status of the answer over HTTP, as C2SP tlog-witness gives it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unsigned(_) | Self::TrustListExpired { .. } => 403,
            Self::OldSize { .. } => 400,
            Self::Conflict { .. } => 409,
            Self::Forked { .. } | Self::Proof(_) => 422,
            Self::ClockBehind { .. } => 500,
        }
    }

    /// Whether the log may be forked: then keep the request, together with what is known. Only
    /// [`WitnessRefusal::Forked`] proves a fork; anybody can send a proof that fails.
    pub fn is_suspicious(&self) -> bool {
        matches!(self, Self::Forked { .. } | Self::Proof(_))
    }
}
