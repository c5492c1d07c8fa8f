//! The settings of an office: `office.json`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vernet_common::{
    Algorithm, CivilDate, Contact, HttpsUrl, LogHead, OfficeDetails, PublicKey, TrustedLog,
    Witness, WitnessName,
};
use vernet_host::files::write_new_secret;
use vernet_register::{Digest, MAX_EMERGENCY_DAYS, PostgresUrl};
use vernet_verifier::Policy;

use super::files::read_json;
use crate::{applications::InboxConfig, error::Error};

/// The settings of an office. `iss` can never change, because every certificate names it.
/// `algorithm` may change; new codes then use a new QR profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeConfig {
    /// The issuer's URL, at which the publication is served.
    pub iss: HttpsUrl,
    /// The URL of the verification page: the part of a QR code's link before `#`.
    pub verification_page: HttpsUrl,
    /// The name of the signature algorithm in the header of certificates.
    pub algorithm: Algorithm,
    /// How long a status list is valid. It must bridge a long weekend without the office's
    /// network, and no more.
    pub status_list_hours: u32,
    /// After how many seconds verifiers should ask for a newer status list. Publish at least as
    /// often.
    pub status_list_ttl_s: u32,
    /// How long a trust list is valid. The root keys must sign the next one before that.
    pub trust_list_days: u32,
    /// The greatest age, in days, at which a proposal can still be approved.
    pub proposal_days: u16,
    /// For how many days a suspension by one officer in an emergency lasts without a second one.
    pub emergency_days: u16,
    /// The hash of the register's first statement, which names the founders and their keys.
    /// [`Office::create`](super::Office::create) sets it. A register that others created from
    /// scratch, with their own officers, has a different first statement.
    pub founded: Digest,
    /// The database that holds the register, for an office with several machines. If it is not
    /// given, the register is the file `register.sqlite` in the office's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<PostgresUrl>,
    /// The witnesses of the issued log. A change takes effect with the next trust list, which the
    /// root keys sign.
    #[serde(default, skip_serializing_if = "LogWitnesses::is_none")]
    pub witnesses: LogWitnesses,
    /// What people call the office, and whom a hospital calls when a verdict is red or amber. A
    /// change takes effect with the next trust list, which the root keys sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeDetails>,
    /// Where officers find the console, if it is reached from other machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<ConsoleConfig>,
    /// For how many years after the decision documents are kept, if the office has decided that. No
    /// paragraph that could be confirmed settles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_documents_years: Option<u8>,
    /// The office's name and address as letters show them, each from a day on, in order of the days.
    /// Letters and lists show those of the day on which they are printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letterhead: Vec<OfficeSender>,
    /// The inbox through which applicants send their applications, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<InboxConfig>,
}

/// The sender of letters, from a day on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeSender {
    /// The first day.
    pub from: CivilDate,
    /// The name of the office, in one line.
    pub name: String,
    /// Its address: at most four lines.
    pub address: Vec<String>,
}

impl OfficeSender {
    /// Name and address on one line, as above the window of an envelope.
    pub fn line(&self) -> String {
        let lines = std::iter::once(&self.name).chain(&self.address).map(String::as_str);
        lines.collect::<Vec<_>>().join(", ")
    }

    /// The most bytes in the one line, for which there is room on a page.
    const MOST: usize = 110;

    fn check(&self) -> Result<(), vernet_common::Error> {
        let mut lines = std::iter::once(&self.name).chain(&self.address);
        let is_line = |line: &String| !line.trim().is_empty() && !line.contains(char::is_control);
        if !lines.all(is_line) || self.address.len() > 4 || self.line().len() > Self::MOST {
            let expected = "a name and at most four lines of address, together at most 110 bytes, without empty ones";
            return Err(vernet_common::Error::field("letterhead", &self.line(), expected));
        }
        Ok(())
    }
}

/// Where officers find the console. What they sign there names it, so that a signature from another
/// page is good for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {
    /// The origin, as browsers write it: `https://console.office.example.no`.
    pub origin: String,
    /// The name for which passkeys are made: the host of the origin, or a domain above it.
    pub rp_id: String,
}

impl ConsoleConfig {
    fn check(&self) -> Result<(), vernet_common::Error> {
        let Self { origin, rp_id } = self;
        let host = origin.strip_prefix("https://").unwrap_or_default();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:".contains(c);
        if host.is_empty() || !host.chars().all(plain) || origin.parse::<HttpsUrl>().is_err() {
            let expected = "an origin as in `https://console.office.example.no`, in small letters, without a path";
            return Err(vernet_common::Error::field("origin", origin, expected));
        }
        let host = host.split(':').next().unwrap_or_default();
        let above = || host.strip_suffix(rp_id.as_str()).is_some_and(|rest| rest.ends_with('.'));
        if host != rp_id && !(rp_id.contains('.') && above()) {
            let expected = "the host of `origin`, or a domain above it";
            return Err(vernet_common::Error::field("rp_id", rp_id, expected));
        }
        Ok(())
    }
}

/// The witnesses of the issued log, and how many of them must cosign it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogWitnesses {
    /// How many of them must have cosigned a log before hospitals accept it, and before it is
    /// published.
    pub threshold: u8,
    /// All witnesses.
    pub of: Vec<OfficeWitness>,
}

/// A witness in the office's settings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeWitness {
    /// Its key, from its operator.
    pub key: PublicKey,
    /// Its name, also from its operator.
    pub name: WitnessName,
    /// Its URL: the part before `/add-checkpoint`. Everything sent and received there is public
    /// and signed, so `http` suffices. None for a witness whose cosignatures arrive another
    /// way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl LogWitnesses {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The log entry of a trust list: what the log holds, and which witnesses must cosign
    /// additions.
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
                return Err(vernet_common::Error::field(
                    "witnesses",
                    url,
                    "the URL of a witness, as in `https://witness.example.no/vernet`",
                )
                .into());
            }
        }
        if usize::from(self.threshold) > self.of.len() {
            return Err(vernet_common::Error::field(
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
    /// The path of the settings in an office's folder.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("office.json")
    }

    /// The settings of a new office: status lists every hour, valid for three days; trust lists
    /// valid for a quarter; proposals for a month; and an emergency suspension by one officer for a
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
            office: None,
            console: None,
            keep_documents_years: None,
            letterhead: Vec::new(),
            inbox: None,
        }
    }

    /// Verifiers have their own limits: a period that they would call stale is refused.
    fn check(&self) -> Result<(), Error> {
        let hours = i64::from(self.status_list_hours);
        if !(1..=Policy::default().max_trust_list_age_s)
            .contains(&(i64::from(self.trust_list_days) * 86_400))
        {
            return Err(vernet_common::Error::field(
                "trust_list_days",
                &self.trust_list_days.to_string(),
                "1 to 100: verifiers refuse older lists",
            )
            .into());
        }
        if !(1..=336).contains(&hours) {
            return Err(vernet_common::Error::field(
                "status_list_hours",
                &self.status_list_hours.to_string(),
                "1 to 336",
            )
            .into());
        }
        if !(1..=hours * 3600).contains(&i64::from(self.status_list_ttl_s)) {
            let expected = "at least 1, and no longer than a status list is good";
            return Err(vernet_common::Error::field(
                "status_list_ttl_s",
                &self.status_list_ttl_s.to_string(),
                expected,
            )
            .into());
        }
        if self.proposal_days == 0 {
            return Err(vernet_common::Error::field("proposal_days", "0", "at least 1").into());
        }
        self.witnesses.check()?;
        self.check_office()?;
        self.check_letterhead()?;
        self.console.as_ref().map_or(Ok(()), ConsoleConfig::check)?;
        if !(1..=MAX_EMERGENCY_DAYS).contains(&i32::from(self.emergency_days)) {
            return Err(vernet_common::Error::field(
                "emergency_days",
                &self.emergency_days.to_string(),
                "1 to 31",
            )
            .into());
        }
        Ok(())
    }

    /// What nobody could call is a mistake here, although verifiers pass over it.
    fn check_office(&self) -> Result<(), Error> {
        let Some(office) = &self.office else { return Ok(()) };
        office.check()?;
        if !office.contacts.iter().all(Contact::leads_somewhere) {
            let expected = "a `phone`, an `email` or a `url` in each";
            return Err(vernet_common::Error::field("contacts", "a contact", expected).into());
        }
        Ok(())
    }

    /// The sender of what is printed on a day; none if the settings name none for it.
    pub fn sender(&self, on: CivilDate) -> Option<&OfficeSender> {
        self.letterhead.iter().rfind(|sender| sender.from <= on)
    }

    fn check_letterhead(&self) -> Result<(), Error> {
        for pair in self.letterhead.windows(2) {
            if pair[1].from <= pair[0].from {
                let found = pair[1].from.to_string();
                let expected = "a day after that of the row before";
                return Err(vernet_common::Error::field("letterhead", &found, expected).into());
            }
        }
        Ok(self.letterhead.iter().try_for_each(OfficeSender::check)?)
    }

    /// Reads the settings in an office's folder.
    ///
    /// # Errors
    ///
    /// [`Error::NoOffice`] if there are none; [`Error::Io`] if they cannot be read; [`vernet_common::Error::Json`] if they are not JSON of
    /// this form; [`vernet_common::Error::FieldInvalid`] if a value is not allowed.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        if !Self::path(folder).exists() {
            return Err(Error::NoOffice { path: folder.to_owned() });
        }
        let config: Self = read_json(&Self::path(folder), "`office.json`, the office's settings,")?;
        config.check()?;
        Ok(config)
    }

    /// Writes the settings of a new office, readable only by their owner, because the URL of a
    /// database may hold a password.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let json =
            serde_json::to_vec_pretty(self).expect("settings of strings and numbers are JSON");
        Ok(write_new_secret(&Self::path(folder), &json)?)
    }
}
