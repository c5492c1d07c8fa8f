//! What waits for a second officer, and what no longer does.

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    state::index::State,
    statements::{event::Event, proposal::Proposal, statement::Statement},
};

impl State {
    /// The open proposals, oldest first.
    pub fn proposals(&self) -> impl Iterator<Item = (&Statement, &Proposal)> {
        self.open.iter().filter_map(|seq| self.open_proposal(*seq).ok())
    }

    /// An open proposal.
    ///
    /// # Errors
    ///
    /// [`Error::ProposalUnknown`] if there is none with this number, [`Error::ProposalDecided`] if
    /// it was approved or rejected.
    pub fn open_proposal(&self, seq: u64) -> Result<(&Statement, &Proposal), Error> {
        let unknown = Error::ProposalUnknown { seq };
        let Ok(statement) = self.statement(seq) else { return Err(unknown) };
        let Event::Proposed(proposal) = &statement.event else { return Err(unknown) };
        match self.decided.get(&seq) {
            Some(by) => Err(Error::ProposalDecided { seq, by: *by }),
            None => Ok((statement, proposal)),
        }
    }

    /// The suspensions in an emergency that can still be confirmed on a day, oldest first.
    pub fn emergencies(&self, on: CivilDate) -> impl Iterator<Item = &Statement> {
        let open = self.alone.iter().filter_map(|seq| self.emergency(*seq).ok());
        open.filter(move |statement| match statement.event {
            Event::Suspended { certificate, unapproved_until: Some(end), .. } => {
                on < end && !self.was_lifted(certificate, statement.seq, on)
            }
            _ => false,
        })
    }

    /// Whether a suspension was lifted by a day, as known now.
    fn was_lifted(&self, certificate: CertificateNumber, seq: u64, on: CivilDate) -> bool {
        let authorisation = self.authorisation(certificate).ok();
        let Some((now, authorisation)) = self.recorded_until().zip(authorisation) else {
            return false;
        };
        let suspensions = self.suspensions(authorisation, on, now);
        suspensions.iter().any(|suspension| suspension.seq == seq && suspension.lifted)
    }

    /// A suspension in an emergency that nobody has confirmed.
    ///
    /// # Errors
    ///
    /// As [`State::open_proposal`].
    pub fn emergency(&self, seq: u64) -> Result<&Statement, Error> {
        let unknown = Error::ProposalUnknown { seq };
        let Ok(statement) = self.statement(seq) else { return Err(unknown) };
        let Event::Suspended { unapproved_until: Some(_), .. } = statement.event else {
            return Err(unknown);
        };
        match self.decided.get(&seq) {
            Some(by) => Err(Error::ProposalDecided { seq, by: *by }),
            None => Ok(statement),
        }
    }

    /// Whether a suspension in an emergency was confirmed, as known at an instant.
    pub(crate) fn is_confirmed(&self, seq: u64, known_at: NumericDate) -> bool {
        let by = self.decided.get(&seq).and_then(|by| self.statement(*by).ok());
        by.is_some_and(|by| by.recorded_at <= known_at)
    }

    /// Whether a part of a proposal about many was done.
    pub(crate) fn is_part(&self, proposal: u64, part: u64) -> bool {
        self.parts.get(&proposal).is_some_and(|parts| parts.contains(&part))
    }

    /// How many parts of a proposal about many were done.
    pub fn parts_of(&self, proposal: u64) -> u64 {
        self.parts.get(&proposal).map_or(0, |parts| parts.len() as u64)
    }
}
