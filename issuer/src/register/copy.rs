//! A register copied to another place: from SQLite to PostgreSQL, back, or as a backup.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{
    fold::Fold,
    given_out::GivenOut,
    location::RegisterLocation,
    read::{Plain, read},
    statement::Digest,
    storage::{self, Access, Transaction},
    store::Register,
};
use crate::{Error, new_file_from};

/// What was copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Copied {
    /// How many statements.
    pub statements: u64,
    /// How many certificate numbers.
    pub certificates: u64,
    /// The hash of the last statement.
    pub head: Digest,
}

impl Register {
    /// Copies a register to where there is nothing yet: all of it, as it is at one moment, or
    /// nothing. The original's chain and signatures are checked first; then the copy is read
    /// back and every row compared, before it is kept.
    ///
    /// A copy is the whole register. Two that both go on are two histories: stop the work on the
    /// one before you go on with the other.
    ///
    /// # Errors
    ///
    /// [`Error::RegisterExists`] or [`crate::FileError::Exists`] if there is something at `to`;
    /// [`Error::CopyDiffers`]; what opening the original finds.
    pub fn copy(from: &RegisterLocation, to: &RegisterLocation) -> Result<Copied, Error> {
        let RegisterLocation::File(path) = to else { return copy(from, to) };
        // Under another name until it is whole.
        new_file_from(path, |staged: &Path| copy(from, &staged.into()))
    }
}

fn copy(from: &RegisterLocation, to: &RegisterLocation) -> Result<Copied, Error> {
    let mut original = storage::open(from)?;
    let mut original = original.begin(Access::Read)?;
    let mut fold = Fold::default();
    read(&mut *original, &mut fold, &mut Plain)?;
    let mut copied =
        Copied { statements: fold.statements().len() as u64, certificates: 0, head: fold.head() };
    let given_out = GivenOut::of(&fold);
    drop(fold);
    storage::create(to, &mut |target| {
        original.statements(0, storage::ALL, &mut |row| target.append(&row))?;
        original.certificates(&mut |row| {
            copied.certificates += 1;
            target.insert_certificate(&row)
        })?;
        given_out.check(target)?;
        let (found, expected) = (hashes(target)?, hashes(&mut *original)?);
        match () {
            () if found.0 != expected.0 => Err(Error::CopyDiffers { what: "the statements" }),
            () if found.1 != expected.1 => {
                Err(Error::CopyDiffers { what: "the certificate numbers" })
            }
            () => Ok(()),
        }
    })?;
    Ok(copied)
}

/// A hash of every row of statements, and one of certificate numbers.
fn hashes(transaction: &mut dyn Transaction) -> Result<(Digest, Digest), Error> {
    let (mut statements, mut certificates) = (Sha256::new(), Sha256::new());
    transaction.statements(0, storage::ALL, &mut |row| {
        statements.update(format!("{row:?}\n"));
        Ok(())
    })?;
    transaction.certificates(&mut |row| {
        certificates.update(format!("{row:?}\n"));
        Ok(())
    })?;
    let digest = |hash: Sha256| Digest::from(<[u8; 32]>::from(hash.finalize()));
    Ok((digest(statements), digest(certificates)))
}
