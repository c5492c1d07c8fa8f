//! Mails to people, by SMTP (RFC 5321) to the house's own mail server.

use std::{
    error::Error,
    io,
    path::Path,
    str::FromStr,
    time::{Duration, SystemTime},
};

use lettre::{
    SmtpTransport, Transport,
    message::{
        Mailbox, Message,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;

use crate::files::read_secret_text;

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
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

/// A mail server, and who logs in.
#[derive(Clone, Copy, Debug)]
pub struct MailServer<'a> {
    /// Its name, or its address.
    pub server: &'a str,
    /// Its port; the usual one if none is given.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// Who logs in.
    pub user: Option<&'a str>,
    /// The file whose first line is the password.
    pub password: Option<&'a Path>,
}

/// Why a mail server cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// Whoever listens on the network would read whom a mail is about.
    #[error(
        "`tls = \"none\"` is for this machine only, since mails are about people: use `starttls` or `implicit`"
    )]
    InClear,
    /// Half of what is needed to log in.
    #[error("it has a `user` or a `password`, expected both or neither")]
    HalfALogin,
    /// The password cannot be read.
    #[error("reading the password `{path}`: {source}", path = path.display())]
    Password {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The name of the server is none that a certificate could have.
    #[error("the name of the server cannot be used: {0}")]
    Name(#[source] lettre::transport::smtp::Error),
    /// Not an address.
    #[error("`{found}` is no mail address")]
    Address {
        /// What it is.
        found: String,
    },
}

/// Why a mail has not been sent. The text quotes nothing that the server has answered: it might
/// repeat the mail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailFailure {
    /// The server takes nothing just now.
    #[error("{0}")]
    Unreachable(String),
    /// It takes mails, but not this one.
    #[error("{0}")]
    Refused(String),
}

/// An address, perhaps with a name as in `Office <post@example.no>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailAddress(Mailbox);

impl MailAddress {
    /// The address without the name.
    pub fn email(&self) -> String {
        self.0.email.to_string()
    }
}

impl FromStr for MailAddress {
    type Err = MailError;
    fn from_str(text: &str) -> Result<Self, MailError> {
        let mailbox = text.parse().map_err(|_| MailError::Address { found: text.to_owned() })?;
        Ok(Self(mailbox))
    }
}

/// A mail.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// From whom.
    pub from: &'a MailAddress,
    /// To whom.
    pub to: &'a MailAddress,
    /// What it is about.
    pub subject: &'a str,
    /// What it says.
    pub text: &'a str,
    /// The same in each repeat, so that a mailbox can drop it.
    pub id: &'a str,
    /// When it was written.
    pub at: NumericDate,
    /// Whether it is marked as more or less important than others.
    pub urgent: Option<bool>,
}

/// A mail server that can be used.
#[derive(Clone)]
pub struct Mailer(SmtpTransport);

impl MailServer<'_> {
    /// How long the mail server may take for each step.
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// Refuses settings that cannot be used.
    ///
    /// # Errors
    ///
    /// [`MailError::InClear`] or [`MailError::HalfALogin`].
    pub fn check(&self) -> Result<(), MailError> {
        if self.tls == MailTls::None && !is_this_machine(self.server) {
            return Err(MailError::InClear);
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(MailError::HalfALogin);
        }
        Ok(())
    }

    /// The mail server with these settings. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As for [`MailServer::check`]; [`MailError::Password`] if the password cannot be read;
    /// [`MailError::Name`] if no certificate could have the server's name.
    pub fn open(&self) -> Result<Mailer, MailError> {
        self.check()?;
        let parameters = || TlsParameters::new(self.server.to_owned()).map_err(MailError::Name);
        let tls = match self.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(parameters()?),
            MailTls::Implicit => Tls::Wrapper(parameters()?),
        };
        let mut transport = SmtpTransport::builder_dangerous(self.server)
            .port(self.port.unwrap_or(self.tls.port()))
            .tls(tls)
            .timeout(Some(Self::TIMEOUT));
        if let (Some(user), Some(file)) = (self.user, self.password) {
            let password = first_line(file)
                .map_err(|source| MailError::Password { path: file.to_owned(), source })?;
            transport = transport.credentials(Credentials::new(user.to_owned(), password));
        }
        Ok(Mailer(transport.build()))
    }
}

fn first_line(file: &Path) -> io::Result<String> {
    let text = read_secret_text(file, 4 << 10)?;
    match text.lines().next().unwrap_or_default() {
        "" => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "its first line is empty, expected the password",
        )),
        password => Ok(password.to_owned()),
    }
}

/// Whether a host is this machine.
fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl Mailer {
    /// Sends a mail.
    ///
    /// # Errors
    ///
    /// [`MailFailure`], with whether it may be tried again.
    pub fn send(&self, mail: &Mail<'_>) -> Result<(), MailFailure> {
        let message = message(mail).map_err(|error| {
            MailFailure::Refused(format!("the mail cannot be written: {error}"))
        })?;
        self.0.send(&message).map(drop).map_err(|error| failure(&error))
    }
}

fn message(mail: &Mail<'_>) -> Result<Message, lettre::error::Error> {
    let Mail { from: MailAddress(from), to: MailAddress(to), .. } = mail;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(mail.at.seconds().unsigned_abs());
    let mut message = Message::builder()
        .from(from.clone())
        .to(to.clone())
        .subject(mail.subject)
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .date(at)
        .header(AutoSubmitted);
    if let Some(urgent) = mail.urgent {
        message = message.header(Importance(if urgent { "high" } else { "normal" }));
    }
    message.header(ContentType::TEXT_PLAIN).body(mail.text.to_owned())
}

/// The words of a mail server may repeat the mail: only its number is told.
fn failure(error: &lettre::transport::smtp::Error) -> MailFailure {
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
        return MailFailure::Unreachable(what.to_owned());
    };
    let code = u16::from(code);
    match code {
        // RFC 5321 section 4.2.3 and RFC 4954: about the address or the mail, and not about the
        // connection or who logs in.
        550..=556 => MailFailure::Refused(format!("it answers {code}")),
        _ => MailFailure::Unreachable(format!("it answers {code}")),
    }
}

/// Whether a handshake failed, which happens with the first byte that is sent or received.
fn is_about_tls(error: &(dyn Error + 'static)) -> bool {
    let is_tls = |link: &(dyn Error + 'static)| {
        let inner = link.downcast_ref().and_then(io::Error::get_ref);
        link.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    };
    let mut links = std::iter::successors(Some(error), |&link| link.source());
    links.any(is_tls)
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
