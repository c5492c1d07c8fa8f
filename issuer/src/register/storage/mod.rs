//! Where the register lies: the few things that it asks of a data base, and rows that carry them.
//!
//! SQL is in the adapters and nowhere else. They store rows and answer questions about rows; what a
//! row means, which one may follow, and whether what was read is what was written is decided above,
//! once for all of them.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use std::fmt;

#[cfg(feature = "postgres")]
pub(crate) use postgres::check_url;

use crate::{Error, RegisterLocation};

/// Makes a register where there is nothing yet. `fill` writes what it begins with, and is part of
/// the one transaction in which all of it is made, or nothing.
pub(crate) fn create(at: &RegisterLocation, fill: Fill<'_>) -> Result<Box<dyn Storage>, Error> {
    match at {
        RegisterLocation::File(path) => Ok(Box::new(sqlite::Sqlite::create(path, fill)?)),
        #[cfg(feature = "postgres")]
        RegisterLocation::Postgres(url) => Ok(Box::new(postgres::Postgres::create(url, fill)?)),
        #[cfg(not(feature = "postgres"))]
        RegisterLocation::Postgres(_) => Err(Error::PostgresNotBuilt),
    }
}

/// Opens a register, and brings one of an older version up to date.
pub(crate) fn open(at: &RegisterLocation) -> Result<Box<dyn Storage>, Error> {
    match at {
        RegisterLocation::File(path) => Ok(Box::new(sqlite::Sqlite::open(path)?)),
        #[cfg(feature = "postgres")]
        RegisterLocation::Postgres(url) => Ok(Box::new(postgres::Postgres::open(url)?)),
        #[cfg(not(feature = "postgres"))]
        RegisterLocation::Postgres(_) => Err(Error::PostgresNotBuilt),
    }
}

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

/// What makes each version of a data base out of the one before. A line is never changed, only
/// followed by another.
pub(crate) struct Migrations(&'static [&'static str]);

impl Migrations {
    /// Whether a data base of this version has to be brought up to date.
    fn check(&self, found: u32) -> Result<bool, Error> {
        let known = self.0.len() as u32;
        if found == 0 || found > known {
            return Err(Error::RegisterVersion { found, known });
        }
        Ok(found < known)
    }

    /// What follows after a version, each with the version that it makes.
    fn after(&self, version: u32) -> impl Iterator<Item = (u32, &'static str)> {
        (1..).zip(self.0.iter().copied()).skip(version as usize)
    }

    /// The tables and triggers that they make and that are not among these.
    fn missing_from(&self, present: &[String]) -> Vec<String> {
        let made = self.0.iter().flat_map(|sql| sql.lines()).filter_map(|line| {
            let name = line
                .strip_prefix("CREATE TABLE ")
                .or_else(|| line.strip_prefix("CREATE TRIGGER "))?;
            name.split(' ').next().map(|name| name.trim_start_matches("vernet."))
        });
        made.filter(|name| !present.iter().any(|known| known == name))
            .map(ToOwned::to_owned)
            .collect()
    }
}
