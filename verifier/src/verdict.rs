//! The answer: three colours, and never a guess.

use alloc::{borrow::ToOwned, string::ToString, sync::Arc};

use serde::{Serialize, Serializer};
use vernet_common::{
    CertificateClaims, CertificateHash, EmailAddress, HttpsUrl, InWords, Kind, NumericDate,
    PhoneNumber, StatusListUri, Verified,
};

use crate::{
    code::Code,
    colour::Colour,
    error::InputError,
    record::{OfficeInWords, VerdictCause, VerdictRecord},
};

/// The answer to one input. Only [`verify`](crate::verify) and related functions give one.
///
/// It serialises as the object that is the same on the command line, over HTTP and in the page
/// (`docs/FORMAT.md` section 13.2). It is read back as a [`VerdictRecord`], not as a verdict:
/// anybody can write text that says `authorised`.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub(crate) code: Code,
    pub(crate) checked_at: NumericDate,
    /// The status list that was consulted, and when it was signed.
    pub(crate) status_list: Option<(StatusListUri, NumericDate)>,
    pub(crate) certificate: Option<Verified<CertificateClaims>>,
    /// The title of `certificate` in words, if the trust list has them.
    pub(crate) title: Option<InWords>,
    pub(crate) cause: Option<InputError>,
    /// The certificate that was shown, if what was shown could be read as one. A receipt names it.
    pub(crate) shown: Option<CertificateHash>,
    pub(crate) office: Option<Arc<OfficeInWords>>,
}

impl Verdict {
    /// A verdict on nothing yet.
    pub(crate) fn new(code: Code, cause: Option<InputError>, now: NumericDate) -> Self {
        Self {
            code,
            checked_at: now,
            status_list: None,
            certificate: None,
            title: None,
            cause,
            shown: None,
            office: None,
        }
    }

    /// The answer when what was shown could not be read: `malformed` for what is no certificate at
    /// all, `unreadable` for a picture or a PDF in which none was found.
    pub fn unread(cause: InputError, now: NumericDate) -> Self {
        Self::new(cause.verdict(), Some(cause), now)
    }

    /// The answer when there are no lists of an office that may have issued the certificate.
    pub fn lists_missing(now: NumericDate) -> Self {
        Self::new(Code::StatusMissing, None, now)
    }

    /// What was found.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The hash of the certificate that was shown, if what was shown could be read as one, whoever
    /// signed it.
    pub fn certificate_sha256(&self) -> Option<CertificateHash> {
        self.shown
    }

    /// Whether both verdicts are on the same certificate, byte for byte, in whichever form it was
    /// shown.
    pub fn is_on_the_certificate_of(&self, other: &Self) -> bool {
        self.shown.is_some() && self.shown == other.shown
    }

    /// What to do next, for people.
    pub fn advice(&self) -> &'static str {
        self.cause().and_then(InputError::advice).unwrap_or(self.code.advice())
    }

    /// The colour of the answer.
    pub fn colour(&self) -> Colour {
        self.code.colour()
    }

    /// The instant of which the answer is true: when the status list was signed if one was
    /// consulted, else when the check was made.
    pub fn as_of(&self) -> NumericDate {
        self.status_list.as_ref().map_or(self.checked_at, |(_, iat)| *iat)
    }

    /// When the check was made, by the clock that the caller passed.
    pub fn checked_at(&self) -> NumericDate {
        self.checked_at
    }

    /// How old the status is, in seconds, if a status list was consulted. Negative within the
    /// tolerance for clocks that differ.
    pub fn status_age_s(&self) -> Option<i64> {
        self.status_list.as_ref().map(|(_, iat)| self.checked_at.seconds_since(*iat))
    }

    /// What the certificate says, if its signature is valid and it is in the office's log, even if
    /// it is refused for another reason. Otherwise nobody vouches for what it says.
    pub fn certificate(&self) -> Option<&CertificateClaims> {
        self.certificate.as_ref().map(Verified::claims)
    }

    /// The title of [`Verdict::certificate`] in words, if the office's trust list has them.
    pub fn title(&self) -> Option<&InWords> {
        self.title.as_ref()
    }

    /// The particular fault behind the code, where there is one.
    pub fn cause(&self) -> Option<&InputError> {
        self.cause.as_ref()
    }

    /// The office whose lists the answer rests on, in words, and whom to call if it is red or amber.
    /// `None` if it rests on nobody's lists.
    pub fn office(&self) -> Option<&OfficeInWords> {
        self.office.as_deref()
    }

    /// The certificate, if and only if it is accepted.
    pub fn accepted(&self) -> Option<Accepted<'_>> {
        match self.colour() {
            Colour::Accepted => Some(Accepted {
                certificate: self.certificate()?,
                conditions: self.code == Code::AuthorisedWithConditions,
            }),
            Colour::Refused | Colour::Undetermined => None,
        }
    }
}

/// A verdict for a person: first the answer, then who, then as of when, then why, then what to do.
impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "{}  [{}]", self.code.headline(), self.code)?;
        if let Some(certificate) = self.certificate() {
            writeln!(
                f,
                "  {}, born {}, HPR number {}",
                certificate.full_name(),
                certificate.birthdate,
                certificate.hpr_number
            )?;
            let title = self.title().map(|title| title.in_language(&["en"]));
            writeln!(
                f,
                "  {}, {} granted {}, certificate {}, expires {}",
                title.unwrap_or(certificate.title.as_str()),
                certificate.authorisation.kind.word().replace('_', " "),
                certificate.authorisation.granted,
                certificate.certificate_number,
                certificate.exp.civil_date()
            )?;
            if certificate.authorisation.kind == Kind::BoardCertificate {
                writeln!(f, "  {NO_AUTHORISATION}")?;
            }
        }
        match self.status_age_s() {
            Some(age) => writeln!(f, "  as of {}, status {}", self.as_of(), Age(age))?,
            None => writeln!(f, "  as of {}", self.as_of())?,
        }
        if let Some(cause) = self.cause() {
            writeln!(f, "  because {cause} [{}]", cause.code())?;
        }
        write!(f, "  → {}", self.advice())?;
        // A URL alone tells a person nothing, but whose certificate it is: the state's, or a board's.
        let says = |office: &&OfficeInWords| office.name.is_some() || self.certificate().is_some();
        let named = self.office().filter(says);
        named.map_or(Ok(()), |office| write!(f, "\n{office}"))
    }
}

/// For a person, in English where there is English: who, and whom to call when.
impl core::fmt::Display for OfficeInWords {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        const WANTED: &[&str] = &["en"];
        match &self.name {
            Some(name) => write!(f, "  {}, {}", name.in_language(WANTED), self.iss)?,
            None => write!(f, "  {}", self.iss)?,
        }
        for contact in &self.contacts {
            write!(f, "\n  call ")?;
            let ways = [
                contact.phone.as_ref().map(PhoneNumber::as_str),
                contact.email.as_ref().map(EmailAddress::as_str),
                contact.url.as_ref().map(HttpsUrl::as_str),
            ];
            for (place, way) in ways.into_iter().flatten().enumerate() {
                write!(f, "{}{way}", if place == 0 { "" } else { ", " })?;
            }
            match (&contact.when, contact.always) {
                (Some(when), _) => write!(f, ": {}", when.in_language(WANTED))?,
                (None, true) => write!(f, ": day and night")?,
                (None, false) => {}
            }
        }
        Ok(())
    }
}

/// Beside a board's certificate, whether it is in force or not.
pub(crate) const NO_AUTHORISATION: &str =
    "a board certified it: this says nothing about an authorisation";

/// A span of time as a person says it.
struct Age(i64);

impl core::fmt::Display for Age {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            // Clocks differ by seconds; what differs by more is `clock_behind`.
            ..60 => write!(f, "just published"),
            seconds @ 60..120 => write!(f, "{seconds} s old"),
            seconds @ 120..7200 => write!(f, "{} min old", seconds / 60),
            seconds @ 7200..172_800 => write!(f, "{} h old", seconds / 3600),
            seconds => write!(f, "{} days old", seconds / 86_400),
        }
    }
}

/// A certificate that was accepted. Only [`Verdict::accepted`] gives one.
///
/// The caller must **also** compare name and birth date with a photo ID: a certificate is not bound
/// to the person who shows it.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'a> {
    certificate: &'a CertificateClaims,
    conditions: bool,
}

impl<'a> Accepted<'a> {
    /// What the certificate says.
    pub fn certificate(&self) -> &'a CertificateClaims {
        self.certificate
    }

    /// Whether conditions apply. They are in the decision, not in the certificate.
    pub fn conditions(&self) -> bool {
        self.conditions
    }
}

/// As a [`VerdictRecord`].
impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        VerdictRecord::from(self).serialize(serializer)
    }
}

impl From<&Verdict> for VerdictRecord {
    fn from(verdict: &Verdict) -> Self {
        let cause = verdict.cause();
        Self {
            verdict: verdict.colour(),
            code: verdict.code,
            as_of: verdict.as_of(),
            checked_at: verdict.checked_at,
            status_age_s: verdict.status_age_s(),
            certificate: verdict.certificate().cloned(),
            title: verdict.title().cloned(),
            cause: cause.map(|cause| VerdictCause {
                code: cause.code().to_owned(),
                message: cause.to_string(),
            }),
            advice: verdict.advice().to_owned(),
            office: verdict.office().cloned(),
        }
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::{borrow::Cow, string::String, vec::Vec};

    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{RefOr, Schema},
    };

    use super::{Verdict, VerdictRecord};

    impl PartialSchema for Verdict {
        fn schema() -> RefOr<Schema> {
            VerdictRecord::schema()
        }
    }

    impl ToSchema for Verdict {
        fn name() -> Cow<'static, str> {
            VerdictRecord::name()
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            VerdictRecord::schemas(schemas);
        }
    }
}
