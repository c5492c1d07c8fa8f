//! What is watched, and who is told: the section `[roster]` of the settings.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::{mail::MailSettings, webhook::WebhookSettings};
use crate::roster::staff::Staff;

/// The settings as they are written. Receivers have several settings each, so they are in the file
/// only.
#[derive(Args, Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RosterSettings {
    /// Watch this staff: a table as CSV or a folder with certificates, as for `roster check`
    #[arg(
        id = "roster_staff",
        long = "roster-staff",
        value_name = "STAFF.csv|DIR",
        env = "VERNET_VERIFIER_ROSTER_STAFF"
    )]
    staff: Option<PathBuf>,
    /// The folder in which the table's files lie; by default that of the table
    #[arg(
        id = "roster_files",
        long = "roster-files",
        value_name = "DIR",
        env = "VERNET_VERIFIER_ROSTER_FILES"
    )]
    files: Option<PathBuf>,
    /// For how many days ahead to tell that a certificate expires [default: 30]
    #[arg(id = "roster_expiring", long = "roster-expiring", value_name = "DAYS", env = "VERNET_VERIFIER_ROSTER_EXPIRING", value_parser = clap::value_parser!(u16).range(0..=3660))]
    expiring: Option<u16>,
    /// Who may see the report at `/roster`: bearer tokens, one to a line; by default those of the
    /// API
    #[arg(
        id = "roster_tokens",
        long = "roster-tokens",
        value_name = "FILE",
        env = "VERNET_VERIFIER_ROSTER_TOKENS"
    )]
    tokens: Option<PathBuf>,
    #[arg(skip)]
    webhook: Vec<WebhookSettings>,
    #[arg(skip)]
    mail: Vec<MailSettings>,
}

/// The settings with every default filled in.
#[derive(Debug, Serialize)]
pub(crate) struct RosterConfig {
    pub(crate) staff: PathBuf,
    pub(crate) files: Option<PathBuf>,
    pub(crate) expiring: u16,
    pub(crate) tokens: Option<PathBuf>,
    pub(crate) webhook: Vec<WebhookSettings>,
    pub(crate) mail: Vec<MailSettings>,
}

/// The most receivers, each of which has a thread of its own.
const MAX_RECEIVERS: usize = 50;

impl RosterSettings {
    /// Relative paths in a file are relative to it.
    pub(crate) fn seen_from(&mut self, folder: &Path) {
        for file in [&mut self.staff, &mut self.files, &mut self.tokens] {
            *file = file.take().map(|file| folder.join(file));
        }
        for webhook in &mut self.webhook {
            webhook.key = folder.join(&webhook.key);
        }
        for mail in &mut self.mail {
            mail.password = mail.password.take().map(|file| folder.join(file));
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            staff: self.staff.or(other.staff),
            files: self.files.or(other.files),
            expiring: self.expiring.or(other.expiring),
            tokens: self.tokens.or(other.tokens),
            webhook: if self.webhook.is_empty() { other.webhook } else { self.webhook },
            mail: if self.mail.is_empty() { other.mail } else { self.mail },
        }
    }

    pub(crate) fn resolve(self) -> Result<Option<RosterConfig>> {
        let Self { staff, files, expiring, tokens, webhook, mail } = self;
        let Some(staff) = staff else {
            let others = files.is_some() || expiring.is_some() || tokens.is_some();
            if others || !webhook.is_empty() || !mail.is_empty() {
                bail!("there are settings for a roster, but no `staff` that says which one");
            }
            return Ok(None);
        };
        if staff == Path::new("-") {
            bail!("`staff` is `-`, expected a table or a folder: it is read again and again");
        }
        let expiring = expiring.unwrap_or(30);
        if expiring > 3660 {
            bail!("`expiring` is {expiring}, expected 0 to 3660 days");
        }
        webhook.iter().try_for_each(WebhookSettings::check)?;
        mail.iter().try_for_each(MailSettings::check)?;
        let names = webhook.iter().map(|one| &one.name).chain(mail.iter().map(|one| &one.name));
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name) {
                bail!(
                    "two receivers have the name `{}`, expected one of its own for each",
                    name.as_str()
                );
            }
        }
        let receivers = webhook.len() + mail.iter().map(|mail| mail.to.len()).sum::<usize>();
        if receivers > MAX_RECEIVERS {
            bail!(
                "alerts go to {receivers} receivers, expected at most {MAX_RECEIVERS}: use a mailing list"
            );
        }
        Ok(Some(RosterConfig { staff, files, expiring, tokens, webhook, mail }))
    }
}

impl RosterConfig {
    /// Reads the head of the table. The server starts without it: it has other things to do as well.
    pub(crate) fn check_staff(&self) -> Result<()> {
        Staff::open(&self.staff).map(drop)
    }

    /// The files with secrets, by the names of their settings.
    pub(crate) fn secrets(&self) -> Vec<(&'static str, &Path)> {
        let tokens = self.tokens.as_deref().map(|file| ("roster.tokens", file));
        let keys = self.webhook.iter().map(|webhook| ("roster.webhook.key", &*webhook.key));
        let passwords = self.mail.iter().filter_map(|mail| mail.password.as_deref());
        let staff = ("roster.staff", &*self.staff);
        tokens
            .into_iter()
            .chain(keys)
            .chain(passwords.map(|file| ("roster.mail.password", file)))
            .chain([staff])
            .collect()
    }
}
