//! What is particular to an office: `office.json`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vernet_common::{Algorithm, HttpsUrl, LogHead, PublicKey, TrustedLog, Witness, WitnessName};
use vernet_host::files::write_new_secret;
use vernet_register::{Digest, MAX_EMERGENCY_DAYS, PostgresUrl, field};
use vernet_verifier::Policy;

use super::files::read_json;
use crate::error::Error;

/// The settings of an office. `iss` can never change: every certificate names it. `algorithm` may,
/// and then new codes use a new QR profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeConfig {
    /// The issuer's URL, at which the publication is served.
    pub iss: HttpsUrl,
    /// Where the verification page lies: the part of a QR code's link before `#`.
    pub verification_page: HttpsUrl,
    /// The name of the signature algorithm in the header of certificates.
    pub algorithm: Algorithm,
    /// How long a status list is good. It must bridge a long weekend on which the office's network
    /// is down, and no more.
    pub status_list_hours: u32,
    /// After how many seconds verifiers should ask for a newer status list. Publish at least as
    /// often.
    pub status_list_ttl_s: u32,
    /// How long a trust list is good. The root keys must be taken out of their safes before that.
    pub trust_list_days: u32,
    /// The age in days over which a proposal is not approved any more.
    pub proposal_days: u16,
    /// For how many days a suspension by one officer, in an emergency, holds without a second one.
    pub emergency_days: u16,
    /// The hash of the register's first statement, which names the founders and their keys:
    /// [`Office::create`](super::Office::create) enters it. A register that others made from
    /// nothing, with officers of their own, begins otherwise.
    pub founded: Digest,
    /// The data base that holds the register, for an office with several machines; the file
    /// `register.sqlite` in the office's folder if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<PostgresUrl>,
    /// Who must have seen the issued log before it counts. It comes into force with the next trust
    /// list, which the root keys sign.
    #[serde(default, skip_serializing_if = "LogWitnesses::is_none")]
    pub witnesses: LogWitnesses,
}

/// Who watches the issued log, and how many of them must have seen it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogWitnesses {
    /// How many of them must have cosigned a log before hospitals believe it, and before it is
    /// published.
    pub threshold: u8,
    /// All of them.
    pub of: Vec<OfficeWitness>,
}

/// A witness as the office knows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeWitness {
    /// Its key, from its operator.
    pub key: PublicKey,
    /// Its name, from its operator too.
    pub name: WitnessName,
    /// Where it answers: what stands before `/add-checkpoint`. Everything that goes there and
    /// comes from there is public and signed, so `http` will do. Nothing for a witness whose
    /// cosignatures come another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl LogWitnesses {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The log of a trust list: what it holds, and who must have seen what is added to it.
    pub(super) fn trusted_log(&self, head: LogHead) -> TrustedLog {
        let witness = |known: &OfficeWitness| Witness { key: known.key, name: known.name.clone() };
        TrustedLog {
            threshold: self.threshold,
            witnesses: self.of.iter().map(witness).collect(),
            ..TrustedLog::new(head)
        }
    }

    fn check(&self) -> Result<(), Error> {
        for url in self.of.iter().filter_map(|witness| witness.url.as_deref()) {
            let parsed = url.parse::<ureq::http::Uri>().ok();
            if !parsed.is_some_and(|url| {
                matches!(url.scheme_str(), Some("http" | "https")) && url.query().is_none()
            }) {
                return Err(field(
                    "witnesses",
                    url,
                    "the URL of a witness, as in `https://witness.example.no/vernet`",
                )
                .into());
            }
        }
        if usize::from(self.threshold) > self.of.len() {
            return Err(field(
                "threshold",
                &self.threshold.to_string(),
                "no more than there are witnesses",
            )
            .into());
        }
        Ok(())
    }
}

impl OfficeConfig {
    /// Where the settings lie in an office's folder.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("office.json")
    }

    /// The settings of a new office: status lists every hour, good for three days; trust lists good
    /// for a quarter; proposals for a month, what one officer decides in an emergency for a
    /// week.
    pub fn new(iss: HttpsUrl, verification_page: HttpsUrl) -> Self {
        Self {
            iss,
            verification_page,
            algorithm: Algorithm::default(),
            status_list_hours: 72,
            status_list_ttl_s: 3600,
            trust_list_days: 90,
            proposal_days: 30,
            emergency_days: 7,
            founded: Digest::GENESIS,
            register: None,
            witnesses: LogWitnesses::default(),
        }
    }

    /// Verifiers have limits of their own: what they would call stale is not to be planned.
    fn check(&self) -> Result<(), Error> {
        let hours = i64::from(self.status_list_hours);
        if !(1..=Policy::default().max_trust_list_age_s)
            .contains(&(i64::from(self.trust_list_days) * 86_400))
        {
            return Err(field(
                "trust_list_days",
                &self.trust_list_days.to_string(),
                "1 to 100: verifiers refuse older lists",
            )
            .into());
        }
        if !(1..=336).contains(&hours) {
            return Err(field(
                "status_list_hours",
                &self.status_list_hours.to_string(),
                "1 to 336",
            )
            .into());
        }
        if !(1..=hours * 3600).contains(&i64::from(self.status_list_ttl_s)) {
            let expected = "at least 1, and no longer than a status list is good";
            return Err(
                field("status_list_ttl_s", &self.status_list_ttl_s.to_string(), expected).into()
            );
        }
        if self.proposal_days == 0 {
            return Err(field("proposal_days", "0", "at least 1").into());
        }
        self.witnesses.check()?;
        if !(1..=MAX_EMERGENCY_DAYS).contains(&i32::from(self.emergency_days)) {
            return Err(field("emergency_days", &self.emergency_days.to_string(), "1 to 31").into());
        }
        Ok(())
    }

    /// Reads the settings in an office's folder.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if there are none; [`vernet_common::Error::FieldInvalid`] or
    /// [`vernet_common::Error::Json`] for what they cannot be.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let config: Self = read_json(&Self::path(folder), "the office's settings")?;
        config.check()?;
        Ok(config)
    }

    /// Writes the settings of a new office. The URL of a data base may hold a password.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let json =
            serde_json::to_vec_pretty(self).expect("settings of strings and numbers are JSON");
        Ok(write_new_secret(&Self::path(folder), &json)?)
    }
}
