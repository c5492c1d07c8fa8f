//! Without the feature `pkcs11`, every operation on a token fails and says so.

use std::convert::Infallible;

use rand::CryptoRng;
use vernet_common::{PublicKey, SignatureBytes, Signer, SignerError};

use super::{TokenError, TokenReference, TokenUri};
use crate::Credentials;

/// A key in a token. This build can have none.
#[derive(Debug)]
pub struct TokenKey(Infallible);

impl TokenKey {
    /// Opens a key that is in a token.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotSupported`].
    pub fn open(_: &TokenUri, _: &dyn Credentials) -> Result<Self, TokenError> {
        Err(TokenError::NotSupported)
    }

    /// Generates a key in a token.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotSupported`].
    pub fn generate(
        _: &TokenUri,
        _: &dyn Fn(&PublicKey) -> bool,
        _: &dyn Credentials,
        _: &mut dyn CryptoRng,
    ) -> Result<Self, TokenError> {
        Err(TokenError::NotSupported)
    }

    /// Finds the token and logs in.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotSupported`].
    pub fn check_token(_: &TokenUri, _: &dyn Credentials) -> Result<(), TokenError> {
        Err(TokenError::NotSupported)
    }

    /// The key's id and its location.
    pub fn reference(&self) -> TokenReference {
        match self.0 {}
    }

    /// Whether the key was generated in the token and could never leave it, as far as the token
    /// says.
    pub fn was_always_inside(&self) -> bool {
        match self.0 {}
    }
}

impl Signer for TokenKey {
    fn public_key(&self) -> PublicKey {
        match self.0 {}
    }

    fn sign(&self, _: &[u8]) -> Result<SignatureBytes, SignerError> {
        match self.0 {}
    }
}
