//! Enrolments: who is an officer, when, and in which roles.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vernet_common::CivilDate;

use crate::{
    officer::Officer,
    officer_key::public::OfficerPublicKey,
    phrase,
    rule::{Rule, RuleError},
};

/// What an officer may do. The granting and the supervisory authority are different bodies, so they
/// have different roles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Grants, reissued certificates, annulments.
    Grant,
    /// Suspensions, limitations and revocations, and whatever ends or reverses them.
    Supervise,
    /// Publications.
    Publish,
    /// Officers, the office's keys, trust lists.
    Administer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Grant, Self::Supervise, Self::Publish, Self::Administer];

    /// How many people in this role an office needs: two for what takes two officers.
    pub fn people_needed(self) -> usize {
        match self {
            Self::Grant | Self::Supervise | Self::Administer => 2,
            Self::Publish => 1,
        }
    }

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Supervise => "supervise",
            Self::Publish => "publish",
            Self::Administer => "administer",
        }
    }
}

/// An officer as enrolled: from one day until another, with these roles. A later enrolment of the
/// same key replaces it from the later one's first day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The name. It identifies the person, so two people with one name need something to
    /// distinguish them.
    pub name: Officer,
    /// The key that signs for the officer.
    pub key: OfficerPublicKey,
    /// What the officer may do.
    pub roles: BTreeSet<Role>,
    /// The first day.
    pub from: CivilDate,
    /// The first day on which the officer may no longer sign.
    pub until: CivilDate,
}

impl Enrolment {
    pub(crate) fn covers(&self, on: CivilDate) -> bool {
        self.from <= on && on < self.until
    }

    pub(crate) fn check(&self) -> Result<(), RuleError> {
        if self.until <= self.from {
            let expected = phrase!("a day after `{from}`, the first one", from = self.from);
            return Err(RuleError::new(Rule::EnrolmentWithoutLength, self.until, expected));
        }
        if self.roles.is_empty() {
            return Err(RuleError::new(
                Rule::EnrolmentWithoutLength,
                phrase!("no role"),
                phrase!("at least one role"),
            ));
        }
        Ok(())
    }
}
