//! The register: an append-only store.
//!
//! Only statements, and the numbers and slots that were given out, are stored. Everything else
//! follows from the statements, see `state`.
//!
//! Each decision is one transaction. It holds the only write lock while it reads the state, checks
//! the rules, allots number and slot, has the caller sign, and appends. If anything fails, or the
//! machine crashes, there was no decision: the certificate leaves the register only after the
//! commit, so a number that was never committed was never given out.

use std::{path::Path, sync::Mutex, thread, time::Duration};

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
        incoming_alerts::IncomingAlerts,
        read::{Plain, read},
        writer::{Writer, Written},
    },
};

/// The register of one office.
///
/// Every method that uses the database can also fail with [`Error::RegisterBusy`],
/// [`Error::RegisterUnreachable`] or [`Error::ConnectionLost`]. Nothing was recorded then, and the
/// register can be used again: it reconnects. Only after [`Error::CommitUnknown`] it is not known
/// whether something was recorded: check before you try again.
#[derive(Debug)]
pub struct Register {
    storage: Mutex<Box<dyn Storage>>,
    state: State,
    /// The mark of what this machine has seen, if it keeps one.
    high_water: Option<HighWater>,
}

impl Register {
    /// Creates a register in a new file or in an empty PostgreSQL database.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterExists`] if there is something already; [`Error::RegisterUnreachable`] if
    /// the server cannot be reached; [`Error::CreateUnknown`] if the connection is cut during the
    /// commit; [`Error::Store`] if the database returns an error.
    pub fn create(at: &RegisterLocation) -> Result<Self, Error> {
        Ok(Self::new(create(at, &mut |_| Ok(()))?))
    }

    /// Opens a register and reads it. Every statement is checked: it carries the hash of the
    /// previous one, its officer's signature is valid, and the officer was allowed to make it then,
    /// alone or as the second officer. The table of numbers and slots is checked, too.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterVersion`] if there is no register, or one of a later version;
    /// [`Error::RegisterUnfinished`] if tables or triggers are missing;
    /// [`Error::RegisterUnreachable`] if the server cannot be reached; [`Error::Chain`] if the hash
    /// chain is broken; [`Error::Statement`] if a statement is invalid; [`Error::CertificateTable`]
    /// if the table of numbers and slots does not match the statements; [`Error::Store`] if the
    /// database returns an error.
    pub fn open(at: &RegisterLocation) -> Result<Self, Error> {
        Self::open_with(at, Plain { checked: 0 })
    }

    fn open_with(at: &RegisterLocation, mut step: Plain) -> Result<Self, Error> {
        let mut register = Self::new(open(at)?);
        let mut transaction = register.storage.begin(Access::Read)?;
        read(&mut *transaction, &mut register.state, &mut step)?;
        GivenOut::of(&register.state).check(&mut *transaction)?;
        drop(transaction);
        let missing = register.storage.missing()?;
        if !missing.is_empty() {
            return Err(Error::RegisterUnfinished { missing });
        }
        Ok(register)
    }

    /// Opens a register, and refuses an old copy, which does not hold all that this machine has
    /// seen. The file `mark` records what it has seen, and is updated from the next
    /// [`Register::refresh`] or recorded statement on. Each machine has its own.
    ///
    /// What this machine has checked before is not checked anew, except for its hashes: that every
    /// statement has its own and carries that of the one before, up to the hash in the mark. So a
    /// text that was changed is found. A signature that was changed below the mark is not, because
    /// no hash covers it: [`audit`](crate::audit()) finds that. Statements about officers and the
    /// last one below the mark are checked in full each time. Thus whoever writes to the mark as
    /// well still needs an officer's key to be believed.
    ///
    /// # Errors
    ///
    /// As for [`Register::open`]; [`Error::RegisterBehind`] if the register ends before the mark;
    /// [`Error::RegisterForked`] if it has another statement at the mark; [`Error::Io`] or
    /// [`vernet_common::Error::Json`] if `mark` cannot be read.
    pub fn open_marked(at: &RegisterLocation, mark: &Path) -> Result<Self, Error> {
        let high_water = HighWater::read(mark)?;
        let mut register = Self::open_with(at, Plain { checked: high_water.checked() })?;
        high_water.check(&register.state)?;
        register.high_water = Some(high_water);
        Ok(register)
    }

    fn new(storage: Box<dyn Storage>) -> Self {
        Self { storage: Mutex::new(storage), state: State::default(), high_water: None }
    }

    /// What the register says, as read by the last call to any method that changes it, or by
    /// [`Register::refresh`].
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Reads what others have written since.
    ///
    /// # Errors
    ///
    /// As for [`Register::open`]; [`Error::RegisterBehind`] or [`Error::RegisterForked`] if another
    /// register has replaced it; [`Error::Io`] if the mark cannot be written, unless
    /// the register can only be read, or the disk is full.
    pub fn refresh(&mut self) -> Result<(), Error> {
        let mut transaction = self.storage.begin(Access::Read)?;
        catch_up(&mut *transaction, &mut self.state)?;
        drop(transaction);
        let Some(high_water) = &mut self.high_water else { return Ok(()) };
        match high_water.settle(&self.state) {
            // Whoever can only read needs no right to write the mark, and on a full disk there is no
            // room for it. It is raised when somebody can.
            Err(error) if error.is_of_full_disk() || self.storage.is_read_only() => Ok(()),
            settled => settled,
        }
    }

    /// The last publication of a status list.
    pub fn last_publication(&self, list: StatusListNumber) -> Option<Publication> {
        self.state.last_publication(list)
    }

    /// The alerts of other states, which lie in the same database and are no part of the register.
    pub fn incoming_alerts(&mut self) -> IncomingAlerts<'_> {
        IncomingAlerts::new(&mut self.storage)
    }

    /// Does some work under the write lock, on the state of the register at that moment. All of it
    /// is committed, or none.
    ///
    /// `E` is the signer's error, which can hold more than the register knows.
    pub(crate) fn transact<R, E: From<Error>>(
        &mut self,
        now: NumericDate,
        work: impl FnOnce(&State, &mut Writer<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transact_at(now, 0, work)
    }

    /// The same, at a time that may be up to `lead` seconds later than `now`, if the last statement
    /// is later.
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
        let written = writer.finish()?;
        let Some(last) = written.last() else { return Ok(result) };
        let (seq, head) = (last.statement.seq, last.hash);
        if let Err(error) = transaction.commit() {
            self.settle(seq, head, error)?;
        }
        // Each was authorised when it was appended.
        for Written { statement, hash, signature } in written {
            let kid = statement.kid;
            self.state.add(statement, hash)?;
            self.state.signed(kid, &signature);
        }
        if let Some(high_water) = &mut self.high_water {
            high_water.follow(&self.state);
        }
        Ok(result)
    }

    /// A commit failed, or only its response was lost: checks whether the statement was recorded. A
    /// recorded decision must never be reported as failed, nor the reverse.
    fn settle(&mut self, seq: u64, head: Digest, error: Error) -> Result<(), Error> {
        // The server may be restarting.
        for pause in [0, 100, 300, 900, 2700] {
            thread::sleep(Duration::from_millis(pause));
            // Take the write lock: a commit whose response was lost may still be in progress, and
            // this waits for it to end.
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

impl Drop for Register {
    fn drop(&mut self) {
        if let Some(high_water) = &mut self.high_water {
            high_water.end(&self.state);
        }
    }
}

/// The hash of a statement, if it is stored.
fn hash_of(transaction: &mut dyn Transaction, seq: u64) -> Result<Option<Digest>, Error> {
    let mut hash = None;
    transaction.statements(seq - 1, 1, &mut |row| {
        hash = (row.seq == seq).then(|| Digest::from(row.hash));
        Ok(())
    })?;
    Ok(hash)
}

/// Reads the statements that the state does not have. Checks that the last one that it has is still
/// stored, so that a database replaced while open is noticed.
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
    read(transaction, state, &mut Plain { checked: 0 })
}
