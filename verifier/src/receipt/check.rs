//! A check, its verdict, and the receipt to be signed about it.

use vernet_common::{NumericDate, Sha256Hash, TrustAnchor};

use super::claims::{
    CauseCode, NamedOffice, NamedStatusList, NamedTrustList, Receipt, VerifierName,
};
use crate::{
    check::verify_parsed,
    code::Code,
    error::InputError,
    input::{Input, without_white_space},
    knowledge::Knowledge,
    policy::Policy,
    verdict::Verdict,
};

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

/// A check that was made, with its verdict.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    check: Check<'a>,
    verdict: Verdict,
}

impl<'a> Check<'a> {
    /// Makes the check: the same verdict as that of [`verify`](crate::verify).
    #[must_use]
    pub fn decide(self) -> Checked<'a> {
        self.decide_parsed(&Input::parse(self.input))
    }

    /// As [`Check::decide`], for an input that is already parsed.
    pub(crate) fn decide_parsed(self, input: &Result<Input, InputError>) -> Checked<'a> {
        let verdict = verify_parsed(input, self.knowledge, self.policy, self.now);
        self.decided(verdict)
    }

    /// The check, if this is its verdict.
    pub(crate) fn decided(self, verdict: Verdict) -> Checked<'a> {
        Checked { check: self, verdict }
    }
}

impl<'a> Checked<'a> {
    /// The verdict.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Takes the office out of the verdict: it may be another one's.
    pub(crate) fn forget_office(&mut self) {
        self.verdict.office = None;
    }

    /// The knowledge that the verdict rests on.
    pub(crate) fn knowledge(&self) -> &'a Knowledge {
        self.check.knowledge
    }

    /// The verdict, without the check.
    #[must_use]
    pub fn into_verdict(self) -> Verdict {
        self.verdict
    }

    /// The receipt to be signed about the check. `iat` is the time of the signature by the signer's
    /// real clock, whatever time the check was made for.
    pub fn receipt(&self, verifier: &VerifierName, iat: NumericDate) -> Receipt {
        let Self { check: Check { input, anchor, knowledge, policy, now }, verdict } = self;
        let certificate_sha256 = verdict.shown;
        let input_sha256 = certificate_sha256
            .is_none()
            .then(|| Sha256Hash::of(without_white_space(input).as_bytes()));
        let unusable = verdict.code() == Code::StatusUnusable;
        Receipt {
            as_of: verdict.as_of(),
            cause: verdict.cause().map(|cause| CauseCode::of(cause.code())),
            certificate_sha256,
            checked_at: *now,
            code: verdict.code(),
            defect_sha256: if unusable { knowledge.first_defect_sha256 } else { None },
            iat,
            input_sha256,
            newest: knowledge.newest_iat(),
            office: NamedOffice {
                iss: anchor.iss.clone(),
                roots_sha256: anchor.fingerprint().into(),
            },
            policy: (**policy).into(),
            status_list: self.status_list(),
            trust_list: NamedTrustList {
                seq: knowledge.trust_list().seq,
                sha256: knowledge.trust_list_sha256,
            },
            verdict: verdict.colour(),
            verifier: verifier.clone(),
        }
    }

    /// The status list that the verdict was looked up in, if one was.
    fn status_list(&self) -> Option<NamedStatusList> {
        let (uri, _) = self.verdict.status_list.as_ref()?;
        let list = self.check.knowledge.status_list(uri)?;
        Some(NamedStatusList { iat: list.iat, sha256: list.sha256, uri: uri.clone() })
    }
}
