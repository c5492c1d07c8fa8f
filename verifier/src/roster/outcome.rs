//! The outcome of a row, in one word.

use serde::{Deserialize, Serialize};

/// The outcome of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The certificate is in force, and it is this person's as far as that was compared.
    Accepted,
    /// It is not in force.
    Refused,
    /// It is not known.
    Undetermined,
    /// Something else is wrong with the row.
    Problem,
}
