//! Decisions about many certificates: an import, and the reissue of all that a key signed.

use std::{num::NonZero, path::PathBuf, thread};

use rand::CryptoRng;
use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, KeyId, KeyUse, NumericDate};
use vernet_register::{
    Act, Digest, Documents, Issuance, NewDocument, OfficerSigner, Proposal, ReissueReason,
    RowToGrant, RowTree, Statement,
};

use super::{Office, certificates::CertificateSigner, proposals::terms};
use crate::{
    credentials::Credentials,
    error::Error,
    import::{CheckedRow, ImportError, ImportReport, ImportTable, RowReport, Sheet, refused},
};

/// How many certificates are signed in one step. Others wait for the lock meanwhile, about a
/// second.
const STEP: usize = 256;

/// A proposal about many that is being carried out, see [`Office::begin_bulk`]. It may wait between
/// steps, in whatever thread, for an officer who signs elsewhere.
pub struct Bulk {
    seq: u64,
    desk: CertificateSigner,
    work: Work,
    /// How much of the work is done.
    at: usize,
    /// How much is done in one step.
    step: usize,
}

enum Work {
    Import {
        table: ImportTable,
        tree: RowTree,
        /// The outcome of each row.
        report: ImportReport,
        /// The row of each leaf of the tree.
        rows: Vec<usize>,
    },
    Reissue {
        numbers: Vec<CertificateNumber>,
        signed: Vec<(CertificateNumber, Option<CertificateNumber>)>,
    },
}

impl std::fmt::Debug for Bulk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bulk")
            .field("seq", &self.seq)
            .field("done", &self.at)
            .field("of", &self.len())
            .finish()
    }
}

impl Bulk {
    /// How many certificates it is about.
    pub fn len(&self) -> usize {
        match &self.work {
            Work::Import { rows, .. } => rows.len(),
            Work::Reissue { numbers, .. } => numbers.len(),
        }
    }

    /// Whether it is about none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same with steps of so many certificates. Whoever signs by touch has fewer touches then, and
    /// others wait longer for the lock.
    pub fn in_steps_of(self, step: NonZero<usize>) -> Self {
        Self { step: step.get(), ..self }
    }

    /// How many of them are done.
    pub fn done(&self) -> usize {
        self.at
    }

    /// The outcome of each row so far, if it is an import. A row that is not done yet `passes`.
    pub fn report(&self) -> Option<&ImportReport> {
        match &self.work {
            Work::Import { report, .. } => Some(report),
            Work::Reissue { .. } => None,
        }
    }

    /// Each certificate that is done and the one that superseded it, if it is a reissue; `None` if
    /// the authorisation is no longer in force.
    pub fn reissued(&self) -> &[(CertificateNumber, Option<CertificateNumber>)] {
        match &self.work {
            Work::Import { .. } => &[],
            Work::Reissue { signed, .. } => signed,
        }
    }
}

impl Office {
    /// Checks each row of a table against the rules today. Records nothing.
    pub fn check_import(&self, table: &ImportTable, now: NumericDate) -> ImportReport {
        let rows = table.rows().iter().map(|row| RowReport {
            line: row.line,
            hpr_number: row.hpr_number.clone(),
            outcome: match &row.application {
                Ok(application) => self.register.consider_row(&self.data, application, now),
                Err(error) => refused(error),
            },
        });
        ImportReport { rows: rows.collect() }
    }

    /// Checks each row of a sheet, as it would be proposed now. Records nothing.
    ///
    /// # Errors
    ///
    /// [`ImportError`] if it is not decided yet what each column is, one is missing, or no row can be
    /// read.
    pub fn check_sheet(&self, sheet: &Sheet, now: NumericDate) -> Result<Vec<CheckedRow>, Error> {
        let table = self.read_import(&sheet.to_csv()?, now)?;
        let outcomes = self.check_import(&table, now).rows.into_iter().map(|row| row.outcome);
        let read = table.rows().iter().zip(outcomes);
        Ok(sheet.checked(read))
    }

    /// Reads a table of people with the titles that this office certifies.
    ///
    /// # Errors
    ///
    /// As for [`ImportTable::read`].
    pub fn read_import(&self, table: &[u8], now: NumericDate) -> Result<ImportTable, Error> {
        ImportTable::read(table, self.register.state().titles(), now.civil_date())
    }

    /// The table of a proposal to import, as it was signed, and what would become of each row now.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::ProposalUnknown`] if it is not one that waits; [`ImportError`] or
    /// [`vernet_register::Error::DocumentChanged`] if the table is not the one that was signed.
    pub fn proposed_import(
        &self,
        seq: u64,
        now: NumericDate,
    ) -> Result<(ImportTable, ImportReport), Error> {
        let (proposed, proposal) = self.register.state().open_proposal(seq)?;
        let Act::Import { rows, root, .. } = &proposal.act else {
            return Err(vernet_register::Error::ProposalUnknown { seq }.into());
        };
        let on = proposed.recorded_at.civil_date();
        let (table, _) = self.read_signed((seq, proposal), (*rows, *root), on)?;
        let report = self.check_import(&table, now);
        Ok((table, report))
    }

    /// Proposes to grant all rows of a table, or each that the rules allow. The table is the first
    /// document: both officers sign its hash, and the root of a tree over its rows.
    ///
    /// # Errors
    ///
    /// [`ImportError`] if the table cannot be read, a row is refused and not `each`, or all rows
    /// are refused; otherwise as for [`Office::propose`].
    pub fn propose_import(
        &mut self,
        (table, each): (&NewDocument, bool),
        files: &[PathBuf],
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<(Statement, ImportReport), Error> {
        self.register.refresh()?;
        let read = self.read_import(table.bytes(), now)?;
        let report = self.check_import(&read, now);
        report.check(each)?;
        let tree = read.tree()?;
        let proposal = Proposal::about(Act::Import { rows: tree.count(), root: tree.root(), each });
        let files =
            files.iter().map(|file| Documents::read(file)).collect::<Result<Vec<_>, _>>()?;
        let data = self.data_document.clone();
        let new: Vec<_> = std::iter::once(table.clone()).chain(files).chain([data]).collect();
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        Ok((self.register.propose(proposal, &new, &terms, officer, now)?, report))
    }

    /// Proposes to reissue all live certificates of a key. Another key must sign certificates now.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::KeyUnknown`] if it is not a certificate key of the office;
    /// [`Error::KeyInUse`] if it signs certificates now; [`Error::NothingToReissue`] if no
    /// certificate must be reissued; otherwise as for [`Office::propose`].
    pub fn propose_reissue_all(
        &mut self,
        (of_key, reason): (KeyId, ReissueReason),
        files: &[PathBuf],
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<(Statement, usize), Error> {
        self.register.refresh()?;
        if !self
            .keys()
            .iter()
            .any(|key| key.key.kid() == of_key && key.r#use == KeyUse::Certificate)
        {
            return Err(vernet_register::Error::KeyUnknown { kid: of_key }.into());
        }
        if self.key_in_use(KeyUse::Certificate, now)?.kid() == of_key {
            return Err(Error::KeyInUse { kid: of_key });
        }
        let proposal = Proposal::about(Act::ReissueAll { of_key, reason });
        let count = self.register.certificates_of_key(of_key, reason, now).count();
        if count == 0 {
            return Err(Error::NothingToReissue { kid: of_key });
        }
        Ok((self.propose(proposal, files, officer, now)?, count))
    }

    /// Begins or continues to carry out a proposal about many as its second officer: checks
    /// everything that could be wrong with it, and signs nothing. Call [`Office::bulk_step`] until
    /// it returns a statement.
    ///
    /// # Errors
    ///
    /// As for [`Office::approve`]; [`ImportError`] if the table cannot be read, or a row is refused
    /// and the proposal does not say `each`; [`Error::KeyInUse`] if the key signs certificates
    /// again.
    pub fn begin_bulk(
        &mut self,
        seq: u64,
        credentials: &dyn Credentials,
        (officer, now): (&dyn OfficerSigner, NumericDate),
    ) -> Result<Bulk, Error> {
        self.register.refresh()?;
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        let proposal = self.register.may_carry_out(seq, &terms, officer, now)?;
        documents.check(&proposal.documents)?;
        self.check_data(seq, proposal)?;
        let proposed_on = self.register.state().statement(seq)?.recorded_at.civil_date();
        let work = match &proposal.act {
            Act::Import { rows, root, each } => {
                let (table, tree) =
                    self.read_signed((seq, proposal), (*rows, *root), proposed_on)?;
                let report = self.check_import(&table, now);
                report.check(*each)?;
                let rows =
                    table.rows().iter().enumerate().filter(|(_, row)| row.application.is_ok());
                Work::Import { rows: rows.map(|(place, _)| place).collect(), tree, report, table }
            }
            Act::ReissueAll { of_key, reason } => {
                if self.key_in_use(KeyUse::Certificate, now)?.kid() == *of_key {
                    return Err(Error::KeyInUse { kid: *of_key });
                }
                let numbers = self.register.certificates_of_key(*of_key, *reason, now).collect();
                Work::Reissue { numbers, signed: Vec::new() }
            }
            _ => return Err(vernet_register::Error::ProposalUnknown { seq }.into()),
        };
        let desk = CertificateSigner::open(self, credentials, now)?;
        Ok(Bulk { seq, desk, work, at: 0, step: STEP })
    }

    /// Carries out the next step, in one transaction. Returns the statement that closes the
    /// proposal if nothing was left to do.
    ///
    /// # Errors
    ///
    /// As for [`Office::approve`]; [`vernet_register::Error::ImportRow`] if a rule has come to
    /// forbid a row since. Earlier steps stay done: begin again to continue.
    pub fn bulk_step(
        &mut self,
        bulk: &mut Bulk,
        (officer, now): (&dyn OfficerSigner, NumericDate),
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<Statement>, Error> {
        let Bulk { seq, desk, work, at, step } = bulk;
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        let (register, iss) = (&mut self.register, &self.config.iss);
        let next = match work {
            Work::Import { rows, .. } => *at..rows.len().min(*at + *step),
            Work::Reissue { numbers, .. } => *at..numbers.len().min(*at + *step),
        };
        if next.is_empty() {
            return Ok(Some(register.complete(*seq, &terms, officer, now)?));
        }
        let mut sign = |claims: &[CertificateClaims]| desk.sign_many(claims, now);
        let mut issuance = Issuance { iss, rng, sign: &mut sign };
        match work {
            Work::Import { table, tree, report, rows } => {
                let to_grant = next.clone().filter_map(|leaf| {
                    let row = &table.rows()[rows[leaf]];
                    let application = row.application.as_ref().ok()?;
                    Some(RowToGrant {
                        line: row.line,
                        application,
                        row: tree.row(u32::try_from(leaf).ok()?),
                    })
                });
                let outcomes = register.grant_rows(
                    *seq,
                    to_grant.collect(),
                    &terms,
                    officer,
                    now,
                    &mut issuance,
                )?;
                next.clone()
                    .zip(outcomes)
                    .for_each(|(leaf, outcome)| report.rows[rows[leaf]].outcome = outcome);
            }
            Work::Reissue { numbers, signed } => {
                let step = &numbers[next.clone()];
                let new = register.reissue_many(*seq, step, &terms, officer, now, &mut issuance)?;
                signed.extend(step.iter().copied().zip(new));
            }
        }
        *at = next.end;
        Ok(None)
    }

    /// Checks that the rules would allow a proposal about many now.
    pub(super) fn consider_many(
        &self,
        proposed: &Statement,
        proposal: &Proposal,
        now: NumericDate,
    ) -> Option<Error> {
        let refused = || match &proposal.act {
            Act::Import { rows, root, each } => {
                let (about, proposed_on) =
                    ((proposed.seq, proposal), proposed.recorded_at.civil_date());
                let (table, _) = self.read_signed(about, (*rows, *root), proposed_on)?;
                Ok(self.check_import(&table, now).check(*each)?)
            }
            Act::ReissueAll { of_key, .. }
                if self.key_in_use(KeyUse::Certificate, now)?.kid() == *of_key =>
            {
                Err(Error::KeyInUse { kid: *of_key })
            }
            _ => Ok::<(), Error>(()),
        };
        refused().err()
    }

    /// Reads the table that was signed, and only that one: its bytes have the hash, and its rows the
    /// number and the root, that the proposal names. The table is read as of the day of the proposal,
    /// because a suspension in it may have ended since.
    fn read_signed(
        &self,
        (seq, proposal): (u64, &Proposal),
        (rows, root): (u32, Digest),
        proposed_on: CivilDate,
    ) -> Result<(ImportTable, RowTree), Error> {
        let document =
            proposal.documents.first().ok_or(vernet_register::Error::ProposalUnknown { seq })?;
        let bytes = super::read(&self.documents().path(document))?;
        if Digest::of(&bytes) != document.sha256 {
            return Err(
                vernet_register::Error::DocumentChanged { name: document.name.clone() }.into()
            );
        }
        let table = ImportTable::read(&bytes, self.register.state().titles(), proposed_on)?;
        let tree = table.tree()?;
        if (tree.count(), tree.root()) != (rows, root) {
            return Err(ImportError::ReadsDifferently.into());
        }
        Ok((table, tree))
    }
}

impl CertificateSigner {
    /// Signs sequentially, because a token can do no more. Checks the results on all processors,
    /// because that takes most of the time.
    fn sign_many(
        &self,
        claims: &[CertificateClaims],
        now: NumericDate,
    ) -> Result<Vec<String>, Error> {
        let signed =
            claims.iter().map(|claims| self.sign_only(claims)).collect::<Result<Vec<_>, _>>()?;
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let desk = self.checks(now);
        thread::scope(|scope| {
            let shares = signed.chunks(signed.len().div_ceil(workers).max(1));
            let threads: Vec<_> = shares
                .map(|share| scope.spawn(move || share.iter().try_for_each(|one| desk.check(one))))
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().expect("checking a certificate does not panic")
            })
        })?;
        Ok(signed.into_iter().map(|one| one.as_str().to_owned()).collect())
    }
}

/// Whoever signs elsewhere takes any thread, so it goes from one to another.
const _: fn() = || {
    fn goes_to_another_thread<T: Send>() {}
    goes_to_another_thread::<Bulk>();
};

#[cfg(test)]
mod tests;
