//! What an officer signs to show who they are, at the office's console. It decides nothing, and is not
//! kept: no statement can be made of it, because it is of another type.

use serde::{Deserialize, Serialize};
use vernet_common::{KeyId, NumericDate, Payload};

use crate::{
    error::Error, officer_key::assertion::OfficerSignature, state::officers::Officers,
    statements::enrolment::Enrolment,
};

/// An officer's wish to sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The origin of the page on which it was signed, as the browser says: a signature that somebody
    /// got on another page is good for nothing here.
    pub origin: String,
    /// What the server made up for this once.
    pub nonce: String,
    /// When the server made it up.
    pub iat: NumericDate,
}

impl Payload for SignIn {
    const TYP: &'static str = "vernet-sign-in+jwt";
    const WHAT: &'static str = "the sign-in";
    const MAX_BYTES: usize = 2048;
    const EXACT: bool = true;

    fn check(&self) -> Result<(), vernet_common::Error> {
        match self.origin.len() <= 300 && self.nonce.len() <= 200 {
            true => Ok(()),
            false => Err(vernet_common::Error::Inconsistent { what: "a sign-in is short" }),
        }
    }
}

impl SignIn {
    /// Who signed in, and as what: an officer in office today, by a key of theirs. `payload` and
    /// `signature` are what the browser sent.
    ///
    /// The caller must **also** check that origin and nonce are its own, and that the nonce was not
    /// used before.
    ///
    /// # Errors
    ///
    /// As for [`Officers::in_office`]; [`vernet_common::Error::SignatureInvalid`] if it was not signed
    /// with the key that it names.
    pub fn verify(
        kid: KeyId,
        (payload, signature): (Vec<u8>, &OfficerSignature),
        officers: &Officers,
        now: NumericDate,
    ) -> Result<(Self, Enrolment), Error> {
        let enrolment = officers.in_office(kid, now.civil_date())?;
        let wish = enrolment.key.verify(payload, signature)?;
        Ok((wish, enrolment.clone()))
    }
}
