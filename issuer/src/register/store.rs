//! The register: a store that only grows.
//!
//! What is stored is little: statements, and the numbers and slots that were given out. Whatever
//! else there is to know is folded from the statements.
//!
//! One transaction per statement of an officer. It holds the only write lock while it reads the
//! state, checks the rules, allots number and slot, lets the caller sign, and appends. If anything
//! fails, or the machine does, there was no decision: the certificate leaves the register only
//! after the commit, so a number that was never committed was never given out.

use std::{path::Path, thread, time::Duration};

use rand::CryptoRng;
use vernet_common::{
    CertificateClaims, HttpsUrl, LogHead, NumericDate, Signer, StatusList, StatusListNumber,
};

use super::{
    audit::{Audited, Mark, audit},
    authority::{Needs, needs},
    decide::{Decision, decide},
    event::{Event, Founded},
    fold::{Fold, Publication},
    given_out::GivenOut,
    high_water::HighWater,
    location::RegisterLocation,
    officers::{Enrolment, Officers},
    read::{Plain, read},
    statement::{Digest, Statement},
    storage::{self, Access, Storage, Transaction},
    writer::{By, Writer},
};
use crate::Error;

/// The register of one office.
///
/// Whatever asks the data base can also fail with [`Error::RegisterBusy`],
/// [`Error::RegisterUnreachable`] or [`Error::ConnectionLost`], and then nothing was recorded; the
/// register can be used again, and connects anew. Only after [`Error::CommitUnknown`] nobody knows:
/// look before you try again.
#[derive(Debug)]
pub struct Register {
    storage: Box<dyn Storage>,
    fold: Fold,
    /// How far this machine has seen the register come, if it keeps that.
    high_water: Option<HighWater>,
}

/// What it takes to sign a certificate.
pub struct Issuance<'a> {
    /// The issuer's URL.
    pub iss: &'a HttpsUrl,
    /// Where slots and the seeds of status lists come from.
    pub rng: &'a mut dyn CryptoRng,
    /// Signs the claims, checks what it signed, and returns the compact JWS. It runs within the
    /// transaction.
    pub sign: &'a mut dyn FnMut(&CertificateClaims) -> Result<String, Error>,
}

/// A status list that is to be signed.
#[derive(Debug)]
pub struct ListToSign {
    /// Its number.
    pub list: StatusListNumber,
    /// Its `iat`: later than that of the list before, so that whoever has seen the newest list
    /// knows it.
    pub iat: NumericDate,
    /// The statuses as of then.
    pub statuses: StatusList,
    /// The issued log as of then.
    pub log: LogHead,
}

impl Register {
    /// Makes a register in a new file or in an empty PostgreSQL data base.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterExists`] if there is something already; [`Error::RegisterUnreachable`] or
    /// [`Error::Store`].
    pub fn create(at: &RegisterLocation) -> Result<Self, Error> {
        Ok(Self::new(storage::create(at, &mut |_| Ok(()))?))
    }

    /// Opens a register and reads it. Every statement is checked: it carries the hash of the one
    /// before, the signature of its officer holds, and the officer could make it then, alone or
    /// as the second one. So is the table of numbers and slots that were given out.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterVersion`], [`Error::RegisterUnfinished`], [`Error::RegisterUnreachable`],
    /// [`Error::Chain`], [`Error::Statement`], [`Error::CertificateTable`] or [`Error::Store`].
    pub fn open(at: &RegisterLocation) -> Result<Self, Error> {
        let mut register = Self::new(storage::open(at)?);
        let mut transaction = register.storage.begin(Access::Read)?;
        catch_up(&mut *transaction, &mut register.fold)?;
        GivenOut::of(&register.fold).check(&mut *transaction)?;
        drop(transaction);
        let missing = register.storage.missing()?;
        if !missing.is_empty() {
            return Err(Error::RegisterUnfinished { missing });
        }
        Ok(register)
    }

    /// Opens a register, and refuses one that does not hold what this machine has seen of it: an
    /// old copy. What it has seen stands in the file `mark`, which follows the register from
    /// the next [`Register::refresh`] or record on. Each machine has its own.
    ///
    /// # Errors
    ///
    /// As [`Register::open`], and [`Error::RegisterBehind`] or [`Error::RegisterForked`].
    pub fn open_marked(at: &RegisterLocation, mark: &Path) -> Result<Self, Error> {
        let high_water = HighWater::read(mark)?;
        let mut register = Self::open(at)?;
        high_water.check(&register.fold)?;
        register.high_water = Some(high_water);
        Ok(register)
    }

    /// Reads a register once more, from the first statement on, and checks everything that can be
    /// checked: see [`Audited`].
    ///
    /// # Errors
    ///
    /// The first fault, with the number of its statement.
    pub fn audit(at: &RegisterLocation, mark: Option<&Mark>) -> Result<Audited, Error> {
        audit(&mut *storage::open(at)?, mark)
    }

    fn new(storage: Box<dyn Storage>) -> Self {
        Self { storage, fold: Fold::default(), high_water: None }
    }

    /// What the register says, as read by the last call to any method that changes it, or by
    /// [`Register::refresh`].
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Reads what others have written meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Register::open`], and as [`Register::open_marked`] if a register was put in its place;
    /// what the mark's file refuses.
    pub fn refresh(&mut self) -> Result<(), Error> {
        let mut transaction = self.storage.begin(Access::Read)?;
        catch_up(&mut *transaction, &mut self.fold)?;
        self.high_water.as_mut().map_or(Ok(()), |high_water| high_water.settle(&self.fold))
    }

    /// Founds the office: the first statement, signed by one of its officers. At least two of them
    /// administer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFounded`] if there are statements already or a stranger signs, [`Error::Rule`],
    /// [`Error::Store`].
    pub fn found(
        &mut self,
        iss: &HttpsUrl,
        officers: Vec<Enrolment>,
        officer: &dyn Signer,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        let today = now.civil_date();
        Officers::check_founders(&officers, today)?;
        let founded = Event::Founded(Box::new(Founded { iss: iss.clone(), officers }));
        self.transact(now, |_, writer| writer.append(By::one(officer), (today, today), founded))
    }

    /// Records what one officer may say alone: an alert that was sent, an event of a key, the end
    /// of another officer, a suspension in an emergency.
    ///
    /// # Errors
    ///
    /// [`Error::NeedsTwo`] for what takes a proposal and its approval; [`Error::Rule`] for what the
    /// law forbids; what the officer may not do; [`Error::NotFound`],
    /// [`Error::StatementNotFound`], [`Error::NotByHand`], [`Error::KeyKnown`],
    /// [`Error::KeyUnknown`], [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn record(
        &mut self,
        event: Event,
        officer: &dyn Signer,
        decision: &Decision,
    ) -> Result<Statement, Error> {
        if let Some(Needs::Two(_)) = needs(&event) {
            return Err(Error::NeedsTwo { event: event.name() });
        }
        self.transact(decision.now, |fold, writer| {
            let (effective_on, event) = decide(fold, event, decision)?;
            writer.append(By::one(officer), (decision.decided_on, effective_on), event)
        })
    }

    /// Opens the first status list, unless there is one. Further ones are opened when the last is
    /// full.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`], [`Error::Chain`] or [`Error::Store`].
    pub fn ensure_status_list(
        &mut self,
        officer: &dyn Signer,
        now: NumericDate,
        rng: &mut dyn CryptoRng,
    ) -> Result<StatusListNumber, Error> {
        self.transact(now, |fold, writer| match fold.newest_list() {
            Some((list, _)) => Ok(list),
            None => writer.open_list(1, officer, rng).map(|(list, _)| list),
        })
    }

    /// The last publication of a status list.
    pub fn last_publication(&self, list: StatusListNumber) -> Option<Publication> {
        self.fold.last_publication(list)
    }

    /// Has every status list signed, all as of one instant, and records each with the hash that
    /// follows from the register. All of it happens under the write lock: whoever decides or
    /// publishes elsewhere comes before or after, so no newer list says less.
    ///
    /// Do so **before** publishing: a list that was recorded and not published does no harm, the
    /// other way round `iat` could go backwards.
    ///
    /// `sign` returns the hash of the payload that it signed. The instant is `now`, or up to `lead`
    /// seconds later: after every statement, and after the publication before.
    ///
    /// # Errors
    ///
    /// [`Error::ClockBehind`] if that is not enough, [`vernet_common::Error::TrustListRolledBack`];
    /// what `sign` returns; [`Error::Chain`] or [`Error::Store`].
    pub fn publish(
        &mut self,
        trust_list_seq: u64,
        officer: &dyn Signer,
        (now, lead): (NumericDate, i64),
        sign: &mut dyn FnMut(&ListToSign) -> Result<Digest, Error>,
    ) -> Result<NumericDate, Error> {
        self.transact_at(now, lead, |fold, writer| {
            let last: Vec<_> =
                fold.status_lists().filter_map(|list| fold.last_publication(list)).collect();
            if let Some(known) = last
                .iter()
                .map(|last| last.trust_list_seq)
                .max()
                .filter(|known| trust_list_seq < *known)
            {
                return Err(vernet_common::Error::TrustListRolledBack {
                    found: trust_list_seq,
                    known,
                }
                .into());
            }
            // Of two lists of one second nobody could say which is newer.
            let iat = last
                .iter()
                .map(|last| last.iat.plus_seconds(1))
                .fold(writer.now(), NumericDate::max);
            if iat.seconds_since(now) > lead {
                return Err(Error::ClockBehind {
                    found: now,
                    what: "the last publication",
                    known: iat.plus_seconds(-1),
                });
            }
            let (today, log) = (writer.now().civil_date(), fold.log().head());
            for list in fold.status_lists() {
                let mut statuses = StatusList::new();
                for (index, status) in fold.status_list_content(list, iat.civil_date(), iat) {
                    statuses.set(index, status);
                }
                let to_sign = ListToSign { list, iat, statuses, log };
                let sha256 = sign(&to_sign)?;
                let statuses = Digest::of(to_sign.statuses.as_bytes());
                let published =
                    Event::Published { list, iat, trust_list_seq, statuses, log, sha256 };
                writer.append(By::one(officer), (today, today), published)?;
            }
            Ok(iat)
        })
    }

    /// Does some work under the write lock, on what the register says at that moment. All of it is
    /// kept, or none.
    pub(super) fn transact<R>(
        &mut self,
        now: NumericDate,
        work: impl FnOnce(&Fold, &mut Writer<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.transact_at(now, 0, work)
    }

    /// The same, at a time that may be up to `lead` seconds later than `now`, if something was
    /// recorded meanwhile.
    pub(super) fn transact_at<R>(
        &mut self,
        now: NumericDate,
        lead: i64,
        work: impl FnOnce(&Fold, &mut Writer<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut transaction = self.storage.begin(Access::Write)?;
        catch_up(&mut *transaction, &mut self.fold)?;
        let at = self.fold.statements().last().map_or(now, |last| now.max(last.recorded_at));
        if at.seconds_since(now) > lead {
            return Err(Error::ClockBehind { found: now, what: "the last statement", known: at });
        }
        let mut writer = Writer::new(&mut *transaction, &self.fold, at);
        let result = work(&self.fold, &mut writer)?;
        let written = writer.finish();
        let Some((last, head)) = written.last() else { return Ok(result) };
        let (seq, head) = (last.seq, *head);
        if let Err(error) = transaction.commit() {
            self.settle(seq, head, error)?;
        }
        written.into_iter().try_for_each(|(statement, hash)| self.fold.push(statement, hash))?;
        if let Some(high_water) = &mut self.high_water {
            high_water.follow(&self.fold);
        }
        Ok(result)
    }

    /// A commit failed, or only its answer got lost: looks whether the statement is there. Nobody
    /// must be told that a decision failed which was recorded, nor the other way round.
    fn settle(&mut self, seq: u64, head: Digest, error: Error) -> Result<(), Error> {
        // The server may be starting again.
        for pause in [0, 100, 300, 900, 2700] {
            thread::sleep(Duration::from_millis(pause));
            // The write lock: a commit whose answer got lost may still be under way, and then this
            // waits for its end.
            let found = self
                .storage
                .begin(Access::Write)
                .and_then(|mut transaction| hash_of(&mut *transaction, seq));
            match found {
                Ok(Some(hash)) if hash == head => return Ok(()),
                Ok(_) => return Err(error),
                Err(_) => {}
            }
        }
        match error {
            Error::ConnectionLost { source } | Error::Store(source) => {
                Err(Error::CommitUnknown { seq, source })
            }
            other => Err(other),
        }
    }
}

/// The hash of a statement, if it is there.
fn hash_of(transaction: &mut dyn Transaction, seq: u64) -> Result<Option<Digest>, Error> {
    let mut hash = None;
    transaction.statements(seq - 1, 1, &mut |row| {
        hash = (row.seq == seq).then(|| Digest::from(row.hash));
        Ok(())
    })?;
    Ok(hash)
}

/// Reads the statements that the fold does not have. The last one that it has must still be there:
/// a data base that was replaced while it was open is noticed.
fn catch_up(transaction: &mut dyn Transaction, fold: &mut Fold) -> Result<(), Error> {
    if let Some(last) = fold.statements().last() {
        let (seen, recorded_at) = (last.seq, last.recorded_at);
        match hash_of(transaction, seen)? {
            Some(hash) if hash == fold.head() => {}
            Some(_) => return Err(Error::RegisterForked { seq: seen, recorded_at }),
            None => {
                let found = transaction.count_statements()?;
                return Err(Error::RegisterBehind { found, seen, recorded_at });
            }
        }
    }
    read(transaction, fold, &mut Plain)
}
