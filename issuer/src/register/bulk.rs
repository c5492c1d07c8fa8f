//! Decisions about many: one proposal, one approval, and a statement for each certificate that
//! comes of it.
//!
//! The approval is carried out in steps. A step is one transaction, so whatever is killed leaves
//! whole steps behind, and the next run does what is left: what a step would do is asked of the
//! register, not of a note about how far one came. Every statement bears the second
//! officer's signature and proves that it belongs to what the first one signed; the last one,
//! [`Event::Completed`], closes the proposal.

use rand::CryptoRng;
use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, HttpsUrl, KeyId, NumericDate, Signed, Signer,
};

use super::{
    approve::Terms,
    event::{Event, Granted, ReissueReason, Reissued},
    fold::Fold,
    grant::{self, Subject},
    proposal::{Act, Proposal},
    rows::ImportedRow,
    statement::{Approves, Statement},
    store::Register,
    writer::{By, Writer},
};
use crate::{Application, Error, OfficeData, import::RowOutcome};

/// What it takes to sign many certificates.
pub struct BulkIssuance<'a> {
    /// The issuer's URL.
    pub iss: &'a HttpsUrl,
    /// Where slots and the seeds of status lists come from.
    pub rng: &'a mut dyn CryptoRng,
    /// Signs the claims, checks what it signed, and returns as many compact JWS in the same order.
    /// It runs within the transaction.
    pub sign: &'a mut SignMany<'a>,
}

/// Signs several certificates.
pub type SignMany<'a> = dyn FnMut(&[CertificateClaims]) -> Result<Vec<String>, Error> + 'a;

/// A row that is to be granted, with its proof.
pub(crate) struct RowToGrant<'a> {
    pub(crate) line: u64,
    pub(crate) application: &'a Application,
    pub(crate) row: ImportedRow,
}

/// What becomes of an application for which there may be a certificate already.
pub(crate) fn consider_row(
    fold: &Fold,
    data: &OfficeData,
    application: &Application,
    now: NumericDate,
) -> Result<Considered, Error> {
    let same = fold.rights_of_person(application.hpr_number, now).into_iter().find(|right| {
        let before = &fold.granted(right).application;
        (before.kind, before.granted, before.birthdate)
            == (application.kind, application.granted, application.birthdate)
    });
    if let Some((number, _)) = same.and_then(|right| right.certificates.last()) {
        return Ok(Considered::AlreadyThere(*number));
    }
    grant::grant(fold, Some(data), application, now).map(Considered::ToGrant)
}

pub(crate) enum Considered {
    AlreadyThere(CertificateNumber),
    ToGrant(Subject),
}

impl Register {
    /// What the rules say of an application today, and whether it was granted before.
    pub(crate) fn consider_row(
        &self,
        data: &OfficeData,
        application: &Application,
        now: NumericDate,
    ) -> RowOutcome {
        match consider_row(self.fold(), data, application, now) {
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
    /// As [`Register::approve`]; [`Error::ImportRow`] for the first row that a rule forbids, unless
    /// the proposal says `each`.
    pub(crate) fn grant_rows(
        &mut self,
        seq: u64,
        rows: Vec<RowToGrant<'_>>,
        terms: &Terms<'_>,
        (officer, now): (&dyn Signer, NumericDate),
        issuance: &mut BulkIssuance<'_>,
    ) -> Result<Vec<RowOutcome>, Error> {
        self.transact(now, |fold, writer| {
            let (approves, proposal) = approved(fold, seq, terms, officer, now)?;
            let Act::Import { each, .. } = proposal.act else {
                return Err(Error::ProposalUnknown { seq });
            };
            let by = By { officer, approves: Some(approves) };
            let (mut outcomes, mut to_grant) = (Vec::new(), Vec::new());
            for RowToGrant { line, application, row } in rows {
                if writer.list_is_full()? {
                    issue(writer, by, std::mem::take(&mut to_grant), issuance, granted)?;
                }
                outcomes.push(match consider_row(fold, terms.data, application, now) {
                    Ok(Considered::AlreadyThere(number)) => RowOutcome::AlreadyThere(number),
                    Ok(Considered::ToGrant(subject)) => {
                        let claims = writer.allot(subject, officer, issuance.iss, issuance.rng)?;
                        let number = claims.certificate_number;
                        to_grant.push((claims, (application, row)));
                        RowOutcome::Granted(number)
                    }
                    Err(error) if each => RowOutcome::refused(&error),
                    Err(error) => return Err(Error::ImportRow { line, source: Box::new(error) }),
                });
            }
            issue(writer, by, to_grant, issuance, granted)?;
            Ok(outcomes)
        })
    }

    /// Signs some certificates again, in one transaction. Those of authorisations that are no
    /// longer in force are passed over; `None` stands for them in the answer.
    ///
    /// # Errors
    ///
    /// As [`Register::approve`].
    pub(crate) fn reissue_many(
        &mut self,
        seq: u64,
        numbers: &[CertificateNumber],
        terms: &Terms<'_>,
        (officer, now): (&dyn Signer, NumericDate),
        issuance: &mut BulkIssuance<'_>,
    ) -> Result<Vec<Option<CertificateNumber>>, Error> {
        self.transact(now, |fold, writer| {
            let (approves, proposal) = approved(fold, seq, terms, officer, now)?;
            let Act::ReissueAll { of_key, reason } = proposal.act else {
                return Err(Error::ProposalUnknown { seq });
            };
            let by = By { officer, approves: Some(approves) };
            let reissued = |previous, (claims, jws)| {
                let today = now.civil_date();
                (
                    (today, today),
                    Event::Reissued(Box::new(Reissued {
                        previous,
                        reason,
                        names: None,
                        claims,
                        jws,
                    })),
                )
            };
            let (mut outcomes, mut to_sign) = (Vec::new(), Vec::new());
            for number in numbers {
                if writer.list_is_full()? {
                    issue(writer, by, std::mem::take(&mut to_sign), issuance, reissued)?;
                }
                let Some((previous, subject)) = to_reissue(fold, *number, (of_key, reason), now)
                else {
                    outcomes.push(None);
                    continue;
                };
                let claims = writer.allot(subject, officer, issuance.iss, issuance.rng)?;
                outcomes.push(Some(claims.certificate_number));
                to_sign.push((claims, previous));
            }
            issue(writer, by, to_sign, issuance, reissued)?;
            Ok(outcomes)
        })
    }

    /// The certificates that a proposal to sign all anew is about: signed by the key, the newest of
    /// their authorisation, and this one in force or only suspended. If the key was stolen,
    /// those that were recorded since.
    pub fn certificates_of_key(
        &self,
        of_key: KeyId,
        reason: ReissueReason,
        now: NumericDate,
    ) -> impl Iterator<Item = CertificateNumber> {
        let fold = self.fold();
        let numbers = fold.certificates().map(|certificate| certificate.claims.certificate_number);
        numbers.filter(move |number| to_reissue(fold, *number, (of_key, reason), now).is_some())
    }

    /// Closes a proposal about many: whatever of it could be done is done.
    ///
    /// # Errors
    ///
    /// As [`Register::approve`].
    pub(crate) fn complete(
        &mut self,
        seq: u64,
        terms: &Terms<'_>,
        (officer, now): (&dyn Signer, NumericDate),
    ) -> Result<Statement, Error> {
        self.transact(now, |fold, writer| {
            let (approves, _) = approved(fold, seq, terms, officer, now)?;
            let (today, certificates) = (now.civil_date(), fold.parts_of(seq));
            let by = By { officer, approves: Some(approves) };
            writer.append(by, (today, today), Event::Completed { certificates })
        })
    }

    /// May the officer carry this proposal out now? Its documents are not looked at.
    pub(crate) fn may_carry_out(
        &self,
        seq: u64,
        terms: &Terms<'_>,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<&Proposal, Error> {
        Ok(approved(self.fold(), seq, terms, officer, now)?.1)
    }
}

fn approved<'a>(
    fold: &'a Fold,
    seq: u64,
    terms: &Terms<'_>,
    officer: &dyn Signer,
    now: NumericDate,
) -> Result<(Approves, &'a Proposal), Error> {
    let sha256 = fold.hash(seq).ok_or(Error::ProposalUnknown { seq })?;
    let (proposed, proposal) = fold.open_proposal(seq)?;
    fold.may_approve(officer.public_key().kid(), (proposed, proposal), now)?;
    terms.check_age(proposed, now)?;
    Ok((Approves { seq, sha256 }, proposal))
}

fn to_reissue(
    fold: &Fold,
    number: CertificateNumber,
    (of_key, reason): (KeyId, ReissueReason),
    now: NumericDate,
) -> Option<(CertificateNumber, Subject)> {
    let certificate =
        fold.certificate(number).ok().filter(|certificate| certificate.superseded_by.is_none())?;
    key_of(certificate.jws).filter(|kid| *kid == of_key)?;
    // Of a stolen key only those that hospitals refuse: what is older in the log stays good as it
    // is.
    if fold.log_size_at_compromise(of_key).is_some()
        && !fold.is_refused_with_its_key(number).ok()?
    {
        return None;
    }
    grant::reissue(fold, number, reason, None, now.civil_date(), now).ok()
}

fn granted(
    (application, row): (&Application, ImportedRow),
    (claims, jws): (CertificateClaims, String),
) -> (Dates, Event) {
    let granted = Granted { application: application.clone(), claims, jws, import: Some(row) };
    ((application.decided, application.granted), Event::Granted(Box::new(granted)))
}

/// The day of the decision, and the first on which it counts.
type Dates = (CivilDate, CivilDate);

/// Has the certificates signed, and appends a statement with each.
fn issue<T>(
    writer: &mut Writer<'_>,
    by: By<'_>,
    subjects: Vec<(CertificateClaims, T)>,
    issuance: &mut BulkIssuance<'_>,
    event: impl Fn(T, (CertificateClaims, String)) -> (Dates, Event),
) -> Result<(), Error> {
    let (claims, subjects): (Vec<_>, Vec<_>) = subjects.into_iter().unzip();
    if claims.is_empty() {
        return Ok(());
    }
    let signed = (issuance.sign)(&claims)?;
    if signed.len() != claims.len() {
        let number = claims[signed.len().min(claims.len() - 1)].certificate_number;
        return Err(Error::SignedOther { number });
    }
    for ((claims, jws), subject) in claims.into_iter().zip(signed).zip(subjects) {
        writer.append_issued(claims, jws, by, |claims, jws| event(subject, (claims, jws)))?;
    }
    Ok(())
}

/// The key that a certificate in the register names.
pub(crate) fn key_of(jws: &str) -> Option<KeyId> {
    Signed::<CertificateClaims>::parse(jws).ok().map(|signed| signed.kid())
}
