//! Sends a message to a person, by the hospital's own mail server.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use vernet_host::{Mail as Letter, MailAddress, MailFailure, MailServer, MailTls, Mailer};
use vernet_verifier::roster::Urgency;

use super::{
    failure::Failure,
    message::Message,
    name::{ReceiverName, everything},
};

/// Addresses to which mails go, as they are configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailSettings {
    pub(crate) name: ReceiverName,
    server: String,
    port: Option<u16>,
    #[serde(default)]
    tls: MailTls,
    user: Option<String>,
    /// The file with the password.
    pub(crate) password: Option<PathBuf>,
    from: String,
    pub(crate) to: Vec<String>,
    #[serde(default = "everything")]
    pub(crate) urgency: Urgency,
}

impl MailSettings {
    pub(super) fn check(&self) -> Result<()> {
        self.refuse_what_cannot_be_used().with_context(|| self.cannot_be_used())
    }

    fn refuse_what_cannot_be_used(&self) -> Result<()> {
        if self.to.is_empty() {
            bail!("its `to` names nobody, expected at least one address");
        }
        self.server().check()?;
        self.from.parse::<MailAddress>()?;
        self.to.iter().try_for_each(|to| Ok(to.parse::<MailAddress>().map(drop)?))
    }

    fn server(&self) -> MailServer<'_> {
        MailServer {
            server: &self.server,
            port: self.port,
            tls: self.tls,
            user: self.user.as_deref(),
            password: self.password.as_deref(),
        }
    }

    fn cannot_be_used(&self) -> String {
        format!("the receiver `{}` cannot be used", self.name.as_str())
    }
}

/// Mails to one address: one that the mail server refuses does not keep the others from theirs.
pub(super) struct Mail {
    server: Mailer,
    from: MailAddress,
    to: MailAddress,
}

impl Mail {
    /// One for each address.
    pub(super) fn all(settings: &MailSettings) -> Result<Vec<(String, Self)>> {
        let server = settings.server().open().with_context(|| settings.cannot_be_used())?;
        let from: MailAddress = settings.from.parse()?;
        let mail = |to: &String| {
            let to: MailAddress = to.parse()?;
            Ok((to.email(), Self { server: server.clone(), from: from.clone(), to }))
        };
        settings.to.iter().map(mail).collect()
    }

    pub(super) fn deliver(&self, message: &Message) -> Result<(), Failure> {
        let letter = Letter {
            from: &self.from,
            to: &self.to,
            subject: &message.subject,
            text: &message.text,
            id: &message.id,
            at: message.at,
            urgent: Some(message.urgency == Urgency::Urgent),
        };
        self.server.send(&letter).map_err(|failure| match failure {
            MailFailure::Refused(why) => Failure::Refused(why),
            other => Failure::Unreachable(other.to_string()),
        })
    }
}
