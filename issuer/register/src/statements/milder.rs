//! The milder decisions that can take the place of one that falls on appeal in part.

use vernet_common::{CertificateNumber, CivilDate};

use crate::{law::SuspensionGround, statements::event::Event};

/// A decision that is milder than the one that was appealed against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Milder {
    /// A revocation, but not one of the gravest cases.
    Revocation,
    /// A suspension.
    Suspension,
    /// A suspension within whose limits the holder works.
    LimitedSuspension,
    /// A limitation by conditions.
    Limitation,
    /// An instruction.
    Instruction,
}

impl Milder {
    /// Every one, the gravest first.
    pub const ALL: [Self; 5] = [
        Self::Revocation,
        Self::Suspension,
        Self::LimitedSuspension,
        Self::Limitation,
        Self::Instruction,
    ];

    /// The word for it, on the command line and in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::LimitedSuspension => "limited_suspension",
            Self::Limitation => "limitation",
            Self::Instruction => "instruction",
        }
    }

    /// Whether it is told by the reference of its decision.
    pub fn has_reference(self) -> bool {
        matches!(self, Self::LimitedSuspension | Self::Limitation | Self::Instruction)
    }

    /// The decision itself. `reference` is that of the decision, where it has one.
    pub fn event(
        self,
        certificate: CertificateNumber,
        reference: String,
        until: Option<CivilDate>,
    ) -> Event {
        let suspended = |limits| Event::Suspended {
            certificate,
            until,
            ground: SuspensionGround::Revocation,
            limits,
            unapproved_until: None,
        };
        match self {
            Self::Revocation => Event::Revoked { certificate, gravest: false },
            Self::Suspension => suspended(None),
            Self::LimitedSuspension => suspended(Some(reference)),
            Self::Limitation => Event::Limited { certificate, reference, until },
            Self::Instruction => Event::Instructed { certificate, reference, until },
        }
    }
}
