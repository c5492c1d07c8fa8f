//! The register on disk: an SQLite file that only grows.
//!
//! Everything that speaks SQL is here and in `writer`, and it is little: statements, the numbers and slots that were
//! given out, and a log of publications. Whatever else there is to know is folded from the statements.
//!
//! One transaction per decision. It holds the only write lock while it reads the state, checks the rules, allots number
//! and slot, lets the caller sign, and appends. If anything fails, or the machine does, there was no decision: the
//! certificate leaves the register only after the commit, so a number that was never committed was never given out.

use std::{path::Path, time::Duration};

use rand::CryptoRng;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, HttpsUrl, NumericDate, StatusListNumber};

use super::{
    decide::{Decision, decide},
    event::{Digest, Event, Granted, ReissueReason, Reissued, Statement},
    fold::Fold,
    grant,
    writer::Writer,
};
use crate::{Application, Error, Names, OfficeData, Officer};

/// What makes each version of the data base out of the one before. A line here is never changed, only followed by
/// another.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// The register of one office.
#[derive(Debug)]
pub struct Register {
    connection: Connection,
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
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let objects: u32 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if objects > 0 {
            return Err(Error::RegisterExists);
        }
        migrate(&transaction, 0)?;
        transaction.commit()?;
        Ok(Self { connection, fold: Fold::default(), head: Digest::GENESIS })
    }

    /// Opens a register and reads it. Every statement is checked to carry the hash of the one before.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterVersion`], [`Error::Chain`] or [`Error::Store`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut connection = connect(path, OpenFlags::empty())?;
        let (found, known) = (version(&connection)?, MIGRATIONS.len() as u32);
        if found == 0 || found > known {
            return Err(Error::RegisterVersion { found, known });
        }
        if found < known {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process may have done it while this one waited for the lock.
            migrate(&transaction, version(&transaction)?)?;
            transaction.commit()?;
        }
        let mut register = Self { connection, fold: Fold::default(), head: Digest::GENESIS };
        register.refresh()?;
        Ok(register)
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
        catch_up(&self.connection, &mut self.fold, &mut self.head)
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
        last_publication(&self.connection, list)
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
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(last) = last_publication(&transaction, list)? {
            // Of two lists of one second nobody could say which is newer.
            if iat <= last.iat {
                return Err(Error::ClockBehind { found: iat, what: "the last publication", known: last.iat });
            }
            if trust_list_seq < last.trust_list_seq {
                let (found, known) = (trust_list_seq, last.trust_list_seq);
                return Err(vernet_common::Error::TrustListRolledBack { found, known }.into());
            }
        }
        transaction.execute(
            "INSERT INTO publication (list, iat, trust_list_seq) VALUES (?1, ?2, ?3)",
            (list.number(), iat.seconds(), trust_list_seq.cast_signed()),
        )?;
        Ok(transaction.commit()?)
    }

    /// Does some work under the write lock, on what the register says at that moment. All of it is kept, or none.
    fn transact<R>(
        &mut self,
        now: NumericDate,
        work: impl FnOnce(&Fold, &mut Writer<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        catch_up(&transaction, &mut self.fold, &mut self.head)?;
        if let Some(last) = self.fold.statements().last().filter(|last| now < last.recorded_at) {
            return Err(Error::ClockBehind { found: now, what: "the last statement", known: last.recorded_at });
        }
        let mut writer = Writer::new(&transaction, now, self.fold.statements().len() as u64, self.head);
        let result = work(&self.fold, &mut writer)?;
        let (head, written) = writer.finish();
        transaction.commit()?;
        written.into_iter().try_for_each(|statement| self.fold.push(statement))?;
        self.head = head;
        Ok(result)
    }
}

fn connect(path: &Path, more: OpenFlags) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(path, flags)?;
    // Two officers at once: the second one waits for the first one's signature, not for ever.
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    // In WAL mode only FULL keeps a committed decision through a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn migrate(transaction: &Transaction<'_>, from: u32) -> Result<(), Error> {
    for (to, migration) in (1_u32..).zip(MIGRATIONS).skip(from as usize) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", to)?;
    }
    Ok(())
}

/// Reads the statements that the fold does not have, and checks that each is the one that was written after the one
/// before.
fn catch_up(connection: &Connection, fold: &mut Fold, head: &mut Digest) -> Result<(), Error> {
    let mut select = connection.prepare_cached("SELECT seq, hash, body FROM statement WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = select.query([fold.statements().len() as i64])?;
    while let Some(row) = rows.next()? {
        let (seq, hash, body): (i64, [u8; 32], String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let seq = seq.cast_unsigned();
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
    }
    Ok(())
}

fn last_publication(connection: &Connection, list: StatusListNumber) -> Result<Option<Publication>, Error> {
    let last = "SELECT iat, trust_list_seq FROM publication WHERE list = ?1 ORDER BY id DESC LIMIT 1";
    let found: Option<(i64, i64)> =
        connection.query_row(last, [list.number()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let publication = |(iat, trust_list_seq): (i64, i64)| -> Result<Publication, Error> {
        let (iat, trust_list_seq) = (NumericDate::from_seconds(iat)?, trust_list_seq.cast_unsigned());
        Ok(Publication { list, iat, trust_list_seq })
    };
    found.map(publication).transpose()
}
