//! The statement of professional status that comes with a certificate on paper for another state.

use vernet_common::{CertificateClaims, Error, KeyUse, NumericDate, Signed, StatusStatement};

use crate::{
    check::{Circumstances, Finding},
    code::Code,
    knowledge::Knowledge,
    policy::Policy,
};

/// Why a statement of professional status cannot be relied on.
#[derive(Clone, Debug)]
pub struct StatementRefusal {
    code: Code,
    cause: Option<Error>,
}

impl StatementRefusal {
    /// What is wrong, or why that is not known. Never a code that means *accepted*, nor one that a
    /// status list gives.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The particular fault behind the code, where there is one.
    pub fn cause(&self) -> Option<&Error> {
        self.cause.as_ref()
    }
}

impl From<Finding> for StatementRefusal {
    fn from(Finding { code, cause }: Finding) -> Self {
        Self { code, cause }
    }
}

/// The statement, if it is genuine, still to be relied on, and about this certificate.
///
/// It describes the status at the time it was signed. [`verify`](crate::verify) says whether the
/// certificate itself is genuine, and in force now: the caller must **also** ask that. For several
/// offices, ask with the knowledge of the one under whose key the certificate's signature is valid.
///
/// # Errors
///
/// [`StatementRefusal`] if the statement is malformed, not signed by a status key of the issuer,
/// about another certificate, expired or not yet valid, or if the clock or the trust list is in
/// doubt.
pub fn verify_statement(
    statement: &str,
    certificate: &Signed<CertificateClaims>,
    knowledge: &Knowledge,
    policy: &Policy,
    now: NumericDate,
) -> Result<StatusStatement, StatementRefusal> {
    let circumstances = Circumstances { knowledge, policy: *policy, now };
    let trust_list = knowledge.trust_list();
    let authenticate = || -> Result<StatusStatement, Error> {
        let signed = Signed::<StatusStatement>::parse(statement.trim_ascii())?;
        let key = trust_list.signer(&signed)?;
        let claims = signed.verify(&key.key)?.into_claims();
        key.check(KeyUse::Status, claims.iat)?;
        Ok(claims)
    };
    let claims = authenticate().map_err(|error| circumstances.unreadable(error))?;
    if claims.iss != trust_list.iss {
        return Err(Finding::from(Code::UntrustedIssuer).into());
    }
    if !claims.is_about(certificate) {
        let cause = Error::Inconsistent {
            what: "the statement is about another certificate than the one it comes with",
        };
        return Err(StatementRefusal { code: Code::Malformed, cause: Some(cause) });
    }
    if claims.exp <= circumstances.earliest_plausible() {
        return Err(Finding::from(Code::Expired).into());
    }
    circumstances.doubt_clock_and_trust_list()?;
    if claims.iat > circumstances.latest_plausible() {
        return Err(Finding::from(Code::NotYetValid).into());
    }
    Ok(claims)
}
