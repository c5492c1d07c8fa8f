//! Proposals: what one officer signs, and another one signs after reviewing it.

use serde::{Deserialize, Serialize};
use vernet_common::{CertificateNumber, CivilDate, KeyId, NumericDate};

use crate::{
    application::{Application, Names},
    error::Error,
    officer::is_line,
    statements::{
        digest::Digest,
        event::{Count, Event, ReissueReason},
        rows::RowTree,
        statement::Statement,
    },
};

/// What is proposed, with its intended dates and the documents that it rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The proposed act.
    pub act: Act,
    /// The day of the decision; if there is none, the day of the approval. For a grant it is in
    /// the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<CivilDate>,
    /// The first day on which it takes effect; if there is none, the day of the decision. For a
    /// grant it is in the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<CivilDate>,
    /// The documents, each with its hash, so that the approving officer has the same ones, to the
    /// last byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
}

/// What takes two officers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// To grant a right.
    Grant {
        /// What was applied for, and why it is granted.
        application: Box<Application>,
    },
    /// To issue another certificate for the same authorisation.
    Reissue {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// Why.
        reason: ReissueReason,
        /// The new names, after a change of name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        names: Option<Names>,
        /// What was counted of the holder's work in the cycle, for a renewal.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counts: Vec<Count>,
        /// For how many days the certificate that is superseded runs on, so that its holder has one
        /// until the new one has come by post.
        #[serde(default, skip_serializing_if = "is_zero")]
        runs_on: u8,
    },
    /// To grant rights to all people in a table, which is the first document.
    Import {
        /// How many rows can be granted and are therefore leaves of the tree.
        rows: u32,
        /// The root of the tree of hashes over the rows: each is an application.
        root: Digest,
        /// Whether rows that a rule forbids are skipped. Otherwise all rows are granted, or none.
        each: bool,
    },
    /// To issue all live certificates of a key anew.
    ReissueAll {
        /// The key that signed them and no longer signs.
        of_key: KeyId,
        /// Why.
        reason: ReissueReason,
    },
    /// Any other event that changes rights, or an officer's enrolment.
    Decide {
        /// The event, exactly as it is to be recorded in the register.
        event: Box<Event>,
    },
}

/// A document that a proposal rests on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The name of the file as it was given.
    pub name: String,
    /// The hash of its bytes, which is also its file name in the office's folder.
    pub sha256: Digest,
}

impl Proposal {
    /// The most documents of one proposal.
    pub const MAX_DOCUMENTS: usize = 20;

    /// A proposal of an event that takes effect on the day of its approval.
    pub fn of(event: Event) -> Self {
        Self {
            act: Act::Decide { event: Box::new(event) },
            decided_on: None,
            effective_on: None,
            documents: Vec::new(),
        }
    }

    /// A proposal of a grant.
    pub fn to_grant(application: Application) -> Self {
        let act = Act::Grant { application: Box::new(application) };
        Self { act, decided_on: None, effective_on: None, documents: Vec::new() }
    }

    /// A proposal of a new certificate.
    pub fn to_reissue(
        certificate: CertificateNumber,
        reason: ReissueReason,
        names: Option<Names>,
    ) -> Self {
        let act = Act::Reissue { certificate, reason, names, counts: Vec::new(), runs_on: 0 };
        Self { act, decided_on: None, effective_on: None, documents: Vec::new() }
    }

    /// A proposal of a renewal for another cycle.
    pub fn to_renew(certificate: CertificateNumber, counts: Vec<Count>) -> Self {
        let reason = ReissueReason::Renewal;
        Self::about(Act::Reissue { certificate, reason, names: None, counts, runs_on: 0 })
    }

    /// The same proposal, if it is of a new certificate, with the days for which the one before runs
    /// on.
    pub fn running_on(mut self, days: u8) -> Self {
        if let Act::Reissue { runs_on, .. } = &mut self.act {
            *runs_on = days;
        }
        self
    }

    /// A proposal about many.
    pub fn about(act: Act) -> Self {
        Self { act, decided_on: None, effective_on: None, documents: Vec::new() }
    }

    /// Checks what is not a rule of the law.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let found = self.documents.len();
        if found > Self::MAX_DOCUMENTS {
            return Err(
                vernet_common::Error::field("documents", &found.to_string(), "at most 20").into()
            );
        }
        for (place, document) in self.documents.iter().enumerate() {
            is_line("document", &document.name)?;
            if self.documents[..place].iter().any(|other| other.name == document.name) {
                return Err(vernet_common::Error::field(
                    "document",
                    &document.name,
                    "another name for each document",
                )
                .into());
            }
        }
        if matches!(self.act, Act::Grant { .. })
            && (self.decided_on.is_some() || self.effective_on.is_some())
        {
            return Err(vernet_common::Error::field(
                "decided_on",
                "a date",
                "none: the dates of a grant stand in the application",
            )
            .into());
        }
        if matches!(self.act, Act::Reissue { .. }) && self.effective_on.is_some() {
            return Err(vernet_common::Error::field(
                "effective_on",
                "a date",
                "none: a new certificate counts at once",
            )
            .into());
        }
        if self.is_about_many() && (self.decided_on.is_some() || self.effective_on.is_some()) {
            return Err(vernet_common::Error::field(
                "decided_on",
                "a date",
                "none: each row has its own, and a new certificate counts at once",
            )
            .into());
        }
        if matches!(self.act, Act::Import { .. }) && found == 0 {
            return Err(vernet_common::Error::field(
                "documents",
                "none",
                "the table that is imported",
            )
            .into());
        }
        Ok(())
    }

    /// Whether it is carried out in steps, each of which signs certificates.
    pub fn is_about_many(&self) -> bool {
        matches!(self.act, Act::Import { .. } | Act::ReissueAll { .. })
    }

    /// Whether the rules use the office's data for it. The data is then one of its documents.
    pub fn rests_on_data(&self) -> bool {
        matches!(self.act, Act::Grant { .. } | Act::Import { .. })
    }

    /// The document of this name.
    pub fn document(&self, name: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.name == name)
    }

    /// The certificate that it is about; none before a grant.
    pub fn certificate(&self) -> Option<CertificateNumber> {
        match &self.act {
            Act::Grant { application } => application.previous_certificate,
            Act::Reissue { certificate, .. } => Some(*certificate),
            Act::Decide { event } => event.certificate(),
            Act::Import { .. } | Act::ReissueAll { .. } => None,
        }
    }

    /// Whether a certificate is signed when it is approved.
    pub fn issues(&self) -> bool {
        !matches!(self.act, Act::Decide { .. })
    }

    /// Checks that a statement carries out a proposal or a part of it: of nothing but the bytes of the
    /// one and the other, wherever that is. So an officer who signs many at once knows that each of
    /// them is in what was proposed.
    ///
    /// # Errors
    ///
    /// [`Error::ApprovalMismatch`] if it does not; as for [`Statement::from_bytes`].
    pub fn check_part(proposed: &[u8], part: &Statement) -> Result<(), Error> {
        let (sha256, proposed) = (Digest::of(proposed), Statement::from_bytes(proposed)?);
        let seq = proposed.seq;
        let mismatch = |reason| Err(Error::ApprovalMismatch { seq, reason });
        let Event::Proposed(proposal) = &proposed.event else {
            return mismatch("it is no proposal");
        };
        match &part.approves {
            Some(approves) if approves.seq == seq && approves.sha256 == sha256 => {
                proposal.differs(part).map_or(Ok(()), mismatch)
            }
            _ => mismatch("it approves something else"),
        }
    }

    /// The name of the event that its approval writes.
    pub fn effect(&self) -> &'static str {
        match &self.act {
            Act::Grant { .. } => "granted",
            Act::Reissue { .. } => "reissued",
            Act::Import { .. } => "imported",
            Act::ReissueAll { .. } => "reissued_all",
            Act::Decide { event } => event.name(),
        }
    }

    /// What differs in a statement that claims to be what was proposed; `None` if nothing does.
    pub(crate) fn differs(&self, effect: &Statement) -> Option<&'static str> {
        let (same, decided_on, effective_on) = match (&self.act, &effect.event) {
            (Act::Grant { application }, Event::Granted(granted)) => {
                let same = **application == *granted.application && granted.import.is_none();
                (same, Some(application.decided), Some(application.granted))
            }
            (Act::Import { rows, root, .. }, Event::Granted(granted)) => {
                let (row, application) = (granted.import.as_ref(), &granted.application);
                let leaf = RowTree::leaf(application).ok();
                let proved =
                    row.zip(leaf).is_some_and(|(row, leaf)| row.proves(leaf, *rows, *root));
                if !proved {
                    return Some("it is in no row of the table that was proposed");
                }
                (true, Some(application.decided), Some(application.granted))
            }
            // `authority` checks which certificate it supersedes, and which keys signed the two.
            (Act::ReissueAll { reason, .. }, Event::Reissued(reissued)) => {
                let same = *reason == reissued.reason
                    && reissued.names.is_none()
                    && reissued.previous_until.is_none()
                    && reissued.counts.is_empty();
                (same, None, None)
            }
            (Act::Import { .. } | Act::ReissueAll { .. }, Event::Completed { .. }) => {
                (true, None, None)
            }
            (Act::Reissue { reason, names, counts, runs_on, .. }, Event::Reissued(reissued)) => {
                // `authority` checks that `previous` is the newest certificate.
                let same = *reason == reissued.reason
                    && *names == reissued.names
                    && *counts == reissued.counts
                    && previous_until(effect.recorded_at, *runs_on) == reissued.previous_until;
                (same, self.decided_on, None)
            }
            // The rules derive the effective date of an annulment, a reversal or a retraction from
            // what it undoes.
            (
                Act::Decide { event },
                done @ (Event::Annulled { .. } | Event::Reversed { .. } | Event::Retracted { .. }),
            ) => (**event == *done, self.decided_on, None),
            (Act::Decide { event }, done) => (**event == *done, self.decided_on, self.effective_on),
            _ => (false, None, None),
        };
        let today = effect.recorded_at.civil_date();
        if !same {
            return Some("it is not what was proposed");
        }
        if effect.decided_on != decided_on.unwrap_or(today) {
            return Some("it was decided on another day than proposed");
        }
        match &effect.event {
            Event::Annulled { .. } | Event::Reversed { .. } | Event::Retracted { .. } => None,
            _ if effect.effective_on == effective_on.unwrap_or(effect.decided_on) => None,
            _ => Some("it counts from another day on than proposed"),
        }
    }
}

/// The first day on which a certificate that runs on is no longer good; none if it ends at once.
pub(crate) fn previous_until(now: NumericDate, runs_on: u8) -> Option<CivilDate> {
    (runs_on > 0).then(|| now.civil_date().plus_days(runs_on.into()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(days: &u8) -> bool {
    *days == 0
}
