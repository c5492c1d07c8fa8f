//! Decisions about many certificates: one proposal, one approval, and a statement for each
//! certificate that results.
//!
//! The approval is carried out in steps. A step is one transaction, so a killed run leaves only
//! whole steps behind, and the next run does the rest: it asks the register what is left to do and
//! keeps no separate record of progress. Every statement has the second officer's signature and
//! proves that it belongs to what the first one signed; the last one, [`Event::Completed`], closes
//! the proposal.

use std::collections::BTreeSet;

use vernet_common::{CertificateClaims, CertificateNumber, KeyId, NumericDate};

use crate::{
    application::Application,
    authority::may_approve,
    decisions::propose_approve::Terms,
    error::Error,
    office_data::OfficeData,
    officer_key::signer::OfficerSigner,
    rules::{grant, grant::Subject},
    state::index::State,
    statements::{
        event::{Event, Granted, ReissueReason, Reissued, signing_key},
        proposal::{Act, Proposal},
        rows::ImportedRow,
        statement::{Approves, Dates, Statement},
    },
    store::{issuance::Issuance, register::Register, writer::By},
};

/// What becomes of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowOutcome {
    /// The rules allow it.
    Passes,
    /// It was granted.
    Granted(CertificateNumber),
    /// The same right of the same person from the same day is in the register already, with this
    /// certificate.
    AlreadyThere(CertificateNumber),
    /// A rule forbids it, or the row cannot be read.
    Refused {
        /// The stable name of the rule or the error.
        code: &'static str,
        /// What was found and expected.
        message: String,
    },
}

impl RowOutcome {
    fn refused(error: &Error) -> Self {
        Self::Refused { code: error.code(), message: error.to_string() }
    }

    /// The word for it in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Granted(_) => "granted",
            Self::AlreadyThere(_) => "already_there",
            Self::Refused { .. } => "refused",
        }
    }

    /// The stable name of the rule or the error, if it is refused.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What was found and expected, if it is refused.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Refused { message, .. } => Some(message),
            _ => None,
        }
    }

    /// The certificate that the person has for the row.
    pub fn certificate(&self) -> Option<CertificateNumber> {
        match self {
            Self::Granted(number) | Self::AlreadyThere(number) => Some(*number),
            Self::Passes | Self::Refused { .. } => None,
        }
    }
}

/// A row that is to be granted, with its proof.
#[derive(Debug)]
pub struct RowToGrant<'a> {
    /// Its line in the table.
    pub line: u64,
    /// What is granted.
    pub application: &'a Application,
    /// Its place among the rows that were signed.
    pub row: ImportedRow,
}

/// Statements of one transaction are checked against the state before it, which does not know of
/// each other's certificates.
fn refuse_twice<T: Ord>(
    seq: u64,
    parts: impl IntoIterator<Item = T>,
    reason: &'static str,
) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    match parts.into_iter().all(|part| seen.insert(part)) {
        true => Ok(()),
        false => Err(Error::ApprovalMismatch { seq, reason }),
    }
}

/// Checks an application for which there may be a certificate already.
fn consider_row(
    state: &State,
    data: &OfficeData,
    application: &Application,
    now: NumericDate,
) -> Result<Considered, Error> {
    let rights = state.rights_of_title(application.hpr_number, &application.title, now);
    let same = rights.into_iter().find(|right| {
        let before = &state.granted(right).application;
        (before.kind, before.granted, before.birthdate)
            == (application.kind, application.granted, application.birthdate)
    });
    if let Some((number, _)) = same.and_then(|right| right.certificates.last()) {
        return Ok(Considered::AlreadyThere(*number));
    }
    grant::grant(state, Some(data), application, now).map(Considered::ToGrant)
}

enum Considered {
    AlreadyThere(CertificateNumber),
    ToGrant(Subject),
}

impl Register {
    /// Whether the rules allow an application today, or it was granted before.
    pub fn consider_row(
        &self,
        data: &OfficeData,
        application: &Application,
        now: NumericDate,
    ) -> RowOutcome {
        match consider_row(self.state(), data, application, now) {
            Ok(Considered::AlreadyThere(number)) => RowOutcome::AlreadyThere(number),
            Ok(Considered::ToGrant(_)) => RowOutcome::Passes,
            Err(error) => RowOutcome::refused(&error),
        }
    }

    /// Grants some rows of an import, in one transaction. With `each`, a row that a rule forbids is
    /// refused and the others are granted.
    ///
    /// # Errors
    ///
    /// As for [`Register::approve`]; [`Error::ImportRow`] for the first row that a rule forbids,
    /// unless the proposal says `each`.
    pub fn grant_rows<E: From<Error>>(
        &mut self,
        seq: u64,
        rows: Vec<RowToGrant<'_>>,
        terms: &Terms<'_>,
        officer: &dyn OfficerSigner,
        now: NumericDate,
        issuance: &mut Issuance<'_, E>,
    ) -> Result<Vec<RowOutcome>, E> {
        self.transact(now, |state, writer| {
            let (approves, proposal) = approved(state, seq, terms, officer, now)?;
            let Act::Import { each, .. } = proposal.act else {
                return Err(Error::ProposalUnknown { seq }.into());
            };
            let by = By { officer, approves: Some(approves) };
            refuse_twice(seq, rows.iter().map(|row| row.row.index), "a row is granted twice")?;
            let (mut outcomes, mut to_grant) = (Vec::new(), Vec::new());
            for RowToGrant { line, application, row } in rows {
                if writer.list_is_full()? {
                    writer.issue(by, std::mem::take(&mut to_grant), issuance, granted)?;
                }
                outcomes.push(match consider_row(state, terms.data, application, now) {
                    Ok(Considered::AlreadyThere(number)) => RowOutcome::AlreadyThere(number),
                    Ok(Considered::ToGrant(subject)) => {
                        let claims = writer.allot(subject, officer, issuance.iss, issuance.rng)?;
                        let number = claims.certificate_number;
                        to_grant.push((claims, (application, row)));
                        RowOutcome::Granted(number)
                    }
                    Err(error) if each => RowOutcome::refused(&error),
                    Err(error) => {
                        return Err(Error::ImportRow { line, source: Box::new(error) }.into());
                    }
                });
            }
            writer.issue(by, to_grant, issuance, granted)?;
            Ok(outcomes)
        })
    }

    /// Issues some certificates anew, in one transaction. Those of authorisations that are no
    /// longer in force are skipped; the result holds `None` for them.
    ///
    /// # Errors
    ///
    /// As [`Register::approve`].
    pub fn reissue_many<E: From<Error>>(
        &mut self,
        seq: u64,
        numbers: &[CertificateNumber],
        terms: &Terms<'_>,
        officer: &dyn OfficerSigner,
        now: NumericDate,
        issuance: &mut Issuance<'_, E>,
    ) -> Result<Vec<Option<CertificateNumber>>, E> {
        self.transact(now, |state, writer| {
            let (approves, proposal) = approved(state, seq, terms, officer, now)?;
            let Act::ReissueAll { of_key, reason } = proposal.act else {
                return Err(Error::ProposalUnknown { seq }.into());
            };
            let by = By { officer, approves: Some(approves) };
            let reissued = |previous, claims, jws| {
                let reissued = Reissued {
                    previous,
                    reason,
                    names: None,
                    counts: Vec::new(),
                    previous_until: None,
                    claims,
                    jws,
                };
                (Dates::on(now.civil_date()), Event::Reissued(Box::new(reissued)))
            };
            refuse_twice(seq, numbers, "a certificate is superseded twice")?;
            let (mut outcomes, mut to_sign) = (Vec::new(), Vec::new());
            for number in numbers {
                if writer.list_is_full()? {
                    writer.issue(by, std::mem::take(&mut to_sign), issuance, reissued)?;
                }
                let Some((previous, subject)) = to_reissue(state, *number, of_key, reason, now)
                else {
                    outcomes.push(None);
                    continue;
                };
                let claims = writer.allot(subject, officer, issuance.iss, issuance.rng)?;
                outcomes.push(Some(claims.certificate_number));
                to_sign.push((claims, previous));
            }
            writer.issue(by, to_sign, issuance, reissued)?;
            Ok(outcomes)
        })
    }

    /// The certificates that a proposal to sign all anew is about: signed by the key, and the
    /// newest of an authorisation that is in force or only suspended. If the key was stolen, only
    /// those that were recorded since.
    pub fn certificates_of_key(
        &self,
        of_key: KeyId,
        reason: ReissueReason,
        now: NumericDate,
    ) -> impl Iterator<Item = CertificateNumber> {
        let state = self.state();
        let numbers = state.certificates().map(|certificate| certificate.claims.certificate_number);
        numbers.filter(move |number| to_reissue(state, *number, of_key, reason, now).is_some())
    }

    /// Closes a proposal about many, after everything in it that could be done is done.
    ///
    /// # Errors
    ///
    /// As [`Register::approve`].
    pub fn complete(
        &mut self,
        seq: u64,
        terms: &Terms<'_>,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        self.transact(now, |state, writer| {
            let (approves, _) = approved(state, seq, terms, officer, now)?;
            let (today, certificates) = (now.civil_date(), state.parts_of(seq));
            let by = By { officer, approves: Some(approves) };
            writer.append(by, Dates::on(today), Event::Completed { certificates })
        })
    }

    /// Checks that the officer may carry out this proposal now, without checking its documents.
    pub fn may_carry_out(
        &self,
        seq: u64,
        terms: &Terms<'_>,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<&Proposal, Error> {
        Ok(approved(self.state(), seq, terms, officer, now)?.1)
    }
}

fn approved<'a>(
    state: &'a State,
    seq: u64,
    terms: &Terms<'_>,
    officer: &dyn OfficerSigner,
    now: NumericDate,
) -> Result<(Approves, &'a Proposal), Error> {
    let sha256 = state.hash(seq).ok_or(Error::ProposalUnknown { seq })?;
    let (proposed, proposal) = state.open_proposal(seq)?;
    may_approve(state, officer.officer_key().kid(), proposed, proposal, now)?;
    terms.check_age(proposed, now)?;
    Ok((Approves { seq, sha256 }, proposal))
}

fn to_reissue(
    state: &State,
    number: CertificateNumber,
    of_key: KeyId,
    reason: ReissueReason,
    now: NumericDate,
) -> Option<(CertificateNumber, Subject)> {
    let certificate =
        state.certificate(number).ok().filter(|certificate| certificate.superseded_by.is_none())?;
    signing_key(certificate.jws).filter(|kid| *kid == of_key)?;
    // For a stolen key only those that hospitals refuse: older ones in the log stay valid.
    if state.log_size_at_compromise(of_key).is_some()
        && !state.is_refused_with_its_key(number).ok()?
    {
        return None;
    }
    let again = grant::Reissue::because(reason);
    grant::reissue(state, number, again, now.civil_date(), now).ok()
}

fn granted(
    (application, row): (&Application, ImportedRow),
    claims: CertificateClaims,
    jws: String,
) -> (Dates, Event) {
    let dates = Dates { decided_on: application.decided, effective_on: application.granted };
    let granted =
        Granted { application: application.clone().into(), claims, jws, import: Some(row) };
    (dates, Event::Granted(Box::new(granted)))
}
