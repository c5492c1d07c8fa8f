//! Decisions that an officer signs elsewhere: in a browser, with a passkey or a key file.
//!
//! The officer may look for a security key for a minute, and nobody may hold the register's lock
//! that long. So the decision is made twice, each time by the same function as any other decision.
//! The first time nothing is kept but the statements that would be recorded. The second time, with
//! the same time and the same random numbers, they come out the same to the last byte, and the
//! signatures fit; or the register has changed meanwhile, and it is to be prepared anew.

#[cfg(test)]
mod tests;

use rand::CryptoRng;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use vernet_common::NumericDate;
use vernet_register::{
    Digest, Elsewhere, Given, OfficerPublicKey, OfficerSignature, OfficerSigner,
};

use super::Office;
use crate::error::Error;

/// A decision with what an officer is to sign for it. Nothing of it is recorded.
pub struct Prepared {
    key: OfficerPublicKey,
    at: NumericDate,
    seed: [u8; 32],
    head: Digest,
    statements: Vec<Vec<u8>>,
}

/// What came of preparing a decision.
#[derive(Debug)]
pub enum Step<T> {
    /// It is to be signed.
    ToSign(Box<Prepared>),
    /// There was nothing to record.
    Done(T),
}

/// With whom, when and with which random numbers a decision is made.
pub struct Making<'a> {
    /// The officer.
    pub officer: &'a dyn OfficerSigner,
    /// The time.
    pub now: NumericDate,
    /// The random numbers.
    pub rng: &'a mut dyn CryptoRng,
}

impl Prepared {
    /// For how many seconds it can be completed: the statements bear the time of its preparation.
    pub const MAX_AGE_S: i64 = 300;

    /// Makes a decision, up to the officer's signature. `seed` is secret until it is completed: it
    /// decides which slots certificates get.
    ///
    /// # Errors
    ///
    /// Any error of the decision, except that it is not signed.
    pub fn make<T>(
        office: &mut Office,
        key: OfficerPublicKey,
        (at, seed): (NumericDate, [u8; 32]),
        decide: impl FnOnce(&mut Office, Making<'_>) -> Result<T, Error>,
    ) -> Result<Step<T>, Error> {
        let officer = Elsewhere::new(key.clone());
        let mut rng = ChaCha20Rng::from_seed(seed);
        let making = Making { officer: &officer, now: at, rng: &mut rng };
        match decide(office, making) {
            Ok(done) => Ok(Step::Done(done)),
            Err(Error::Register(vernet_register::Error::SignatureAwaited)) => {
                let (head, statements) =
                    (office.register().state().head(), officer.into_statements());
                Ok(Step::ToSign(Box::new(Self { key, at, seed, head, statements })))
            }
            Err(error) => Err(error),
        }
    }

    /// The canonical bytes of each statement that the officer is to sign, in order.
    pub fn statements(&self) -> &[Vec<u8>] {
        &self.statements
    }

    /// The hash of each statement.
    pub fn hashes(&self) -> Vec<Digest> {
        self.statements.iter().map(|statement| Digest::of(statement)).collect()
    }

    /// The officer who is to sign.
    pub fn key(&self) -> &OfficerPublicKey {
        &self.key
    }

    /// Makes the decision, with a signature for each statement. `decide` must do what it did when
    /// this was prepared.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::PreparedOvertaken`] if something was recorded since, or `decide`
    /// does something else; [`Error::PreparedTooOld`] after [`Prepared::MAX_AGE_S`]; the errors of a
    /// signature that does not count; any error of the decision. Nothing is recorded then.
    pub fn complete<T>(
        &self,
        office: &mut Office,
        signatures: Vec<OfficerSignature>,
        now: NumericDate,
        decide: impl FnOnce(&mut Office, Making<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let seconds = now.seconds_since(self.at);
        if !(0..=Self::MAX_AGE_S).contains(&seconds) {
            return Err(Error::PreparedTooOld { seconds, limit: Self::MAX_AGE_S });
        }
        self.check_not_overtaken(office)?;
        let officer =
            Given::new(self.key.clone(), self.hashes().into_iter().zip(signatures).collect());
        let mut rng = ChaCha20Rng::from_seed(self.seed);
        let made = decide(office, Making { officer: &officer, now: self.at, rng: &mut rng });
        // Somebody else may record something between the look and the transaction. Whatever the
        // decision stumbled over then, that is the reason.
        made.or_else(|error| self.check_not_overtaken(office).and(Err(error)))
    }

    fn check_not_overtaken(&self, office: &mut Office) -> Result<(), Error> {
        office.register_mut().refresh()?;
        let state = office.register().state();
        if state.head() != self.head {
            let seq = state.statements().len() as u64 + 1;
            return Err(vernet_register::Error::PreparedOvertaken { seq }.into());
        }
        Ok(())
    }
}

impl std::fmt::Debug for Prepared {
    /// Without the seed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, at, head, .. } = self;
        let mut prepared = f.debug_struct("Prepared");
        prepared
            .field("key", &key.kid())
            .field("at", at)
            .field("head", head)
            .finish_non_exhaustive()
    }
}
