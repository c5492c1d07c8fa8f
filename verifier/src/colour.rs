//! The three colours of an answer.

// What the derive expects to be in scope.
#[cfg(feature = "schema")]
use std::{prelude::rust_2024::*, vec};

use serde::{Deserialize, Serialize};

/// The three colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Colour {
    /// Green: the certificate is in force.
    Accepted,
    /// Red: it is not.
    Refused,
    /// Amber: we do not know. Never a kind of green.
    Undetermined,
}
