//! The receipt: what a verifier states about one check, under its own key, so that the check can be
//! made again years later.
//!
//! It names by their hashes everything that the verdict followed from. Nobody has to believe the
//! verdict: [`Evidence`] makes it again from the same bytes.

mod claims;
mod error;
mod evidence;

pub use claims::{
    CauseCode, NamedOffice, NamedStatusList, NamedTrustList, Receipt, ReceiptPolicy, VerifierName,
};
pub use error::ReplayFault;
pub use evidence::Evidence;
use vernet_common::{
    CertificateHash, NumericDate, PublicKey, Sha256Hash, Signed, TrustAnchor, Verified,
};

use crate::{Code, Input, Knowledge, Policy, Verdict, input::without_white_space, verify};

/// One check: everything that a verdict depends on.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// What was shown.
    pub input: &'a str,
    /// The roots that are trusted.
    pub anchor: &'a TrustAnchor,
    /// What is known of their office.
    pub knowledge: &'a Knowledge,
    /// How old that may be.
    pub policy: &'a Policy,
    /// The time for which the check is made.
    pub now: NumericDate,
}

impl Receipt {
    /// Reads a receipt and checks that one of these keys signed it. White space is not taken: each
    /// byte counts.
    ///
    /// The caller must **also** know that the key was the verifier's own. That the verdict was
    /// right, [`Evidence::replay`] shows.
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

impl Check<'_> {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        verify(self.input, self.knowledge, self.policy, self.now)
    }

    /// What there is to be signed about the check: by whom, and when by the signer's real clock,
    /// whatever time the check is made for.
    pub fn receipt(&self, verifier: &VerifierName, iat: NumericDate) -> Receipt {
        let verdict = self.verdict();
        let certificate = Input::parse(self.input)
            .ok()
            .and_then(|input| input.certificate(self.knowledge.trust_list()).ok())
            .map(|certificate| CertificateHash::of(&certificate));
        let input_sha256 = certificate
            .is_none()
            .then(|| Sha256Hash::of(without_white_space(self.input).as_bytes()));
        let unusable = verdict.code() == Code::StatusUnusable;
        Receipt {
            as_of: verdict.as_of(),
            cause: verdict.cause().map(|cause| CauseCode::of(cause.code())),
            certificate_sha256: certificate,
            checked_at: self.now,
            code: verdict.code(),
            defect_sha256: if unusable { self.knowledge.first_defect_sha256 } else { None },
            iat,
            input_sha256,
            newest: self.knowledge.newest_iat(),
            office: NamedOffice {
                iss: self.anchor.iss.clone(),
                roots_sha256: self.anchor.fingerprint().into(),
            },
            policy: (*self.policy).into(),
            status_list: self.status_list(&verdict),
            trust_list: NamedTrustList {
                seq: self.knowledge.trust_list().seq,
                sha256: self.knowledge.trust_list_sha256,
            },
            verdict: verdict.colour(),
            verifier: verifier.clone(),
        }
    }

    /// The status list that the verdict was looked up in, if one was.
    fn status_list(&self, verdict: &Verdict) -> Option<NamedStatusList> {
        let (uri, _) = verdict.status_list.as_ref()?;
        let list = self.knowledge.status_list(uri)?;
        Some(NamedStatusList { iat: list.iat, sha256: list.sha256, uri: uri.clone() })
    }
}
