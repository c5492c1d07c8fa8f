//! What a thief does with stolen keys.

use anyhow::{Context, Result};
use vernet_common::{
    Algorithm, Bundle, BundledLog, CertificateClaims, CertificateHash, EncodedStatusList, KeyId,
    KeyUse, LogHash, LogTree, NumericDate, Signed, SignedCheckpoint, Signer, StatusList,
    StatusListClaims,
};

use super::DrillOffice;

/// The three keys, and a genuine certificate to copy from.
pub(super) struct Thief {
    certificate_key: Box<dyn Signer>,
    status_key: Box<dyn Signer>,
    log_key: Box<dyn Signer>,
    genuine: CertificateClaims,
}

impl Thief {
    pub(super) fn break_in(office: &DrillOffice, now: NumericDate) -> Result<Self> {
        let key = |r#use| office.office.unlock(r#use, &office.passphrase, now);
        let genuine = office
            .office
            .register()
            .state()
            .certificates()
            .next()
            .context("the drill's office has certificates")?;
        Ok(Self {
            certificate_key: key(KeyUse::Certificate)?,
            status_key: key(KeyUse::Status)?,
            log_key: key(KeyUse::Log)?,
            genuine: genuine.claims.clone(),
        })
    }

    pub(super) fn kids(&self) -> [KeyId; 3] {
        [&self.certificate_key, &self.status_key, &self.log_key].map(|key| key.public_key().kid())
    }

    /// A certificate in his own name, with the slot of somebody whose status is good.
    pub(super) fn certificate(&self, iat: NumericDate) -> Result<String> {
        let claims = CertificateClaims {
            given_name: "Tyv".parse()?,
            family_name: "Tyvesen".parse()?,
            iat,
            ..self.genuine.clone()
        };
        Ok(Signed::sign(&claims, Algorithm::EdDsa, &*self.certificate_key)?.as_str().to_owned())
    }

    /// The office's log with his certificate at its end.
    pub(super) fn log_with(&self, honest: &Bundle, forged: &str) -> Result<LogTree> {
        let mut leaves = leaves(honest)?;
        leaves.push(leaf(forged)?);
        Ok(leaves.into_iter().collect())
    }

    /// The office's log with his certificate in place of the first one, at the same length.
    pub(super) fn log_with_one_replaced(&self, honest: &Bundle, forged: &str) -> Result<LogTree> {
        let mut leaves = leaves(honest)?;
        *leaves.first_mut().context("the log has certificates")? = leaf(forged)?;
        Ok(leaves.into_iter().collect())
    }

    /// The office's log without the first certificate.
    pub(super) fn log_without_one(&self, honest: &Bundle) -> Result<LogTree> {
        Ok(leaves(honest)?.into_iter().skip(1).collect())
    }

    /// Lists on which everybody's status is good, under the status key.
    pub(super) fn with_good_statuses(&self, honest: &Bundle, now: NumericDate) -> Result<Bundle> {
        self.with_lists(honest, now, |claims| {
            claims.status_list = EncodedStatusList::from(&StatusList::new())
        })
    }

    /// Lists that name his log, under the status key. The checkpoint remains the office's, because
    /// he lacks the log key.
    pub(super) fn with_his_lists(
        &self,
        honest: &Bundle,
        log: &LogTree,
        now: NumericDate,
    ) -> Result<Bundle> {
        self.with_lists(honest, now, |claims| claims.log = log.head())
    }

    fn with_lists(
        &self,
        honest: &Bundle,
        now: NumericDate,
        change: impl Fn(&mut StatusListClaims),
    ) -> Result<Bundle> {
        let mut bundle = honest.clone();
        for list in &mut bundle.status_lists {
            // The contents of a list are not encrypted.
            let mut claims: StatusListClaims = serde_json::from_slice(list.unverified_payload())?;
            (claims.exp, claims.iat) =
                (now.plus_seconds(claims.exp.seconds_since(claims.iat)), now);
            change(&mut claims);
            *list = Signed::sign(&claims, Algorithm::EdDsa, &*self.status_key)?;
        }
        Ok(bundle)
    }

    /// His log and a checkpoint for it, under the log key. The lists remain the office's.
    pub(super) fn with_his_log(&self, honest: &Bundle, log: &LogTree) -> Result<Bundle> {
        let checkpoint = SignedCheckpoint::sign(&self.genuine.iss, log.head(), &*self.log_key)?;
        Ok(Bundle {
            log: Some(BundledLog { checkpoint, leaves: Some(log.leaves().to_vec()) }),
            ..honest.clone()
        })
    }

    /// His lists and his log.
    pub(super) fn with_all(
        &self,
        honest: &Bundle,
        log: &LogTree,
        now: NumericDate,
    ) -> Result<Bundle> {
        self.with_his_log(&self.with_his_lists(honest, log, now)?, log)
    }
}

fn leaves(bundle: &Bundle) -> Result<Vec<LogHash>> {
    bundle
        .log
        .as_ref()
        .and_then(|log| log.leaves.clone())
        .context("the leaves of a small log are in the bundle")
}

fn leaf(certificate: &str) -> Result<LogHash> {
    Ok(CertificateHash::of(&Signed::<CertificateClaims>::parse(certificate)?).leaf())
}
