//! Whom a statement is about, so that what belongs together is found without the rest.

use std::fmt;

use vernet_common::{
    CertificateClaims, CertificateNumber, HprNumber, StatusIndex, StatusListNumber,
};

use crate::{
    error::Error,
    state::index::State,
    statements::{event::Event, statement::Statement},
};

/// Whom or what statements are about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Subject {
    /// The office: its officers, keys, titles and lists, of which every answer may need any.
    Office,
    /// A right, by one of its certificates.
    Certificate(CertificateNumber),
    /// A person, by a number that a right was granted under, corrected to, or merged.
    Person(HprNumber),
    /// A slot, which only one certificate may have.
    Slot(StatusListNumber, StatusIndex),
    /// A proposal, of what decided it and is about no certificate.
    Proposal(u64),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Office => f.write_str("office"),
            Self::Certificate(number) => number.fmt(f),
            Self::Person(number) => write!(f, "hpr {number}"),
            Self::Slot(list, index) => write!(f, "slot {}/{}", list.number(), index.index()),
            Self::Proposal(seq) => write!(f, "proposal {seq}"),
        }
    }
}

impl Subject {
    /// The subjects of a statement, of which `state` has all that were before it.
    ///
    /// # Errors
    ///
    /// [`Error::StatementNotFound`] if it retracts one that is not there.
    pub(crate) fn all_of(state: &State, statement: &Statement) -> Result<Vec<Self>, Error> {
        let event = &statement.event;
        if is_of_office(event) {
            return Ok(vec![Self::Office]);
        }
        let mut subjects = Self::who(event);
        match event {
            // Of many at once, who are not one person.
            Event::Dispatched(papers) => {
                subjects.extend(papers.certificates.iter().copied().map(Self::Certificate));
            }
            Event::Retracted { statement } => {
                subjects.extend(Self::who(&state.statement(*statement)?.event));
            }
            Event::Rejected { proposal, .. } => subjects.push(Self::Proposal(*proposal)),
            event => subjects.extend(event.issued().map(|(claims, _)| Self::slot_of(claims))),
        }
        let decided = statement.approves.filter(|_| subjects.is_empty());
        subjects.extend(decided.map(|approved| Self::Proposal(approved.seq)));
        Ok(subjects)
    }

    /// The subjects by which the person is found whom an event is about. An event that names two
    /// says that they are one.
    pub(crate) fn who(event: &Event) -> Vec<Self> {
        let mut subjects: Vec<Self> =
            event.certificate().map(Self::Certificate).into_iter().collect();
        if let Some((claims, _)) = event.issued() {
            subjects.push(Self::Certificate(claims.certificate_number));
            subjects.push(Self::Person(claims.hpr_number));
        }
        match event {
            Event::Granted(granted) => {
                subjects.extend(granted.previous_certificate().map(Self::Certificate));
            }
            Event::Corrected(correction) => {
                subjects.extend(correction.hpr_number.map(Self::Person));
            }
            Event::Merged { from, into } => {
                subjects.extend([Self::Person(*from), Self::Person(*into)]);
            }
            _ => {}
        }
        subjects
    }

    /// The slot of a certificate.
    pub(crate) fn slot_of(claims: &CertificateClaims) -> Self {
        let slot = &claims.status.status_list;
        Self::Slot(slot.uri.number(), slot.idx)
    }
}

/// Whether an event is about the office as a whole.
pub(crate) fn is_of_office(event: &Event) -> bool {
    match event {
        Event::Founded(_)
        | Event::OfficerEnrolled(_)
        | Event::OfficerEnded { .. }
        | Event::Appointed(_)
        | Event::RootsPinned { .. }
        | Event::TitleEntered(_)
        | Event::StatusListOpened { .. }
        | Event::Restored(_)
        | Event::LostRevoked { .. }
        | Event::KeyAdded { .. }
        | Event::KeyRetired { .. }
        | Event::KeyCompromised { .. }
        | Event::TrustListSigned { .. } => true,
        // A new variant must say here whether what is known of everybody depends on it.
        Event::Proposed(_)
        | Event::Rejected { .. }
        | Event::Granted(_)
        | Event::Completed { .. }
        | Event::Reissued(_)
        | Event::Refused(_)
        | Event::Suspended { .. }
        | Event::Confirmed { .. }
        | Event::Extended { .. }
        | Event::Lifted { .. }
        | Event::Limited { .. }
        | Event::LimitationLifted { .. }
        | Event::Instructed { .. }
        | Event::InstructionEnded { .. }
        | Event::Banned { .. }
        | Event::BanEnded { .. }
        | Event::Revoked { .. }
        | Event::Waived { .. }
        | Event::Annulled { .. }
        | Event::Deceased { .. }
        | Event::Merged { .. }
        | Event::Corrected(_)
        | Event::Retracted { .. }
        | Event::Stayed { .. }
        | Event::StayEnded { .. }
        | Event::Reversed { .. }
        | Event::Upheld { .. }
        | Event::Notified { .. }
        | Event::Published { .. }
        | Event::HistoryMade { .. }
        | Event::DocumentDeleted { .. }
        | Event::Dispatched(_) => false,
    }
}
