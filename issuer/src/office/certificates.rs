//! Certificates: signed within the decision's transaction, verified before they leave the house.

use vernet_common::{
    CertificateClaims, CertificateNumber, KeyId, KeyUse, NumericDate, QrPayload, Signed, Signer, Status,
};
use vernet_verifier::{Code, Knowledge, Policy, verify};

use super::Office;
#[cfg(feature = "pdf")]
use crate::QrCodeError;
use crate::{Credentials, Error, QrCode};

/// A certificate in the forms in which it leaves the house. There is no way to make one but [`Office::let_out`], which verifies it.
#[derive(Debug)]
pub struct LetOut {
    claims: CertificateClaims,
    key_id: KeyId,
    text: String,
    link: String,
    status: Status,
}

impl LetOut {
    /// What it says.
    pub fn claims(&self) -> &CertificateClaims {
        &self.claims
    }

    /// The key that signed it.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The certificate as an SD-JWT VC: the JWS and a `~`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The link in the QR code.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Where the link leads, without the scheme, as people read it: the part that their phone shows before it opens the page.
    pub fn page(&self) -> &str {
        let page = self.link.split('#').next().unwrap_or_default();
        page.strip_prefix("https://").unwrap_or(page)
    }

    /// The status that the next publication will give it.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The QR code of the link.
    ///
    /// # Errors
    ///
    /// [`Error::Qr`].
    pub fn qr_code(&self) -> Result<QrCode, Error> {
        Ok(QrCode::new(&self.link)?)
    }

    /// The same for a page that draws it by itself: it was read back.
    #[cfg(feature = "pdf")]
    pub(crate) fn qr_code_for_print(&self) -> Result<QrCode, QrCodeError> {
        QrCode::new(&self.link)?.checked()
    }
}

impl Office {
    /// A certificate in the forms in which people carry it, after the verifier has read each of them.
    ///
    /// # Errors
    ///
    /// [`Error::Withdrawn`] if it is invalid for good: nobody may get a new print of it. [`Error::SelfCheck`] if the verifier would
    /// refuse it.
    pub fn let_out(&self, number: CertificateNumber, now: NumericDate) -> Result<LetOut, Error> {
        let fold = self.register.fold();
        let status = fold.certificate_status(number, now.civil_date(), now)?;
        if status == Status::Invalid {
            return Err(Error::Withdrawn { number, superseded_by: fold.certificate(number)?.superseded_by });
        }
        let certificate = fold.certificate(number)?;
        let jws = Signed::parse(certificate.jws)?;
        let link = self_check(&jws, &self.config.verification_page, &self.knowledge()?, now)?;
        let claims = certificate.claims.clone();
        Ok(LetOut { claims, key_id: jws.kid(), text: format!("{}~", jws.as_str()), link, status })
    }
}

/// What is needed to sign a certificate, opened before the transaction so that nobody waits for a passphrase under the lock.
pub(super) struct SigningDesk {
    key: Box<dyn Signer>,
    knowledge: Knowledge,
    algorithm: vernet_common::Algorithm,
    page: vernet_common::HttpsUrl,
    now: NumericDate,
}

impl SigningDesk {
    pub(super) fn open(office: &Office, credentials: &dyn Credentials, now: NumericDate) -> Result<Self, Error> {
        Ok(Self {
            key: office.unlock(KeyUse::Certificate, credentials, now)?,
            knowledge: office.knowledge()?,
            algorithm: office.config.algorithm,
            page: office.config.verification_page.clone(),
            now,
        })
    }

    pub(super) fn sign(&self, claims: &CertificateClaims) -> Result<String, Error> {
        let signed = Signed::sign(claims, self.algorithm, &*self.key)?;
        let link = self_check(&signed, &self.page, &self.knowledge, self.now)?;
        // That the code can be drawn and read is known before the decision is recorded, not when somebody wants to print it.
        QrCode::new(&link)?.to_png()?;
        Ok(signed.as_str().to_owned())
    }
}

/// Asks the verifier, as a hospital will, about the text and about the link. Returns the link.
///
/// The verifier is given no status lists, so the best it can say is `status_missing`: the signature holds, the key is trusted, the time
/// is right, and only the status is not known. What the status will be, the register decides.
fn self_check(
    certificate: &Signed<CertificateClaims>,
    page: &vernet_common::HttpsUrl,
    knowledge: &Knowledge,
    now: NumericDate,
) -> Result<String, Error> {
    let trust_list = knowledge.trust_list();
    let verified = certificate.verify(&trust_list.key(certificate.kid())?.key)?;
    let link = QrPayload::encode(certificate, &verified, trust_list)?.to_link(page);
    for input in [certificate.as_str(), &link] {
        let verdict = verify(input, knowledge, &Policy::default(), now);
        if verdict.code() != Code::StatusMissing || verdict.certificate() != Some(verified.claims()) {
            return Err(Error::SelfCheck { number: verified.claims().certificate_number, found: verdict.code() });
        }
    }
    Ok(link)
}
