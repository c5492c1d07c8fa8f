//! The settings of the inbox: a file beside it, with nothing secret in it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vernet_applications::InboxPublicKey;
use vernet_common::{EmailAddress, HttpsUrl, InWords, Title};
use vernet_host::files::read_capped;
use vernet_register::ProtectedTitle;

/// The settings of an inbox.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxSettings {
    /// The folder that the inbox shares with the office.
    pub folder: PathBuf,
    /// The file of the public inbox key, `.pub` of `keys new --use inbox`.
    pub key: PathBuf,
    /// How browsers reach it, as in `https://soknad.example.no`.
    pub origin: String,
    /// What people call the office.
    pub office: InWords,
    /// Whom they ask.
    pub contact: EmailAddress,
    /// Where the office says what it does with what it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<HttpsUrl>,
    /// The titles that people apply for here.
    #[serde(default = "first_title")]
    pub titles: Vec<Title>,
}

fn first_title() -> Vec<Title> {
    vec![ProtectedTitle::first().title.clone()]
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A file cannot be read.
    #[error("reading `{}`", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is not JSON with these members.
    #[error("`{}` is no file of settings: {source}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The key is not one that the inbox may have.
    #[error("the key `{}`", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: vernet_applications::Error,
    },
    /// A value is not allowed.
    #[error("`{member}` is `{found}`, expected {expected}")]
    Value {
        /// Which.
        member: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
}

impl SettingsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "inbox_settings_unreadable",
            Self::Malformed { .. } => "inbox_settings_malformed",
            Self::Key { .. } => "inbox_key_unusable",
            Self::Value { .. } => "inbox_settings_invalid",
        }
    }
}

impl InboxSettings {
    const MAX_BYTES: usize = 64 << 10;

    /// Reads the settings. Relative paths in the file are relative to it.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], with what is wrong.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let bytes = read_capped(path, Self::MAX_BYTES)
            .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
        let mut settings: Self = serde_json::from_slice(&bytes)
            .map_err(|source| SettingsError::Malformed { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        settings.folder = folder.join(&settings.folder);
        settings.key = folder.join(&settings.key);
        settings.check()?;
        Ok(settings)
    }

    /// The public key. A file with a private key is refused by its form.
    pub(super) fn public_key(&self) -> Result<InboxPublicKey, SettingsError> {
        let path = || self.key.clone();
        let bytes = read_capped(&self.key, Self::MAX_BYTES)
            .map_err(|source| SettingsError::Unreadable { path: path(), source })?;
        InboxPublicKey::from_json(&bytes)
            .map_err(|source| SettingsError::Key { path: path(), source })
    }

    /// The rows of its titles.
    pub(super) fn rows(&self) -> Vec<&'static ProtectedTitle> {
        let offered = |row: &&ProtectedTitle| self.titles.contains(&row.title);
        ProtectedTitle::shipped().iter().filter(offered).collect()
    }

    fn check(&self) -> Result<(), SettingsError> {
        let (scheme, host) = self.origin.split_once("://").unwrap_or_default();
        let is_host = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
        let this_machine = host == "localhost" || host.starts_with("localhost:");
        if !is_host || !(scheme == "https" || scheme == "http" && this_machine) {
            let expected = "`https://` and a name, without a path";
            return Err(SettingsError::Value {
                member: "origin",
                found: self.origin.clone(),
                expected,
            });
        }
        if let Some(title) = self.titles.iter().find(|title| {
            !ProtectedTitle::shipped()
                .iter()
                .any(|row| row.title == **title && row.closed.is_none())
        }) {
            let expected = "titles that this program knows and that are still granted";
            return Err(SettingsError::Value {
                member: "titles",
                found: title.to_string(),
                expected,
            });
        }
        if self.titles.is_empty() {
            let expected = "at least one title";
            return Err(SettingsError::Value { member: "titles", found: String::new(), expected });
        }
        Ok(())
    }
}
