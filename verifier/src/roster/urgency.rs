//! How soon somebody has to know of a change.

use serde::{Deserialize, Serialize};

use super::changes::{Change, ChangeKind};

/// How soon somebody has to know, the least urgent first. Stable API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Nobody has to act.
    Note,
    /// Somebody has to act within days.
    Attention,
    /// Somebody may not work as before, from now on: whoever plans the next operation has to know,
    /// at night too.
    Urgent,
}

impl Change {
    /// How soon somebody has to know.
    pub fn urgency(&self) -> Urgency {
        let is_urgent = |kind: &ChangeKind| match kind {
            ChangeKind::Suspended
            | ChangeKind::Revoked
            | ChangeKind::Expired
            | ChangeKind::Refused
            | ChangeKind::Conditions => true,
            ChangeKind::NotKnown
            | ChangeKind::Missing
            | ChangeKind::Mismatch
            | ChangeKind::Problem
            | ChangeKind::Expiring
            | ChangeKind::Reissued
            | ChangeKind::OtherPerson
            | ChangeKind::New
            | ChangeKind::Gone
            | ChangeKind::Lifted
            | ChangeKind::Accepted
            | ChangeKind::ConditionsLifted
            | ChangeKind::Changed => false,
        };
        match self.needs_attention {
            _ if self.kinds.iter().any(is_urgent) => Urgency::Urgent,
            true => Urgency::Attention,
            false => Urgency::Note,
        }
    }
}
