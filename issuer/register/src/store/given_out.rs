//! The numbers and slots that were given out, as in the statements, and the database table that
//! must agree with them.
//!
//! The table stops two writers from giving out the same number, and is not signed. If it differs,
//! the database was tampered with or lost a part, and the table can no longer be used to give out
//! numbers.

use std::collections::BTreeMap;

use crate::{
    error::Error,
    state::index::State,
    storage::transaction::{CertificateRow, Transaction},
};

/// List, slot and statement of each certificate, by its number.
pub(crate) struct GivenOut(BTreeMap<String, (u8, u32, u64)>);

impl GivenOut {
    pub(crate) fn of(state: &State) -> Self {
        let given_out = state.certificates().map(|certificate| {
            let slot = &certificate.claims.status.status_list;
            let place = (slot.uri.number().number(), slot.idx.index(), certificate.statement.seq);
            (certificate.claims.certificate_number.to_string(), place)
        });
        Self(given_out.collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Compares the table: first for entries that were never given out, then for missing ones.
    pub(crate) fn check(&self, transaction: &mut dyn Transaction) -> Result<(), Error> {
        let mut left: BTreeMap<&str, _> =
            self.0.iter().map(|(number, place)| (number.as_str(), *place)).collect();
        let mut compare = |row: CertificateRow| {
            let table = |reason| Error::CertificateTable { number: row.number.clone(), reason };
            match left.remove(row.number.as_str()) {
                Some(known) if known == (row.list, row.idx, row.seq) => Ok(()),
                Some((.., seq)) => Err(table("has another slot or statement").of_statement(seq)),
                None => Err(table("was never given out")),
            }
        };
        transaction.certificates(&mut compare).map_err(|error| match error {
            Error::Store(_) => Error::CertificateTable {
                number: "a row".into(),
                reason: "has values of no certificate",
            },
            error => error,
        })?;
        match left.pop_first() {
            Some((number, (.., seq))) => {
                Err(Error::CertificateTable { number: number.to_owned(), reason: "is missing" }
                    .of_statement(seq))
            }
            None => Ok(()),
        }
    }
}
