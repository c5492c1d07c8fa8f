//! Opens a receipt.

use vernet_common::{PublicKey, Signed, Verified};

use super::{claims::Receipt, error::ReplayFault};

impl Receipt {
    /// Reads a receipt and checks that one of these keys signed it. White space is not taken: each
    /// byte counts.
    ///
    /// The caller must **also** know that the key was the verifier's own. That the verdict was
    /// right, [`Evidence::replay`](super::Evidence::replay) shows.
    ///
    /// # Errors
    ///
    /// [`ReplayFault::SignerUnknown`]; [`ReplayFault::Refused`] with what is wrong with the
    /// receipt.
    pub fn open(jws: &str, keys: &[PublicKey]) -> Result<Verified<Self>, ReplayFault> {
        let signed = Signed::<Self>::parse(jws).map_err(ReplayFault::refused)?;
        let key = keys.iter().find(|key| key.kid() == signed.kid());
        let key = key.ok_or(ReplayFault::SignerUnknown { found: signed.kid() })?;
        signed.verify(key).map_err(ReplayFault::refused)
    }
}
