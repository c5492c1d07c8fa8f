//! The request to a witness (C2SP tlog-witness): a longer log, and the proof that it continues the
//! one that the witness knows.

use alloc::{format, string::String, vec::Vec};

use super::{
    checkpoint::{SignedCheckpoint, read_hash, read_size, write_hash},
    hash::{LogHash, LogHead},
};
use crate::error::{Error, check_size};

/// The body of a request to `add-checkpoint`.
///
/// ```text
/// old 48
/// PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
/// jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
///
/// perfusionist.example.no/log
/// 50
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — perfusionist.example.no/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddCheckpoint {
    /// How many leaves the sender believes the witness to know.
    pub old_size: u64,
    /// The consistency proof from `old_size`; empty if that is 0 or the size of the log.
    pub proof: Vec<LogHash>,
    /// The current log, unverified.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// The most hashes in the proof.
    pub const MAX_PROOF: usize = 63;
    /// The longest request: a line of 45 bytes for each hash, and 26 for the size.
    pub const MAX_BYTES: usize = SignedCheckpoint::MAX_BYTES + 45 * Self::MAX_PROOF + 26;

    /// Reads a request. Only its form is checked: whether an empty log has the root of an empty log
    /// is asked after its signature (C2SP tlog-witness).
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is longer than [`AddCheckpoint::MAX_BYTES`],
    /// [`Error::AddCheckpointInvalid`] if the size or the proof is malformed or the log too large,
    /// or those of [`SignedCheckpoint::parse`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        check_size("the request to a witness", text.len(), Self::MAX_BYTES)?;
        let invalid = |reason| Error::AddCheckpointInvalid { reason };
        let (lines, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| invalid("no empty line before the checkpoint"))?;
        let mut lines = lines.split('\n');
        let old_size = lines.next().and_then(|line| read_size(line.strip_prefix("old ")?));
        let old_size = old_size.ok_or_else(|| invalid("the first line is not `old` and a size"))?;
        let proof = lines
            .map(|line| read_hash(line).ok_or_else(|| invalid("a line of the proof is not a hash")))
            .collect::<Result<Vec<_>, _>>()?;
        if proof.len() > Self::MAX_PROOF {
            return Err(invalid("more than 63 hashes"));
        }
        let checkpoint = SignedCheckpoint::parse_any(checkpoint)?;
        if checkpoint.head().size > LogHead::MAX_SIZE {
            return Err(invalid("more leaves than there are slots in status lists"));
        }
        Ok(Self { old_size, proof, checkpoint })
    }

    /// The request as it is sent.
    pub fn to_text(&self) -> String {
        let proof: String =
            self.proof.iter().map(|hash| format!("{}\n", write_hash(hash))).collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.checkpoint.to_text())
    }
}
