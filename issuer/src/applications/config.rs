//! The settings of the inbox, in the office's settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vernet_common::HttpsUrl;

/// Where applicants' submissions come from, and how they are told of answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxConfig {
    /// The folder that the inbox shares with the office.
    pub folder: PathBuf,
    /// The address of the inbox, as applicants know it.
    pub url: HttpsUrl,
    /// The mail server; without one nobody is told, and applicants look by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<InboxMail>,
}

/// The mail server that tells applicants that there is something to read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxMail {
    /// Its name.
    pub server: String,
    /// Its port; the usual one if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How the connection is encrypted: `implicit`, `starttls`, or to this machine `none`.
    #[serde(default)]
    pub tls: MailEncryption,
    /// Who logs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The file whose first line is the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PathBuf>,
    /// The sender's address, perhaps with a name as in `Office <post@example.no>`.
    pub from: String,
}

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailEncryption {
    /// From the first byte.
    #[default]
    Implicit,
    /// After `STARTTLS`, which is demanded.
    Starttls,
    /// Not at all: only to this machine.
    None,
}
