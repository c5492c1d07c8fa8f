//! Where the register lies: the few things that it asks of a data base, and rows that carry them.
//!
//! SQL is in the adapters and nowhere else. They store rows and answer questions about rows; what a row means, which one
//! may follow, and whether what was read is what was written is decided above, once for all of them.

mod sqlite;

use std::fmt;

use crate::Error;

pub(crate) use sqlite::Sqlite;

/// A register that is open.
pub(crate) trait Storage: fmt::Debug + Send {
    /// Begins a transaction. Dropped without [`Transaction::commit`], it leaves nothing behind.
    fn begin(&mut self, access: Access) -> Result<Box<dyn Transaction + '_>, Error>;
}

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// To read one state of the register, whoever writes meanwhile.
    Read,
    /// To write. There is one writer at a time, others wait for it; what it reads is what the one before left, and nobody
    /// changes it until the end.
    Write,
}

/// One transaction: all of it is kept, or none.
pub(crate) trait Transaction {
    /// The statements after this number, in order.
    fn statements(&mut self, after: u64, each: Each<'_, StatementRow>) -> Result<(), Error>;

    /// Appends a statement. The data base refuses one that does not follow on the last.
    fn append(&mut self, row: &StatementRow) -> Result<(), Error>;

    /// Records that a certificate number and a slot were given out. The data base refuses either a second time.
    fn insert_certificate(&mut self, row: &CertificateRow) -> Result<(), Error>;

    /// The greatest certificate number that begins with these characters. All that do are equally long.
    fn last_number(&mut self, prefix: &str) -> Result<Option<String>, Error>;

    /// How many slots of a list were given out.
    fn certificates_in(&mut self, list: u8) -> Result<u32, Error>;

    /// Whether a slot was given out.
    fn is_taken(&mut self, list: u8, idx: u32) -> Result<bool, Error>;

    /// Records a publication.
    fn insert_publication(&mut self, row: &PublicationRow) -> Result<(), Error>;

    /// The last publication of a list.
    fn last_publication(&mut self, list: u8) -> Result<Option<PublicationRow>, Error>;

    /// Keeps what was written.
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

/// What is called with each row.
pub(crate) type Each<'a, Row> = &'a mut dyn FnMut(Row) -> Result<(), Error>;

/// A statement as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StatementRow {
    pub(crate) seq: u64,
    /// The SHA-256 hash of the body.
    pub(crate) hash: [u8; 32],
    /// Canonical JSON.
    pub(crate) body: String,
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

/// A status list that was published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PublicationRow {
    pub(crate) list: u8,
    pub(crate) iat: i64,
    pub(crate) trust_list_seq: u64,
}
