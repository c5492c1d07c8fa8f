//! The changes between two reports.

use alloc::{string::String, vec::Vec};

use serde::Serialize;
use vernet_common::{CertificateNumber, NumericDate};

use super::{code::RowCode, outcome::Outcome};
use crate::rfc3339;

/// What has changed between two reports.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Changes {
    /// When the earlier report was made.
    #[serde(with = "rfc3339")]
    pub since: NumericDate,
    /// How many rows needed attention then, and still do for the same reasons.
    pub as_before: u64,
    /// The changes: the current rows in their order, then those that are gone.
    pub changes: Vec<Change>,
}

/// A row that has changed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Change {
    /// In which ways; at least one.
    pub kinds: Vec<ChangeKind>,
    /// The key by which the row was matched.
    pub key: String,
    /// Whether somebody has to act on it.
    pub needs_attention: bool,
    /// The earlier row; `None` if there was none.
    pub before: Option<Seen>,
    /// The current row; `None` if it is gone.
    pub now: Option<Seen>,
    /// Its place among the current rows.
    #[serde(skip)]
    pub row: Option<usize>,
}

/// A summary of a row.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Seen {
    /// Its line or place.
    pub line: u64,
    /// As in the roster.
    pub staff_id: String,
    /// The roster's name, else the certificate's.
    pub name: String,
    /// The outcome of the row.
    pub outcome: Outcome,
    /// What was found.
    pub code: RowCode,
    /// The number of the certificate, if its signature is valid.
    pub certificate_number: Option<CertificateNumber>,
}

/// In which way a row has changed. Stable API.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// Suspended now, and was not.
    Suspended,
    /// Withdrawn for good.
    Revoked,
    /// Has run out.
    Expired,
    /// Refused for another reason.
    Refused,
    /// No longer known.
    NotKnown,
    /// The certificate, or the file that it was in, is missing.
    Missing,
    /// The certificate is not this person's.
    Mismatch,
    /// Something else is wrong with the row, and was not before.
    Problem,
    /// Runs out within the days that were asked for, and did not then.
    Expiring,
    /// Conditions apply that did not.
    Conditions,
    /// Another certificate of the same person.
    Reissued,
    /// A certificate of another person.
    OtherPerson,
    /// Was not on the roster.
    New,
    /// Is no longer on the roster.
    Gone,
    /// A suspension has ended.
    Lifted,
    /// In force now, and was not, or it was not known.
    Accepted,
    /// Conditions no longer apply.
    ConditionsLifted,
    /// Less is wrong than before, or the findings differ in another way.
    Changed,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Suspended,
        Self::Revoked,
        Self::Expired,
        Self::Refused,
        Self::NotKnown,
        Self::Missing,
        Self::Mismatch,
        Self::Problem,
        Self::Expiring,
        Self::Conditions,
        Self::Reissued,
        Self::OtherPerson,
        Self::New,
        Self::Gone,
        Self::Lifted,
        Self::Accepted,
        Self::ConditionsLifted,
        Self::Changed,
    ];

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Revoked => "withdrawn or replaced",
            Self::Expired => "has expired",
            Self::Refused => "refused",
            Self::NotKnown => "not known any more",
            Self::Missing => "certificate missing",
            Self::Mismatch => "somebody else's certificate",
            Self::Problem => "new problem",
            Self::Expiring => "expires soon",
            Self::Conditions => "conditions apply",
            Self::Reissued => "issued anew",
            Self::OtherPerson => "certificate of another person",
            Self::New => "new on the roster",
            Self::Gone => "no longer on the roster",
            Self::Lifted => "suspension lifted",
            Self::Accepted => "valid now",
            Self::ConditionsLifted => "conditions lifted",
            Self::Changed => "changed",
        }
    }
}
