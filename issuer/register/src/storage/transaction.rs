//! The few things that the register asks of a data base, and rows that carry them.

use std::fmt;

use crate::error::Error;

/// A register that is open.
pub(crate) trait Storage: fmt::Debug + Send {
    /// Begins a transaction. Dropped without [`Transaction::commit`], it leaves nothing behind.
    fn begin(&mut self, access: Access) -> Result<Box<dyn Transaction + '_>, Error>;

    /// The tables and triggers that the register should have and has not: somebody removed them, or
    /// a restore did not come to its end.
    fn missing(&mut self) -> Result<Vec<String>, Error>;
}

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// To read one state of the register, whoever writes meanwhile.
    Read,
    /// To write. There is one writer at a time, others wait for it; what it reads is what the one
    /// before left, and nobody changes it until the end.
    Write,
}

/// One transaction: all of it is kept, or none.
pub(crate) trait Transaction {
    /// The statements after this number, in order, and at most so many. One that cannot be a
    /// statement is [`Error::Chain`].
    fn statements(
        &mut self,
        after: u64,
        limit: usize,
        each: Each<'_, StatementRow>,
    ) -> Result<(), Error>;

    /// How many statements there are, whatever their numbers.
    fn count_statements(&mut self) -> Result<u64, Error>;

    /// Appends a statement. The data base refuses one that does not follow on the last.
    fn append(&mut self, row: &StatementRow) -> Result<(), Error>;

    /// Records that a certificate number and a slot were given out. The data base refuses either a
    /// second time.
    fn insert_certificate(&mut self, row: &CertificateRow) -> Result<(), Error>;

    /// Every number and slot that was given out, in order.
    fn certificates(&mut self, each: Each<'_, CertificateRow>) -> Result<(), Error>;

    /// The greatest certificate number that begins with these characters. All that do are equally
    /// long.
    fn last_number(&mut self, prefix: &str) -> Result<Option<String>, Error>;

    /// How many slots of a list were given out.
    fn certificates_in(&mut self, list: u8) -> Result<u32, Error>;

    /// Whether a slot was given out.
    fn is_taken(&mut self, list: u8, idx: u32) -> Result<bool, Error>;

    /// Keeps what was written.
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

/// What fills a new register.
pub(crate) type Fill<'a> = &'a mut dyn FnMut(&mut dyn Transaction) -> Result<(), Error>;

/// As many rows as there are.
pub(crate) const ALL: usize = i64::MAX as usize;

/// What is called with each row.
pub(crate) type Each<'a, Row> = &'a mut dyn FnMut(Row) -> Result<(), Error>;

/// A statement as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StatementRow {
    pub(crate) seq: u64,
    /// The SHA-256 hash of the body.
    pub(crate) hash: [u8; 32],
    /// The Ed25519 signature of its officer over a JWS with the body as payload.
    pub(crate) signature: [u8; 64],
    /// Canonical JSON.
    pub(crate) body: String,
}

impl StatementRow {
    /// A row from columns that may hold anything: whoever can write to the data base can write
    /// there what is no hash.
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
            signature: signature
                .try_into()
                .map_err(|_| damaged("its signature does not have 64 bytes"))?,
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
