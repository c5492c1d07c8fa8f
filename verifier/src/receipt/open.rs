//! Opens a receipt.

use vernet_common::{PublicKey, Signed, Verified};

use super::{claims::Receipt, error::ReplayFault};

impl Receipt {
    /// Reads a receipt and checks that one of these keys signed it. White space is not allowed:
    /// each byte counts.
    ///
    /// The caller must **also** know that the key was the verifier's own.
    /// [`Evidence::replay`](super::Evidence::replay) shows whether the verdict was right.
    ///
    /// # Errors
    ///
    /// [`ReplayFault::SignerUnknown`] if the receipt names none of these keys;
    /// [`ReplayFault::Refused`] if it is malformed or its signature is not valid.
    pub fn open(jws: &str, keys: &[PublicKey]) -> Result<Verified<Self>, ReplayFault> {
        let signed = Signed::<Self>::parse(jws).map_err(ReplayFault::refused)?;
        let key = keys.iter().find(|key| key.kid() == signed.kid());
        let key = key.ok_or(ReplayFault::SignerUnknown { found: signed.kid() })?;
        signed.verify(key).map_err(ReplayFault::refused)
    }
}
