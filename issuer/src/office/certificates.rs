//! Certificates: signed within the decision's transaction, and verified before release.

use vernet_common::{
    CertificateClaims, CertificateNumber, GivenNames, HprNumber, KeyId, KeyUse, NumericDate,
    PersonName, QrPayload, Signed, Signer, Status,
};
use vernet_register::{ProtectedTitle, State};
use vernet_verifier::{Code, Input, Knowledge, Policy, verify};

use super::Office;
#[cfg(feature = "pdf")]
use crate::QrCodeError;
use crate::{Language, QrCode, credentials::Credentials, error::Error};

/// A certificate in the forms in which it is released. Only [`Office::release`] and
/// [`Releases::release`] make one, and they verify it.
#[derive(Debug)]
pub struct Release {
    claims: CertificateClaims,
    key_id: KeyId,
    text: String,
    link: String,
    status: Status,
    bound_to_post: bool,
    recognised_in: Option<String>,
    title: ProtectedTitle,
    language: Language,
    is_published: bool,
}

impl Release {
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

    /// The host of the page that the link opens. A print names it, because a forged code opens a
    /// page elsewhere.
    pub fn host(&self) -> &str {
        let link = self.link.strip_prefix("https://").unwrap_or(&self.link);
        link.split(['/', '#']).next().unwrap_or_default()
    }

    /// The status that the next publication will give it.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether it is a licence that is bound to a post. The certificate does not say so, only the
    /// application.
    pub fn is_bound_to_post(&self) -> bool {
        self.bound_to_post
    }

    /// The state whose qualification was recognised, as ISO 3166-1 alpha-2. The certificate does not
    /// say so, only the application.
    pub fn recognised_in(&self) -> Option<&str> {
        self.recognised_in.as_deref()
    }

    /// The row of its title.
    pub fn title(&self) -> &ProtectedTitle {
        &self.title
    }

    /// The form of Norwegian that the person chose to be written to in; bokmål if they chose none.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether a publication holds it in its issued log. If none does, hospitals say `log_behind`
    /// until the next publication.
    pub fn is_published(&self) -> bool {
        self.is_published
    }

    /// Whether its holder may not, or not fully, do what it says: suspended, or limited by a decision
    /// after the grant. What is limited by its kind says so itself.
    pub fn restriction(&self) -> Option<&'static str> {
        match self.status {
            Status::Suspended => Some("suspended"),
            Status::Conditions if !self.claims.authorisation.kind.has_conditions() => {
                Some("limited")
            }
            _ => None,
        }
    }

    /// Whom a letter with it is for, as the one at this place of many.
    pub fn recipient(&self, place: usize, language: Language) -> Recipient {
        Recipient {
            place,
            certificate_number: self.claims.certificate_number,
            given_name: self.claims.given_name.clone(),
            family_name: self.claims.family_name.clone(),
            hpr_number: self.claims.hpr_number,
            language,
        }
    }

    /// The QR code of the link.
    ///
    /// # Errors
    ///
    /// [`Error::Qr`] if the link does not fit a QR code.
    pub fn qr_code(&self) -> Result<QrCode, Error> {
        Ok(QrCode::new(&self.link)?)
    }

    /// The same for a page that draws it itself. It was read back.
    #[cfg(feature = "pdf")]
    pub(crate) fn qr_code_for_print(&self) -> Result<QrCode, QrCodeError> {
        QrCode::new(&self.link)?.checked()
    }
}

/// Whom a letter is for. The register holds no address: who sends it finds that by the number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// The place of the letter among the others, from 1 on.
    pub place: usize,
    /// The certificate in the letter.
    pub certificate_number: CertificateNumber,
    /// Given names, as in the certificate. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name, as in the certificate.
    pub family_name: PersonName,
    /// Health personnel number, as in the certificate.
    pub hpr_number: HprNumber,
    /// The language of the letter.
    pub language: Language,
}

impl Office {
    /// Releases a certificate in the forms in which people carry it, after the verifier has read
    /// each of them.
    ///
    /// # Errors
    ///
    /// [`vernet_register::Error::NotFound`] if there is no such certificate; [`Error::Withdrawn`]
    /// if it is permanently invalid, so that nobody may get a new print of it; [`Error::SelfCheck`]
    /// if the verifier would refuse it; as for [`Office::releases`].
    pub fn release(&self, number: CertificateNumber, now: NumericDate) -> Result<Release, Error> {
        self.releases()?.release(number, now)
    }

    /// What is needed to release certificates, read once for many of them.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`] if no trust list was accepted; [`Error::Io`] if the trust lists or
    /// `roots.json` cannot be read; [`Error::Common`] if they are not valid.
    pub fn releases(&self) -> Result<Releases<'_>, Error> {
        let (state, page) = (self.register.state(), &self.config.verification_page);
        // Use the register's own log, so that nothing that a stolen key signed since the theft is
        // released.
        let recorded = state.statements().last().map(|last| last.recorded_at);
        let as_of = recorded.map_or_else(|| NumericDate::from_seconds(0), Ok)?;
        Ok(Releases {
            state,
            page,
            knowledge: self.knowledge()?.with_own_log(state.log().tree(), as_of),
        })
    }
}

/// Releases certificates, from many threads at once.
#[derive(Debug)]
pub struct Releases<'a> {
    state: &'a State,
    page: &'a vernet_common::HttpsUrl,
    knowledge: Knowledge,
}

impl Releases<'_> {
    /// As [`Office::release`].
    ///
    /// # Errors
    ///
    /// As [`Office::release`].
    pub fn release(&self, number: CertificateNumber, now: NumericDate) -> Result<Release, Error> {
        let status = self.state.certificate_status(number, now.civil_date(), now)?;
        let certificate = self.state.certificate(number)?;
        if status == Status::Invalid {
            return Err(Error::Withdrawn { number, superseded_by: certificate.superseded_by });
        }
        let (jws, index) = (Signed::parse(certificate.jws)?, self.state.log_index(number)?);
        let link = self_check(&jws, self.page, &self.knowledge, now)?;
        // The verifier was not given the log, so it cannot tell what was recorded before the theft
        // of a key.
        if self.knowledge.trust_list().key(jws.kid())?.check_not_compromised(Some(index)).is_err() {
            return Err(Error::SelfCheck { number, found: Code::KeyCompromised });
        }
        let claims = certificate.claims.clone();
        let text = format!("{}~", jws.as_str());
        let application = &self.state.grant(number)?.application;
        let bound_to_post = application.bound_to_post;
        let recognised_in = application.recognition.as_ref().map(|from| from.state.clone());
        let title =
            self.state.titles().get(&application.title).map_err(vernet_register::Error::from)?;
        let title = title.clone();
        let language = Language::chosen(application.language);
        let is_published = self.state.published_log().is_some_and(|log| index < log.size);
        let key_id = jws.kid();
        Ok(Release {
            claims,
            key_id,
            text,
            link,
            status,
            bound_to_post,
            recognised_in,
            title,
            language,
            is_published,
        })
    }

    /// The newest certificate of each authorisation: those that may have to be printed.
    pub fn newest(&self) -> impl Iterator<Item = CertificateNumber> {
        let newest =
            self.state.certificates().filter(|certificate| certificate.superseded_by.is_none());
        newest.map(|certificate| certificate.claims.certificate_number)
    }
}

/// The list of recipients for a machine: who sends the letters joins it with addresses by the HPR
/// number.
pub fn recipients_csv(of: &[Recipient]) -> Vec<u8> {
    let terminator = csv::Terminator::CRLF;
    let mut csv = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    let mut write = |record: [&str; 7]| csv.write_record(record).expect("memory takes it");
    write([
        "place",
        "certificate_number",
        "given_name",
        "family_name",
        "hpr_number",
        "paper",
        "language",
    ]);
    for one in of {
        write([
            &one.place.to_string(),
            &one.certificate_number.to_string(),
            &one.given_name.to_string(),
            &one.family_name.to_string(),
            &one.hpr_number.to_string(),
            "letter",
            one.language.code(),
        ]);
    }
    csv.into_inner().expect("memory takes it")
}

/// What is needed to sign a certificate. It is opened before the transaction, so that nobody waits
/// for a passphrase under the lock.
pub(super) struct CertificateSigner {
    key: Box<dyn Signer + Send>,
    knowledge: Knowledge,
    algorithm: vernet_common::Algorithm,
    page: vernet_common::HttpsUrl,
    now: NumericDate,
}

impl CertificateSigner {
    pub(super) fn open(
        office: &Office,
        credentials: &dyn Credentials,
        now: NumericDate,
    ) -> Result<Self, Error> {
        Ok(Self {
            key: office.unlock(KeyUse::Certificate, credentials, now)?,
            knowledge: office.knowledge()?,
            algorithm: office.config.algorithm,
            page: office.config.verification_page.clone(),
            now,
        })
    }

    pub(super) fn sign(&self, claims: &CertificateClaims) -> Result<String, Error> {
        let signed = self.sign_only(claims)?;
        self.checks(self.now).check(&signed)?;
        Ok(signed.as_str().to_owned())
    }

    /// Signs without checks: [`Checks::check`] must follow.
    pub(super) fn sign_only(
        &self,
        claims: &CertificateClaims,
    ) -> Result<Signed<CertificateClaims>, Error> {
        Ok(Signed::sign(claims, self.algorithm, &*self.key)?)
    }

    /// The checks of what is signed at an instant.
    pub(super) fn checks(&self, now: NumericDate) -> Checks<'_> {
        Checks { knowledge: &self.knowledge, page: &self.page, now }
    }
}

/// The checks that a certificate must pass before its decision is recorded. Unlike a key, they can
/// be used by many threads at once.
#[derive(Clone, Copy)]
pub(super) struct Checks<'a> {
    knowledge: &'a Knowledge,
    page: &'a vernet_common::HttpsUrl,
    now: NumericDate,
}

impl Checks<'_> {
    pub(super) fn check(self, signed: &Signed<CertificateClaims>) -> Result<(), Error> {
        let link = self_check(signed, self.page, self.knowledge, self.now)?;
        // Make sure before the decision is recorded that the code can be drawn and read, not only
        // when it is printed.
        QrCode::new(&link)?.to_png()?;
        Ok(())
    }
}

/// Verifies the text and the link as a hospital will. Returns the link.
///
/// The verifier is given no status lists, and the log only if it already holds the certificate, so
/// the best verdict is `status_missing`: the signature is valid, the key is trusted, the time is
/// right, and only the status is unknown. The register determines the status, and a new certificate
/// enters the log when it is recorded.
fn self_check(
    certificate: &Signed<CertificateClaims>,
    page: &vernet_common::HttpsUrl,
    knowledge: &Knowledge,
    now: NumericDate,
) -> Result<String, Error> {
    let trust_list = knowledge.trust_list();
    let verified = certificate.verify(&trust_list.key(certificate.kid())?.key)?;
    if trust_list.title_of(verified.claims()).is_err() {
        return Err(Error::TitleNotInTrustList { title: verified.claims().title.clone() });
    }
    let link = QrPayload::encode(certificate, &verified, trust_list)?.to_link(page);
    for input in [certificate.as_str(), &link] {
        let verdict = verify(input, knowledge, &Policy::default(), now);
        let read = Input::parse(input).ok().and_then(|input| input.certificate(trust_list).ok());
        if verdict.code() != Code::StatusMissing || read.as_ref() != Some(certificate) {
            return Err(Error::SelfCheck {
                number: verified.claims().certificate_number,
                found: verdict.code(),
            });
        }
    }
    Ok(link)
}
