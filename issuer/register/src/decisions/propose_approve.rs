//! Two officers: one proposes, another one looks at it and approves or rejects.
//!
//! The rules are checked when something is proposed, so that nobody waits for a colleague's
//! signature under what the law forbids, and again when it is approved, because the world goes on
//! meanwhile. Only the approval allots a number and has a certificate signed.

use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, NumericDate, Signer};

use crate::{
    application::{Application, Names},
    authority::{may_approve, not_overtaken, roles},
    error::Error,
    field::field,
    office_data::OfficeData,
    officer::line,
    rules::{
        common::Decision,
        decide::{Decided, decide},
        grant,
        grant::Subject,
        suspension::confirm,
    },
    state::index::State,
    statements::{
        event::{Event, Granted, ReissueReason, Reissued},
        proposal::{Act, Proposal},
        statement::{Approves, Dates, Statement},
    },
    store::{
        documents::{Documents, NewDocument},
        issuance::Issuance,
        register::Register,
        writer::{By, Writer},
    },
};

/// What the office's settings and folder say about proposals.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The office's data, for grants.
    pub data: &'a OfficeData,
    /// Where the documents lie.
    pub documents: &'a Documents,
    /// The age in days over which a proposal is not approved any more.
    pub max_age_days: u16,
}

impl Terms<'_> {
    /// What was proposed long ago may not be what one would propose today.
    pub(crate) fn check_age(&self, proposed: &Statement, now: NumericDate) -> Result<(), Error> {
        let days = now.civil_date().days_since(proposed.recorded_at.civil_date());
        if days > self.max_age_days.into() {
            return Err(Error::ProposalTooOld {
                seq: proposed.seq,
                days,
                limit: self.max_age_days,
            });
        }
        Ok(())
    }
}

impl Register {
    /// Records what one officer proposes, after checking that it could be done today. The new
    /// documents are added to it, and copied into the office's folder before the statement is
    /// committed: there is no proposal without its documents.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] for what the law forbids; [`Error::NotByHand`] for what is not proposed;
    /// what the officer may not do; [`Error::DocumentMissing`], [`Error::DocumentChanged`];
    /// [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn propose(
        &mut self,
        mut proposal: Proposal,
        new: &[NewDocument],
        terms: &Terms<'_>,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        proposal.documents.extend(new.iter().map(|new| new.document().clone()));
        proposal.check()?;
        if roles(&proposal).is_none() {
            return Err(Error::NotByHand { event: proposal.effect() });
        }
        self.transact(now, |state, writer| {
            let normalised = match Effect::of(state, terms.data, &proposal, now)? {
                Effect::Event(decided) => Some(decided.event),
                Effect::Grant { .. } | Effect::Reissue { .. } | Effect::Many => None,
            };
            // It shall stand in the register as it was proposed, to the letter.
            let act =
                normalised.map_or(proposal.act, |event| Act::Decide { event: Box::new(event) });
            let (today, documents) = (now.civil_date(), proposal.documents.clone());
            let event = Event::Proposed(Box::new(Proposal { act, ..proposal }));
            let statement = writer.append(By::one(officer), Dates::on(today), event)?;
            new.iter().try_for_each(|new| terms.documents.put(new))?;
            terms.documents.check(&documents)?;
            Ok(statement)
        })
    }

    /// Approves a proposal of another officer, or confirms another officer's suspension in an
    /// emergency. The effect counts from here on.
    ///
    /// # Errors
    ///
    /// [`Error::ProposalUnknown`], [`Error::ProposalDecided`], [`Error::ProposalTooOld`],
    /// [`Error::ProposalOvertaken`], [`Error::SameOfficer`], [`Error::OfficerUnknown`],
    /// [`Error::OfficerNotInOffice`], [`Error::RoleMissing`], [`Error::DocumentMissing`],
    /// [`Error::DocumentChanged`]; [`Error::TakesSteps`] for a proposal about many; [`Error::Rule`]
    /// for what the law forbids today; what `issuance.sign` returns; [`Error::SignedOther`],
    /// [`Error::NoFreeSlot`], [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn approve<E: From<Error>>(
        &mut self,
        seq: u64,
        terms: &Terms<'_>,
        officer: &dyn Signer,
        now: NumericDate,
        issuance: &mut Issuance<'_, E>,
    ) -> Result<Statement, E> {
        self.transact(now, |state, writer| {
            let sha256 = state.hash(seq).ok_or(Error::ProposalUnknown { seq })?;
            let by = By { officer, approves: Some(Approves { seq, sha256 }) };
            if let Event::Suspended { certificate, unapproved_until: Some(_), .. } =
                state.statement(seq)?.event
            {
                let event = Event::Confirmed { certificate, decision: seq };
                let decided = decide(state, event, &Decision::today(writer.now()))?;
                return Ok(writer.append_decided(by, decided)?);
            }
            let (proposed, proposal) = state.open_proposal(seq)?;
            may_approve(state, officer.public_key().kid(), proposed, proposal, now)?;
            terms.check_age(proposed, now)?;
            terms.documents.check(&proposal.documents)?;
            Effect::of(state, terms.data, proposal, now)?.write(writer, by, issuance)
        })
    }

    /// Would the rules allow this now?
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn consider(
        &self,
        proposal: &Proposal,
        data: &OfficeData,
        now: NumericDate,
    ) -> Result<(), Error> {
        Effect::of(self.state(), data, proposal, now).map(drop)
    }

    /// Is a proposal to end or to extend a reaction still about the one that its officer knew of?
    ///
    /// # Errors
    ///
    /// [`Error::ProposalOvertaken`].
    pub fn check_not_overtaken(&self, seq: u64, proposal: &Proposal) -> Result<(), Error> {
        not_overtaken(self.state(), seq, proposal)
    }

    /// Would the rules allow to confirm this suspension now?
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn consider_confirmation(
        &self,
        suspension: &Statement,
        now: NumericDate,
    ) -> Result<(), Error> {
        confirm(self.state(), suspension, now)
    }

    /// Turns a proposal down, or takes it back.
    ///
    /// # Errors
    ///
    /// [`Error::ProposalUnknown`], [`Error::ProposalDecided`]; what the officer may not do;
    /// [`vernet_common::Error::FieldInvalid`] for a reason of more than a line;
    /// [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn reject(
        &mut self,
        seq: u64,
        reason: &str,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let (reason, today) = (line("reason", reason)?, now.civil_date());
        self.transact(now, |state, writer| {
            state.open_proposal(seq)?;
            let event = Event::Rejected { proposal: seq, reason };
            writer.append(By::one(officer), Dates::on(today), event)
        })
    }
}

/// What a proposal would do now, if the rules allow it.
pub(crate) enum Effect<'a> {
    /// A certificate, the first of an authorisation.
    Grant { application: &'a Application, subject: Subject },
    /// A certificate that supersedes another one.
    Reissue {
        previous: CertificateNumber,
        reason: ReissueReason,
        names: Option<&'a Names>,
        decided_on: CivilDate,
        subject: Subject,
    },
    /// Many certificates: they are signed step by step, see `bulk`.
    Many,
    /// Any other event.
    Event(Decided),
}

impl<'a> Effect<'a> {
    /// Asks the rules.
    pub(crate) fn of(
        state: &State,
        data: &OfficeData,
        proposal: &'a Proposal,
        now: NumericDate,
    ) -> Result<Self, Error> {
        let decided_on = proposal.decided_on.unwrap_or_else(|| now.civil_date());
        Ok(match &proposal.act {
            Act::Grant { application } => Self::Grant {
                application,
                subject: grant::grant(state, Some(data), application, now)?,
            },
            Act::Reissue { certificate, reason, names } => {
                let (reason, names) = (*reason, names.as_ref());
                let (previous, subject) =
                    grant::reissue(state, *certificate, reason, names, decided_on, now)?;
                Self::Reissue { previous, reason, names, decided_on, subject }
            }
            Act::Import { .. } => Self::Many,
            Act::ReissueAll { reason: ReissueReason::KeyRotation, .. } => Self::Many,
            Act::ReissueAll { reason, .. } => {
                return Err(field(
                    "reason",
                    reason.word(),
                    "`key_rotation`, if it is about all certificates",
                )
                .into());
            }
            Act::Decide { event } => {
                let decision = Decision { decided_on, effective_on: proposal.effective_on, now };
                Self::Event(decide(state, (**event).clone(), &decision)?)
            }
        })
    }

    fn write<E: From<Error>>(
        self,
        writer: &mut Writer<'_>,
        by: By<'_>,
        issuance: &mut Issuance<'_, E>,
    ) -> Result<Statement, E> {
        match self {
            Self::Grant { application, subject } => {
                let dates =
                    Dates { decided_on: application.decided, effective_on: application.granted };
                issue(writer, by, subject, issuance, |claims, jws| {
                    let application = application.clone();
                    let granted = Granted { application, claims, jws, import: None };
                    (dates, Event::Granted(Box::new(granted)))
                })
            }
            Self::Reissue { previous, reason, names, decided_on, subject } => {
                issue(writer, by, subject, issuance, |claims, jws| {
                    let names = names.cloned();
                    let reissued = Reissued { previous, reason, names, claims, jws };
                    (Dates::on(decided_on), Event::Reissued(Box::new(reissued)))
                })
            }
            Self::Many => {
                Err(Error::TakesSteps { seq: by.approves.map_or(0, |approves| approves.seq) }
                    .into())
            }
            Self::Event(decided) => Ok(writer.append_decided(by, decided)?),
        }
    }
}

/// One certificate: many, of which there is one.
fn issue<E: From<Error>>(
    writer: &mut Writer<'_>,
    by: By<'_>,
    subject: Subject,
    issuance: &mut Issuance<'_, E>,
    event: impl Fn(CertificateClaims, String) -> (Dates, Event),
) -> Result<Statement, E> {
    let claims = writer.allot(subject, by.officer, issuance.iss, issuance.rng)?;
    let number = claims.certificate_number;
    let statements =
        writer.issue(by, vec![(claims, ())], issuance, |(), claims, jws| event(claims, jws))?;
    Ok(statements.into_iter().next().ok_or(Error::SignedOther { number })?)
}
