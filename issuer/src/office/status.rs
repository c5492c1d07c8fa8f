//! The statement of a person's professional status, for the authorities of other states.

use vernet_common::{
    CertificateHash, CertificateNumber, KeyId, KeyUse, NumericDate, Signed, StatedStanding,
    StatusStatement,
};
use vernet_register::Standing;
use vernet_verifier::{Policy, statement::verify_statement};

use super::{Office, Release};
use crate::{credentials::Credentials, error::Error};

/// A certificate, and a signed statement of its present standing. Only
/// [`Office::professional_status`] makes one, and it verifies both.
#[derive(Debug)]
pub struct ProfessionalStatus {
    certificate: Release,
    statement: StatusStatement,
    key_id: KeyId,
    text: String,
}

impl ProfessionalStatus {
    /// The certificate.
    pub fn certificate(&self) -> &Release {
        &self.certificate
    }

    /// What the statement says.
    pub fn statement(&self) -> &StatusStatement {
        &self.statement
    }

    /// The key that signed the statement.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The signed statement, a compact JWS.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Office {
    /// States the professional status of the holder as of now, signed by a status key. Nothing is
    /// recorded.
    ///
    /// The reactions are those against every authorisation that the holder ever had, under any
    /// health personnel number: suspensions, limitations, revocations and waivers that have begun
    /// and were not reversed on appeal, without reasons. An annulment is not among them: it says
    /// that the authority was wrong, and what it annulled never was valid.
    ///
    /// # Errors
    ///
    /// [`Error::NoStatusStatement`] for a title of a board, of which other states are told nothing.
    /// As for [`Office::release`]: there is no statement about a withdrawn or superseded
    /// certificate. As for [`Office::unlock`] if no status key can be opened;
    /// [`Error::StatementSelfCheck`] if the verifier refuses the statement.
    pub fn professional_status(
        &self,
        number: CertificateNumber,
        credentials: &dyn Credentials,
        now: NumericDate,
    ) -> Result<ProfessionalStatus, Error> {
        let certificate = self.release(number, now)?;
        if !certificate.title().is_by_law() {
            let title = certificate.title().title.clone();
            return Err(Error::NoStatusStatement { title });
        }
        let (state, today) = (self.register.state(), now.civil_date());
        let (standing, standing_until) = match state.standing(number, today, now)? {
            Standing::Authorised => (StatedStanding::Authorised, None),
            Standing::WithConditions { until, .. } => (StatedStanding::WithConditions, until),
            Standing::Suspended { until } => (StatedStanding::Suspended, until),
            // A certificate whose right has ended or lapsed is not released, so nothing is stated
            // about it either.
            _ => return Err(Error::Withdrawn { number, superseded_by: None }),
        };
        let jws = Signed::parse(certificate.text().trim_end_matches('~'))?;
        let statement = StatusStatement {
            iss: self.config.iss.clone(),
            iat: now,
            exp: today.plus_days(StatusStatement::VALID_DAYS).start(),
            certificate_number: number,
            certificate_sha256: CertificateHash::of(&jws),
            hpr_number: certificate.claims().hpr_number,
            standing,
            standing_until,
            reactions: state.reactions(number, today, now)?,
        };
        let key = self.unlock(KeyUse::Status, credentials, now)?;
        let signed = Signed::sign(&statement, self.config.algorithm, &*key)?;
        let read =
            verify_statement(signed.as_str(), &jws, &self.knowledge()?, &Policy::default(), now)
                .map_err(|refusal| Error::StatementSelfCheck { number, found: refusal.code() })?;
        Ok(ProfessionalStatus {
            certificate,
            statement: read,
            key_id: signed.kid(),
            text: signed.as_str().to_owned(),
        })
    }
}
