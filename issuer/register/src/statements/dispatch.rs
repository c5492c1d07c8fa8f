//! Papers that left the office: what was printed or sent, to whom.

use serde::{Deserialize, Serialize};
use vernet_common::CertificateNumber;

use crate::{error::Error, officer::is_line};

/// Papers that were printed or sent, all of one kind and on one day, which is the effective date of
/// the statement. No address is in it: the register holds none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispatched {
    /// What kind of paper it was.
    pub what: Paper,
    /// What was done with it.
    pub how: Handling,
    /// The certificates that the papers are about, each once; none if it is a letter about a
    /// decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateNumber>,
    /// Of a letter about a decision, the number of the statement with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<u64>,
    /// Who it was for, if not the holder: in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Dispatched {
    /// The most certificates in one statement, because a statement has a limited size.
    pub const MOST: usize = 10_000;

    pub(crate) fn check_words(&self) -> Result<(), Error> {
        self.to.as_deref().map_or(Ok(()), |to| is_line("to", to))
    }
}

/// A kind of paper.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// The letter with a certificate, for its holder.
    Letter,
    /// The card with a certificate, for its holder.
    Card,
    /// The letter about a decision.
    DecisionLetter,
    /// The statement of professional status, for an authority of another state.
    ProfessionalStatus,
}

impl Paper {
    /// Every kind of paper.
    pub const ALL: [Self; 4] =
        [Self::Letter, Self::Card, Self::DecisionLetter, Self::ProfessionalStatus];

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Card => "card",
            Self::DecisionLetter => "decision_letter",
            Self::ProfessionalStatus => "professional_status",
        }
    }
}

/// What was done with a paper.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// It was printed, or written to a file for a printer.
    Printed,
    /// It left the office.
    Sent,
}

impl Handling {
    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::Sent => "sent",
        }
    }
}
