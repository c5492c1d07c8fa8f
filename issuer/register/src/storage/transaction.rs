//! The few operations that the register needs from a database, and their rows.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use vernet_common::CivilDate;

use crate::{error::Error, incoming::IncomingDraft};

/// An open register.
pub(crate) trait Storage: fmt::Debug + Send {
    /// Begins a transaction. To write fails if the register can only be read. If it is dropped without [`Transaction::commit`], it is rolled back.
    fn begin(&mut self, access: Access) -> Result<Box<dyn Transaction + '_>, Error>;

    /// The tables and triggers that the register lacks: they were removed, or a restore did not
    /// finish.
    fn missing(&mut self) -> Result<Vec<String>, Error>;

    /// Whether it can only be read.
    fn is_read_only(&mut self) -> bool;
}

/// A connection that nobody can use while others look at the register: so a register can be shared by
/// threads that only read its state. Whoever may change the register never waits here.
impl Storage for Mutex<Box<dyn Storage>> {
    fn begin(&mut self, access: Access) -> Result<Box<dyn Transaction + '_>, Error> {
        inside(self).begin(access)
    }

    fn missing(&mut self) -> Result<Vec<String>, Error> {
        inside(self).missing()
    }

    fn is_read_only(&mut self) -> bool {
        inside(self).is_read_only()
    }
}

/// A panic elsewhere leaves no transaction open: it is rolled back when it is dropped.
fn inside(storage: &mut Mutex<Box<dyn Storage>>) -> &mut dyn Storage {
    &mut **storage.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// To read one snapshot of the register, whatever is written meanwhile.
    Read,
    /// To write. There is one writer at a time, and others wait for it. It reads what the previous
    /// writer committed, and nobody changes that until it ends.
    Write,
}

/// One transaction: all of it is committed, or none.
pub(crate) trait Transaction {
    /// Up to `limit` statements after this number, in order. Fails with [`Error::Chain`] on a row
    /// that cannot be a statement.
    fn statements(
        &mut self,
        after: u64,
        limit: usize,
        each: Each<'_, StatementRow>,
    ) -> Result<(), Error>;

    /// How many statements there are, whatever their numbers.
    fn count_statements(&mut self) -> Result<u64, Error>;

    /// Appends a statement. The database refuses one that does not follow the last.
    fn append(&mut self, row: &StatementRow) -> Result<(), Error>;

    /// Records that a certificate number and a slot were given out. The database refuses either a
    /// second time.
    fn insert_certificate(&mut self, row: &CertificateRow) -> Result<(), Error>;

    /// Every number and slot that was given out, in order.
    fn certificates(&mut self, each: Each<'_, CertificateRow>) -> Result<(), Error>;

    /// The greatest certificate number with this prefix. All numbers with it have the same length.
    fn last_number(&mut self, prefix: &str) -> Result<Option<String>, Error>;

    /// How many slots of a list were given out.
    fn certificates_in(&mut self, list: u8) -> Result<u32, Error>;

    /// Whether a slot was given out.
    fn is_taken(&mut self, list: u8, idx: u32) -> Result<bool, Error>;

    /// Stores an alert of another state, whose id is not stored yet.
    fn insert_alert(&mut self, row: &IncomingDraft) -> Result<(), Error>;

    /// Every alert of another state, in order of receipt; none in a register of a version before
    /// there were any, which can only be read.
    fn alerts(&mut self, each: Each<'_, IncomingDraft>) -> Result<(), Error>;

    /// Deletes an alert, and returns whether it was there.
    fn delete_alert(&mut self, id: &str) -> Result<bool, Error>;

    /// Deletes the alerts that were received before a day, and returns how many.
    fn delete_alerts_before(&mut self, day: CivilDate) -> Result<u64, Error>;

    /// Commits what was written.
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

/// Writes the initial content of a new register.
pub(crate) type Fill<'a> = &'a mut dyn FnMut(&mut dyn Transaction) -> Result<(), Error>;

/// No limit on the number of rows.
pub(crate) const ALL: usize = i64::MAX as usize;

/// The callback for each row.
pub(crate) type Each<'a, Row> = &'a mut dyn FnMut(Row) -> Result<(), Error>;

/// A statement as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StatementRow {
    pub(crate) seq: u64,
    /// The SHA-256 hash of the body.
    pub(crate) hash: [u8; 32],
    /// The signature of its officer, see [`OfficerSignature`](crate::OfficerSignature).
    pub(crate) signature: Vec<u8>,
    /// Canonical JSON.
    pub(crate) body: String,
}

impl StatementRow {
    /// A row from columns with unchecked content: anyone who can write to the database can store
    /// something there that is not a hash.
    pub(crate) fn from_columns(
        seq: u64,
        hash: &[u8],
        signature: &[u8],
        body: &[u8],
    ) -> Result<Self, Error> {
        let damaged = |reason| Error::Chain { seq, reason };
        Ok(Self {
            seq,
            hash: hash.try_into().map_err(|_| damaged("its hash does not have 32 bytes"))?,
            signature: signature.to_owned(),
            body: str::from_utf8(body).map_err(|_| damaged("its text is not UTF-8"))?.to_owned(),
        })
    }
}

/// A number and a slot that were given out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CertificateRow {
    pub(crate) number: String,
    pub(crate) list: u8,
    pub(crate) idx: u32,
    /// The statement with the certificate.
    pub(crate) seq: u64,
}
