//! Copies a register to another place: from SQLite to PostgreSQL, back, or as a backup.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use vernet_host::files::new_file_from;

use crate::{
    error::Error,
    state::index::State,
    statements::digest::Digest,
    storage::{
        location::RegisterLocation,
        open::{create, open},
        transaction::{ALL, Access, Transaction},
    },
    store::{
        given_out::GivenOut,
        read::{Plain, read},
    },
};

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

/// Copies a register to a place that holds nothing yet: all of it, as of one moment, or nothing.
/// The original's chain and signatures are checked first. Before the copy is kept, it is read back
/// and every row compared.
///
/// A copy is the whole register. If work continues on both, they become two histories: stop the
/// work on one before you continue on the other.
///
/// # Errors
///
/// [`Error::RegisterExists`] or [`FileError::Exists`](vernet_host::FileError::Exists) if there is
/// something at `to`; [`Error::CopyDiffers`] if a row of the copy is not that of the original; the
/// errors of [`Register::open`](crate::store::register::Register::open) if the original cannot be
/// read or is damaged.
pub fn copy(from: &RegisterLocation, to: &RegisterLocation) -> Result<Copied, Error> {
    let RegisterLocation::File(path) = to else { return copy_rows(from, to) };
    // The file has another name until it is complete.
    new_file_from(path, |staged: &Path| copy_rows(from, &staged.into()))
}

fn copy_rows(from: &RegisterLocation, to: &RegisterLocation) -> Result<Copied, Error> {
    let mut original = open(from)?;
    let mut original = original.begin(Access::Read)?;
    let mut state = State::default();
    read(&mut *original, &mut state, &mut Plain { checked: 0 })?;
    let mut copied =
        Copied { statements: state.statements().len() as u64, certificates: 0, head: state.head() };
    let given_out = GivenOut::of(&state);
    drop(state);
    create(to, &mut |target| {
        original.statements(0, ALL, &mut |row| target.append(&row))?;
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
    transaction.statements(0, ALL, &mut |row| {
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
