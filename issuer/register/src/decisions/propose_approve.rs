//! Decisions of two officers: one proposes, another one reviews the proposal and approves or
//! rejects it.
//!
//! The rules are checked at the proposal, so that nobody waits for a colleague's signature on what
//! the law forbids, and again at the approval, because things may have changed meanwhile. Only the
//! approval allots a number and has a certificate signed.

use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, NumericDate};

use crate::{
    application::Application,
    authority::{may_approve, may_still_propose, may_still_suspend, not_overtaken, roles},
    error::Error,
    office_data::OfficeData,
    officer::line,
    officer_key::signer::OfficerSigner,
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
        proposal::{Act, Proposal, previous_until},
        statement::{Approves, Dates, Statement},
    },
    store::{
        documents::{Documents, NewDocument},
        issuance::Issuance,
        register::Register,
        writer::{By, Writer},
    },
};

/// What the office's settings and folder determine about proposals.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The office's data, for grants.
    pub data: &'a OfficeData,
    /// The folder of the documents.
    pub documents: &'a Documents,
    /// The greatest age, in days, at which a proposal can still be approved.
    pub max_age_days: u16,
}

impl Terms<'_> {
    /// Checks that a proposal is young enough, and its documents are as they were signed.
    fn check(
        &self,
        proposed: &Statement,
        proposal: &Proposal,
        now: NumericDate,
    ) -> Result<(), Error> {
        self.check_age(proposed, now)?;
        self.documents.check(&proposal.documents)
    }

    /// Refuses a proposal that is too old: the officer might not propose the same today.
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
    /// Records what one officer proposes, after checking that the rules allow it today. The new
    /// documents are added to it, and copied into the office's folder before the statement is
    /// committed, so that there is no proposal without its documents.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] if a rule forbids it; [`Error::NotByHand`] if it cannot be proposed;
    /// [`Error::OfficerUnknown`], [`Error::OfficerNotInOffice`] or [`Error::RoleMissing`] if the
    /// officer may not propose it; [`Error::DocumentMissing`] or [`Error::DocumentChanged`] if a
    /// document in the folder is missing or has another hash; [`Error::ClockBehind`] if the last
    /// statement is later than `now`; [`Error::Chain`] if the register is damaged; [`Error::Store`]
    /// if the database returns an error.
    pub fn propose(
        &mut self,
        mut proposal: Proposal,
        new: &[NewDocument],
        terms: &Terms<'_>,
        officer: &dyn OfficerSigner,
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
            // The proposal must hold the event exactly as the approval will record it.
            let act =
                normalised.map_or(proposal.act, |event| Act::Decide { event: Box::new(event) });
            let (today, mut documents) = (now.civil_date(), proposal.documents.clone());
            let event = Event::Proposed(Proposal { act, ..proposal }.into());
            let statement = writer.append(By::one(officer), Dates::on(today), event)?;
            match writer.is_awaited() {
                // Whoever reads it may leave it, and then nobody would ever look for them.
                true => documents.retain(|one| new.iter().all(|new| new.document() != one)),
                false => new.iter().try_for_each(|new| terms.documents.put(new))?,
            }
            terms.documents.check(&documents)?;
            Ok(statement)
        })
    }

    /// Approves a proposal of another officer, or confirms another officer's suspension in an
    /// emergency.
    ///
    /// # Errors
    ///
    /// [`Error::ProposalUnknown`], [`Error::ProposalDecided`], [`Error::ProposalTooOld`] or
    /// [`Error::ProposalOvertaken`] if there is no such proposal, or it can no longer be approved;
    /// [`Error::SameOfficer`] if the same person proposed it; [`Error::OfficerUnknown`],
    /// [`Error::OfficerNotInOffice`] or [`Error::RoleMissing`] if the officer may not approve it,
    /// or the first officer could no longer propose it; [`Error::DocumentMissing`] or
    /// [`Error::DocumentChanged`] if a document in the folder is missing or has another hash;
    /// [`Error::TakesSteps`] if the proposal is about many; [`Error::Rule`] if a rule forbids it
    /// today; any error of `issuance.sign`; [`Error::SignedOther`] if the signed certificate holds
    /// other claims; [`Error::NoFreeSlot`] if the random source is broken; [`Error::ClockBehind`]
    /// if the last statement is later than `now`; [`Error::Chain`] if the register is damaged;
    /// [`Error::Store`] if the database returns an error.
    pub fn approve<E: From<Error>>(
        &mut self,
        seq: u64,
        terms: &Terms<'_>,
        officer: &dyn OfficerSigner,
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
            may_approve(state, officer.officer_key().kid(), proposed, proposal, now)?;
            terms.check(proposed, proposal, now)?;
            Effect::of(state, terms.data, proposal, now)?.write(writer, by, issuance)
        })
    }

    /// Checks all that the approval of a proposal, or of a suspension in an emergency, would check
    /// now, but for who approves it. Of a proposal about many, the rows are not among it.
    ///
    /// # Errors
    ///
    /// Any error that [`Register::approve`] would return before it signs anything, except those
    /// about the second officer.
    pub fn consider_approval(
        &self,
        seq: u64,
        terms: &Terms<'_>,
        now: NumericDate,
    ) -> Result<(), Error> {
        let state = self.state();
        if let Ok(suspension) = state.emergency(seq) {
            may_still_suspend(state, suspension, now)?;
            return confirm(state, suspension, now);
        }
        let (proposed, proposal) = state.open_proposal(seq)?;
        may_still_propose(state, proposed, proposal, now)?;
        terms.check(proposed, proposal, now)?;
        not_overtaken(state, seq, proposal)?;
        Effect::of(state, terms.data, proposal, now).map(drop)
    }

    /// Rejects another officer's proposal, or withdraws one's own.
    ///
    /// # Errors
    ///
    /// [`Error::ProposalUnknown`] or [`Error::ProposalDecided`] if there is no open proposal with
    /// this number; [`Error::OfficerUnknown`], [`Error::OfficerNotInOffice`] or
    /// [`Error::RoleMissing`] if the officer may not reject it;
    /// [`vernet_common::Error::FieldInvalid`] if the reason is not one line; [`Error::ClockBehind`]
    /// if the last statement is later than `now`; [`Error::Chain`] if the register is damaged;
    /// [`Error::Store`] if the database returns an error.
    pub fn reject(
        &mut self,
        seq: u64,
        reason: &str,
        officer: &dyn OfficerSigner,
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
    /// The first certificate of an authorisation.
    Grant { application: &'a Application, subject: Subject },
    /// A certificate that supersedes another one.
    Reissue {
        previous: CertificateNumber,
        again: grant::Reissue<'a>,
        decided_on: CivilDate,
        subject: Subject,
    },
    /// Many certificates, signed in steps, see `bulk`.
    Many,
    /// Any other event.
    Event(Decided),
}

impl<'a> Effect<'a> {
    /// Checks the rules and returns the effect.
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
            Act::Reissue { certificate, reason, names, counts, runs_on } => {
                let again = grant::Reissue {
                    reason: *reason,
                    names: names.as_ref(),
                    counts,
                    runs_on: *runs_on,
                };
                let (previous, subject) =
                    grant::reissue(state, *certificate, again, decided_on, now)?;
                Self::Reissue { previous, again, decided_on, subject }
            }
            Act::Import { .. } => Self::Many,
            Act::ReissueAll { reason: ReissueReason::KeyRotation, .. } => Self::Many,
            Act::ReissueAll { reason, .. } => {
                return Err(vernet_common::Error::field(
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
                    let granted =
                        Granted { application: application.into(), claims, jws, import: None };
                    (dates, Event::Granted(Box::new(granted)))
                })
            }
            Self::Reissue { previous, again, decided_on, subject } => {
                let now = writer.now();
                issue(writer, by, subject, issuance, |claims, jws| {
                    let grant::Reissue { reason, names, counts, runs_on } = again;
                    let (names, counts) = (names.cloned(), counts.to_vec());
                    let previous_until = previous_until(now, runs_on);
                    let reissued =
                        Reissued { previous, reason, names, counts, previous_until, claims, jws };
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

/// Issues one certificate, as a batch of one.
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
