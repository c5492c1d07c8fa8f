//! The register: a store that only grows.
//!
//! What is stored is little: statements, the numbers and slots that were given out, and a log of publications. Whatever
//! else there is to know is folded from the statements.
//!
//! One transaction per decision. It holds the only write lock while it reads the state, checks the rules, allots number
//! and slot, lets the caller sign, and appends. If anything fails, or the machine does, there was no decision: the
//! certificate leaves the register only after the commit, so a number that was never committed was never given out.

use std::{cell::RefCell, path::Path};

use rand::CryptoRng;
use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, HttpsUrl, NumericDate, StatusListNumber};

use super::{
    decide::{Decision, decide},
    event::{Digest, Event, Granted, ReissueReason, Reissued, Statement},
    fold::Fold,
    grant,
    storage::{Access, PublicationRow, Sqlite, StatementRow, Storage, Transaction},
    writer::Writer,
};
use crate::{Application, Error, Names, OfficeData, Officer};

/// The register of one office.
#[derive(Debug)]
pub struct Register {
    /// A question to a data base changes the connection, even one that changes nothing in the register.
    storage: RefCell<Box<dyn Storage>>,
    fold: Fold,
    /// The hash of the last statement in the fold.
    head: Digest,
}

/// What it takes to sign a certificate.
pub struct Issuance<'a> {
    /// The issuer's URL.
    pub iss: &'a HttpsUrl,
    /// Where slots and the seeds of status lists come from.
    pub rng: &'a mut dyn CryptoRng,
    /// Signs the claims, checks what it signed, and returns the compact JWS. It runs within the transaction.
    pub sign: &'a mut dyn FnMut(&CertificateClaims) -> Result<String, Error>,
}

/// A certificate that was given out and will not be forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issued {
    /// The statement that holds it.
    pub seq: u64,
    /// What it says.
    pub claims: CertificateClaims,
    /// The certificate, as a compact JWS.
    pub jws: String,
}

/// A status list that was published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Publication {
    /// The list.
    pub list: StatusListNumber,
    /// When it was signed.
    pub iat: NumericDate,
    /// The trust list that was published with it.
    pub trust_list_seq: u64,
}

impl Register {
    /// Makes a register in a new file.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterExists`] if the file holds anything, or [`Error::Store`].
    pub fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self::new(Box::new(Sqlite::create(path)?)))
    }

    /// Opens a register and reads it. Every statement is checked to carry the hash of the one before.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterVersion`], [`Error::Chain`] or [`Error::Store`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut register = Self::new(Box::new(Sqlite::open(path)?));
        register.refresh()?;
        Ok(register)
    }

    fn new(storage: Box<dyn Storage>) -> Self {
        Self { storage: storage.into(), fold: Fold::default(), head: Digest::GENESIS }
    }

    /// What the register says, as read by the last call to any method that changes it, or by [`Register::refresh`].
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Reads what others have written meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Chain`] or [`Error::Store`].
    pub fn refresh(&mut self) -> Result<(), Error> {
        let mut transaction = self.storage.get_mut().begin(Access::Read)?;
        catch_up(&mut *transaction, &mut self.fold, &mut self.head)
    }

    /// Grants a right and gives out its first certificate.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] for what the law forbids; what `issuance.sign` returns; [`Error::ClockBehind`],
    /// [`Error::SignedOther`], [`Error::NoFreeSlot`], [`Error::Chain`] or [`Error::Store`].
    pub fn grant(
        &mut self,
        application: &Application,
        office: &OfficeData,
        officer: &Officer,
        now: NumericDate,
        issuance: &mut Issuance<'_>,
    ) -> Result<Issued, Error> {
        self.transact(now, |fold, writer| {
            let subject = grant::grant(fold, office, application, now)?;
            writer.issue(fold, subject, officer, (application.decided, application.granted), issuance, |claims, jws| {
                Event::Granted(Box::new(Granted { application: application.clone(), claims, jws }))
            })
        })
    }

    /// Gives out another certificate for the authorisation of a certificate. It supersedes the newest one at once.
    ///
    /// # Errors
    ///
    /// As [`Register::grant`], and [`Error::NotFound`].
    pub fn reissue(
        &mut self,
        number: CertificateNumber,
        reason: ReissueReason,
        names: Option<&Names>,
        (officer, decided_on): (&Officer, CivilDate),
        now: NumericDate,
        issuance: &mut Issuance<'_>,
    ) -> Result<Issued, Error> {
        self.transact(now, |fold, writer| {
            let (previous, subject) = grant::reissue(fold, number, reason, names, decided_on, now)?;
            writer.issue(fold, subject, officer, (decided_on, decided_on), issuance, |claims, jws| {
                Event::Reissued(Box::new(Reissued { previous, reason, names: names.cloned(), claims, jws }))
            })
        })
    }

    /// Records a decision about an authorisation, or an event of a key.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] for what the law forbids; [`Error::NotFound`], [`Error::StatementNotFound`],
    /// [`Error::NotByHand`], [`Error::KeyKnown`], [`Error::KeyUnknown`], [`Error::ClockBehind`], [`Error::Chain`] or
    /// [`Error::Store`].
    pub fn record(&mut self, event: Event, decision: &Decision) -> Result<Statement, Error> {
        self.transact(decision.now, |fold, writer| {
            let (effective_on, event) = decide(fold, event, decision)?;
            writer.append(&decision.officer, (decision.decided_on, effective_on), event)
        })
    }

    /// Opens the first status list, unless there is one. Further ones are opened when the last is full.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn ensure_status_list(
        &mut self,
        officer: &Officer,
        now: NumericDate,
        rng: &mut dyn CryptoRng,
    ) -> Result<StatusListNumber, Error> {
        self.transact(now, |fold, writer| match fold.newest_list() {
            Some((list, _)) => Ok(list),
            None => writer.open_list(1, officer, rng).map(|(list, _)| list),
        })
    }

    /// The last publication of a status list.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub fn last_publication(&self, list: StatusListNumber) -> Result<Option<Publication>, Error> {
        last_publication(&mut *self.storage.borrow_mut().begin(Access::Read)?, list)
    }

    /// Records that a status list is about to be published. Do so **before** publishing: a list that was recorded and
    /// not published does no harm, the other way round `iat` could go backwards.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`] if one of this time or a later one was published, [`vernet_common::Error::TrustListRolledBack`] or
    /// [`Error::Store`].
    pub fn record_publication(&mut self, publication: &Publication) -> Result<(), Error> {
        let Publication { list, iat, trust_list_seq } = *publication;
        let mut transaction = self.storage.get_mut().begin(Access::Write)?;
        if let Some(last) = last_publication(&mut *transaction, list)? {
            // Of two lists of one second nobody could say which is newer.
            if iat <= last.iat {
                return Err(Error::ClockBehind { found: iat, what: "the last publication", known: last.iat });
            }
            if trust_list_seq < last.trust_list_seq {
                let (found, known) = (trust_list_seq, last.trust_list_seq);
                return Err(vernet_common::Error::TrustListRolledBack { found, known }.into());
            }
        }
        let row = PublicationRow { list: list.number(), iat: iat.seconds(), trust_list_seq };
        transaction.insert_publication(&row)?;
        transaction.commit()
    }

    /// Does some work under the write lock, on what the register says at that moment. All of it is kept, or none.
    fn transact<R>(
        &mut self,
        now: NumericDate,
        work: impl FnOnce(&Fold, &mut Writer<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut transaction = self.storage.get_mut().begin(Access::Write)?;
        catch_up(&mut *transaction, &mut self.fold, &mut self.head)?;
        if let Some(last) = self.fold.statements().last().filter(|last| now < last.recorded_at) {
            return Err(Error::ClockBehind { found: now, what: "the last statement", known: last.recorded_at });
        }
        let mut writer = Writer::new(&mut *transaction, now, self.fold.statements().len() as u64, self.head);
        let result = work(&self.fold, &mut writer)?;
        let (head, written) = writer.finish();
        transaction.commit()?;
        written.into_iter().try_for_each(|statement| self.fold.push(statement))?;
        self.head = head;
        Ok(result)
    }
}

/// Reads the statements that the fold does not have, and checks that each is the one that was written after the one
/// before.
fn catch_up(transaction: &mut dyn Transaction, fold: &mut Fold, head: &mut Digest) -> Result<(), Error> {
    transaction.statements(fold.statements().len() as u64, &mut |row| {
        let StatementRow { seq, hash, body } = row;
        let damaged = |reason| Error::Chain { seq, reason };
        if Digest::of(body.as_bytes()).as_bytes() != &hash {
            return Err(damaged("its text does not have its hash"));
        }
        let statement = Statement::from_bytes(body.as_bytes())?;
        if statement.seq != seq {
            return Err(damaged("it says another number"));
        }
        if statement.prev != *head {
            return Err(damaged("it does not carry the hash of the one before"));
        }
        if fold.statements().last().is_some_and(|last| statement.recorded_at < last.recorded_at) {
            return Err(damaged("it was recorded before the one before"));
        }
        fold.push(statement)?;
        *head = Digest::from(hash);
        Ok(())
    })
}

fn last_publication(transaction: &mut dyn Transaction, list: StatusListNumber) -> Result<Option<Publication>, Error> {
    let publication = |row: PublicationRow| -> Result<Publication, Error> {
        Ok(Publication { list, iat: NumericDate::from_seconds(row.iat)?, trust_list_seq: row.trust_list_seq })
    };
    transaction.last_publication(list.number())?.map(publication).transpose()
}
