//! The register: a store that only grows.
//!
//! What is stored is little: statements, and the numbers and slots that were given out. Whatever
//! else there is to know follows from the statements, see `state`.
//!
//! One transaction per statement of an officer. It holds the only write lock while it reads the
//! state, checks the rules, allots number and slot, lets the caller sign, and appends. If anything
//! fails, or the machine does, there was no decision: the certificate leaves the register only
//! after the commit, so a number that was never committed was never given out.

use std::{path::Path, thread, time::Duration};

use vernet_common::{NumericDate, StatusListNumber};

use crate::{
    error::Error,
    state::index::{Publication, State},
    statements::digest::Digest,
    storage::{
        location::RegisterLocation,
        open::{create, open},
        transaction::{Access, Storage, Transaction},
    },
    store::{
        given_out::GivenOut,
        high_water::HighWater,
        read::{Plain, read},
        writer::Writer,
    },
};

/// The register of one office.
///
/// Whatever asks the data base can also fail with [`Error::RegisterBusy`],
/// [`Error::RegisterUnreachable`] or [`Error::ConnectionLost`], and then nothing was recorded; the
/// register can be used again, and connects anew. Only after [`Error::CommitUnknown`] nobody knows:
/// look before you try again.
#[derive(Debug)]
pub struct Register {
    storage: Box<dyn Storage>,
    state: State,
    /// How far this machine has seen the register come, if it keeps that.
    high_water: Option<HighWater>,
}

impl Register {
    /// Makes a register in a new file or in an empty PostgreSQL data base.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterExists`] if there is something already; [`Error::RegisterUnreachable`] or
    /// [`Error::Store`].
    pub fn create(at: &RegisterLocation) -> Result<Self, Error> {
        Ok(Self::new(create(at, &mut |_| Ok(()))?))
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
        let mut register = Self::new(open(at)?);
        let mut transaction = register.storage.begin(Access::Read)?;
        catch_up(&mut *transaction, &mut register.state)?;
        GivenOut::of(&register.state).check(&mut *transaction)?;
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
        high_water.check(&register.state)?;
        register.high_water = Some(high_water);
        Ok(register)
    }

    fn new(storage: Box<dyn Storage>) -> Self {
        Self { storage, state: State::default(), high_water: None }
    }

    /// What the register says, as read by the last call to any method that changes it, or by
    /// [`Register::refresh`].
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Reads what others have written meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Register::open`], and as [`Register::open_marked`] if a register was put in its place;
    /// what the mark's file refuses.
    pub fn refresh(&mut self) -> Result<(), Error> {
        let mut transaction = self.storage.begin(Access::Read)?;
        catch_up(&mut *transaction, &mut self.state)?;
        self.high_water.as_mut().map_or(Ok(()), |high_water| high_water.settle(&self.state))
    }

    /// The last publication of a status list.
    pub fn last_publication(&self, list: StatusListNumber) -> Option<Publication> {
        self.state.last_publication(list)
    }

    /// Does some work under the write lock, on what the register says at that moment. All of it is
    /// kept, or none.
    ///
    /// `E` is the error of whoever signs, which knows more than the register.
    pub(crate) fn transact<R, E: From<Error>>(
        &mut self,
        now: NumericDate,
        work: impl FnOnce(&State, &mut Writer<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact_at(now, 0, work)
    }

    /// The same, at a time that may be up to `lead` seconds later than `now`, if something was
    /// recorded meanwhile.
    pub(crate) fn transact_at<R, E: From<Error>>(
        &mut self,
        now: NumericDate,
        lead: i64,
        work: impl FnOnce(&State, &mut Writer<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut transaction = self.storage.begin(Access::Write)?;
        catch_up(&mut *transaction, &mut self.state)?;
        let at = self.state.statements().last().map_or(now, |last| now.max(last.recorded_at));
        if at.seconds_since(now) > lead {
            let what = "the last statement";
            return Err(Error::ClockBehind { found: now, what, known: at }.into());
        }
        let mut writer = Writer::new(&mut *transaction, &self.state, at);
        let result = work(&self.state, &mut writer)?;
        let written = writer.finish();
        let Some((last, head)) = written.last() else { return Ok(result) };
        let (seq, head) = (last.seq, *head);
        if let Err(error) = transaction.commit() {
            self.settle(seq, head, error)?;
        }
        // Each was authorised when it was appended.
        written.into_iter().try_for_each(|(statement, hash)| self.state.add(statement, hash))?;
        if let Some(high_water) = &mut self.high_water {
            high_water.follow(&self.state);
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

/// Reads the statements that the state does not have. The last one that it has must still be there:
/// a data base that was replaced while it was open is noticed.
fn catch_up(transaction: &mut dyn Transaction, state: &mut State) -> Result<(), Error> {
    if let Some(last) = state.statements().last() {
        let (seen, recorded_at) = (last.seq, last.recorded_at);
        match hash_of(transaction, seen)? {
            Some(hash) if hash == state.head() => {}
            Some(_) => return Err(Error::RegisterForked { seq: seen, recorded_at }),
            None => {
                let found = transaction.count_statements()?;
                return Err(Error::RegisterBehind { found, seen, recorded_at });
            }
        }
    }
    read(transaction, state, &mut Plain)
}
