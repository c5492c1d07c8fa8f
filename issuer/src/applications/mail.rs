//! The mail that tells an applicant that there is something to read.
//!
//! Mail is read on the way, forwarded and kept for years. So it says that there is news and by which
//! day, and nothing else: not the name, not what was applied for or decided, and never the code, which
//! alone opens everything. The office sends it and not the inbox, which then needs to keep no address
//! and has no mail server that a thief could use.

use vernet_applications::{ApplicantLanguage, ReceiptId};
use vernet_common::{CivilDate, EmailAddress, NumericDate};

use super::{Applications, OpenedApplication};
use crate::error::Error;

/// Who was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// A mail was handed to the mail server, to this address.
    Mail(String),
    /// Nobody: the settings name no mail server.
    Nobody,
}

/// That there is something to read: for whom, in which language, and by which day an answer is asked
/// for.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct News {
    /// The applicant's address.
    pub to: EmailAddress,
    /// In which language the applicant reads.
    pub language: ApplicantLanguage,
    /// The last day for what was asked.
    #[serde(default)]
    pub by: Option<CivilDate>,
}

impl News {
    /// What is to be told about an application; nothing if no form with an address was sent.
    pub fn of(application: &OpenedApplication) -> Option<Self> {
        let form = application.form()?;
        let by = application.waits_until();
        Some(Self { to: form.mail.clone(), language: form.language, by })
    }
}

impl Applications {
    /// Tells the applicant by mail that there is something to read. The same mail again has the same
    /// id.
    ///
    /// # Errors
    ///
    /// [`Error::NoApplication`] if no form with an address was sent; [`Error::MailSettings`] if the mail
    /// server cannot be used as it is configured; [`Error::MailNotSent`] if it does not take the mail;
    /// [`Error::FeatureMissing`] without the feature `mail`.
    pub fn notify(&self, application: &OpenedApplication, now: NumericDate) -> Result<Told, Error> {
        let news = News::of(application).ok_or(Error::NoApplication)?;
        let number = application.answers.last().map_or(0, |answer| answer.claims.number);
        self.tell((&application.receipt, number), &news, now)
    }

    /// The same for an application that was opened elsewhere.
    ///
    /// # Errors
    ///
    /// As for [`Applications::notify`].
    pub fn tell(
        &self,
        (receipt, number): (&ReceiptId, u32),
        news: &News,
        now: NumericDate,
    ) -> Result<Told, Error> {
        let Some(settings) = &self.config.mail else { return Ok(Told::Nobody) };
        let letter =
            Letter { id: id(receipt, number), words: words(self, news), to: news.to.to_string() };
        send(settings, &letter, now)?;
        Ok(Told::Mail(letter.to))
    }
}

#[cfg_attr(not(feature = "mail"), expect(dead_code, reason = "nobody sends it then"))]
struct Letter {
    id: String,
    words: (String, String),
    to: String,
}

/// A name that tells nothing to whoever does not know the receipt.
fn id(receipt: &ReceiptId, number: u32) -> String {
    let text = format!("vernet inbox 1, a mail\n{receipt} {number}\n");
    let hash = vernet_common::Sha256Hash::of(text.as_bytes());
    vernet_host::hex(&hash.as_bytes()[..16])
}

/// Subject and text.
pub(super) fn words(applications: &Applications, news: &News) -> (String, String) {
    use ApplicantLanguage::{En, Nb, Nn};
    let language = news.language;
    let url = applications.config.url.join(&format!("{}/status", language.code()));
    let office = &applications.sender;
    let by = news.by.map(|day| {
        let text = day.to_string();
        let parts: Vec<&str> = text.split('-').rev().collect();
        (parts.join("."), text.clone())
    });
    match language {
        Nb => {
            let by = by.map_or(String::new(), |(day, _)| {
                format!("Du er bedt om å svare innen {day}.\n\n")
            });
            let text = format!(
                "Hei,\n\ndet er noe nytt om en søknad som er sendt til {office}. Les det her, med koden på kvitteringen:\n\n{url}\n\n{by}\
                 Denne e-posten sier ikke hva det gjelder, og koden står aldri i en e-post. Har du ikke søkt om noe, kan du se bort fra den. Den kan ikke besvares.\n"
            );
            ("Nytt om søknaden din".into(), text)
        }
        Nn => {
            let by = by.map_or(String::new(), |(day, _)| {
                format!("Du er beden om å svare innan {day}.\n\n")
            });
            let text = format!(
                "Hei,\n\ndet er noko nytt om ein søknad som er send til {office}. Les det her, med koden på kvitteringa:\n\n{url}\n\n{by}\
                 Denne e-posten seier ikkje kva det gjeld, og koden står aldri i ein e-post. Har du ikkje søkt om noko, kan du sjå bort frå han. Du kan ikkje svare på han.\n"
            );
            ("Nytt om søknaden din".into(), text)
        }
        En => {
            let by = by
                .map_or(String::new(), |(_, day)| format!("You are asked to answer by {day}.\n\n"));
            let text = format!(
                "Hello,\n\nthere is news about an application that was sent to {office}. Read it here, with the code on the receipt:\n\n{url}\n\n{by}\
                 This mail does not say what it is about, and the code is never in a mail. If you did not apply for anything, ignore it. It cannot be answered.\n"
            );
            ("News about your application".into(), text)
        }
    }
}

#[cfg(feature = "mail")]
fn send(
    settings: &super::config::InboxMail,
    letter: &Letter,
    now: NumericDate,
) -> Result<(), Error> {
    use vernet_host::{Mail, MailAddress, MailServer, MailTls};

    use super::config::MailEncryption;

    let server = MailServer {
        server: &settings.server,
        port: settings.port,
        tls: match settings.tls {
            MailEncryption::Implicit => MailTls::Implicit,
            MailEncryption::Starttls => MailTls::Starttls,
            MailEncryption::None => MailTls::None,
        },
        user: settings.user.as_deref(),
        password: settings.password.as_deref(),
    };
    let unusable =
        |error: vernet_host::MailError| Error::MailSettings { reason: error.to_string() };
    let mailer = server.open().map_err(unusable)?;
    let from: MailAddress = settings.from.parse().map_err(unusable)?;
    let to: MailAddress = letter.to.parse().map_err(unusable)?;
    let (subject, text) = (&letter.words.0, &letter.words.1);
    let mail = Mail { from: &from, to: &to, subject, text, id: &letter.id, at: now, urgent: None };
    mailer.send(&mail).map_err(|failure| Error::MailNotSent { reason: failure.to_string() })
}

#[cfg(not(feature = "mail"))]
fn send(_: &super::config::InboxMail, letter: &Letter, _: NumericDate) -> Result<(), Error> {
    let Letter { id: _, words: _, to: _ } = letter;
    Err(Error::FeatureMissing { feature: "mail" })
}
