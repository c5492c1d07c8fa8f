//! The answer: three colours, and never a guess.

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize, Serializer};
use vernet_common::{CertificateClaims, NumericDate, StatusListUri, Verified};

use crate::Error;

/// The three colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Colour {
    /// Green: the certificate is in force.
    Accepted,
    /// Red: it is not.
    Refused,
    /// Amber: we do not know. Never a kind of green.
    Undetermined,
}

/// What a verifier found. Stable API: the same codes on the command line, over HTTP and in the
/// page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = VerdictCode))]
#[non_exhaustive]
pub enum Code {
    /// In force.
    Authorised,
    /// In force, but conditions apply.
    AuthorisedWithConditions,
    /// Not a certificate.
    Malformed,
    /// Signed by a key that is not a certificate key of the issuer.
    UntrustedIssuer,
    /// The signature does not hold.
    BadSignature,
    /// Signed by a key that somebody else may hold.
    KeyCompromised,
    /// Signed at a time for which the key is not listed.
    KeyNotValid,
    /// Not in the log of all certificates that the office issued, although it says that it is older
    /// than that log: forged under a stolen key.
    NotIssued,
    /// Its time has not come.
    NotYetValid,
    /// Its time is over.
    Expired,
    /// Withdrawn for good. The status list does not say whether it was revoked, waived, annulled or
    /// replaced by a newer certificate, and neither do we.
    Revoked,
    /// Suspended for the time being.
    Suspended,
    /// No QR code could be read from the picture, so nothing is known about the certificate that it
    /// may show.
    Unreadable,
    /// No status list for it.
    StatusMissing,
    /// There is a status list, but it cannot be used.
    StatusUnusable,
    /// The log of issued certificates is not at hand.
    LogMissing,
    /// There is a log of issued certificates, but it cannot be used.
    LogUnusable,
    /// Not in the log, and newer than it.
    LogBehind,
    /// The status list is too old.
    StatusStale,
    /// The trust list is past its `exp`.
    TrustListExpired,
    /// The trust list is older than the policy allows.
    TrustListStale,
    /// The clock is before the newest instant at which anything was signed.
    ClockBehind,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 22] = [
        Self::Authorised,
        Self::AuthorisedWithConditions,
        Self::Malformed,
        Self::UntrustedIssuer,
        Self::BadSignature,
        Self::KeyCompromised,
        Self::KeyNotValid,
        Self::NotIssued,
        Self::NotYetValid,
        Self::Expired,
        Self::Revoked,
        Self::Suspended,
        Self::Unreadable,
        Self::StatusMissing,
        Self::StatusUnusable,
        Self::LogMissing,
        Self::LogUnusable,
        Self::LogBehind,
        Self::StatusStale,
        Self::TrustListExpired,
        Self::TrustListStale,
        Self::ClockBehind,
    ];

    /// The colour of the answer.
    pub fn colour(self) -> Colour {
        match self {
            Self::Authorised | Self::AuthorisedWithConditions => Colour::Accepted,
            Self::Malformed
            | Self::UntrustedIssuer
            | Self::BadSignature
            | Self::KeyCompromised
            | Self::KeyNotValid
            | Self::NotIssued
            | Self::NotYetValid
            | Self::Expired
            | Self::Revoked
            | Self::Suspended => Colour::Refused,
            Self::Unreadable
            | Self::StatusMissing
            | Self::StatusUnusable
            | Self::LogMissing
            | Self::LogUnusable
            | Self::LogBehind
            | Self::StatusStale
            | Self::TrustListExpired
            | Self::TrustListStale
            | Self::ClockBehind => Colour::Undetermined,
        }
    }

    /// The answer in a sign and two or three words. A refusal does not say why to whoever looks
    /// over the shoulder.
    pub fn headline(self) -> &'static str {
        match (self, self.colour()) {
            (Self::AuthorisedWithConditions, _) => "✔ VALID, CONDITIONS APPLY",
            (_, Colour::Accepted) => "✔ VALID",
            (_, Colour::Refused) => "✘ NOT VALID NOW",
            (_, Colour::Undetermined) => "? NOT KNOWN",
        }
    }

    /// What the person who holds the phone should do next.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Authorised => "compare name and birth date with a photo ID",
            Self::AuthorisedWithConditions => {
                "conditions apply: obtain the decision, and compare name and birth date with a photo ID"
            }
            Self::Malformed => {
                "this is not a perfusionist certificate: scan the code again, or ask for another print"
            }
            Self::UntrustedIssuer => {
                "the issuer's key is not known: update, try again, and if it stays so, report it to the office"
            }
            Self::BadSignature => {
                "the certificate was changed or forged: keep it, and report it to the office"
            }
            Self::KeyCompromised => {
                "the key behind this certificate was stolen: ask the office for the holder's current certificate"
            }
            Self::KeyNotValid => {
                "the certificate's date and its key do not match: report it to the office"
            }
            Self::NotIssued => {
                "the office never issued this certificate, it was forged with a stolen key: keep it, and report it to the office"
            }
            Self::NotYetValid => {
                "the certificate holds only from a later time: check the clock of this device"
            }
            Self::Expired => "the certificate has run out: ask the holder for a current one",
            Self::Revoked => {
                "this certificate is withdrawn for good: ask the holder for a current one, or ask the office"
            }
            Self::Suspended => "the authorisation is suspended for the time being: ask the office",
            Self::Unreadable => {
                "no code could be read: take the picture again, closer, flat and in good light"
            }
            Self::StatusMissing | Self::StatusUnusable | Self::StatusStale => {
                "the current status is not known: update the lists, then try again"
            }
            Self::LogMissing | Self::LogUnusable => {
                "it is not known whether the office issued this certificate: update the lists, then try again"
            }
            Self::LogBehind => {
                "this certificate is newer than the lists: update them, then try again"
            }
            Self::TrustListExpired | Self::TrustListStale => {
                "the trust list is too old to rely on: update it, then try again"
            }
            Self::ClockBehind => "the clock of this device is behind: set it, then try again",
        }
    }
}

/// The stable name.
impl core::fmt::Display for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.serialize(f)
    }
}

/// The answer to one input.
#[derive(Debug)]
pub struct Verdict {
    pub(crate) code: Code,
    pub(crate) checked_at: NumericDate,
    /// The status list that was consulted, and when it was signed.
    pub(crate) status_list: Option<(StatusListUri, NumericDate)>,
    pub(crate) certificate: Option<Verified<CertificateClaims>>,
    pub(crate) cause: Option<Error>,
}

impl Verdict {
    /// The answer to an input that cannot be read as a certificate at all.
    pub fn malformed(cause: Error, now: NumericDate) -> Self {
        Self {
            code: Code::Malformed,
            checked_at: now,
            status_list: None,
            certificate: None,
            cause: Some(cause),
        }
    }

    /// The answer to a picture in which no QR code could be read, or a PDF without a certificate.
    /// That the picture is bad says nothing about the certificate.
    #[cfg(feature = "photo")]
    pub fn unreadable(cause: impl Into<Error>, now: NumericDate) -> Self {
        let cause = Some(cause.into());
        Self {
            code: Code::Unreadable,
            checked_at: now,
            status_list: None,
            certificate: None,
            cause,
        }
    }

    /// The answer when no lists at all are at hand of an office that may have issued the
    /// certificate.
    pub fn lists_missing(now: NumericDate) -> Self {
        Self {
            code: Code::StatusMissing,
            checked_at: now,
            status_list: None,
            certificate: None,
            cause: None,
        }
    }

    /// What was found.
    pub fn code(&self) -> Code {
        self.code
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

    /// What the certificate says, if its signature held and the office's log has it: also of one
    /// that is refused for another reason. Otherwise it is nobody's word.
    pub fn certificate(&self) -> Option<&CertificateClaims> {
        self.certificate.as_ref().map(Verified::claims)
    }

    /// The particular fault behind the code, where there is one.
    pub fn cause(&self) -> Option<&Error> {
        self.cause.as_ref()
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
                "  {} {}, born {}, HPR number {}",
                certificate.given_name,
                certificate.family_name,
                certificate.birthdate,
                certificate.hpr_number
            )?;
            writeln!(
                f,
                "  perfusionist, {} granted {}, certificate {}",
                certificate.authorisation.kind.word().replace('_', " "),
                certificate.authorisation.granted,
                certificate.certificate_number
            )?;
        }
        match self.status_age_s() {
            Some(age) => writeln!(f, "  as of {}, status {}", self.as_of(), Age(age))?,
            None => writeln!(f, "  as of {}", self.as_of())?,
        }
        if let Some(cause) = self.cause() {
            writeln!(f, "  because {cause} [{}]", cause.code())?;
        }
        write!(f, "  → {}", self.code.advice())
    }
}

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

/// A certificate that was accepted. There is no other way to get one.
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

/// The same object on the command line, over HTTP and in the page: `docs/FORMAT.md` section 13.2.
impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        VerdictObject {
            verdict: self.colour(),
            code: self.code,
            as_of: Instant(self.as_of()),
            checked_at: Instant(self.checked_at),
            status_age_s: self.status_age_s(),
            certificate: self.certificate(),
            cause: self
                .cause
                .as_ref()
                .map(|error| Cause { code: error.code(), message: error.to_string() }),
            advice: self.code.advice(),
        }
        .serialize(serializer)
    }
}

/// The answer to one input. Whoever accepts a certificate must also compare name and birth date
/// with a photo ID: a certificate is not bound to the person who shows it.
// What is written and what the schema says are one thing. Later versions may add members.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Verdict))]
struct VerdictObject<'a> {
    /// The colour of the answer. It follows from `code`.
    verdict: Colour,
    /// What was found.
    code: Code,
    /// The instant of which the answer is true: when the status list was signed, if one was
    /// consulted, else `checked_at`.
    as_of: Instant,
    /// When the check was made, or the time that it was made for.
    checked_at: Instant,
    /// How old the status is, in seconds, if a status list was consulted. Can be negative by as
    /// much as clocks may differ.
    #[cfg_attr(feature = "schema", schema(required))]
    status_age_s: Option<i64>,
    /// The claims as they were signed; none as long as it is not certain that the issuer signed
    /// them, by its key and its log.
    #[cfg_attr(feature = "schema", schema(required, value_type = Option<CertificateClaims>))]
    certificate: Option<&'a CertificateClaims>,
    /// The fault behind the answer, if there is one to name.
    #[cfg_attr(feature = "schema", schema(required))]
    cause: Option<Cause>,
    /// What to do next, for people.
    advice: &'static str,
}

/// An instant in RFC 3339, in UTC and whole seconds.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = DateTime, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", examples("2026-11-22T10:00:00Z"))
)]
struct Instant(#[serde(serialize_with = "as_rfc3339")] NumericDate);

fn as_rfc3339<S: Serializer>(instant: &NumericDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(instant)
}

/// A fault in what was shown, or in the lists.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
struct Cause {
    /// The stable name of the fault (docs/FORMAT.md section 14).
    code: &'static str,
    /// The fault in words, for people; they may change.
    message: String,
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{RefOr, Schema},
    };

    use super::{Verdict, VerdictObject};

    impl PartialSchema for Verdict {
        fn schema() -> RefOr<Schema> {
            VerdictObject::schema()
        }
    }

    impl ToSchema for Verdict {
        fn name() -> Cow<'static, str> {
            VerdictObject::name()
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            VerdictObject::schemas(schemas);
        }
    }
}
