//! The answer about the past: what was so on a day, and what was known of it by the end of another.

use alloc::string::ToString;

use serde::{Serialize, Serializer};
use vernet_common::{CertificateClaims, CivilDate, NumericDate, Verified};

use crate::{Code, Colour, Error};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// Was she authorised on this day, in Europe/Oslo?
    pub on: CivilDate,
    /// By what was known at the end of this day, if that is what is asked: later decisions, an
    /// appeal for instance, do not count then.
    pub known_on: Option<CivilDate>,
}

/// What a verifier found about the past. Stable API, as [`Code`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PastCode {
    /// In force on that day.
    WasAuthorised,
    /// In force on that day, and conditions applied.
    WasAuthorisedWithConditions,
    /// Suspended on that day.
    WasSuspended,
    /// Not in force on that day: revoked, waived, over, or annulled so that it never was.
    WasNotAuthorised,
    /// The day is before the first authorisation on record.
    WasNotYetAuthorised,
    /// The certificate had been withdrawn for good: the authorisation ended, or another certificate
    /// took this one's place. Only an archive says so, because a status list does not tell
    /// which.
    WasWithdrawn,
    /// The certificate had run out. Only an archive says so.
    WasExpired,
    /// The certificate is not in the history that was given.
    NotInHistory,
    /// The day is after the one on which the history was made.
    AfterHistory,
    /// What was known at the end of a day is asked, and the history was made before that day was
    /// over.
    KnownAfterHistory,
    /// By the end of the day that was asked for, the register held nothing about the person.
    NotRecordedThen,
    /// The archive tells nothing about days before the certificate was signed.
    BeforeCertificate,
    /// No publication in the archive can be used.
    ArchiveEmpty,
    /// The day is before the first publication in the archive.
    BeforeArchive,
    /// The day is after the last publication in the archive.
    AfterArchive,
    /// There are publications from before and after, and none of that day.
    ArchiveGap,
    /// Two lists of one instant contradict each other.
    ArchiveContradicts,
    /// Publications tell what was known of a day on that same day. For another day it takes the
    /// history.
    KnownNeedsHistory,
    /// Nothing was asked about the past, because the certificate or what we know now does not allow
    /// an answer.
    Now(Code),
}

impl PastCode {
    /// Every code but those of [`Code`].
    pub const ALL: [Self; 18] = [
        Self::WasAuthorised,
        Self::WasAuthorisedWithConditions,
        Self::WasSuspended,
        Self::WasNotAuthorised,
        Self::WasNotYetAuthorised,
        Self::WasWithdrawn,
        Self::WasExpired,
        Self::NotInHistory,
        Self::AfterHistory,
        Self::KnownAfterHistory,
        Self::NotRecordedThen,
        Self::BeforeCertificate,
        Self::ArchiveEmpty,
        Self::BeforeArchive,
        Self::AfterArchive,
        Self::ArchiveGap,
        Self::ArchiveContradicts,
        Self::KnownNeedsHistory,
    ];

    /// The colour of the answer.
    pub fn colour(self) -> Colour {
        match self {
            Self::WasAuthorised | Self::WasAuthorisedWithConditions => Colour::Accepted,
            Self::WasSuspended
            | Self::WasNotAuthorised
            | Self::WasNotYetAuthorised
            | Self::WasWithdrawn
            | Self::WasExpired => Colour::Refused,
            Self::NotInHistory
            | Self::AfterHistory
            | Self::KnownAfterHistory
            | Self::NotRecordedThen
            | Self::BeforeCertificate
            | Self::ArchiveEmpty
            | Self::BeforeArchive
            | Self::AfterArchive
            | Self::ArchiveGap
            | Self::ArchiveContradicts
            | Self::KnownNeedsHistory => Colour::Undetermined,
            // What is accepted now says nothing about the past.
            Self::Now(code) if code.colour() == Colour::Refused => Colour::Refused,
            Self::Now(_) => Colour::Undetermined,
        }
    }

    /// The answer in a sign and two or three words.
    pub fn headline(self) -> &'static str {
        match (self, self.colour()) {
            (Self::WasAuthorisedWithConditions, _) => "✔ WAS AUTHORISED, CONDITIONS APPLIED",
            (_, Colour::Accepted) => "✔ WAS AUTHORISED",
            (Self::Now(_), Colour::Refused) => "✘ NO ANSWER FOR THIS CERTIFICATE",
            (_, Colour::Refused) => "✘ WAS NOT AUTHORISED",
            (_, Colour::Undetermined) => "? NOT KNOWN",
        }
    }

    /// What to do next.
    pub fn advice(self) -> &'static str {
        match self {
            Self::WasAuthorised => {
                "compare name and birth date with those of the person that is asked about"
            }
            Self::WasAuthorisedWithConditions => {
                "conditions applied: obtain the decision, and compare name and birth date with those of the person that is asked about"
            }
            Self::WasSuspended | Self::WasNotAuthorised | Self::WasNotYetAuthorised => {
                "for the reasons, and for what was decided later, ask the office"
            }
            Self::WasWithdrawn | Self::WasExpired => {
                "another certificate of the same person may have been in force: ask the office for a history"
            }
            Self::NotInHistory => "ask the office for a history with this certificate in it",
            Self::AfterHistory | Self::KnownAfterHistory => "ask the office for a newer history",
            Self::NotRecordedThen => {
                "what is true by what is known today stands beside this answer: ask without `--known-on`"
            }
            Self::BeforeCertificate
            | Self::ArchiveEmpty
            | Self::BeforeArchive
            | Self::AfterArchive
            | Self::ArchiveGap
            | Self::KnownNeedsHistory => {
                "the archive does not reach there: ask the office for a history"
            }
            Self::ArchiveContradicts => {
                "two publications of one instant contradict each other: keep both, and tell the office"
            }
            Self::Now(code) => code.advice(),
        }
    }

    fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::WasAuthorised => "was_authorised",
            Self::WasAuthorisedWithConditions => "was_authorised_with_conditions",
            Self::WasSuspended => "was_suspended",
            Self::WasNotAuthorised => "was_not_authorised",
            Self::WasNotYetAuthorised => "was_not_yet_authorised",
            Self::WasWithdrawn => "was_withdrawn",
            Self::WasExpired => "was_expired",
            Self::NotInHistory => "not_in_history",
            Self::AfterHistory => "after_history",
            Self::KnownAfterHistory => "known_after_history",
            Self::NotRecordedThen => "not_recorded_then",
            Self::BeforeCertificate => "before_certificate",
            Self::ArchiveEmpty => "archive_empty",
            Self::BeforeArchive => "before_archive",
            Self::AfterArchive => "after_archive",
            Self::ArchiveGap => "archive_gap",
            Self::ArchiveContradicts => "archive_contradicts",
            Self::KnownNeedsHistory => "known_needs_history",
            Self::Now(_) => return None,
        })
    }
}

/// The stable name.
impl core::fmt::Display for PastCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.name(), self) {
            (Some(name), _) => f.write_str(name),
            (None, Self::Now(code)) => write!(f, "{code}"),
            (None, _) => unreachable!("only `Now` has no name of its own"),
        }
    }
}

impl Serialize for PastCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One of the two answers: by what is known now, or by what was known then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PastAnswer {
    /// What was found.
    pub code: PastCode,
    /// What was recorded up to this instant counted; none where there is no answer.
    pub as_known_at: Option<NumericDate>,
    /// By which authorisation it was so. An archive knows only that of the certificate.
    pub authorisation: Option<Which>,
}

/// By which authorisation of a person something was so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The one that the certificate belongs to.
    This,
    /// An earlier or later one of the same person.
    Another,
}

impl From<PastCode> for PastAnswer {
    fn from(code: PastCode) -> Self {
        Self { code, as_known_at: None, authorisation: None }
    }
}

/// What the answer rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PastSource {
    /// A history that the office signed: all that was recorded up to its `iat`.
    History,
    /// Old publications: what was known of a day on that day, and nothing that was decided later.
    Archive,
}

/// The answer to one input and one question.
#[derive(Debug)]
pub struct HistoryVerdict {
    pub(crate) question: Question,
    pub(crate) source: PastSource,
    pub(crate) checked_at: NumericDate,
    pub(crate) truth: PastAnswer,
    pub(crate) known: Option<PastAnswer>,
    pub(crate) certificate: Option<Verified<CertificateClaims>>,
    pub(crate) cause: Option<Error>,
}

impl HistoryVerdict {
    /// An answer that is the same whichever of the two is asked for.
    pub(crate) fn new(
        question: Question,
        source: PastSource,
        now: NumericDate,
        code: PastCode,
    ) -> Self {
        let (truth, known) = (code.into(), question.known_on.map(|_| code.into()));
        Self { question, source, checked_at: now, truth, known, certificate: None, cause: None }
    }

    /// The answer to an input that cannot be read as a certificate at all.
    pub fn malformed(
        cause: Error,
        question: Question,
        source: PastSource,
        now: NumericDate,
    ) -> Self {
        Self {
            cause: Some(cause),
            ..Self::new(question, source, now, PastCode::Now(Code::Malformed))
        }
    }

    /// The answer to a picture or a PDF in which no certificate could be read.
    #[cfg(feature = "photo")]
    pub fn unreadable(
        cause: Error,
        question: Question,
        source: PastSource,
        now: NumericDate,
    ) -> Self {
        Self {
            cause: Some(cause),
            ..Self::new(question, source, now, PastCode::Now(Code::Unreadable))
        }
    }

    /// What was so, by what is known now: as far as it goes, the truth.
    pub fn truth(&self) -> PastAnswer {
        self.truth
    }

    /// What was so by what was known then, if that was asked.
    pub fn known(&self) -> Option<PastAnswer> {
        self.known
    }

    /// The answer to what was asked: what was known then, if that was asked, else the truth.
    pub fn answer(&self) -> PastAnswer {
        self.known.unwrap_or(self.truth)
    }

    /// The code of [`HistoryVerdict::answer`].
    pub fn code(&self) -> PastCode {
        self.answer().code
    }

    /// The colour of [`HistoryVerdict::answer`].
    pub fn colour(&self) -> Colour {
        self.code().colour()
    }

    /// What the certificate says, if its signature held.
    pub fn certificate(&self) -> Option<&CertificateClaims> {
        self.certificate.as_ref().map(Verified::claims)
    }

    /// The particular fault behind the code, where there is one.
    pub fn cause(&self) -> Option<&Error> {
        self.cause.as_ref()
    }
}

/// For a person: first the answer, then who, then as known when, then why, then what to do.
impl core::fmt::Display for HistoryVerdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "{} on {}  [{}]", self.code().headline(), self.question.on, self.code())?;
        if let Some(certificate) = self.certificate() {
            writeln!(
                f,
                "  {} {}, born {}, HPR number {}",
                certificate.given_name,
                certificate.family_name,
                certificate.birthdate,
                certificate.hpr_number
            )?;
            writeln!(f, "  perfusionist, certificate {}", certificate.certificate_number)?;
        }
        if let (Some(day), Some(known)) = (self.question.known_on, &self.known) {
            writeln!(f, "  by what was known at the end of {day}{}", in_words(known))?;
            writeln!(f, "  by what is known now: {}{}", self.truth.code, in_words(&self.truth))?;
        } else {
            writeln!(f, "  by what is known now{}", in_words(&self.truth))?;
        }
        writeln!(
            f,
            "  {}",
            match self.source {
                PastSource::History => "from the office's signed history",
                PastSource::Archive =>
                    "from an old publication: what was decided later is not in it",
            }
        )?;
        if let Some(cause) = self.cause() {
            writeln!(f, "  because {cause} [{}]", cause.code())?;
        }
        write!(f, "  → {}", self.code().advice())
    }
}

fn in_words(answer: &PastAnswer) -> alloc::string::String {
    let at =
        answer.as_known_at.map(|at| alloc::format!(", recorded up to {at}")).unwrap_or_default();
    match answer.authorisation {
        Some(Which::Another) => at + ", by another authorisation of the same person",
        _ => at,
    }
}

/// The same object wherever it is written: `docs/FORMAT.md` section 22.
impl Serialize for HistoryVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Object<'a> {
            verdict: Colour,
            code: PastCode,
            on: CivilDate,
            known_on: Option<CivilDate>,
            r#true: Answer,
            known: Option<Answer>,
            source: PastSource,
            checked_at: alloc::string::String,
            certificate: Option<&'a CertificateClaims>,
            cause: Option<Cause>,
            advice: &'static str,
        }
        #[derive(Serialize)]
        struct Cause {
            code: &'static str,
            message: alloc::string::String,
        }
        #[derive(Serialize)]
        struct Answer {
            verdict: Colour,
            code: PastCode,
            as_known_at: Option<alloc::string::String>,
            authorisation: Option<Which>,
        }
        let answer = |answer: PastAnswer| Answer {
            verdict: answer.code.colour(),
            code: answer.code,
            as_known_at: answer.as_known_at.map(|at| at.to_string()),
            authorisation: answer.authorisation,
        };
        Object {
            verdict: self.colour(),
            code: self.code(),
            on: self.question.on,
            known_on: self.question.known_on,
            r#true: answer(self.truth),
            known: self.known.map(answer),
            source: self.source,
            checked_at: self.checked_at.to_string(),
            certificate: self.certificate(),
            cause: self
                .cause
                .as_ref()
                .map(|cause| Cause { code: cause.code(), message: cause.to_string() }),
            advice: self.code().advice(),
        }
        .serialize(serializer)
    }
}
