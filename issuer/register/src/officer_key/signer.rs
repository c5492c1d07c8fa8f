//! Who signs a statement.
//!
//! A key in a file or a token signs while the transaction waits. A person in front of a browser does
//! not: nobody may hold the register's lock while somebody looks for a security key. So a decision is
//! made twice, with the same time and the same random numbers. The first time an [`Elsewhere`] takes
//! down what is to be signed, and nothing is kept. The second time a [`Given`] has the signatures of
//! exactly that; if the register has changed meanwhile, it is something else, and is refused.

use std::cell::RefCell;

use vernet_common::{Signed, Signer};

use crate::{
    error::Error,
    officer_key::{assertion::OfficerSignature, public::OfficerPublicKey},
    statements::{digest::Digest, statement::Statement},
};

/// Somebody who signs statements.
pub trait OfficerSigner {
    /// The key under which the signatures are valid.
    fn officer_key(&self) -> OfficerPublicKey;

    /// Signs a statement, or takes it down to have it signed elsewhere: then it returns none, and
    /// the transaction is undone.
    ///
    /// # Errors
    ///
    /// [`Error::PreparedOvertaken`] if the signature given is that of another statement; any error
    /// of the key.
    fn sign_statement(&self, statement: &Statement) -> Result<Option<OfficerSignature>, Error>;
}

impl<S: Signer + ?Sized> OfficerSigner for S {
    fn officer_key(&self) -> OfficerPublicKey {
        self.public_key().into()
    }

    fn sign_statement(&self, statement: &Statement) -> Result<Option<OfficerSignature>, Error> {
        let signed = Signed::sign(statement, OfficerPublicKey::ALGORITHM, &self)?;
        Ok(Some(OfficerSignature { signature: *signed.signature(), assertion: None }))
    }
}

/// An officer who signs elsewhere, later. Takes down what there is to sign.
#[derive(Debug)]
pub struct Elsewhere {
    key: OfficerPublicKey,
    statements: RefCell<Vec<Vec<u8>>>,
}

impl Elsewhere {
    /// An officer with this key.
    pub fn new(key: OfficerPublicKey) -> Self {
        Self { key, statements: RefCell::default() }
    }

    /// The canonical bytes of the statements that the officer is to sign, in order.
    pub fn into_statements(self) -> Vec<Vec<u8>> {
        self.statements.into_inner()
    }
}

impl OfficerSigner for Elsewhere {
    fn officer_key(&self) -> OfficerPublicKey {
        self.key.clone()
    }

    fn sign_statement(&self, statement: &Statement) -> Result<Option<OfficerSignature>, Error> {
        self.statements.borrow_mut().push(statement.to_bytes()?);
        Ok(None)
    }
}

/// An officer who has signed elsewhere.
#[derive(Debug)]
pub struct Given {
    key: OfficerPublicKey,
    /// The hash of each statement, and its signature.
    signatures: Vec<(Digest, OfficerSignature)>,
}

impl Given {
    /// An officer with this key, who signed the statements with these hashes.
    pub fn new(key: OfficerPublicKey, signatures: Vec<(Digest, OfficerSignature)>) -> Self {
        Self { key, signatures }
    }
}

impl OfficerSigner for Given {
    fn officer_key(&self) -> OfficerPublicKey {
        self.key.clone()
    }

    fn sign_statement(&self, statement: &Statement) -> Result<Option<OfficerSignature>, Error> {
        let hash = Digest::of(&statement.to_bytes()?);
        let signature = self.signatures.iter().find(|(signed, _)| *signed == hash);
        let (_, signature) = signature.ok_or(Error::PreparedOvertaken { seq: statement.seq })?;
        Ok(Some(signature.clone()))
    }
}
