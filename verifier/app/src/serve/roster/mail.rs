//! Sends a message to a person, by SMTP (RFC 5321) to the hospital's own mail server.

use std::{
    error::Error,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use lettre::{
    Address, SmtpTransport, Transport,
    message::{
        Mailbox, Message as Letter,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use serde::{Deserialize, Serialize};
use vernet_host::files::read_secret_text;
use vernet_verifier::roster::Urgency;

use super::{
    failure::Failure,
    message::Message,
    name::{ReceiverName, everything},
    webhook::is_loopback,
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

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MailTls {
    /// From the first byte (RFC 8314).
    #[default]
    Implicit,
    /// After `STARTTLS`, which is demanded.
    Starttls,
    /// Not at all: only to this machine.
    None,
}

impl MailTls {
    fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

impl MailSettings {
    pub(super) fn check(&self) -> Result<()> {
        self.refuse_what_cannot_be_used()
            .with_context(|| format!("the receiver `{}` cannot be used", self.name.as_str()))
    }

    fn refuse_what_cannot_be_used(&self) -> Result<()> {
        if self.to.is_empty() {
            bail!("its `to` names nobody, expected at least one address");
        }
        if self.tls == MailTls::None && !is_loopback(&self.server) {
            bail!(
                "`tls = \"none\"` is for this machine only, since alerts name people: use `starttls` or `implicit`"
            );
        }
        if self.user.is_some() != self.password.is_some() {
            bail!("it has a `user` or a `password`, expected both or neither");
        }
        let mailbox = |text: &String| {
            text.parse::<Mailbox>().with_context(|| format!("`{text}` is no mail address"))
        };
        mailbox(&self.from)?;
        self.to.iter().try_for_each(|to| mailbox(to).map(drop))
    }
}

/// Mails to one address: one that the mail server refuses does not keep the others from theirs.
pub(super) struct Mail {
    server: SmtpTransport,
    from: Mailbox,
    to: Mailbox,
}

/// How long the mail server may take for each step.
const TIMEOUT: Duration = Duration::from_secs(30);

impl Mail {
    /// One for each address.
    pub(super) fn all(settings: &MailSettings) -> Result<Vec<(Address, Self)>> {
        let server = server(settings)
            .with_context(|| format!("the receiver `{}` cannot be used", settings.name.as_str()))?;
        let from: Mailbox = settings.from.parse()?;
        let mail = |to: &String| {
            let to: Mailbox = to.parse()?;
            Ok((to.email.clone(), Self { server: server.clone(), from: from.clone(), to }))
        };
        settings.to.iter().map(mail).collect()
    }

    pub(super) fn deliver(&self, message: &Message) -> Result<(), Failure> {
        let letter = self
            .letter(message)
            .map_err(|error| Failure::Refused(format!("the mail cannot be written: {error}")))?;
        self.server.send(&letter).map(drop).map_err(|error| failure(&error))
    }

    fn letter(&self, message: &Message) -> Result<Letter, lettre::error::Error> {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(message.at.seconds().unsigned_abs());
        let urgent = message.urgency == Urgency::Urgent;
        let letter = Letter::builder()
            .from(self.from.clone())
            .to(self.to.clone())
            .subject(&message.subject)
            // The same in each repeat, so that a mailbox can drop it.
            .message_id(Some(format!("<{}@{}>", message.id, self.from.email.domain())))
            .date(at)
            .header(AutoSubmitted)
            .header(Importance(if urgent { "high" } else { "normal" }))
            .header(ContentType::TEXT_PLAIN);
        letter.body(message.text.clone())
    }
}

fn server(settings: &MailSettings) -> Result<SmtpTransport> {
    let MailSettings { server, tls, .. } = settings;
    let tls = match tls {
        MailTls::None => Tls::None,
        MailTls::Starttls => Tls::Required(TlsParameters::new(server.clone())?),
        MailTls::Implicit => Tls::Wrapper(TlsParameters::new(server.clone())?),
    };
    let mut transport = SmtpTransport::builder_dangerous(server)
        .port(settings.port.unwrap_or(settings.tls.port()))
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let (Some(user), Some(file)) = (&settings.user, &settings.password) {
        let read = || {
            let text = read_secret_text(file, 4 << 10)?;
            let password = text.lines().next().unwrap_or_default();
            if password.is_empty() {
                bail!("its first line is empty, expected the password");
            }
            Ok(Credentials::new(user.clone(), password.to_owned()))
        };
        let credentials =
            read().with_context(|| format!("reading the password `{}`", file.display()))?;
        transport = transport.credentials(credentials);
    }
    Ok(transport.build())
}

/// The words of a mail server may repeat the mail: only its number is told.
fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let Some(code) = error.status() else {
        let what = if error.is_timeout() {
            "it does not answer in time"
        } else if error.is_tls() || is_about_tls(error) {
            "the connection cannot be encrypted: its certificate is of another name, or of an authority that this machine does not know"
        } else if error.is_client() {
            "it does not offer what is needed: encryption, or a way to log in"
        } else {
            "there is no connection"
        };
        return Failure::Unreachable(what.to_owned());
    };
    let code = u16::from(code);
    match code {
        // RFC 5321 section 4.2.3 and RFC 4954: about the address or the mail, and not about the
        // connection or who logs in.
        550..=556 => Failure::Refused(format!("it answers {code}")),
        _ => Failure::Unreachable(format!("it answers {code}")),
    }
}

/// Whether a handshake failed, which happens with the first byte that is sent or received.
fn is_about_tls(error: &(dyn Error + 'static)) -> bool {
    let is_tls = |link: &(dyn Error + 'static)| {
        let inner = link.downcast_ref().and_then(std::io::Error::get_ref);
        link.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    };
    anyhow::Chain::new(error).any(is_tls)
}

/// Nobody's vacation notice answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// RFC 4021 section 2.1.54.
#[derive(Clone)]
struct Importance(&'static str);

impl Header for Importance {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Importance")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self("normal"))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.to_owned())
    }
}
